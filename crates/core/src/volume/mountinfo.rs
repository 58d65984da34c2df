//! `/proc/self/mountinfo`: which mount a path goes through. Pure functions over its text.
//!
//! The format is that of proc(5): `id parent major:minor root mount-point options [tags] - type source super-options`.

use std::path::{Path, PathBuf};

use super::format::{self, Class};
use crate::path::bytes_to_os;

/// One line of the mount table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The number of the mount.
    pub(super) id: u64,
    /// The mount that this one is mounted on.
    pub(super) parent: u64,
    /// The device number; its first half is 0 where there is no device, and for btrfs, which has many.
    pub(super) device: (u32, u32),
    /// The folder of the file system that is shown, with a leading `/`: the source of a bind mount, a btrfs subvolume.
    pub(super) root: Vec<u8>,
    /// Where it is shown.
    pub(super) point: PathBuf,
    /// The file system, as its driver calls it.
    pub(super) fs_type: String,
    /// The device node, `//server/share`, or whatever mount was told.
    pub(super) source: Vec<u8>,
}

/// Returns the mounts in the text, lines of another form left out.
pub(super) fn parse(text: &[u8]) -> Vec<Mount> {
    text.split(|byte| *byte == b'\n')
        .filter_map(parse_line)
        .collect()
}

fn parse_line(line: &[u8]) -> Option<Mount> {
    let mut fields = line
        .split(|byte| *byte == b' ')
        .filter(|field| !field.is_empty());
    let id = number(fields.next()?)?;
    let parent = number(fields.next()?)?;
    let device = fields.next()?;
    let colon = device.iter().position(|byte| *byte == b':')?;
    let root = unescape(fields.next()?);
    let point = PathBuf::from(bytes_to_os(&unescape(fields.next()?)));
    // The tags between the options and the dash are of any number.
    let mut fields = fields.skip_while(|field| *field != b"-").skip(1);
    Some(Mount {
        id,
        parent,
        device: (
            number(device.get(..colon)?)?,
            number(device.get(colon + 1..)?)?,
        ),
        root,
        point,
        fs_type: String::from_utf8_lossy(&unescape(fields.next()?)).into_owned(),
        // A file system may be mounted from nothing at all, which leaves the field empty.
        source: fields.next().map(unescape).unwrap_or_default(),
    })
}

fn number<N: std::str::FromStr>(field: &[u8]) -> Option<N> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// Returns the field with its octal escapes (`\040` for a space) undone.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    loop {
        rest = match rest {
            [
                b'\\',
                high @ b'0'..=b'3',
                middle @ b'0'..=b'7',
                low @ b'0'..=b'7',
                rest @ ..,
            ] => {
                bytes.push(((high - b'0') << 6) | ((middle - b'0') << 3) | (low - b'0'));
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
            [] => return bytes,
        };
    }
}

/// Returns the mount that an absolute path without links goes through last.
///
/// The tree of mounts is walked as the kernel walks it, so a mount that a later one hides does not answer however long
/// its mount point is. `device`, the path's own `st_dev`, overrules the walk where the file system has one device number
/// (not so on btrfs, overlay and network mounts) and some other mount fits it.
pub(super) fn mount_of<'a>(
    mounts: &'a [Mount],
    path: &Path,
    device: Option<(u32, u32)>,
) -> Option<&'a Mount> {
    let walked = walk(mounts, path);
    let (Some(device), Some(mount)) = (device, walked) else {
        return walked;
    };
    if mount.device.0 == 0 || mount.device == device {
        return walked;
    }
    mounts
        .iter()
        .filter(|mount| mount.device == device && path.starts_with(&mount.point))
        // The last of several equal ones is the one on top.
        .max_by_key(|mount| mount.point.components().count())
        .or(walked)
}

fn walk<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    let is_listed = |id| mounts.iter().any(|mount| mount.id == id);
    let mut current = mounts
        .iter()
        .filter(|mount| mount.parent == mount.id || !is_listed(mount.parent))
        .filter(|mount| path.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())?;
    // Each step goes one mount deeper; a table that leads in a circle is broken and ends here.
    for _step in mounts {
        let next = mounts
            .iter()
            .rev()
            .filter(|mount| mount.parent == current.id && mount.id != current.id)
            .filter(|mount| {
                path.starts_with(&mount.point) && mount.point.starts_with(&current.point)
            })
            // The first crossing on the way down; at the same place, the mount on top.
            .min_by_key(|mount| mount.point.components().count());
        match next {
            Some(next) => current = next,
            None => break,
        }
    }
    Some(current)
}

/// Returns the mounts of real volumes that can be reached: no pseudo or memory file systems, nothing that a later mount
/// hides.
pub(super) fn real(mounts: &[Mount]) -> impl Iterator<Item = &Mount> {
    mounts
        .iter()
        .filter(|mount| !matches!(format::class(&mount.fs_type), Class::Pseudo | Class::Memory))
        .filter(|mount| walk(mounts, &mount.point).is_some_and(|visible| visible.id == mount.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = br"22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:2 / / rw,relatime shared:1 - ext4 /dev/vda2 rw
28 27 8:17 / /media/My\040Disk rw,nosuid shared:2 master:3 - vfat /dev/sdb1 rw
29 27 254:2 /srv/films /mnt/bind rw - ext4 /dev/vda2 rw
30 27 0:40 /@home /home rw - btrfs /dev/sdc1 rw,subvolid=257,subvol=/@home
31 30 0:40 /@home/anna/x /home/shown rw - btrfs /dev/sdc1 rw,subvolid=257,subvol=/@home
40 27 8:33 / /a/b rw - ext4 /dev/sdd1 rw
41 27 8:49 / /a rw - xfs /dev/sde1 rw
42 41 8:65 / /a rw - ext4 /dev/sdf1 rw
43 27 0:50 / /net/share rw - cifs //NAS/My\040Films rw
44 27 0:51 / /run rw - tmpfs tmpfs rw
45 27 0:52 / /odd\134\011name rw - fuse.sshfs anna@host:/x rw
46 27 0:53 / /empty rw -  rw
not a mount line
47 27 0:54
";

    fn id_of(path: &str, device: Option<(u32, u32)>) -> u64 {
        mount_of(&parse(TABLE), Path::new(path), device).unwrap().id
    }

    #[test]
    fn lines_are_read_with_their_escapes() {
        let mounts = parse(TABLE);
        assert_eq!(mounts.len(), 13, "the broken lines are left out");
        let usb = mounts.iter().find(|mount| mount.id == 28).unwrap();
        assert_eq!(
            *usb,
            Mount {
                id: 28,
                parent: 27,
                device: (8, 17),
                root: b"/".to_vec(),
                point: PathBuf::from("/media/My Disk"),
                fs_type: "vfat".to_owned(),
                source: b"/dev/sdb1".to_vec(),
            }
        );
        let share = mounts.iter().find(|mount| mount.id == 43).unwrap();
        assert_eq!(share.source, b"//NAS/My Films");
        let odd = mounts.iter().find(|mount| mount.id == 45).unwrap();
        assert_eq!(odd.point, Path::new("/odd\\\tname"));
        let bind = mounts.iter().find(|mount| mount.id == 31).unwrap();
        assert_eq!(bind.root, b"/@home/anna/x");
    }

    #[test]
    fn paths_go_through_the_deepest_mount_that_is_not_hidden() {
        for (path, expected) in [
            ("/", 27),
            ("/etc", 27),
            ("/media/My Disk", 28),
            ("/media/My Disk/x", 28),
            ("/media/My Disks", 27),
            ("/mnt/bind/old", 29),
            ("/home/anna", 30),
            ("/home/shown/y", 31),
            // 40 is hidden below 41, and 41 below 42.
            ("/a", 42),
            ("/a/b", 42),
            ("/net/share/x", 43),
        ] {
            assert_eq!(id_of(path, None), expected, "{path}");
        }
    }

    #[test]
    fn the_device_number_overrules_where_it_means_something() {
        assert_eq!(id_of("/a/b", Some((8, 65))), 42, "agrees");
        assert_eq!(id_of("/a/b", Some((8, 33))), 40, "another one fits");
        assert_eq!(id_of("/a/b", Some((9, 9))), 42, "none fits");
        assert_eq!(
            id_of("/home/anna", Some((0, 77))),
            30,
            "btrfs shows a device number of its own"
        );
    }

    #[test]
    fn real_volumes_are_those_one_can_reach() {
        let mounts = parse(TABLE);
        let ids: Vec<u64> = real(&mounts).map(|mount| mount.id).collect();
        assert_eq!(ids, [27, 28, 29, 30, 31, 42, 43, 45, 46]);
    }

    #[test]
    fn a_table_without_a_root_or_with_a_circle_is_survived() {
        let jail = parse(b"5 4 8:1 / /data rw - ext4 /dev/sda1 rw\n");
        assert_eq!(mount_of(&jail, Path::new("/data/x"), None).unwrap().id, 5);
        assert!(mount_of(&jail, Path::new("/etc"), None).is_none());
        let circle = parse(
            b"1 1 8:1 / / rw - ext4 a rw\n2 3 8:1 / /x rw - ext4 a rw\n3 2 8:1 / /x rw - ext4 a rw\n",
        );
        assert_eq!(mount_of(&circle, Path::new("/x"), None).unwrap().id, 1);
    }
}
