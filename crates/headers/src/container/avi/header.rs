//! The list of headers: one for the file, one a stream.

use super::bitmap;
use crate::bytes::Bytes;
use crate::codec::wave;
use crate::tags::riff;
use crate::{Media, Ratio, Stop, Stream, StreamKind};

/// Streams of one file: their numbers have two digits.
const MOST_STREAMS: usize = 100;

/// Parts looked at in one list.
const MOST_PARTS: usize = 256;

/// Entries of an OpenDML index looked at: each stands for a gigabyte.
const MOST_INDEX_ENTRIES: u32 = 1_024;

/// What the headers say that is needed later.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// One for each stream the file numbers.
    pub(super) tracks: Vec<Track>,
    /// Frames in all `RIFF` chunks.
    total_frames: Option<u32>,
    /// Microseconds a frame.
    frame_us: u32,
    /// Where the furthest part that an OpenDML index names ends.
    pub(super) furthest_index: u64,
}

/// A stream's own header.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    /// Position in [`Media::streams`].
    pub(super) stream: usize,
    pub(super) kind: [u8; 4],
    pub(super) scale: u32,
    pub(super) rate: u32,
    pub(super) length: u32,
    pub(super) sample_size: u32,
    /// Bytes that count as one unit of time where chunks differ in length.
    pub(super) block: u32,
}

impl Track {
    /// Returns the seconds that so many units last.
    pub(super) fn seconds(&self, units: u64) -> Option<f64> {
        if self.rate == 0 || self.scale == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "units have 32 bits")]
        let units = units as f64;
        Some(units * f64::from(self.scale) / f64::from(self.rate))
    }
}

impl Header {
    /// Reads the list, which lies at `offset`.
    pub(super) fn read(&mut self, list: &[u8], offset: u64, media: &mut Media) -> Result<(), Stop> {
        let mut rest = Bytes::new(list);
        for _ in 0..MOST_PARTS {
            let at = offset + (list.len() - rest.left()) as u64;
            let Some((name, body, whole)) = part(&mut rest) else {
                break;
            };
            match &name {
                b"avih" => self.frame_us = Bytes::new(body).u32_le().unwrap_or_default(),
                b"LIST" => match body.split_at_checked(4) {
                    Some((b"strl", body)) if self.tracks.len() < MOST_STREAMS => {
                        self.stream(body, media);
                    }
                    Some((b"odml", body)) => self.extension(body),
                    Some((b"INFO", body)) => riff::read_info(body, media),
                    _ => {}
                },
                b"IDIT" => riff::note_moment(&riff::text(body), media),
                _ => {}
            }
            if !whole && &name != b"JUNK" {
                return Err(Stop::Damaged {
                    what: "a chunk larger than the list it is in",
                    at,
                });
            }
        }
        Ok(())
    }

    fn extension(&mut self, list: &[u8]) {
        let mut rest = Bytes::new(list);
        if let Some((name, body, _)) = part(&mut rest)
            && &name == b"dmlh"
        {
            self.total_frames = Bytes::new(body).u32_le();
        }
    }

    fn stream(&mut self, list: &[u8], media: &mut Media) {
        let mut rest = Bytes::new(list);
        let mut track = Track {
            stream: media.streams.len(),
            ..Track::default()
        };
        let mut stream = Stream::new(StreamKind::Data);
        for _ in 0..MOST_PARTS {
            let Some((name, body, _)) = part(&mut rest) else {
                break;
            };
            match &name {
                b"strh" => {
                    stream_header(body, &mut track, &mut stream);
                }
                b"strf" => format(body, &mut track, &mut stream),
                b"strn" => {
                    let title = riff::text(body);
                    stream.title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
                }
                b"vprp" => {
                    aspect(body, &mut stream);
                }
                b"indx" => self.super_index(body),
                _ => {}
            }
        }
        self.tracks.push(track);
        media.streams.push(stream);
    }

    /// An OpenDML index of indexes: offset, size and duration of each.
    fn super_index(&mut self, body: &[u8]) {
        let mut body = Bytes::new(body);
        let Some((longs, kind)) = body.u16_le().zip(body.array::<2>()) else {
            return;
        };
        let Some(count) = body.u32_le() else { return };
        if longs != 4 || kind != [0, 0] || body.skip(16).is_none() {
            return;
        }
        for _ in 0..count.min(MOST_INDEX_ENTRIES) {
            let (Some(offset), Some(size), Some(_)) = (body.u64_le(), body.u32_le(), body.u32_le())
            else {
                return;
            };
            // A terabyte and more is no offset but garbage.
            if offset > 0 && offset < 1 << 42 {
                self.furthest_index = self.furthest_index.max(offset + u64::from(size));
            }
        }
    }

    /// Fills in what follows from all headers together.
    pub(super) fn finish(&mut self, in_parts: bool, media: &mut Media) {
        let mut longest: Option<f64> = None;
        for track in &mut self.tracks {
            let Some(stream) = media.streams.get_mut(track.stream) else {
                continue;
            };
            let is_video = stream.kind == StreamKind::Video;
            if is_video && (track.rate == 0 || track.scale == 0) {
                track.scale = self.frame_us;
                track.rate = 1_000_000;
            }
            if let Some(total) = self.total_frames
                && is_video
                && in_parts
            {
                // Some writers count only the first part's frames.
                track.length = track.length.max(total);
            }
            stream.duration_s = track.seconds(u64::from(track.length));
            if track.sample_size == 0 || is_video {
                // Where sound is counted in samples, ffprobe takes the picture's word for how long the film is.
                longest = [longest, stream.duration_s]
                    .into_iter()
                    .flatten()
                    .reduce(f64::max);
            }
            if is_video {
                stream.video_mut().frame_rate =
                    Ratio::new(u64::from(track.rate), u64::from(track.scale));
            }
            if track.sample_size == 0 || is_video {
                stream.frames = Some(u64::from(track.length)).filter(|frames| *frames > 0);
            }
        }
        media.duration_s = longest;
    }
}

/// Returns the next part of a list: its name, its bytes and whether all of them are there.
fn part<'a>(rest: &mut Bytes<'a>) -> Option<([u8; 4], &'a [u8], bool)> {
    let name = rest.array::<4>()?;
    let size = usize::try_from(rest.u32_le()?).ok()?;
    let there = size.min(rest.left());
    let body = rest.take(there)?;
    if size % 2 == 1 {
        rest.skip(1);
    }
    Some((name, body, there == size))
}

fn stream_header(body: &[u8], track: &mut Track, stream: &mut Stream) -> Option<()> {
    let mut body = Bytes::new(body);
    track.kind = body.array()?;
    let handler = body.array()?;
    stream.kind = match &track.kind {
        b"vids" | b"iavs" | b"ivas" => StreamKind::Video,
        b"auds" => StreamKind::Audio,
        b"txts" => StreamKind::Subtitle,
        _ => StreamKind::Data,
    };
    if stream.kind == StreamKind::Video {
        bitmap::name(handler, stream);
    }
    body.skip(12)?;
    track.scale = body.u32_le()?;
    track.rate = body.u32_le()?;
    body.skip(4)?;
    track.length = body.u32_le()?;
    body.skip(8)?;
    track.sample_size = body.u32_le()?;
    Some(())
}

fn format(body: &[u8], track: &mut Track, stream: &mut Stream) {
    match &track.kind {
        b"vids" => {
            bitmap::note(body, stream);
        }
        b"auds" => {
            wave::format(body, stream);
            let mut body = Bytes::new(body);
            let tag = body.u16_le();
            if let Some(tag) = tag {
                stream
                    .codec_tag
                    .get_or_insert_with(|| format!("0x{tag:04x}"));
            }
            body.skip(10);
            track.block = body.u16_le().map(u32::from).unwrap_or_default();
        }
        _ => {}
    }
}

/// Video properties: the shape of the picture over its size is that of a pixel.
fn aspect(body: &[u8], stream: &mut Stream) -> Option<()> {
    let mut body = Bytes::new(body);
    body.skip(20)?;
    let den = body.u16_le()?;
    let num = body.u16_le()?;
    let width = body.u32_le()?;
    let height = body.u32_le()?;
    let shape = Ratio::new(
        u64::from(num) * u64::from(height),
        u64::from(den) * u64::from(width),
    )?;
    stream.video_mut().pixel_aspect = Some(shape);
    Some(())
}
