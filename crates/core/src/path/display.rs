//! File names are hostile: what is shown must not steer the terminal or turn the line around.

use std::borrow::Cow;
use std::path::Path;

/// Returns `bytes` as text for a terminal, a log or a label: control characters, bidirectional overrides and bytes that
/// are no UTF-8 are escaped (`\n`, `\u{202e}`, `\xff`).
pub fn printable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(is_hostile)
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_hostile(character) {
                shown.extend(character.escape_default());
            } else {
                shown.push(character);
            }
        }
        for byte in chunk.invalid() {
            shown.push_str("\\x");
            for digit in [byte >> 4, byte & 0xf] {
                shown.extend(char::from_digit(u32::from(digit), 16));
            }
        }
    }
    Cow::Owned(shown)
}

/// Returns `path` as text for a message, escaped like [`printable`].
pub fn printable_path(path: &Path) -> String {
    printable(&super::os_to_bytes(path.as_os_str())).into_owned()
}

/// Returns whether a character could steer a terminal or reorder a line.
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_escaped() {
        for (bytes, expected) in [
            (b"plain name.mp4".as_slice(), "plain name.mp4"),
            ("été.mkv".as_bytes(), "été.mkv"),
            (b"new\nline", "new\\nline"),
            (b"\x1b[31mred", "\\u{1b}[31mred"),
            ("gpj\u{202e}exe".as_bytes(), "gpj\\u{202e}exe"),
            (b"caf\xe9.avi", "caf\\xe9.avi"),
        ] {
            assert_eq!(printable(bytes), expected);
        }
    }
}
