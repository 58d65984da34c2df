//! Vorbis.

use crate::Stream;
use crate::bytes::Bytes;
use crate::codec::layout;

/// Notes what the identification header (from `\x01vorbis` on) says.
pub fn identification(bytes: &[u8], stream: &mut Stream) -> bool {
    read(bytes, stream).is_some()
}

fn read(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(bytes.strip_prefix(b"\x01vorbis")?);
    let _version = bytes.u32_le()?;
    let channels = u16::from(bytes.u8()?);
    let rate = bytes.u32_le()?;
    let _most = bytes.u32_le()?;
    let nominal = bytes.i32_le()?;
    if channels == 0 || rate == 0 {
        return None;
    }
    "vorbis".clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate);
    layout::note_count(audio, channels, layout::of_vorbis(channels));
    if stream.bitrate_bps.is_none() {
        stream.bitrate_bps = u64::try_from(nominal).ok().filter(|rate| *rate != 0);
    }
    Some(())
}
