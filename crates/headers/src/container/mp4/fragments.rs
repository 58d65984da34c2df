//! Fragments (`moof`): how long the film lasts and whether all of it is there.
//!
//! A long film has thousands of them. Its length is told by the film's header, by an index at its beginning (`sidx`) or at its
//! end (`mfra`); only without any of them are more than a few fragments looked at.

mod index;
mod moof;

use super::boxes::Part;
use super::film::{Film, seconds};
use super::stream::{self, Known};
use super::{Top, is_name};
use crate::{Media, Reader, Stop, Structure};
use moof::Progress;

/// Fragments looked at where something else tells how long the film lasts, and where nothing does.
const SOME: usize = 8;
const MOST: usize = 64;

/// Boxes at the top between them.
const MOST_PARTS: usize = 1_024;

/// How far the fragments were followed.
#[derive(Debug, Default)]
struct Walked {
    fragments: usize,
    /// First byte after the last box seen.
    end: u64,
    /// Whether nothing follows.
    whole: bool,
}

/// Reads what tells how long a fragmented film lasts, a few fragments, and whether all of them are there.
pub(super) fn read(
    reader: &mut Reader<'_>,
    film: &Film,
    extends: &Part,
    top: &Top,
    known: &mut [Known],
    media: &mut Media,
) -> Result<(), Stop> {
    let Some(first) = top.moof else {
        return Ok(());
    };
    let mut tracks: Vec<Progress> = film
        .tracks
        .iter()
        .zip(known.iter())
        .map(|(track, known)| Progress::new(track, known))
        .collect();
    let header_s = defaults(reader, film, extends, &mut tracks)?;
    let index = match top.sidx {
        Some(sidx) => index::sidx(reader, &sidx)?,
        None => None,
    };
    let last = index::mfra(reader)?;
    let told = header_s.is_some() || index.is_some() || last.is_some();
    let most = if told { SOME } else { MOST };
    let walked = walk(reader, first.at, most, &mut tracks)?;
    let counted = tracks.clone();
    if !walked.whole {
        if let Some(last) = &last {
            moof::jump(reader, last, &mut tracks)?;
        } else if !told {
            tail(reader, &walked, &mut tracks)?;
        }
    }
    structure(reader, &walked, index.as_ref(), last.is_some(), media);
    let whole = walked.whole || last.is_some() || !told;
    let seconds = header_s
        .or(index.as_ref().map(|index| index.seconds))
        .unwrap_or_default();
    settle(
        &tracks,
        &counted,
        known,
        (whole, walked.whole),
        seconds,
        media,
    );
    Ok(())
}

/// Reads what holds for all fragments; returns how long the film is said to last.
fn defaults(
    reader: &mut Reader<'_>,
    film: &Film,
    extends: &Part,
    tracks: &mut [Progress],
) -> Result<Option<f64>, Stop> {
    let mut duration_s = None;
    extends.children(reader, |reader, part| {
        match &part.kind {
            b"mehd" => {
                let bytes = part.bytes(reader, 12)?;
                let duration = match bytes.as_slice() {
                    [1, _, _, _, rest @ ..] => rest.first_chunk().map(|n| u64::from_be_bytes(*n)),
                    [_, _, _, _, rest @ ..] => {
                        rest.first_chunk().map(|n| u32::from_be_bytes(*n).into())
                    }
                    _ => None,
                };
                duration_s = duration
                    .filter(|duration| *duration > 0 && film.scale > 0)
                    .map(|duration| seconds(duration, film.scale));
            }
            b"trex" => moof::trex(&part.bytes(reader, 24)?, tracks).unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(duration_s)
}

/// Follows the boxes from the first fragment on.
fn walk(
    reader: &mut Reader<'_>,
    start: u64,
    most: usize,
    tracks: &mut [Progress],
) -> Result<Walked, Stop> {
    let mut walked = Walked {
        end: start,
        ..Walked::default()
    };
    let length = reader.length();
    for _ in 0..MOST_PARTS {
        if walked.end.saturating_add(8) > length {
            walked.whole = true;
            break;
        }
        let mut head = [0; 16];
        let there = length.saturating_sub(walked.end).min(16);
        let there = usize::try_from(there).unwrap_or_default();
        reader.sip(walked.end, head.get_mut(..there).unwrap_or_default())?;
        let mut source = head.as_slice();
        let mut inner = Reader::new(&mut source, crate::Limits::default());
        let part = Part::read(&mut inner, 0, length.saturating_sub(walked.end))?;
        let Some(part) = part.filter(|part| is_name(part.kind)) else {
            walked.whole = true;
            break;
        };
        let at = walked.end;
        let part = Part {
            at,
            body: at.saturating_add(part.body),
            end: at.saturating_add(part.end),
            ..part
        };
        if part.kind == *b"moof" {
            if walked.fragments >= most {
                break;
            }
            walked.fragments += 1;
            moof::read(reader, &part, tracks)?;
        }
        walked.end = part.end;
    }
    Ok(walked)
}

/// Looks for the last fragment in the last bytes: as many as fragments had so far.
fn tail(reader: &mut Reader<'_>, walked: &Walked, tracks: &mut [Progress]) -> Result<(), Stop> {
    const MOST_BYTES: u64 = 512 << 10;
    let length = reader.length();
    let average = walked.end / (walked.fragments.max(1) as u64);
    let count = average.saturating_mul(2).clamp(64 << 10, MOST_BYTES);
    let start = length.saturating_sub(count).max(walked.end);
    let bytes = reader.up_to(start, length.saturating_sub(start))?;
    let found = bytes
        .windows(16)
        .rposition(|run| run.get(4..8) == Some(b"moof") && run.get(12..) == Some(b"mfhd"));
    if let Some(offset) = found {
        let at = start.saturating_add(offset as u64);
        if let Some(part) = Part::read(reader, at, length)? {
            moof::read(reader, &part, tracks)?;
        }
    }
    Ok(())
}

fn structure(
    reader: &Reader<'_>,
    walked: &Walked,
    index: Option<&index::Index>,
    has_mfra: bool,
    media: &mut Media,
) {
    let length = reader.length();
    let end = walked.end.max(index.map_or(0, |index| index.end));
    media.structure = if end > length {
        Structure::Truncated {
            expected_bytes: Some(end),
        }
    } else if walked.whole || has_mfra || index.is_some_and(|index| index.end == length) {
        Structure::Complete
    } else {
        Structure::Unchecked
    };
}

/// Tells streams and film what was found. `whole`: ends of tracks are known; `counted` in full.
fn settle(
    tracks: &[Progress],
    counted: &[Progress],
    known: &mut [Known],
    (ends_known, whole): (bool, bool),
    said_s: f64,
    media: &mut Media,
) {
    let (mut first, mut last) = (f64::MAX, 0.0_f64);
    for ((track, known), counted) in tracks.iter().zip(known.iter_mut()).zip(counted) {
        if known.scale == 0 || track.duration == 0 {
            continue;
        }
        known.stream.duration_s = Some(if ends_known {
            seconds(track.length(), known.scale)
        } else {
            said_s
        });
        let (start, end) = track.shown_s(known.scale);
        (first, last) = (first.min(start), last.max(end));
        let was_empty = known.duration == 0;
        known.sizes.bytes = known.sizes.bytes.saturating_add(counted.bytes);
        known.duration = known.duration.saturating_add(counted.duration);
        if known.stream.video.is_some() || !was_empty || known.stream.bitrate_bps.is_none() {
            stream::bit_rate(known);
        }
        let before = known.stream.frames.unwrap_or_default();
        let samples = before.saturating_add(counted.samples);
        track.rate(known, samples, known.duration);
        known.stream.frames = whole.then_some(samples);
    }
    let shown = if ends_known {
        said_s.max(last - first)
    } else {
        said_s
    };
    if shown > 0.0 && shown > media.duration_s.unwrap_or_default() {
        media.duration_s = Some(shown);
    }
}
