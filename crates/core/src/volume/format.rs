//! What the name of a file system tells about it, on every system.

/// Where the files of a file system are kept.
#[cfg(any(target_os = "linux", target_os = "macos", test))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// On a disk that can be asked who it is.
    Disk,
    /// On another machine, or on the host of this virtual one.
    Network,
    /// In memory, or put together from other file systems: a UUID such a one shows is made up at each mount.
    Memory,
    /// Nowhere: the kernel or a program makes them up.
    Pseudo,
    /// Behind a program nobody knows more about.
    Fuse,
}

/// Returns the class of a file system by the name the system gives it; unknown names are taken for disks.
#[cfg(any(target_os = "linux", target_os = "macos", test))]
pub(crate) fn class(fs_format: &str) -> Class {
    match fs_format {
        "cifs" | "smb" | "smb2" | "smb3" | "smbfs" | "nfs" | "nfs4" | "afpfs" | "afs" | "ncpfs"
        | "9p" | "v9fs" | "ceph" | "glusterfs" | "lustre" | "beegfs" | "gpfs" | "ocfs2_dlmfs"
        | "davfs" | "webdav" | "virtiofs" | "vboxsf" | "fuse.sshfs" | "fuse.rclone"
        | "fuse.glusterfs" | "fuse.ceph" | "fuse.ceph-fuse" | "fuse.davfs" | "fuse.davfs2"
        | "fuse.s3fs" | "fuse.curlftpfs" | "fuse.smbnetfs" | "fuse.afpfs" | "fuse.juicefs"
        | "fuse.vmhgfs-fuse" | "macfuse.sshfs" => Class::Network,
        "tmpfs" | "ramfs" | "rootfs" | "overlay" | "overlayfs" | "aufs" | "unionfs"
        | "devtmpfs" | "shiftfs" => Class::Memory,
        "autofs" | "binfmt_misc" | "bpf" | "cgroup" | "cgroup2" | "configfs" | "cpuset"
        | "debugfs" | "devfs" | "devpts" | "efivarfs" | "fusectl" | "fuse.gvfsd-fuse"
        | "fuse.lxcfs" | "fuse.portal" | "fuse.snapfuse" | "hugetlbfs" | "mqueue" | "nfsd"
        | "nsfs" | "nullfs" | "proc" | "pstore" | "resctrl" | "rpc_pipefs" | "securityfs"
        | "selinuxfs" | "smackfs" | "sysfs" | "tracefs" => Class::Pseudo,
        fuse if fuse == "fuse" || fuse.starts_with("fuse.") => Class::Fuse,
        _ => Class::Disk,
    }
}

/// Returns whether inode numbers (file ids) of this file system survive a remount. FAT has none on the disk, and those
/// of a FUSE program or an SMB server are made up.
pub(crate) fn file_ids_are_stable(fs_format: &str) -> bool {
    matches!(
        fs_format,
        "ext2"
            | "ext3"
            | "ext4"
            | "xfs"
            | "btrfs"
            | "bcachefs"
            | "zfs"
            | "f2fs"
            | "jfs"
            | "nilfs2"
            | "reiserfs"
            | "ufs"
            | "ntfs"
            | "refs"
            | "apfs"
            | "hfs"
            | "hfsplus"
            | "nfs"
            | "nfs4"
    )
}

/// Returns whether the file system is one of the FAT family, whose times are coarse and local.
pub(crate) fn is_fat_family(fs_format: &str) -> bool {
    matches!(
        fs_format,
        "vfat" | "msdos" | "fat" | "fat12" | "fat16" | "fat32" | "exfat"
    )
}

/// Returns whether the volume is known by a 32-bit serial number on Windows and Linux alike.
pub(crate) fn has_serial_number(fs_format: &str) -> bool {
    is_fat_family(fs_format) || fs_format == "ntfs"
}

/// Returns the one name for a file system that drivers call differently, in lower case.
pub(crate) fn canonical_name(fs_format: &str) -> String {
    let name = fs_format.to_lowercase();
    match name.as_str() {
        "ntfs3" | "ufsd_ntfs" | "tntfs" => "ntfs".to_owned(),
        "texfat" | "ufsd_exfat" => "exfat".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_class() {
        for (name, expected) in [
            ("ext4", Class::Disk),
            ("fuseblk", Class::Disk),
            ("some-new-fs", Class::Disk),
            ("cifs", Class::Network),
            ("nfs4", Class::Network),
            ("fuse.sshfs", Class::Network),
            ("tmpfs", Class::Memory),
            ("overlay", Class::Memory),
            ("proc", Class::Pseudo),
            ("fuse.gvfsd-fuse", Class::Pseudo),
            ("fuse", Class::Fuse),
            ("fuse.mergerfs", Class::Fuse),
        ] {
            assert_eq!(class(name), expected, "{name}");
        }
    }

    #[test]
    fn traits_of_the_common_ones() {
        // name, stable file ids, coarse times, serial number
        for (name, stable, coarse, serial) in [
            ("ext4", true, false, false),
            ("btrfs", true, false, false),
            ("xfs", true, false, false),
            ("zfs", true, false, false),
            ("f2fs", true, false, false),
            ("apfs", true, false, false),
            ("nfs4", true, false, false),
            ("ntfs", true, false, true),
            ("vfat", false, true, true),
            ("fat32", false, true, true),
            ("exfat", false, true, true),
            ("cifs", false, false, false),
            ("fuse.mergerfs", false, false, false),
            ("tmpfs", false, false, false),
        ] {
            assert_eq!(file_ids_are_stable(name), stable, "{name}");
            assert_eq!(is_fat_family(name), coarse, "{name}");
            assert_eq!(has_serial_number(name), serial, "{name}");
        }
    }

    #[test]
    fn drivers_of_one_format_share_its_name() {
        assert_eq!(canonical_name("ntfs3"), "ntfs");
        assert_eq!(canonical_name("NTFS"), "ntfs");
        assert_eq!(canonical_name("ext4"), "ext4");
    }
}
