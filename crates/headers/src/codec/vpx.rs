//! VP8 and VP9.
//!
//! From RFC 6386 and the VP9 bitstream specification. ffprobe tells no level of VP9 and a number as VP8's profile. Neither
//! knows fields.

use crate::Stream;
use crate::bits::Bits;
use crate::bytes::Bytes;

use super::cicp;

/// Notes what a `vpcC` box (its payload, version and flags first) says.
pub fn vpcc(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(
        [
            _,
            _,
            _,
            _,
            profile,
            level,
            packed,
            primaries,
            transfer,
            matrix,
        ],
    ) = bytes.first_chunk::<10>()
    else {
        return false;
    };
    vp9(*profile, stream);
    if *level > 0 {
        stream.level = Some(i32::from(*level));
    }
    note_chroma(packed >> 1 & 7, stream);
    let video = stream.video_mut();
    video.bit_depth = Some(packed >> 4).filter(|depth| (8..=12).contains(depth));
    let full_range = Some(packed & 1 == 1);
    cicp::note(video, *primaries, *transfer, *matrix, full_range);
    true
}

/// Notes what Matroska's CodecPrivate of VP9 says.
pub fn webm_private(bytes: &[u8], stream: &mut Stream) -> bool {
    let mut bytes = Bytes::new(bytes);
    let mut found = false;
    // Four kinds of one byte each; every turn takes two bytes at least.
    while let (Some(kind), Some(length)) = (bytes.u8(), bytes.u8()) {
        let Some(value) = bytes.take(usize::from(length)) else {
            break;
        };
        let &[value] = value else {
            continue;
        };
        match kind {
            1 => vp9(value, stream),
            2 => stream.level = Some(i32::from(value)),
            3 => stream.video_mut().bit_depth = Some(value),
            4 => note_chroma(value, stream),
            _ => continue,
        }
        found = true;
    }
    found
}

fn vp9(profile: u8, stream: &mut Stream) {
    "vp9".clone_into(&mut stream.codec);
    if profile <= 3 {
        stream.profile = Some(format!("Profile {profile}"));
    }
}

fn note_chroma(code: u8, stream: &mut Stream) {
    let name = match code {
        0 | 1 => "4:2:0",
        2 => "4:2:2",
        3 => "4:4:4",
        _ => return,
    };
    stream.video_mut().chroma = Some(name.to_owned());
}

/// Notes what a VP9 key frame says.
pub fn vp9_frame(bytes: &[u8], stream: &mut Stream) -> bool {
    uncompressed_header(&mut Bits::new(bytes), stream).is_some()
}

/// Clause 6.2, up to the size.
fn uncompressed_header(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    if bits.u8(2)? != 2 {
        return None;
    }
    let profile = u8::from(bits.bit()?) | u8::from(bits.bit()?) << 1;
    if profile == 3 && bits.bit()? {
        return None;
    }
    let (shows_another, is_not_key) = (bits.bit()?, bits.bit()?);
    bits.skip(2)?;
    if shows_another || is_not_key || bits.u32(24)? != 0x49_83_42 {
        return None;
    }
    let depth = match profile {
        2 | 3 if bits.bit()? => 12,
        2 | 3 => 10,
        _ => 8,
    };
    let space = bits.u8(3)?;
    let (full_range, chroma) = if space == 7 {
        if profile & 1 == 1 {
            bits.skip(1)?;
        }
        (true, "rgb")
    } else {
        let full_range = bits.bit()?;
        (full_range, subsampling(profile, bits)?)
    };
    let size = (bits.u32(16)? + 1, bits.u32(16)? + 1);
    vp9(profile, stream);
    let video = stream.video_mut();
    video.bit_depth = Some(depth);
    video.chroma = Some(chroma.to_owned());
    video.field_order = Some("progressive".to_owned());
    (video.width, video.height) = (Some(size.0), Some(size.1));
    let matrix = [2, 5, 1, 6, 7, 9, 2, 0].get(usize::from(space))?;
    cicp::note(video, 2, 2, *matrix, Some(full_range));
    Some(())
}

fn subsampling(profile: u8, bits: &mut Bits<'_>) -> Option<&'static str> {
    if profile & 1 == 0 {
        return Some("4:2:0");
    }
    let across_and_down = (bits.bit()?, bits.bit()?);
    bits.skip(1)?;
    Some(match across_and_down {
        (false, false) => "4:4:4",
        (false, true) => "4:4:0",
        (true, false) => "4:2:2",
        (true, true) => "4:2:0",
    })
}

/// Notes what a VP8 key frame says.
pub fn vp8_frame(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some([tag, _, _, 0x9d, 0x01, 0x2a, a, b, c, d]) = bytes.first_chunk::<10>() else {
        return false;
    };
    // The lowest bit is 0 in key frames; the three above are the version.
    if tag & 1 == 1 || tag >> 1 & 7 > 3 {
        return false;
    }
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    "vp8".clone_into(&mut stream.codec);
    stream.profile = Some((tag >> 1 & 7).to_string());
    let video = stream.video_mut();
    (video.width, video.height) = (Some(side(*a, *b)), Some(side(*c, *d)));
    video.bit_depth = Some(8);
    video.chroma = Some("4:2:0".to_owned());
    video.field_order = Some("progressive".to_owned());
    true
}

#[cfg(test)]
mod tests;
