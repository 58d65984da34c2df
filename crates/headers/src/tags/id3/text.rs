//! Texts of ID3 frames: four encodings, ended by zeros.

/// Removes the zero bytes that were put after 0xff.
pub(super) fn synchronised(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut after_ff = false;
    for byte in bytes {
        if !(after_ff && *byte == 0) {
            out.push(*byte);
        }
        after_ff = *byte == 0xff;
    }
    out
}

/// Returns Latin-1 text up to the first zero.
pub(super) fn until_zero(bytes: &[u8]) -> String {
    latin(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Texts one after the other.
pub(super) struct Strings<'a> {
    encoding: u8,
    rest: &'a [u8],
}

impl<'a> Strings<'a> {
    /// Reads a frame that begins with its encoding.
    pub(super) fn new(payload: &'a [u8]) -> Self {
        match payload.split_first() {
            Some((encoding, rest)) => Self::encoded(*encoding, rest),
            None => Self::encoded(0, &[]),
        }
    }

    /// Reads a frame that begins with encoding and language.
    pub(super) fn after_language(payload: &'a [u8]) -> Option<Self> {
        let (encoding, rest) = payload.split_first()?;
        Some(Self::encoded(*encoding, rest.get(3..)?))
    }

    pub(super) const fn encoded(encoding: u8, rest: &'a [u8]) -> Self {
        Self { encoding, rest }
    }

    /// Returns what follows the texts taken.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn wide(bytes: &[u8], mut big: bool) -> String {
        let mut bytes = bytes;
        if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
            (big, bytes) = (true, rest);
        } else if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
            (big, bytes) = (false, rest);
        }
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| {
            if big {
                u16::from_be_bytes(*pair)
            } else {
                u16::from_le_bytes(*pair)
            }
        });
        char::decode_utf16(units)
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }
}

impl Iterator for Strings<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        let is_wide = matches!(self.encoding, 1 | 2);
        let (end, next) = if is_wide {
            let pairs = self.rest.as_chunks::<2>().0;
            let zero = pairs.iter().position(|pair| *pair == [0, 0]);
            zero.map_or((self.rest.len(), self.rest.len()), |zero| {
                (zero * 2, zero * 2 + 2)
            })
        } else {
            let zero = self.rest.iter().position(|byte| *byte == 0);
            zero.map_or((self.rest.len(), self.rest.len()), |zero| (zero, zero + 1))
        };
        let bytes = self.rest.get(..end).unwrap_or_default();
        self.rest = self.rest.get(next..).unwrap_or_default();
        Some(match self.encoding {
            1 => Self::wide(bytes, false),
            2 => Self::wide(bytes, true),
            3 => String::from_utf8_lossy(bytes).into_owned(),
            _ => latin(bytes),
        })
    }
}
