//! Arbitrary bytes as `Format::VideoStream`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use videocatalog_headers::Format;

fuzz_target!(|data: &[u8]| videocatalog_fuzz::read_as(Format::VideoStream, data));
