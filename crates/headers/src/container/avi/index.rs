//! Bit rates of streams: from the old index where it is short, else from what the file holds besides sound.

use super::{Found, header::Track};
use crate::{Media, Reader, Stop, StreamKind, bits_per_second};

/// Bytes of an index that are read: ten thousand chunks or three minutes of film. A long film's would be megabytes.
const LONGEST_INDEX: u64 = 160 << 10;

/// What the old index adds up to.
#[derive(Default)]
pub(super) struct Sums {
    counts: Vec<Count>,
    /// Where the last chunk is that the index knows.
    last_at: u64,
}

#[derive(Clone, Copy, Default)]
struct Count {
    bytes: u64,
    units: u64,
    first: Option<u64>,
    last: u64,
}

/// Adds up the old index, if it is short.
pub(super) fn sums(reader: &mut Reader<'_>, found: &Found) -> Result<Option<Sums>, Stop> {
    let (Some(index), [payload]) = (found.index, found.payload.as_slice()) else {
        return Ok(None);
    };
    let size = index.end - index.start;
    if index.end > reader.length() || size > LONGEST_INDEX {
        return Ok(None);
    }
    let bytes = reader.bytes(index.start, size)?;
    Ok(Some(counted(&bytes, payload.start, found)))
}

fn counted(index: &[u8], payload: u64, found: &Found) -> Sums {
    let mut sums = Sums {
        counts: vec![Count::default(); found.header.tracks.len()],
        last_at: 0,
    };
    for entry in index.as_chunks::<16>().0 {
        let [
            tens,
            ones,
            k1,
            k2,
            _,
            _,
            _,
            _,
            o1,
            o2,
            o3,
            o4,
            s1,
            s2,
            s3,
            s4,
        ] = *entry;
        let number =
            usize::from(tens.wrapping_sub(b'0')) * 10 + usize::from(ones.wrapping_sub(b'0'));
        let size = u32::from_le_bytes([s1, s2, s3, s4]);
        let (Some(count), Some(track)) =
            (sums.counts.get_mut(number), found.header.tracks.get(number))
        else {
            continue;
        };
        if [k1, k2] == *b"pc" {
            continue;
        }
        if size > 0 {
            count.first.get_or_insert(count.units);
            count.last = count.units;
        }
        count.bytes += u64::from(size);
        count.units += units(track, size);
        sums.last_at = sums
            .last_at
            .max(u64::from(u32::from_le_bytes([o1, o2, o3, o4])));
    }
    if sums.last_at < payload {
        // Offsets count from the list's beginning or from the file's; writers disagree.
        sums.last_at += payload;
    }
    sums
}

impl Sums {
    /// Returns whether ffprobe would believe them: they must cover the file and add up to it.
    fn cover(&self, length: u64) -> bool {
        let sum: u64 = self.counts.iter().map(|count| count.bytes).sum();
        let nine_tenths = |number: u64| number / 10 * 9 + number % 10 * 9 / 10;
        self.last_at >= nine_tenths(length)
            && nine_tenths(sum) <= self.last_at
            && sum >= nine_tenths(self.last_at)
    }

    /// Fills in the bit rates of streams that have none: all bytes over the time from the first chunk to the last, as
    /// ffprobe has it.
    fn note(&self, found: &Found, media: &mut Media) {
        for (count, track) in self.counts.iter().zip(&found.header.tracks) {
            let span = count.last.saturating_sub(count.first.unwrap_or_default());
            let time = u128::from(span) * u128::from(track.scale);
            let bits = u128::from(count.bytes) * 8 * u128::from(track.rate);
            if let Some(stream) = media.streams.get_mut(track.stream)
                && stream.bitrate_bps.is_none()
                && track.sample_size == 0
                && time > 0
            {
                stream.bitrate_bps = u64::try_from((bits + time / 2) / time)
                    .ok()
                    .filter(|rate| *rate > 0);
            }
        }
    }
}

/// Fills in bit rates, before what the codecs say of themselves where ffprobe does so too.
pub(super) fn note_before(sums: Option<&Sums>, found: &Found, media: &mut Media) {
    if let Some(sums) = sums
        && sums.cover(media.size_bytes)
    {
        sums.note(found, media);
    }
}

/// Fills in bit rates that nothing else gave.
pub(super) fn note_after(sums: Option<&Sums>, found: &Found, media: &mut Media) {
    match sums {
        Some(sums) => sums.note(found, media),
        None => estimated(media.size_bytes, found, media),
    }
}

fn units(track: &Track, size: u32) -> u64 {
    match track.block {
        0 => 1,
        block => u64::from(size.div_ceil(block)),
    }
}

/// What is neither sound nor the eight bytes before each chunk is picture, if there is one stream of pictures.
fn estimated(length: u64, found: &Found, media: &mut Media) {
    let payload: u64 = found
        .payload
        .iter()
        .map(|span| span.end.min(length).saturating_sub(span.start))
        .sum();
    let mut rest = payload;
    let mut picture = None;
    for track in &found.header.tracks {
        let Some(stream) = media.streams.get(track.stream) else {
            continue;
        };
        rest = rest.saturating_sub(u64::from(track.length) * 8);
        match (stream.kind, stream.bitrate_bps, stream.duration_s) {
            (StreamKind::Video, None, Some(seconds)) if picture.is_none() => {
                picture = Some((track.stream, seconds));
            }
            (StreamKind::Audio, ..) if track.sample_size > 0 => {
                // Sound of this kind comes in chunks of about a frame's time, not of one sample.
                let bytes = u64::from(track.length) * u64::from(track.sample_size);
                rest = rest
                    .saturating_add(u64::from(track.length) * 8)
                    .saturating_sub(bytes);
            }
            (StreamKind::Audio, Some(rate), Some(seconds)) => {
                rest = rest.saturating_sub(bytes_in(rate, seconds));
            }
            (StreamKind::Data, ..) => {}
            _ => return,
        }
    }
    if let Some((index, seconds)) = picture
        && let Some(stream) = media.streams.get_mut(index)
    {
        stream.bitrate_bps = bits_per_second(rest, seconds).filter(|rate| *rate > 0);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an estimate, and casts of floats saturate"
)]
fn bytes_in(bits_per_second: u64, seconds: f64) -> u64 {
    (bits_per_second as f64 * seconds / 8.0) as u64
}
