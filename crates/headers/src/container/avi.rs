//! AVI, OpenDML included: `RIFF` chunks of which the first holds the headers, and all hold payload.
//!
//! Payload is not read but for the first chunk of each stream, where the codec says of itself what the headers do not.

pub(crate) mod bitmap;
#[cfg(test)]
pub(crate) mod compare;
mod dv;
mod header;
mod index;
pub(crate) mod payload;

use self::header::Header;
use crate::tags::riff;
use crate::{Media, Reader, Stop, Structure};

/// `RIFF` chunks of one file: each holds about a gigabyte.
const MOST_RIFFS: usize = 512;

/// Chunks looked at in one `RIFF` chunk; there are five or six.
const MOST_CHUNKS: usize = 64;

/// Bytes read of a list of headers or tags.
const LONGEST_LIST: u64 = 256 << 10;

/// Sizes from here on mean "not known": left so by recorders that were cut off.
const UNKNOWN_SIZE: u32 = 0xffff_fff0;

/// A run of payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u64,
    end: u64,
}

/// What the walk over the file found.
#[derive(Debug, Default)]
struct Found {
    header: Header,
    /// Payload, one span a `RIFF` chunk.
    payload: Vec<Span>,
    /// The old index.
    index: Option<Span>,
    /// Where the furthest chunk that was announced ends.
    end: u64,
    /// Whether a size was left unknown.
    unfinished: bool,
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut found = Found::default();
    let walked = riffs(reader, media, &mut found);
    found.header.finish(found.payload.len() > 1, media);
    walked?;
    let sums = index::sums(reader, &found)?;
    index::note_before(sums.as_ref(), &found, media);
    let looked = first_chunks(reader, &found, media);
    index::note_after(sums.as_ref(), &found, media);
    bitmap::imply(media);
    match looked {
        Ok(()) | Err(Stop::Budget | Stop::End { .. }) => {}
        Err(stop) => return Err(stop),
    }
    check(&found, media);
    Ok(())
}

fn riffs(reader: &mut Reader<'_>, media: &mut Media, found: &mut Found) -> Result<(), Stop> {
    let mut at = 0;
    for number in 0..MOST_RIFFS {
        if at + 12 > reader.length() {
            break;
        }
        let [r, i, f1, f2, s1, s2, s3, s4, kind @ ..] = reader.array::<12>(at)?;
        if [r, i, f1, f2] != *b"RIFF" || kind.get(..3) != Some(b"AVI") {
            // Something was appended; it is none of ours.
            break;
        }
        let size = u32::from_le_bytes([s1, s2, s3, s4]);
        found.unfinished |= size == 0 || size >= UNKNOWN_SIZE;
        let end = if found.unfinished {
            reader.length()
        } else {
            at + 8 + u64::from(size)
        };
        found.end = found.end.max(end);
        let walked = chunks(
            reader,
            Span {
                start: at + 12,
                end,
            },
            media,
            found,
        );
        if number == 0 || !matches!(walked, Err(Stop::End { .. })) {
            walked?;
        }
        at = end + end % 2;
    }
    Ok(())
}

fn chunks(
    reader: &mut Reader<'_>,
    riff: Span,
    media: &mut Media,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut at = riff.start;
    for _ in 0..MOST_CHUNKS {
        if at + 8 > riff.end.min(reader.length()) {
            break;
        }
        let [a, b, c, d, sizes @ ..] = reader.array::<8>(at)?;
        let size = u32::from_le_bytes(sizes);
        let body = at + 8;
        let span = Span {
            start: body,
            end: body + u64::from(size),
        };
        let next = match &[a, b, c, d] {
            b"LIST" => list(reader, span, media, found)?,
            b"idx1" => {
                found.index = Some(span);
                span.end
            }
            b"IDIT" => {
                riff::note_moment(
                    &riff::text(&reader.up_to(body, u64::from(size.min(64)))?),
                    media,
                );
                span.end
            }
            // Zeros or anything else that is not a name: padding that nobody announced.
            name if !name.iter().all(|byte| (b' '..=b'~').contains(byte)) => break,
            _ => span.end,
        };
        found.end = found.end.max(next);
        at = next + next % 2;
    }
    Ok(())
}

/// Reads a list and returns where it ends.
fn list(
    reader: &mut Reader<'_>,
    span: Span,
    media: &mut Media,
    found: &mut Found,
) -> Result<u64, Stop> {
    if span.end < span.start + 4 {
        return Ok(list_of_unknown_length(reader, span, found));
    }
    let name = reader.array::<4>(span.start)?;
    let body = span.start + 4;
    match &name {
        b"hdrl" => {
            if span.end > reader.length() {
                found.end = found.end.max(span.end);
            }
            let bytes = reader.up_to(body, (span.end - body).min(LONGEST_LIST))?;
            found.header.read(&bytes, body, media)?;
        }
        b"INFO" => {
            let bytes = reader.up_to(body, (span.end - body).min(LONGEST_LIST))?;
            riff::read_info(&bytes, media);
        }
        b"movi" => {
            let size = u32::try_from(span.end - span.start).unwrap_or(u32::MAX);
            if size >= UNKNOWN_SIZE {
                return Ok(list_of_unknown_length(reader, span, found));
            }
            found.payload.push(Span {
                start: body,
                end: span.end,
            });
        }
        _ => {}
    }
    Ok(span.end)
}

/// A list without a size is payload that was being written when the recorder stopped: it goes to the end of the file.
fn list_of_unknown_length(reader: &Reader<'_>, span: Span, found: &mut Found) -> u64 {
    found.unfinished = true;
    let end = reader.length();
    found.payload.push(Span {
        start: span.start + 4,
        end,
    });
    end
}

fn first_chunks(reader: &mut Reader<'_>, found: &Found, media: &mut Media) -> Result<(), Stop> {
    match found.payload.first() {
        Some(span) => payload::first_chunks(reader, *span, &found.header, media),
        None => Ok(()),
    }
}

fn check(found: &Found, media: &mut Media) {
    let expected = found.end.max(found.header.furthest_index);
    if media.structure.is_faulty() {
        return;
    }
    media.structure = if expected > media.size_bytes {
        Structure::Truncated {
            expected_bytes: Some(expected),
        }
    } else if found.unfinished {
        Structure::Unchecked
    } else if found.payload.is_empty() {
        Structure::Truncated {
            expected_bytes: None,
        }
    } else {
        Structure::Complete
    };
}

#[cfg(test)]
mod tests;
