//! The whole film (`moov`): its tracks, tags and chapters.

use super::boxes::Part;
use super::stream::{self, Known};
use super::track::{self, Track};
use super::{Top, chapters, fragments, sample, tags};
use crate::bytes::Bytes;
use crate::container::date;
use crate::{Media, Reader, Stop, Structure};

/// Tracks kept of a film.
const MOST_TRACKS: usize = 256;

/// Seconds from 1904, where Macintosh began to count, to 1970.
const EPOCH_1904: i64 = 2_082_844_800;

/// A film.
#[derive(Debug, Default)]
pub(super) struct Film {
    /// Units a second.
    pub(super) scale: u32,
    pub(super) duration: u64,
    pub(super) created: Option<i64>,
    pub(super) tracks: Vec<Track>,
    /// Fragments may follow.
    pub(super) extends: Option<Part>,
    udta: Option<Part>,
    meta: Option<Part>,
}

/// Keeps the first fault but goes on, unless there is no going on.
fn keep(fault: &mut Option<Stop>, result: Result<(), Stop>) -> Result<(), Stop> {
    match result {
        Err(stop @ (Stop::Io(_) | Stop::Budget)) => Err(stop),
        Err(stop) => {
            fault.get_or_insert(stop);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Reads a film and tells it.
pub(super) fn read(
    reader: &mut Reader<'_>,
    moov: &Part,
    top: &Top,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut film = Film::default();
    let mut fault = None;
    let inside = Part {
        end: moov.end.min(reader.length()),
        ..*moov
    };
    let gathered = film.gather(reader, &inside, &mut fault);
    let gathered = keep(&mut fault, gathered);
    let told = film.tell(reader, top, media, &mut fault);
    gathered.and(told)?;
    // What is cut off with the file is no fault of the film.
    match fault {
        Some(stop) if moov.end <= reader.length() => Err(stop),
        _ => Ok(()),
    }
}

impl Film {
    fn gather(
        &mut self,
        reader: &mut Reader<'_>,
        moov: &Part,
        fault: &mut Option<Stop>,
    ) -> Result<(), Stop> {
        moov.children(reader, |reader, part| {
            match &part.kind {
                b"mvhd" => self.header(&part.bytes(reader, 64)?).unwrap_or_default(),
                b"trak" if self.tracks.len() < MOST_TRACKS => {
                    let (track, read) = track::read(reader, part);
                    self.tracks.push(track);
                    keep(fault, read)?;
                }
                b"mvex" => self.extends = Some(*part),
                b"udta" => self.udta = Some(*part),
                b"meta" => self.meta = Some(*part),
                _ => {}
            }
            Ok(())
        })
    }

    fn header(&mut self, bytes: &[u8]) -> Option<()> {
        let (created, scale, duration) = track::times(&mut Bytes::new(bytes))?;
        (self.scale, self.duration) = (scale, duration);
        if duration > u64::MAX / 2 {
            self.duration = 0;
        }
        self.created = i64::try_from(created)
            .ok()
            .filter(|seconds| *seconds > 0)
            // Writers that count from 1970 are told by the result.
            .map(|seconds| {
                if seconds >= EPOCH_1904 {
                    seconds - EPOCH_1904
                } else {
                    seconds
                }
            });
        Some(())
    }

    fn tell(
        &mut self,
        reader: &mut Reader<'_>,
        top: &Top,
        media: &mut Media,
        fault: &mut Option<Stop>,
    ) -> Result<(), Stop> {
        if let Some(created) = self.created {
            let text = date::rfc3339(created.saturating_mul(1_000_000));
            media.tag("creation_time", &text);
            media.created = Some(text);
        }
        if self.scale > 0 {
            media.duration_s = Some(seconds(self.duration, self.scale)).filter(|time| *time > 0.0);
        }
        let mut known = Vec::with_capacity(self.tracks.len());
        let mut budget = Ok(());
        for track in &self.tracks {
            let (found, read) = stream::read(reader, self, track, top);
            known.push(found);
            budget = keep(fault, read);
            if budget.is_err() {
                break;
            }
        }
        stream::share(top, &mut known);
        let fragments = match (&budget, self.extends) {
            (Ok(()), Some(extends)) => {
                fragments::read(reader, self, &extends, top, &mut known, media)
            }
            _ => Ok(()),
        };
        let samples = match &budget {
            Ok(()) => self.samples(reader, &mut known),
            Err(_) => Ok(()),
        };
        media.streams = known.into_iter().map(|known| known.stream).collect();
        budget?;
        let last = self.last_chunks(reader, media);
        keep(fault, last)?;
        keep(fault, fragments)?;
        keep(fault, samples)?;
        self.words(reader, media, fault)
    }

    /// Looks into a sample of every stream that wants it.
    fn samples(&self, reader: &mut Reader<'_>, known: &mut [Known]) -> Result<(), Stop> {
        for (track, known) in self.tracks.iter().zip(known) {
            match sample::read(reader, track, known) {
                // A sample that is not there shows in the structure.
                Err(Stop::End { .. } | Stop::Damaged { .. }) | Ok(()) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Looks whether the last chunk of every track begins within the file: a box of samples may not know its own length.
    fn last_chunks(&self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        for track in &self.tracks {
            let count = track.tables.chunk_count(reader)?;
            let Some(index) = count.checked_sub(1) else {
                continue;
            };
            if let Some(at) = track.tables.chunk(reader, index)?
                && at >= reader.length()
                && !media.structure.is_faulty()
            {
                media.structure = Structure::Truncated {
                    expected_bytes: Some(at.saturating_add(1)),
                };
            }
        }
        Ok(())
    }

    /// Reads tags and chapters.
    fn words(
        &self,
        reader: &mut Reader<'_>,
        media: &mut Media,
        fault: &mut Option<Stop>,
    ) -> Result<(), Stop> {
        for (index, track) in self.tracks.iter().enumerate() {
            if let Some(part) = track.udta
                && let Some(stream) = media.streams.get_mut(index)
            {
                let read = tags::of_track(reader, &part, stream);
                keep(fault, read)?;
            }
        }
        if let Some(part) = self.udta {
            let read = tags::read(reader, &part, media);
            keep(fault, read)?;
        }
        if let Some(part) = self.meta {
            let read = tags::meta(reader, &part, media);
            keep(fault, read)?;
        }
        let read = chapters::of_tracks(reader, &self.tracks, media);
        keep(fault, read)?;
        chapters::finish(media);
        Ok(())
    }

    /// Returns whether tracks refer to this one for the names of their chapters.
    pub(super) fn holds_chapters(&self, id: u32) -> bool {
        self.tracks
            .iter()
            .any(|track| track.chapter_tracks.contains(&id))
    }
}

/// Returns how long so many units are.
#[expect(
    clippy::cast_precision_loss,
    reason = "times beyond 2^53 units are no films"
)]
pub(super) fn seconds(units: u64, scale: u32) -> f64 {
    units as f64 / f64::from(scale.max(1))
}
