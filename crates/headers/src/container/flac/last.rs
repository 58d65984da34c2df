//! The last frame of a FLAC file: its number tells whether all samples are there.

use super::Blocks;
use crate::{Media, Reader, Stop, Stream, Structure, codec};

/// Bytes in which the last frame is looked for, if frames are no longer.
const TAIL: u64 = 32 << 10;

/// Bytes read for it at most.
const LONGEST_TAIL: u64 = 256 << 10;

/// Checks whether the frames from `frames` on hold all samples; fills in the duration where the header has none.
pub(super) fn check(
    reader: &mut Reader<'_>,
    info: &[u8],
    frames: u64,
    stream: &mut Stream,
    media: &mut Media,
) -> Result<(), Stop> {
    let Some(blocks) = Blocks::read(info).filter(|blocks| blocks.largest != 0) else {
        return Ok(());
    };
    let left = reader.length().saturating_sub(frames);
    let tail = (u64::from(blocks.largest_frame) + 8_192).clamp(TAIL, LONGEST_TAIL);
    let at = reader.length() - tail.min(left);
    let bytes = reader.up_to(at, tail.min(left))?;
    let end = last_sample(&bytes, &blocks);
    if blocks.samples == 0 {
        if let Some(end) = end
            && blocks.rate_hz != 0
        {
            stream.duration_s = Some(codec::seconds(end, blocks.rate_hz));
        }
        return Ok(());
    }
    media.structure = match end {
        Some(end) if end >= blocks.samples => Structure::Complete,
        Some(_) => Structure::Truncated {
            expected_bytes: None,
        },
        // Frames longer than what was read, or a tag after them that is.
        None if least_bytes(&blocks) > left => Structure::Truncated {
            expected_bytes: Some(frames.saturating_add(least_bytes(&blocks))),
        },
        None => Structure::Unchecked,
    };
    Ok(())
}

/// Returns the bytes that all frames have if each is the smallest.
fn least_bytes(blocks: &Blocks) -> u64 {
    let count = blocks.samples / u64::from(blocks.largest.max(1));
    count.saturating_mul(blocks.smallest_frame.max(8).into())
}

/// Returns where the last frame that begins in these bytes ends, in samples.
fn last_sample(bytes: &[u8], blocks: &Blocks) -> Option<u64> {
    bytes
        .windows(2)
        .enumerate()
        .rev()
        .filter(|(_, pair)| matches!(pair, [0xff, 0xf8 | 0xf9]))
        .find_map(|(at, _)| frame_end(bytes.get(at..)?, blocks))
}

/// Reads a frame header (RFC 9639, 9.1) and returns where the frame ends in samples.
fn frame_end(bytes: &[u8], blocks: &Blocks) -> Option<u64> {
    let [_, second, third, fourth, ..] = *bytes else {
        return None;
    };
    let is_variable = second & 1 == 1;
    if fourth & 1 != 0 || fourth >> 4 > 10 || third & 15 == 15 || third >> 4 == 0 {
        return None;
    }
    let (number, mut length) = coded_number(bytes.get(4..)?)?;
    length += 4;
    let size = match third >> 4 {
        1 => 192,
        code @ 2..=5 => 576_u64 << (code - 2),
        6 => {
            length += 1;
            u64::from(*bytes.get(length - 1)?) + 1
        }
        7 => {
            length += 2;
            let [high, low] = *bytes.get(length - 2..)?.first_chunk()?;
            u64::from(u16::from_be_bytes([high, low])) + 1
        }
        code => 256 << (code - 8),
    };
    length += match third & 15 {
        12 => 1,
        13 | 14 => 2,
        _ => 0,
    };
    if size > blocks.largest.into() || checksum(bytes.get(..length)?) != *bytes.get(length)? {
        return None;
    }
    let begin = if is_variable {
        number
    } else {
        number.checked_mul(blocks.largest.max(blocks.smallest).into())?
    };
    let is_possible = blocks.samples == 0 || begin < blocks.samples;
    is_possible.then(|| begin.checked_add(size)).flatten()
}

/// Reads a number coded as UTF-8 codes letters, up to 36 bits, and returns its length too.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = match first.leading_ones() {
        0 => 1,
        ones @ 2..=7 => ones as usize,
        _ => return None,
    };
    let mut number = if length == 1 {
        u64::from(first)
    } else {
        u64::from(first & (0x7f >> length))
    };
    for byte in bytes.get(1..length)? {
        if byte >> 6 != 2 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3f);
    }
    Some((number, length))
}

fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum: u8, _| {
            if sum & 0x80 == 0 {
                sum << 1
            } else {
                sum << 1 ^ 7
            }
        })
    })
}
