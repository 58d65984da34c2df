//! Measures what fingerprints cost, in microseconds of wall time on one thread: `measure [SECONDS]`.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};
use videocatalog_fingerprint::{pdq, tmk};

fn main() {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(2.0);
    let limit = Duration::from_secs_f64(seconds);
    let films: Vec<tmk::Tmk> = (1..9).map(|seed| film(200, seed)).collect();
    let frames = frames(64, 1);

    let mut builder = tmk::Builder::new();
    measure("TMK, a frame", limit, || {
        for frame in &frames {
            builder.push_rgb24(black_box(frame));
        }
        frames.len()
    });
    let features = pdq::Features([0.5; 256]);
    measure("TMK, a frame whose features are known", limit, || {
        (0..64).for_each(|_| builder.push(black_box(&features)));
        64
    });
    measure("TMK, reading a file", limit, {
        let bytes = films.first().map(tmk::Tmk::to_bytes).unwrap_or_default();
        move || usize::from(black_box(tmk::Tmk::from_bytes(&bytes)).is_ok())
    });
    measure("TMK level 1, a pair", limit, || {
        pairs(&films, |a, b| black_box(a.level1(b)).is_ok())
    });
    measure("TMK level 2, every shift, a pair", limit, || {
        pairs(&films, |a, b| black_box(tmk::level2_exact(a, b)).is_ok())
    });
    let mut matcher = tmk::Matcher::new();
    measure("TMK level 2, a pair", limit, || {
        pairs(&films, |a, b| black_box(matcher.level2(a, b)).is_ok())
    });
}

/// Repeats work until the time is over and prints the quickest round, divided by what it counted.
fn measure(what: &str, limit: Duration, mut work: impl FnMut() -> usize) {
    let begin = Instant::now();
    let mut best = f64::INFINITY;
    while begin.elapsed() < limit {
        let start = Instant::now();
        let count = work();
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / count_as_float(count));
    }
    println!("{what:38} {best:10.2} µs");
}

fn count_as_float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn pairs(films: &[tmk::Tmk], mut compare: impl FnMut(&tmk::Tmk, &tmk::Tmk) -> bool) -> usize {
    let all = films.iter().flat_map(|a| films.iter().map(move |b| (a, b)));
    all.filter(|(a, b)| compare(a, b)).count()
}

fn film(count: usize, seed: u32) -> tmk::Tmk {
    let mut builder = tmk::Builder::new();
    for frame in frames(count, seed) {
        builder.push_rgb24(&frame);
    }
    builder.finish()
}

/// Frames that change slowly, all different.
fn frames(count: usize, seed: u32) -> Vec<[u8; tmk::FRAME_BYTES]> {
    let mut state = seed;
    let mut frame = [0_u8; tmk::FRAME_BYTES];
    let mut next = || {
        for byte in &mut frame {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [.., high] = state.to_le_bytes();
            *byte = byte.wrapping_add(high / 16);
        }
        frame
    };
    (0..count).map(|_| next()).collect()
}
