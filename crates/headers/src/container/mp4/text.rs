//! Text as writers of films put it: UTF-8, UTF-16, or what the Macintosh had before.

/// Returns text in UTF-8, or UTF-16 where a byte-order mark says so.
pub(super) fn unicode(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        _ => String::from_utf8_lossy(until_zero(bytes)).into_owned(),
    }
}

/// Returns text in UTF-16, big end first unless a mark says otherwise.
pub(super) fn utf16(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => unicode(bytes),
        _ => wide(bytes, u16::from_be_bytes),
    }
}

/// Returns text in the Macintosh's own characters. Text that is UTF-8 is taken as such: many writers never knew another.
pub(super) fn macintosh(bytes: &[u8]) -> String {
    let bytes = until_zero(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    bytes
        .iter()
        .map(|byte| match byte.checked_sub(0x80) {
            None => char::from(*byte),
            Some(high) => ROMAN
                .chars()
                .nth(high.into())
                .unwrap_or(char::REPLACEMENT_CHARACTER),
        })
        .collect()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn wide(bytes: &[u8], number: fn([u8; 2]) -> u16) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| number(*unit));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Mac OS Roman from 0x80 on.
const ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_text() {
        assert_eq!(ROMAN.chars().count(), 128);
        assert_eq!(macintosh(b"caf\x8e\0x"), "café");
        assert_eq!(macintosh("café".as_bytes()), "café");
        assert_eq!(unicode(b"\xfe\xff\0A\x20\xac"), "A€");
        assert_eq!(utf16(b"\0A\0B\0\0\0C"), "AB");
    }
}
