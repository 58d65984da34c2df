//! Arbitrary bytes as a `.tmk` file, compared with itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_fingerprint::tmk::{Matcher, Tmk};

/// Longer periods are right, and would only be slow to try.
const SHORT: usize = 1 << 12;

fuzz_target!(|data: &[u8]| {
    let Ok(film) = Tmk::from_bytes(data) else { return };
    assert_eq!(film.to_bytes(), data);
    if data.len() < SHORT && film.is_compatible(&film) {
        let level1 = film.level1(&film).expect("compatible");
        let level2 = Matcher::new().level2(&film, &film).expect("compatible");
        assert!(level1.is_finite() && level2.score.is_finite());
    }
});
