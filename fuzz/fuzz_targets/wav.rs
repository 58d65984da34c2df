//! Arbitrary bytes as `Format::Wav`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_headers::Format;

fuzz_target!(|data: &[u8]| videocatalog_fuzz::read_as(Format::Wav, data));
