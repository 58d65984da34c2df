//! The sample tables (`stbl`): how long samples last, how large they are, where they lie.
//!
//! A long film's tables are long; only their heads are read, and of sizes a few places.

use super::boxes::Part;
use crate::{Reader, Stop};

/// Where the tables lie.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tables {
    pub(super) description: Option<Part>,
    pub(super) times: Option<Part>,
    pub(super) sizes: Option<Part>,
    pub(super) chunks: Option<Part>,
    pub(super) offsets: Option<Part>,
}

/// How long samples last, in units of the track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) samples: u64,
    pub(super) duration: u64,
    /// All but the last last equally long.
    pub(super) even: bool,
    /// How long the first lasts.
    pub(super) first: u32,
    /// Whether the whole table was read.
    pub(super) whole: bool,
}

/// How large samples are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) samples: u64,
    pub(super) bytes: u64,
    /// Whether `bytes` is a sum rather than an estimate.
    pub(super) exact: bool,
}

/// Bytes of a table read whole.
const WHOLE: u64 = 16 << 10;

/// Bytes of a table of times that is read whole, and bytes read of a longer one, which only tell how the first samples
/// last: uneven films have one entry a frame.
const TIMES: u64 = 8 << 10;
const TIMES_OF_LONG: u64 = 1 << 10;

/// Places of a longer table that stand for the rest, and bytes read at each.
const PLACES: u64 = 2;
const PLACE: u64 = 1 << 10;
const PLACE_BYTES: usize = 1 << 10;

impl Tables {
    /// Notes a table.
    pub(super) fn note(&mut self, part: &Part) {
        let slot = match &part.kind {
            b"stsd" => &mut self.description,
            b"stts" => &mut self.times,
            b"stsz" | b"stz2" => &mut self.sizes,
            b"stsc" => &mut self.chunks,
            b"stco" | b"co64" => &mut self.offsets,
            _ => return,
        };
        slot.get_or_insert(*part);
    }

    /// Returns how long samples last.
    pub(super) fn times(&self, reader: &mut Reader<'_>) -> Result<Times, Stop> {
        let Some(part) = self.times else {
            return Ok(Times::default());
        };
        let count = u64::from(number(reader, &part, 4)?);
        let there = (part.length().saturating_sub(8) / 8).min(count);
        let most = if there * 8 > TIMES {
            TIMES_OF_LONG
        } else {
            TIMES
        };
        let bytes = table(reader, part.body.saturating_add(8), there * 8, most)?;
        let entries = bytes.as_chunks::<4>().0.as_chunks::<2>().0;
        let mut times = Times {
            even: true,
            whole: entries.len() as u64 == there,
            ..Times::default()
        };
        for (index, [samples, lasts]) in entries.iter().enumerate() {
            let (samples, lasts) = (u32::from_be_bytes(*samples), u32::from_be_bytes(*lasts));
            // A negative duration is a slip of the writer; ffmpeg counts it as one unit.
            let lasts = if lasts > i32::MAX as u32 { 1 } else { lasts };
            if index == 0 {
                times.first = lasts;
            } else if lasts != times.first && !(index + 1 == entries.len() && samples == 1) {
                times.even = false;
            }
            times.samples = times.samples.saturating_add(samples.into());
            let run = u64::from(samples).saturating_mul(lasts.into());
            times.duration = times.duration.saturating_add(run);
        }
        Ok(times)
    }

    /// Returns how many samples there are and how many bytes they have.
    pub(super) fn sizes(&self, reader: &mut Reader<'_>) -> Result<Sizes, Stop> {
        let Some(part) = self.sizes else {
            return Ok(Sizes::default());
        };
        let (fixed, count) = (number(reader, &part, 4)?, number(reader, &part, 8)?);
        let samples = u64::from(count);
        if part.kind == *b"stsz" && fixed != 0 {
            return Ok(Sizes {
                samples,
                bytes: samples.saturating_mul(fixed.into()),
                exact: true,
            });
        }
        let bits = if part.kind == *b"stsz" {
            32
        } else {
            u64::from(fixed & 0xff)
        };
        if !matches!(bits, 4 | 8 | 16 | 32) {
            return Ok(Sizes::default());
        }
        let there = (samples.saturating_mul(bits) / 8).min(part.length().saturating_sub(12));
        let start = part.body.saturating_add(12);
        if there <= WHOLE {
            let bytes = sum(&table(reader, start, there, WHOLE)?, bits);
            return Ok(Sizes {
                samples,
                bytes,
                exact: true,
            });
        }
        let mut found = 0_u64;
        for place in 0..PLACES {
            // In the middle of each part: films begin and end unlike the rest.
            let step = (there - PLACE) * (2 * place + 1) / (2 * PLACES) / 4 * 4;
            let mut bytes = [0; PLACE_BYTES];
            reader.sip(start.saturating_add(step), &mut bytes)?;
            found = found.saturating_add(sum(&bytes, bits));
        }
        let total = u128::from(found) * u128::from(there) / u128::from(PLACES * PLACE);
        Ok(Sizes {
            samples,
            bytes: u64::try_from(total).unwrap_or(u64::MAX),
            exact: false,
        })
    }

    /// Returns how long each of the first `most` samples lasts.
    pub(super) fn durations(&self, reader: &mut Reader<'_>, most: usize) -> Result<Vec<u32>, Stop> {
        let Some(part) = self.times else {
            return Ok(Vec::new());
        };
        let bytes = part.skip(8).bytes(reader, 8 * most as u64)?;
        let (entries, _) = bytes.as_chunks::<8>();
        Ok(entries
            .iter()
            .flat_map(|[a, b, c, d, e, f, g, h]| {
                let samples = u32::from_be_bytes([*a, *b, *c, *d]);
                let lasts = u32::from_be_bytes([*e, *f, *g, *h]);
                let samples = usize::try_from(samples).unwrap_or(usize::MAX);
                std::iter::repeat_n(lasts, samples.min(most))
            })
            .take(most)
            .collect())
    }

    /// Returns where each of the first `most` samples lies and how large it is; fewer where a table ends early.
    pub(super) fn places(
        &self,
        reader: &mut Reader<'_>,
        most: usize,
    ) -> Result<Vec<(u64, u64)>, Stop> {
        let mut places = Vec::new();
        let runs = match self.chunks {
            Some(part) => part.skip(8).bytes(reader, 12 * most as u64)?,
            None => return Ok(places),
        };
        let runs: Vec<(u64, u64)> = runs
            .as_chunks::<12>()
            .0
            .iter()
            .map(|[a, b, c, d, e, f, g, h, ..]| {
                let first = u32::from_be_bytes([*a, *b, *c, *d]);
                let count = u32::from_be_bytes([*e, *f, *g, *h]);
                (u64::from(first), u64::from(count))
            })
            .collect();
        for chunk in 0..most as u64 {
            let Some(mut at) = self.chunk(reader, chunk)? else {
                break;
            };
            let run = runs.iter().take_while(|(first, _)| *first <= chunk + 1);
            let count = run.last().map_or(1, |(_, count)| *count);
            for _ in 0..count {
                let index = places.len() as u64;
                if places.len() >= most {
                    return Ok(places);
                }
                let Some(size) = self.sample_size(reader, index)? else {
                    return Ok(places);
                };
                places.push((at, size));
                at = at.saturating_add(size);
            }
        }
        Ok(places)
    }

    /// Returns where a chunk lies, counted from 0.
    pub(super) fn chunk(&self, reader: &mut Reader<'_>, index: u64) -> Result<Option<u64>, Stop> {
        let Some(part) = self.offsets else {
            return Ok(None);
        };
        let wide = part.kind == *b"co64";
        let width = if wide { 8 } else { 4 };
        let room = part.length().saturating_sub(8) / width;
        if index >= room.min(self.chunk_count(reader)?) {
            return Ok(None);
        }
        let at = part.body.saturating_add(8).saturating_add(index * width);
        let mut bytes = [0; 8];
        let (_, low) = bytes.split_at_mut(if wide { 0 } else { 4 });
        reader.sip(at, low)?;
        Ok(Some(u64::from_be_bytes(bytes)))
    }

    /// Returns how many chunks there are said to be.
    pub(super) fn chunk_count(&self, reader: &mut Reader<'_>) -> Result<u64, Stop> {
        match self.offsets {
            Some(part) => Ok(number(reader, &part, 4)?.into()),
            None => Ok(0),
        }
    }

    /// Returns the size of a sample, counted from 0.
    pub(super) fn sample_size(
        &self,
        reader: &mut Reader<'_>,
        index: u64,
    ) -> Result<Option<u64>, Stop> {
        let Some(part) = self.sizes else {
            return Ok(None);
        };
        let (fixed, count) = (number(reader, &part, 4)?, number(reader, &part, 8)?);
        if part.kind != *b"stsz" || index >= u64::from(count) {
            return Ok(None);
        }
        if fixed != 0 {
            return Ok(Some(fixed.into()));
        }
        let at = part.body.saturating_add(12).saturating_add(index * 4);
        let mut bytes = [0; 4];
        reader.sip(at, &mut bytes)?;
        Ok(Some(u32::from_be_bytes(bytes).into()))
    }
}

/// Returns a number at an offset of a box's content.
fn number(reader: &mut Reader<'_>, part: &Part, offset: u64) -> Result<u32, Stop> {
    let mut bytes = [0; 4];
    reader.sip(part.body.saturating_add(offset), &mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

/// Returns up to `most` bytes of a table.
fn table(reader: &mut Reader<'_>, at: u64, length: u64, most: u64) -> Result<Vec<u8>, Stop> {
    let length = length.min(most).min(reader.length().saturating_sub(at));
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    reader.sip(at, &mut bytes)?;
    Ok(bytes)
}

/// Adds up sizes of so many bits each.
fn sum(bytes: &[u8], bits: u64) -> u64 {
    match bits {
        4 => bytes
            .iter()
            .map(|byte| u64::from(byte >> 4) + u64::from(byte & 15))
            .sum(),
        8 => bytes.iter().map(|byte| u64::from(*byte)).sum(),
        16 => {
            let (sizes, _) = bytes.as_chunks::<2>();
            sizes
                .iter()
                .map(|size| u64::from(u16::from_be_bytes(*size)))
                .sum()
        }
        _ => {
            let (sizes, _) = bytes.as_chunks::<4>();
            sizes
                .iter()
                .map(|size| u64::from(u32::from_be_bytes(*size)))
                .sum()
        }
    }
}
