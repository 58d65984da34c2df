//! The probe of Linux: the mount table, the file system's own UUID, udev, blkid and sysfs, in that order.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt;
use rustix::fs::{OFlags, StatVfs};

use super::blkid::{self, Device, Tag};
use super::format::{self, Class};
use super::mountinfo::{self, Mount};
use super::{Identity, Tier, VolumeError, VolumeInfo, VolumeProbe, linux_ioctl, share, sysfs};
use crate::path::os_to_bytes;

/// Asks the running kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinuxProbe;

/// Where the kernel keeps the table of the mounts that this process sees.
const MOUNTINFO: &str = "/proc/self/mountinfo";

impl VolumeProbe for LinuxProbe {
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError> {
        let (resolved, device) = place(path)?;
        let mounts = mounts()?;
        match mountinfo::mount_of(&mounts, &resolved, Some(device)) {
            Some(mount) => examine(mount, &resolved),
            None => Err(VolumeError::NoVolume { path: resolved }),
        }
    }

    /// Asked whenever a database is opened, and told by the table of mounts alone.
    fn is_network(&self, path: &Path) -> bool {
        let Ok((resolved, device)) = place(path) else {
            return false;
        };
        let mounts = mounts().unwrap_or_default();
        mountinfo::mount_of(&mounts, &resolved, Some(device))
            .is_some_and(|mount| format::class(&mount.fs_type) == Class::Network)
    }

    fn mounted(&self) -> Vec<PathBuf> {
        mounted_where(|_class| true)
    }

    fn candidates(&self, identity: &Identity) -> Vec<PathBuf> {
        let is_share = identity.tier == Tier::Share;
        mounted_where(|class| (class == Class::Network) == is_share)
    }
}

/// Returns a path with its links followed, and the number of the device that it lies on.
fn place(path: &Path) -> Result<(PathBuf, (u32, u32)), VolumeError> {
    let unresolved = |source| VolumeError::Path {
        path: path.to_path_buf(),
        source,
    };
    let resolved = fs_err::canonicalize(path).map_err(unresolved)?;
    let device = fs_err::metadata(&resolved).map_err(unresolved)?.dev();
    let device = (rustix::fs::major(device), rustix::fs::minor(device));
    Ok((resolved, device))
}

fn mounts() -> Result<Vec<Mount>, VolumeError> {
    let text = fs_err::read(MOUNTINFO).map_err(|source| VolumeError::Mounts { source })?;
    Ok(mountinfo::parse(&text))
}

fn mounted_where(wanted: impl Fn(Class) -> bool) -> Vec<PathBuf> {
    let mounts = mounts().unwrap_or_default();
    mountinfo::real(&mounts)
        .filter(|mount| wanted(format::class(&mount.fs_type)))
        .map(|mount| mount.point.clone())
        .collect()
}

/// What differs between kinds of volumes.
struct Details {
    identity: Identity,
    fs_format: String,
    label: Option<String>,
    disk: sysfs::Disk,
    disks: Vec<PathBuf>,
    /// The folder of a share that was mounted, inside the share.
    folder_of_share: Vec<u8>,
}

fn examine(mount: &Mount, path: &Path) -> Result<VolumeInfo, VolumeError> {
    let sizes = rustix::fs::statvfs(path).map_err(|source| VolumeError::System {
        path: path.to_path_buf(),
        call: "statvfs",
        source: source.into(),
    })?;
    let total_bytes = sizes.f_blocks.checked_mul(sizes.f_frsize);
    let class = format::class(&mount.fs_type);
    let details = match class {
        Class::Disk => on_disk(mount, path, &sizes),
        Class::Network => on_network(mount, total_bytes),
        Class::Memory | Class::Pseudo | Class::Fuse => without_identity(mount, total_bytes),
    };
    Ok(VolumeInfo {
        root_in_volume: root_in_volume(mount, &details.folder_of_share, path),
        file_ids_are_stable: format::file_ids_are_stable(&details.fs_format),
        coarse_mtime: format::is_fat_family(&details.fs_format),
        identity: details.identity,
        fs_format: Some(details.fs_format),
        volume_label: details.label,
        disk_serial: details.disk.serial,
        disk_model: details.disk.model,
        total_bytes,
        free_bytes: sizes.f_bavail.checked_mul(sizes.f_frsize),
        mount_point: mount.point.clone(),
        is_network: class == Class::Network,
        is_removable: details.disk.is_removable,
        is_rotational: details.disk.is_rotational,
        bus: details.disk.bus,
        disks: details.disks,
    })
}

fn without_identity(mount: &Mount, total_bytes: Option<u64>) -> Details {
    let fs_format = format::canonical_name(&mount.fs_type);
    Details {
        identity: Identity::weak(&fs_format, total_bytes),
        fs_format,
        label: None,
        disk: sysfs::Disk::default(),
        disks: Vec::new(),
        folder_of_share: Vec::new(),
    }
}

fn on_network(mount: &Mount, total_bytes: Option<u64>) -> Details {
    let details = without_identity(mount, total_bytes);
    match share::from_mount(&mount.fs_type, &mount.source) {
        Some(share) => Details {
            identity: Identity::share(share.address),
            folder_of_share: share.folder,
            ..details
        },
        None => details,
    }
}

fn on_disk(mount: &Mount, path: &Path, sizes: &StatVfs) -> Details {
    let device = device_of(mount);
    let read = |tag| {
        device
            .as_ref()
            .and_then(|device| blkid::look_up(device, tag))
    };
    let mut fs_format = format::canonical_name(&mount.fs_type);
    if fs_format == "fuseblk" {
        // Some program drives a real disk format; the header says which.
        fs_format = read(Tag::Type).map_or(fs_format, |name| format::canonical_name(&name));
    }
    let identity = uuid_from_kernel(&fs_format, path, sizes)
        .or_else(|| Identity::from_fs_uuid(&fs_format, &read(Tag::Uuid)?))
        .unwrap_or_else(|| Identity::weak(&fs_format, sizes.f_blocks.checked_mul(sizes.f_frsize)));
    Details {
        identity,
        label: read(Tag::Label),
        disk: device
            .as_ref()
            .map(|device| sysfs::disk(Path::new("/sys"), device.number))
            .unwrap_or_default(),
        disks: device
            .as_ref()
            .map(|device| sysfs::whole_disks(Path::new("/sys"), device.number))
            .unwrap_or_default(),
        fs_format,
        folder_of_share: Vec::new(),
    }
}

/// Returns the identity that the mounted file system itself gives. FAT, exFAT and NTFS are left to the header on the
/// disk: should a kernel answer for them, it would be in a form of its own.
fn uuid_from_kernel(fs_format: &str, path: &Path, sizes: &StatVfs) -> Option<Identity> {
    if format::has_serial_number(fs_format) {
        return None;
    }
    if fs_format == "zfs" {
        // A dataset has no device to ask; its file system id is made from a number kept in the pool.
        return (sizes.f_fsid != 0)
            .then(|| Identity::from_fs_uuid("zfs", &format!("zfs-{:016x}", sizes.f_fsid)))?;
    }
    // Opening must not wait: the path may be a named pipe.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let folder = fs_err::OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).ok()?)
        .open(path)
        .ok()?;
    Identity::from_uuid_bytes(linux_ioctl::fs_uuid(&folder)?)
}

/// Returns the block device of a mount: by its number, or, where the file system has none of its own (btrfs), by the
/// node it was mounted from.
fn device_of(mount: &Mount) -> Option<Device> {
    let source = PathBuf::from(crate::path::bytes_to_os(&mount.source));
    let number_of_source = blkid::device_number(&source);
    if mount.device.0 == 0 {
        return number_of_source.map(|number| Device {
            number,
            node: Some(source),
        });
    }
    let number = mount.device;
    let node = if number_of_source == Some(number) {
        Some(source)
    } else {
        // `/dev/root` and other names that exist only in the table.
        sysfs::device_name(Path::new("/sys"), number)
            .map(|name| Path::new("/dev").join(name))
            .filter(|node| blkid::device_number(node) == Some(number))
    };
    Some(Device { number, node })
}

/// Returns the folder inside the volume: what the mount shows of it, and from there on the rest of the path.
fn root_in_volume(mount: &Mount, folder_of_share: &[u8], path: &Path) -> Vec<u8> {
    let shown = mount.root.strip_prefix(b"/").unwrap_or(&mount.root);
    // A mounted folder of a share is named in the source, and by some kernels in the root too.
    let is_told_twice = !folder_of_share.is_empty() && shown.starts_with(folder_of_share);
    let folder_of_share = if is_told_twice { &[] } else { folder_of_share };
    let rest = path.strip_prefix(&mount.point).unwrap_or(Path::new(""));
    [folder_of_share, shown, &os_to_bytes(rest.as_os_str())]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(&b'/')
}

#[cfg(test)]
mod mount_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_what_the_mount_shows_and_the_rest() {
        fn check(root: &str, mount_point: &str, folder: &str, path: &str, expected: &str) {
            let line = format!("1 1 0:1 {root} {mount_point} rw - x y rw\n");
            let mounts = mountinfo::parse(line.as_bytes());
            let mount = mounts.first().unwrap();
            let found = root_in_volume(mount, folder.as_bytes(), Path::new(path));
            assert_eq!(String::from_utf8(found).unwrap(), expected);
        }
        check("/", "/", "", "/", "");
        check("/", "/media/a", "", "/media/a", "");
        check("/", "/media/a", "", "/media/a/x/y", "x/y");
        check("/srv/films", "/mnt", "", "/mnt", "srv/films");
        check("/srv/films", "/mnt", "", "/mnt/new", "srv/films/new");
        check("/@home", "/home", "", "/home/anna", "@home/anna");
        check("/", "/net", "Films", "/net/new", "Films/new");
        check("/Films", "/net", "Films", "/net/new", "Films/new");
    }

    #[test]
    fn the_running_system_answers() {
        let probe = LinuxProbe;
        let info = probe.probe(Path::new("/proc/self")).unwrap();
        assert_eq!(info.identity.tier, Tier::Weak);
        assert_eq!(info.fs_format.as_deref(), Some("proc"));
        assert_eq!(info.mount_point, Path::new("/proc"));
        assert!(!probe.mounted().contains(&PathBuf::from("/proc")));
        assert!(matches!(
            probe.probe(Path::new("/nonexistent/folder")),
            Err(VolumeError::Path { .. })
        ));
    }
}
