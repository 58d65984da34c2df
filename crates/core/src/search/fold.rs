//! Folding: names and queries are compared in a form in which case, accents and compatibility forms do not count.
//!
//! A letter is decomposed (NFKD), its accents are dropped, and it is mapped to upper and then to lower case, which makes
//! `ß` of `ẞ` and `ss` of both. What is dropped are marks that readers take for accents or points: of Latin, Greek,
//! Cyrillic, Hebrew and Arabic. Marks that make another letter of it stay: voiced kana, the nukta, the virama, tone marks
//! of Thai, vowel signs of Indic scripts. Letters with a stroke, which Unicode does not decompose, become the plain ones.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Appends the folded form of a name or a part of a query. Bytes that are no UTF-8 stay as they are.
pub fn fold_into(text: &[u8], folded: &mut Vec<u8>) {
    let mut left = text;
    while !left.is_empty() {
        let plain = left.iter().take_while(|byte| byte.is_ascii()).count();
        let (ascii, rest) = left.split_at(plain);
        folded.extend(ascii.iter().map(u8::to_ascii_lowercase));
        // Most names are plain but for a letter or two; nothing in such a letter depends on what stands around it.
        let other = rest.iter().take_while(|byte| !byte.is_ascii()).count();
        let (other, rest) = rest.split_at(other);
        fold_other(other, folded);
        left = rest;
    }
}

fn fold_other(text: &[u8], folded: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        let mut buffer = [0; 4];
        for character in chunk.valid().nfkd().filter(|&c| !is_accent(c)) {
            for upper in plain(character).to_uppercase() {
                for lower in upper.to_lowercase() {
                    folded.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
                }
            }
        }
        folded.extend_from_slice(chunk.invalid());
    }
}

/// Returns the folded form of a name or a part of a query.
pub fn fold(text: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// Combining classes: 1 overlays, 10 to 36 points of Hebrew, Arabic and Syriac, 200 and more accents by their place.
fn is_accent(character: char) -> bool {
    !character.is_ascii()
        && matches!(
            canonical_combining_class(character),
            1 | 10..=36 | 200..=u8::MAX
        )
}

fn plain(character: char) -> char {
    match character {
        'ø' | 'Ø' => 'o',
        'ł' | 'Ł' => 'l',
        'đ' | 'Đ' | 'ð' | 'Ð' => 'd',
        'ħ' | 'Ħ' => 'h',
        'ŧ' | 'Ŧ' => 't',
        'ı' => 'i',
        'ẞ' => 'ß',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, folded: &str) {
        assert_eq!(String::from_utf8(fold(text.as_bytes())).unwrap(), folded);
    }

    #[test]
    fn case_and_accents_do_not_count() {
        check("Čapek – R.U.R. (1938).MKV", "capek – r.u.r. (1938).mkv");
        check("C\u{30c}apek", "capek");
        check("STRASSE straße STRAẞE", "strasse strasse strasse");
        check("Łódź, Đakovo, Ærø", "lodz, dakovo, æro");
        check("ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ σισυφοσ");
        check("İstanbul Iğdır", "istanbul igdir");
        check("Ёлка йод", "елка иод");
        check("ＡＢＣ①ﬁ", "abc1fi");
        check("\u{5e9}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}", "שלום");
    }

    #[test]
    fn marks_that_make_another_letter_stay() {
        assert_ne!(fold("が".as_bytes()), fold("か".as_bytes()));
        assert_ne!(fold("ग़".as_bytes()), fold("ग".as_bytes()));
        assert_ne!(fold("มา".as_bytes()), fold("ม้า".as_bytes()));
    }

    #[test]
    fn other_bytes_stay() {
        assert_eq!(fold(b"Caf\xe9 \xc4\x8cA"), b"caf\xe9 ca");
    }
}
