//! A plan for tidying up: which files of groups could go, as a document and as a script for each drive.
//!
//! Nothing is done here. A script is run by a person; it moves files into a folder on the same drive, each one only if its
//! length, time and hash are still those of the catalogue, and deletes nothing.

mod script;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::Serialize;

use super::{NearDuplicates, NearFile};
use crate::catalog::drives::Drive;
use crate::catalog::store::{Catalog, StoreError};
use crate::catalog::{Access, lookup};
use crate::path::RelPath;
use crate::path::label::shard_stem;
use crate::report::FilePlace;
use crate::report::duplicates::DuplicatesReport;

/// Where scripts move files to, below a drive's root.
pub const QUARANTINE: &str = ".videocatalog-quarantine";

/// Why a file stays.
const NOTHING_TAKEN: &str = "it is where nothing is taken from";
const HAS_LINKS: &str = "it has further names (hard links): to move one frees nothing";

/// What could go.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// When it was made.
    pub created_utc: String,
    /// Files that could go.
    pub files: u64,
    /// Their bytes.
    pub reclaimable_bytes: u64,
    /// Groups of which something could go.
    pub groups: Vec<PlanGroup>,
    /// Files that stay though they are copies, and why.
    pub left: Vec<PlanLeft>,
}

/// What could go of a group.
#[derive(Clone, Debug, Serialize)]
pub struct PlanGroup {
    /// What speaks for the files being the same.
    pub reason: String,
    /// The lowest score of it.
    pub score: f64,
    /// Why that one stays.
    pub why: String,
    /// The file that stays.
    pub keep: FilePlace,
    /// Files that could go.
    pub go: Vec<PlanFile>,
}

/// A file that could go, and how it is told from what it may be by then.
#[derive(Clone, Debug, Serialize)]
pub struct PlanFile {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Last modification, microseconds since 1970.
    pub mtime_us: i64,
    /// BLAKE3 of the whole file, hexadecimal.
    pub hash: String,
}

/// A file that stays.
#[derive(Clone, Debug, Serialize)]
pub struct PlanLeft {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Why.
    pub why: String,
}

/// Makes plans: knows the drives, and which of them nothing is taken from.
pub struct Planner<'c> {
    catalog: &'c Catalog,
    drives: BTreeMap<String, Drive>,
    /// Shards that were opened, by label.
    shards: RefCell<BTreeMap<String, Connection>>,
    /// What nothing is taken from.
    references: &'c [Reference],
}

/// A drive or a folder that nothing is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The drive with this label.
    Drive(String),
    /// What lies below this absolute path, at the drive's last mount.
    Folder(String),
}

impl Reference {
    fn holds(&self, place: &FilePlace) -> bool {
        match self {
            Self::Drive(label) => place.drive_label == *label,
            Self::Folder(folder) => place
                .path
                .strip_prefix(folder.trim_end_matches(['/', '\\']))
                .is_some_and(|rest| rest.starts_with(['/', '\\'])),
        }
    }
}

impl<'c> Planner<'c> {
    /// Returns one for these drives; nothing is taken from `references`.
    pub fn new(catalog: &'c Catalog, drives: Vec<Drive>, references: &'c [Reference]) -> Self {
        let by_label = drives.into_iter().map(|drive| (drive.label.clone(), drive));
        Self {
            catalog,
            drives: by_label.collect(),
            shards: RefCell::default(),
            references,
        }
    }

    /// Returns a plan for files that are nearly the same.
    ///
    /// # Errors
    /// When a shard cannot be read.
    pub fn of_near(&self, found: &NearDuplicates, now_utc: &str) -> Result<Plan, StoreError> {
        let mut plan = Plan {
            created_utc: now_utc.to_owned(),
            ..Plan::default()
        };
        for group in &found.groups {
            let places = |file: &NearFile| file.place.clone();
            let Some(keep) = group.files.iter().find(|file| file.keep).map(places) else {
                continue;
            };
            let others = group.files.iter().filter(|file| !file.keep).map(places);
            let head = PlanGroup {
                reason: group.reason.name().to_owned(),
                score: group.score,
                why: group.why.clone(),
                keep,
                go: Vec::new(),
            };
            self.add(&mut plan, head, others)?;
        }
        Ok(plan)
    }

    /// Returns a plan for files that are the same byte for byte.
    ///
    /// # Errors
    /// When a shard cannot be read.
    pub fn of_exact(&self, found: &DuplicatesReport, now_utc: &str) -> Result<Plan, StoreError> {
        let mut plan = Plan {
            created_utc: now_utc.to_owned(),
            ..Plan::default()
        };
        for group in &found.groups {
            let has_links = |place: &FilePlace| {
                group
                    .links
                    .iter()
                    .any(|link| group.places.get(link.of) == Some(place))
            };
            let places = &group.places;
            let keep = places.iter().find(|place| self.is_reference(place));
            let keep = keep.or_else(|| places.iter().find(|place| has_links(place)));
            let Some(keep) = keep.or_else(|| places.first()) else {
                continue;
            };
            let why = if self.is_reference(keep) {
                NOTHING_TAKEN
            } else {
                "the first by drive and path: all are the same"
            };
            let head = PlanGroup {
                reason: "exact".into(),
                score: 1.0,
                why: why.into(),
                keep: keep.clone(),
                go: Vec::new(),
            };
            let (linked, others): (Vec<_>, Vec<_>) = places
                .iter()
                .filter(|place| *place != keep)
                .cloned()
                .partition(|place| has_links(place));
            plan.left.extend(linked.into_iter().map(|place| PlanLeft {
                place,
                why: HAS_LINKS.into(),
            }));
            self.add(&mut plan, head, others.into_iter())?;
        }
        Ok(plan)
    }

    fn is_reference(&self, place: &FilePlace) -> bool {
        self.references
            .iter()
            .any(|reference| reference.holds(place))
    }

    /// Adds what of a group could go.
    fn add(
        &self,
        plan: &mut Plan,
        mut group: PlanGroup,
        others: impl Iterator<Item = FilePlace>,
    ) -> Result<(), StoreError> {
        for place in others {
            let left = if self.is_reference(&place) {
                Some(NOTHING_TAKEN)
            } else if place.path_b64.is_some() {
                Some("its name is no Unicode, and would not survive a script")
            } else {
                None
            };
            let file = match left {
                Some(why) => Err(why),
                None => self.known(&place)?,
            };
            match file {
                Ok(file) => {
                    plan.files += 1;
                    plan.reclaimable_bytes += file.size_bytes;
                    group.go.push(file);
                }
                Err(why) => plan.left.push(PlanLeft {
                    place,
                    why: why.into(),
                }),
            }
        }
        if !group.go.is_empty() {
            plan.groups.push(group);
        }
        Ok(())
    }

    /// Returns what tells a file from what it may be by then, or why nothing does.
    fn known(&self, place: &FilePlace) -> Result<Result<PlanFile, &'static str>, StoreError> {
        let Some(drive) = self.drives.get(&place.drive_label) else {
            return Ok(Err("its drive is not known"));
        };
        let mut shards = self.shards.borrow_mut();
        let connection = match shards.entry(drive.label.clone()) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(none) => none.insert(self.catalog.open_shard(drive, Access::Read)?),
        };
        let path = RelPath::from_bytes(place.rel_path.clone().into_bytes());
        let known = lookup::file_at(connection, &path).map_err(|source| StoreError::Sqlite {
            path: self.catalog.shard_path(drive),
            source,
        })?;
        let Some(known) = known.filter(|known| known.deleted_utc.is_none()) else {
            return Ok(Err("it is gone"));
        };
        let hash = known.hash.filter(|_| !known.is_legacy_hash);
        let (Some(hash), Some(size), Some(mtime_us)) = (hash, known.size_bytes, known.mtime_us)
        else {
            return Ok(Err(
                "it has no hash by which it could be told: scan its drive",
            ));
        };
        Ok(Ok(PlanFile {
            place: place.clone(),
            size_bytes: size.unsigned_abs(),
            mtime_us,
            hash: blake3::Hash::from_bytes(hash).to_hex().to_string(),
        }))
    }

    /// Writes a plan into a new folder: `plan.json`, and for each drive a script for bash and one for PowerShell.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn write(&self, plan: &Plan, folder: &Path) -> Result<Vec<PathBuf>, PlanError> {
        fs_err::create_dir_all(folder)?;
        let mut written = Vec::new();
        let mut put = |name: String, text: &str| -> Result<(), PlanError> {
            let path = folder.join(name);
            fs_err::write(&path, text)?;
            written.push(path);
            Ok(())
        };
        put("plan.json".into(), &serde_json::to_string_pretty(plan)?)?;
        let mut of_drive: BTreeMap<&str, Vec<script::Step<'_>>> = BTreeMap::new();
        for group in &plan.groups {
            for file in &group.go {
                let step = script::Step { group, file };
                of_drive
                    .entry(&file.place.drive_label)
                    .or_default()
                    .push(step);
            }
        }
        for (label, steps) in of_drive {
            let root = self.drives.get(label).map(|drive| &*drive.mount_path);
            let script = script::Script {
                label,
                root: root.unwrap_or_default(),
                created_utc: &plan.created_utc,
                steps: &steps,
            };
            let name = shard_stem(label);
            put(format!("{name}.sh"), &script.bash())?;
            put(format!("{name}.ps1"), &script.powershell())?;
        }
        Ok(written)
    }
}

/// Why a plan could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// It could not be put into words.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Returns why a file is not what a plan says, by length, time and content; `None`: it is.
///
/// # Errors
/// When it cannot be read.
pub fn differs(
    path: &Path,
    size_bytes: u64,
    mtime_us: i64,
    hash: &str,
) -> std::io::Result<Option<&'static str>> {
    let facts = fs_err::symlink_metadata(path)?;
    if !facts.is_file() {
        return Ok(Some("it is no file any more"));
    }
    if facts.len() != size_bytes {
        return Ok(Some("its length is another"));
    }
    let modified = facts.modified()?;
    let now_us = match modified.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        // Rounded down, as scans do.
        Err(before) => {
            let nanos = i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX);
            i64::try_from(-nanos.div_euclid(1_000) - i128::from(nanos % 1_000 != 0))
                .unwrap_or(i64::MIN)
        }
    };
    if now_us != mtime_us {
        return Ok(Some("it was written to"));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs_err::File::open(path)?)?;
    if hasher.finalize().to_hex().as_str() != hash.to_ascii_lowercase() {
        return Ok(Some("its content is another"));
    }
    Ok(None)
}
