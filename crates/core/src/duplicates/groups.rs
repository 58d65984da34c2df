//! Groups of files that are the same to people: around the best of them, never as a chain of likenesses.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::pairs::{Evidence, Pair};
use crate::catalog::signatures::SignedFile;

/// Files around a best one: places, and what speaks for each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Star {
    /// The file to keep.
    pub(super) best: usize,
    /// Why it, in words.
    pub(super) why: String,
    /// The others.
    pub(super) others: Vec<(usize, Evidence)>,
}

/// By what one file is better than another; larger is better.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Quality {
    pixels: u64,
    bitrate_bps: u64,
    has_hdr: bool,
    audio_streams: u32,
    size_bytes: u64,
}

impl Quality {
    fn of(file: &SignedFile) -> Self {
        let (width, height) = file.size.unwrap_or((0, 0));
        Self {
            pixels: u64::from(width) * u64::from(height),
            bitrate_bps: file.bitrate_bps.unwrap_or(0),
            has_hdr: file.hdr.is_some(),
            audio_streams: file.audio_streams,
            size_bytes: file.size_bytes,
        }
    }

    fn order(self) -> impl Ord {
        (
            self.pixels,
            self.bitrate_bps,
            self.has_hdr,
            self.audio_streams,
            self.size_bytes,
        )
    }
}

/// Returns the groups that pairs make.
pub(super) fn stars(files: &[&SignedFile], pairs: &[Pair]) -> Vec<Star> {
    let mut beside: HashMap<usize, Vec<(usize, &Evidence)>> = HashMap::new();
    for pair in pairs {
        beside
            .entry(pair.one)
            .or_default()
            .push((pair.other, &pair.evidence));
        beside
            .entry(pair.other)
            .or_default()
            .push((pair.one, &pair.evidence));
    }
    let mut order: Vec<(usize, &SignedFile)> = files
        .iter()
        .copied()
        .enumerate()
        .filter(|(place, _)| beside.contains_key(place))
        .collect();
    order.sort_by_cached_key(|(_, file)| (Reverse(Quality::of(file).order()), file.path.clone()));
    let mut is_taken = vec![false; files.len()];
    let mut stars = Vec::new();
    for (best, file) in order {
        if is_taken.get(best).copied().unwrap_or(true) {
            continue;
        }
        let mut others: Vec<(usize, Evidence)> = beside
            .get(&best)
            .into_iter()
            .flatten()
            .filter(|(other, _)| !is_taken.get(*other).copied().unwrap_or(true))
            .map(|(other, evidence)| (*other, (*evidence).clone()))
            .collect();
        if others.is_empty() {
            continue;
        }
        others.sort_by(|one, other| {
            other
                .1
                .score
                .total_cmp(&one.1.score)
                .then(one.0.cmp(&other.0))
        });
        for place in others.iter().map(|(place, _)| *place).chain([best]) {
            if let Some(taken) = is_taken.get_mut(place) {
                *taken = true;
            }
        }
        let next = others
            .iter()
            .filter_map(|(place, _)| files.get(*place).copied());
        let next = next.max_by(|one, other| {
            let (one, other) = (Quality::of(one), Quality::of(other));
            one.order().cmp(&other.order())
        });
        stars.push(Star {
            best,
            why: next.map_or_else(String::new, |next| why(file, next)),
            others,
        });
    }
    stars
}

/// Returns by what a file is better than the next best.
fn why(best: &SignedFile, next: &SignedFile) -> String {
    let (a, b) = (Quality::of(best), Quality::of(next));
    let size = |file: &SignedFile| {
        let (width, height) = file.size.unwrap_or((0, 0));
        format!("{width} × {height}")
    };
    if a.pixels != b.pixels {
        format!("the larger picture, {} over {}", size(best), size(next))
    } else if a.bitrate_bps != b.bitrate_bps {
        let kbit = |bits: u64| bits / 1_000;
        let (a, b) = (kbit(a.bitrate_bps), kbit(b.bitrate_bps));
        format!("the higher bit rate, {a} over {b} kbit/s")
    } else if a.has_hdr != b.has_hdr {
        "the high dynamic range".into()
    } else if a.audio_streams != b.audio_streams {
        format!(
            "more sound tracks, {} over {}",
            a.audio_streams, b.audio_streams
        )
    } else if a.size_bytes != b.size_bytes {
        "the longer file".into()
    } else {
        "the first by its path: they are equally good".into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pairs::Reason;
    use super::*;

    fn file(path: &str, size: (u32, u32), bitrate_bps: u64) -> SignedFile {
        SignedFile {
            file_id: 1,
            path: path.as_bytes().to_vec(),
            size_bytes: 1_000,
            hash: None,
            is_video: true,
            duration_s: Some(60.0),
            size: Some(size),
            bitrate_bps: Some(bitrate_bps),
            hdr: None,
            audio_streams: 1,
            keyframes: None,
            sound: None,
            has_tmk: false,
        }
    }

    fn pair(one: usize, other: usize, score: f64) -> Pair {
        let evidence = Evidence {
            reason: Reason::Video,
            score,
            ..Evidence::exact()
        };
        Pair {
            one,
            other,
            evidence,
        }
    }

    #[test]
    fn a_group_is_around_its_best_file_and_no_chain() {
        let files = [
            file("a", (640, 360), 900),
            file("b", (1_920, 1_080), 4_000),
            file("c", (1_280, 720), 2_000),
            file("d", (640, 360), 800),
            file("e", (640, 360), 800),
        ];
        // d is like a, but not like b: it is in no group of b's.
        let pairs = [
            pair(0, 1, 0.9),
            pair(1, 2, 0.95),
            pair(0, 3, 0.8),
            pair(3, 4, 0.9),
        ];
        let files: Vec<&SignedFile> = files.iter().collect();
        let stars = stars(&files, &pairs);
        let told: Vec<(usize, Vec<usize>)> = stars
            .iter()
            .map(|star| {
                (
                    star.best,
                    star.others.iter().map(|(place, _)| *place).collect(),
                )
            })
            .collect();
        assert_eq!(told, [(1, vec![2, 0]), (3, vec![4])]);
        assert_eq!(
            stars[0].why,
            "the larger picture, 1920 × 1080 over 1280 × 720"
        );
        assert_eq!(stars[1].why, "the first by its path: they are equally good");
    }
}
