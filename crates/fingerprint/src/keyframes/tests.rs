use super::*;
use crate::testing::{Noise, scene};
use proptest::prelude::*;

const EDGE: usize = USUAL_EDGE;

fn signature(width: usize, height: usize, frames: &[Vec<u8>]) -> Signature {
    let mut builder = Builder::new(width, height).unwrap();
    frames.iter().for_each(|frame| builder.push(frame).unwrap());
    builder.finish().unwrap()
}

fn of_square(frames: &[Vec<u8>]) -> Signature {
    signature(EDGE, EDGE, frames)
}

/// Frames of a film that is known by its seed, at any size.
fn film(width: usize, height: usize, seed: u64, count: usize) -> Vec<Vec<u8>> {
    (0..count as u64)
        .map(|index| scene(width, height, seed * 100 + index))
        .collect()
}

/// Puts frames of `width` by `height` into the middle of black ones of the usual edge.
fn with_bars(width: usize, height: usize, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let (left, top) = ((EDGE - width) / 2, (EDGE - height) / 2);
    let mut noise = Noise(3);
    frames
        .iter()
        .map(|frame| {
            let mut large: Vec<u8> = (0..EDGE * EDGE).map(|_| noise.byte() / 16).collect();
            for (y, row) in frame.chunks(width).enumerate() {
                large[(top + y) * EDGE + left..][..width].copy_from_slice(row);
            }
            large
        })
        .collect()
}

fn change(frames: &[Vec<u8>], from: impl Fn(usize, usize) -> (usize, usize)) -> Vec<Vec<u8>> {
    let of = |frame: &Vec<u8>| {
        (0..EDGE * EDGE)
            .map(|index| from(index % EDGE, index / EDGE))
            .map(|(x, y)| frame[y * EDGE + x])
            .collect()
    };
    frames.iter().map(of).collect()
}

#[test]
fn sizes_and_noise_change_little_and_another_film_much() {
    let mut noise = Noise(9);
    for seed in 1..8 {
        let film_1 = of_square(&film(EDGE, EDGE, seed, 10));
        let scaled = signature(200, 90, &film(200, 90, seed, 10));
        assert!(
            film_1.score(&scaled) > 0.97,
            "{seed}: {}",
            film_1.score(&scaled)
        );
        let mut noisy = film(EDGE, EDGE, seed, 10);
        noisy
            .iter_mut()
            .flatten()
            .for_each(|pixel| *pixel = pixel.saturating_add(noise.byte() / 8));
        assert!(film_1.score(&of_square(&noisy)) > 0.99, "{seed}");
        let other = of_square(&film(EDGE, EDGE, seed + 40, 10));
        assert!(
            film_1.best_score(&other).0 < SCORE_THRESHOLD,
            "{seed}: {:?}",
            film_1.best_score(&other)
        );
        assert!((film_1.score(&film_1) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn bars_are_cut_off() {
    for (width, height) in [(EDGE, 96), (72, EDGE), (100, 90)] {
        let frames = film(width, height, 6, 12);
        let plain = of_square(&film(EDGE, EDGE, 6, 12));
        let barred = of_square(&with_bars(width, height, &frames));
        assert!(
            plain.score(&barred) > 0.95,
            "{width}x{height}: {}",
            plain.score(&barred)
        );
        let crop = Crop::of(EDGE, EDGE, &with_bars(width, height, &frames));
        let near = |found: usize, expected: usize| found.abs_diff(expected) <= 3;
        assert!(
            near(crop.right - crop.left, width) && near(crop.bottom - crop.top, height),
            "{crop:?}"
        );
    }
}

#[test]
fn subtitles_in_a_bar_do_not_hide_it() {
    let frames = film(EDGE, 80, 5, 16);
    let mut barred = with_bars(EDGE, 80, &frames);
    let clean = of_square(&barred);
    for frame in barred.iter_mut().step_by(4) {
        frame[112 * EDGE + 30..][..60].fill(255);
    }
    assert!(of_square(&barred).score(&clean) > 0.999);
}

#[test]
fn dark_films_are_not_cropped_away() {
    let mut frames = vec![vec![10; EDGE * EDGE]; 9];
    let whole = Crop {
        left: 0,
        top: 0,
        right: EDGE,
        bottom: EDGE,
    };
    assert_eq!(Crop::of(EDGE, EDGE, &frames), whole);
    assert!(of_square(&frames).is_blank());
    for frame in &mut frames {
        (50..60).for_each(|y| frame[y * EDGE + 50..][..10].fill(200));
    }
    assert_eq!(Crop::of(EDGE, EDGE, &frames), whole, "a spot in the dark");
    assert_eq!(Crop::of(EDGE, EDGE, &[]), whole);
    assert_eq!(of_square(&frames).crop(), [0, 0, 10_000, 10_000]);
}

#[test]
fn laid_films_are_found_without_decoding_again() {
    let frames = film(EDGE, EDGE, 4, 9);
    let plain = of_square(&frames);
    for way in [
        Dihedral::Identity,
        Dihedral::MirrorHorizontal,
        Dihedral::MirrorVertical,
        Dihedral::Rotate90,
        Dihedral::Rotate180,
    ] {
        let last = EDGE - 1;
        let laid = of_square(&change(&frames, |x, y| match way {
            Dihedral::MirrorHorizontal => (last - x, y),
            Dihedral::MirrorVertical => (x, last - y),
            Dihedral::Rotate90 => (y, last - x),
            Dihedral::Rotate180 => (last - x, last - y),
            _ => (x, y),
        }));
        let (score, found) = plain.best_score(&laid);
        assert!(found == way && score > 0.9999, "{way:?}: {found:?} {score}");
        assert!((dot(&plain.laid(way), laid.vector()) - score).abs() < 1e-6);
        assert_eq!(laid.best_score(&plain).1, way.inverse());
    }
}

#[test]
fn of_many_frames_eight_to_sixteen_are_kept_evenly() {
    let numbered = |count: usize| {
        let mut builder = Builder::new(16, 16).unwrap();
        (0..count).for_each(|index| builder.push(&[index as u8; 256]).unwrap());
        builder
            .kept
            .iter()
            .map(|frame| usize::from(frame[0]))
            .collect::<Vec<_>>()
    };
    for count in 0..256 {
        let kept = numbered(count);
        let stride = builder_stride(count);
        assert_eq!(
            kept,
            (0..count).step_by(stride).collect::<Vec<_>>(),
            "{count}"
        );
        assert!(
            kept.len() <= MOST_FRAMES && kept.len() >= count.min(MOST_FRAMES / 2),
            "{count}"
        );
    }
}

/// The smallest power of two with which no more frames are kept than may be.
fn builder_stride(count: usize) -> usize {
    count.div_ceil(MOST_FRAMES).max(1).next_power_of_two()
}

#[test]
fn what_cannot_be_a_frame_is_refused() {
    for (width, height) in [(0, 64), (15, 64), (64, 1025), (usize::MAX, 64)] {
        assert_eq!(
            Builder::new(width, height).err(),
            Some(FrameError::Size { width, height })
        );
    }
    let mut builder = Builder::new(20, 16).unwrap();
    assert_eq!(
        builder.push(&[0; 319]),
        Err(FrameError::Length {
            expected: 320,
            found: 319
        })
    );
    assert!(builder.finish().is_none());
}

#[test]
fn blank_and_static_films_are_told() {
    let blank = of_square(&vec![vec![128; EDGE * EDGE]; 5]);
    assert!(blank.is_blank() && blank.is_static());
    assert_eq!(
        (blank.score(&blank), blank.best_score(&blank).0),
        (0.0, 0.0)
    );
    let still = of_square(&vec![scene(EDGE, EDGE, 1); 5]);
    assert!(still.is_static() && !still.is_blank());
    assert_eq!(still.frames(), 5);
    let lively = of_square(&film(EDGE, EDGE, 1, 5));
    assert!(!lively.is_static() && lively.activity() > 0.1 && lively.contrast() > 10.0);
}

#[test]
fn bits_are_near_for_the_same_film() {
    let hash = |width, seed| signature(width, EDGE, &film(width, EDGE, seed, 10)).bits();
    for seed in 1..6 {
        assert!(
            (hash(EDGE, seed) ^ hash(180, seed)).count_ones() <= 8,
            "{seed}"
        );
        assert!(
            (hash(EDGE, seed) ^ hash(EDGE, seed + 30)).count_ones() > 16,
            "{seed}"
        );
        assert_eq!(hash(EDGE, seed).count_ones(), 32);
    }
}

#[test]
fn shrinking_weighs_by_area() {
    let crop = Crop {
        left: 3,
        top: 2,
        right: 99,
        bottom: 47,
    };
    let picture = luma::of_grey8(&Noise(8).bytes(100 * 50));
    let small = shrink::to_64x64(100, &picture, crop);
    for (index, value) in small.iter().enumerate() {
        // Cut into 64ths of pixels each way.
        let (mut sum, mut count) = (0.0_f64, 0.0);
        for y in 0..45 {
            for x in 0..96 {
                let place = |pixel: usize, part: usize, length: usize| pixel * length + part;
                let row = (place(index / 64, y, 45) / 64) + 2;
                let column = (place(index % 64, x, 96) / 64) + 3;
                sum += f64::from(picture[row * 100 + column]);
                count += 1.0;
            }
        }
        assert!((sum / count - f64::from(*value)).abs() < 1e-2, "{index}");
    }
}

#[test]
fn bytes_are_a_signature_or_refused() {
    let signature = of_square(&film(EDGE, EDGE, 2, 9));
    let bytes = signature.to_bytes();
    assert_eq!(bytes.len(), 1043);
    assert_eq!(Signature::from_bytes(&bytes).as_ref(), Ok(&signature));
    for length in 0..bytes.len() {
        assert!(Signature::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    assert!(Signature::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    let changed = |place: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = value;
        Signature::from_bytes(&bytes)
    };
    assert_eq!(changed(0, 2), Err(SignatureError::Version));
    assert_eq!(changed(1, 0), Err(SignatureError::Damaged));
    assert_eq!(changed(1, 17), Err(SignatureError::Damaged));
    assert_eq!(
        changed(22, 0x7f),
        Err(SignatureError::Damaged),
        "a value beyond length 1"
    );
    let mut infinite = bytes.clone();
    infinite[11..15].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert_eq!(
        Signature::from_bytes(&infinite),
        Err(SignatureError::Damaged)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(mut bytes: Vec<u8>, length in 1040_usize..1046) {
        prop_assert!(Signature::from_bytes(&bytes).is_err());
        bytes.resize(length, 0);
        bytes[..3].copy_from_slice(&[1, 9, 0]);
        if let Ok(signature) = Signature::from_bytes(&bytes) {
            prop_assert_eq!(signature.to_bytes(), bytes);
        }
    }
}
