//! What Linux tells of the disk below a block device, from the text files of `/sys`.

use std::io::Read;
use std::path::{Path, PathBuf};

/// How many layers (partition, LVM, encryption, RAID) are gone down at most.
const MOST_LAYERS: usize = 8;

/// How many disks one volume is taken to lie on at most.
const MOST_DISKS: usize = 32;

/// Longest text file that is read.
const TEXT_LIMIT: u64 = 4096;

/// The disk that holds a block device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Disk {
    /// The model, as the disk spells it.
    pub(super) model: Option<String>,
    /// The serial number of the disk, or of the USB enclosure if that is all there is.
    pub(super) serial: Option<String>,
    /// Whether it spins.
    pub(super) is_rotational: Option<bool>,
    /// Whether the medium can be taken out of the drive.
    pub(super) is_removable: Option<bool>,
    /// How it is attached.
    pub(super) bus: Option<String>,
}

/// Returns the disk below the device `number`; `sys` is where sysfs is mounted.
///
/// A device that is spread over several disks (RAID, a volume group) answers for itself only: none of the disks below
/// speaks for all.
pub(super) fn disk(sys: &Path, number: (u32, u32)) -> Disk {
    let link = sys.join(format!("dev/block/{}:{}", number.0, number.1));
    let Ok(device) = fs_err::canonicalize(link) else {
        return Disk::default();
    };
    let folder = below_all_layers(device);
    let bus = bus(&folder);
    let is_rotational = flag(&folder.join("queue/rotational"))
        .filter(|spins| !(*spins && says_nothing_of_rotation(bus.as_deref())));
    Disk {
        model: text(&folder.join("device/model")).or_else(|| text(&folder.join("device/name"))),
        serial: text(&folder.join("device/serial"))
            .or_else(|| text(&folder.join("serial")))
            .or_else(|| unit_serial(&folder.join("device/vpd_pg80")))
            .or_else(|| usb_serial(&folder)),
        is_rotational,
        is_removable: flag(&folder.join("removable")),
        bus,
    }
}

/// Returns the name of the device, as it is called in `/dev`.
pub(super) fn device_name(sys: &Path, number: (u32, u32)) -> Option<String> {
    let uevent = text(&sys.join(format!("dev/block/{}:{}/uevent", number.0, number.1)))?;
    name_in(&uevent)
}

fn name_in(uevent: &str) -> Option<String> {
    uevent
        .lines()
        .find_map(|line| line.strip_prefix("DEVNAME="))
        .map(str::to_owned)
}

/// Returns the nodes of all physical disks that the device `number` lies on, in the order of their names. Unlike
/// [`disk`] this follows RAID and volume groups to every disk below; images and memory have none.
pub(super) fn whole_disks(sys: &Path, number: (u32, u32)) -> Vec<PathBuf> {
    let link = sys.join(format!("dev/block/{}:{}", number.0, number.1));
    let mut waiting: Vec<(PathBuf, usize)> = fs_err::canonicalize(link)
        .into_iter()
        .map(|device| (device, 0))
        .collect();
    let mut disks: Vec<PathBuf> = Vec::new();
    while let Some((folder, layer)) = waiting.pop() {
        if layer > MOST_LAYERS || disks.len() >= MOST_DISKS || waiting.len() > MOST_DISKS {
            continue;
        }
        let below = layer_below(&folder);
        if below.is_empty() {
            disks.extend(node_of(&folder).filter(|_| is_physical(&folder)));
        }
        waiting.extend(below.into_iter().map(|device| (device, layer + 1)));
    }
    disks.sort();
    disks.dedup();
    disks
}

/// Returns the disk of a partition, or the devices that a mapped device is made of.
fn layer_below(folder: &Path) -> Vec<PathBuf> {
    if folder.join("partition").exists() {
        return folder.parent().map(Path::to_path_buf).into_iter().collect();
    }
    fs_err::read_dir(folder.join("slaves"))
        .into_iter()
        .flatten()
        .take(MOST_DISKS)
        .filter_map(|entry| fs_err::canonicalize(entry.ok()?.path()).ok())
        .collect()
}

/// Loop devices and memory disks are below `virtual`; so are NVM Express disks with several paths, which are real.
fn is_physical(folder: &Path) -> bool {
    !folder.iter().any(|name| name == "virtual")
        || folder.iter().any(|name| name == "nvme-subsystem")
}

fn node_of(folder: &Path) -> Option<PathBuf> {
    Some(Path::new("/dev").join(name_in(&text(&folder.join("uevent"))?)?))
}

/// Goes from a partition to its disk, and from a mapped device to the only device below it.
fn below_all_layers(device: PathBuf) -> PathBuf {
    let mut folder = device;
    for _layer in 0..MOST_LAYERS {
        if folder.join("partition").exists()
            && let Some(parent) = folder.parent()
        {
            folder = parent.to_path_buf();
        } else if let Some(only) = only_entry(&folder.join("slaves"))
            && let Ok(below) = fs_err::canonicalize(only)
        {
            folder = below;
        } else {
            break;
        }
    }
    folder
}

fn only_entry(folder: &Path) -> Option<PathBuf> {
    let mut entries = fs_err::read_dir(folder).ok()?;
    let first = entries.next()?.ok()?;
    entries.next().is_none().then(|| first.path())
}

/// Returns how the disk is attached, from the path of its folder under `/sys/devices`.
fn bus(folder: &Path) -> Option<String> {
    let names: Vec<&str> = folder.iter().filter_map(|name| name.to_str()).collect();
    let numbered = |prefix: &str| {
        names.iter().any(|name| {
            name.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
        })
    };
    // The outermost first: a disk behind a USB bridge also shows a SCSI host.
    [
        ("usb", "usb"),
        ("fw", "firewire"),
        ("nvme", "nvme"),
        ("virtio", "virtio"),
        ("vbd-", "xen"),
        ("mmc", "mmc"),
        ("session", "iscsi"),
        ("end_device-", "sas"),
        ("ata", "ata"),
        ("host", "scsi"),
    ]
    .into_iter()
    .find(|(prefix, _)| numbered(prefix))
    .map(|(_, bus)| bus.to_owned())
}

/// Returns whether disks of this bus count as spinning just because nobody said otherwise: a virtual machine does not
/// see what its image lies on.
fn says_nothing_of_rotation(bus: Option<&str>) -> bool {
    matches!(bus, Some("virtio" | "xen"))
}

/// Returns the serial number of a SCSI or ATA disk: page 80h of its vital product data, four bytes of header of which
/// the last two are the length.
fn unit_serial(page: &Path) -> Option<String> {
    let bytes = bounded(page)?;
    let (header, rest) = bytes.split_first_chunk::<4>()?;
    let [_, 0x80, high, low] = header else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    clean(rest.get(..length)?)
}

/// Returns the serial number of the USB device that the disk is part of.
fn usb_serial(folder: &Path) -> Option<String> {
    let device = folder
        .ancestors()
        .find(|ancestor| ancestor.join("idVendor").exists())?;
    text(&device.join("serial"))
}

fn flag(file: &Path) -> Option<bool> {
    match text(file)?.as_str() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn text(file: &Path) -> Option<String> {
    clean(&bounded(file)?)
}

fn bounded(file: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    fs_err::File::open(file)
        .ok()?
        .take(TEXT_LIMIT)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// Returns the text without the blanks and zeros that disks pad with; `None` if nothing is left.
fn clean(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sysfs of text files, as the kernel lays it out.
    struct FakeSys(tempfile::TempDir);

    impl FakeSys {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs_err::create_dir_all(folder.path().join("dev/block")).unwrap();
            Self(folder)
        }

        fn write(&self, path: &str, content: impl AsRef<[u8]>) {
            let path = self.0.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, content).unwrap();
        }

        fn link(&self, path: &str, target: &str) {
            let path = self.0.path().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(self.0.path().join(target), path).unwrap();
        }

        fn disk(&self, number: (u32, u32)) -> Disk {
            disk(self.0.path(), number)
        }
    }

    #[test]
    fn a_partition_of_a_usb_disk() {
        let sys = FakeSys::new();
        let usb = "devices/pci0000:00/0000:00:14.0/usb2/2-1";
        let disk = format!("{usb}/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb");
        sys.write(&format!("{usb}/idVendor"), "0bc2\n");
        sys.write(&format!("{usb}/serial"), "NA8XXXXX\n");
        sys.write(&format!("{disk}/device/model"), "Expansion HDD   \n");
        sys.write(&format!("{disk}/queue/rotational"), "1\n");
        sys.write(&format!("{disk}/removable"), "0\n");
        sys.write(&format!("{disk}/sdb1/partition"), "1\n");
        sys.write(
            &format!("{disk}/sdb1/uevent"),
            "MAJOR=8\nMINOR=17\nDEVNAME=sdb1\nDEVTYPE=partition\n",
        );
        sys.link("dev/block/8:17", &format!("{disk}/sdb1"));
        assert_eq!(
            sys.disk((8, 17)),
            Disk {
                model: Some("Expansion HDD".to_owned()),
                serial: Some("NA8XXXXX".to_owned()),
                is_rotational: Some(true),
                is_removable: Some(false),
                bus: Some("usb".to_owned()),
            }
        );
        assert_eq!(device_name(sys.0.path(), (8, 17)).as_deref(), Some("sdb1"));
    }

    #[test]
    fn an_encrypted_volume_on_a_partition_of_a_sata_disk() {
        let sys = FakeSys::new();
        let disk = "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda";
        sys.write(&format!("{disk}/sda2/partition"), "2\n");
        sys.write(&format!("{disk}/queue/rotational"), "0\n");
        sys.write(
            &format!("{disk}/device/vpd_pg80"),
            b"\x00\x80\x00\x08  S3RIAL",
        );
        sys.write("devices/virtual/block/dm-0/queue/rotational", "0\n");
        sys.link(
            "devices/virtual/block/dm-0/slaves/sda2",
            &format!("{disk}/sda2"),
        );
        sys.link("dev/block/253:0", "devices/virtual/block/dm-0");
        let found = sys.disk((253, 0));
        assert_eq!(found.bus.as_deref(), Some("ata"));
        assert_eq!(found.serial.as_deref(), Some("S3RIAL"));
        assert_eq!(found.is_rotational, Some(false));

        // Over two disks, neither speaks for it.
        sys.write("devices/other/sdz/queue/rotational", "1\n");
        sys.link("devices/virtual/block/dm-0/slaves/sdz", "devices/other/sdz");
        assert_eq!(sys.disk((253, 0)).serial, None);
    }

    #[test]
    fn every_disk_below_a_volume_is_found() {
        let sys = FakeSys::new();
        let disk = |name: &str| {
            let folder = format!("devices/pci0000:00/ata1/host0/block/{name}");
            sys.write(&format!("{folder}/uevent"), format!("DEVNAME={name}\n"));
            sys.write(&format!("{folder}/{name}1/partition"), "1\n");
            sys.write(
                &format!("{folder}/{name}1/uevent"),
                format!("DEVNAME={name}1\n"),
            );
            format!("{folder}/{name}1")
        };
        let (first, second) = (disk("sda"), disk("sdb"));
        sys.link("dev/block/8:1", &first);
        let found = |number| whole_disks(sys.0.path(), number);
        assert_eq!(found((8, 1)), [Path::new("/dev/sda")]);

        // A logical volume on a mirror of two partitions.
        sys.write("devices/virtual/block/dm-0/uevent", "DEVNAME=dm-0\n");
        sys.write("devices/virtual/block/md0/uevent", "DEVNAME=md0\n");
        sys.link(
            "devices/virtual/block/dm-0/slaves/md0",
            "devices/virtual/block/md0",
        );
        sys.link("devices/virtual/block/md0/slaves/sda1", &first);
        sys.link("devices/virtual/block/md0/slaves/sdb1", &second);
        sys.link("dev/block/253:0", "devices/virtual/block/dm-0");
        assert_eq!(
            found((253, 0)),
            [Path::new("/dev/sda"), Path::new("/dev/sdb")]
        );

        // A device that is said to lie on itself.
        sys.link(
            "devices/virtual/block/md1/slaves/md1",
            "devices/virtual/block/md1",
        );
        sys.link("dev/block/9:1", "devices/virtual/block/md1");
        assert_eq!(found((9, 1)), [] as [&Path; 0]);

        sys.write("devices/virtual/block/loop0/uevent", "DEVNAME=loop0\n");
        sys.link("dev/block/7:0", "devices/virtual/block/loop0");
        assert_eq!(found((7, 0)), [] as [&Path; 0]);
        let paths = "devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1";
        sys.write(&format!("{paths}/uevent"), "DEVNAME=nvme0n1\n");
        sys.link("dev/block/259:0", paths);
        assert_eq!(found((259, 0)), [Path::new("/dev/nvme0n1")]);
        assert_eq!(found((1, 1)), [] as [&Path; 0]);
    }

    #[test]
    fn a_virtual_disk_does_not_know_whether_it_spins() {
        let sys = FakeSys::new();
        let disk = "devices/pci0000:00/0000:00:02.0/virtio1/block/vda";
        sys.write(&format!("{disk}/queue/rotational"), "1\n");
        sys.write(&format!("{disk}/serial"), "abc");
        sys.link("dev/block/254:0", disk);
        let found = sys.disk((254, 0));
        assert_eq!(found.is_rotational, None);
        assert_eq!(found.serial.as_deref(), Some("abc"));
        sys.write(&format!("{disk}/queue/rotational"), "0\n");
        assert_eq!(sys.disk((254, 0)).is_rotational, Some(false));
    }

    #[test]
    fn what_is_not_there_is_not_said() {
        assert_eq!(FakeSys::new().disk((8, 0)), Disk::default());
        assert_eq!(device_name(Path::new("/nonexistent"), (8, 0)), None);
    }

    #[test]
    fn the_bus_is_read_off_the_path() {
        for (path, expected) in [
            ("/sys/devices/pci0/usb1/1-2/host3/block/sdc", Some("usb")),
            ("/sys/devices/pci0/nvme/nvme0/nvme0n1", Some("nvme")),
            (
                "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1",
                Some("nvme"),
            ),
            (
                "/sys/devices/pci0/mmc_host/mmc0/mmc0:1234/block/mmcblk0",
                Some("mmc"),
            ),
            ("/sys/devices/pci0/ata3/host2/block/sda", Some("ata")),
            (
                "/sys/devices/pci0/host0/port-0:0/end_device-0:0/block/sda",
                Some("sas"),
            ),
            (
                "/sys/devices/platform/host7/session1/target7/block/sdx",
                Some("iscsi"),
            ),
            ("/sys/devices/pci0/host0/target0/block/sda", Some("scsi")),
            ("/sys/devices/vbd-768/block/xvda", Some("xen")),
            ("/sys/devices/virtual/block/loop0", None),
        ] {
            assert_eq!(bus(Path::new(path)).as_deref(), expected, "{path}");
        }
    }
}
