//! Chapters: Nero's list (`chpl`) and `QuickTime`'s tracks of names.

use super::boxes::Part;
use super::film::seconds;
use super::text;
use super::track::Track;
use crate::bytes::Bytes;
use crate::{Chapter, Media, Reader, Stop};

/// Chapters kept of a film.
const MOST: usize = 512;

/// Names read from samples: each may be a read of its own.
const MOST_NAMES: usize = 100;

/// Bytes read of a list, and of a name.
const LONGEST_LIST: u64 = 64 << 10;
const LONGEST_NAME: u64 = 256;

/// Reads Nero's list.
pub(super) fn nero(reader: &mut Reader<'_>, part: &Part, media: &mut Media) -> Result<(), Stop> {
    let bytes = part.bytes(reader, LONGEST_LIST)?;
    media.chapters = list(&bytes);
    Ok(())
}

fn list(bytes: &[u8]) -> Vec<Chapter> {
    let mut bytes = Bytes::new(bytes);
    let mut chapters = Vec::new();
    let version = bytes.u8();
    let _ = bytes.skip(if version == Some(0) { 3 } else { 7 });
    let count = bytes.u8().unwrap_or_default();
    for _ in 0..count {
        let Some((start, name)) = bytes.u64_be().and_then(|start| {
            let length = bytes.u8()?;
            Some((start, bytes.take(length.into())?))
        }) else {
            break;
        };
        chapters.push(chapter(seconds(start, 10_000_000), name));
    }
    chapters
}

fn chapter(start_s: f64, name: &[u8]) -> Chapter {
    let title = text::unicode(name).trim().to_owned();
    Chapter {
        start_s,
        end_s: None,
        title: Some(title).filter(|title| !title.is_empty()),
    }
}

/// Reads the tracks of names that other tracks refer to.
pub(super) fn of_tracks(
    reader: &mut Reader<'_>,
    tracks: &[Track],
    media: &mut Media,
) -> Result<(), Stop> {
    let names = tracks
        .iter()
        .flat_map(|track| &track.chapter_tracks)
        .find_map(|id| {
            tracks
                .iter()
                .find(|track| track.id == *id && track.handler != *b"vide")
        });
    let Some(track) = names.filter(|track| track.scale > 0) else {
        return Ok(());
    };
    let count = track.tables.sizes(reader)?.samples;
    if count == 0 || count == media.chapters.len() as u64 {
        // Nero's list says the same, and lies in one place.
        return Ok(());
    }
    let mut chapters = Vec::new();
    let read = samples(reader, track, &mut chapters);
    if !chapters.is_empty() {
        media.chapters = chapters;
    }
    read
}

fn samples(
    reader: &mut Reader<'_>,
    track: &Track,
    chapters: &mut Vec<Chapter>,
) -> Result<(), Stop> {
    let durations = track.tables.durations(reader, MOST)?;
    let places = track.tables.places(reader, durations.len())?;
    let mut start = 0_u64;
    for (index, lasts) in durations.into_iter().enumerate() {
        let mut found = chapter(seconds(start, track.scale), &[]);
        start = start.saturating_add(lasts.into());
        found.end_s = Some(seconds(start, track.scale));
        if let Some((at, size)) = places.get(index).filter(|_| index < MOST_NAMES) {
            let there = reader.length().saturating_sub(*at);
            let length = (*size).min(LONGEST_NAME).min(there);
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            reader.sip(*at, &mut bytes)?;
            let mut rest = Bytes::new(&bytes);
            let length = usize::from(rest.u16_be().unwrap_or_default());
            let name = rest.take(length.min(rest.left())).unwrap_or_default();
            found.title = chapter(0.0, name).title;
        }
        chapters.push(found);
    }
    Ok(())
}

/// A chapter ends where the next begins, the last with the film.
pub(super) fn finish(media: &mut Media) {
    media
        .chapters
        .sort_by(|one, other| one.start_s.total_cmp(&other.start_s));
    let mut next = media.duration_s;
    for chapter in media.chapters.iter_mut().rev() {
        chapter.end_s = chapter.end_s.or(next);
        next = Some(chapter.start_s);
    }
}
