//! Names in SQL: text where they are UTF-8, bytes where they are not, and their lower-case form.

use rusqlite::types::{ToSqlOutput, ValueRef};

/// A condition: the folder `f` is the one whose path is parameter 1, or lies below it. Bytes are compared, since a path
/// that is no UTF-8 is a blob and its beginning may be text.
pub(super) const BELOW: &str =
    "(f.path = ?1 OR substr(CAST(f.path AS BLOB), 1, length(CAST(?1 AS BLOB)) + 1)
    = CAST(CAST(?1 AS BLOB) || '/' AS BLOB))";

/// Returns the value that stores a name or path without loss: TEXT if it is valid UTF-8, else BLOB.
pub fn to_sql(bytes: &[u8]) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match std::str::from_utf8(bytes) {
        // A NUL ends a text for much of SQL; no file system allows one in a name, older databases might hold one.
        Ok(text) if !bytes.contains(&0) => ValueRef::Text(text.as_bytes()),
        _ => ValueRef::Blob(bytes),
    })
}

/// Returns the bytes of a name or path that was stored by [`to_sql`]; anything else is an empty name.
pub fn from_sql(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    }
}

/// Returns the path of a name in a folder, relative to the drive's root.
pub(crate) fn below(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        name.to_vec()
    } else {
        [folder, b"/", name].concat()
    }
}

/// Returns the lower-case form of a name, where that differs from what SQLite's own `lower()` gives (ASCII only).
pub fn folded(name: &[u8]) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(name).ok()?;
    let lower = text.to_lowercase();
    (lower != text.to_ascii_lowercase()).then_some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_stored_only_where_sqlite_cannot() {
        assert_eq!(folded(b"ABC.mp4"), None);
        assert_eq!(folded("ÉTÉ.MP4".as_bytes()).as_deref(), Some("été.mp4"));
        assert_eq!(folded("été.MP4".as_bytes()), None);
        assert_eq!(folded(b"caf\xe9"), None);
    }
}
