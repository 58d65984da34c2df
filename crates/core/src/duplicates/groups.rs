//! Groups of files that are the same to people: around the best of them, never as a chain of likenesses.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::pairs::Evidence;
use crate::catalog::signatures::Facts;

/// Two contents that are the same to people.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) one: usize,
    pub(super) other: usize,
    pub(super) evidence: Evidence,
}

/// Contents around a best one, and what speaks for each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Star {
    /// The one to keep.
    pub(super) best: usize,
    /// Why it, in words.
    pub(super) why: String,
    /// The others.
    pub(super) others: Vec<(usize, Evidence)>,
}

/// How well a disk is; better ones are greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Health {
    Failing,
    Warning,
    #[default]
    Unknown,
    Good,
}

impl Health {
    /// Returns that of a status as it is stored.
    pub(super) fn of(status: &str) -> Self {
        match status {
            "Failing" => Self::Failing,
            "Warning" => Self::Warning,
            "Good" => Self::Good,
            _ => Self::Unknown,
        }
    }
}

/// A content as people judge it, with the health of the best drive that it is on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rated {
    pub(super) facts: Facts,
    pub(super) health: Health,
}

/// By what one is better than another, the first that differs decides; larger is better.
type Order = (u64, i64, u8, bool, u32, Health, u64);

impl Rated {
    fn pixels(&self) -> u64 {
        let (width, height) = self.facts.size.unwrap_or((0, 0));
        u64::from(width) * u64::from(height)
    }

    fn order(&self) -> Order {
        (
            self.pixels(),
            bitrate_step(self.facts.bitrate_bps),
            codec_rank(self.facts.codec.as_deref()),
            self.facts.hdr.is_some(),
            self.facts.audio_streams,
            self.health,
            self.facts.size_bytes,
        )
    }
}

/// Bit rates within about a quarter are equally good: the codec says more then.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a logarithm"
)]
fn bitrate_step(bits: Option<u64>) -> i64 {
    bits.map_or(0, |bits| ((bits.max(1) as f64).log2() * 3.0) as i64)
}

/// Returns how much a codec makes of its bits.
fn codec_rank(codec: Option<&str>) -> u8 {
    match codec {
        Some("av1") => 5,
        Some("hevc" | "vvc" | "vp9") => 4,
        Some("h264" | "opus") => 3,
        Some("vp8" | "mpeg4" | "vc1" | "wmv3" | "aac" | "vorbis") => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// Returns the groups that pairs make.
pub(super) fn stars(contents: &HashMap<usize, Rated>, pairs: &[Pair]) -> Vec<Star> {
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
    let mut order: Vec<(usize, &Rated)> = contents
        .iter()
        .filter(|(content, _)| beside.contains_key(content))
        .map(|(content, rated)| (*content, rated))
        .collect();
    order.sort_by_cached_key(|(content, rated)| {
        (Reverse(rated.order()), rated.facts.path.clone(), *content)
    });
    let mut taken: HashSet<usize> = HashSet::new();
    let mut stars = Vec::new();
    for (best, rated) in order {
        if taken.contains(&best) {
            continue;
        }
        let mut others: Vec<(usize, Evidence)> = beside
            .get(&best)
            .into_iter()
            .flatten()
            .filter(|(other, _)| !taken.contains(other) && contents.contains_key(other))
            .map(|(other, evidence)| (*other, (*evidence).clone()))
            .collect();
        if others.is_empty() {
            continue;
        }
        others.sort_by(|one, other| {
            let by_score = other.1.score.total_cmp(&one.1.score);
            by_score.then(one.0.cmp(&other.0))
        });
        taken.insert(best);
        taken.extend(others.iter().map(|(other, _)| *other));
        let next = others.iter().filter_map(|(other, _)| contents.get(other));
        let next = next.max_by(|one, other| one.order().cmp(&other.order()));
        stars.push(Star {
            best,
            why: next.map_or_else(String::new, |next| why(rated, next)),
            others,
        });
    }
    stars
}

/// Returns by what a content is better than the next best.
fn why(best: &Rated, next: &Rated) -> String {
    let (a, b) = (&best.facts, &next.facts);
    let size = |facts: &Facts| {
        let (width, height) = facts.size.unwrap_or((0, 0));
        format!("{width} × {height}")
    };
    let codec = |facts: &Facts| facts.codec.clone().unwrap_or_else(|| "none".into());
    let kbit = |facts: &Facts| facts.bitrate_bps.unwrap_or(0) / 1_000;
    if best.pixels() != next.pixels() {
        format!("the larger picture, {} over {}", size(a), size(b))
    } else if bitrate_step(a.bitrate_bps) != bitrate_step(b.bitrate_bps) {
        format!("the higher bit rate, {} over {} kbit/s", kbit(a), kbit(b))
    } else if codec_rank(a.codec.as_deref()) != codec_rank(b.codec.as_deref()) {
        let (a, b) = (codec(a), codec(b));
        format!("the better codec at about the same bit rate, {a} over {b}")
    } else if a.hdr.is_some() != b.hdr.is_some() {
        "the high dynamic range".into()
    } else if a.audio_streams != b.audio_streams {
        let (a, b) = (a.audio_streams, b.audio_streams);
        format!("more sound tracks, {a} over {b}")
    } else if best.health != next.health {
        "the healthier drive".into()
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

    fn file(path: &str, size: (u32, u32), bitrate_bps: u64) -> Rated {
        let facts = Facts {
            path: path.as_bytes().to_vec(),
            size_bytes: 1_000,
            duration_s: Some(60.0),
            size: Some(size),
            bitrate_bps: Some(bitrate_bps),
            audio_streams: 1,
            ..Facts::default()
        };
        Rated {
            facts,
            health: Health::Unknown,
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
        let files: HashMap<usize, Rated> = files.into_iter().enumerate().collect();
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

    type Change = fn(&mut Rated);

    #[test]
    fn rules_decide_in_their_order() {
        let with = |change: fn(&mut Rated)| {
            let mut rated = file("a", (640, 360), 1_000);
            change(&mut rated);
            rated
        };
        let better: [(Change, &str); 4] = [
            (
                |rated| rated.facts.codec = Some("hevc".into()),
                "the better codec at about the same bit rate, hevc over h264",
            ),
            (
                |rated| rated.facts.hdr = Some("hdr10".into()),
                "the high dynamic range",
            ),
            (|rated| rated.health = Health::Good, "the healthier drive"),
            (|rated| rated.facts.size_bytes = 2_000, "the longer file"),
        ];
        for (change, words) in better {
            let mut best = with(|rated| rated.facts.codec = Some("h264".into()));
            change(&mut best);
            let next = with(|rated| rated.facts.codec = Some("h264".into()));
            assert!(best.order() > next.order(), "{words}");
            assert_eq!(why(&best, &next), words);
        }
    }
}
