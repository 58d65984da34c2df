//! What udev and blkid know of a block device: the UUID, the label and the format written on it.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::tools;

/// How long blkid may take; it reads a few sectors, from a disk that may have to wake up first.
const BLKID_TIMEOUT: Duration = Duration::from_secs(10);

/// Where blkid is installed. The search path of a user often lacks these folders.
const BLKID_PLACES: [&str; 4] = [
    "/usr/sbin/blkid",
    "/sbin/blkid",
    "/usr/bin/blkid",
    "/bin/blkid",
];

/// A block device and the node under which it can be opened, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    /// The device number, major and minor.
    pub(super) number: (u32, u32),
    /// The device node.
    pub(super) node: Option<PathBuf>,
}

/// Something that is written in a file system's header, by blkid's name and udev's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// The UUID or serial number.
    Uuid,
    /// The label.
    Label,
    /// The format; udev keeps no folder of it.
    Type,
}

impl Tag {
    const fn blkid_name(self) -> &'static str {
        match self {
            Self::Uuid => "UUID",
            Self::Label => "LABEL",
            Self::Type => "TYPE",
        }
    }

    const fn udev_folder(self) -> Option<&'static str> {
        match self {
            Self::Uuid => Some("/dev/disk/by-uuid"),
            Self::Label => Some("/dev/disk/by-label"),
            Self::Type => None,
        }
    }
}

/// Returns the value of a tag: as udev last saw it, else as blkid reads it now, which takes the right to read the device.
pub(super) fn look_up(device: &Device, tag: Tag) -> Option<String> {
    tag.udev_folder()
        .and_then(|folder| by_link(Path::new(folder), device.number))
        .or_else(|| ask_blkid(device.node.as_deref()?, tag))
}

/// Returns the name of the link in `folder` that leads to the device.
pub(super) fn by_link(folder: &Path, device: (u32, u32)) -> Option<String> {
    fs_err::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .find(|entry| device_number(&entry.path()) == Some(device))
        .map(|entry| unescape(entry.file_name().as_bytes()))
}

/// Returns the device number of a block device's node, links followed; `None` if it is something else or not there.
pub(super) fn device_number(node: &Path) -> Option<(u32, u32)> {
    let metadata = fs_err::metadata(node).ok()?;
    metadata.file_type().is_block_device().then(|| {
        (
            rustix::fs::major(metadata.rdev()),
            rustix::fs::minor(metadata.rdev()),
        )
    })
}

/// Returns a name with udev's escapes (`\x20` for a space) undone.
fn unescape(name: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    loop {
        rest = match rest {
            [b'\\', b'x', high, low, rest @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                bytes.push((hex_digit(*high) << 4) | hex_digit(*low));
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
            [] => return String::from_utf8_lossy(&bytes).into_owned(),
        };
    }
}

const fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// Asks blkid, past its cache, which may speak of an earlier disk under the same name.
pub(super) fn ask_blkid(node: &Path, tag: Tag) -> Option<String> {
    let blkid = BLKID_PLACES
        .iter()
        .map(Path::new)
        .find(|path| path.exists())?;
    let arguments = [
        "-c".as_ref(),
        "/dev/null".as_ref(),
        "-o".as_ref(),
        "value".as_ref(),
        "-s".as_ref(),
        tag.blkid_name().as_ref(),
        node.as_os_str(),
    ];
    let output = tools::run(blkid, arguments, BLKID_TIMEOUT).ok()?;
    let value = String::from_utf8_lossy(&output.stdout);
    let value = value.lines().next().unwrap_or_default();
    (output.status.success() && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn udev_names_are_unescaped() {
        for (name, expected) in [
            ("My\\x20Disk", "My Disk"),
            ("a\\x2fb\\x5C", "a/b\\"),
            ("plain", "plain"),
            ("\\xzz", "\\xzz"),
            ("\\x4", "\\x4"),
            ("caf\\xc3\\xa9", "café"),
        ] {
            assert_eq!(unescape(name.as_bytes()), expected);
        }
    }

    #[test]
    fn links_to_nothing_match_no_device() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nonexistent", folder.path().join("dead")).unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.path().join("no-block")).unwrap();
        assert_eq!(by_link(folder.path(), (1, 3)), None);
        assert_eq!(by_link(&folder.path().join("absent"), (1, 3)), None);
        assert_eq!(device_number(Path::new("/dev/null")), None);
    }
}
