//! The canonical text that a volume is known by, and how far it can be trusted.

use std::fmt;

use serde::Serialize;

use super::format;

/// How much an identity proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Nothing reliable: a difference is worth a warning and never a refusal.
    Weak,
    /// Server and share; a server may be renamed or reached by another name.
    Share,
    /// The file system's UUID or the volume's serial number.
    Strong,
}

/// Who a volume is. Two identities are the same volume if they are equal and not [`Tier::Weak`].
///
/// FAT, exFAT and NTFS volumes are known by their 32-bit serial number rather than by the longer UUIDs that some systems
/// derive, because it is what both Windows and Linux can read: such a disk keeps its identity when it is carried from
/// one to the other. (macOS hides it and shows a UUID of its own making.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Identity {
    /// How much it proves.
    pub tier: Tier,
    /// Canonical text: `uuid:…` in lower case, `serial:1A2B-3C4D`, `smb://server/share`, `nfs://server/export` (other
    /// protocols likewise), `weak:<file system>:<bytes>`.
    pub id: String,
}

impl Identity {
    /// Returns the identity behind a file system's UUID as the system spells it; for the FAT family and NTFS that is the
    /// serial number. `None` if the text is empty or nothing but zeros, which is how "no UUID" is stored.
    pub fn from_fs_uuid(fs_format: &str, uuid: &str) -> Option<Self> {
        let uuid = uuid.trim();
        if uuid.chars().all(|character| matches!(character, '0' | '-')) {
            return None;
        }
        if format::has_serial_number(fs_format)
            && let Some(serial) = serial_of(uuid)
        {
            return Some(Self::serial(serial));
        }
        Some(Self {
            tier: Tier::Strong,
            id: format!("uuid:{}", uuid.to_lowercase()),
        })
    }

    /// Returns the identity behind the 16 bytes of a file system's UUID; `None` if they are all zero.
    pub fn from_uuid_bytes(uuid: [u8; 16]) -> Option<Self> {
        let mut text = String::with_capacity(36);
        for (index, byte) in uuid.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            // Writing to a string cannot fail.
            let _infallible = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        }
        Self::from_fs_uuid("", &text)
    }

    /// Returns the identity behind a volume serial number.
    pub fn serial(serial: u32) -> Self {
        Self {
            tier: Tier::Strong,
            id: format!("serial:{:04X}-{:04X}", serial >> 16, serial & 0xFFFF),
        }
    }

    /// Returns the identity of a network share from its canonical address, such as `smb://server/share`.
    pub fn share(address: impl Into<String>) -> Self {
        Self {
            tier: Tier::Share,
            id: address.into(),
        }
    }

    /// Returns the identity of something that has none: its file system and its size, where known.
    pub fn weak(fs_format: &str, total_bytes: Option<u64>) -> Self {
        let size = total_bytes.map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
        Self {
            tier: Tier::Weak,
            id: format!("weak:{fs_format}:{size}"),
        }
    }

    /// Returns the identity whose canonical text this is, as read back from where it was stored; `None` if it is none.
    pub fn parse(id: &str) -> Option<Self> {
        let tier = if id.starts_with("weak:") {
            Tier::Weak
        } else if id.starts_with("uuid:") || id.starts_with("serial:") {
            Tier::Strong
        } else if id.contains("://") {
            Tier::Share
        } else {
            return None;
        };
        Some(Self {
            tier,
            id: id.to_owned(),
        })
    }

    /// Returns whether both are provably the same volume; weak identities never are.
    pub fn is_same_volume(&self, other: &Self) -> bool {
        self.tier != Tier::Weak && self == other
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id)
    }
}

/// Returns the 32-bit serial number in `1A2B-3C4D` (FAT, exFAT) or `5A1CF00D1A2B3C4D` (NTFS, of whose 64 bits Windows
/// shows the lower half).
fn serial_of(uuid: &str) -> Option<u32> {
    let digits: String = uuid.chars().filter(|character| *character != '-').collect();
    if !matches!(digits.len(), 8 | 16) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits.get(digits.len() - 8..)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts() {
        fn check(fs_format: &str, uuid: &str, expected: Option<&str>) {
            let identity = Identity::from_fs_uuid(fs_format, uuid);
            assert_eq!(
                identity.as_ref().map(|identity| identity.id.as_str()),
                expected,
                "{fs_format} {uuid}"
            );
            assert!(identity.is_none_or(|identity| identity.tier == Tier::Strong));
        }
        check(
            "ext4",
            "8F3C1D5E-0000-4000-8000-00000000000A\n",
            Some("uuid:8f3c1d5e-0000-4000-8000-00000000000a"),
        );
        check("vfat", "1a2b-3c4d", Some("serial:1A2B-3C4D"));
        check("exfat", "0000-0001", Some("serial:0000-0001"));
        check("ntfs", "5A1CF00D1A2B3C4D", Some("serial:1A2B-3C4D"));
        check("ntfs", "not a serial", Some("uuid:not a serial"));
        check(
            "iso9660",
            "2021-06-15-12-34-56-00",
            Some("uuid:2021-06-15-12-34-56-00"),
        );
        check("ext4", "", None);
        check("vfat", "0000-0000", None);
        check("xfs", "00000000-0000-0000-0000-000000000000", None);
        assert_eq!(
            Identity::weak("tmpfs", Some(1024)).to_string(),
            "weak:tmpfs:1024"
        );
        assert_eq!(Identity::weak("fuse", None).to_string(), "weak:fuse:?");
    }

    #[test]
    fn bytes_and_text_of_a_uuid_agree() {
        let bytes = [
            0x8f, 0x3c, 0x1d, 0x5e, 0x12, 0x34, 0x45, 0x67, 0x89, 0xab, 0, 0, 0, 0, 0, 0x0a,
        ];
        assert_eq!(
            Identity::from_uuid_bytes(bytes),
            Identity::from_fs_uuid("ext4", "8F3C1D5E-1234-4567-89AB-00000000000A")
        );
        assert_eq!(Identity::from_uuid_bytes([0; 16]), None);
    }

    #[test]
    fn stored_text_is_read_back() {
        for identity in [
            Identity::serial(0x1A2B_3C4D),
            Identity::share("nfs://nas/export"),
            Identity::weak("tmpfs", Some(7)),
            Identity::from_fs_uuid("ext4", "ab-cd").unwrap(),
        ] {
            assert_eq!(Identity::parse(&identity.id), Some(identity));
        }
        assert_eq!(Identity::parse("something else"), None);
    }

    #[test]
    fn weak_identities_prove_nothing() {
        let weak = Identity::weak("tmpfs", Some(1));
        assert!(!weak.is_same_volume(&weak));
        let strong = Identity::serial(1);
        assert!(strong.is_same_volume(&strong));
        assert!(!strong.is_same_volume(&Identity::serial(2)));
        assert!(Tier::Weak < Tier::Share && Tier::Share < Tier::Strong);
    }
}
