//! Putting together what several ways to search found.

use std::collections::{HashMap, HashSet};

use super::Mode;
use crate::catalog::semantic::{Found, Kind};

/// Where reciprocal ranks begin.
const RRF_K: f64 = 60.0;

/// What is near: a text, or a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    pub(super) found: Found,
    pub(super) kind: Kind,
}

/// A file with the document that speaks most for it, and how much.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub(super) file: i64,
    pub(super) score: f64,
    pub(super) mode: Mode,
    pub(super) near: Option<Near>,
    pub(super) worded: Option<Found>,
}

/// Puts texts and frames together: of each file what is nearer, the nearest first.
pub(super) fn together(texts: Vec<Found>, frames: Vec<Found>) -> Vec<Near> {
    let near = |kind| move |found| Near { found, kind };
    let texts = texts.into_iter().map(near(Kind::Documents));
    let mut all: Vec<Near> = texts
        .chain(frames.into_iter().map(near(Kind::Frames)))
        .collect();
    all.sort_by(|a, b| b.found.score.total_cmp(&a.found.score));
    let mut seen = HashSet::new();
    all.retain(|near| seen.insert(near.found.file));
    all
}

/// Returns files with their scores, the best first. `worded` is by BM25, where less is better.
pub(super) fn rank(
    mode: Mode,
    weight: Option<f64>,
    near: &[Near],
    worded: &[Found],
) -> Vec<Ranked> {
    let mut ranked: HashMap<i64, Ranked> = HashMap::new();
    let best = worded.first().map_or(1.0, |found| found.score);
    let mut add = |found: &Found, near: Option<Near>, score: f64| {
        let entry = ranked.entry(found.file).or_insert(Ranked {
            file: found.file,
            score: 0.0,
            mode: if near.is_some() {
                Mode::Ann
            } else {
                Mode::Text
            },
            near: None,
            worded: None,
        });
        entry.score += score;
        match near {
            Some(near) => entry.near = Some(near),
            None => entry.worded = Some(*found),
        }
        if entry.near.is_some() && entry.worded.is_some() {
            entry.mode = Mode::Hybrid;
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "ten thousand at most")]
    let reciprocal = |place: usize| (RRF_K + 1.0) / (RRF_K + 1.0 + place as f64) / 2.0;
    for (place, near) in near.iter().enumerate() {
        let similarity = near.found.score.clamp(0.0, 1.0);
        let score = match (mode, weight) {
            (Mode::Hybrid, Some(weight)) => weight * similarity,
            (Mode::Hybrid, None) => reciprocal(place),
            _ => similarity,
        };
        add(&near.found, Some(*near), score);
    }
    for (place, found) in worded.iter().enumerate() {
        // BM25 is negative, and more so for what fits better.
        let share = if best < 0.0 {
            (found.score / best).clamp(0.0, 1.0)
        } else {
            1.0
        };
        let score = match (mode, weight) {
            (Mode::Hybrid, Some(weight)) => (1.0 - weight) * share,
            (Mode::Hybrid, None) => reciprocal(place),
            _ => share,
        };
        add(found, None, score);
    }
    let mut ranked: Vec<Ranked> = ranked.into_values().collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.file.cmp(&b.file)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_first_in_both_comes_first() {
        let found = |file, score| Found {
            document: file,
            file,
            score,
        };
        let texts = vec![found(1, 0.9), found(2, 0.8), found(3, 0.1)];
        let near = together(texts, vec![found(3, 0.05)]);
        let worded = [found(2, -8.0), found(4, -2.0)];
        let files = |mode, weight| -> Vec<i64> {
            rank(mode, weight, &near, &worded)
                .iter()
                .map(|ranked| ranked.file)
                .collect()
        };
        assert_eq!(files(Mode::Hybrid, None), [2, 1, 4, 3]);
        assert_eq!(files(Mode::Hybrid, Some(1.0))[..3], [1, 2, 3]);
        assert_eq!(files(Mode::Hybrid, Some(0.0))[..2], [2, 4]);
        let hybrid = rank(Mode::Hybrid, None, &near[1..2], &worded[..1]);
        assert!((hybrid[0].score - 1.0).abs() < 1e-9 && hybrid[0].mode == Mode::Hybrid);
        let text = rank(Mode::Text, None, &[], &worded);
        assert!((text[0].score - 1.0).abs() < 1e-9 && (text[1].score - 0.25).abs() < 1e-9);
    }
}
