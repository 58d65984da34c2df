//! The end of the file: after each tag stands its length, so the last one can be found from behind.

use super::Tag;
use crate::{Reader, Stop, Structure};

/// Bytes searched for whole tags when the last does not add up.
const TAIL: u64 = 64 << 10;

/// What the end tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct End {
    pub(super) structure: Structure,
    /// Time of the last tag.
    pub(super) last_ms: Option<u32>,
}

/// Looks at the last tag. `start` is where the first one begins.
pub(super) fn read(reader: &mut Reader<'_>, start: u64) -> Result<End, Stop> {
    let length = reader.length();
    let Some(at) = length.checked_sub(4).filter(|at| *at > start) else {
        return Ok(End::default());
    };
    if let Some(tag) = tag_before(reader, at, start)? {
        return Ok(End {
            structure: Structure::Complete,
            last_ms: Some(tag.time_ms),
        });
    }
    cut_off(reader, start)
}

/// Returns the tag whose length stands at `at`, if it is one.
fn tag_before(reader: &mut Reader<'_>, at: u64, start: u64) -> Result<Option<Tag>, Stop> {
    let size = u64::from(u32::from_be_bytes(reader.array(at)?));
    let Some(begin) = at.checked_sub(size).filter(|begin| *begin >= start) else {
        return Ok(None);
    };
    let tag = Tag::read(reader, begin)?;
    Ok(tag.filter(|tag| tag.end() == at))
}

/// Looks for a tag whose length fits somewhere in the last bytes, and follows from there to the one that is cut off.
fn cut_off(reader: &mut Reader<'_>, start: u64) -> Result<End, Stop> {
    let length = reader.length();
    let from = length.saturating_sub(TAIL).max(start);
    let tail = reader.up_to(from, TAIL)?;
    let Some(offset) = whole_tag(&tail) else {
        return Ok(End::default());
    };
    let (mut at, mut last_ms) = (from.saturating_add(offset as u64), None);
    // Tags have 11 bytes at least and so come to an end.
    while at < length {
        if at.saturating_add(11) > length {
            break;
        }
        let Some(tag) = Tag::read(reader, at)?.filter(|tag| tag.stream == 0) else {
            // Something else follows the tags.
            return Ok(End {
                structure: Structure::Unchecked,
                last_ms,
            });
        };
        // Some writers leave out the last length.
        if tag.end() == length {
            return Ok(End {
                structure: Structure::Complete,
                last_ms: Some(tag.time_ms),
            });
        }
        last_ms = Some(tag.time_ms);
        at = tag.end().saturating_add(4);
    }
    Ok(End {
        structure: Structure::Truncated {
            expected_bytes: Some(at.max(length.saturating_add(1))),
        },
        last_ms,
    })
}

/// Returns where the first tag that surely is one begins.
fn whole_tag(tail: &[u8]) -> Option<usize> {
    (0..tail.len()).find(|begin| {
        let Some(tag) = tail.get(*begin..).and_then(Tag::parse) else {
            return false;
        };
        let size = tag.size.saturating_add(11);
        usize::try_from(size)
            .ok()
            .and_then(|size| tail.get(begin.checked_add(size)?..)?.first_chunk::<4>())
            .is_some_and(|length| u32::from_be_bytes(*length) == size)
    })
}
