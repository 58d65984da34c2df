//! Arbitrary bytes as a file of unknown format.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| videocatalog_fuzz::probe(data));
