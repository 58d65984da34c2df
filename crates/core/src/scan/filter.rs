//! Which names a scan leaves out.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::request::ScanRequest;
use crate::path::{RelPath, bytes_to_os, os_to_bytes};

/// Leaves out hidden names and what matches a glob.
///
/// `*` also crosses separators and `?`, `[seq]`, `[!seq]` are as in a shell. A pattern without a separator is matched
/// against the last name, one with a separator against the path relative to the root (`Cache/*`); one that begins with
/// the root itself loses that beginning. Case counts, but not on Windows. A folder that matches is not entered.
#[derive(Debug)]
pub(crate) struct Filter {
    skip_hidden: bool,
    names: GlobSet,
    paths: GlobSet,
    any_path: bool,
}

/// A glob that is none.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a glob pattern: {reason}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Filter {
    /// Returns what is left out of `root` as the user asked for it.
    ///
    /// # Errors
    /// The first pattern that is none.
    pub(crate) fn of(request: &ScanRequest, root: &Path) -> Result<Self, PatternError> {
        let options = &request.options;
        let patterns = options.skip.iter().map(String::as_str);
        Self::new(root, options.skip_hidden, patterns)
    }

    /// Returns the filter for a scan of `root`.
    ///
    /// # Errors
    /// The first pattern that is none.
    pub(crate) fn new<'a>(
        root: &Path,
        skip_hidden: bool,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, PatternError> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut any_path = false;
        let root = String::from_utf8_lossy(&os_to_bytes(root.as_os_str())).into_owned();
        for pattern in patterns
            .into_iter()
            .map(str::trim)
            .filter(|pattern| !pattern.is_empty())
        {
            let error = |reason: globset::Error| PatternError {
                pattern: pattern.to_owned(),
                reason: reason.kind().to_string(),
            };
            let portable = if cfg!(windows) {
                pattern.replace('\\', "/")
            } else {
                pattern.to_owned()
            };
            let root = if cfg!(windows) {
                root.replace('\\', "/")
            } else {
                root.clone()
            };
            let relative = portable.strip_prefix(root.as_str()).unwrap_or(&portable);
            let relative = relative.trim_start_matches('/').trim_end_matches('/');
            let of_name = !relative.contains('/') && relative.len() == portable.len();
            // Braces and backslashes are plain characters in shell-style patterns.
            let glob = GlobBuilder::new(&relative.replace('{', "[{]").replace('}', "[}]"))
                .case_insensitive(cfg!(windows))
                .literal_separator(false)
                .backslash_escape(false)
                .build()
                .map_err(error)?;
            if of_name {
                names.add(glob);
            } else {
                paths.add(glob);
                any_path = true;
            }
        }
        let build = |builder: GlobSetBuilder| {
            builder.build().map_err(|reason| PatternError {
                pattern: "(all together)".into(),
                reason: reason.to_string(),
            })
        };
        Ok(Self {
            skip_hidden,
            names: build(names)?,
            paths: build(paths)?,
            any_path,
        })
    }

    /// Returns whether the entry `name` of `folder` is left out.
    pub(crate) fn leaves_out(&self, folder: &RelPath, name: &[u8], hidden_attribute: bool) -> bool {
        if self.skip_hidden && (hidden_attribute || name.first() == Some(&b'.')) {
            return true;
        }
        (!self.names.is_empty() && self.names.is_match(Path::new(&bytes_to_os(name))))
            || (self.any_path
                && self
                    .paths
                    .is_match(Path::new(&bytes_to_os(folder.child(name).as_bytes()))))
    }
}

impl Filter {
    /// Returns whether a walk would not come to this path: it, or a folder above it, is left out by its name.
    pub(crate) fn hides(&self, path: &RelPath) -> bool {
        let mut folder = RelPath::root();
        path.names().any(|name| {
            let is_left_out = self.leaves_out(&folder, name, false);
            folder = folder.child(name);
            is_left_out
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("*.tmp", "a/b.tmp", true),
            ("*.tmp", "a.tmp/b", false),
            ("Cache/*", "Cache/x/y", true),
            ("Cache/*", "a/Cache/x", false),
            ("*/Cache/*", "a/Cache/x", true),
            ("Cache/", "a/Cache", false),
            ("Thumbs.db", "deep/er/Thumbs.db", true),
            ("thumbs.db", "Thumbs.db", cfg!(windows)),
            ("[!a]*", "b", true),
            ("{a}", "{a}", true),
            ("/mnt/root/x/*", "x/y", true),
            ("sub/film.mkv", "sub/film.mkv", true),
            ("*e*", "été", false),
        ] {
            let filter = Filter::new(Path::new("/mnt/root"), false, [pattern]).unwrap();
            let path = RelPath::from_bytes(path.as_bytes().to_vec());
            let (folder, name) = path.split().unwrap();
            assert_eq!(
                filter.leaves_out(&folder, name, false),
                expected,
                "{pattern} {path:?}"
            );
        }
    }

    #[test]
    fn hidden_and_names_that_are_no_text() {
        let filter = Filter::new(Path::new("/r"), true, ["*.bak"]).unwrap();
        let root = RelPath::root();
        assert!(filter.leaves_out(&root, b".git", false));
        assert!(filter.leaves_out(&root, b"x", true));
        assert!(!filter.leaves_out(&root, b"x", false));
        assert!(filter.leaves_out(&root, b"\xff.bak", false));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = Filter::new(Path::new("/r"), false, ["ok", "[z-a]"]).unwrap_err();
        assert!(error.to_string().contains("[z-a]"), "{error}");
    }
}
