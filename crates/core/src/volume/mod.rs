//! Which disk is this: the identity of the volume that a folder lies on, wherever it is mounted today.
//!
//! A drive is who it is, not where it is. A probe answers for one folder and never writes. Deciding what a different
//! identity means for a scan is not its business, and neither are time limits: a probe of a dead network mount may hang,
//! so callers who must not wait run it where they can abandon it.

mod fake;
mod find;
mod format;
mod identity;
mod share;

#[cfg(target_os = "linux")]
mod blkid;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_ioctl;
#[cfg(target_os = "linux")]
mod mountinfo;
#[cfg(target_os = "linux")]
mod sysfs;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", test))]
mod plist;

#[cfg(any(windows, test))]
mod storage_descriptor;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::{Path, PathBuf};

pub use fake::FakeProbe;
pub use find::find;
pub use identity::{Identity, Tier};
pub(crate) use share::is_unc;

/// What is known of the volume that a probed folder lies on. `None` everywhere means that the system did not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeInfo {
    /// Who the volume is.
    pub identity: Identity,
    /// The file system in lower case, as the system names it: `ext4`, `ntfs`, `vfat`, `cifs`.
    pub fs_format: Option<String>,
    /// The name that somebody gave the volume.
    pub volume_label: Option<String>,
    /// The serial number of the disk below; for a USB enclosure it may be the enclosure's.
    pub disk_serial: Option<String>,
    /// The model of the disk below.
    pub disk_model: Option<String>,
    /// The size of the file system.
    pub total_bytes: Option<u64>,
    /// What an ordinary user may still write.
    pub free_bytes: Option<u64>,
    /// Where the volume, or the part of it that holds the folder, is mounted.
    pub mount_point: PathBuf,
    /// The probed folder inside the volume: `/` between names, none in front, empty for the volume's own top. Reached
    /// by a bind mount or after a move of the mount point it is the same. On Windows the names are WTF-8.
    pub root_in_volume: Vec<u8>,
    /// Whether the files lie on another machine.
    pub is_network: bool,
    /// Whether the medium is made to be taken out; a USB disk says no, see `bus`.
    pub is_removable: Option<bool>,
    /// Whether the disk spins. `None` also where the answer is a virtual machine's default and means nothing.
    pub is_rotational: Option<bool>,
    /// How the disk is attached, in lower case: `usb`, `nvme`, `ata`, `virtio`, `mmc`, `scsi`…
    pub bus: Option<String>,
    /// The physical disks below, as `smartctl` takes them: `/dev/sda`, on Windows `/dev/pd0`. Several for a RAID or a
    /// spanned volume; none for shares, images and memory.
    pub disks: Vec<PathBuf>,
    /// Whether inode numbers (file ids) survive a remount. On btrfs they are unique in a subvolume only, so they count
    /// together with the device number.
    pub file_ids_are_stable: bool,
    /// Whether modification times may be off by two seconds, or by whole hours when the time zone changes (FAT family).
    pub coarse_mtime: bool,
}

impl VolumeInfo {
    /// Returns what can be said when only the identity and the mount point are known, the volume's top being probed.
    pub fn unknown(identity: Identity, mount_point: PathBuf) -> Self {
        Self {
            identity,
            fs_format: None,
            volume_label: None,
            disk_serial: None,
            disk_model: None,
            total_bytes: None,
            free_bytes: None,
            mount_point,
            root_in_volume: Vec::new(),
            is_network: false,
            is_removable: None,
            is_rotational: None,
            bus: None,
            disks: Vec::new(),
            file_ids_are_stable: false,
            coarse_mtime: false,
        }
    }
}

/// Why nothing can be said of the volume below a path.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// The path does not exist, or some folder of it may not be entered.
    #[error("`{}` could not be resolved", path.display())]
    Path {
        /// The path as given.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system would not say what is mounted.
    #[error("the list of mounted volumes could not be read")]
    Mounts {
        /// The system's reason.
        source: io::Error,
    },
    /// The path exists, but belongs to no mount in the system's list.
    #[error("no mounted volume holds `{}`", path.display())]
    NoVolume {
        /// The path, resolved.
        path: PathBuf,
    },
    /// The system refused a question about the volume.
    #[error("the volume of `{}` could not be examined ({call})", path.display())]
    System {
        /// The path, resolved.
        path: PathBuf,
        /// The question, as the system calls it.
        call: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

/// Somebody who knows which volumes there are; tests use a [`FakeProbe`].
pub trait VolumeProbe: Send + Sync {
    /// Examines the volume that `path` lies on; links in the path are followed.
    ///
    /// # Errors
    ///
    /// [`VolumeError`] when the path or its volume cannot be found. Details that the system withholds are no error.
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError>;

    /// Returns whether the files at `path` lie on another machine; a path that cannot be examined is taken for local.
    fn is_network(&self, path: &Path) -> bool {
        self.probe(path).is_ok_and(|volume| volume.is_network)
    }

    /// Returns the mount points of real volumes; pseudo file systems, memory file systems and mounts hidden below later
    /// ones are left out. Nothing is probed for it. A system that does not answer has none.
    fn mounted(&self) -> Vec<PathBuf>;

    /// Returns those of [`mounted`](Self::mounted) that may belong to an identity, judged without touching them, so that
    /// a search for a disk never waits for a network share.
    fn candidates(&self, _identity: &Identity) -> Vec<PathBuf> {
        self.mounted()
    }
}

/// Returns the probe of the system that the program runs on.
pub fn system() -> Box<dyn VolumeProbe> {
    #[cfg(target_os = "linux")]
    return Box::new(linux::LinuxProbe);
    #[cfg(target_os = "macos")]
    return Box::new(macos::MacProbe);
    #[cfg(windows)]
    return Box::new(windows::WindowsProbe);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    Box::new(UnknownSystem)
}

/// A system nobody taught us to ask: every folder is a volume of its own, with a weak identity.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
struct UnknownSystem;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
impl VolumeProbe for UnknownSystem {
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError> {
        let resolved = fs_err::canonicalize(path).map_err(|source| VolumeError::Path {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(VolumeInfo::unknown(
            Identity::weak("unknown", None),
            resolved,
        ))
    }

    fn mounted(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}
