//! Arbitrary bytes as a stored signature of keyframes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_fingerprint::keyframes::Signature;

fuzz_target!(|data: &[u8]| {
    if let Ok(film) = Signature::from_bytes(data) {
        assert_eq!(film.to_bytes(), data);
        assert!(film.best_score(&film).0.is_finite());
        film.bits();
    }
});
