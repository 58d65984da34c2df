use super::*;
use crate::testing::{Noise, fixtures, scene};
use crate::{Dihedral, luma};
use proptest::prelude::*;

fn of_grey(width: usize, height: usize, grey: &[u8]) -> Pdq {
    Pdq::of_luma(width, height, &luma::of_grey8(grey)).unwrap()
}

fn bits(hash: Hash) -> Vec<bool> {
    (0..256)
        .map(|n| hash.0[n / 64] >> (n % 64) & 1 == 1)
        .collect()
}

/// Compares with the reference, bit for bit.
fn check(width: usize, height: usize, luma: &[f32]) {
    let pdq = Pdq::of_luma(width, height, luma).unwrap();
    let (features, expected, quality) = reference::pdq(width, height, luma);
    let as_bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(
        as_bits(&pdq.features.0),
        as_bits(&features),
        "{width}x{height}"
    );
    assert_eq!(bits(pdq.hash()), expected, "{width}x{height}");
    assert_eq!(i32::from(pdq.quality), quality, "{width}x{height}");
}

#[test]
fn every_size_agrees_with_the_reference() {
    let sizes = [
        (64, 64),
        (1, 1),
        (1, 300),
        (300, 1),
        (63, 65),
        (127, 128),
        (128, 127),
        (129, 256),
        (257, 385),
        (640, 360),
        (360, 640),
        (512, 513),
    ];
    for (width, height) in sizes {
        check(width, height, &luma::of_grey8(&scene(width, height, 3)));
        check(
            width,
            height,
            &luma::of_rgb24(&Noise(5).bytes(width * height * 3)),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_picture_agrees_with_the_reference(width in 1_usize..200, height in 1_usize..200, seed in 0_u64..1000) {
        check(width, height, &luma::of_rgb24(&Noise(seed).bytes(width * height * 3)));
    }

    #[test]
    fn a_hash_survives_its_text(words: [u64; 4]) {
        let hash = Hash(words);
        prop_assert_eq!(hash.to_string().len(), 64);
        prop_assert_eq!(hash.to_string().parse(), Ok(hash));
    }

    #[test]
    fn any_text_is_a_hash_or_refused(text in "\\PC*") {
        let valid = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        prop_assert_eq!(text.parse::<Hash>().is_ok(), valid);
    }
}

#[test]
fn the_text_begins_with_the_highest_frequency() {
    assert_eq!(Hash([1, 0, 0, 0]).to_string(), format!("{:064x}", 1));
    assert_eq!(
        Hash([0, 0, 0, 0xf000 << 48]).to_string(),
        format!("f{:063x}", 0)
    );
    for wrong in [
        "",
        "0",
        &"0".repeat(63),
        &"0".repeat(65),
        &"+".repeat(64),
        &"ä".repeat(32),
    ] {
        assert_eq!(wrong.parse::<Hash>(), Err(NotAHash), "{wrong}");
    }
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let refused = |width, height, pixels: usize| {
        let result = Pdq::of_luma(width, height, &vec![0.0; pixels]);
        assert_eq!(
            result,
            Err(PdqError::Size {
                width,
                height,
                found: pixels
            })
        );
    };
    refused(0, 0, 0);
    refused(0, 5, 0);
    refused(3, 3, 8);
    refused(usize::MAX, 2, 5);
    assert!(Pdq::of_rgb24(2, 2, &[0; 12]).is_ok());
    assert!(Pdq::of_rgb24(2, 2, &[0; 11]).is_err());
}

#[test]
fn one_colour_has_no_quality_and_noise_has_all() {
    assert_eq!(of_grey(64, 64, &[90; 4096]).quality, 0);
    assert_eq!(of_grey(64, 64, &Noise(1).bytes(4096)).quality, 100);
}

#[test]
fn half_of_the_bits_are_set() {
    let ones = bits(of_grey(320, 200, &scene(320, 200, 4)).hash());
    assert_eq!(ones.iter().filter(|bit| **bit).count(), 128);
}

#[test]
fn a_scaled_picture_is_near_and_another_is_far() {
    let hash = |width, height, seed| of_grey(width, height, &scene(width, height, seed)).hash();
    for seed in 0..8 {
        let large = hash(640, 480, seed);
        let near = large.distance(&hash(200, 150, seed));
        assert!(near <= SAME_PICTURE_BITS, "{seed}: {near}");
        let far = large.distance(&hash(640, 480, seed + 100));
        assert!(far > 80, "{seed}: {far}");
    }
}

/// Lays a square picture another way, pixel by pixel.
fn lay(way: Dihedral, edge: usize, pixels: &[u8]) -> Vec<u8> {
    let from = |index: usize| {
        let (mut y, mut x) = (index / edge, index % edge);
        if way.mirrors_horizontally() {
            x = edge - 1 - x;
        }
        if way.mirrors_vertically() {
            y = edge - 1 - y;
        }
        if way.transposes() {
            (x, y) = (y, x);
        }
        pixels[y * edge + x]
    };
    (0..edge * edge).map(from).collect()
}

#[test]
fn laid_features_are_those_of_the_laid_picture() {
    let picture = scene(64, 64, 11);
    let pdq = of_grey(64, 64, &picture);
    for (index, way) in Dihedral::ALL.into_iter().enumerate() {
        let laid = of_grey(64, 64, &lay(way, 64, &picture));
        for (a, b) in pdq.features.laid(way).0.iter().zip(&laid.features.0) {
            assert!((a - b).abs() < 0.01, "{way:?}: {a} {b}");
        }
        assert!(pdq.hashes()[index].distance(&laid.hash()) <= 2, "{way:?}");
    }
}

#[test]
fn a_quarter_turns_clockwise() {
    let mut picture = [0; 16];
    picture[1] = 1; // the first row, second column
    let turned = lay(Dihedral::Rotate90, 4, &picture);
    assert_eq!(
        turned.iter().position(|p| *p == 1),
        Some(4 + 3),
        "the last column, second row"
    );
}

/// Needs the reference fixtures.
#[test]
fn features_equal_those_of_the_reference_program() {
    let Some(place) = fixtures() else { return };
    for name in ["f4", "lcg6"] {
        let frames = std::fs::read(place.join(format!("tmk/frames/{name}.rgb"))).unwrap();
        let expected = std::fs::read(place.join(format!("tmk/frames/{name}.feat"))).unwrap();
        let mut ours = expected[..32].to_vec();
        for frame in frames.chunks(64 * 64 * 3) {
            let pdq = Pdq::of_rgb24(64, 64, frame).unwrap();
            ours.extend(pdq.features.0.iter().flat_map(|value| value.to_le_bytes()));
        }
        assert!(ours == expected, "{name}");
    }
}

#[test]
fn known_pictures_keep_their_hash() {
    let check = |picture: Pdq, quality: u8, expected: &str| {
        assert_eq!(
            (picture.quality, picture.hash().to_string().as_str()),
            (quality, expected)
        );
    };
    check(
        of_grey(64, 64, &scene(64, 64, 1)),
        100,
        "399f37cc8e872737c734cfe0c7c9632779c871c0b6f2a4b81c741c780c30a72d",
    );
    check(
        of_grey(300, 200, &scene(300, 200, 2)),
        100,
        "346b06a585e1b94fc9e088f1cb94e61e3ef778e1370f470c55c3b364471ec5d0",
    );
}
