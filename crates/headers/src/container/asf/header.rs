//! The objects of the header.

use super::{MOST_OBJECTS, OBJECT_HEAD, Object, guid, language, tags};
use crate::bytes::Bytes;
use crate::codec::wave;
use crate::container::avi::bitmap;
use crate::{Chapter, Media, Ratio, Reader, Stop, Stream, StreamKind};

/// Streams have numbers of seven bits.
const STREAMS: usize = 128;

/// Bytes read of an object that describes a stream.
const LONGEST_OBJECT: u64 = 64 << 10;

/// Languages, markers and bit rates of one file.
const MOST_ENTRIES: u16 = 1_024;

/// Seconds from 1601, when Microsoft's time begins, to 1970.
const EPOCH_S: u64 = 11_644_473_600;

/// Units of 100 ns in a second.
const TICKS: u64 = 10_000_000;

/// What the header says that is put together at its end.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// By stream number.
    pub(super) streams: Vec<Facts>,
    languages: Vec<String>,
    /// Whether it was recorded live: sizes and times are not to be believed.
    pub(super) is_live: bool,
    pub(super) file_size: u64,
    /// Playing time in milliseconds, without the time of filling buffers.
    duration_ms: Option<u64>,
    /// Milliseconds that are added to every time in packets.
    pub(super) preroll_ms: u64,
    /// Length of a packet in bytes, if all have one.
    pub(super) packet_size: Option<u32>,
    /// Markers: start in units of 100 ns, title.
    markers: Vec<(u64, String)>,
}

/// What is said of one stream in several places.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Position in [`Media::streams`].
    pub(super) stream: Option<usize>,
    language: Option<u16>,
    bit_rate: u32,
    /// Bit rate with the overhead of packets.
    gross_bit_rate: u32,
    /// Time of a frame in units of 100 ns.
    frame_time: u64,
    pub(super) aspect: (u32, u32),
    title: Option<String>,
}

impl Header {
    /// Returns what is known of a stream, to be filled in; 0 stands for the whole file.
    pub(super) fn facts(&mut self, number: usize) -> Option<&mut Facts> {
        if self.streams.is_empty() {
            self.streams = vec![Facts::default(); STREAMS];
        }
        self.streams.get_mut(number)
    }

    /// Puts together what several objects said.
    pub(super) fn finish(&self, media: &mut Media) {
        let whole = self.streams.first().cloned().unwrap_or_default();
        for facts in &self.streams {
            let Some(stream) = facts.stream.and_then(|index| media.streams.get_mut(index)) else {
                continue;
            };
            stream.duration_s = self.duration_s();
            for rate in [facts.bit_rate, facts.gross_bit_rate] {
                if rate > 0 && stream.bitrate_bps.is_none() {
                    stream.bitrate_bps = Some(u64::from(rate));
                }
            }
            stream.title.clone_from(&facts.title);
            if let Some(language) = facts.language
                && let Some(language) = self.languages.get(usize::from(language))
            {
                stream.set_language(language::bibliographic(language));
            }
            if stream.kind == StreamKind::Video {
                let video = stream.video_mut();
                let (x, y) = if facts.aspect.0 > 0 {
                    facts.aspect
                } else {
                    whole.aspect
                };
                if let Some(shape) = Ratio::new(u64::from(x), u64::from(y)) {
                    video.pixel_aspect = Some(shape);
                }
                if facts.frame_time > 0 {
                    video.frame_rate = super::packets::usual_rate(TICKS, facts.frame_time, 10_000);
                }
            }
        }
        media.duration_s = self.duration_s();
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a film")]
    fn duration_s(&self) -> Option<f64> {
        self.duration_ms.map(|time| time as f64 / 1_000.0)
    }

    /// Notes the markers as chapters, each up to the next.
    #[expect(clippy::cast_precision_loss, reason = "times of a film")]
    pub(super) fn chapters(&self, media: &mut Media) {
        let start = |ticks: u64| ticks as f64 / TICKS as f64;
        let mut next = self.markers.iter().skip(1);
        for (ticks, title) in &self.markers {
            media.chapters.push(Chapter {
                start_s: start(*ticks),
                end_s: next
                    .next()
                    .map(|(ticks, _)| start(*ticks))
                    .or(media.duration_s),
                title: Some(title.clone()).filter(|title| !title.is_empty()),
            });
        }
    }
}

/// Reads the objects from `at` to `end`.
pub(super) fn objects(
    reader: &mut Reader<'_>,
    mut at: u64,
    end: u64,
    depth: u8,
    header: &mut Header,
    media: &mut Media,
) -> Result<(), Stop> {
    for _ in 0..MOST_OBJECTS {
        if at.saturating_add(OBJECT_HEAD) > end {
            break;
        }
        let object = Object::read(reader, at)?.filter(|object| object.end <= end);
        let Some(object) = object else {
            return Err(Stop::Damaged {
                what: "an object larger than the one it is in",
                at,
            });
        };
        if object.end > reader.length() {
            return Err(Stop::End {
                expected: object.end,
            });
        }
        one(reader, &object, depth, header, media)?;
        at = object.end;
    }
    Ok(())
}

fn one(
    reader: &mut Reader<'_>,
    object: &Object,
    depth: u8,
    header: &mut Header,
    media: &mut Media,
) -> Result<(), Stop> {
    match object.id {
        // Sixteen bytes and six come first.
        guid::HEADER_EXTENSION if depth == 0 => {
            return objects(reader, object.body + 22, object.end, 1, header, media);
        }
        guid::EXTENDED_CONTENT => return tags::extended(reader, object, header, media),
        guid::METADATA | guid::METADATA_LIBRARY => {
            return tags::metadata(reader, object, header, media);
        }
        _ => {}
    }
    let parse: fn(&mut Bytes<'_>, &mut Header, &mut Media) -> Option<()> = match object.id {
        guid::FILE_PROPERTIES => file,
        guid::STREAM_PROPERTIES => stream,
        guid::EXTENDED_STREAM => extended_stream,
        guid::LANGUAGES => languages,
        guid::BIT_RATES => bit_rates,
        guid::MARKERS => markers,
        guid::CONTENT => tags::content,
        _ => return Ok(()),
    };
    let bytes = reader.up_to(object.body, (object.end - object.body).min(LONGEST_OBJECT))?;
    if parse(&mut Bytes::new(&bytes), header, media).is_none() && bytes.len() < 24 {
        return Err(Stop::Damaged {
            what: "an object too short for what it is",
            at: object.at,
        });
    }
    Ok(())
}

fn file(body: &mut Bytes<'_>, header: &mut Header, media: &mut Media) -> Option<()> {
    body.skip(16)?;
    header.file_size = body.u64_le()?;
    let created = body.u64_le()?;
    body.skip(8)?;
    let play = body.u64_le()?;
    body.skip(8)?;
    header.preroll_ms = body.u64_le()?;
    let flags = body.u32_le()?;
    let least = body.u32_le()?;
    let most = body.u32_le()?;
    header.is_live = flags & 1 == 1;
    header.packet_size = Some(most).filter(|most| least == *most && *most > 0);
    if !header.is_live {
        let time = (play / 10_000).checked_sub(header.preroll_ms);
        header.duration_ms = time.filter(|time| *time > 0);
    }
    media.created = (created / TICKS).checked_sub(EPOCH_S).and_then(moment);
    Some(())
}

/// Returns RFC 3339 for seconds since 1970, up to the year 9999.
fn moment(seconds: u64) -> Option<String> {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    if days > 2_932_896 {
        return None;
    }
    // Years are counted from March of year 0, so that a leap day comes last; an era has 400 of them.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

fn stream(body: &mut Bytes<'_>, header: &mut Header, media: &mut Media) -> Option<()> {
    let kind: [u8; 16] = body.array()?;
    body.skip(16 + 8)?;
    let size = usize::try_from(body.u32_le()?).ok()?;
    body.skip(4)?;
    let number = usize::from(body.u16_le()? & 0x7f);
    body.skip(4)?;
    let specific = body.take(size.min(body.left()))?;
    let mut stream = Stream::new(match kind {
        guid::AUDIO => StreamKind::Audio,
        guid::VIDEO | guid::JFIF => StreamKind::Video,
        guid::COMMAND => StreamKind::Data,
        _ => return None,
    });
    stream.id = u64::try_from(number).ok();
    match kind {
        guid::AUDIO => {
            wave::format(specific, &mut stream);
            let tag = Bytes::new(specific).u16_le();
            let tag = tag.map(|tag| format!("0x{tag:04x}"));
            stream.codec_tag = stream.codec_tag.or(tag);
        }
        guid::VIDEO => {
            picture(specific, &mut stream);
        }
        guid::JFIF => {
            "mjpeg".clone_into(&mut stream.codec);
            let mut size = Bytes::new(specific);
            let video = stream.video_mut();
            video.width = size.u32_le();
            video.height = size.u32_le();
        }
        _ => {}
    }
    let facts = header.facts(number)?;
    if facts.stream.is_none() && media.streams.len() < STREAMS {
        facts.stream = Some(media.streams.len());
        media.streams.push(stream);
    }
    Some(())
}

/// Size, flags, then the length of a `BITMAPINFOHEADER` and that.
fn picture(specific: &[u8], stream: &mut Stream) -> Option<()> {
    let mut rest = Bytes::new(specific);
    rest.skip(4 + 4 + 1)?;
    let size = usize::from(rest.u16_le()?);
    let format = rest.take(size.min(rest.left()))?;
    bitmap::note(format, stream);
    Some(())
}

fn extended_stream(body: &mut Bytes<'_>, header: &mut Header, media: &mut Media) -> Option<()> {
    body.skip(16)?;
    let rate = body.u32_le()?;
    body.skip(28)?;
    let number = usize::from(body.u16_le()? & 0x7f);
    let language = body.u16_le()?;
    let frame_time = body.u64_le()?;
    let names = body.u16_le()?;
    let systems = body.u16_le()?;
    let facts = header.facts(number)?;
    facts.bit_rate = rate;
    facts.language = Some(language);
    facts.frame_time = frame_time;
    for _ in 0..names.min(MOST_ENTRIES) {
        body.skip(2)?;
        let size = usize::from(body.u16_le()?);
        let name = utf16(body.take(size)?);
        if !name.is_empty() && facts.title.is_none() {
            facts.title = Some(name);
        }
    }
    for _ in 0..systems.min(MOST_ENTRIES) {
        body.skip(16 + 2)?;
        let size = usize::try_from(body.u32_le()?).ok()?;
        body.skip(size)?;
    }
    // A stream's properties may be put inside, where old players do not look.
    if body.array::<16>()? == guid::STREAM_PROPERTIES {
        body.skip(8)?;
        stream(body, header, media);
    }
    Some(())
}

fn languages(body: &mut Bytes<'_>, header: &mut Header, _media: &mut Media) -> Option<()> {
    for _ in 0..body.u16_le()?.min(MOST_ENTRIES) {
        let size = usize::from(body.u8()?);
        header.languages.push(utf16(body.take(size)?));
    }
    Some(())
}

fn bit_rates(body: &mut Bytes<'_>, header: &mut Header, _media: &mut Media) -> Option<()> {
    for _ in 0..body.u16_le()?.min(MOST_ENTRIES) {
        let number = usize::from(body.u16_le()? & 0x7f);
        let rate = body.u32_le()?;
        header.facts(number)?.gross_bit_rate = rate;
    }
    Some(())
}

fn markers(body: &mut Bytes<'_>, header: &mut Header, _media: &mut Media) -> Option<()> {
    body.skip(16)?;
    let count = body.u32_le()?.min(u32::from(MOST_ENTRIES));
    body.skip(2)?;
    let name = usize::from(body.u16_le()?);
    body.skip(name)?;
    for _ in 0..count {
        body.skip(8)?;
        let ticks = body.u64_le()?;
        body.skip(2 + 4 + 4)?;
        let units = usize::try_from(body.u32_le()?).ok()?;
        let title = utf16(body.take(units.checked_mul(2)?)?);
        let start = ticks.saturating_sub(header.preroll_ms.saturating_mul(10_000));
        header.markers.push((start, title));
    }
    Some(())
}

/// Returns a text of little-endian units up to its first zero.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .as_chunks()
        .0
        .iter()
        .map(|unit| u16::from_le_bytes(*unit));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units).trim().to_owned()
}
