//! The backups there are: whose they are, and which of them may go.
//!
//! A backup's name says when and what for, its content whose it is: labels change, and names of two drives can be alike.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::files::{beside, is_backup_name, size_of};
use super::identify::{Identity, identify};
use super::open::Database;
use crate::clock::{Clock, parse_utc, utc_text};
use crate::settings::Maintenance;

/// What backups are made for that the program may remove again when told to; none before a conversion, none that was
/// replaced.
const ROTATED: [&str; 5] = ["quick", "full", "vacuum", "manual", "auto"];

const DAY_US: i64 = 86_400_000_000;

/// Which backups are kept; none is removed by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// So many of each database and purpose; `None`: all.
    pub count: Option<usize>,
    /// Those that are at most so old; `None`: all.
    pub days: Option<u64>,
}

impl Keep {
    /// Returns what the settings ask for; 0 keeps all.
    pub fn from_settings(settings: &Maintenance) -> Self {
        Self {
            count: Some(settings.backup_keep_count).filter(|&count| count > 0),
            days: Some(settings.backup_keep_days).filter(|&days| days > 0),
        }
    }
}

/// One backup.
#[derive(Clone, Debug, Serialize)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// When it was made, ISO; `None` if its name does not say.
    pub made_utc: Option<String>,
    /// What for: the name without the time.
    pub tag: String,
    /// Its bytes.
    pub size_bytes: u64,
    /// What it is; `None` if it cannot be read.
    pub identity: Option<Identity>,
    #[serde(skip)]
    order: (i64, u64),
}

/// Whose backups are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Catalogue or shard; `None`: some other database.
    pub database: Option<Database>,
    /// The shard's drive, if that is known.
    pub drive_uid: Option<&'a str>,
    /// The database's file name without its ending, by which older backups go.
    pub stem: &'a str,
}

impl Backup {
    fn read(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        if !is_backup_name(name) {
            return None;
        }
        let stem = name.strip_suffix(super::backup::SUFFIX)?;
        let (made, rest) = match stem.split_at_checked(16) {
            Some((stamp, rest)) => (stamp_us(stamp), rest.strip_prefix('_').unwrap_or(rest)),
            None => (None, stem),
        };
        let tag = if made.is_some() { rest } else { stem };
        let number = tag
            .rsplit_once('-')
            .and_then(|(_, number)| number.parse().ok());
        Some(Self {
            made_utc: made.map(utc_text),
            tag: tag.to_owned(),
            size_bytes: size_of(&path),
            identity: identify(&path).ok(),
            order: (made.unwrap_or(i64::MIN), number.unwrap_or(1)),
            path,
        })
    }

    /// Returns what it was made for: the first word of its tag.
    pub fn purpose(&self) -> &str {
        self.tag.split('_').next().unwrap_or_default()
    }

    /// Returns whether it can take the place of a database: it is readable, ours, and no database that was replaced.
    pub fn is_restorable(&self) -> bool {
        self.purpose() != "replaced"
            && self
                .identity
                .as_ref()
                .is_some_and(|identity| identity.database().is_some())
    }

    fn is_of(&self, owner: &Owner<'_>) -> bool {
        let by_name = || is_name_of(&self.tag, owner.stem);
        match &self.identity {
            Some(Identity::Catalog { .. }) => owner.database == Some(Database::Catalog),
            Some(Identity::Shard { drive_uid, .. }) => {
                owner.database == Some(Database::Shard)
                    && match (drive_uid, owner.drive_uid) {
                        (Some(found), Some(expected)) => found == expected,
                        _ => by_name(),
                    }
            }
            Some(Identity::Legacy | Identity::Foreign | Identity::Empty) | None => by_name(),
        }
    }
}

/// Returns whether a tag is `PURPOSE_STEM`, `premigration_vN_STEM`, or one of these with the number of a second one.
fn is_name_of(tag: &str, stem: &str) -> bool {
    let Some((_, rest)) = tag.split_once('_') else {
        return false;
    };
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let without_version = rest
        .split_once('_')
        .filter(|(version, _)| version.strip_prefix('v').is_some_and(is_number))
        .map_or(rest, |(_, rest)| rest);
    [rest, without_version].into_iter().any(|name| {
        name.strip_prefix(stem)
            .is_some_and(|more| more.is_empty() || more.strip_prefix('-').is_some_and(is_number))
    })
}

fn stamp_us(stamp: &str) -> Option<i64> {
    let part = |from: usize, to: usize| stamp.get(from..to);
    let (date, time) = stamp.strip_suffix('Z')?.split_once('_')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    parse_utc(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    ))
}

/// Returns the backups of a database in `folder`, newest first.
pub fn list(folder: &Path, owner: &Owner<'_>) -> Vec<Backup> {
    let mut backups: Vec<Backup> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Backup::read(entry.path()))
        .filter(|backup| backup.is_of(owner))
        .collect();
    backups.sort_by_key(|backup| std::cmp::Reverse(backup.order));
    backups
}

/// Removes the backups of a database that need not be kept, and returns their paths. The newest that can be restored is
/// always kept, and so is what was made before a conversion, what was replaced, and what cannot be read.
pub fn rotate(folder: &Path, owner: &Owner<'_>, keep: Keep, clock: &dyn Clock) -> Vec<PathBuf> {
    if keep == Keep::default() {
        return Vec::new();
    }
    let backups = list(folder, owner);
    let now_us = clock.now_us();
    let mut removed = Vec::new();
    let mut kept: Vec<(String, usize)> = Vec::new();
    let candidates = backups.iter().filter(|backup| backup.is_restorable());
    for (index, backup) in candidates.enumerate() {
        let purpose = backup.purpose();
        if !ROTATED.contains(&purpose) {
            continue;
        }
        let position = kept.iter().position(|(known, _)| known == purpose);
        let position = position.unwrap_or_else(|| {
            kept.push((purpose.to_owned(), 0));
            kept.len() - 1
        });
        let Some((_, number)) = kept.get_mut(position) else {
            continue;
        };
        *number += 1;
        let is_too_many = keep.count.is_some_and(|count| *number > count);
        let is_too_old = keep.days.is_some_and(|days| {
            let days = i64::try_from(days).unwrap_or(i64::MAX);
            now_us.saturating_sub(backup.order.0) > days.saturating_mul(DAY_US)
        });
        let is_newest = index == 0;
        if !is_newest && (is_too_many || is_too_old) && remove(&backup.path) {
            removed.push(backup.path.clone());
        }
    }
    removed
}

/// One that cannot be removed is tried again next time.
fn remove(backup: &Path) -> bool {
    let is_gone = std::fs::remove_file(backup).is_ok();
    for suffix in ["-wal", "-shm"] {
        let _not_there = std::fs::remove_file(beside(backup, suffix));
    }
    is_gone
}

#[cfg(test)]
mod tests {
    use super::super::open::{Access, Journal, open};
    use super::*;
    use crate::clock::TestClock;

    fn shard(folder: &Path, name: &str, drive_uid: &str) {
        let connection = open(
            &folder.join(format!("{name}.db.bak")),
            Database::Shard,
            Access::Create,
            Journal::Delete,
        )
        .unwrap();
        connection
            .execute(
                "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator) VALUES(1, ?1, 'L', '/m', '/')",
                [drive_uid],
            )
            .unwrap();
    }

    fn names(backups: &[Backup]) -> Vec<String> {
        backups
            .iter()
            .map(|backup| {
                let name = backup.path.file_name().unwrap().to_str().unwrap();
                name.strip_suffix(".db.bak").unwrap().to_owned()
            })
            .collect()
    }

    const OWNER: Owner<'static> = Owner {
        database: Some(Database::Shard),
        drive_uid: Some("u"),
        stem: "L",
    };

    fn filled() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, drive_uid) in [
            ("20260101_000000Z_premigration_v1_L", "u"),
            ("20260102_000000Z_manual_L", "u"),
            ("20260103_000000Z_manual_L", "u"),
            ("20260103_000000Z_manual_L-2", "u"),
            ("20260104_000000Z_auto_Renamed", "u"),
            ("20260105_000000Z_replaced_L", "u"),
            ("20260106_000000Z_manual_L", "another's"),
        ] {
            shard(folder.path(), name, drive_uid);
        }
        std::fs::write(folder.path().join("20260107_000000Z_manual_L.db.bak"), "x").unwrap();
        std::fs::write(folder.path().join("20260108_000000Z_manual_L.part"), "x").unwrap();
        folder
    }

    #[test]
    fn backups_are_listed_newest_first_by_whose_they_are() {
        let folder = filled();
        let listed = list(folder.path(), &OWNER);
        assert_eq!(
            names(&listed),
            [
                "20260107_000000Z_manual_L",
                "20260105_000000Z_replaced_L",
                "20260104_000000Z_auto_Renamed",
                "20260103_000000Z_manual_L-2",
                "20260103_000000Z_manual_L",
                "20260102_000000Z_manual_L",
                "20260101_000000Z_premigration_v1_L",
            ]
        );
        assert_eq!(listed[2].made_utc.as_deref(), Some("2026-01-04T00:00:00Z"));
        assert!(!listed[0].is_restorable() && !listed[1].is_restorable());
        assert!(listed[2].is_restorable());
    }

    #[test]
    fn names_tell_whose_an_unreadable_one_is() {
        for (tag, expected) in [
            ("manual_L", true),
            ("premigration_L", true),
            ("premigration_v12_L", true),
            ("manual_L-2", true),
            ("manual_L-x", false),
            ("manual_My_L", false),
            ("manual_L2", false),
            ("L", false),
        ] {
            assert_eq!(is_name_of(tag, "L"), expected, "{tag}");
        }
    }

    #[test]
    fn rotation_keeps_the_newest_and_what_was_made_before_a_conversion() {
        let now = TestClock::at(parse_utc("2030-01-01T00:00:00Z").unwrap());
        let rest = |keep| {
            let folder = filled();
            rotate(folder.path(), &OWNER, keep, &now);
            names(&list(folder.path(), &OWNER))
        };
        assert_eq!(rest(Keep::default()).len(), 7);
        let one = rest(Keep {
            count: Some(1),
            days: None,
        });
        assert_eq!(
            one,
            [
                "20260107_000000Z_manual_L",
                "20260105_000000Z_replaced_L",
                "20260104_000000Z_auto_Renamed",
                "20260103_000000Z_manual_L-2",
                "20260101_000000Z_premigration_v1_L",
            ]
        );
        let old = rest(Keep {
            count: None,
            days: Some(30),
        });
        assert_eq!(
            old,
            [
                "20260107_000000Z_manual_L",
                "20260105_000000Z_replaced_L",
                "20260104_000000Z_auto_Renamed",
                "20260101_000000Z_premigration_v1_L",
            ]
        );
        let young = rest(Keep {
            count: None,
            days: Some(100_000),
        });
        assert_eq!(young.len(), 7);
    }
}
