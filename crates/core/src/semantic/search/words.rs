//! The words of a query, in the language of the index of words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use videocatalog_models::text::words::words as words_of_name;

use crate::catalog::semantic::SemanticDb;

/// A word that is in every tenth text tells nothing beside others, and takes long in a large index.
const LARGE: u64 = 50_000;
const COMMON_PART: u64 = 10;

/// A word that is looked for: as it stands, and as a name with joints is written in the index, as in `IMG 1234`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    word: String,
    apart: Option<String>,
}

impl Wanted {
    /// Returns it in FTS5's language.
    fn expression(&self) -> String {
        match &self.apart {
            Some(apart) => format!("\"{}\" OR \"{apart}\"", self.word),
            None => format!("\"{}\"", self.word),
        }
    }
}

/// Returns the words of a text, as the index of words has them.
pub(super) fn words(text: &str) -> Vec<Wanted> {
    let composed: String = text.nfc().collect();
    composed
        .split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c)))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let apart = words_of_name(word);
            Wanted {
                word: word.to_owned(),
                apart: (apart.len() > 1).then(|| apart.join(" ")),
            }
        })
        .collect()
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
    }
}
