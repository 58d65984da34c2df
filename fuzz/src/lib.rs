//! What every fuzz target does: read, and check that the budget held and that the answer can be worked with.

use videocatalog_headers::{Format, Limits, Media, probe_as};

/// Less than a real scan allows, so that a reader that wants everything is slow to nobody.
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    reads: 256,
};

/// Reads bytes as those of a format.
///
/// # Panics
/// When a reader breaks what [`Media`] promises.
pub fn read_as(format: Format, mut data: &[u8]) {
    if let Ok(media) = probe_as(format, &mut data, LIMITS) {
        check(&media, data.len());
    }
}

/// Reads bytes whose format is to be found.
///
/// # Panics
/// As [`read_as`].
pub fn probe(mut data: &[u8]) {
    if let Ok(media) = videocatalog_headers::probe(&mut data, None, LIMITS) {
        check(&media, data.len());
    }
}

fn check(media: &Media, length: usize) {
    assert!(media.bytes_read <= LIMITS.bytes, "read more than allowed");
    assert_eq!(media.size_bytes, length as u64);
    if let Some(seconds) = media.duration_s {
        assert!(seconds.is_finite() && seconds > 0.0, "{seconds} seconds");
    }
}
