//! Boxes (`QuickTime` calls them atoms): a length, a name and what is inside.
//!
//! Nothing here descends by itself: whoever wants the inside of a box asks for it by name, so that the depth is that of the
//! code and never the file's.

use crate::{Reader, Stop};

/// Boxes looked at inside one.
const MOST_CHILDREN: usize = 1_024;

/// Bytes after which a box counts as long.
const LONG: u64 = 48 << 10;

/// One box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) kind: [u8; 4],
    /// Where its header begins.
    pub(crate) at: u64,
    /// Where its content begins.
    pub(crate) body: u64,
    /// First byte after it, as it says itself; for a length of 0 the end of what it lies in.
    pub(crate) end: u64,
    /// Whether its length is 0: all that is left.
    pub(crate) open: bool,
}

impl Part {
    /// Reads a header at `at` of something that ends at `limit`. `None`: no box, but a run of zeros or a length that cannot be.
    pub(crate) fn read(reader: &mut Reader<'_>, at: u64, limit: u64) -> Result<Option<Self>, Stop> {
        // In something long, what lies around the header is a table that nobody will read.
        let mut head = [0; 8];
        if limit.saturating_sub(at) > LONG {
            reader.sip(at, &mut head)?;
        } else {
            reader.read_exact(at, &mut head)?;
        }
        let [a, b, c, d, kind @ ..] = head;
        let short = u32::from_be_bytes([a, b, c, d]);
        let (head, size) = match short {
            0 if kind == [0; 4] => return Ok(None),
            0 => (8, limit.saturating_sub(at)),
            1 => (16, u64::from_be_bytes(reader.array(at.saturating_add(8))?)),
            size => (8, size.into()),
        };
        if size < head {
            return Ok(None);
        }
        Ok(Some(Self {
            kind,
            at,
            body: at.saturating_add(head),
            end: at.saturating_add(size),
            open: short == 0,
        }))
    }

    /// Returns the length of its content.
    pub(crate) const fn length(&self) -> u64 {
        self.end.saturating_sub(self.body)
    }

    /// Returns the content, but no more than `most` bytes of it.
    pub(crate) fn bytes(&self, reader: &mut Reader<'_>, most: u64) -> Result<Vec<u8>, Stop> {
        reader.up_to(self.body, self.length().min(most))
    }

    /// Returns the box without the first bytes of its content: version and flags, counts.
    pub(crate) fn skip(&self, bytes: u64) -> Self {
        Self {
            body: self.body.saturating_add(bytes).min(self.end),
            ..*self
        }
    }

    /// Calls for every box inside. One that reaches beyond its parent is shown as far as it lies within, and ends it.
    pub(crate) fn children(
        &self,
        reader: &mut Reader<'_>,
        mut call: impl FnMut(&mut Reader<'_>, &Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut at = self.body;
        for _ in 0..MOST_CHILDREN {
            // QuickTime ends some lists with four zeros.
            if at.saturating_add(8) > self.end {
                break;
            }
            let Some(part) = Self::read(reader, at, self.end)? else {
                break;
            };
            if part.end > self.end {
                let inside = Self {
                    end: self.end,
                    ..part
                };
                call(reader, &inside)?;
                return Err(Stop::Damaged {
                    what: "a box larger than the one it lies in",
                    at,
                });
            }
            call(reader, &part)?;
            at = part.end;
        }
        Ok(())
    }

    /// Returns the first box of this name inside.
    pub(crate) fn child(
        &self,
        reader: &mut Reader<'_>,
        kind: [u8; 4],
    ) -> Result<Option<Self>, Stop> {
        let mut found = None;
        self.children(reader, |_, part| {
            if found.is_none() && part.kind == kind {
                found = Some(*part);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Returns the name as text, where it is one.
pub(crate) fn name(kind: [u8; 4]) -> String {
    kind.iter()
        .map(|byte| match byte {
            0x20..=0x7e => char::from(*byte).to_string(),
            0xa9 => "©".to_owned(),
            _ => format!("[{byte}]"),
        })
        .collect()
}
