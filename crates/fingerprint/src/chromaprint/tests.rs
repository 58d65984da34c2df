use super::*;
use crate::testing::Noise;
use base64::Engine;
use proptest::prelude::*;
use rusty_chromaprint::FingerprintCompressor;

fn fingerprint(items: &[u32]) -> Fingerprint {
    Fingerprint {
        algorithm: 1,
        items: items.to_vec(),
    }
}

fn of_samples(samples: &[i16]) -> Fingerprint {
    let mut builder = Builder::default();
    builder.push(samples);
    builder.finish()
}

/// Triangular tones, a new chord each half second: the same samples on every system.
fn tune(seconds: usize, seed: u64) -> Vec<i16> {
    let mut noise = Noise(seed);
    let mut samples = Vec::new();
    for _half in 0..seconds * 2 {
        let periods = [0; 3].map(|_: i32| 25 + i32::from(noise.byte()) / 2);
        samples.extend((0..5512).map(|t: i32| {
            let tone = |period: &i32| ((t % period) * 12_000 / period - 6_000).abs() - 3_000;
            periods.iter().map(tone).sum::<i32>() as i16
        }));
    }
    samples
}

/// What fpcalc 1.5.1 prints for `tune(12, 1)` in a WAV file.
const KNOWN: &str = "AQAAS87ERU6EC--O5I2OeDdeM4IfDj-QXBTCfAmFG06OSpfwnMSJ5DxCNomCZnl-nMezPHimwOex56AbQ7mIps7xLDkc5wF8yvCz\
     HMc5HcnSCHlu4Td-fPjxI87SOEL9w-8EjTlOXaiVCWmTFufxjjjO5EE-wSuUX0au_fhSDr7Uomdw6Shl6bANvwpCLtmWILmMHtuD\
     zsPxPUinhIb8fIic5fiR6ekBKBBAjCiHGIBgEcEZAwAAAwwFwgDFgCEACIoQMAYQYZ0ACBnjiWAAciAMEIIIIQhzQBGP2FCEEEAR\
     AQ";

#[test]
fn a_known_tune_has_the_text_of_fpcalc() {
    let fingerprint = of_samples(&tune(12, 1));
    assert_eq!(fingerprint.to_text(), KNOWN);
    assert_eq!(fingerprint.algorithm, 1);
}

#[test]
fn pieces_of_any_length_give_the_same() {
    let samples = tune(8, 2);
    let whole = of_samples(&samples);
    assert!(whole.items.len() > 40);
    for length in [1, 7, 1365, 4096, 33_000] {
        let mut builder = Builder::new(0);
        samples
            .chunks(length)
            .for_each(|piece| assert!(builder.push(piece)));
        assert_eq!(builder.finish(), whole, "{length}");
    }
}

#[test]
fn no_more_than_asked_for_is_heard() {
    let samples = tune(9, 3);
    let mut builder = Builder::new(5);
    assert!(builder.push(&samples[..11_025 * 4]));
    assert!(!builder.push(&samples[11_025 * 4..]));
    assert!(!builder.push(&samples));
    assert_eq!(builder.finish(), of_samples(&samples[..11_025 * 5]));
}

#[test]
fn short_sounds_have_no_items_and_silence_tells_nothing() {
    assert_eq!(of_samples(&[]).items, []);
    assert_eq!(of_samples(&tune(3, 1)[..30_030]).items, []);
    assert_eq!(of_samples(&tune(3, 1)[..30_031]).items.len(), 1);
    let silence = of_samples(&vec![0; 110_250]);
    assert_eq!(silence.items, [SILENCE; 59]);
    assert_eq!(silence.telling_items(), 0);
    assert_eq!(compare(&silence, &silence, LARGEST_SHIFT_ITEMS), None);
    assert_eq!(fingerprint(&[5, 5, 5, SILENCE, 5]).telling_items(), 2);
}

#[test]
fn texts_round_trip() {
    for items in [
        vec![],
        vec![0],
        vec![u32::MAX; 3],
        vec![1 << 31, 1, 0, SILENCE],
    ] {
        let fingerprint = fingerprint(&items);
        assert_eq!(
            Fingerprint::from_text(&fingerprint.to_text()),
            Ok(fingerprint)
        );
    }
    assert_eq!(fingerprint(&[]).to_text(), "AQAAAA");
    assert_eq!(Fingerprint::from_text(" AQAAAA==\n"), Ok(fingerprint(&[])));
}

#[test]
fn damaged_texts_are_refused() {
    let text = fingerprint(&[0x8000_0001, 7, 9, 0xffff_0000, 1]).to_text();
    for length in 0..text.len() {
        assert!(Fingerprint::from_text(&text[..length]).is_err(), "{length}");
    }
    let check =
        |text: &str, expected| assert_eq!(Fingerprint::from_text(text), Err(expected), "{text}");
    check("", DecodeError::Short);
    check("!", DecodeError::Base64);
    check("1,2,3", DecodeError::Base64);
    check("AQAA", DecodeError::Short);
    check("Af___w", DecodeError::Short); // claims 2^24 - 1 items
    check("AQAAAAAA", DecodeError::Long);
    check("AQAAAf__", DecodeError::Short); // distances without an end
    // The distance 38 points beyond 32 bits: 7, then 31.
    let bytes = [1, 0, 0, 1, 0b000_111, 0b11111];
    check(
        &base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes),
        DecodeError::Item,
    );
}

/// Every shift, bit by bit.
fn by_trying_all(a: &Fingerprint, b: &Fingerprint, largest: i32) -> Option<(f64, i32)> {
    let telling = |items: &[u32], place: i64| -> Option<u32> {
        let place = usize::try_from(place).ok()?;
        let item = *items.get(place)?;
        (item != SILENCE && (place == 0 || items[place - 1] != item)).then_some(item)
    };
    let mut best: Option<(f64, i32)> = None;
    for shift in -largest..=largest {
        let (mut pairs, mut bits) = (0, 0);
        for place in 0..b.items.len() as i64 {
            let pair = telling(&a.items, place + i64::from(shift)).zip(telling(&b.items, place));
            if let Some((a, b)) = pair {
                pairs += 1;
                bits += (a ^ b).count_ones();
            }
        }
        let rate = f64::from(bits) / f64::from(pairs * 32);
        if pairs >= 24 && best.is_none_or(|(lowest, _)| rate < lowest) {
            best = Some((rate, shift));
        }
    }
    best
}

/// Items in which one bit of 32, on average `share` in 256 of the items, is flipped.
fn damaged(items: &[u32], share: u8, seed: u64) -> Vec<u32> {
    let mut noise = Noise(seed);
    let flip = |item: &u32| {
        let flips = (0..4).filter(|_| noise.byte() < share).count();
        (0..flips).fold(*item, |item, _| item ^ 1 << (noise.byte() % 32))
    };
    items.iter().map(flip).collect()
}

#[test]
fn a_shifted_and_damaged_sound_is_found_as_by_trying_all() {
    let items = of_samples(&tune(60, 9)).items;
    for shift in [0, 1, 17, 80] {
        for share in [0, 60, 200] {
            let whole = fingerprint(&items);
            let part = fingerprint(&damaged(&items[shift..], share, 7));
            let found = compare(&whole, &part, LARGEST_SHIFT_ITEMS).unwrap();
            let (rate, at) = by_trying_all(&whole, &part, 80).unwrap();
            assert_eq!(found.shift_items, at, "{shift} {share}");
            assert_eq!(at as usize, shift);
            assert!((found.bit_error_rate - rate).abs() < 1e-12);
            assert!(found.score() > 0.75, "{found:?}");
            let back = compare(&part, &whole, LARGEST_SHIFT_ITEMS).unwrap();
            assert_eq!(back.shift_items, -found.shift_items);
        }
    }
    let found = compare(
        &fingerprint(&items),
        &fingerprint(&items[100..]),
        LARGEST_SHIFT_ITEMS,
    );
    assert!(
        found.is_none_or(|found| found.score() < 0.5),
        "shifts beyond the limit are not tried"
    );
    let found = compare(
        &fingerprint(&items),
        &fingerprint(&items[100..]),
        usize::MAX,
    )
    .unwrap();
    assert_eq!((found.shift_items, found.bit_error_rate), (100, 0.0));
    assert!((found.shift_s() - 12.38).abs() < 0.01 && found.compared_s() > 40.0);
}

#[test]
fn different_tunes_do_not_match() {
    for seed in 0..12 {
        let (a, b) = (
            of_samples(&tune(30, seed)),
            of_samples(&tune(30, seed + 50)),
        );
        let found = compare(&a, &b, LARGEST_SHIFT_ITEMS);
        assert!(
            found.is_none_or(|found| found.score() < 0.5),
            "{seed}: {found:?}"
        );
    }
}

#[test]
fn other_algorithms_and_short_sounds_are_not_compared() {
    let ours = of_samples(&tune(20, 4));
    let other = Fingerprint {
        algorithm: 2,
        ..ours.clone()
    };
    assert_eq!(compare(&ours, &other, LARGEST_SHIFT_ITEMS), None);
    let short = fingerprint(&ours.items[..23]);
    assert_eq!(compare(&short, &short, LARGEST_SHIFT_ITEMS), None);
    assert_eq!(compare(&fingerprint(&[]), &ours, LARGEST_SHIFT_ITEMS), None);
}

proptest! {
    #[test]
    fn any_items_survive_their_text(items: Vec<u32>, algorithm: u8) {
        let fingerprint = Fingerprint { algorithm, items };
        prop_assert_eq!(Fingerprint::from_text(&fingerprint.to_text()), Ok(fingerprint));
    }

    #[test]
    fn texts_are_those_of_another_encoder(items: Vec<u32>) {
        let bytes = FingerprintCompressor::from(&Configuration::preset_test2()).compress(&items);
        let text = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes);
        prop_assert_eq!(fingerprint(&items).to_text(), text);
    }

    #[test]
    fn any_text_is_read_or_refused(bytes: Vec<u8>, count in 0_u8..9) {
        let bytes = [&[1, 0, 0, count], bytes.as_slice()].concat();
        let text = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&bytes);
        if let Ok(fingerprint) = Fingerprint::from_text(&text) {
            prop_assert_eq!(fingerprint.items.len(), usize::from(count));
        }
        let random = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&bytes[4..]);
        if let Ok(fingerprint) = Fingerprint::from_text(&random) {
            prop_assert!(fingerprint.items.len() <= bytes.len() * 3);
        }
    }

    #[test]
    fn any_items_can_be_compared(a: Vec<u32>, b: Vec<u32>, shift in 0_usize..100) {
        let found = compare(&fingerprint(&a), &fingerprint(&b), shift);
        if let Some(found) = found {
            prop_assert!((0.0..=1.0).contains(&found.bit_error_rate) && found.shift_items.unsigned_abs() as usize <= shift);
        }
    }
}
