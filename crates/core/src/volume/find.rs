//! Where a known root is mounted now.

use std::path::{Path, PathBuf};

use super::{Identity, Tier, VolumeProbe};
use crate::path::bytes_to_os;

/// Returns the paths under which the folder `root_in_volume` of the volume `identity` can be reached now, in the order of
/// the mount table and each once. Empty if the volume is not mounted, if no mount shows that part of it, or if the
/// identity is weak: a guess by file system and size would find strangers.
///
/// Every answer was probed: the folder exists, and no other volume is mounted over it.
pub fn find(probe: &dyn VolumeProbe, identity: &Identity, root_in_volume: &[u8]) -> Vec<PathBuf> {
    if identity.tier == Tier::Weak {
        return Vec::new();
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for mount_point in probe.candidates(identity) {
        let Ok(mounted) = probe.probe(&mount_point) else {
            continue;
        };
        if !mounted.identity.is_same_volume(identity) {
            continue;
        }
        let Some(below) = below(&mounted.root_in_volume, root_in_volume) else {
            continue;
        };
        let path = join(&mount_point, below);
        let is_there = probe.probe(&path).is_ok_and(|info| {
            info.identity.is_same_volume(identity) && info.root_in_volume == root_in_volume
        });
        if is_there && !found.contains(&path) {
            found.push(path);
        }
    }
    found
}

/// Returns `path` relative to the folder `top`, both with `/` between names; `None` if it is not below it.
fn below<'a>(top: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    if top.is_empty() {
        return Some(path);
    }
    match path.strip_prefix(top)? {
        [] => Some(&[]),
        [b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}

fn join(mount_point: &Path, below: &[u8]) -> PathBuf {
    let mut path = mount_point.to_path_buf();
    for name in below
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty())
    {
        path.push(bytes_to_os(name));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::{FakeProbe, VolumeInfo};
    use super::*;

    fn mounted(mount_point: &str, serial: u32, root_in_volume: &str) -> VolumeInfo {
        VolumeInfo {
            root_in_volume: root_in_volume.as_bytes().to_vec(),
            ..VolumeInfo::unknown(Identity::serial(serial), PathBuf::from(mount_point))
        }
    }

    #[test]
    fn a_root_is_found_at_every_mount_that_shows_it() {
        let probe = FakeProbe::new();
        probe.mount(mounted("/media/old", 1, ""));
        probe.mount(mounted("/media/other", 2, ""));
        probe.mount(mounted("/srv/films", 1, "films"));
        probe.mount(mounted("/srv/music", 1, "music"));
        probe.mount(mounted("/srv/filmstrips", 1, "films-strips"));
        let found = |serial, root: &str| find(&probe, &Identity::serial(serial), root.as_bytes());

        assert_eq!(
            found(1, "films"),
            [Path::new("/media/old/films"), Path::new("/srv/films")]
        );
        assert_eq!(
            found(1, "films/new"),
            [
                Path::new("/media/old/films/new"),
                Path::new("/srv/films/new")
            ]
        );
        assert_eq!(found(1, ""), [Path::new("/media/old")]);
        assert_eq!(found(3, ""), [] as [&Path; 0]);

        probe.unmount(Path::new("/media/old"));
        assert_eq!(found(1, "films"), [Path::new("/srv/films")]);
    }

    #[test]
    fn a_folder_below_another_mount_is_not_it() {
        let probe = FakeProbe::new();
        probe.mount(mounted("/media/a", 1, ""));
        probe.mount(mounted("/media/a/films", 2, ""));
        assert!(find(&probe, &Identity::serial(1), b"films").is_empty());
        assert_eq!(
            find(&probe, &Identity::serial(1), b"music"),
            [Path::new("/media/a/music")]
        );
    }

    #[test]
    fn weak_identities_are_not_searched() {
        let probe = FakeProbe::new();
        let weak = Identity::weak("tmpfs", Some(1));
        probe.mount(VolumeInfo::unknown(weak.clone(), PathBuf::from("/tmp")));
        assert!(find(&probe, &weak, b"").is_empty());
    }

    #[test]
    fn below_goes_by_whole_names() {
        assert_eq!(below(b"", b"a/b"), Some(&b"a/b"[..]));
        assert_eq!(below(b"a", b"a/b"), Some(&b"b"[..]));
        assert_eq!(below(b"a", b"a"), Some(&b""[..]));
        assert_eq!(below(b"a", b"ab"), None);
        assert_eq!(below(b"a/b", b"a"), None);
    }
}
