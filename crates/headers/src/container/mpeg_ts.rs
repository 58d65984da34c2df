//! MPEG transport streams: TS, M2TS.
//!
//! What there is stands in tables that repeat, so the beginning is read until every stream is described. How long it lasts is
//! known only by the last times in the file, so the end is read as well. Bytes between are sampled in a few places.

mod demux;
mod descriptors;
pub(crate) mod elementary;
mod latm;
mod lpcm;
mod packets;
pub(crate) mod pes;
mod psi;
mod rate;
pub(crate) mod timing;

#[cfg(test)]
pub(crate) mod tests;

use crate::{Media, Reader, Stop, Structure};
use demux::Demux;
use elementary::Elementary;
use packets::{Layout, Packets};
use timing::Span;

/// Bytes read at once at the beginning.
const CHUNK: u64 = 128 << 10;

/// Bytes read at most at the beginning.
const HEAD: u64 = 896 << 10;

/// After so many bytes streams that are announced but not there are given up.
const PATIENCE: u64 = 512 << 10;

/// Bytes read at the end: as many as ffprobe reads, so that the same times are found.
pub(crate) const TAIL: u64 = 250_000;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let head = reader.up_to(0, 4_096)?;
    let Some(layout) = Layout::of(&head) else {
        return Err(Stop::Damaged {
            what: "no packets",
            at: 0,
        });
    };
    if layout.size == 192 {
        media.variant = Some("M2TS".to_owned());
    }
    let mut demux = Demux::default();
    let mut result = gather(reader, layout, &mut demux);
    if result.is_ok() && demux.streams.is_empty() {
        demux = Demux::guessing();
        result = gather(reader, layout, &mut demux);
    }
    if result.is_ok() {
        result = ends(reader, layout, &mut demux, media);
    }
    media.tags.append(&mut demux.tags);
    finish(demux.streams, demux.programs.len(), media);
    result?;
    check(reader, layout, media)
}

/// Reads the beginning until everything is known.
fn gather(reader: &mut Reader<'_>, layout: Layout, demux: &mut Demux) -> Result<(), Stop> {
    let mut offset = 0;
    let end = reader.length().min(HEAD);
    // A recording may begin with packets of streams, and their maps come later: what came before is kept until then.
    let mut waiting = Vec::new();
    while offset < end {
        let bytes = reader.up_to(offset, CHUNK)?;
        let mut packets = Packets::new(&bytes, layout);
        for packet in packets.by_ref() {
            demux.push_table(&packet);
        }
        // Where nothing looks like a packet, all but a possible beginning of one is left behind.
        let lost = bytes.len().saturating_sub(3 * layout.size);
        let used = packets.used().max(lost).max(1);
        offset += used as u64;
        let is_late = offset >= PATIENCE;
        waiting.push((bytes, used));
        if !demux.has_maps() && !is_late && offset < end {
            continue;
        }
        if demux.is_blind() {
            break;
        }
        for (bytes, used) in waiting.drain(..) {
            let bytes = bytes.get(..used).unwrap_or_default();
            Packets::new(bytes, layout).for_each(|packet| demux.push(&packet));
        }
        if demux.is_known(!is_late) && !demux.streams.is_empty() {
            break;
        }
    }
    demux.streams.iter_mut().for_each(Elementary::ask);
    Ok(())
}

/// Reads the last times; once more further up if a stream is not among the last packets.
fn ends(
    reader: &mut Reader<'_>,
    layout: Layout,
    demux: &mut Demux,
    media: &mut Media,
) -> Result<(), Stop> {
    let size = layout.size as u64;
    for pass in 1..=2 {
        let before = reader.length().saturating_sub(TAIL * pass);
        let from = before.next_multiple_of(size);
        let bytes = reader.up_to(from, TAIL)?;
        let mut ends = demux.ends();
        let mut packets = Packets::new(&bytes, layout);
        for packet in packets.by_ref() {
            ends.push(&packet);
        }
        let clock = ends.finish();
        if pass == 1 {
            media.structure = tail(layout, from, &bytes, packets.used());
            media.duration_s = by_clock(demux, clock);
        }
        let is_complete = demux
            .streams
            .iter()
            .all(|stream| !stream.is_main() || stream.times.duration.is_some());
        if is_complete || from == 0 {
            break;
        }
    }
    Ok(())
}

/// The clock counts where no stream has times.
fn by_clock(demux: &Demux, last: Option<u64>) -> Option<f64> {
    let (_, first) = demux.clock?;
    let has_times = |stream: &Elementary| stream.times.duration.is_some();
    if demux.streams.iter().any(has_times) {
        return None;
    }
    let ticks = timing::since(first, last?);
    (ticks > 0).then(|| timing::ticks_in_seconds(ticks))
}

/// Judges the end of the file: whole packets, a piece of one, or zeros.
fn tail(layout: Layout, from: u64, bytes: &[u8], used: usize) -> Structure {
    let rest = bytes.get(used..).unwrap_or_default();
    // Zeros are space that was set aside and never written; a packet has at least its first byte.
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    if zeros >= 4 * layout.size {
        return Structure::Zeros {
            at: from + (bytes.len() - zeros) as u64,
        };
    }
    if rest.is_empty() || rest.len() >= layout.size {
        return Structure::Complete;
    }
    match rest.get(layout.skip) {
        Some(0x47) | None => Structure::Truncated {
            expected_bytes: None,
        },
        Some(_) => Structure::Complete,
    }
}

/// Turns what was gathered into streams, and their times into the film's.
pub(crate) fn finish(streams: Vec<Elementary>, programs: usize, media: &mut Media) {
    let spans: Vec<Span<'_>> = streams
        .iter()
        .map(|stream| Span {
            times: &stream.times,
            main: stream.is_main(),
            programs: &stream.programs,
        })
        .collect();
    let duration = timing::duration(&spans, programs);
    media.duration_s = duration.or(media.duration_s);
    for elementary in streams {
        let own = elementary.times.duration.map(timing::ticks_in_seconds);
        let absent = elementary.times.first.is_none();
        let mut stream = elementary.finish();
        // A stream without times is taken to last as long as the film.
        stream.duration_s = own.or(if absent { duration } else { None });
        media.streams.push(stream);
    }
}

/// Places between beginning and end that are looked at, in quarters of the file.
const SAMPLES: [u64; 3] = [1, 2, 3];

/// Looks for packets in the middle of the file.
fn check(reader: &mut Reader<'_>, layout: Layout, media: &mut Media) -> Result<(), Stop> {
    let size = layout.size as u64;
    if reader.length() < HEAD {
        return Ok(());
    }
    for quarter in SAMPLES {
        let at = reader.length() / 4 * quarter / size * size;
        let bytes = reader.up_to(at, 4_096)?;
        if layout.is_synced(&bytes, 8) {
            continue;
        }
        if bytes.iter().all(|byte| *byte == 0) {
            media.structure = Structure::Zeros { at };
            return Ok(());
        }
        // Lost bytes move the packets that follow; players find them again.
        if layout.resync(&bytes).is_none() {
            return Err(Stop::Damaged {
                what: "no packets where there should be some",
                at,
            });
        }
    }
    Ok(())
}
