//! Packets of a program stream: pack headers, tables and elementary streams, found by start codes.

use crate::container::mpeg_ts::pes::{self, Header, Parsed};

/// What stands at a place in the stream.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// The clock in 1/90,000 s.
    Pack(u64),
    /// The map of the streams: its bytes after the length.
    Map(&'a [u8]),
    /// A packet: its header and payload.
    Packet(Header, &'a [u8]),
    /// The end code.
    End,
}

/// Items in a run of bytes.
pub(super) struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the last item that is cut off by the end of the bytes would end.
    pub(super) cut: Option<usize>,
}

impl<'a> Items<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            cut: None,
        }
    }

    /// Returns how many bytes were used.
    pub(super) fn used(&self) -> usize {
        self.at
    }

    /// Returns the next start code of the system layer.
    fn code(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        let found = rest
            .windows(4)
            .position(|window| matches!(window, [0, 0, 1, code] if *code >= 0xb9));
        self.at += found.unwrap_or(rest.len().saturating_sub(3));
        found?;
        self.bytes.get(self.at + 3).copied()
    }

    /// Moves on by a whole item and returns its bytes.
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at + length;
        let item = self.bytes.get(self.at..end);
        if item.is_some() {
            self.at = end;
        } else {
            self.cut = Some(end);
        }
        item
    }

    fn pack(&mut self) -> Option<u64> {
        let head = self.bytes.get(self.at..self.at + 14)?;
        let is_second = head.get(4)? >> 6 == 1;
        let length = if is_second {
            14 + usize::from(head.get(13)? & 7)
        } else {
            12
        };
        let bytes = *head.get(4..)?.first_chunk::<5>()?;
        let clock = if is_second {
            let bits = bytes
                .iter()
                .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (bits >> 35 & 7) << 30 | (bits >> 19 & 0x7fff) << 15 | bits >> 3 & 0x7fff
        } else {
            pes::time(bytes)
        };
        self.take(length)?;
        Some(clock)
    }

    /// Returns the next item, or `Ok(None)` where one was skipped; `Err` at the end.
    fn item(&mut self) -> Result<Option<Item<'a>>, ()> {
        let code = self.code().ok_or(())?;
        match code {
            0xb9 => {
                self.take(4).ok_or(())?;
                return Ok(Some(Item::End));
            }
            0xba => return self.pack().map(|clock| Some(Item::Pack(clock))).ok_or(()),
            _ => {}
        }
        let length = self.bytes.get(self.at + 4..self.at + 6).ok_or(())?;
        let length = length
            .iter()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let item = self.take(6 + length).ok_or(())?;
        Ok(match code {
            0xbc => item.get(6..).map(Item::Map),
            0xbd | 0xbf..=0xef | 0xfd => match pes::parse(item) {
                Parsed::Yes(header) => item
                    .get(header.length..)
                    .map(|payload| Item::Packet(header, payload)),
                Parsed::More | Parsed::No => None,
            },
            _ => None,
        })
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            match self.item() {
                Ok(Some(item)) => return Some(item),
                // At least four bytes were used.
                Ok(None) => {}
                Err(()) => return None,
            }
        }
    }
}
