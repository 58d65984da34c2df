//! Names to bytes and back, without loss, on each system.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

/// Returns the bytes of a name: as they are on Unix, WTF-8 on Windows.
#[cfg(unix)]
pub fn os_to_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(name.as_bytes())
}

/// Returns the name with these bytes; the inverse of [`os_to_bytes`].
#[cfg(unix)]
pub fn bytes_to_os(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).to_os_string()
}

/// Returns the bytes of a name: as they are on Unix, WTF-8 on Windows.
#[cfg(windows)]
pub fn os_to_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    use std::os::windows::ffi::OsStrExt;
    match name.to_str() {
        Some(text) => Cow::Borrowed(text.as_bytes()),
        None => Cow::Owned(wtf8::encode(name.encode_wide())),
    }
}

/// Returns the name with these bytes; the inverse of [`os_to_bytes`].
#[cfg(windows)]
pub fn bytes_to_os(bytes: &[u8]) -> OsString {
    use std::os::windows::ffi::OsStringExt;
    match std::str::from_utf8(bytes) {
        Ok(text) => OsString::from(text),
        Err(_) => OsString::from_wide(&wtf8::decode(bytes)),
    }
}

/// WTF-8 (<https://simonsapin.github.io/wtf-8/>): UTF-8 in which a lone surrogate is three bytes like any other code
/// point of its size. Pure, so that it is tested on every system.
#[cfg_attr(
    not(windows),
    allow(dead_code, reason = "Windows calls it, every system tests it")
)]
mod wtf8 {
    pub(super) fn encode(units: impl Iterator<Item = u16>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(character) => {
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Err(lone) => {
                    let unit = lone.unpaired_surrogate();
                    bytes.extend_from_slice(&[
                        0xE0 | (unit >> 12) as u8,
                        0x80 | ((unit >> 6) & 0x3F) as u8,
                        0x80 | (unit & 0x3F) as u8,
                    ]);
                }
            }
        }
        bytes
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Vec<u16> {
        let mut units = Vec::new();
        while !bytes.is_empty() {
            let valid = match std::str::from_utf8(bytes) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            let (text, rest) = bytes.split_at(valid);
            units.extend(String::from_utf8_lossy(text).encode_utf16());
            bytes = match rest {
                [
                    first @ 0xED,
                    second @ 0xA0..=0xBF,
                    third @ 0x80..=0xBF,
                    rest @ ..,
                ] => {
                    units.push(
                        (u16::from(*first & 0x0F) << 12)
                            | (u16::from(*second & 0x3F) << 6)
                            | u16::from(*third & 0x3F),
                    );
                    rest
                }
                [_, rest @ ..] => {
                    units.push(0xFFFD);
                    rest
                }
                [] => rest,
            };
        }
        units
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn lone_surrogates_survive() {
            for units in [
                vec![0x61, 0xD800, 0x62],
                vec![0xDC00],
                vec![0xD83D, 0xDE00],
                vec![0xD83D, 0xD83D, 0xDE00],
            ] {
                assert_eq!(decode(&encode(units.iter().copied())), units);
            }
        }
    }
}
