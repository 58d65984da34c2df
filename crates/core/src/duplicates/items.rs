//! What is compared: fingerprints of contents, read once, those that were compared before first.

use std::collections::HashMap;

use videocatalog_fingerprint::keyframes::Signature;

use super::library::Library;
use super::sounds;
use crate::catalog::signatures::{self, Signed};

/// Films whose lengths differ by more are not the same film: by a tenth, and by ten seconds of short ones.
const LONGER_BY: f64 = 0.1;
const LONGER_BY_S: f64 = 10.0;

/// A content with its fingerprints, as far as they are needed to find others that are like it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Place among the contents of the library.
    pub(super) content: usize,
    pub(super) is_film: bool,
    /// Playing time in seconds; 0 if nobody knows.
    pub(super) length_s: f64,
    pub(super) keyframes: Option<Signature>,
    /// By which like sounds are found; empty where the sound says nothing.
    pub(super) sound_keys: Vec<u32>,
    /// Pictures in which something happens, for finding parts.
    pub(super) scenes: Vec<u64>,
}

/// Contents in order: what was compared before, then what is new, each by length.
pub(super) struct Items {
    pub(super) all: Vec<Item>,
    /// How many were compared before.
    pub(super) known: usize,
}

impl Items {
    /// Reads the fingerprints of a library of which the contents in `is_new` were not compared yet.
    pub(super) fn read(library: &Library<'_>, is_new: &[bool]) -> rusqlite::Result<Self> {
        let mut all = Vec::new();
        for (drive, read) in library.drives.iter().enumerate() {
            let wanted: HashMap<i64, usize> = library
                .contents
                .iter()
                .enumerate()
                .filter_map(|(content, one)| {
                    let first = one.copies.first()?;
                    (first.drive == drive).then_some((first.file_id, content))
                })
                .collect();
            signatures::each_signed(&read.shard, |signed| {
                if let Some(content) = wanted.get(&signed.file_id) {
                    all.push(Item::new(*content, signed));
                }
            })?;
        }
        Ok(Self::new(all, |item: &Item| {
            is_new.get(item.content).copied().unwrap_or(true)
        }))
    }

    pub(super) fn new(mut all: Vec<Item>, is_new: impl Fn(&Item) -> bool) -> Self {
        all.sort_by(|one, other| {
            let by_age = is_new(one).cmp(&is_new(other));
            let by_length = one.length_s.total_cmp(&other.length_s);
            by_age.then(by_length).then(one.content.cmp(&other.content))
        });
        let known = all.partition_point(|item| !is_new(item));
        Self { all, known }
    }
}

impl Item {
    fn new(content: usize, signed: Signed) -> Self {
        let sound_keys = signed
            .sound
            .filter(sounds::is_telling)
            .map(|sound| sounds::keys(&sound));
        let scenes = signed.timeline.map(|timeline| {
            let scenes = timeline.scenes().into_iter();
            scenes.map(|(_, bits)| bits).collect()
        });
        Self {
            content,
            is_film: signed.is_film,
            length_s: signed.duration_s.unwrap_or(0.0),
            keyframes: signed.keyframes.filter(|signature| !signature.is_blank()),
            sound_keys: sound_keys.unwrap_or_default(),
            scenes: scenes.unwrap_or_default(),
        }
    }
}

/// Returns between which lengths a film may be the same as one of this length.
pub(super) fn like_lengths(length_s: f64) -> (f64, f64) {
    let shortest = (length_s / (1.0 + LONGER_BY)).min(length_s - LONGER_BY_S);
    let longest = (length_s * (1.0 + LONGER_BY)).max(length_s + LONGER_BY_S);
    (shortest, longest)
}

/// Returns whether one of two is so much longer that they are not the same, but one may be a part of the other.
pub(super) fn is_part_length(one: &Item, other: &Item) -> bool {
    let (shortest, longest) = like_lengths(one.length_s);
    let is_known = one.length_s > 0.0 && other.length_s > 0.0;
    is_known && !(shortest..=longest).contains(&other.length_s)
}
