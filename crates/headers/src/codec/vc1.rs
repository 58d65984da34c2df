//! VC-1 and WMV3 (SMPTE 421M): the sequence header.

use crate::bits::Bits;
use crate::{Ratio, Stream};

use super::h264::plausible_rate;
use super::{cicp, nal as units};

/// Bytes of a sequence header that are looked at.
const LONGEST_HEADER: usize = 256;

/// Parts looked at.
const MOST_PARTS: usize = 64;

/// Table 7 of the standard, from 1.
const PIXEL_ASPECTS: [(u8, u8); 13] = [
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
];

/// Notes what a VC-1 sequence header with start code (`WVC1`) says.
pub fn sequence(bytes: &[u8], stream: &mut Stream) -> bool {
    units::annex_b(bytes).take(MOST_PARTS).any(|part| {
        let [0x0f, body @ ..] = part else {
            return false;
        };
        let plain = units::unescape(body.get(..LONGEST_HEADER).unwrap_or(body));
        advanced(&mut Bits::new(&plain), stream).is_some()
    })
}

/// Clause 6.1. What follows the size may be missing.
fn advanced(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    if bits.u8(2)? != 3 {
        return None;
    }
    let level = bits.u8(3).filter(|level| *level <= 4)?;
    if bits.u8(2)? != 1 {
        return None;
    }
    bits.skip(3 + 5 + 1)?;
    let (width, height) = ((bits.u32(12)? + 1) * 2, (bits.u32(12)? + 1) * 2);
    bits.skip(1)?;
    let is_interlaced = bits.bit()?;
    "vc1".clone_into(&mut stream.codec);
    stream.profile = Some("Advanced".to_owned());
    stream.level = Some(i32::from(level));
    let video = stream.video_mut();
    (video.width, video.height) = (Some(width), Some(height));
    video.bit_depth = Some(8);
    video.chroma = Some("4:2:0".to_owned());
    // Interlaced films tell the first field in every picture.
    if !is_interlaced {
        video.field_order = Some("progressive".to_owned());
    }
    bits.skip(4)?;
    if bits.bit()? {
        display(bits, (width, height), stream);
    }
    Some(())
}

/// Clause 6.1.14.
fn display(bits: &mut Bits<'_>, coded: (u32, u32), stream: &mut Stream) -> Option<()> {
    let video = stream.video_mut();
    let shown = (bits.u32(14)? + 1, bits.u32(14)? + 1);
    let aspect = if bits.bit()? { bits.u8(4)? } else { 0 };
    video.pixel_aspect = match aspect {
        // The whole picture fills what is to be seen.
        0 => Ratio::new(
            u64::from(coded.1) * u64::from(shown.0),
            u64::from(coded.0) * u64::from(shown.1),
        ),
        15 => Ratio::new(bits.take(8)? + 1, bits.take(8)? + 1),
        index => PIXEL_ASPECTS
            .get(usize::from(index) - 1)
            .and_then(|(num, den)| Ratio::new(u64::from(*num), u64::from(*den))),
    };
    if bits.bit()? {
        let mut rate = None;
        frame_rate(bits, &mut rate)?;
        if video.frame_rate.is_none() {
            video.frame_rate = rate;
        }
    }
    if bits.bit()? {
        let [primaries, transfer, matrix] = [bits.u8(8)?, bits.u8(8)?, bits.u8(8)?];
        cicp::note(video, primaries, transfer, matrix, None);
    }
    Some(())
}

fn frame_rate(bits: &mut Bits<'_>, to: &mut Option<Ratio>) -> Option<()> {
    if bits.bit()? {
        *to = plausible_rate(bits.take(16)? + 1, 32);
        return Some(());
    }
    let rates = [24, 25, 30, 50, 60, 48, 72];
    let rate = usize::from(bits.u8(8)?)
        .checked_sub(1)
        .and_then(|index| rates.get(index));
    let over = match bits.u8(4)? {
        1 => 1_000,
        2 => 1_001,
        _ => return Some(()),
    };
    *to = rate.and_then(|rate| Ratio::new(rate * 1_000, over));
    Some(())
}

/// Notes what the four bytes of a WMV3 sequence header say.
pub fn wmv3(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some([first, ..]) = bytes.first_chunk::<4>() else {
        return false;
    };
    let profile = match first >> 6 {
        0 => "Simple",
        1 => "Main",
        2 => "Complex",
        _ => "Advanced",
    };
    "wmv3".clone_into(&mut stream.codec);
    stream.profile = Some(profile.to_owned());
    let video = stream.video_mut();
    video.bit_depth = Some(8);
    video.chroma = Some("4:2:0".to_owned());
    true
}

#[cfg(test)]
mod tests;
