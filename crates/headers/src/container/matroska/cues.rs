//! The Cues element, as far as it tells whether the end of the file is there.

use super::ebml::{Element, element, variable};
use crate::{Reader, Stop, Structure};

const CLUSTER: u32 = 0x1f43_b675;

/// Bytes at the end of the cues in which the last one is looked for; one has some twenty for each track.
const TAIL: u64 = 2 << 10;

/// Looks at the cluster that the last cue points to. `base` is where positions count from, `end` where the segment ends.
///
/// Returns what is wrong, or `None` if nothing is, or if the cues cannot be trusted: where not even the first points to a
/// cluster, its writer counted from somewhere else.
pub(super) fn check(
    reader: &mut Reader<'_>,
    cues: &Element,
    base: u64,
    end: Option<u64>,
) -> Result<Option<Structure>, Stop> {
    let first = element(reader, cues.body)?;
    let Some(first) = position(reader, &first)? else {
        return Ok(None);
    };
    match element(reader, base.saturating_add(first)) {
        Ok(cluster) if cluster.id == CLUSTER => {}
        Err(Stop::Io(error)) => return Err(Stop::Io(error)),
        _ => return Ok(None),
    }
    let Some(last) = last_point(reader, cues)? else {
        return Ok(None);
    };
    let Some(last) = position(reader, &last)? else {
        return Ok(None);
    };
    judge(reader, base.saturating_add(last), end)
}

fn judge(
    reader: &mut Reader<'_>,
    at: u64,
    segment_end: Option<u64>,
) -> Result<Option<Structure>, Stop> {
    if at >= reader.length() {
        return Ok(Some(Structure::Truncated {
            expected_bytes: segment_end.filter(|end| *end > at),
        }));
    }
    let head = reader.up_to(at, 12)?;
    if head.iter().all(|byte| *byte == 0) {
        return Ok(Some(Structure::Zeros { at }));
    }
    let cluster = match element(reader, at) {
        Ok(cluster) if cluster.id == CLUSTER => cluster,
        Err(Stop::Io(error)) => return Err(Stop::Io(error)),
        _ => {
            return Ok(Some(Structure::Damaged {
                what: "a cue points to something that is no cluster".to_owned(),
                at,
            }));
        }
    };
    Ok(match cluster.end() {
        Some(end) if end > reader.length() => Some(Structure::Truncated {
            expected_bytes: Some(end),
        }),
        _ => None,
    })
}

/// Returns the cluster position of a cue point.
fn position(reader: &mut Reader<'_>, point: &Element) -> Result<Option<u64>, Stop> {
    let mut found = None;
    if point.id != 0xbb || point.size.is_none_or(|size| size > TAIL) {
        return Ok(None);
    }
    point.children(reader, |reader, child| match child.id {
        0xb7 => child.children(reader, |reader, child| {
            if child.id == 0xf1 && found.is_none() {
                found = Some(child.number(reader)?);
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    Ok(found)
}

/// Finds the last cue point without reading all: the first place near the end from which points follow each other up to
/// exactly the end.
fn last_point(reader: &mut Reader<'_>, cues: &Element) -> Result<Option<Element>, Stop> {
    let Some(size) = cues.size else {
        return Ok(None);
    };
    let count = size.min(TAIL);
    let start = cues.body.saturating_add(size - count);
    let tail = reader.bytes(start, count)?;
    let last = (0..tail.len()).find_map(|from| last_of_chain(&tail, from));
    match last {
        Some(offset) => element(reader, start.saturating_add(offset as u64)).map(Some),
        None => Ok(None),
    }
}

/// Returns where the last cue point begins if from `from` on there is nothing but cue points, Void and CRC-32.
fn last_of_chain(tail: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut last) = (from, None);
    while let Some(id) = tail.get(at) {
        match id {
            0xbb => last = Some(at),
            0xec | 0xbf if last.is_some() => {}
            _ => return None,
        }
        let (size, length) = variable(tail.get(at + 1..)?)?;
        at = at
            .checked_add(1 + length)?
            .checked_add(usize::try_from(size?).ok()?)?;
    }
    (at == tail.len()).then_some(last).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_chain_is_found() {
        let tail = [7, 0xbb, 9, 0xbb, 0x82, 1, 2, 0xbb, 0x81, 3, 0xec, 0x81, 0];
        let found = (0..tail.len()).find_map(|from| last_of_chain(&tail, from));
        assert_eq!(found, Some(7));
        assert_eq!(last_of_chain(&[0xbb, 0x85, 1], 0), None);
    }
}
