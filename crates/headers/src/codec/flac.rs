//! FLAC.

use crate::Stream;
use crate::bits::Bits;
use crate::codec::layout;

/// Notes what a STREAMINFO block (34 bytes) says, its sample count as duration.
pub fn streaminfo(bytes: &[u8], stream: &mut Stream) -> bool {
    read(bytes, stream).is_some()
}

fn read(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bits = Bits::new(bytes);
    // Block and frame sizes.
    bits.skip(16 + 16 + 24 + 24)?;
    let rate = bits.u32(20)?;
    let channels = u16::from(bits.u8(3)?) + 1;
    let depth = bits.u8(5)? + 1;
    let samples = bits.take(36)?;
    if rate == 0 {
        return None;
    }
    "flac".clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate);
    audio.bit_depth = Some(depth);
    layout::note_count(audio, channels, layout::of_vorbis(channels));
    if samples != 0 && stream.duration_s.is_none() {
        stream.duration_s = Some(super::seconds(samples, rate));
    }
    Some(())
}
