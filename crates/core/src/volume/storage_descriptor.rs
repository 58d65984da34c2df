//! What Windows tells of a disk in answer to `IOCTL_STORAGE_QUERY_PROPERTY`: structures in bytes, read without trust in
//! the offsets they contain. Pure, so that it is tested on every system.

/// `STORAGE_PROPERTY_ID`: the description of the device.
pub(super) const DEVICE_PROPERTY: u32 = 0;

/// `STORAGE_PROPERTY_ID`: whether seeking costs time.
pub(super) const SEEK_PENALTY_PROPERTY: u32 = 7;

/// The disk as described by `STORAGE_DEVICE_DESCRIPTOR`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// Vendor and product, as far as given.
    pub(super) model: Option<String>,
    /// The serial number.
    pub(super) serial: Option<String>,
    /// How the disk is attached.
    pub(super) bus: Option<String>,
    /// Whether the medium can be taken out.
    pub(super) is_removable: Option<bool>,
}

/// Returns a `STORAGE_PROPERTY_QUERY` for the standard form of a property.
pub(super) fn query(property: u32) -> [u8; 12] {
    let mut bytes = [0; 12];
    for (slot, byte) in bytes.iter_mut().zip(property.to_le_bytes()) {
        *slot = byte;
    }
    bytes
}

/// Reads a `STORAGE_DEVICE_DESCRIPTOR` with the texts behind it.
pub(super) fn descriptor(bytes: &[u8]) -> Descriptor {
    let [vendor, product, serial] = [12, 16, 24].map(|at| text_at(bytes, u32_at(bytes, at)));
    let model: Vec<String> = [vendor, product].into_iter().flatten().collect();
    Descriptor {
        model: (!model.is_empty()).then(|| model.join(" ")),
        serial,
        bus: u32_at(bytes, 28).and_then(bus_name).map(str::to_owned),
        is_removable: bytes.get(10).map(|flag| *flag != 0),
    }
}

/// Reads a `DEVICE_SEEK_PENALTY_DESCRIPTOR`: whether the disk has to move heads, which is to say that it spins.
pub(super) fn incurs_seek_penalty(bytes: &[u8]) -> Option<bool> {
    bytes.get(8).map(|flag| *flag != 0)
}

/// Reads `VOLUME_DISK_EXTENTS`: the numbers of the disks that a volume lies on. Each extent takes 24 bytes, of which the
/// first four are the disk's number; the list begins at byte 8.
pub(super) fn disk_numbers(bytes: &[u8]) -> Vec<u32> {
    const MOST: usize = 32;
    let count = u32_at(bytes, 0)
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_default()
        .min(MOST);
    let mut numbers: Vec<u32> = (0..count)
        .map_while(|index| u32_at(bytes, 8 + index * 24))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let chunk = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*chunk))
}

/// Returns the text, ended by a zero, at an offset; offset 0 means there is none.
fn text_at(bytes: &[u8], offset: Option<u32>) -> Option<String> {
    let offset = usize::try_from(offset?).ok().filter(|offset| *offset > 0)?;
    let text = bytes.get(offset..)?.split(|byte| *byte == 0).next()?;
    let text = String::from_utf8_lossy(text);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the name of a `STORAGE_BUS_TYPE`.
fn bus_name(bus: u32) -> Option<&'static str> {
    Some(match bus {
        1 => "scsi",
        2 | 3 | 11 => "ata",
        4 => "firewire",
        6 => "fibre",
        7 => "usb",
        8 => "raid",
        9 => "iscsi",
        10 => "sas",
        12 | 13 => "mmc",
        14 | 15 => "virtual",
        16 => "spaces",
        17 => "nvme",
        18 => "scm",
        19 => "ufs",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(texts: &[u8], offsets: [u32; 4], bus: u32, removable: u8) -> Vec<u8> {
        let mut bytes = vec![40, 0, 0, 0, 0, 1, 0, 0, 0, 0, removable, 1];
        for number in offsets.into_iter().chain([bus, 0]) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(texts);
        bytes
    }

    #[test]
    fn a_usb_disk() {
        let bytes = sample(b"Seagate \0Expansion\0 NA8X \0", [36, 45, 0, 55], 7, 0);
        assert_eq!(
            descriptor(&bytes),
            Descriptor {
                model: Some("Seagate Expansion".to_owned()),
                serial: Some("NA8X".to_owned()),
                bus: Some("usb".to_owned()),
                is_removable: Some(false),
            }
        );
    }

    #[test]
    fn offsets_that_lie_are_survived() {
        let bytes = sample(b"abc", [0, 36, 0, u32::MAX], 99, 1);
        assert_eq!(
            descriptor(&bytes),
            Descriptor {
                model: Some("abc".to_owned()),
                serial: None,
                bus: None,
                is_removable: Some(true),
            }
        );
        for length in 0..bytes.len() {
            descriptor(bytes.get(..length).unwrap());
        }
        assert_eq!(descriptor(&[]), Descriptor::default());
    }

    #[test]
    fn disks_of_a_volume() {
        let extent = |disk: u32| {
            let mut bytes = disk.to_le_bytes().to_vec();
            bytes.resize(24, 7);
            bytes
        };
        let mut bytes = vec![3, 0, 0, 0, 0, 0, 0, 0];
        for disk in [2, 0, 2] {
            bytes.extend(extent(disk));
        }
        assert_eq!(disk_numbers(&bytes), [0, 2]);
        assert_eq!(disk_numbers(&bytes[..34]), [2], "cut short");
        assert_eq!(disk_numbers(&[0xFF; 8]), [] as [u32; 0]);
        assert_eq!(disk_numbers(&[]), [] as [u32; 0]);
    }

    #[test]
    fn seek_penalty_and_queries() {
        assert_eq!(
            incurs_seek_penalty(&[12, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0]),
            Some(true)
        );
        assert_eq!(
            incurs_seek_penalty(&[12, 0, 0, 0, 12, 0, 0, 0, 0]),
            Some(false)
        );
        assert_eq!(incurs_seek_penalty(&[12, 0]), None);
        assert_eq!(
            query(SEEK_PENALTY_PROPERTY),
            [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(query(DEVICE_PROPERTY), [0; 12]);
    }
}
