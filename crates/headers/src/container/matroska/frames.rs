//! The first packets of the first cluster, for codecs whose headers say too little.

use super::codecs;
use super::ebml::{Element, element, variable};
use crate::{Reader, Stop, Stream};

/// Blocks looked at: the first of every track comes early.
const MOST_BLOCKS: usize = 64;

/// Bytes read for all packets together.
const MOST_BYTES: u64 = 96 << 10;

/// Bytes of a packet that are looked at.
const LONGEST_PACKET: u64 = 12 << 10;

/// A stream that a packet is wanted for.
pub(super) struct Wanted {
    pub(super) track: u64,
    /// Which of the streams it is.
    pub(super) index: usize,
    pub(super) nal_length: u8,
    /// Bytes taken off each packet, to be put back.
    pub(super) stripped: Vec<u8>,
}

/// Reads the first packet of each stream that wants one.
pub(super) fn read(
    reader: &mut Reader<'_>,
    cluster: &Element,
    mut wanted: Vec<Wanted>,
    streams: &mut [Stream],
) -> Result<(), Stop> {
    let most = reader.bytes_read().saturating_add(MOST_BYTES);
    let end = cluster.end().unwrap_or(u64::MAX).min(reader.length());
    let mut at = cluster.body;
    for _ in 0..MOST_BLOCKS {
        if wanted.is_empty() || at >= end || reader.bytes_read() > most {
            break;
        }
        let child = element(reader, at)?;
        let Some(next) = child.end() else { break };
        match child.id {
            // The next cluster, after one of unknown length.
            0x1f43_b675 => break,
            0xa3 => block(reader, &child, &mut wanted, streams)?,
            0xa0 => child.children(reader, |reader, child| match child.id {
                0xa1 => block(reader, child, &mut wanted, streams),
                _ => Ok(()),
            })?,
            _ => {}
        }
        at = next;
    }
    Ok(())
}

fn block(
    reader: &mut Reader<'_>,
    block: &Element,
    wanted: &mut Vec<Wanted>,
    streams: &mut [Stream],
) -> Result<(), Stop> {
    let size = block.size.unwrap_or_default();
    let head = reader.bytes(block.body, size.min(12))?;
    let Some((Some(track), length)) = variable(&head) else {
        return Ok(());
    };
    let Some(place) = wanted.iter().position(|wanted| wanted.track == track) else {
        return Ok(());
    };
    // After the track number: two bytes of time, one of flags.
    let Some(flags) = head.get(length.saturating_add(2)) else {
        return Ok(());
    };
    let lacing = flags >> 1 & 3;
    let skip = (length as u64).saturating_add(3);
    let count = size.saturating_sub(skip).min(LONGEST_PACKET);
    let bytes = reader.bytes(block.body.saturating_add(skip), count)?;
    let packet = first_of_lace(lacing, &bytes);
    let wanted = wanted.swap_remove(place);
    if let Some(stream) = streams.get_mut(wanted.index) {
        let whole = [wanted.stripped.as_slice(), packet].concat();
        codecs::packet(&whole, wanted.nal_length, stream);
    }
    Ok(())
}

/// Returns what of a block's payload belongs to its first packet, or begins with it.
fn first_of_lace(lacing: u8, bytes: &[u8]) -> &[u8] {
    let Some((&count, rest)) = bytes.split_first() else {
        return bytes;
    };
    let sizes = usize::from(count);
    match lacing {
        // Xiph: all sizes but the last, as runs of 255.
        1 => {
            let mut rest = rest;
            for _ in 0..sizes {
                while let [255, tail @ ..] = rest {
                    rest = tail;
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            rest
        }
        // EBML: the same as numbers of variable length.
        3 => {
            let mut rest = rest;
            for _ in 0..sizes {
                let length = variable(rest).map_or(rest.len(), |(_, length)| length);
                rest = rest.get(length..).unwrap_or_default();
            }
            rest
        }
        // All of one size.
        2 => rest,
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laces_are_opened() {
        assert_eq!(first_of_lace(0, &[9, 8]), [9, 8]);
        assert_eq!(first_of_lace(1, &[2, 255, 1, 3, 7, 7]), [7, 7]);
        assert_eq!(first_of_lace(2, &[1, 7, 7]), [7, 7]);
        assert_eq!(first_of_lace(3, &[2, 0x81, 0x40, 0, 7]), [7]);
        assert!(first_of_lace(1, &[255]).is_empty());
    }
}
