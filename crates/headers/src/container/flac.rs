//! FLAC.
//!
//! Whether the file is whole shows in its last frame, whose number follows from the number of samples: it is looked for in the last
//! bytes. No sample is decoded.

use crate::bytes::Bytes;
use crate::tags::{self, picture};
use crate::{Media, Reader, Stop, Stream, StreamKind, codec};

mod last;

/// Metadata blocks looked at.
const MOST_BLOCKS: usize = 512;

/// Bytes of comments that are read.
const LONGEST_COMMENTS: u64 = 512 << 10;

/// Bytes of a picture block that come before the picture.
const PICTURE_HEAD: u64 = 2 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut begin = 0;
    for _ in 0..4 {
        let end = tags::id3::read_v2(reader, begin, media)?;
        if end == begin {
            break;
        }
        begin = end;
    }
    if reader.array::<4>(begin)? != *b"fLaC" {
        return Err(Stop::Damaged {
            what: "no FLAC after its tag",
            at: begin,
        });
    }
    // The sound comes before the pictures of all tags.
    media.streams.insert(0, Stream::new(StreamKind::Audio));
    let mut stream = Stream::new(StreamKind::Audio);
    let result = blocks(reader, begin + 4, &mut stream, media);
    let result = match result {
        Ok((info, frames)) => last::check(reader, &info, frames, &mut stream, media),
        Err(stop) => Err(stop),
    };
    if let Some(first) = media.streams.first_mut() {
        *first = stream;
    }
    close_chapters(media);
    result
}

/// Reads the metadata blocks and returns what describes the stream and where its frames begin.
fn blocks(
    reader: &mut Reader<'_>,
    mut at: u64,
    stream: &mut Stream,
    media: &mut Media,
) -> Result<(Vec<u8>, u64), Stop> {
    let mut info = Vec::new();
    for _ in 0..MOST_BLOCKS {
        let [kind, size @ ..]: [u8; 4] = reader.array(at)?;
        let size = size.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let payload = at + 4;
        at = payload + size;
        if at > reader.length() {
            block(
                reader,
                kind & 0x7f,
                payload,
                reader.length() - payload,
                stream,
                media,
            )?;
            return Err(Stop::End { expected: at });
        }
        if kind << 1 == 0 {
            info = reader.bytes(payload, size.min(34))?;
        }
        block(reader, kind & 0x7f, payload, size, stream, media)?;
        if kind & 0x80 != 0 {
            break;
        }
    }
    Ok((info, at))
}

fn block(
    reader: &mut Reader<'_>,
    kind: u8,
    at: u64,
    size: u64,
    stream: &mut Stream,
    media: &mut Media,
) -> Result<(), Stop> {
    match kind {
        0 => {
            let info = reader.up_to(at, size.min(34))?;
            if !codec::flac::streaminfo(&info, stream) {
                return Err(Stop::Damaged {
                    what: "a stream description that is none",
                    at,
                });
            }
        }
        4 => {
            let block = reader.up_to(at, size.min(LONGEST_COMMENTS))?;
            tags::vorbis::read(&block, &mut media.tags);
            speakers(stream, media);
            media.chapters.extend(tags::vorbis::chapters(&block));
        }
        6 => {
            let head = reader.up_to(at, size.min(PICTURE_HEAD))?;
            if let Some((picture, offset, length)) = picture::flac_block(&head) {
                let offset = at + offset as u64;
                picture::note_in_file(reader, offset, length.into(), &picture, media)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Orders of channels that FLAC has no number for are in a comment (RFC 9639, 8.6.2), which says nothing else.
fn speakers(stream: &mut Stream, media: &mut Media) {
    let name = "waveformatextensible_channel_mask";
    let Some(index) = media.tags.iter().position(|tag| tag.name == name) else {
        return;
    };
    let tag = media.tags.remove(index);
    let digits = tag.value.trim_start_matches("0x").trim_start_matches("0X");
    let mask = u32::from_str_radix(digits, 16).unwrap_or(0);
    let audio = stream.audio_mut();
    if audio.channels.map(u32::from) == Some(mask.count_ones()) {
        audio.layout = codec::layout::describe(mask);
    }
}

/// Chapters in comments have only a beginning.
fn close_chapters(media: &mut Media) {
    let duration = media.streams.first().and_then(|stream| stream.duration_s);
    super::ogg::close_chapters(&mut media.chapters, duration);
}

/// What a STREAMINFO block says of frames.
#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    smallest: u16,
    largest: u16,
    smallest_frame: u32,
    largest_frame: u32,
    rate_hz: u32,
    samples: u64,
}

impl Blocks {
    fn read(info: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(info);
        let (smallest, largest) = (bytes.u16_be()?, bytes.u16_be()?);
        let (smallest_frame, largest_frame) = (bytes.u24_be()?, bytes.u24_be()?);
        let rest = bytes.u64_be()?;
        Some(Self {
            smallest,
            largest,
            smallest_frame,
            largest_frame,
            rate_hz: u32::try_from(rest >> 44).ok()?,
            samples: rest & ((1 << 36) - 1),
        })
    }
}

#[cfg(test)]
mod tests;
