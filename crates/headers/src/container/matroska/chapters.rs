//! The Chapters element. As in ffprobe, chapters inside chapters are left out, and hidden ones are not.

use super::ebml::Element;
use crate::{Chapter, Reader, Stop};

/// Chapters kept of a file.
const MOST_CHAPTERS: usize = 2_000;

/// Reads the chapters of the first edition that has any.
pub(super) fn read(
    reader: &mut Reader<'_>,
    element: &Element,
    chapters: &mut Vec<Chapter>,
) -> Result<(), Stop> {
    let mut done = !chapters.is_empty();
    element.children(reader, |reader, edition| {
        if edition.id != 0x45b9 || done {
            return Ok(());
        }
        let result = edition.children(reader, |reader, atom| {
            if atom.id == 0xb6 && chapters.len() < MOST_CHAPTERS {
                chapters.extend(chapter(reader, atom)?);
            }
            Ok(())
        });
        done = !chapters.is_empty();
        result
    })
}

fn chapter(reader: &mut Reader<'_>, atom: &Element) -> Result<Option<Chapter>, Stop> {
    let (mut start, mut end, mut title) = (None, None, None);
    atom.children(reader, |reader, child| {
        match child.id {
            0x91 => start = Some(child.number(reader)?),
            0x92 => end = Some(child.number(reader)?),
            // Of several languages ffprobe keeps the last.
            0x80 => child.children(reader, |reader, child| {
                if child.id == 0x85 {
                    title = Some(child.text(reader)?).filter(|title| !title.is_empty());
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(start.map(|start| Chapter {
        start_s: seconds(start),
        end_s: end.map(seconds),
        title,
    }))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a film fit well enough"
)]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// Leaves out what goes back in time, as ffprobe does, and ends chapters that have no end where the next begins.
pub(super) fn finish(chapters: &mut Vec<Chapter>, duration_s: Option<f64>) {
    let mut latest = 0.0;
    chapters.retain(|chapter| {
        let later = latest == 0.0 || chapter.start_s > latest;
        if later {
            latest = chapter.start_s;
        }
        later
    });
    let starts: Vec<f64> = chapters.iter().map(|chapter| chapter.start_s).collect();
    for (index, chapter) in chapters.iter_mut().enumerate() {
        if chapter.end_s.is_none() {
            chapter.end_s = starts
                .get(index + 1)
                .copied()
                .filter(|next| *next > chapter.start_s)
                .or(duration_s)
                .map(|end| end.max(chapter.start_s));
        }
    }
}
