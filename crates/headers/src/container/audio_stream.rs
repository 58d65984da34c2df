//! Sound without a container: MP3, ADTS AAC, AC-3, E-AC-3, TrueHD, DTS.
//!
//! Nothing but a count in the first frame says how long such a file is. Without it, frames at a few places stand for all: exact
//! where the bit rate is constant or the file small, an estimate elsewhere.

use crate::codec::{self, mpeg_audio};
use crate::{Format, Media, Reader, Stop, Stream, StreamKind, Structure, bits_per_second, tags};

mod frames;
mod xing;

use frames::Kind;
use xing::Counts;

/// How far the first frame may be from where it should be.
const FARTHEST: u64 = 64 << 10;

/// Files up to this size are walked whole.
const SMALL: u64 = 128 << 10;

/// Bytes looked at in each place of larger ones.
const PLACE: u64 = 16 << 10;

/// Places looked at: the middles of as many equal parts.
const PLACES: u64 = 8;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let begin = tags_before(reader, media)?;
    let end = tags_after(reader, begin, media)?;
    let Some((kind, first)) = first_frame(reader, media.format, begin, end)? else {
        return nothing_found(reader, begin, media);
    };
    let mut sound = Sound {
        kind,
        begin: first,
        end,
        stream: Stream::new(StreamKind::Audio),
    };
    let result = sound.read(reader, media);
    media.duration_s = sound.stream.duration_s;
    // Sound comes first, pictures of the tags after it.
    media.streams.insert(0, sound.stream);
    result
}

/// Returns the format of which frames begin here, if several follow each other.
pub(crate) fn frame_sync(head: &[u8]) -> Option<Format> {
    Kind::ALL
        .into_iter()
        .find(|kind| begins_with(*kind, head))
        .map(Kind::format)
        .or_else(|| after_junk(head).then_some(Format::Mp3))
}

fn begins_with(kind: Kind, head: &[u8]) -> bool {
    let needed = if kind == Kind::Mpeg { 3 } else { 2 };
    kind.chain(head, needed).0 >= needed
        // The longest frame leaves no room for a second.
        || kind == Kind::Ac3 && frames::has_checksum(head)
}

/// Returns whether four frames of MPEG audio follow what a cut or a dead tag left at the beginning.
fn after_junk(head: &[u8]) -> bool {
    (1..head.len()).any(|at| {
        let rest = head.get(at..).unwrap_or_default();
        matches!(rest, [0xff, second, ..] if *second >= 0xe0) && Kind::Mpeg.chain(rest, 4).0 >= 4
    })
}

fn tags_before(reader: &mut Reader<'_>, media: &mut Media) -> Result<u64, Stop> {
    let mut begin = 0;
    for _ in 0..4 {
        let end = tags::id3::read_v2(reader, begin, media)?;
        if end == begin {
            break;
        }
        begin = end;
    }
    Ok(begin)
}

fn tags_after(reader: &mut Reader<'_>, begin: u64, media: &mut Media) -> Result<u64, Stop> {
    // The APE tag says more, but lies before the other.
    let length = reader.length();
    let has_v1 = length >= 128 && reader.array::<3>(length - 128)? == *b"TAG";
    let end = if has_v1 { length - 128 } else { length };
    let end = tags::ape::read(reader, end, media)?;
    tags::id3::read_v1(reader, media)?;
    Ok(end.max(begin))
}

/// Returns kind and place of the first frame.
fn first_frame(
    reader: &mut Reader<'_>,
    format: Format,
    begin: u64,
    end: u64,
) -> Result<Option<(Kind, u64)>, Stop> {
    let kinds = || Kind::ALL.into_iter().filter(|kind| kind.format() == format);
    // Usually it is where it should be, and a few frames show it.
    for most in [PLACE, FARTHEST] {
        let bytes = reader.up_to(begin, end.saturating_sub(begin).min(most))?;
        for kind in kinds() {
            if let Some(at) = find(kind, &bytes) {
                return Ok(Some((kind, begin.saturating_add(at as u64))));
            }
        }
    }
    Ok(None)
}

/// Says what is there instead of frames.
fn nothing_found(reader: &mut Reader<'_>, at: u64, media: &mut Media) -> Result<(), Stop> {
    let head = reader.up_to(at, 4_096)?;
    // Other sound that may carry the same tag, of which nothing more is known here.
    let others: [&[u8]; 5] = [b"TTA1", b"MPCK", b"MP+", b"wvpk", b"OFR "];
    if others.iter().any(|magic| head.starts_with(magic)) {
        return Ok(());
    }
    if head.iter().all(|byte| *byte == 0) && !head.is_empty() {
        media.structure = Structure::Zeros { at };
        return Ok(());
    }
    Err(Stop::Damaged {
        what: "no frame of sound",
        at,
    })
}

/// Returns where frames begin that follow each other.
fn find(kind: Kind, bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| matches!(pair, [a, b] if kind.may_begin(*a, *b)))
        .map(|(at, _)| at)
        .find(|at| {
            let (count, ended) = kind.chain(bytes.get(*at..).unwrap_or_default(), 3);
            count >= 3 || count >= 1 && ended
        })
}

/// A stream of frames and where it lies.
struct Sound {
    kind: Kind,
    begin: u64,
    end: u64,
    stream: Stream,
}

impl Sound {
    fn read(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let length = self.end.saturating_sub(self.begin);
        let head = reader.up_to(self.begin, length.min(PLACE))?;
        self.stream.flags.default = false;
        let counts = match self.kind {
            Kind::Mpeg => xing::read(&head),
            _ => None,
        };
        let mut begin = 0;
        if let Some(counts) = counts {
            begin = self.kind.frame(&head).map_or(0, |frame| frame.length);
            self.counted(&head, counts, media);
        }
        let sound = head.get(begin..).unwrap_or_default();
        if !self.kind.note(sound, &mut self.stream) {
            self.kind.note(&head, &mut self.stream);
        }
        if self.stream.duration_s.is_none() {
            self.estimate(reader, media)?;
        }
        Ok(())
    }

    /// Believes the counts of the first frame, unless the file is much longer: files get put one after the other.
    fn counted(&mut self, head: &[u8], counts: Counts, media: &mut Media) {
        let Some(header) = mpeg_audio::Header::read(head) else {
            return;
        };
        let there = self.end.saturating_sub(self.begin);
        let said = counts.bytes.map(u64::from);
        if said.is_some_and(|said| there > said && there - said > said / 16) {
            return;
        }
        let Some(frames) = counts.frames else {
            return;
        };
        let samples = u64::from(frames) * u64::from(header.samples());
        let seconds = codec::seconds(samples, header.rate_hz);
        self.stream.duration_s = Some(seconds);
        self.stream.frames = Some(frames.into());
        let Some(said) = said else {
            return;
        };
        if !counts.is_constant {
            // Rounded, as ffprobe does.
            let bits = said.saturating_mul(8 * u64::from(header.rate_hz));
            self.stream.bitrate_bps = Some((bits + samples / 2) / samples.max(1));
        }
        // A few bytes more or less: taggers cut, and rates of the last frames differ.
        media.structure = if said > there.saturating_add(4_096) {
            Structure::Truncated {
                expected_bytes: Some(self.begin.saturating_add(said)),
            }
        } else {
            Structure::Complete
        };
    }

    fn estimate(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let length = self.end.saturating_sub(self.begin);
        let mut sum = Sum::default();
        if length <= SMALL {
            let bytes = reader.up_to(self.begin, length)?;
            self.add(&bytes, self.begin, &mut sum);
        } else {
            for part in 0..PLACES {
                let middle = length / (2 * PLACES) * (2 * part + 1);
                // What is read at once begins at such places.
                let at = self.begin.saturating_add(middle) / PLACE * PLACE;
                let bytes = reader.up_to(at, PLACE)?;
                self.add(&bytes, at, &mut sum);
                // Where headers agree so far apart, the bit rate is constant.
                if part == 2 && sum.bitrate_bps.is_some() {
                    break;
                }
            }
            let at = self.end.saturating_sub(PLACE);
            let bytes = reader.up_to(at, PLACE.min(length))?;
            let mut last = Sum::default();
            self.add(&bytes, at, &mut last);
            sum.end = last.end;
        }
        self.stream.duration_s = sum.seconds(length);
        if self.kind != Kind::Dts
            && self.kind != Kind::TrueHd
            && let Some(seconds) = self.stream.duration_s
            && sum.bitrate_bps.is_none()
        {
            self.stream.bitrate_bps = bits_per_second(length, seconds);
        }
        if self.kind != Kind::Mpeg {
            self.check_end(&sum, media);
        }
        Ok(())
    }

    /// Adds the frames of a place to the sum.
    fn add(&self, bytes: &[u8], offset: u64, sum: &mut Sum) {
        let Some(mut at) = find(self.kind, bytes) else {
            return;
        };
        while let Some(rest) = bytes.get(at..)
            && let Some(frame) = self.kind.frame(rest)
        {
            let next = at.saturating_add(frame.length);
            sum.end = offset.saturating_add(next as u64);
            if next > bytes.len() {
                break;
            }
            sum.add(frame);
            at = next;
        }
    }

    /// The last place ends with the file: so should its last frame.
    fn check_end(&self, sum: &Sum, media: &mut Media) {
        media.structure = match sum.end {
            end if end == self.end => Structure::Complete,
            end if end > self.end && self.end == media.size_bytes => Structure::Truncated {
                expected_bytes: Some(end),
            },
            _ => Structure::Unchecked,
        };
    }
}

/// What the frames looked at come to.
#[derive(Default)]
struct Sum {
    bytes: u64,
    samples: u64,
    rate_hz: u32,
    /// What all headers say alike; `Some(0)` never.
    bitrate_bps: Option<u64>,
    differs: bool,
    /// Where the last frame ends, as it says itself.
    end: u64,
}

impl Sum {
    fn add(&mut self, frame: frames::Frame) {
        self.bytes += frame.length as u64;
        self.samples += u64::from(frame.samples);
        if frame.rate_hz != 0 {
            self.rate_hz = frame.rate_hz;
        }
        let same = self
            .bitrate_bps
            .is_none_or(|rate| rate == frame.bitrate_bps);
        self.differs |= !same || frame.bitrate_bps == 0;
        self.bitrate_bps = Some(frame.bitrate_bps).filter(|_| !self.differs);
    }

    /// Returns how long so many bytes of such frames last.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an estimate needs no more than a float holds"
    )]
    fn seconds(&self, bytes: u64) -> Option<f64> {
        if let Some(rate) = self.bitrate_bps {
            return Some(bytes as f64 * 8.0 / rate as f64);
        }
        if self.bytes == 0 || self.rate_hz == 0 || self.samples == 0 {
            return None;
        }
        let seconds = codec::seconds(self.samples, self.rate_hz);
        Some(seconds * bytes as f64 / self.bytes as f64)
    }
}

#[cfg(test)]
pub(crate) mod tests;
