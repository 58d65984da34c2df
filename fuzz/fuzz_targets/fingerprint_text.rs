//! Arbitrary bytes as the text of a sound's fingerprint, and as what is in such a text.

#![no_main]

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use libfuzzer_sys::fuzz_target;
use videocatalog_fingerprint::chromaprint::{Fingerprint, compare};

fuzz_target!(|data: &[u8]| {
    let texts = [String::from_utf8_lossy(data).into_owned(), BASE64_URL_SAFE_NO_PAD.encode(data)];
    for text in texts {
        if let Ok(sound) = Fingerprint::from_text(&text) {
            assert!(sound.items.len() <= text.len() * 2, "more items than the text has room for");
            assert_eq!(Fingerprint::from_text(&sound.to_text()).as_ref(), Ok(&sound));
            if let Some(found) = compare(&sound, &sound, 80) {
                assert!((0.0..=1.0).contains(&found.bit_error_rate));
            }
        }
    }
});
