//! MIME type from the first bytes of a file.

/// How many bytes from a file's beginning are looked at.
pub const SNIFF_BYTES: usize = 8_192;

/// Returns the MIME type that the first bytes of a file speak of, or `None` if they match nothing known.
pub fn mime_of_content(first_bytes: &[u8]) -> Option<&'static str> {
    let bytes = first_bytes.get(..SNIFF_BYTES).unwrap_or(first_bytes);
    let mime = infer::get(bytes)?.mime_type();
    // Both are EBML; infer 0.19 takes the short doctype header of real Matroska files for WebM.
    if mime == "video/webm"
        && bytes
            .windows(8)
            .take(64)
            .any(|window| window == b"matroska")
    {
        return Some("video/x-matroska");
    }
    Some(mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_beginnings() {
        for (bytes, expected) in [
            (b"\x89PNG\r\n\x1a\n".as_slice(), Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska", Some("video/x-matroska")),
            (b"fLaC", Some("audio/x-flac")),
            (b"", None),
            (b"just words", None),
        ] {
            assert_eq!(mime_of_content(bytes), expected, "{bytes:?}");
        }
    }
}
