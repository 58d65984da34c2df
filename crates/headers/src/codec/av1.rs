//! AV1: the configuration record and the sequence header.
//!
//! From the AV1 bitstream specification, clauses 5.3 to 5.8. A container calls this first and lets its own boxes speak
//! afterwards; a frame rate is noted only where nobody told it. What a picture's own header says (another size for
//! display) is not read.

use crate::bits::Bits;
use crate::bytes::Bytes;
use crate::{Mastering, Ratio, Stream, Video};

use super::h264::plausible_rate;
use super::{cicp, sei};

/// Units looked at in one go: more than a picture has before its tiles.
const MOST_UNITS: usize = 64;

/// Notes what an `av1C` record says.
pub fn av1c(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some((&[marker, levels, flags, _], units)) = bytes.split_first_chunk::<4>() else {
        return false;
    };
    if marker != 0x81 {
        return false;
    }
    "av1".clone_into(&mut stream.codec);
    stream.profile = profile_name(levels >> 5);
    stream.level = Some(i32::from(levels & 0x1f));
    let flag = |bit: u8| flags >> bit & 1 == 1;
    let video = stream.video_mut();
    video.bit_depth = Some(match (flag(6), flag(5)) {
        (true, true) => 12,
        (true, false) => 10,
        _ => 8,
    });
    video.chroma = Some(chroma((flag(4), flag(3), flag(2)), false).to_owned());
    obus(units, stream);
    true
}

/// Notes what the sequence header and metadata among these OBUs say; HDR10 and HDR10+ metadata included.
pub fn obus(bytes: &[u8], stream: &mut Stream) -> bool {
    let mut bytes = Bytes::new(bytes);
    let mut found = false;
    for _ in 0..MOST_UNITS {
        let Some((kind, payload)) = unit(&mut bytes) else {
            break;
        };
        match kind {
            1 => found |= sequence(&mut Bits::new(payload), stream).is_some(),
            5 => {
                metadata(payload, stream.video_mut());
            }
            _ => {}
        }
    }
    found
}

/// Returns the next unit: its kind and what is there of its payload.
fn unit<'a>(bytes: &mut Bytes<'a>) -> Option<(u8, &'a [u8])> {
    let head = bytes.u8()?;
    if head & 0x80 != 0 {
        return None;
    }
    if head & 4 != 0 {
        bytes.skip(1)?;
    }
    let size = if head & 2 != 0 {
        usize::try_from(leb128(bytes)?).unwrap_or(usize::MAX)
    } else {
        usize::MAX
    };
    let payload = bytes.take(size.min(bytes.left()))?;
    Some((head >> 3 & 15, payload))
}

/// Returns a number in groups of seven bits, the lowest first (clause 4.10.5).
fn leb128(bytes: &mut Bytes<'_>) -> Option<u64> {
    let mut value = 0;
    for group in 0..8 {
        let byte = bytes.u8()?;
        value |= u64::from(byte & 0x7f) << (group * 7);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn profile_name(profile: u8) -> Option<String> {
    let name = ["Main", "High", "Professional"].get(usize::from(profile))?;
    Some((*name).to_owned())
}

/// Returns a name for whether there is no chroma, whether it has half the width and half the height.
const fn chroma(parts: (bool, bool, bool), is_rgb: bool) -> &'static str {
    match parts {
        (true, ..) => "gray",
        (_, true, true) => "4:2:0",
        (_, true, false) => "4:2:2",
        _ if is_rgb => "rgb",
        _ => "4:4:4",
    }
}

/// Clause 5.5.1.
fn sequence(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    let profile = bits.u8(3).filter(|profile| *profile <= 2)?;
    bits.skip(1)?;
    let is_reduced = bits.bit()?;
    let mut rate = None;
    let level = if is_reduced {
        bits.u8(5)?
    } else {
        operating_points(bits, &mut rate)?
    };
    let [width_bits, height_bits] = [bits.u32(4)? + 1, bits.u32(4)? + 1];
    let size = (bits.u32(width_bits)? + 1, bits.u32(height_bits)? + 1);
    skip_tools(bits, is_reduced)?;
    "av1".clone_into(&mut stream.codec);
    stream.profile = profile_name(profile);
    stream.level = Some(i32::from(level));
    let video = stream.video_mut();
    (video.width, video.height) = (Some(size.0), Some(size.1));
    if video.frame_rate.is_none() {
        video.frame_rate = rate;
    }
    color(bits, profile, video)
}

/// Returns the level of the first operating point, and in `rate` the frame rate if it is even.
fn operating_points(bits: &mut Bits<'_>, rate: &mut Option<Ratio>) -> Option<u8> {
    let mut delay_bits = None;
    if bits.bit()? {
        let (ticks, scale) = (bits.take(32)?, bits.take(32)?);
        if bits.bit()? {
            // `uvlc()` is an Exp-Golomb number; its 32 zeros for "too many" are no rate.
            let ticks_a_picture = u64::from(bits.ue()?) + 1;
            *rate = ticks
                .checked_mul(ticks_a_picture)
                .and_then(|ticks| plausible_rate(scale, ticks));
        }
        if bits.bit()? {
            delay_bits = Some(usize::from(bits.u8(5)?) + 1);
            bits.skip(42)?;
        }
    }
    let has_delays = bits.bit()?;
    let more = bits.u8(5)?;
    let mut first = None;
    for _ in 0..=more {
        bits.skip(12)?;
        let level = bits.u8(5)?;
        first.get_or_insert(level);
        bits.skip(usize::from(level > 7))?;
        if let Some(delay_bits) = delay_bits
            && bits.bit()?
        {
            bits.skip(delay_bits * 2 + 1)?;
        }
        if has_delays && bits.bit()? {
            bits.skip(4)?;
        }
    }
    first
}

fn skip_tools(bits: &mut Bits<'_>, is_reduced: bool) -> Option<()> {
    if !is_reduced && bits.bit()? {
        bits.skip(7)?;
    }
    bits.skip(3)?;
    if !is_reduced {
        bits.skip(4)?;
        let has_order = bits.bit()?;
        if has_order {
            bits.skip(2)?;
        }
        let chooses_screen_content = bits.bit()?;
        let may_be_screen_content = chooses_screen_content || bits.bit()?;
        if may_be_screen_content {
            let chooses_integer_motion = bits.bit()?;
            bits.skip(usize::from(!chooses_integer_motion))?;
        }
        if has_order {
            bits.skip(3)?;
        }
    }
    bits.skip(3)
}

/// Clause 5.5.2.
fn color(bits: &mut Bits<'_>, profile: u8, video: &mut Video) -> Option<()> {
    let is_high = bits.bit()?;
    let depth = match (profile, is_high) {
        (2, true) if bits.bit()? => 12,
        (_, true) => 10,
        _ => 8,
    };
    video.bit_depth = Some(depth);
    let is_gray = profile != 1 && bits.bit()?;
    let codes = if bits.bit()? {
        [bits.u8(8)?, bits.u8(8)?, bits.u8(8)?]
    } else {
        [2; 3]
    };
    let mut full_range = true;
    let (mut half_width, mut half_height) = (false, false);
    // sRGB needs no more words: it is 4:4:4 and full.
    let is_rgb = codes == [1, 13, 0];
    if is_gray || !is_rgb {
        full_range = bits.bit()?;
        (half_width, half_height) = match profile {
            _ if is_gray => (true, true),
            0 => (true, true),
            1 => (false, false),
            _ if depth == 12 => {
                let half_width = bits.bit()?;
                (half_width, half_width && bits.bit()?)
            }
            _ => (true, false),
        };
    }
    // There are no fields in AV1.
    video.field_order = Some("progressive".to_owned());
    let is_rgb = codes.ends_with(&[0]);
    video.chroma = Some(chroma((is_gray, half_width, half_height), is_rgb).to_owned());
    cicp::note(video, codes[0], codes[1], codes[2], Some(full_range));
    Some(())
}

/// Clause 5.8: 1 is the light level, 2 the mastering display, 4 user data.
fn metadata(payload: &[u8], video: &mut Video) -> Option<()> {
    let mut bytes = Bytes::new(payload);
    match leb128(&mut bytes)? {
        1 => sei::light_level(video, bytes.u16_be()?, bytes.u16_be()?),
        2 => mastering(&mut bytes, video)?,
        4 => sei::registered(bytes.rest(), video),
        _ => {}
    }
    Some(())
}

/// Red, green, blue and white in 1/65536; luminance in 1/256 and 1/16384 cd/m².
fn mastering(bytes: &mut Bytes<'_>, video: &mut Video) -> Option<()> {
    let mut primaries = [[0.0; 2]; 4];
    for corner in &mut primaries {
        for axis in corner {
            *axis = f32::from(bytes.u16_be()?) / 65_536.0;
        }
    }
    let (max, min) = (bytes.u32_be()?, bytes.u32_be()?);
    if max > 0 {
        video.color.mastering = Some(Mastering {
            primaries,
            max_luminance: f64::from(max) / 256.0,
            min_luminance: f64::from(min) / 16_384.0,
        });
    }
    Some(())
}

#[cfg(test)]
mod tests;
