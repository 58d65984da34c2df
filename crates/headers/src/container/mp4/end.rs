//! Whether the parts add up to the file.

use super::Top;
use crate::{Media, Reader, Structure};

/// Compares where the boxes end with where the file does.
pub(super) fn structure(reader: &Reader<'_>, top: &Top, media: &mut Media) {
    let length = reader.length();
    let settled = media.structure.is_faulty() || media.structure == Structure::Complete;
    if settled && top.end <= length {
        return;
    }
    media.structure = if top.end > length {
        Structure::Truncated {
            expected_bytes: Some(top.end),
        }
    } else if top.moov.is_none() {
        match top.junk {
            // Zeros where the next box should be: written in part.
            Some(at) if top.mdat.is_none() => Structure::Damaged {
                what: "something that is no box".to_owned(),
                at,
            },
            _ => Structure::Truncated {
                expected_bytes: None,
            },
        }
    } else if top.moof.is_some() {
        Structure::Unchecked
    } else {
        // Less than a header, zeros or another's bytes after the last box do no harm.
        Structure::Complete
    };
}
