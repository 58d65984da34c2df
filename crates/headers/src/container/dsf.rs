//! DSF.

use crate::bytes::Bytes;
use crate::codec::layout;
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure, codec, tags};

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let head = reader.up_to(0, 92)?;
    let cut = || Stop::End { expected: 92 };
    let mut bytes = Bytes::new(&head);
    bytes.skip(12).ok_or_else(cut)?;
    let total = bytes.u64_le().ok_or_else(cut)?;
    let metadata = bytes.u64_le().ok_or_else(cut)?;
    let mut stream = Stream::new(StreamKind::Audio);
    let result = format(&mut bytes, &mut stream);
    media.streams.push(stream);
    result.ok_or_else(|| {
        if head.len() < 92 {
            cut()
        } else {
            Stop::Damaged {
                what: "a description of sound that is none",
                at: 28,
            }
        }
    })?;
    let data = bytes
        .take(4)
        .filter(|name| *name == b"data")
        .and_then(|_| bytes.u64_le())
        .map(|size| size.saturating_add(80));
    let expected = data.unwrap_or(0).max(total);
    media.structure = if expected > reader.length() {
        Structure::Truncated {
            expected_bytes: Some(expected),
        }
    } else {
        Structure::Complete
    };
    if metadata >= 92 && metadata < reader.length() {
        tags::id3::read_v2(reader, metadata, media)?;
    }
    Ok(())
}

/// Reads the format chunk; a sample has one bit, and eight of them count as one at an eighth of the rate.
fn format(bytes: &mut Bytes<'_>, stream: &mut Stream) -> Option<()> {
    if bytes.take(4)? != b"fmt " {
        return None;
    }
    let size = bytes.u64_le()?;
    bytes.skip(4 + 4)?;
    let kind = bytes.u32_le()?;
    let channels = u16::try_from(bytes.u32_le()?)
        .ok()
        .filter(|count| *count != 0)?;
    let rate_hz = bytes.u32_le()?;
    let bits = bytes.u32_le()?;
    let samples = bytes.u64_le()?;
    bytes.skip(usize::try_from(size.checked_sub(44)?).ok()?)?;
    let codec = match bits {
        1 => "dsd_lsbf_planar",
        8 => "dsd_msbf_planar",
        _ => return None,
    };
    codec.clone_into(&mut stream.codec);
    let known = match kind {
        1 => Some("mono"),
        2 => Some("stereo"),
        3 => Some("3.0"),
        4 => Some("quad"),
        5 => Some("4.0"),
        6 => Some("5.0"),
        7 => Some("5.1"),
        _ => None,
    };
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate_hz / 8);
    audio.bit_depth = Some(8);
    layout::note_count(audio, channels, known);
    stream.duration_s = Some(codec::seconds(samples / 8, rate_hz / 8));
    stream.bitrate_bps = Some(u64::from(channels) * u64::from(rate_hz));
    Some(())
}

#[cfg(test)]
mod tests;
