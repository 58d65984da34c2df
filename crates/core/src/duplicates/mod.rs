//! Files that are the same to people, on one drive or on several, plugged in or not: by content, by picture, by sound.
//!
//! Nothing here touches a file: all of it follows from what scans and `fingerprint` wrote down.

mod groups;
mod pairs;
pub mod plan;
mod sounds;

use std::cmp::Reverse;
use std::collections::HashMap;

use rusqlite::Connection;
use serde::Serialize;

pub use self::pairs::{Evidence, Reason, Thresholds};
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::signatures::{self, SignedFile};
use crate::catalog::store::Catalog;
use crate::catalog::{Access, shard};
use crate::report::FilePlace;

/// Which groups are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// From when on a pair counts.
    pub thresholds: Thresholds,
    /// Only groups for which this speaks; `None`: all but those of the same bytes alone.
    pub reason: Option<Reason>,
    /// Only files with at least this score.
    pub least_score: f64,
    /// At most so many groups.
    pub most: usize,
}

/// Groups of files that are nearly the same; the names are those of `duplicates --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NearDuplicates {
    /// Files with fingerprints that were compared.
    pub compared_files: u64,
    /// How many groups there are.
    pub total_groups: u64,
    /// Bytes of all files but the best of each group.
    pub reclaimable_bytes: u64,
    /// Those that free most, first.
    pub groups: Vec<NearGroup>,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
}

/// A file to keep, and others that are the same to people.
#[derive(Clone, Debug, Serialize)]
pub struct NearGroup {
    /// What speaks for the weakest of it.
    pub reason: Reason,
    /// The lowest score of it.
    pub score: f64,
    /// Bytes of all but the file to keep.
    pub reclaimable_bytes: u64,
    /// Why that one is to be kept.
    pub why: String,
    /// The file to keep, then the others by score.
    pub files: Vec<NearFile>,
}

/// A file of a group.
#[derive(Clone, Debug, Serialize)]
pub struct NearFile {
    /// Where it is.
    #[serde(flatten)]
    pub place: FilePlace,
    /// Whether it is the one to keep.
    pub keep: bool,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Width of the picture in pixels.
    pub width: Option<u32>,
    /// Height of the picture in pixels.
    pub height: Option<u32>,
    /// Bits a second.
    pub bitrate_bps: Option<u64>,
    /// What speaks for it being the same as the one to keep; `None` for that itself.
    pub evidence: Option<Evidence>,
}

/// A drive that can be read.
struct ReadDrive<'d> {
    drive: &'d Drive,
    shard: Connection,
    separator: char,
}

/// Returns the files of some drives that are nearly the same. `None` if it was cancelled.
pub fn near(
    catalog: &Catalog,
    drives: &[Drive],
    wanted: &Wanted,
    cancel: &CancelToken,
) -> Option<NearDuplicates> {
    let mut found = NearDuplicates::default();
    let mut read = Vec::new();
    let mut files: Vec<SignedFile> = Vec::new();
    let mut of_drive: Vec<usize> = Vec::new();
    for drive in drives {
        match read_drive(catalog, drive) {
            Ok((one, signed)) => {
                of_drive.resize(of_drive.len() + signed.len(), read.len());
                files.extend(signed);
                read.push(one);
            }
            Err(reason) => found.unread.push(format!("`{}`: {reason}", drive.label)),
        }
    }
    found.compared_files = files.len() as u64;
    let (first_of, copies) = by_content(&files);
    let unique: Vec<&SignedFile> = first_of
        .iter()
        .filter_map(|place| files.get(*place))
        .collect();
    let read_tmk = |place: usize| {
        let place = *first_of.get(place)?;
        let (one, file) = (read.get(*of_drive.get(place)?)?, files.get(place)?);
        signatures::tmk_of(&one.shard, file.file_id).ok().flatten()
    };
    let pairs = pairs::find(&unique, &wanted.thresholds, &read_tmk, cancel)?;
    let mut groups = Vec::new();
    for star in groups::stars(&unique, &pairs) {
        let mut members = vec![(star.best, None)];
        members.extend(
            star.others
                .into_iter()
                .map(|(place, evidence)| (place, Some(evidence))),
        );
        let expanded = members.into_iter().flat_map(|(unique_place, evidence)| {
            let first = first_of.get(unique_place).copied();
            // Copies of the same bytes go with it; of the best one's, the bytes speak.
            let same = first.and_then(|first| copies.get(&first));
            let of_copies = evidence.clone().unwrap_or_else(Evidence::exact);
            first
                .map(|first| (first, evidence))
                .into_iter()
                .chain(
                    same.into_iter()
                        .flatten()
                        .map(move |place| (*place, Some(of_copies.clone()))),
                )
                .collect::<Vec<_>>()
        });
        let members: Vec<NearFile> = expanded
            .filter_map(|(place, evidence)| {
                let one = read.get(*of_drive.get(place)?)?;
                Some(near_file(one, files.get(place)?, evidence))
            })
            .collect();
        groups.extend(group(members, star.why, wanted));
    }
    groups.sort_by_key(|group| {
        let path = group.files.first().map(|file| file.place.clone());
        (Reverse(group.reclaimable_bytes), path)
    });
    found.total_groups = groups.len() as u64;
    found.reclaimable_bytes = groups.iter().map(|group| group.reclaimable_bytes).sum();
    groups.truncate(wanted.most);
    found.groups = groups;
    (!cancel.is_cancelled()).then_some(found)
}

fn read_drive<'d>(
    catalog: &Catalog,
    drive: &'d Drive,
) -> Result<(ReadDrive<'d>, Vec<SignedFile>), String> {
    let shard = catalog
        .open_shard(drive, Access::Read)
        .map_err(|error| error.to_string())?;
    let root = shard::root(&shard).map_err(|error| error.to_string())?;
    let files = signatures::signed_files(&shard).map_err(|error| error.to_string())?;
    let separator = root.map_or('/', |root| root.separator);
    let read = ReadDrive {
        drive,
        shard,
        separator,
    };
    Ok((read, files))
}

/// Returns the first file of each content, and which others have the same, by the first.
fn by_content(files: &[SignedFile]) -> (Vec<usize>, HashMap<usize, Vec<usize>>) {
    let mut seen: HashMap<([u8; 32], u64), usize> = HashMap::new();
    let mut first_of = Vec::new();
    let mut copies: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, file) in files.iter().enumerate() {
        let known = file
            .hash
            .map(|hash| *seen.entry((hash, file.size_bytes)).or_insert(place));
        match known {
            Some(first) if first != place => copies.entry(first).or_default().push(place),
            _ => first_of.push(place),
        }
    }
    (first_of, copies)
}

fn near_file(one: &ReadDrive<'_>, file: &SignedFile, evidence: Option<Evidence>) -> NearFile {
    NearFile {
        place: FilePlace::new(one.drive, one.separator, &file.path),
        keep: evidence.is_none(),
        size_bytes: file.size_bytes,
        duration_s: file.duration_s,
        width: file.size.map(|(width, _)| width),
        height: file.size.map(|(_, height)| height),
        bitrate_bps: file.bitrate_bps,
        evidence,
    }
}

/// Returns a group of what is wanted of its files, if that is more than one.
fn group(files: Vec<NearFile>, why: String, wanted: &Wanted) -> Option<NearGroup> {
    let is_wanted = |file: &NearFile| {
        file.evidence.as_ref().is_none_or(|evidence| {
            let is_reason = wanted
                .reason
                .is_none_or(|reason| evidence.reason == reason || evidence.reason == Reason::Exact);
            is_reason && evidence.score >= wanted.least_score
        })
    };
    let files: Vec<NearFile> = files.into_iter().filter(is_wanted).collect();
    let others: Vec<&Evidence> = files
        .iter()
        .filter_map(|file| file.evidence.as_ref())
        .collect();
    // Of the same bytes alone there is a report of its own.
    let reason = others.iter().map(|evidence| evidence.reason).max()?;
    if reason == Reason::Exact {
        return None;
    }
    Some(NearGroup {
        reason,
        score: others
            .iter()
            .map(|evidence| evidence.score)
            .fold(1.0, f64::min),
        reclaimable_bytes: files
            .iter()
            .filter(|file| !file.keep)
            .map(|file| file.size_bytes)
            .sum(),
        why,
        files,
    })
}
