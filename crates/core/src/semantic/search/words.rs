//! The words of a query, in the language of the index of words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use videocatalog_models::text::words::words as words_of_name;

use crate::catalog::semantic::SemanticDb;

/// A word that is in every tenth text tells nothing beside others, and takes long in a large index.
const LARGE: u64 = 50_000;
const COMMON_PART: u64 = 10;

/// What is looked for: a word or words that follow one another, as they stand, and as a name with joints is written in the
/// index, as in `IMG 1234`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    word: String,
    apart: Option<String>,
    /// Whether a word may go on: the index takes a sentence for one word where there are no spaces.
    goes_on: bool,
}

impl Wanted {
    fn new(word: String) -> Self {
        let apart = words_of_name(&word);
        let parts = word.split(' ').count();
        Self {
            apart: (apart.len() > parts).then(|| apart.join(" ")),
            goes_on: word.chars().any(is_unspaced),
            word,
        }
    }

    /// Returns it in FTS5's language.
    fn expression(&self) -> String {
        let any = if self.goes_on { " *" } else { "" };
        match &self.apart {
            Some(apart) => format!("\"{}\"{any} OR \"{apart}\"{any}", self.word),
            None => format!("\"{}\"{any}", self.word),
        }
    }
}

/// Returns what is looked for: the words of a text, and between quotation marks words that follow one another.
pub(super) fn words(text: &str) -> Vec<Wanted> {
    let composed: String = text.nfc().collect();
    let parts: Vec<&str> = composed.split('"').collect();
    // A mark that is never closed is none.
    let is_balanced = parts.len() % 2 == 1;
    let mut wanted = Vec::new();
    for (place, part) in parts.into_iter().enumerate() {
        let mut words = part
            .split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c)))
            .filter(|word| !word.is_empty());
        if is_balanced && place % 2 == 1 {
            let phrase = words.collect::<Vec<_>>().join(" ");
            wanted.extend((!phrase.is_empty()).then(|| Wanted::new(phrase)));
        } else {
            wanted.extend(words.by_ref().map(|word| Wanted::new(word.to_owned())));
        }
    }
    wanted
}

/// Returns whether a letter is of a script that puts no spaces between words: Chinese, Japanese, Thai, and Korean, which
/// hangs endings on.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0e7f | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff
            | 0x2_0000..=0x3_ffff)
}

/// Returns words in FTS5's language: any of them. `None` if there is no word.
pub(super) fn expression(words: &[Wanted]) -> Option<String> {
    let words: Vec<String> = words.iter().map(Wanted::expression).collect();
    (!words.is_empty()).then(|| words.join(" OR "))
}

/// Returns the words that tell something. In a large index those that are everywhere are left out, if there are others.
pub(super) fn telling(db: &SemanticDb, documents: u64, words: &[Wanted]) -> Vec<Wanted> {
    if documents < LARGE {
        return words.to_vec();
    }
    let tells = |word: &&Wanted| {
        let parts = words_of_name(&word.word);
        let with = parts
            .iter()
            .map(|part| db.documents_with(part).unwrap_or(0));
        with.min()
            .is_some_and(|with| with > 0 && with <= documents / COMMON_PART)
    };
    let telling: Vec<Wanted> = words.iter().filter(tells).cloned().collect();
    if telling.is_empty() {
        words.to_vec()
    } else {
        telling
    }
}

/// Returns how much a word tells, 0 to 1: one that is everywhere tells nothing, one that is nowhere tells most.
pub(super) fn rarity(db: &SemanticDb, documents: u64, word: &str) -> f32 {
    let with = db.documents_with(word).unwrap_or(0);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a weight of three digits"
    )]
    {
        let all = documents.max(1) as f64;
        let tells = (all / (with as f64 + 1.0)).ln().max(0.0) / (all + 1.0).ln();
        (tells as f32).clamp(0.02, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_index_of_words_are_never_its_language() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(expression(&words(text)).as_deref(), expected, "{text}");
        };
        check(
            "a\"b* NEAR(c) AND -d",
            Some("\"a\" OR \"b\" OR \"NEAR\" OR \"c\" OR \"AND\" OR \"d\""),
        );
        check("\"*()\0", None);
        check("IMG1234", Some("\"IMG1234\" OR \"img 1234\""));
        check("InRome", Some("\"InRome\" OR \"in rome\""));
        check("U\u{308}ber", Some("\"Über\""));
        check("a \"b c\" d", Some("\"a\" OR \"b c\" OR \"d\""));
        check("\"b2 c\"", Some("\"b2 c\" OR \"b 2 c\""));
        check("a \"b c", Some("\"a\" OR \"b\" OR \"c\""));
        check("日本語", Some("\"日本語\" *"));
    }
}
