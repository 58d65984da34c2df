//! AIFF and AIFF-C.

use crate::bytes::Bytes;
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure, tags};

/// Chunks looked at.
const MOST_CHUNKS: usize = 256;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    if reader.array::<4>(8)? == *b"AIFC" {
        media.variant = Some("AIFF-C".to_owned());
    }
    // The sound comes before pictures in tags.
    media.streams.push(Stream::new(StreamKind::Audio));
    let mut at = 12_u64;
    for _ in 0..MOST_CHUNKS {
        let head = reader.up_to(at, 8)?;
        let mut head = Bytes::new(&head);
        let (Some(name), Some(size)) = (head.array::<4>(), head.u32_be()) else {
            break;
        };
        let end = at + 8 + u64::from(size);
        chunk(reader, name, at + 8, size.into(), media)?;
        if &name == b"SSND" && size != 0 {
            media.structure = Structure::Complete;
        }
        if end > reader.length() {
            return Err(Stop::End { expected: end });
        }
        at = end + u64::from(size & 1);
    }
    Ok(())
}

fn chunk(
    reader: &mut Reader<'_>,
    name: [u8; 4],
    at: u64,
    size: u64,
    media: &mut Media,
) -> Result<(), Stop> {
    let tag = match &name {
        b"COMM" => {
            let bytes = reader.up_to(at, size.min(64))?;
            if let Some(stream) = media.streams.first_mut()
                && common(&bytes, stream).is_none()
            {
                return Err(Stop::Damaged {
                    what: "a description of sound that is none",
                    at,
                });
            }
            return Ok(());
        }
        b"ID3 " | b"id3 " => {
            tags::id3::read_v2(reader, at, media)?;
            return Ok(());
        }
        b"CHAN" => {
            let bytes = reader.up_to(at, size.min(12))?;
            if let Some(stream) = media.streams.first_mut() {
                channels(&bytes, stream);
            }
            return Ok(());
        }
        b"NAME" => "title",
        b"AUTH" => "author",
        b"(c) " => "copyright",
        b"ANNO" => "comment",
        _ => return Ok(()),
    };
    let text = reader.up_to(at, size.min(4_096))?;
    media.tag(tag, &String::from_utf8_lossy(&text));
    Ok(())
}

/// Reads the description: channels, frames, depth, rate, and in AIFF-C how it is compressed.
fn common(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let channels = bytes.u16_be()?;
    let frames = bytes.u32_be()?;
    let depth = bytes.u16_be()?;
    let rate = extended(bytes.array()?)?;
    let compression = bytes.array::<4>();
    let kind = Kind::of(compression, depth);
    if let Some(tag) = compression {
        stream.codec_tag = Some(String::from_utf8_lossy(&tag).into_owned());
    }
    kind.codec.clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.channels = Some(channels).filter(|count| *count != 0);
    audio.sample_rate_hz = Some(rate);
    audio.bit_depth = kind.depth;
    let (bytes_per_block, samples_per_block) = kind.block;
    let samples = u64::from(frames).saturating_mul(samples_per_block);
    stream.duration_s = Some(crate::codec::seconds(samples, rate));
    stream.frames = Some(frames.into());
    let bits = u64::from(rate) * bytes_per_block * u64::from(channels) * 8;
    stream.bitrate_bps = Some(bits / samples_per_block.max(1)).filter(|bits| *bits != 0);
    Some(())
}

/// How samples are stored.
struct Kind {
    codec: &'static str,
    depth: Option<u8>,
    /// Bytes of a channel's block, and samples in it.
    block: (u64, u64),
}

impl Kind {
    fn of(compression: Option<[u8; 4]>, depth: u16) -> Self {
        let whole = |codec, depth: u8| Self {
            codec,
            depth: Some(depth),
            block: (u64::from(depth) / 8, 1),
        };
        let packed = |codec, block| Self {
            codec,
            depth: None,
            block,
        };
        match &compression.unwrap_or(*b"NONE") {
            b"NONE" | b"twos" | b"sowt" if depth <= 8 => whole("pcm_s8", 8),
            b"sowt" if depth <= 16 => whole("pcm_s16le", 16),
            b"sowt" if depth <= 24 => whole("pcm_s24le", 24),
            b"sowt" => whole("pcm_s32le", 32),
            b"NONE" | b"twos" if depth <= 16 => whole("pcm_s16be", 16),
            b"NONE" | b"twos" if depth <= 24 => whole("pcm_s24be", 24),
            b"NONE" | b"twos" | b"in32" => whole("pcm_s32be", 32),
            b"in24" => whole("pcm_s24be", 24),
            b"fl32" | b"FL32" => whole("pcm_f32be", 32),
            b"fl64" | b"FL64" => whole("pcm_f64be", 64),
            b"ulaw" | b"ULAW" => whole("pcm_mulaw", 8),
            b"alaw" | b"ALAW" => whole("pcm_alaw", 8),
            b"raw " => whole("pcm_u8", 8),
            b"ima4" => Self {
                depth: Some(4),
                ..packed("adpcm_ima_qt", (34, 64))
            },
            b"MAC3" => packed("mace3", (2, 6)),
            b"MAC6" => packed("mace6", (1, 6)),
            b"GSM " => packed("gsm", (33, 160)),
            b"QDM2" => packed("qdm2", (0, 1)),
            b"QDMC" => packed("qdmc", (0, 1)),
            b"Qclp" => packed("qcelp", (35, 160)),
            _ => packed("", (0, 1)),
        }
    }
}

/// Returns a rate written as an 80-bit float: sign and exponent, then a mantissa with its integer bit.
fn extended(bytes: [u8; 10]) -> Option<u32> {
    let [high, low, mantissa @ ..] = bytes;
    let exponent = u16::from_be_bytes([high, low]);
    let mantissa = u64::from_be_bytes(mantissa);
    // Rates from 1 Hz up to what 32 bits hold.
    let shift = 63 - u32::from(exponent.checked_sub(16_383).filter(|power| *power < 32)?);
    let rate = mantissa >> shift;
    u32::try_from(rate).ok().filter(|rate| *rate != 0)
}

/// Reads Core Audio's name of a channel layout, the common ones.
fn channels(bytes: &[u8], stream: &mut Stream) {
    let Some(tag) = Bytes::new(bytes).u32_be() else {
        return;
    };
    let name = match tag >> 16 {
        0 => Bytes::new(bytes.get(4..).unwrap_or_default())
            .u32_be()
            .and_then(crate::codec::layout::describe),
        100 => Some("mono".to_owned()),
        101 => Some("stereo".to_owned()),
        108 => Some("quad".to_owned()),
        121 => Some("5.1".to_owned()),
        _ => None,
    };
    if name.is_some() {
        stream.audio_mut().layout = name;
    }
}

#[cfg(test)]
mod tests;
