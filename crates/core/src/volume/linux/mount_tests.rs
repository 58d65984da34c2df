//! The probe on real mounts: images over loop devices, tmpfs, bind mounts. They need the right to mount; where it is
//! missing, the tests say so and pass.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::LinuxProbe;
use crate::tools;
use crate::volume::blkid::{self, Tag};
use crate::volume::{Identity, Tier, VolumeInfo, VolumeProbe, find};

const UUID: &str = "8f3c1d5e-1111-4222-8333-0123456789ab";

fn run(program: &str, arguments: &[&str]) -> bool {
    ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.exists())
        .is_some_and(|path| {
            tools::run(&path, arguments, Duration::from_mins(1))
                .is_ok_and(|output| output.status.success())
        })
}

#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn skip(what: &str) {
    eprintln!("skipped: {what}");
}

/// A folder whose mounts go away with it.
struct Mounts {
    folder: tempfile::TempDir,
    mounted: Vec<PathBuf>,
}

impl Mounts {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            mounted: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        // The temporary folder may itself be reached by a link.
        fs_err::canonicalize(self.folder.path()).unwrap().join(name)
    }

    /// Mounts `source` at a new folder `name`; `None` if this system will not.
    fn mount(&mut self, options: &[&str], source: &Path, name: &str) -> Option<PathBuf> {
        let target = self.path(name);
        fs_err::create_dir_all(&target).unwrap();
        let (source, point) = (source.to_str().unwrap(), target.to_str().unwrap());
        let arguments: Vec<&str> = options.iter().copied().chain([source, point]).collect();
        run("mount", &arguments).then(|| {
            self.mounted.push(target.clone());
            target
        })
    }

    fn unmount(&mut self, target: &Path) {
        assert!(run("umount", &[target.to_str().unwrap()]));
        self.mounted.retain(|mounted| mounted != target);
    }

    fn image(&self, name: &str, megabytes: u64) -> PathBuf {
        let path = self.path(name);
        let file = fs_err::File::create(&path).unwrap();
        file.set_len(megabytes << 20).unwrap();
        path
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        for target in self.mounted.iter().rev() {
            run("umount", &["-l", target.to_str().unwrap_or_default()]);
        }
    }
}

fn probe(path: &Path) -> VolumeInfo {
    LinuxProbe.probe(path).unwrap()
}

/// The device node that the mount table names for a mount point.
fn device_of(mounted: &Path) -> PathBuf {
    fs_err::read_to_string("/proc/self/mounts")
        .unwrap()
        .lines()
        .find(|line| line.contains(&format!(" {} ", mounted.to_str().unwrap())))
        .and_then(|line| line.split(' ').next().map(PathBuf::from))
        .unwrap()
}

#[test]
fn an_ext4_disk_is_the_same_wherever_it_is_mounted() {
    let mut mounts = Mounts::new();
    let image = mounts.image("ext4.img", 8);
    let made = run(
        "mkfs.ext4",
        &[
            "-q",
            "-F",
            "-U",
            UUID,
            "-L",
            "My Films",
            image.to_str().unwrap(),
        ],
    );
    let first = made
        .then(|| mounts.mount(&["-o", "loop"], &image, "first place"))
        .flatten();
    let Some(first) = first else {
        return skip("an ext4 image cannot be made or mounted here");
    };
    fs_err::create_dir_all(first.join("films/new")).unwrap();

    let info = probe(&first.join("films/new"));
    assert_eq!(info.identity.id, format!("uuid:{UUID}"));
    assert_eq!(info.identity.tier, Tier::Strong);
    assert_eq!(info.fs_format.as_deref(), Some("ext4"));
    assert_eq!(info.volume_label.as_deref(), Some("My Films"));
    assert_eq!(info.mount_point, first);
    assert_eq!(info.root_in_volume, b"films/new");
    assert!(
        info.total_bytes
            .is_some_and(|total| total > 4 << 20 && total < 8 << 20)
    );
    assert!(info.free_bytes <= info.total_bytes);
    assert!(info.file_ids_are_stable && !info.coarse_mtime && !info.is_network);
    assert!(LinuxProbe.mounted().contains(&first));
    let identity = info.identity;
    let places = || find(&LinuxProbe, &identity, b"films");
    assert_eq!(places(), [first.join("films")]);

    // A bind mount of a folder inside shows the same root.
    let bind = mounts
        .mount(&["--bind"], &first.join("films"), "bind")
        .unwrap();
    let bound = probe(&bind.join("new"));
    assert_eq!(bound.identity, identity);
    assert_eq!(bound.root_in_volume, b"films/new");
    assert_eq!(bound.mount_point, bind);
    assert_eq!(places(), [first.join("films"), bind.clone()]);
    mounts.unmount(&bind);

    // Elsewhere tomorrow.
    mounts.unmount(&first);
    assert!(places().is_empty());
    let second = mounts
        .mount(&["-o", "loop,ro"], &image, "second place")
        .unwrap();
    assert_eq!(probe(&second).identity, identity);
    assert_eq!(places(), [second.join("films")]);

    // Another file system over a folder of it hides the root.
    mounts
        .mount(&["-t", "tmpfs"], Path::new("tmpfs"), "second place/films")
        .unwrap();
    assert!(places().is_empty());
}

#[test]
fn the_header_on_the_device_says_what_the_kernel_says() {
    let mut mounts = Mounts::new();
    let image = mounts.image("ext4.img", 8);
    let made = run(
        "mkfs.ext4",
        &["-q", "-F", "-U", UUID, "-L", "x", image.to_str().unwrap()],
    );
    if !made || blkid::ask_blkid(&image, Tag::Type).is_none() {
        return skip("mkfs.ext4 or blkid is missing");
    }
    assert_eq!(blkid::ask_blkid(&image, Tag::Uuid).as_deref(), Some(UUID));
    assert_eq!(blkid::ask_blkid(&image, Tag::Label).as_deref(), Some("x"));
    assert_eq!(
        blkid::ask_blkid(&mounts.image("empty.img", 1), Tag::Uuid),
        None
    );
    if let Some(mounted) = mounts.mount(&["-o", "loop"], &image, "at") {
        assert_eq!(
            Some(probe(&mounted).identity),
            Identity::from_fs_uuid("ext4", UUID)
        );
        // What udev would have made of it.
        let node = device_of(&mounted);
        let links = mounts.path("by-label");
        fs_err::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(&node, links.join("My\\x20Films")).unwrap();
        let number = blkid::device_number(&node).unwrap();
        assert_eq!(blkid::by_link(&links, number).as_deref(), Some("My Films"));
        assert_eq!(blkid::by_link(&links, (number.0, u32::MAX)), None);
    }
}

#[test]
fn a_fat_disk_is_known_by_its_serial_number() {
    let mut mounts = Mounts::new();
    let image = mounts.image("fat.img", 8);
    if !run(
        "mkfs.vfat",
        &["-i", "1a2b3c4d", "-n", "STICK", image.to_str().unwrap()],
    ) {
        return skip("mkfs.vfat is missing");
    }
    let expected = Identity::serial(0x1A2B_3C4D);
    if let Some(uuid) = blkid::ask_blkid(&image, Tag::Uuid) {
        assert_eq!(
            Identity::from_fs_uuid("vfat", &uuid),
            Some(expected.clone())
        );
    }
    let Some(mounted) = mounts.mount(&["-o", "loop"], &image, "stick") else {
        return skip("this kernel mounts no FAT image; only the header was read");
    };
    let info = probe(&mounted);
    assert_eq!(info.identity, expected);
    assert_eq!(info.volume_label.as_deref(), Some("STICK"));
    assert!(info.coarse_mtime && !info.file_ids_are_stable);
}

#[test]
fn memory_has_no_identity_though_the_kernel_makes_one_up() {
    let mut mounts = Mounts::new();
    let options = ["-t", "tmpfs", "-o", "size=1m"];
    let Some(mounted) = mounts.mount(&options, Path::new("tmpfs"), "memory") else {
        return skip("nothing can be mounted here");
    };
    let info = probe(&mounted);
    assert_eq!(info.identity, Identity::weak("tmpfs", Some(1 << 20)));
    assert!(!info.file_ids_are_stable);
    assert!(!LinuxProbe.mounted().contains(&mounted));
    assert!(find(&LinuxProbe, &info.identity, b"").is_empty());
}

#[test]
fn a_btrfs_subvolume_is_a_folder_of_its_disk() {
    let mut mounts = Mounts::new();
    let image = mounts.image("btrfs.img", 160);
    let made = run("mkfs.btrfs", &["-q", "-U", UUID, image.to_str().unwrap()]);
    let top = made
        .then(|| mounts.mount(&["-o", "loop"], &image, "top"))
        .flatten();
    let Some(top) = top else {
        return skip("a btrfs image cannot be made or mounted here");
    };
    let home = top.join("@home");
    assert!(run(
        "btrfs",
        &["subvolume", "create", home.to_str().unwrap()]
    ));
    fs_err::create_dir(home.join("anna")).unwrap();
    let in_top = probe(&home.join("anna"));
    assert_eq!(in_top.identity.id, format!("uuid:{UUID}"));
    assert_eq!(in_top.root_in_volume, b"@home/anna");

    let device = device_of(&top);
    let alone = mounts
        .mount(&["-o", "subvol=@home"], &device, "home")
        .unwrap();
    let info = probe(&alone.join("anna"));
    assert_eq!(info.identity, in_top.identity);
    assert_eq!(info.root_in_volume, b"@home/anna");
    assert!(info.file_ids_are_stable);
    assert_eq!(
        find(&LinuxProbe, &info.identity, b"@home/anna"),
        [top.join("@home/anna"), alone.join("anna")]
    );
}
