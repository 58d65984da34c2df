//! A probe that answers from a script.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{VolumeError, VolumeInfo, VolumeProbe};
use crate::path::os_to_bytes;

/// A test double: it knows the volumes that a test mounted and no others, and asks nothing of the system. Public because
/// the tests of other crates need it; the program itself never makes one.
///
/// Paths are compared as they are written: nothing is resolved, and a folder below a mount counts as existing.
#[derive(Debug, Default)]
pub struct FakeProbe(Mutex<Vec<VolumeInfo>>);

impl FakeProbe {
    /// Returns a probe that knows no volume.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a volume at its `mount_point`, hiding what was there; its `root_in_volume` is the part that is shown.
    pub fn mount(&self, volume: VolumeInfo) {
        let mut volumes = self.volumes();
        volumes.retain(|known| known.mount_point != volume.mount_point);
        volumes.push(volume);
    }

    /// Takes away whatever is mounted at exactly this path.
    pub fn unmount(&self, mount_point: &Path) {
        self.volumes()
            .retain(|known| known.mount_point != mount_point);
    }

    fn volumes(&self) -> MutexGuard<'_, Vec<VolumeInfo>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VolumeProbe for FakeProbe {
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError> {
        let volumes = self.volumes();
        let volume = volumes
            .iter()
            .filter(|volume| path.starts_with(&volume.mount_point))
            .max_by_key(|volume| volume.mount_point.components().count())
            .ok_or_else(|| VolumeError::Path {
                path: path.to_path_buf(),
                source: io::ErrorKind::NotFound.into(),
            })?;
        let mut root_in_volume = volume.root_in_volume.clone();
        for name in path.strip_prefix(&volume.mount_point).into_iter().flatten() {
            if !root_in_volume.is_empty() {
                root_in_volume.push(b'/');
            }
            root_in_volume.extend_from_slice(&os_to_bytes(name));
        }
        Ok(VolumeInfo {
            root_in_volume,
            ..volume.clone()
        })
    }

    fn mounted(&self) -> Vec<PathBuf> {
        self.volumes()
            .iter()
            .map(|volume| volume.mount_point.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    #[test]
    fn the_deepest_mount_answers() {
        let probe = FakeProbe::new();
        let volume =
            |serial, at: &str| VolumeInfo::unknown(Identity::serial(serial), PathBuf::from(at));
        probe.mount(volume(1, "/a"));
        probe.mount(volume(2, "/a/b"));
        let answer = |path: &str| {
            let info = probe.probe(Path::new(path)).unwrap();
            (info.identity, info.root_in_volume)
        };
        assert_eq!(answer("/a/x/y"), (Identity::serial(1), b"x/y".to_vec()));
        assert_eq!(answer("/a/b/c"), (Identity::serial(2), b"c".to_vec()));
        assert!(probe.probe(Path::new("/elsewhere")).is_err());

        probe.mount(volume(3, "/a/b"));
        assert_eq!(answer("/a/b"), (Identity::serial(3), Vec::new()));
        assert_eq!(probe.mounted(), [Path::new("/a"), Path::new("/a/b")]);
    }
}
