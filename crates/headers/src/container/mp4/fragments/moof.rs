//! One fragment: which tracks go on, for how long, with how many bytes.

use super::index::Last;
use crate::bytes::Bytes;
use crate::container::fraction;
use crate::container::mp4::boxes::Part;
use crate::container::mp4::film::seconds;
use crate::container::mp4::stream::Known;
use crate::container::mp4::track::Track;
use crate::{Reader, Stop};

/// Bytes read of a run of samples.
const LONGEST_RUN: u64 = 64 << 10;

/// How far a track has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    id: u32,
    default_duration: u32,
    default_size: u32,
    pub(super) samples: u64,
    pub(super) bytes: u64,
    /// Sum of the fragments' samples.
    pub(super) duration: u64,
    /// Where the last sample seen ends, in the track's time.
    pub(super) end: u64,
    /// Where the first sample begins, in the track's time.
    start: Option<u64>,
    /// How much later the first sample is shown than decoded, less what an edit takes away.
    shift: Option<i64>,
    edit: i64,
    first: Option<u32>,
    uneven: bool,
}

impl Progress {
    pub(super) fn new(track: &Track, known: &Known) -> Self {
        Self {
            id: track.id,
            end: known.duration,
            start: (known.duration > 0).then_some(0),
            edit: track
                .edits
                .iter()
                .map(|edit| edit.start)
                .find(|start| *start >= 0)
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Returns how long the fragments' samples last, in units of the track.
    pub(super) fn length(&self) -> u64 {
        self.end.saturating_sub(self.start.unwrap_or_default())
    }

    /// Returns when the first sample is shown and when the last one ends, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "a delay of a few frames")]
    pub(super) fn shown_s(&self, scale: u32) -> (f64, f64) {
        let shift = self.shift.unwrap_or_default().saturating_sub(self.edit);
        let shift = shift.max(0) as f64 / f64::from(scale.max(1));
        let start = seconds(self.start.unwrap_or_default(), scale);
        (start + shift, seconds(self.end, scale) + shift)
    }

    /// Works out the frame rate of so many samples in so long a time.
    pub(super) fn rate(&self, known: &mut Known, samples: u64, duration: u64) {
        let scale = known.scale;
        if let Some(video) = &mut known.stream.video
            && duration > 0
        {
            video.frame_rate = fraction::nearest(
                u128::from(scale) * u128::from(samples),
                duration.into(),
                i32::MAX as u64,
            )
            .or(video.frame_rate);
            video.variable_frame_rate |= self.uneven;
        }
    }
}

/// Reads defaults of a track.
pub(super) fn trex(bytes: &[u8], tracks: &mut [Progress]) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(4)?;
    let id = bytes.u32_be()?;
    bytes.skip(4)?;
    let (duration, size) = (bytes.u32_be()?, bytes.u32_be()?);
    let track = tracks.iter_mut().find(|track| track.id == id)?;
    (track.default_duration, track.default_size) = (duration, size);
    Some(())
}

/// Reads a fragment.
pub(super) fn read(
    reader: &mut Reader<'_>,
    moof: &Part,
    tracks: &mut [Progress],
) -> Result<(), Stop> {
    let inside = Part {
        end: moof.end.min(reader.length()),
        ..*moof
    };
    inside.children(reader, |reader, part| {
        if part.kind == *b"traf" {
            traf(reader, part, tracks)?;
        }
        Ok(())
    })
}

/// Reads the last fragments that an index lists.
pub(super) fn jump(
    reader: &mut Reader<'_>,
    last: &[Last],
    tracks: &mut [Progress],
) -> Result<(), Stop> {
    let mut seen: Vec<u64> = Vec::new();
    for entry in last {
        if let Some(track) = tracks.iter_mut().find(|track| track.id == entry.track) {
            track.end = track.end.max(entry.time);
        }
    }
    for entry in last.iter().take(8) {
        if seen.contains(&entry.moof) {
            continue;
        }
        seen.push(entry.moof);
        let length = reader.length();
        let part = Part::read(reader, entry.moof, length)?;
        if let Some(part) = part.filter(|part| part.kind == *b"moof") {
            read(reader, &part, tracks)?;
        }
    }
    Ok(())
}

fn traf(reader: &mut Reader<'_>, traf: &Part, tracks: &mut [Progress]) -> Result<(), Stop> {
    let mut current: Option<(usize, u32, u32)> = None;
    traf.children(reader, |reader, part| {
        match &part.kind {
            b"tfhd" => current = header(&part.bytes(reader, 40)?, tracks),
            b"tfdt" => {
                if let Some(track) = current.and_then(|(index, ..)| tracks.get_mut(index)) {
                    time(&part.bytes(reader, 12)?, track).unwrap_or_default();
                }
            }
            b"trun" => {
                if let Some((index, duration, size)) = current
                    && let Some(track) = tracks.get_mut(index)
                {
                    run(&part.bytes(reader, LONGEST_RUN)?, duration, size, track)
                        .unwrap_or_default();
                }
            }
            _ => {}
        }
        Ok(())
    })
}

/// Returns which track it is, and what its samples have unless they say otherwise.
fn header(bytes: &[u8], tracks: &[Progress]) -> Option<(usize, u32, u32)> {
    let mut bytes = Bytes::new(bytes);
    let flags = bytes.u32_be()?;
    let id = bytes.u32_be()?;
    let index = tracks.iter().position(|track| track.id == id)?;
    let track = tracks.get(index)?;
    bytes.skip(if flags & 1 != 0 { 8 } else { 0 })?;
    bytes.skip(if flags & 2 != 0 { 4 } else { 0 })?;
    let mut number = |flag: u32, otherwise: u32| {
        if flags & flag != 0 {
            bytes.u32_be()
        } else {
            Some(otherwise)
        }
    };
    let duration = number(8, track.default_duration)?;
    let size = number(0x10, track.default_size)?;
    Some((index, duration, size))
}

fn time(bytes: &[u8], track: &mut Progress) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3)?;
    track.end = if version == 1 {
        bytes.u64_be()?
    } else {
        bytes.u32_be()?.into()
    };
    Some(())
}

fn run(bytes: &[u8], duration: u32, size: u32, track: &mut Progress) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let flags = bytes.u32_be()?;
    let count = bytes.u32_be()?;
    bytes.skip(if flags & 1 != 0 { 4 } else { 0 })?;
    bytes.skip(if flags & 4 != 0 { 4 } else { 0 })?;
    let entries = flags & 0xf00;
    if entries == 0 {
        add(
            track,
            count.into(),
            duration,
            u64::from(count).saturating_mul(size.into()),
        );
        return Some(());
    }
    for _ in 0..count {
        let mut number = |flag: u32, otherwise: u32| {
            if flags & flag != 0 {
                bytes.u32_be()
            } else {
                Some(otherwise)
            }
        };
        let lasts = number(0x100, duration)?;
        let bytes = number(0x200, size)?;
        number(0x400, 0)?;
        let delay = number(0x800, 0)?;
        track.shift.get_or_insert(delay.cast_signed().into());
        add(track, 1, lasts, bytes.into());
    }
    Some(())
}

fn add(track: &mut Progress, samples: u64, lasts: u32, bytes: u64) {
    let all = samples.saturating_mul(lasts.into());
    track.start.get_or_insert(track.end);
    track.samples = track.samples.saturating_add(samples);
    track.bytes = track.bytes.saturating_add(bytes);
    track.duration = track.duration.saturating_add(all);
    track.end = track.end.saturating_add(all);
    track.uneven |= track.first.is_some_and(|first| first != lasts);
    track.first.get_or_insert(lasts);
}
