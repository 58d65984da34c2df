//! Apple Lossless.

use crate::Stream;
use crate::bytes::Bytes;
use crate::codec::layout;

/// Notes what the magic cookie (ALACSpecificConfig, without box header) says.
pub fn cookie(bytes: &[u8], stream: &mut Stream) -> bool {
    read(bytes, stream).is_some()
}

fn read(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let _frame_length = bytes.u32_be()?;
    let _version = bytes.u8()?;
    let depth = bytes.u8()?;
    bytes.skip(3)?;
    let channels = u16::from(bytes.u8()?);
    bytes.skip(2 + 4 + 4)?;
    let rate = bytes.u32_be()?;
    if channels == 0 || rate == 0 || depth == 0 {
        return None;
    }
    "alac".clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate);
    audio.bit_depth = Some(depth);
    layout::note_count(audio, channels, of_count(channels));
    Some(())
}

/// Apple's own orders of channels.
fn of_count(channels: u16) -> Option<&'static str> {
    Some(match channels {
        3 => "3.0",
        7 => "6.1(back)",
        8 => "7.1(wide)",
        _ => return layout::of_count(channels),
    })
}
