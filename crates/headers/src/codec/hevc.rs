//! H.265 (ITU-T H.265): parameter sets, and the messages that carry HDR10, HDR10+ and mastering data.
//!
//! A container calls this first and lets its own boxes speak afterwards: what is noted here replaces what was noted
//! before, but for the frame rate, which is noted only where nobody told it. The units of a Dolby Vision enhancement (type
//! 62 and 63) are passed over: without the container's record nobody would show them.

mod sps;

use crate::Stream;
use crate::bits::Bits;
use crate::bytes::Bytes;

use super::h264::plausible_rate;
use super::{cicp, nal as units, sei};
use sps::{Sps, Tier};

/// Bytes of a NAL unit that are looked at.
const LONGEST_UNIT: usize = 64 << 10;

/// Notes what an `hvcC` record says and returns how many bytes its NAL lengths have (0: nothing could be read).
pub fn hvcc(record: &[u8], stream: &mut Stream) -> u8 {
    read_record(record, stream).unwrap_or(0)
}

/// ISO/IEC 14496-15 clause 8.3.3: 23 bytes, then arrays of NAL units of a kind.
fn read_record(record: &[u8], stream: &mut Stream) -> Option<u8> {
    let mut bytes = Bytes::new(record);
    let version = bytes.u8()?;
    // The record's first drafts had version 0 and were written as such by muxers for years.
    if version > 1 {
        return None;
    }
    let tier = bytes.take(12)?;
    let tier = Tier::parse(&mut Bits::new(tier), 0)?;
    bytes.skip(3)?;
    let [chroma, depth] = bytes.array()?;
    bytes.skip(3)?;
    let (lengths, arrays) = (bytes.u8()? & 3, bytes.u8()?);
    note_tier(&tier, stream);
    let video = stream.video_mut();
    video.bit_depth = Some(8 + (depth & 7));
    video.chroma = Some(sps::chroma_name(u32::from(chroma & 3), false).to_owned());
    note_arrays(&mut bytes, arrays, stream);
    Some(lengths + 1)
}

fn note_arrays(bytes: &mut Bytes<'_>, arrays: u8, stream: &mut Stream) -> Option<()> {
    for _ in 0..arrays {
        bytes.skip(1)?;
        for _ in 0..bytes.u16_be()? {
            let length = usize::from(bytes.u16_be()?).min(bytes.left());
            nal(bytes.take(length)?, stream);
        }
    }
    Some(())
}

/// Notes what one NAL unit (no start code, no length) says; returns whether it was a sequence parameter set that could be
/// read.
pub fn nal(unit: &[u8], stream: &mut Stream) -> bool {
    let Some((&[head, layer], body)) = unit.split_first_chunk::<2>() else {
        return false;
    };
    // Layers above the first are other views and enhancements.
    if head & 0x81 != 0 || layer >> 3 != 0 {
        return false;
    }
    let plain = || units::unescape(body.get(..LONGEST_UNIT).unwrap_or(body));
    match head >> 1 {
        32 => note_timing(sps::timing_of_vps(&plain()), stream),
        33 => {
            if let Some(sps) = Sps::parse(&plain()) {
                note(&sps, stream);
                return true;
            }
        }
        39 | 40 => {
            for (kind, content) in sei::messages(&plain()) {
                if kind == 1 {
                    picture_timing(content, stream);
                } else {
                    sei::note(kind, content, stream.video_mut());
                }
            }
        }
        _ => {}
    }
    false
}

/// Looks for parameter sets in a byte stream with start codes, up to the first picture after them.
pub fn annex_b(bytes: &[u8], stream: &mut Stream) -> bool {
    until_picture(units::annex_b(bytes), stream)
}

/// Looks for parameter sets and messages in a sample whose NAL units carry lengths of `length_size` bytes.
pub fn sample(bytes: &[u8], length_size: u8, stream: &mut Stream) -> bool {
    until_picture(units::length_prefixed(bytes, length_size), stream)
}

fn until_picture<'a>(units: impl Iterator<Item = &'a [u8]>, stream: &mut Stream) -> bool {
    let mut found = false;
    for unit in units {
        found |= nal(unit, stream);
        let is_picture = unit.first().is_some_and(|head| head >> 1 & 0x3f < 32);
        if found && is_picture && unit.len() > 2 {
            break;
        }
    }
    found
}

/// Clause D.3.3: what of a frame the picture is, and whether the film is interlaced. The first picture tells.
fn picture_timing(content: &[u8], stream: &mut Stream) {
    let Some(&first) = content.first() else {
        return;
    };
    if !stream.hevc_has_picture_structure {
        return;
    }
    // Four bits of structure, two that tell how the source was scanned.
    let order = match (first >> 4, first >> 2 & 3) {
        // One field; or one that belongs to the field before (9, 10) or after it (11, 12).
        // Both fields (3 to 6) of a progressive film only tell how often to show them.
        (1 | 10 | 11, _) | (3 | 5, 0) => "tt",
        (2 | 9 | 12, _) | (4 | 6, 0) => "bb",
        _ => return,
    };
    stream
        .video_mut()
        .field_order
        .get_or_insert_with(|| order.to_owned());
}

fn note_tier(tier: &Tier, stream: &mut Stream) {
    "hevc".clone_into(&mut stream.codec);
    stream.profile = tier.profile_name();
    stream.level = Some(i32::from(tier.level));
}

fn note_timing(timing: Option<(u32, u32)>, stream: &mut Stream) {
    let video = stream.video_mut();
    if video.frame_rate.is_none()
        && let Some((ticks, scale)) = timing
    {
        video.frame_rate = plausible_rate(u64::from(scale), u64::from(ticks));
    }
}

fn note(sps: &Sps, stream: &mut Stream) {
    note_tier(&sps.tier, stream);
    note_timing(sps.timing, stream);
    stream.hevc_has_picture_structure = sps.has_picture_structure;
    let video = stream.video_mut();
    (video.width, video.height) = (Some(sps.width), Some(sps.height));
    video.bit_depth = Some(sps.bit_depth);
    video.chroma = Some(sps.chroma().to_owned());
    if sps.is_progressive() {
        video.field_order = Some("progressive".to_owned());
    }
    if sps.pixel_aspect.is_some() {
        video.pixel_aspect = sps.pixel_aspect;
    }
    // What is not said is limited: clause E.3.1.
    let full_range = Some(sps.full_range.unwrap_or(false));
    let [primaries, transfer, matrix] = sps.colors.unwrap_or([2; 3]);
    cicp::note(video, primaries, transfer, matrix, full_range);
}

#[cfg(test)]
mod tests;
