//! The first packets: frames of codecs that say more of themselves, and how far apart pictures are.

use super::{Header, Object};
use crate::bytes::Bytes;
use crate::container::avi::payload;
use crate::{Media, Ratio, Reader, Stop, Stream};

/// Bytes of packets read.
const MOST_BYTES: u64 = 64 << 10;

/// Bytes between the beginning of the data and the first packet, after identifier and size.
const DATA_HEAD: u64 = 26;

/// Bytes of a frame that are put together.
const LONGEST_FRAME: usize = 32 << 10;

/// Payloads of one packet have numbers of six bits.
const MOST_STREAMS: usize = 128;

/// What the packets say of one stream.
#[derive(Clone, Debug, Default)]
struct Seen {
    is_stream: bool,
    /// Whether the first frame's bytes are wanted.
    wants_frame: bool,
    /// Whether the header does not say how many frames there are a second.
    wants_rate: bool,
    frame: Vec<u8>,
    /// Frames begun.
    count: u64,
    first_ms: u32,
    last_ms: u32,
}

/// Reads the first packets, if anything in them is worth knowing.
pub(super) fn first(
    reader: &mut Reader<'_>,
    data: &Object,
    header: &Header,
    media: &mut Media,
) -> Result<(), Stop> {
    let Some(size) = header.packet_size.map(u64::from) else {
        return Ok(());
    };
    let mut seen = vec![Seen::default(); MOST_STREAMS];
    for (facts, seen) in header.streams.iter().zip(&mut seen) {
        if let Some(stream) = facts.stream.and_then(|index| media.streams.get(index)) {
            let video = stream.video.as_ref();
            seen.is_stream = true;
            seen.wants_frame = payload::wants_payload(stream);
            seen.wants_rate = video.is_some_and(|video| video.frame_rate.is_none());
        }
    }
    let mut at = data.body + DATA_HEAD;
    let end = data.end.max(at).min(reader.length()).min(at + MOST_BYTES);
    while at + size <= end && seen.iter().any(Seen::is_incomplete) {
        let bytes = reader.bytes(at, size)?;
        packet(&bytes, &mut seen);
        at += size;
    }
    for (facts, seen) in header.streams.iter().zip(&seen) {
        if let Some(stream) = facts.stream.and_then(|index| media.streams.get_mut(index)) {
            seen.note(stream);
        }
    }
    lengthen(&seen, media);
    Ok(())
}

/// Where streams begin at different times, ffprobe takes the film to last from the first's beginning until the last one has
/// played as long as the header says.
fn lengthen(seen: &[Seen], media: &mut Media) {
    if media
        .streams
        .iter()
        .any(|stream| matches!(stream.codec.as_str(), "h264" | "hevc"))
    {
        // Pictures come in another order than they are shown in: the first one's time is not the beginning.
        return;
    }
    let starts = seen.iter().filter(|seen| seen.is_stream && seen.count > 0);
    let starts: Vec<u32> = starts.map(|seen| seen.first_ms).collect();
    if let (Some(first), Some(last), Some(seconds)) = (
        starts.iter().min(),
        starts.iter().max(),
        &mut media.duration_s,
    ) && last - first < 60_000
    {
        *seconds += f64::from(last - first) / 1_000.0;
    }
}

/// Reads a number whose length two bits say.
fn sized(bytes: &mut Bytes<'_>, bits: u8) -> Option<u32> {
    match bits & 3 {
        0 => Some(0),
        1 => bytes.u8().map(u32::from),
        2 => bytes.u16_le().map(u32::from),
        _ => bytes.u32_le(),
    }
}

fn packet(bytes: &[u8], seen: &mut [Seen]) -> Option<()> {
    let mut rest = Bytes::new(bytes);
    let mut lengths = rest.u8()?;
    if lengths & 0x80 != 0 {
        // Bytes of error correction, which nobody uses.
        rest.skip(usize::from(lengths & 0x0f))?;
        lengths = rest.u8()?;
    }
    let properties = rest.u8()?;
    sized(&mut rest, lengths >> 5)?;
    sized(&mut rest, lengths >> 1)?;
    let padding = usize::try_from(sized(&mut rest, lengths >> 3)?).ok()?;
    // When it was sent and for how long.
    rest.skip(4 + 2)?;
    let left = rest.left().checked_sub(padding)?;
    let mut rest = Bytes::new(rest.take(left)?);
    if lengths & 1 == 0 {
        return one(&mut rest, properties, None, seen);
    }
    let flags = rest.u8()?;
    for _ in 0..flags & 0x3f {
        one(&mut rest, properties, Some(flags >> 6), seen)?;
    }
    Some(())
}

/// Reads one payload; `length` says how the length of one of several is written.
fn one(rest: &mut Bytes<'_>, properties: u8, length: Option<u8>, seen: &mut [Seen]) -> Option<()> {
    let number = usize::from(rest.u8()? & 0x7f);
    sized(rest, properties >> 4)?;
    let offset = sized(rest, properties >> 2)?;
    let replicated = usize::try_from(sized(rest, properties)?).ok()?;
    let replicated = rest.take(replicated)?;
    let size = match length {
        Some(bits) => usize::try_from(sized(rest, bits)?).ok()?,
        None => rest.left(),
    };
    let data = rest.take(size)?;
    let seen = seen.get_mut(number)?;
    if replicated.len() == 1 {
        // Several short frames in one payload; where its offset would be is a time.
        let mut parts = Bytes::new(data);
        while let Some(size) = parts.u8() {
            let part = parts.take(usize::from(size))?;
            seen.begin(offset);
            seen.append(part);
        }
        return Some(());
    }
    if offset == 0 {
        let mut times = Bytes::new(replicated);
        times.skip(4)?;
        seen.begin(times.u32_le()?);
    }
    seen.append(data);
    Some(())
}

impl Seen {
    /// Returns whether there is more to be learnt from the packets.
    const fn is_incomplete(&self) -> bool {
        self.is_stream && (self.count == 0 || self.wants_rate || self.wants_frame && self.count < 2)
    }

    /// Notes what was seen of a stream.
    fn note(&self, stream: &mut Stream) {
        payload::frame(&self.frame, stream);
        if self.wants_rate && self.count > 2 {
            let span = u64::from(self.last_ms.saturating_sub(self.first_ms));
            let rate = usual_rate((self.count - 1) * 1_000, span, 400);
            stream.video_mut().frame_rate = rate;
        }
    }

    fn begin(&mut self, time_ms: u32) {
        if self.count == 0 {
            self.first_ms = time_ms;
        }
        // Pictures may come in another order than they are shown in.
        self.first_ms = self.first_ms.min(time_ms);
        self.last_ms = self.last_ms.max(time_ms);
        self.count += 1;
    }

    fn append(&mut self, data: &[u8]) {
        if self.wants_frame && self.count == 1 && self.frame.len() < LONGEST_FRAME {
            self.frame.extend_from_slice(data);
        }
    }
}

/// Returns the usual frame rate nearest to `num / den`, if it is off by no more than one part in `precision`; else the
/// fraction itself.
pub(super) fn usual_rate(num: u64, den: u64, precision: u64) -> Option<Ratio> {
    const USUAL: &[(u64, u64)] = &[
        (25, 1),
        (30_000, 1_001),
        (24_000, 1_001),
        (30, 1),
        (24, 1),
        (50, 1),
        (60_000, 1_001),
        (60, 1),
        (15, 1),
        (15_000, 1_001),
        (10, 1),
        (12, 1),
        (20, 1),
        (5, 1),
        (100, 1),
        (120, 1),
    ];
    let (num, den) = (u128::from(num), u128::from(den));
    if den == 0 {
        return None;
    }
    let off = |(usual_num, usual_den): &(u64, u64)| {
        let wanted = u128::from(*usual_num) * den;
        let found = num * u128::from(*usual_den);
        // In parts of the rate, so that rates can be compared.
        wanted.abs_diff(found).saturating_mul(1_000_000_000) / wanted.max(1)
    };
    let best = USUAL.iter().min_by_key(|usual| off(usual))?;
    if off(best) <= u128::from(1_000_000_000 / precision.max(1)) {
        return Ratio::new(best.0, best.1);
    }
    Ratio::new(u64::try_from(num).ok()?, u64::try_from(den).ok()?)
}
