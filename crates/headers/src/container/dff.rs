//! DSDIFF.

use crate::bytes::Bytes;
use crate::codec::{self, layout};
use crate::{Media, Reader, Stop, Stream, StreamKind, Structure, tags};

/// Chunks looked at, on both levels together.
const MOST_CHUNKS: usize = 256;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    media.streams.push(Stream::new(StreamKind::Audio));
    let mut file = File::default();
    let end = reader.length();
    let result = file.chunks(reader, 16, end, media);
    file.note(media);
    result
}

#[derive(Default)]
struct File {
    seen: usize,
    rate_hz: u32,
    channels: u16,
    layout: Option<&'static str>,
    is_compressed: bool,
    /// Bytes of sound, of all channels.
    data: Option<u64>,
    /// Frames of compressed sound and how many there are in a second.
    frames: Option<(u32, u16)>,
}

impl File {
    /// Reads the chunks of a part of the file. Parts lie at most two deep: the caller sees to it.
    fn chunks(
        &mut self,
        reader: &mut Reader<'_>,
        mut at: u64,
        end: u64,
        media: &mut Media,
    ) -> Result<(), Stop> {
        while self.seen < MOST_CHUNKS && at.saturating_add(12) <= end {
            self.seen += 1;
            let name: [u8; 4] = reader.array(at)?;
            let size = u64::from_be_bytes(reader.array(at + 4)?);
            let begin = at + 12;
            let next = begin.saturating_add(size);
            if matches!(&name, b"PROP" | b"DIIN") && end == reader.length() {
                let skip = if &name == b"PROP" { 4 } else { 0 };
                self.chunks(reader, begin + skip, next.min(end.saturating_sub(1)), media)?;
            } else {
                self.chunk(reader, name, begin, size, media)?;
            }
            if next > reader.length() {
                return Err(Stop::End { expected: next });
            }
            at = next.saturating_add(size & 1);
        }
        Ok(())
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
            b"FS  " => {
                self.rate_hz = u32::from_be_bytes(reader.array(at)?);
            }
            b"CHNL" => {
                let bytes = reader.up_to(at, size.min(2 + 4 * 16))?;
                self.speakers(&bytes);
            }
            b"CMPR" => self.is_compressed = reader.array::<4>(at)? == *b"DST ",
            b"DSD " => {
                self.data = Some(size);
                media.structure = Structure::Complete;
            }
            // Its own chunks: first how many frames there are.
            b"DST " => {
                self.data = Some(size);
                media.structure = Structure::Complete;
                let head = reader.up_to(at, 18)?;
                let mut bytes = Bytes::new(&head);
                if bytes.take(4) == Some(b"FRTE".as_slice()) && bytes.skip(8).is_some() {
                    self.frames = bytes.u32_be().zip(bytes.u16_be());
                }
            }
            b"DIAR" | b"DITI" => {
                let tag = if &name == b"DIAR" { "artist" } else { "title" };
                let text = reader.up_to(at + 4, size.saturating_sub(4).min(4_096))?;
                media.tag(tag, &String::from_utf8_lossy(&text));
            }
            b"ID3 " => {
                tags::id3::read_v2(reader, at, media)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn speakers(&mut self, bytes: &[u8]) {
        let mut bytes = Bytes::new(bytes);
        let Some(count) = bytes.u16_be() else {
            return;
        };
        self.channels = count;
        self.layout = match bytes.rest() {
            b"C   " => Some("mono"),
            b"SLFTSRGT" => Some("stereo"),
            b"MLFTMRGTLS  RS  " => Some("quad(side)"),
            b"MLFTMRGTC   LS  RS  " => Some("5.0(side)"),
            b"MLFTMRGTC   LFE LS  RS  " => Some("5.1(side)"),
            _ => None,
        };
    }

    fn note(&self, media: &mut Media) {
        let Some(stream) = media.streams.first_mut() else {
            return;
        };
        let codec = if self.is_compressed {
            "dst"
        } else {
            "dsd_msbf"
        };
        codec.clone_into(&mut stream.codec);
        let audio = stream.audio_mut();
        // Eight samples of one bit count as one, as in DSF.
        audio.sample_rate_hz = Some(self.rate_hz / 8).filter(|rate| *rate != 0);
        audio.bit_depth = (!self.is_compressed).then_some(8);
        layout::note_count(audio, self.channels, self.layout);
        stream.duration_s = match (self.frames, self.data) {
            (Some((frames, rate)), _) if rate != 0 => {
                Some(codec::seconds(frames.into(), rate.into()))
            }
            (None, Some(data))
                if !self.is_compressed && self.channels != 0 && self.rate_hz >= 8 =>
            {
                let bytes = data / u64::from(self.channels);
                Some(codec::seconds(bytes, self.rate_hz / 8))
            }
            _ => None,
        };
        if !self.is_compressed {
            let rate = u64::from(self.rate_hz) * u64::from(self.channels);
            stream.bitrate_bps = Some(rate).filter(|rate| *rate != 0);
        }
    }
}

#[cfg(test)]
mod tests;
