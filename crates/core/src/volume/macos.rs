//! The probe of macOS: `statfs` for the mount, `diskutil` for the volume and the disk below it.
//!
//! Written without a Mac at hand: it has been neither compiled nor run there. Everything that reads text is in
//! `plist.rs` and `share.rs`, which are tested on every system.

use std::ffi::c_char;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::format::{self, Class};
use super::plist::{self, Values};
use super::{Identity, Tier, VolumeError, VolumeInfo, VolumeProbe, share};
use crate::path::{bytes_to_os, os_to_bytes};
use crate::tools;

/// How long `diskutil` may take; it waits for a disk that has to wake up.
const DISKUTIL_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the data volume is mounted. Its folders also appear at the top of the file system, by links that no path shows.
const DATA_VOLUME: &str = "/System/Volumes/Data";

/// Asks the running system.
#[derive(Clone, Copy, Debug)]
pub(super) struct MacProbe;

impl VolumeProbe for MacProbe {
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError> {
        let resolved = fs_err::canonicalize(path).map_err(|source| VolumeError::Path {
            path: path.to_path_buf(),
            source,
        })?;
        let mount = rustix::fs::statfs(&resolved).map_err(|source| VolumeError::System {
            path: resolved.clone(),
            call: "statfs",
            source: source.into(),
        })?;
        let fs_format =
            format::canonical_name(&String::from_utf8_lossy(&bytes_of(&mount.f_fstypename)));
        let mount_point = PathBuf::from(bytes_to_os(&bytes_of(&mount.f_mntonname)));
        let source = bytes_of(&mount.f_mntfromname);
        let block = u64::from(mount.f_bsize);
        let total_bytes = mount.f_blocks.checked_mul(block);
        let class = format::class(&fs_format);

        let mut info = VolumeInfo::unknown(Identity::weak(&fs_format, total_bytes), mount_point);
        info.root_in_volume = below(&info.mount_point, &resolved);
        info.total_bytes = total_bytes;
        info.free_bytes = mount.f_bavail.checked_mul(block);
        info.is_network = class == Class::Network;
        info.file_ids_are_stable = format::file_ids_are_stable(&fs_format);
        info.coarse_mtime = format::is_fat_family(&fs_format);
        match class {
            Class::Network => add_share(&mut info, &fs_format, &source),
            Class::Disk => {
                // The volume's own device; a mount point would do, but may be a disk image's.
                if let Some(text) = diskutil(Path::new(&bytes_to_os(&source))) {
                    let values = plist::parse(&text);
                    add_disk(&mut info, &fs_format, &values);
                    info.disks = physical_disks(&text, &values);
                }
            }
            Class::Memory | Class::Pseudo | Class::Fuse => {}
        }
        info.fs_format = Some(fs_format);
        Ok(info)
    }

    fn mounted(&self) -> Vec<PathBuf> {
        mounted_where(|_class| true)
    }

    fn candidates(&self, identity: &Identity) -> Vec<PathBuf> {
        let is_share = identity.tier == Tier::Share;
        mounted_where(|class| (class == Class::Network) == is_share)
    }
}

fn add_share(info: &mut VolumeInfo, fs_format: &str, source: &[u8]) {
    if let Some(share) = share::from_mount(fs_format, source) {
        info.identity = Identity::share(share.address);
        info.root_in_volume = [share.folder, std::mem::take(&mut info.root_in_volume)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(&b'/');
    }
}

fn add_disk(info: &mut VolumeInfo, fs_format: &str, values: &Values) {
    // For FAT and NTFS this UUID is made from the serial number by a rule of Apple's, so it stays what it is and does
    // not become a serial number here.
    let uuid = values.text("VolumeUUID");
    if let Some(identity) = uuid.and_then(|uuid| Identity::from_fs_uuid(fs_format, &uuid)) {
        info.identity = identity;
    }
    info.volume_label = values.text("VolumeName");
    info.disk_model = values.text("MediaName");
    info.is_removable = values
        .flag("RemovableMedia")
        .or_else(|| values.flag("Removable"));
    info.is_rotational = values.flag("SolidState").map(|solid| !solid);
    info.bus = values.text("BusProtocol").map(|bus| bus_name(&bus));
}

/// Returns our name for what `diskutil` calls the protocol.
fn bus_name(protocol: &str) -> String {
    match protocol {
        "SATA" | "ATA" | "ATAPI" => "ata".to_owned(),
        "PCI-Express" | "Apple Fabric" | "PCI" => "nvme".to_owned(),
        "Secure Digital" => "mmc".to_owned(),
        other => other.to_lowercase(),
    }
}

/// Returns the disks below: of an APFS container those of its physical stores, else the disk itself.
fn physical_disks(text: &str, values: &Values) -> Vec<PathBuf> {
    let mut stores = plist::texts(text, "APFSPhysicalStore");
    if stores.is_empty() {
        stores.extend(values.text("ParentWholeDisk"));
    }
    let mut disks: Vec<PathBuf> = stores
        .iter()
        .filter_map(|name| plist::whole_disk(name))
        .map(|disk| Path::new("/dev").join(disk))
        .collect();
    disks.sort();
    disks.dedup();
    disks
}

fn diskutil(device: &Path) -> Option<String> {
    let arguments = ["info".as_ref(), "-plist".as_ref(), device.as_os_str()];
    let output = tools::run(Path::new("/usr/sbin/diskutil"), arguments, DISKUTIL_TIMEOUT).ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the mount points that `/sbin/mount` lists, one a line: `source on /point (format, options)`.
fn mounted_where(wanted: impl Fn(Class) -> bool) -> Vec<PathBuf> {
    let no_arguments: [&str; 0] = [];
    let Ok(output) = tools::run(Path::new("/sbin/mount"), no_arguments, DISKUTIL_TIMEOUT) else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(plist::mount_line)
        .filter(|(_, fs_format)| {
            let class = format::class(&format::canonical_name(fs_format));
            !matches!(class, Class::Pseudo | Class::Memory) && wanted(class)
        })
        .map(|(mount_point, _)| PathBuf::from(mount_point))
        .collect()
}

fn below(mount_point: &Path, path: &Path) -> Vec<u8> {
    let rest = match path.strip_prefix(mount_point) {
        Ok(rest) => rest,
        Err(_) if mount_point == Path::new(DATA_VOLUME) => {
            path.strip_prefix("/").unwrap_or(Path::new(""))
        }
        Err(_) => Path::new(""),
    };
    os_to_bytes(rest.as_os_str()).into_owned()
}

/// Returns the text of a C array up to its zero.
fn bytes_of(text: &[c_char]) -> Vec<u8> {
    text.iter()
        .map(|character| u8::from_ne_bytes(character.to_ne_bytes()))
        .take_while(|byte| *byte != 0)
        .collect()
}
