//! EBML (RFC 8794): elements, each an id, a size and a body.

use crate::{Reader, Stop};

/// An element's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// The id with its length marker, as specifications write it.
    pub(super) id: u32,
    /// Where the id begins.
    pub(super) at: u64,
    /// Where the body begins.
    pub(super) body: u64,
    /// Length of the body; none where the writer did not know.
    pub(super) size: Option<u64>,
}

/// Children looked at in one element: no real file has as many outside clusters and cues.
const MOST_CHILDREN: usize = 20_000;

/// Bytes kept of a text.
const LONGEST_TEXT: u64 = 8 << 10;

impl Element {
    /// Returns where the body ends, as far as known.
    pub(super) fn end(&self) -> Option<u64> {
        self.size.map(|size| self.body.saturating_add(size))
    }

    /// Returns an unsigned number; 0 for one that has no bytes.
    pub(super) fn number(&self, reader: &mut Reader<'_>) -> Result<u64, Stop> {
        let count = self.size.unwrap_or_default();
        if count > 8 {
            return Err(Stop::Damaged {
                what: "a number of more than eight bytes",
                at: self.at,
            });
        }
        let bytes = reader.bytes(self.body, count)?;
        Ok(bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// Returns whether a number is not 0.
    pub(super) fn flag(&self, reader: &mut Reader<'_>) -> Result<bool, Stop> {
        self.number(reader).map(|number| number != 0)
    }

    /// Returns a number of four or eight bytes with a fraction; 0 otherwise.
    pub(super) fn float(&self, reader: &mut Reader<'_>) -> Result<f64, Stop> {
        Ok(match self.size {
            Some(4) => f64::from(f32::from_be_bytes(reader.array(self.body)?)),
            Some(8) => f64::from_be_bytes(reader.array(self.body)?),
            _ => 0.0,
        })
    }

    /// Returns a text up to its first zero byte.
    pub(super) fn text(&self, reader: &mut Reader<'_>) -> Result<String, Stop> {
        let count = self.size.unwrap_or_default().min(LONGEST_TEXT);
        let bytes = reader.bytes(self.body, count)?;
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// Returns the body's first bytes, at most `most`.
    pub(super) fn bytes(&self, reader: &mut Reader<'_>, most: u64) -> Result<Vec<u8>, Stop> {
        reader.bytes(self.body, self.size.unwrap_or_default().min(most))
    }

    /// Hands each child to `each`.
    pub(super) fn children(
        &self,
        reader: &mut Reader<'_>,
        mut each: impl FnMut(&mut Reader<'_>, &Element) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut at = self.body;
        let end = self.end().unwrap_or(reader.length());
        for _ in 0..MOST_CHILDREN {
            if at >= end {
                break;
            }
            let child = element(reader, at)?;
            at = child.end().unwrap_or(end);
            if at > end {
                return Err(Stop::Damaged {
                    what: "an element larger than its parent",
                    at: child.at,
                });
            }
            each(reader, &child)?;
        }
        Ok(())
    }
}

/// Reads the beginning of an element.
pub(super) fn element(reader: &mut Reader<'_>, at: u64) -> Result<Element, Stop> {
    let head = reader.up_to(at, 12)?;
    let none = || Stop::Damaged {
        what: "something that is no element",
        at,
    };
    let Some(first) = head.first() else {
        return Err(Stop::End {
            expected: at.saturating_add(2),
        });
    };
    let id_length = first.leading_zeros() as usize + 1;
    if id_length > 4 {
        return Err(none());
    }
    let short = |length: usize| Stop::End {
        expected: at.saturating_add(length as u64),
    };
    let (id, rest) = head
        .split_at_checked(id_length)
        .ok_or_else(|| short(id_length + 1))?;
    let id = id.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let (size, length) = match variable(rest) {
        Some(found) => found,
        None if rest.first() == Some(&0) => return Err(none()),
        None => return Err(short(id_length + 8)),
    };
    Ok(Element {
        id,
        at,
        body: at.saturating_add((id_length + length) as u64),
        size,
    })
}

/// Returns a number of variable length (none: all its bits are set, which means "unknown") and how many bytes it takes.
pub(super) fn variable(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let all = bytes.get(..length)?;
    let value = all
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mask = (1_u64 << (7 * length)) - 1;
    let value = value & mask;
    Some(((value != mask).then_some(value), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length() {
        assert_eq!(variable(&[0x81]), Some((Some(1), 1)));
        assert_eq!(variable(&[0x40, 0x02]), Some((Some(2), 2)));
        assert_eq!(variable(&[0xff]), Some((None, 1)));
        assert_eq!(
            variable(&[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]),
            Some((Some((1 << 56) - 2), 8))
        );
        assert_eq!(variable(&[0; 9]), None);
        assert_eq!(variable(&[0x40]), None);
    }
}
