//! A path below a drive's root.

use std::path::{Path, PathBuf};

use super::os::{bytes_to_os, os_to_bytes};

/// A path relative to a drive's root: names joined by `/`, empty for the root itself, bytes as the file system has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Vec<u8>);

impl RelPath {
    /// Returns the root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns the path with these bytes; the caller vouches that they are names joined by single `/`.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns `path` below `root`, or `None` if it is not below it. `.` components are dropped.
    pub fn below(root: &Path, path: &Path) -> Option<Self> {
        let rest = path.strip_prefix(root).ok()?;
        let mut result = Self::root();
        for component in rest.components() {
            match component {
                std::path::Component::Normal(name) => result = result.child(&os_to_bytes(name)),
                std::path::Component::CurDir => {}
                _ => return None,
            }
        }
        Some(result)
    }

    /// Returns the path of `name` in this folder.
    #[must_use]
    pub fn child(&self, name: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(self.0.len() + 1 + name.len());
        bytes.extend_from_slice(&self.0);
        if !bytes.is_empty() {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(name);
        Self(bytes)
    }

    /// Returns the bytes, names joined by `/`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns whether this is the root itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the folder this lies in and its last name, or `None` for the root.
    pub fn split(&self) -> Option<(RelPath, &[u8])> {
        if self.is_root() {
            return None;
        }
        Some(match self.0.iter().rposition(|&byte| byte == b'/') {
            Some(slash) => (
                Self(self.0.get(..slash)?.to_vec()),
                self.0.get(slash + 1..)?,
            ),
            None => (Self::root(), &self.0),
        })
    }

    /// Returns the names from the root downwards.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty())
    }
}

/// Returns the absolute path of `relative` below `root`, in the system's own form.
pub fn join(root: &Path, relative: &RelPath) -> PathBuf {
    let mut path = root.to_path_buf();
    for name in relative.names() {
        path.push(bytes_to_os(name));
    }
    path
}

/// Returns the bytes of the absolute path as views, exports and answers show it: `root` and `relative` joined by
/// `separator`, which is the one of the drive's home system rather than of this one.
pub fn absolute_text(root: &str, separator: char, relative: &[u8]) -> Vec<u8> {
    let mut bytes = root.as_bytes().to_vec();
    if !root.ends_with(separator) {
        bytes.push(separator as u8);
    }
    if separator == '/' {
        bytes.extend_from_slice(relative);
    } else {
        bytes.extend(
            relative
                .iter()
                .map(|&byte| if byte == b'/' { separator as u8 } else { byte }),
        );
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_and_back() {
        let root = Path::new("/mnt/x");
        let path = RelPath::below(root, Path::new("/mnt/x/a/./b c")).unwrap();
        assert_eq!(path.as_bytes(), b"a/b c");
        assert_eq!(join(root, &path), Path::new("/mnt/x/a/b c"));
        assert_eq!(
            path.split().unwrap(),
            (RelPath::from_bytes(b"a".to_vec()), b"b c".as_slice())
        );
        assert_eq!(RelPath::below(root, Path::new("/mnt/y")), None);
        assert!(RelPath::below(root, root).unwrap().is_root());
        assert_eq!(RelPath::below(root, Path::new("/mnt/x/../y")), None);
    }

    #[test]
    fn absolute_text_uses_the_drives_separator() {
        assert_eq!(absolute_text("E:\\", '\\', b"a/b"), b"E:\\a\\b");
        assert_eq!(absolute_text("/", '/', b"a/b\\c"), b"/a/b\\c");
        assert_eq!(absolute_text("/mnt", '/', b"a"), b"/mnt/a");
    }
}
