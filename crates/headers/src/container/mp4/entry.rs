//! Sample entries (`stsd`): which codec, and the boxes that describe it.

use super::boxes::{self, Part};
use super::track::Track;
use super::{picture, sound};
use crate::codec::fourcc;
use crate::{Reader, Stop, Stream, StreamKind};

/// A stream, and what is needed to read its samples.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) stream: Stream,
    /// Four characters of the sample entry.
    pub(super) code: [u8; 4],
    /// Bytes in the length of a NAL unit; 0: none known.
    pub(super) nal_length: u8,
    /// Whether a configuration was there that could be read.
    pub(super) configured: bool,
    /// Whether samples are encrypted.
    pub(super) encrypted: bool,
    /// Bits a pixel or a sample, as the entry says.
    pub(super) depth: u16,
    /// Bytes of sound a second, where every sample has the same.
    pub(super) constant_bps: Option<u64>,
}

impl Entry {
    fn new(kind: StreamKind) -> Self {
        Self {
            stream: Stream::new(kind),
            code: [0; 4],
            nal_length: 0,
            configured: false,
            encrypted: false,
            depth: 0,
            constant_bps: None,
        }
    }
}

/// Reads the first sample entry of a track. `iso`: the file keeps to the ISO format rather than to `QuickTime`.
pub(super) fn read(reader: &mut Reader<'_>, track: &Track, iso: bool) -> (Entry, Result<(), Stop>) {
    let mut entry = Entry::new(match &track.handler {
        b"vide" => StreamKind::Video,
        b"soun" | b"m1a " => StreamKind::Audio,
        b"subp" | b"clcp" => StreamKind::Subtitle,
        _ => StreamKind::Data,
    });
    let read = fill(reader, track, iso, &mut entry);
    (entry, read)
}

fn fill(reader: &mut Reader<'_>, track: &Track, iso: bool, entry: &mut Entry) -> Result<(), Stop> {
    let Some(table) = track.tables.description else {
        return Ok(());
    };
    let [version, _, _, _, a, b, c, d] = reader.array::<8>(table.body)?;
    if u32::from_be_bytes([a, b, c, d]) == 0 {
        return Ok(());
    }
    let at = table.body.saturating_add(8);
    let Some(part) = Part::read(reader, at, table.end)? else {
        return Ok(());
    };
    let whole = part.end <= table.end;
    let part = Part {
        end: part.end.min(table.end),
        ..part
    };
    entry.code = part.kind;
    entry.stream.codec_tag = Some(boxes::name(part.kind));
    identify(entry);
    match entry.stream.kind {
        StreamKind::Video => picture::read(reader, &part, entry)?,
        StreamKind::Audio => sound::read(reader, &part, iso, version, entry)?,
        StreamKind::Subtitle => subtitle(reader, &part, entry)?,
        _ => {}
    }
    if whole {
        Ok(())
    } else {
        Err(Stop::Damaged {
            what: "a sample description larger than its table",
            at,
        })
    }
}

/// Settles codec and kind by the four characters; the kind is that of the handler where it has one.
pub(super) fn identify(entry: &mut Entry) {
    let stream = &mut entry.stream;
    let codec = if let Some(codec) = sound::codec_of(entry.code)
        && stream.kind != StreamKind::Video
    {
        stream.kind = StreamKind::Audio;
        codec
    } else if let Some(codec) = picture_codec(entry.code)
        && stream.kind != StreamKind::Audio
    {
        stream.kind = StreamKind::Video;
        codec
    } else if let Some(codec) = subtitle_codec(entry.code)
        && matches!(stream.kind, StreamKind::Data | StreamKind::Subtitle)
    {
        stream.kind = StreamKind::Subtitle;
        codec
    } else if stream.kind == StreamKind::Data {
        match &entry.code {
            b"fdsc" | b"gpmd" | b"rtmd" => "bin_data",
            _ => "",
        }
    } else {
        ""
    };
    codec.clone_into(&mut stream.codec);
}

fn picture_codec(code: [u8; 4]) -> Option<&'static str> {
    Some(match &code {
        b"s263" | b"h263" | b"H263" => "h263",
        b"dvav" | b"dva1" | b"avc2" | b"avc4" | b"rv64" | b"AVin" | b"aivx" => "h264",
        b"vp08" => "vp8",
        b"2vuy" | b"2Vuy" | b"yuv2" | b"yuvs" | b"UYVY" | b"raw " | b"RGB " | b"b16g" | b"b64a"
        | b"j420" | b"L555" | b"B565" | b"24BG" | b"BGRA" | b"RGBA" | b"ABGR" | b"DVOO" => {
            "rawvideo"
        }
        b"AVUI" | b"AVup" => "avui",
        b"icod" => "aic",
        b"gif " => "gif",
        b"tga " => "targa",
        b"R10k" | b"R10g" => "r10k",
        b"WRLE" => "bmp",
        b"dvh1" | b"dvhe" => "hevc",
        b"mjp2" => "jpeg2000",
        b"drac" => "dirac",
        b"vc-1" => "vc1",
        b"VP31" => "vp3",
        b"mp4s" | b"text" | b"tmcd" => return None,
        // Names of lists and streams that are no pictures must not be taken for one in capitals.
        _ => return fourcc::codec_of_fourcc(code),
    })
}

fn subtitle_codec(code: [u8; 4]) -> Option<&'static str> {
    Some(match &code {
        b"tx3g" | b"text" => "mov_text",
        b"wvtt" => "webvtt",
        b"stpp" | b"dfxp" => "ttml",
        b"c608" => "eia_608",
        b"mp4s" => "dvd_subtitle",
        _ => return None,
    })
}

fn subtitle(reader: &mut Reader<'_>, part: &Part, entry: &mut Entry) -> Result<(), Stop> {
    if entry.code != *b"mp4s" {
        return Ok(());
    }
    let Some(descriptor) = part.skip(8).child(reader, *b"esds")? else {
        return Ok(());
    };
    let bytes = descriptor.bytes(reader, 4 << 10)?;
    if let Some(codec) = super::esds::Descriptor::read(&bytes).and_then(|found| found.codec()) {
        codec.clone_into(&mut entry.stream.codec);
    }
    Ok(())
}

/// Returns the name inside `sinf` that an encrypted entry had before.
pub(super) fn original(reader: &mut Reader<'_>, sinf: &Part) -> Result<Option<[u8; 4]>, Stop> {
    match sinf.child(reader, *b"frma")? {
        Some(part) => reader.array(part.body).map(Some),
        None => Ok(None),
    }
}
