//! Arbitrary bytes as a stored timeline, looked for in itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_fingerprint::timeline::{Timeline, find};

fuzz_target!(|data: &[u8]| {
    if let Ok(film) = Timeline::from_bytes(data) {
        assert_eq!(film.to_bytes(), data);
        if let Some(place) = find(&film, &film) {
            assert!((0.6..=1.0).contains(&place.share));
        }
    }
});
