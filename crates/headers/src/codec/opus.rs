//! Opus.

use crate::Stream;
use crate::bytes::Bytes;
use crate::codec::layout;

/// Opus is always decoded to this rate; the one it was made from is only a remark.
const RATE_HZ: u32 = 48_000;

/// Notes what an `OpusHead` (from the magic on) says.
pub fn head(bytes: &[u8], stream: &mut Stream) -> bool {
    read_head(bytes, stream).is_some()
}

/// Notes what an MP4 `dOps` box (its payload) says.
pub fn dops(bytes: &[u8], stream: &mut Stream) -> bool {
    // The same fields as after the magic, in the other byte order: only the single bytes matter here.
    read_fields(bytes, 0, stream).is_some()
}

fn read_head(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let rest = bytes.strip_prefix(b"OpusHead")?;
    read_fields(rest, 15, stream)
}

/// Reads version, channels, pre-skip, rate, gain and mapping family.
fn read_fields(bytes: &[u8], newest: u8, stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    let channels = u16::from(bytes.u8()?);
    bytes.skip(2 + 4 + 2)?;
    let family = bytes.u8()?;
    if channels == 0 || version > newest {
        return None;
    }
    "opus".clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(RATE_HZ);
    let known = match family {
        0 if channels <= 2 => layout::of_count(channels),
        1 => layout::of_vorbis(channels),
        _ => None,
    };
    layout::note_count(audio, channels, known);
    if family == 2 {
        audio.layout = ambisonic(channels);
    }
    Some(())
}

/// Mapping family 2: (order + 1)² channels, and two more where a stereo mix rides along.
fn ambisonic(channels: u16) -> Option<String> {
    let order = (0..15).find(|order| {
        let full = (order + 1) * (order + 1);
        channels == full || channels == full + 2
    })?;
    let mix = channels - (order + 1) * (order + 1);
    Some(if mix == 2 {
        format!("ambisonic {order}+stereo")
    } else {
        format!("ambisonic {order}")
    })
}
