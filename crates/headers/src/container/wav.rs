//! WAV, RF64 and BW64.

use crate::bytes::Bytes;
use crate::codec::{self, wave};
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure, tags};

/// Chunks looked at.
const MOST_CHUNKS: usize = 256;

/// Bytes of a list of tags that are read.
const LONGEST_LIST: u64 = 64 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let [name, ..]: [[u8; 4]; 3] = [reader.array(0)?, reader.array(4)?, reader.array(8)?];
    let mut file = File {
        stream: Stream::new(StreamKind::Audio),
        ..File::default()
    };
    if &name != b"RIFF" {
        media.variant = Some(String::from_utf8_lossy(&name).into_owned());
        file.is_large = true;
    }
    // The sound comes before pictures in tags.
    media.streams.push(Stream::new(StreamKind::Audio));
    let result = file.chunks(reader, media);
    file.finish(reader, media);
    if let Some(first) = media.streams.first_mut() {
        *first = file.stream;
    }
    result
}

struct File {
    stream: Stream,
    /// Sizes that do not fit into 32 bits are in a chunk of their own.
    is_large: bool,
    large_data: Option<u64>,
    block_bytes: u16,
    bytes_per_second: u32,
    /// Where the sound begins and how many bytes it has in this file.
    data: Option<(u64, u64)>,
    samples: Option<u64>,
    said_samples: Option<u64>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            stream: Stream::new(StreamKind::Audio),
            is_large: false,
            large_data: None,
            block_bytes: 0,
            bytes_per_second: 0,
            data: None,
            samples: None,
            said_samples: None,
        }
    }
}

impl File {
    fn chunks(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let mut at = 12_u64;
        for _ in 0..MOST_CHUNKS {
            let head = reader.up_to(at, 8)?;
            let mut head = Bytes::new(&head);
            let (Some(name), Some(size)) = (head.array::<4>(), head.u32_le()) else {
                break;
            };
            let begin = at + 8;
            let size = if &name == b"data" {
                self.data_size(reader, begin, size, media)
            } else {
                size.into()
            };
            let end = begin.saturating_add(size);
            if end > reader.length() && &name != b"data" {
                if name.iter().all(|byte| (b' '..0x7f).contains(byte)) {
                    return Err(Stop::End { expected: end });
                }
                // Something that is no chunk.
                return Ok(());
            }
            self.chunk(reader, name, begin, size, media)?;
            if !media.structure.is_faulty()
                && media.structure != Structure::Unchecked
                && end > reader.length()
            {
                break;
            }
            at = end.saturating_add(size & 1);
            if at >= reader.length() {
                break;
            }
        }
        Ok(())
    }

    /// Returns how many bytes of sound there are, and notes whether those are all.
    fn data_size(&mut self, reader: &Reader<'_>, begin: u64, size: u32, media: &mut Media) -> u64 {
        let left = reader.length().saturating_sub(begin);
        let said = match (size, self.large_data) {
            (u32::MAX, Some(large)) if self.is_large => large,
            // Recorded to a pipe: the size was never filled in.
            (0 | u32::MAX, _) => return left,
            (size, _) => size.into(),
        };
        media.structure = if said > left {
            Structure::Truncated {
                expected_bytes: Some(begin.saturating_add(said)),
            }
        } else {
            Structure::Complete
        };
        said
    }

    fn chunk(
        &mut self,
        reader: &mut Reader<'_>,
        name: [u8; 4],
        at: u64,
        size: u64,
        media: &mut Media,
    ) -> Result<(), Stop> {
        match &name {
            b"ds64" => {
                let bytes = reader.up_to(at, size.min(24))?;
                let mut bytes = Bytes::new(&bytes);
                let _riff = bytes.u64_le();
                self.large_data = bytes.u64_le().filter(|size| *size != 0);
                self.said_samples = bytes.u64_le().filter(|count| *count != 0);
            }
            b"fmt " => {
                let bytes = reader.up_to(at, size.min(4_096))?;
                self.format(&bytes, at)?;
            }
            b"fact" => {
                let bytes = reader.up_to(at, size.min(4))?;
                let samples = Bytes::new(&bytes).u32_le();
                self.samples = samples
                    .filter(|count| *count != 0 && *count != u32::MAX)
                    .map(u64::from);
            }
            b"data" => self.data = self.data.or(Some((at, size))),
            b"LIST" => {
                let bytes = reader.up_to(at, size.min(LONGEST_LIST))?;
                if let Some(list) = bytes.strip_prefix(b"INFO") {
                    tags::riff::read_info(list, media);
                }
            }
            b"id3 " | b"ID3 " => {
                tags::id3::read_v2(reader, at, media)?;
            }
            b"bext" => {
                let bytes = reader.up_to(at, size.min(4_096))?;
                broadcast(&bytes, media);
            }
            _ => {}
        }
        Ok(())
    }

    fn format(&mut self, bytes: &[u8], at: u64) -> Result<(), Stop> {
        let Some(format) = wave::Format::read(bytes) else {
            return Err(Stop::Damaged {
                what: "a description of sound that is too short",
                at,
            });
        };
        self.block_bytes = format.block_bytes;
        self.bytes_per_second = format.bytes_per_second;
        wave::format(bytes, &mut self.stream);
        Ok(())
    }

    /// Fills in what follows from all chunks together.
    fn finish(&mut self, reader: &mut Reader<'_>, media: &mut Media) {
        let Some((at, size)) = self.data else {
            return;
        };
        let there = size.min(reader.length().saturating_sub(at));
        self.look_inside(reader, at, there);
        if self.stream.duration_s.is_some() {
            return;
        }
        let rate = self
            .stream
            .audio
            .as_ref()
            .and_then(|audio| audio.sample_rate_hz);
        let Some(rate) = rate.filter(|rate| *rate != 0) else {
            return;
        };
        let is_plain = self.stream.codec.starts_with("pcm_");
        self.stream.duration_s = if is_plain && self.block_bytes != 0 {
            let samples = there / u64::from(self.block_bytes);
            Some(codec::seconds(samples, rate))
        } else if let Some(samples) = self.samples.or(self.said_samples) {
            Some(codec::seconds(samples, rate))
        } else if self.bytes_per_second != 0 {
            Some(codec::seconds(there, self.bytes_per_second))
        } else {
            None
        };
        // Raw samples have the rate they have, whatever the header says.
        if let Some(audio) = &self.stream.audio
            && is_plain
            && let (Some(depth), Some(channels)) = (audio.bit_depth, audio.channels)
        {
            let rate = u64::from(rate) * u64::from(depth) * u64::from(channels);
            self.stream.bitrate_bps = Some(rate);
        }
        media.duration_s = self.stream.duration_s;
    }

    /// Looks at the first frame of packed sound. DTS travels as if it were samples of 16 bits, to fit through a CD.
    fn look_inside(&mut self, reader: &mut Reader<'_>, at: u64, size: u64) {
        let read: fn(&[u8], &mut Stream) -> bool = match self.stream.codec.as_str() {
            "ac3" | "eac3" => codec::ac3::frame,
            "mp2" | "mp3" => codec::mpeg_audio::frame,
            "pcm_s16le" | "dts" => codec::dts::frame,
            _ => return,
        };
        let Ok(head) = reader.up_to(at, size.min(8 << 10)) else {
            return;
        };
        if self.stream.codec != "pcm_s16le" {
            let _ = read(&head, &mut self.stream);
            return;
        }
        let begin = head.iter().position(|byte| *byte != 0).unwrap_or(0) & !1;
        let inside = head.get(begin..).unwrap_or_default();
        let mut inner = Stream::new(StreamKind::Audio);
        if super::audio_stream::frame_sync(inside) == Some(crate::Format::Dts)
            && read(inside, &mut inner)
        {
            inner.codec_tag = self.stream.codec_tag.take();
            inner.duration_s =
                (self.bytes_per_second != 0).then(|| codec::seconds(size, self.bytes_per_second));
            self.stream = inner;
        }
    }
}

/// Reads a broadcast extension (EBU Tech 3285).
fn broadcast(bytes: &[u8], media: &mut Media) {
    let mut bytes = Bytes::new(bytes);
    let mut text = |size| {
        let field = bytes.take(size).unwrap_or_default();
        let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(field).trim().to_owned()
    };
    media.tag("comment", &text(256));
    media.tag("encoded_by", &text(32));
    media.tag("originator_reference", &text(32));
    let (date, time) = (text(10), text(8));
    media.tag("date", &date);
    media.tag("creation_time", &time);
    if let Some(reference) = bytes.u64_le() {
        media.tag("time_reference", &reference.to_string());
    }
    // Version, identifier, loudness, reserved.
    if bytes.skip(2 + 64 + 10 + 180).is_some() {
        media.tag("coding_history", &String::from_utf8_lossy(bytes.rest()));
    }
    if date.is_empty() || media.created.is_some() {
        return;
    }
    // Dates may be separated by anything.
    let date = date.replace([':', '_', '.', ' ', '/'], "-");
    let time = time.replace(['-', '_', '.', ' '], ":");
    media.created = Some(if time.is_empty() {
        date
    } else {
        format!("{date}T{time}")
    });
}

#[cfg(test)]
mod tests;
