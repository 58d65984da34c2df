//! MPEG program streams: MPG, VOB.
//!
//! There is no table of streams that could be trusted: a stream is there once a packet of it was met. The beginning is read
//! as far as streams usually begin, the end for the last times.

mod packets;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::mpeg_ts::elementary::{Codec, Elementary};
use super::mpeg_ts::pes::Header;
use super::mpeg_ts::{TAIL, finish, timing};
use crate::{Media, Reader, Stop, StreamKind, Structure};
use packets::{Item, Items};

/// Bytes read at once at the beginning; more than the longest packet.
const CHUNK: u64 = 128 << 10;

/// Bytes read at most at the beginning.
const HEAD: u64 = 896 << 10;

/// Bytes read at least: a stream may begin a little later than the others.
const LEAST: u64 = 256 << 10;

/// As much on discs, where streams come and go.
const LEAST_OF_DISC: u64 = 512 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut demux = Demux::default();
    let mut result = gather(reader, &mut demux);
    demux.streams.iter_mut().for_each(Elementary::ask);
    if result.is_ok() {
        result = ends(reader, &mut demux, media);
    }
    finish(demux.streams, 0, media);
    result?;
    check(reader, media)
}

/// What is known so far.
#[derive(Debug, Default)]
struct Demux {
    streams: Vec<Elementary>,
    /// Streams by ffprobe's number.
    numbers: BTreeMap<u16, usize>,
    /// Types of streams by their id, where there is a map.
    types: BTreeMap<u8, u8>,
    first_clock: Option<u64>,
    last_clock: Option<u64>,
}

impl Demux {
    fn push(&mut self, item: &Item<'_>) {
        match item {
            Item::Pack(clock) => {
                self.first_clock.get_or_insert(*clock);
            }
            Item::Map(map) => self.map(map),
            Item::Packet(header, payload) => {
                let Some((number, payload)) = number(header, payload) else {
                    return;
                };
                let Some(index) = self.index(number) else {
                    return;
                };
                if let Some(stream) = self.streams.get_mut(index) {
                    stream.begin(header.pts, header.dts);
                    stream.push(payload);
                }
            }
            Item::End => {}
        }
    }

    /// Notes the types of a program stream map (ISO/IEC 13818-1, 2.5.4).
    fn map(&mut self, map: &[u8]) {
        let mut bytes = crate::bytes::Bytes::new(map);
        let mut read = || {
            bytes.skip(2)?;
            let info = bytes.u16_be()?;
            bytes.skip(info.into())?;
            let length = bytes.u16_be()?;
            bytes.take(length.into())
        };
        let Some(entries) = read() else {
            return;
        };
        let mut bytes = crate::bytes::Bytes::new(entries);
        while let (Some(stream_type), Some(id), Some(length)) =
            (bytes.u8(), bytes.u8(), bytes.u16_be())
        {
            self.types.insert(id, stream_type);
            if bytes.skip(length.into()).is_none() {
                break;
            }
        }
    }

    fn index(&mut self, number: u16) -> Option<usize> {
        if let Some(index) = self.numbers.get(&number) {
            return Some(*index);
        }
        let id = u8::try_from(number & 0xff).unwrap_or_default();
        let mut stream = elementary(number, self.types.get(&id).copied())?;
        stream.base.id = Some(number.into());
        self.streams.push(stream);
        self.numbers.insert(number, self.streams.len() - 1);
        Some(self.streams.len() - 1)
    }

    fn push_end(&mut self, item: &Item<'_>) {
        match item {
            Item::Pack(clock) => self.last_clock = Some(*clock),
            Item::Packet(header, payload) => {
                if let Some((number, payload)) = number(header, payload)
                    && let Some(pts) = header.pts
                    && let Some(index) = self.numbers.get(&number)
                    && let Some(stream) = self.streams.get_mut(*index)
                {
                    let lasts = stream.packet_ticks(payload.len() as u64);
                    stream.times.note_end(pts, lasts);
                }
            }
            Item::Map(_) | Item::End => {}
        }
    }
}

/// Returns the number ffprobe gives a packet's stream, and its payload without what private streams put before it.
fn number<'a>(header: &Header, payload: &'a [u8]) -> Option<(u16, &'a [u8])> {
    match header.stream_id {
        // Private stream 1 says what it carries: sound, with three or four bytes before the frames, or subtitles.
        0xbd => {
            // Some writers put AC-3 there as it is.
            if payload.starts_with(&[0x0b, 0x77]) {
                return Some((0x80, payload));
            }
            let (id, rest) = payload.split_first()?;
            let skip = match id {
                0x80..=0xaf | 0xc0..=0xcf => 3,
                0xb0..=0xbf => 4,
                _ => 0,
            };
            Some((u16::from(*id), rest.get(skip..)?))
        }
        0xfd => Some((
            0xfd00 | u16::from(header.extension.unwrap_or_default()),
            payload,
        )),
        id => Some((0x100 | u16::from(id), payload)),
    }
}

/// The number of the packets by which players find their way on a disc.
const NAVIGATION: u16 = 0x1bf;

/// Returns the stream of a number.
fn elementary(number: u16, stream_type: Option<u8>) -> Option<Elementary> {
    let by_type = stream_type.and_then(|stream_type| {
        Some(match stream_type {
            0x01 | 0x02 => Codec::Mpeg2,
            0x03 | 0x04 => Codec::MpegAudio,
            0x0f => Codec::Adts,
            0x10 => Codec::Mpeg4,
            0x1b => Codec::H264,
            0x24 => Codec::Hevc,
            0x81 => Codec::Ac3,
            _ => return None,
        })
    });
    if let Some(codec) = by_type {
        return Some(Elementary::new(codec));
    }
    let codec = match number {
        0x1e0..=0x1ef => Codec::AnyVideo,
        0x1c0..=0x1df => Codec::MpegAudio,
        0x80..=0x87 | 0xc0..=0xcf => Codec::Ac3,
        0x88..=0x8f | 0x98..=0x9f => Codec::Dts,
        0xa0..=0xaf => Codec::DvdLpcm,
        0xb0..=0xbf => Codec::TrueHd,
        0xfd55..=0xfd5f => Codec::Vc1,
        NAVIGATION => return Some(Elementary::named(StreamKind::Data, "dvd_nav_packet")),
        0x20..=0x3f => return Some(Elementary::named(StreamKind::Subtitle, "dvd_subtitle")),
        _ => return None,
    };
    let mut elementary = Elementary::new(codec);
    if codec == Codec::MpegAudio {
        "mp2".clone_into(&mut elementary.base.codec);
    }
    Some(elementary)
}

/// Reads the beginning until everything is known.
fn gather(reader: &mut Reader<'_>, demux: &mut Demux) -> Result<(), Stop> {
    let mut offset = 0;
    let end = reader.length().min(HEAD);
    while offset < end {
        let bytes = reader.up_to(offset, CHUNK)?;
        let mut items = Items::new(&bytes);
        for item in items.by_ref() {
            demux.push(&item);
        }
        if items.used() == 0 {
            break;
        }
        offset += items.used() as u64;
        let least = if demux.numbers.contains_key(&NAVIGATION) {
            LEAST_OF_DISC
        } else {
            LEAST
        };
        if offset >= least && demux.streams.iter_mut().all(Elementary::is_known) {
            break;
        }
    }
    Ok(())
}

/// Reads the last times; once more further up if a stream is not among the last packets.
fn ends(reader: &mut Reader<'_>, demux: &mut Demux, media: &mut Media) -> Result<(), Stop> {
    for pass in 1..=2 {
        let from = reader.length().saturating_sub(TAIL * pass);
        let bytes = reader.up_to(from, TAIL)?;
        let mut items = Items::new(&bytes);
        for item in items.by_ref() {
            demux.push_end(&item);
        }
        if pass == 1 {
            media.structure = tail(&items, from, &bytes);
            media.duration_s = by_clock(demux);
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

/// The clock of the packs counts where no stream has times.
fn by_clock(demux: &Demux) -> Option<f64> {
    if demux
        .streams
        .iter()
        .any(|stream| stream.times.duration.is_some())
    {
        return None;
    }
    let ticks = timing::since(demux.first_clock?, demux.last_clock?);
    (ticks > 0).then(|| timing::ticks_in_seconds(ticks))
}

/// Zeros at the end that are more than stuffing.
const ZEROS: usize = 8 << 10;

/// Judges the end of the file: whole packets, a piece of one, or zeros.
fn tail(items: &Items<'_>, from: u64, bytes: &[u8]) -> Structure {
    let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    if zeros >= ZEROS {
        return Structure::Zeros {
            at: from + (bytes.len() - zeros) as u64,
        };
    }
    match items.cut {
        Some(end) => Structure::Truncated {
            expected_bytes: Some(from + end as u64),
        },
        None => Structure::Complete,
    }
}

/// Bytes looked through in the middle of the file: no packet is longer.
const SAMPLE: u64 = 66 << 10;

/// Looks for packets in the middle of the file.
fn check(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    if reader.length() < HEAD {
        return Ok(());
    }
    for quarter in [1, 2, 3] {
        let at = reader.length() / 4 * quarter;
        // Discs have a pack every 2,048 bytes, others every few kilobytes.
        let bytes = reader.up_to(at, 8 << 10)?;
        if Items::new(&bytes).next().is_some() {
            continue;
        }
        if bytes.iter().all(|byte| *byte == 0) {
            media.structure = Structure::Zeros { at };
            return Ok(());
        }
        let bytes = reader.up_to(at, SAMPLE)?;
        let has_codes = bytes
            .windows(4)
            .any(|window| matches!(window, [0, 0, 1, 0xb9..=0xef | 0xfd]));
        if !has_codes {
            return Err(Stop::Damaged {
                what: "no packets where there should be some",
                at,
            });
        }
    }
    Ok(())
}
