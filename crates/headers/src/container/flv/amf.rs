//! Action Message Format, version 0: how `onMetaData` is written.

use crate::bytes::Bytes;

/// A value as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Flag(bool),
    Text(String),
    /// Milliseconds since 1970.
    Date(f64),
    /// An object, a list, nothing.
    Other,
}

/// How deep values may lie in each other.
const DEEPEST: u32 = 8;

/// Values looked at in all: indexes of long films have some thousand.
const MOST_VALUES: u32 = 50_000;

/// Returns the outermost names and values of a script tag called `onMetaData`. One that is cut off gives what is there.
pub(super) fn metadata(bytes: &[u8]) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut reader = Amf {
        bytes: Bytes::new(bytes),
        left: MOST_VALUES,
        ended: false,
    };
    if reader.value(0) != Some(Value::Text("onMetaData".to_owned())) {
        return found;
    }
    match reader.bytes.u8() {
        Some(3) => {}
        Some(8) => {
            // The count is a hint at best.
            if reader.bytes.skip(4).is_none() {
                return found;
            }
        }
        _ => return found,
    }
    while let Some((name, value)) = reader.pair(0) {
        found.push((name, value));
    }
    found
}

struct Amf<'a> {
    bytes: Bytes<'a>,
    left: u32,
    /// Whether the last object was closed, not cut off.
    ended: bool,
}

impl Amf<'_> {
    /// Returns the next name and value of an object, or `None` at its end.
    fn pair(&mut self, depth: u32) -> Option<(String, Value)> {
        self.ended = false;
        let length = self.bytes.u16_be()?;
        let name = self.text(length.into())?;
        if name.is_empty() && self.bytes.rest().first() == Some(&9) {
            self.bytes.skip(1)?;
            self.ended = true;
            return None;
        }
        Some((name, self.value(depth)?))
    }

    fn text(&mut self, length: usize) -> Option<String> {
        let bytes = self.bytes.take(length)?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEEPEST {
            return None;
        }
        Some(match self.bytes.u8()? {
            0 => Value::Number(f64::from_be_bytes(self.bytes.array()?)),
            1 => Value::Flag(self.bytes.u8()? != 0),
            2 => {
                let length = self.bytes.u16_be()?;
                Value::Text(self.text(length.into())?)
            }
            3 => self.object(depth)?,
            5 | 6 => Value::Other,
            7 => {
                self.bytes.skip(2)?;
                Value::Other
            }
            8 => {
                self.bytes.skip(4)?;
                self.object(depth)?
            }
            10 => {
                let count = self.bytes.u32_be()?;
                for _ in 0..count {
                    self.value(depth + 1)?;
                }
                Value::Other
            }
            11 => {
                let time = f64::from_be_bytes(self.bytes.array()?);
                self.bytes.skip(2)?;
                Value::Date(time)
            }
            12 => {
                let length = self.bytes.u32_be()?;
                Value::Text(self.text(usize::try_from(length).ok()?)?)
            }
            _ => return None,
        })
    }

    fn object(&mut self, depth: u32) -> Option<Value> {
        while self.pair(depth + 1).is_some() {}
        self.ended.then_some(Value::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_all_kinds() {
        let mut bytes = b"\x02\0\x0aonMetaData\x08\0\0\0\x05".to_vec();
        bytes.extend(b"\0\x01n\0\x40\0\0\0\0\0\0\0");
        bytes.extend(b"\0\x01o\x03\0\x01x\x01\x01\0\0\x09");
        bytes.extend(b"\0\x01a\x0a\0\0\0\x02\x05\x06");
        bytes.extend(b"\0\x01t\x0c\0\0\0\x02hi");
        bytes.extend(b"\0\x01d\x0b\x40\x8f\x40\0\0\0\0\0\0\0");
        bytes.extend(b"\0\x01b\x01\x01\0\0\x09");
        let found = metadata(&bytes);
        let values: Vec<_> = found.iter().map(|(_, value)| value.clone()).collect();
        assert_eq!(
            values,
            [
                Value::Number(2.0),
                Value::Other,
                Value::Other,
                Value::Text("hi".into()),
                Value::Date(1_000.0),
                Value::Flag(true)
            ]
        );
        for end in 0..bytes.len() {
            metadata(&bytes[..end]);
        }
    }

    #[test]
    fn depth_and_counts_are_bounded() {
        let mut bytes = b"\x02\0\x0aonMetaData\x03\0\x01x".to_vec();
        bytes.extend(b"\x0a\xff\xff\xff\xff".repeat(50));
        assert!(metadata(&bytes).is_empty());
    }
}
