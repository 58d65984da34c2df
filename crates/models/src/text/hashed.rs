//! The embedding that is built in: words and their parts, hashed into a few numbers.
//!
//! It knows no meanings, but that `documentaries` is nearly `documentary` and that `birthdy` was to be `birthday`. Each
//! word, each three letters of it and each pair of neighbours falls on one number with one sign (feature hashing, Weinberger
//! et al. 2009); the result is brought to length one. The same text gives the same bytes on every machine. How rare a word
//! is counts where something is looked for, not where it is kept: so no vector has to change when others come.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::words::words;
use super::{TextEmbedder, each};
use crate::runtime::ModelError;

/// Another number whenever the arithmetic changes.
const VERSION: u32 = 1;

/// What a word counts, its parts together, and a pair of words.
const WORD: f32 = 1.0;
const PARTS: f32 = 0.8;
const PAIR: f32 = 0.3;

/// Words in nearly every name, which say little.
const COMMON: [&str; 40] = [
    "a", "an", "and", "at", "by", "das", "de", "den", "der", "des", "die", "du", "e", "el", "et",
    "for", "from", "i", "in", "is", "la", "le", "les", "my", "of", "on", "or", "s", "the", "to",
    "und", "von", "with", "www", "x", "y", "da", "do", "il", "un",
];

/// The built-in embedder.
#[derive(Clone, Debug)]
pub struct Hashed {
    id: String,
    dim: usize,
}

impl Hashed {
    /// How the ids of all built-in embedders begin, whatever their version and length.
    pub const FAMILY: &'static str = "built-in-";

    /// Makes vectors of so many numbers, at least one.
    pub fn new(dim: usize) -> Self {
        let dim = dim.max(1);
        Self {
            id: format!("{}{VERSION}-{dim}", Self::FAMILY),
            dim,
        }
    }

    fn vector(&self, text: &str, rarity: &dyn Fn(&str) -> f32) -> Vec<f32> {
        let words = words(text);
        let mut features: HashMap<u64, f32, BuildHasherDefault<Plain>> = HashMap::default();
        let mut add = |kind: u8, bytes: &[&[u8]], weight: f32| {
            *features.entry(hash(kind, bytes)).or_default() += weight;
        };
        let mut before: Option<&str> = None;
        for word in &words {
            let weight = if COMMON.contains(&word.as_str()) {
                0.15
            } else {
                rarity(word)
            };
            add(0, &[word.as_bytes()], WORD * weight);
            parts(word, &mut |part, share| {
                add(1, &[part.as_bytes()], PARTS * weight * share);
            });
            if let Some(before) = before {
                add(2, &[before.as_bytes(), word.as_bytes()], PAIR * weight);
            }
            before = Some(word);
        }
        let mut vector = vec![0.0_f32; self.dim];
        // A fixed order, as sums of fractions depend on it.
        let mut features: Vec<(u64, f32)> = features.into_iter().collect();
        features.sort_unstable_by_key(|(hash, _)| *hash);
        for (hash, weight) in features {
            // What is said often is said louder, but not as often as it is said.
            let loud = weight.max(0.0).sqrt();
            let place = usize::try_from((hash >> 1) % self.dim as u64).unwrap_or(0);
            if let Some(number) = vector.get_mut(place) {
                *number += if hash & 1 == 0 { loud } else { -loud };
            }
        }
        if crate::normalise(&mut vector).is_err() {
            vector.fill(0.0);
        }
        vector
    }
}

impl TextEmbedder for Hashed {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn embed(
        &self,
        texts: &[String],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        each(texts, is_stopped, |text| Ok(self.vector(text, &|_| 1.0)))
    }

    fn embed_query(
        &self,
        text: &str,
        rarity: &dyn Fn(&str) -> f32,
        _is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        Ok(self.vector(text, rarity))
    }
}

/// Calls `take` with each three letters of a word, its ends marked, and with their share in the word.
fn parts(word: &str, take: &mut dyn FnMut(&str, f32)) {
    let marked: Vec<char> = std::iter::once('^')
        .chain(word.chars())
        .chain(std::iter::once('$'))
        .collect();
    let count = marked.len().saturating_sub(2);
    // A number is itself or another one, never nearly.
    if count < 2 || word.chars().all(char::is_numeric) {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "forty at most")]
    let share = 1.0 / count as f32;
    let mut text = String::with_capacity(12);
    for three in marked.windows(3) {
        text.clear();
        text.extend(three);
        take(&text, share);
    }
}

/// FNV-1a of 64 bits, its bits mixed well at the end (Appleby's finaliser): the same on every machine and in every version.
fn hash(kind: u8, parts: &[&[u8]]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ u64::from(kind);
    for part in parts {
        for byte in part.iter().copied().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// Takes a hash for a hash.
#[derive(Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f32 {
        let embedder = Hashed::new(256);
        let vectors = embedder
            .embed(&[a.to_owned(), b.to_owned()], &|| false)
            .unwrap();
        vectors[0].iter().zip(&vectors[1]).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn what_is_spelt_alike_is_near() {
        assert!(similarity("Birthday Party 2019", "birthday_party.2019") > 0.99);
        assert!(
            similarity("documentaries", "documentary") > similarity("documentaries", "holiday")
        );
        assert!(similarity("birthdy", "birthday") > 0.25);
        assert!(similarity("sunset over the sea", "tax return 2018").abs() < 0.2);
    }

    #[test]
    fn the_same_text_gives_the_same_bytes_everywhere() {
        let vector = Hashed::new(8).vector("Holiday in Rome", &|_| 1.0);
        let expected = blake3::hash(bytemuck::cast_slice(&vector)).to_hex();
        assert_eq!(&expected[..16], "117b2291ffdb3860", "{vector:?}");
    }

    #[test]
    fn a_text_without_words_has_no_direction() {
        let vectors = Hashed::new(16)
            .embed(&["...".into(), String::new()], &|| false)
            .unwrap();
        assert!(vectors.iter().flatten().all(|number| *number == 0.0));
        assert!(Hashed::new(16).embed(&["a".into()], &|| true).is_err());
    }
}
