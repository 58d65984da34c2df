//! Windows paths beyond 260 characters: the `\\?\` prefix, there and back. Pure text, so that it is tested everywhere.

use crate::settings::LongPaths;

/// From this length on, `auto` adds the prefix: the limit less a file name of the old 8.3 kind.
const AUTO_FROM: usize = 248;

/// Windows refuses paths of this many characters or more without the prefix.
pub const LONGEST_PLAIN: usize = 260;

/// Returns `root` as a scan with this mode has to open it. The prefix is taken up front for any root in `auto` mode: what
/// lies below it is not known yet.
pub fn for_opening(root: &str, mode: LongPaths) -> String {
    match mode {
        LongPaths::Off => root.to_owned(),
        LongPaths::Auto | LongPaths::Force => with_prefix(root),
    }
}

/// Returns `path` with the prefix that lifts the limit; paths that have it, and relative ones, are left as they are.
pub fn with_prefix(path: &str) -> String {
    if path.starts_with(r"\\?\") || path.starts_with(r"\\.\") {
        return path.to_owned();
    }
    let plain = path.replace('/', r"\");
    if let Some(share) = plain.strip_prefix(r"\\") {
        return format!(r"\\?\UNC\{share}");
    }
    if plain.as_bytes().get(1) == Some(&b':') {
        return format!(r"\\?\{plain}");
    }
    plain
}

/// Returns `path` without the prefix, as it is stored and shown.
pub fn without_prefix(path: &str) -> String {
    if let Some(share) = path.strip_prefix(r"\\?\UNC\") {
        return format!(r"\\{share}");
    }
    path.strip_prefix(r"\\?\").unwrap_or(path).to_owned()
}

/// Returns whether a single path needs the prefix in `auto` mode.
pub fn needs_prefix(path: &str) -> bool {
    path.encode_utf16().count() >= AUTO_FROM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (plain, prefixed) in [
            (r"C:\media\film.mkv", r"\\?\C:\media\film.mkv"),
            (r"\\server\share\x", r"\\?\UNC\server\share\x"),
            (r"E:\", r"\\?\E:\"),
        ] {
            assert_eq!(with_prefix(plain), prefixed);
            assert_eq!(with_prefix(prefixed), prefixed);
            assert_eq!(without_prefix(prefixed), plain);
            assert_eq!(without_prefix(plain), plain);
        }
        assert_eq!(with_prefix("C:/media/x"), r"\\?\C:\media\x");
        assert_eq!(for_opening(r"C:\x", LongPaths::Off), r"C:\x");
        assert!(needs_prefix(&"x".repeat(248)) && !needs_prefix(&"é".repeat(247)));
    }
}
