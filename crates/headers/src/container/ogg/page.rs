//! Pages (RFC 3533) and the packets they carry.

use crate::bytes::Bytes;
use crate::{Reader, Stop};

/// Bytes kept of a packet.
const LONGEST_PACKET: usize = 1 << 20;

/// The longest header: 27 bytes and a table of 255.
const LONGEST_HEADER: u64 = 27 + 255;

/// One page.
pub(super) struct Page {
    pub(super) offset: u64,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// Its first packet began on an earlier page.
    pub(super) is_continued: bool,
    pub(super) granule: i64,
    pub(super) serial: u32,
    /// Where its packets begin.
    pub(super) payload: u64,
    /// Bytes of its packets.
    pub(super) size: u64,
    table: Vec<u8>,
}

impl Page {
    /// Reads the header of the page at `at`; `None` where there is none.
    pub(super) fn read(reader: &mut Reader<'_>, at: u64) -> Result<Option<Self>, Stop> {
        let head = reader.up_to(at, LONGEST_HEADER)?;
        if head.starts_with(b"OggS") && head.len() < 27 {
            return Err(Stop::End { expected: at + 27 });
        }
        let page = Self::parse(&head, at);
        match page {
            Some(page) if page.end() > reader.length() => Err(Stop::End {
                expected: page.end(),
            }),
            page => Ok(page),
        }
    }

    pub(super) fn parse(bytes: &[u8], offset: u64) -> Option<Self> {
        let mut bytes = Bytes::new(bytes.strip_prefix(b"OggS")?);
        let [version, flags] = bytes.array()?;
        let granule = i64::from_le_bytes(bytes.array()?);
        let serial = bytes.u32_le()?;
        bytes.skip(8)?;
        let count = usize::from(bytes.u8()?);
        let table = bytes.take(count)?.to_vec();
        let size = table.iter().map(|size| u64::from(*size)).sum();
        (version == 0 && flags < 8).then_some(Self {
            offset,
            is_first: flags & 2 != 0,
            is_last: flags & 4 != 0,
            is_continued: flags & 1 != 0,
            granule,
            serial,
            payload: offset + 27 + count as u64,
            size,
            table,
        })
    }

    /// Returns how many packets end on it.
    pub(super) fn packets(&self) -> u32 {
        let count = self.table.iter().filter(|size| **size < 255).count();
        u32::try_from(count).unwrap_or(0)
    }

    pub(super) fn end(&self) -> u64 {
        self.payload + self.size
    }
}

/// Puts packets together.
#[derive(Default)]
pub(super) struct Packets {
    held: Vec<u8>,
}

impl Packets {
    /// Hands on all packets that end on this page.
    pub(super) fn add(&mut self, page: &Page, payload: &[u8], mut take: impl FnMut(&[u8])) {
        if !page.is_continued {
            self.held.clear();
        }
        let mut rest = payload;
        for size in &page.table {
            let Some((part, after)) = rest.split_at_checked((*size).into()) else {
                return;
            };
            rest = after;
            if self.held.len() < LONGEST_PACKET {
                self.held.extend(part);
            }
            if *size < 255 {
                take(&self.held);
                self.held.clear();
            }
        }
    }

    /// Returns what there is of a packet whose end was not seen.
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.held
    }
}
