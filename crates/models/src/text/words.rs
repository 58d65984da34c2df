//! Words of a text, as names of files have them: case, accents and joints aside.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters kept of a word.
const LONGEST: usize = 40;

/// Returns the words of a text in order: lower case without accents, cut where letters meet digits or a small letter meets
/// a capital one.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before: Option<char> = None;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        let is_joint = before.is_some_and(|before| {
            before.is_numeric() != c.is_numeric() || (before.is_lowercase() && c.is_uppercase())
        });
        if (is_joint || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        before = c.is_alphanumeric().then_some(c);
        if before.is_some() && word.chars().count() < LONGEST {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_fall_into_words() {
        let check = |text: &str, expected: &[&str]| assert_eq!(words(text), expected);
        check("Über_den.Dächern-2019", &["uber", "den", "dachern", "2019"]);
        check(
            "HolidayInRome IMG1234",
            &["holiday", "in", "rome", "img", "1234"],
        );
        check("s01e02", &["s", "01", "e", "02"]);
        check("", &[]);
        check("  ..", &[]);
        check("日本 ﬁlm", &["日本", "film"]);
    }
}
