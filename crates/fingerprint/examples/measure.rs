//! Measures what fingerprints cost, in microseconds of wall time on one thread: `measure [SECONDS]`.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};
use videocatalog_fingerprint::{chromaprint, keyframes, pdq, tmk};

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
    measure_pictures(limit);
    measure_sounds(limit);
}

fn measure_pictures(limit: Duration) {
    let edge = keyframes::USUAL_EDGE;
    // Squares of 8 × 8: the mean of finer noise is grey.
    let squares = noise(edge * edge * keyframes::MOST_FRAMES / 64, 5);
    let row = |row: &[u8]| -> Vec<u8> { row.iter().flat_map(|value| [*value; 8]).collect() };
    let noise: Vec<u8> = squares
        .chunks_exact(edge / 8)
        .flat_map(|squares| row(squares).repeat(8))
        .collect();
    let signature = || {
        let mut builder = keyframes::Builder::new(edge, edge).ok()?;
        for frame in noise.chunks_exact(edge * edge) {
            builder.push(frame).ok()?;
        }
        builder.finish()
    };
    measure("keyframes, a frame", limit, || {
        signature().map_or(1, |signature| usize::from(black_box(signature).frames()))
    });
    if let Some(film) = signature() {
        let vectors = vec![*film.vector(); 10_000];
        measure("keyframes, a pair, one way", limit, || {
            let near = |vector: &&[f32; 256]| film.score_of_vector(vector) > 0.0;
            black_box(vectors.iter().filter(near).count()).max(1)
        });
        measure("keyframes, a pair, eight ways", limit, || {
            (0..100)
                .filter(|_| black_box(&film).best_score(black_box(&film)).0 > 0.0)
                .count()
        });
    }
    first_look(limit);
    let picture = noise.get(..640 * 360).unwrap_or_default();
    let luma = videocatalog_fingerprint::luma::of_grey8(picture);
    measure("PDQ, a picture of 640 × 360", limit, || {
        usize::from(black_box(pdq::Pdq::of_luma(640, 360, &luma)).is_ok())
    });
}

/// A new film against a million: what of these is worth a closer look.
fn first_look(limit: Duration) {
    let bytes = self::noise(8 * 1_000_008, 9);
    let words: Vec<u64> = bytes
        .as_chunks()
        .0
        .iter()
        .copied()
        .map(u64::from_le_bytes)
        .collect();
    let (ways, films) = words.split_at(8);
    let mut own = [0; 8];
    own.copy_from_slice(ways);
    measure("keyframes, first look at a million", limit, || {
        black_box(keyframes::near(&own, films, 22)).len().min(1)
    });
}

fn measure_sounds(limit: Duration) {
    let noise = noise(2 * 11_025 * 120, 6);
    let samples: Vec<i16> = noise
        .as_chunks()
        .0
        .iter()
        .copied()
        .map(i16::from_le_bytes)
        .collect();
    let sound = || {
        let mut builder = chromaprint::Builder::default();
        builder.push(&samples);
        builder.finish()
    };
    measure("Chromaprint, two minutes of sound", limit, || {
        black_box(sound()).items.len().min(1)
    });
    let sound = sound();
    let text = sound.to_text();
    measure("Chromaprint, reading a text", limit, || {
        usize::from(black_box(chromaprint::Fingerprint::from_text(&text)).is_ok())
    });
    measure("Chromaprint, a pair", limit, || {
        usize::from(
            black_box(chromaprint::compare(
                &sound,
                &sound,
                chromaprint::LARGEST_SHIFT_ITEMS,
            ))
            .is_some(),
        )
    });
}

fn noise(count: usize, mut state: u32) -> Vec<u8> {
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [.., high] = state.to_le_bytes();
        high
    };
    std::iter::repeat_with(next).take(count).collect()
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
