use super::*;
use crate::testing::{Noise, film, fixtures};
use proptest::prelude::*;
use std::io::Read;
use std::path::Path;

fn hash(frames: &[Vec<u8>]) -> Tmk {
    let mut builder = Builder::new();
    for frame in frames {
        builder.push_rgb24(frame.as_slice().try_into().unwrap());
    }
    assert_eq!(
        usize::try_from(builder.frame_count()).unwrap(),
        frames.len()
    );
    builder.finish()
}

fn digest(tmk: &Tmk) -> String {
    blake3::hash(&tmk.to_bytes()).to_hex().to_string()
}

#[test]
fn any_number_of_frames_agrees_with_the_reference() {
    let frames = film(101, 1);
    for count in [0, 1, 2, 31, 32, 33, 64, 101] {
        let ours = hash(&frames[..count]).to_bytes();
        assert!(ours == reference::hash(&frames[..count]), "{count} frames");
        assert_eq!(ours.len(), 263_344);
    }
}

/// The frames of the reference program's own test: noise, black, white, one colour.
fn lcg6() -> Vec<Vec<u8>> {
    let mut frames: Vec<_> = std::iter::repeat_with({
        let mut noise = Noise(12_345);
        move || noise.bytes(FRAME_BYTES)
    })
    .take(3)
    .collect();
    frames.extend([
        vec![0; FRAME_BYTES],
        vec![255; FRAME_BYTES],
        [128, 64, 200].repeat(64 * 64),
    ]);
    frames
}

#[test]
fn files_are_those_of_the_reference_program() {
    assert_eq!(
        digest(&hash(&lcg6())),
        "d24947e28cf12ca336d1d2af04e002e4685fce704c5d949704332f8afa9d9a16"
    );
    assert_eq!(
        digest(&hash(&[])),
        "8d7af6a5747cf7e9ccf1e43da470da4bde91b9104d0abcef3e5907b0348400d8"
    );
}

/// Needs the reference fixtures.
#[test]
fn frames_of_real_films_give_the_files_of_the_reference_program() {
    let Some(place) = fixtures() else { return };
    let frames = place.join("tmk/frames");
    let check = |frames: Vec<u8>, expected: &Path| {
        let frames: Vec<_> = frames.chunks(FRAME_BYTES).map(<[u8]>::to_vec).collect();
        assert!(
            hash(&frames).to_bytes() == std::fs::read(expected).unwrap(),
            "{expected:?}"
        );
    };
    for name in ["empty", "lcg6"] {
        let raw = std::fs::read(frames.join(format!("{name}.rgb"))).unwrap();
        check(raw, &frames.join(format!("{name}.tmk")));
    }
    for name in ["doorknob-hd-no-bar", "pattern-sd-grey-bar"] {
        let packed = std::fs::File::open(frames.join(format!("{name}.rgb.gz"))).unwrap();
        let mut raw = Vec::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_end(&mut raw)
            .unwrap();
        check(raw, &place.join(format!("tmk/tmk/{name}.tmk")));
    }
}

/// Needs the reference fixtures.
#[test]
fn scores_of_real_films_are_those_of_the_reference_program() {
    let Some(place) = fixtures() else { return };
    let read = |name: &str| {
        Tmk::from_bytes(&std::fs::read(place.join("tmk/tmk").join(name)).unwrap()).unwrap()
    };
    let list = std::fs::read_to_string(place.join("tmk/pairwise-scores.txt")).unwrap();
    let (mut matcher, mut largest, mut pairs) = (Matcher::new(), [0.0_f64; 3], 0);
    for line in list.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (a, b) = (read(words[2]), read(words[3]));
        assert!(a.to_bytes() == std::fs::read(place.join("tmk/tmk").join(words[2])).unwrap());
        let scores = [
            (words[0], a.level1(&b).unwrap()),
            (words[1], level2_exact(&a, &b).unwrap().score),
            (words[1], matcher.level2(&a, &b).unwrap().score),
        ];
        for (largest, (expected, score)) in largest.iter_mut().zip(scores) {
            *largest = largest.max((expected.parse::<f64>().unwrap() - f64::from(score)).abs());
        }
        pairs += 1;
    }
    println!(
        "{pairs} pairs; largest difference of level 1, exact level 2, quick level 2: {largest:?}"
    );
    assert_eq!(pairs, 78);
    assert!(
        largest.iter().all(|difference| *difference < 1e-6),
        "{largest:?}"
    );
}

/// Needs the reference fixtures.
#[test]
fn offsets_of_a_clip_are_those_of_the_reference_program() {
    let Some(place) = fixtures() else { return };
    let read = |name: &str| {
        Tmk::from_bytes(&std::fs::read(place.join("tmk/tmk").join(name)).unwrap()).unwrap()
    };
    let (film, clip) = (
        read("pattern-h264-180p.tmk"),
        read("pattern-clip3s-10fps.tmk"),
    );
    let list = std::fs::read_to_string(place.join("tmk/pair-offsets-pattern-vs-clip.txt")).unwrap();
    let expected: Vec<(i32, i32)> = list
        .lines()
        .filter_map(|line| line.split_once(" mod "))
        .map(|(offset, rest)| {
            (
                rest.split(':').next().unwrap().parse().unwrap(),
                offset.parse().unwrap(),
            )
        })
        .collect();
    for level2 in [
        level2_exact(&film, &clip).unwrap(),
        Matcher::new().level2(&film, &clip).unwrap(),
    ] {
        let ours: Vec<_> = level2
            .offsets
            .iter()
            .map(|o| (o.period, o.offset))
            .collect();
        assert_eq!(ours, expected);
    }
}

#[test]
fn scores_agree_with_the_reference() {
    let films: Vec<Tmk> = [(150, 1), (150, 2), (60, 1), (1, 3), (40, 4)]
        .map(|(count, seed)| hash(&film(count, seed)))
        .into();
    let mut matcher = Matcher::new();
    for a in &films {
        for b in &films {
            let (score, offsets) = reference::level2(&a.to_bytes(), &b.to_bytes());
            let exact = level2_exact(a, b).unwrap();
            assert!(
                (exact.score - score).abs() < 1e-6,
                "{} {score}",
                exact.score
            );
            let ours: Vec<_> = exact.offsets.iter().map(|o| o.offset).collect();
            // Where the curve is flat the last digit decides.
            assert!(
                ours == offsets || a.frame_count() == 1 || b.frame_count() == 1,
                "{ours:?} {offsets:?}"
            );
            let quick = matcher.level2(a, b).unwrap();
            assert!(
                (quick.score - score).abs() < 2e-6,
                "{} {score}",
                quick.score
            );
        }
    }
    assert!((level2_exact(&films[0], &films[0]).unwrap().score - 1.0).abs() < 1e-6);
    assert!((films[0].level1(&films[0]).unwrap() - 1.0).abs() < 1e-6);
    assert!(films[0].level1(&films[1]).unwrap() < 0.9);
}

#[test]
fn a_shift_is_found() {
    // Longer than the shift, which is longer than what is not told apart.
    let frames = film(900, 8);
    let (whole, cut) = (hash(&frames), hash(&frames[300..]));
    let level2 = Matcher::new().level2(&whole, &cut).unwrap();
    for offset in &level2.offsets[..2] {
        let shift = offset.signed_offset();
        assert!((270..330).contains(&shift), "{offset:?}");
    }
}

#[test]
fn a_mirrored_film_is_found_by_laying_the_other() {
    let frames = film(60, 5);
    let mirror = |frame: &Vec<u8>| -> Vec<u8> {
        let pixels: Vec<&[u8]> = frame.chunks(3).collect();
        let rows = pixels.chunks(64);
        rows.flat_map(|row| row.iter().rev().flat_map(|pixel| pixel.to_vec()))
            .collect()
    };
    let film = hash(&frames);
    let mirrored = hash(&frames.iter().map(mirror).collect::<Vec<_>>());
    assert!(film.level1(&mirrored).unwrap() < 0.7);
    let laid = film.laid(Dihedral::MirrorHorizontal).unwrap();
    assert!(laid.level1(&mirrored).unwrap() > 0.99999);
    assert!(level2_exact(&laid, &mirrored).unwrap().score > 0.9999);
    assert_eq!(laid.laid(Dihedral::MirrorHorizontal).unwrap(), film);
}

#[test]
fn nothing_and_black_are_blank_and_match_nothing() {
    let black = vec![vec![0; FRAME_BYTES]; 40];
    let (nothing, black, some) = (hash(&[]), hash(&black), hash(&film(20, 2)));
    assert!(nothing.is_blank() && black.is_blank() && !some.is_blank());
    assert_eq!(nothing.duration_s().to_bits(), 0);
    assert!((black.duration_s() - 40.0 / 15.0).abs() < 1e-9);
    for blank in [&nothing, &black] {
        for other in [&nothing, &black, &some] {
            assert_eq!(blank.level1(other), Ok(0.0));
            assert_eq!(level2_exact(blank, other).unwrap().score.abs().to_bits(), 0);
            assert_eq!(
                Matcher::new()
                    .level2(blank, other)
                    .unwrap()
                    .score
                    .abs()
                    .to_bits(),
                0
            );
        }
    }
}

#[test]
fn other_parameters_are_not_compared() {
    let ours = hash(&film(10, 1));
    let with = |offset: usize, byte: u8| {
        let mut bytes = ours.to_bytes();
        bytes[offset] ^= byte;
        Tmk::from_bytes(&bytes).unwrap()
    };
    for (what, other) in [
        ("frame rate", with(12, 1)),
        ("period", with(32, 1)),
        ("coefficient", with(49, 1)),
    ] {
        assert_eq!(ours.level1(&other), Err(Incompatible), "{what}");
        assert_eq!(level2_exact(&ours, &other), Err(Incompatible), "{what}");
        assert_eq!(
            Matcher::new().level2(&ours, &other),
            Err(Incompatible),
            "{what}"
        );
    }
    // The lowest bits of a coefficient, and how many frames there were, may differ.
    assert!(ours.is_compatible(&with(48, 1)) && ours.is_compatible(&with(28, 9)));
}

#[test]
fn cut_and_lengthened_files_are_refused() {
    let bytes = hash(&film(3, 1)).to_bytes();
    for length in (0..40).chain([48, 175, 1200, 132_272, 263_340, 263_343]) {
        assert!(Tmk::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    let expected = TmkError::Length {
        expected: 263_344,
        found: 263_345,
    };
    assert_eq!(Tmk::from_bytes(&longer), Err(expected));
}

#[test]
fn headers_that_lie_are_refused() {
    let bytes = hash(&film(3, 1)).to_bytes();
    for offset in [16, 20, 24] {
        for number in [0, 1, -1, 5, 255, 1 << 16, 1 << 30, i32::MAX, i32::MIN] {
            let mut bytes = bytes.clone();
            bytes[offset..offset + 4].copy_from_slice(&i32::to_le_bytes(number));
            assert!(Tmk::from_bytes(&bytes).is_err(), "{number} at {offset}");
        }
    }
    for number in [0, -1, i32::MAX] {
        let mut bytes = bytes.clone();
        bytes[36..40].copy_from_slice(&i32::to_le_bytes(number));
        assert_eq!(
            Tmk::from_bytes(&bytes),
            Err(TmkError::Header { what: "a period" })
        );
    }
    for offset in 0..12 {
        let mut bytes = bytes.clone();
        bytes[offset] ^= 0x20;
        assert_eq!(Tmk::from_bytes(&bytes), Err(TmkError::Magic));
    }
}

/// A small file of other parameters, with any numbers.
fn small(periods: u8, coefficients: u8, dimension: u8, seed: u64) -> Vec<u8> {
    let mut bytes = b"TMK1FVECPDQF".to_vec();
    let sizes = [periods, coefficients, dimension].map(i32::from);
    for number in [15, sizes[0], sizes[1], sizes[2], 9] {
        bytes.extend(number.to_le_bytes());
    }
    (0..sizes[0]).for_each(|index| bytes.extend((17 + index).to_le_bytes()));
    let floats = sizes[1] + sizes[2] + 2 * sizes[0] * sizes[1] * sizes[2];
    let noise = Noise(seed).bytes(usize::try_from(floats).unwrap() * 4);
    bytes.extend(noise);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, begins_well: bool) {
        let bytes = if begins_well { [b"TMK1FVECPDQF".as_slice(), &bytes].concat() } else { bytes };
        if let Ok(tmk) = Tmk::from_bytes(&bytes) {
            prop_assert_eq!(tmk.to_bytes(), bytes);
        }
    }

    #[test]
    fn any_numbers_give_a_score(
        periods in 1_u8..4, coefficients in 1_u8..9, dimension in 1_u8..20, seeds: [u16; 2], same: bool,
    ) {
        let read = |seed: u16| Tmk::from_bytes(&small(periods, coefficients, dimension, u64::from(seed))).unwrap();
        let (a, mut b) = (read(seeds[0]), read(seeds[usize::from(!same)]));
        prop_assert_eq!(b.to_bytes(), small(periods, coefficients, dimension, u64::from(seeds[usize::from(!same)])));
        b.coefficients.clone_from(&a.coefficients);
        if a.is_compatible(&b) { // not where coefficients are not numbers
            prop_assert!(a.level1(&b).unwrap().is_finite());
            prop_assert!(level2_exact(&a, &b).unwrap().score.is_finite());
            prop_assert!(Matcher::new().level2(&a, &b).unwrap().score.is_finite());
        }
        prop_assert!(a.laid(Dihedral::Rotate90).is_none());
    }

    #[test]
    fn quick_scores_are_exact_ones(seed in 0_u64..1000, sizes: [u8; 2]) {
        let of = |seed, count: u8| hash(&film(usize::from(count) + 1, seed));
        let (a, b) = (of(seed, sizes[0]), of(seed + u64::from(sizes[0] % 2), sizes[1]));
        let (exact, quick) = (level2_exact(&a, &b).unwrap(), Matcher::new().level2(&a, &b).unwrap());
        prop_assert!((exact.score - quick.score).abs() < 2e-6, "{exact:?} {quick:?}");
    }
}
