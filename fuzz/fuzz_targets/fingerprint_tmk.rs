//! Arbitrary bytes as a `.tmk` file, and arbitrary numbers as a small one of the right length, compared with itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_fingerprint::tmk::{Matcher, Tmk};

/// More numbers are right, and would only be slow to try.
const SHORT: usize = 1 << 12;

fuzz_target!(|data: &[u8]| {
    read(data);
    if let [sizes @ .., _] = data.get(..4).unwrap_or_default() {
        read(&composed([sizes[0] % 3 + 1, sizes[1] % 9 + 1, sizes[2] % 17 + 1], &data[4..]));
    }
});

fn read(data: &[u8]) {
    let Ok(film) = Tmk::from_bytes(data) else { return };
    assert_eq!(film.to_bytes(), data);
    if data.len() < SHORT && film.is_compatible(&film) {
        let level1 = film.level1(&film).expect("compatible");
        let level2 = Matcher::new().level2(&film, &film).expect("compatible");
        assert!(level1.is_finite() && level2.score.is_finite());
    }
}

/// A file with so many periods, coefficients and values a feature; numbers that are missing are 0.
fn composed(sizes: [u8; 3], numbers: &[u8]) -> Vec<u8> {
    let [periods, coefficients, dimension] = sizes.map(usize::from);
    let mut file = b"TMK1FVECPDQF".to_vec();
    for number in [15, sizes[0], sizes[1], sizes[2], 9] {
        file.extend(i32::from(number).to_le_bytes());
    }
    (0..sizes[0]).for_each(|period| file.extend((20 + i32::from(period)).to_le_bytes()));
    let floats = 4 * (coefficients + dimension + 2 * periods * coefficients * dimension);
    let length = file.len() + floats;
    file.extend(numbers);
    file.resize(length, 0);
    file
}
