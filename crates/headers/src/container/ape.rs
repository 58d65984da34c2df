//! Monkey's Audio.

use crate::bytes::Bytes;
use crate::codec::layout;
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure, codec, tags};

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut begin = 0;
    if reader.array::<3>(0)? == *b"ID3" {
        begin = tags::id3::read_v2(reader, 0, media)?;
    }
    let head = reader.up_to(begin, 128)?;
    let Some(header) = Header::read(&head) else {
        return Err(if head.len() < 76 {
            Stop::End {
                expected: begin + 76,
            }
        } else {
            Stop::Damaged {
                what: "a header that makes no sense",
                at: begin,
            }
        });
    };
    tags_after(reader, media)?;
    header.note(begin, media);
    Ok(())
}

fn tags_after(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let length = reader.length();
    let has_v1 = length >= 128 && reader.array::<3>(length - 128)? == *b"TAG";
    let end = if has_v1 { length - 128 } else { length };
    tags::ape::read(reader, end, media)?;
    tags::id3::read_v1(reader, media)?;
    Ok(())
}

#[derive(Debug)]
struct Header {
    version: u16,
    level: u16,
    blocks_per_frame: u32,
    final_blocks: u32,
    frames: u32,
    depth: u8,
    channels: u16,
    rate_hz: u32,
    /// Length of everything but tags, where the header knows it.
    bytes: Option<u64>,
}

impl Header {
    fn read(head: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(head.strip_prefix(b"MAC ")?);
        let version = bytes.u16_le()?;
        let header = if version >= 3_980 {
            Self::new(version, head)?
        } else {
            Self::old(version, &mut bytes)?
        };
        (header.rate_hz != 0 && header.channels != 0 && header.frames != 0).then_some(header)
    }

    /// Since 3.98 a descriptor comes first and gives the sizes of all parts.
    fn new(version: u16, head: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(head.get(8..)?);
        let descriptor = bytes.u32_le()?;
        let mut sum = u64::from(descriptor);
        for _ in 0..3 {
            sum += u64::from(bytes.u32_le()?);
        }
        let low = u64::from(bytes.u32_le()?);
        let high = u64::from(bytes.u32_le()?);
        sum = sum.saturating_add(high << 32 | low);
        sum = sum.saturating_add(bytes.u32_le()?.into());
        let mut bytes = Bytes::new(head.get(usize::try_from(descriptor).ok()?..)?);
        let level = bytes.u16_le()?;
        let _flags = bytes.u16_le()?;
        Some(Self {
            version,
            level,
            blocks_per_frame: bytes.u32_le()?,
            final_blocks: bytes.u32_le()?,
            frames: bytes.u32_le()?,
            depth: u8::try_from(bytes.u16_le()?).ok()?,
            channels: bytes.u16_le()?,
            rate_hz: bytes.u32_le()?,
            bytes: Some(sum),
        })
    }

    fn old(version: u16, bytes: &mut Bytes<'_>) -> Option<Self> {
        let level = bytes.u16_le()?;
        let flags = bytes.u16_le()?;
        let channels = bytes.u16_le()?;
        let rate_hz = bytes.u32_le()?;
        bytes.skip(8)?;
        let frames = bytes.u32_le()?;
        let final_blocks = bytes.u32_le()?;
        let blocks_per_frame = match version {
            3_950.. => 73_728 * 4,
            3_900.. => 73_728,
            3_800.. if level >= 4_000 => 73_728,
            _ => 9_216,
        };
        let depth = match flags {
            flags if flags & 1 != 0 => 8,
            flags if flags & 8 != 0 => 24,
            _ => 16,
        };
        Some(Self {
            version,
            level,
            blocks_per_frame,
            final_blocks,
            frames,
            depth,
            channels,
            rate_hz,
            bytes: None,
        })
    }

    fn note(&self, begin: u64, media: &mut Media) {
        media.variant = Some(format!(
            "{}.{:02}",
            self.version / 1_000,
            self.version % 1_000 / 10
        ));
        let mut stream = Stream::new(StreamKind::Audio);
        "ape".clone_into(&mut stream.codec);
        stream.codec_tag = Some("APE".to_owned());
        stream.level = Some(self.level.into());
        let audio = stream.audio_mut();
        audio.sample_rate_hz = Some(self.rate_hz);
        audio.bit_depth = Some(self.depth);
        layout::note_count(audio, self.channels, layout::of_count(self.channels));
        let samples = u64::from(self.frames - 1)
            .saturating_mul(self.blocks_per_frame.into())
            .saturating_add(self.final_blocks.into());
        stream.duration_s = Some(codec::seconds(samples, self.rate_hz));
        stream.frames = Some(self.frames.into());
        media.streams.push(stream);
        if let Some(bytes) = self.bytes {
            let end = begin.saturating_add(bytes);
            media.structure = if end > media.size_bytes {
                Structure::Truncated {
                    expected_bytes: Some(end),
                }
            } else {
                Structure::Complete
            };
        }
    }
}

#[cfg(test)]
mod tests;
