//! Files that are the same to people, on one drive or on several, plugged in or not: by content, by picture, by sound.
//!
//! Nothing here touches a file: all of it follows from what scans and `fingerprint` wrote down. What comes of comparing is
//! kept in the catalogue, so that only what is new is compared the next time.

mod films;
mod groups;
mod ignore;
mod items;
mod library;
mod matching;
mod pairs;
mod parts;
pub mod plan;
pub mod reading;
mod sounds;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde::Serialize;

pub use self::ignore::{FileOf, IgnoreError, ignore};
pub use self::pairs::{Evidence, Reason, Thresholds};

use self::groups::{Health, Pair, Rated};
use self::library::{Copy, Library};
use self::matching::MatchError;
use crate::cancel::CancelToken;
use crate::catalog::health;
use crate::catalog::signatures::{self, Facts};
use crate::catalog::store::{Catalog, StoreError};
use crate::report::FilePlace;

/// Which groups are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted<'w> {
    /// From when on a pair counts.
    pub thresholds: Thresholds,
    /// Only groups for which this speaks; `None`: all but those of the same bytes alone.
    pub reason: Option<Reason>,
    /// Only files with at least this score.
    pub least_score: f64,
    /// At most so many groups.
    pub most: usize,
    /// Only files on the drives with these labels; none: on all.
    pub labels: &'w [String],
}

/// How it is worked on.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Whether what is new is compared; else only what was compared before is shown.
    pub compares: bool,
    /// The time that is written beside what is found.
    pub now_utc: &'j str,
    /// Stops it; what was compared by then is kept.
    pub cancel: &'j CancelToken,
    /// Is told how many contents of how many were compared.
    pub tell: &'j dyn Fn(u64, u64),
}

/// Groups of files that are nearly the same; the names are those of `duplicates --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NearDuplicates {
    /// Files with fingerprints.
    pub compared_files: u64,
    /// Contents that were new and were compared with all others now.
    pub newly_compared: u64,
    /// Contents that were not compared yet.
    pub not_compared: u64,
    /// How many groups there are.
    pub total_groups: u64,
    /// Bytes of all files but the best of each group.
    pub reclaimable_bytes: u64,
    /// Those that free most, first.
    pub groups: Vec<NearGroup>,
    /// Files that are a part of another, the surest first.
    pub clips: Vec<Clip>,
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
    /// Codec of the picture, or of the sound where there is none.
    pub codec: Option<String>,
    /// What speaks for it being the same as the one to keep; `None` for that itself.
    pub evidence: Option<Evidence>,
}

/// A file that is a part of another.
#[derive(Clone, Debug, Serialize)]
pub struct Clip {
    /// The part; its evidence says where in the whole it is.
    pub clip: NearFile,
    /// The whole.
    pub of: NearFile,
}

/// Returns the files of all drives that are nearly the same. `None` if it was cancelled.
///
/// # Errors
/// When the catalogue cannot be read; a shard that cannot is told of.
pub fn near(
    catalog: &Catalog,
    wanted: &Wanted<'_>,
    job: &Job<'_>,
) -> Result<Option<NearDuplicates>, StoreError> {
    let drives = catalog.drives()?;
    let mut library = Library::read(catalog, &drives);
    let connection = catalog.connection();
    let matches = match matching::matches(connection, &library, &wanted.thresholds, job) {
        Ok(matches) => matches,
        Err(MatchError::Cancelled) => return Ok(None),
        Err(MatchError::Sqlite(source)) => return Err(catalog.failed(source)),
    };
    let no_pairs = ignore::no_pairs(catalog, &library)?;
    only_on(&mut library, wanted.labels);
    let mut found = NearDuplicates {
        compared_files: library.files,
        newly_compared: matches.newly,
        not_compared: matches.left,
        unread: std::mem::take(&mut library.unread),
        ..NearDuplicates::default()
    };
    let mut pairs = Vec::new();
    let mut parts = Vec::new();
    for candidate in &matches.candidates {
        let (Some(a), Some(b)) = (
            library.by_name.get(&candidate.a).copied(),
            library.by_name.get(&candidate.b).copied(),
        ) else {
            continue;
        };
        let Some(evidence) = pairs::judge(&candidate.measured, &wanted.thresholds)
            .filter(|_| a != b && !no_pairs.contains(&(a.min(b), a.max(b))))
        else {
            continue;
        };
        match candidate.measured.part {
            Some(part) if part.is_a => parts.push((a, b, evidence)),
            Some(_) => parts.push((b, a, evidence)),
            None => pairs.push(Pair {
                one: a,
                other: b,
                evidence,
            }),
        }
    }
    let shelf = Shelf::of(catalog, &library);
    let ends = pairs.iter().flat_map(|pair| [pair.one, pair.other]);
    let rated: HashMap<usize, Rated> = ends
        .collect::<HashSet<usize>>()
        .into_iter()
        .filter_map(|content| Some((content, shelf.rated(content)?)))
        .collect();
    for star in groups::stars(&rated, &pairs) {
        if job.cancel.is_cancelled() {
            return Ok(None);
        }
        let mut files = shelf.files(star.best, None);
        for (other, evidence) in star.others {
            files.extend(shelf.files(other, Some(&evidence)));
        }
        found.groups.extend(group(files, star.why, wanted));
    }
    found.groups.sort_by_cached_key(|group| {
        let place = group.files.first().map(|file| file.place.clone());
        (Reverse(group.reclaimable_bytes), place)
    });
    found.total_groups = found.groups.len() as u64;
    found.reclaimable_bytes = found
        .groups
        .iter()
        .map(|group| group.reclaimable_bytes)
        .sum();
    found.groups.truncate(wanted.most);
    if wanted.reason.is_none_or(|reason| reason == Reason::Clip) {
        parts.sort_by(|one, other| {
            let by_score = other.2.score.total_cmp(&one.2.score);
            by_score.then((one.0, one.1).cmp(&(other.0, other.1)))
        });
        let clips = parts
            .into_iter()
            .filter(|(_, _, evidence)| evidence.score >= wanted.least_score)
            .filter_map(|(part, whole, evidence)| {
                Some(Clip {
                    clip: shelf.files(part, Some(&evidence)).into_iter().next()?,
                    of: shelf.files(whole, None).into_iter().next()?,
                })
            });
        found.clips = clips.take(wanted.most).collect();
    }
    Ok((!job.cancel.is_cancelled()).then_some(found))
}

/// Leaves only the copies on drives with these labels.
fn only_on(library: &mut Library<'_>, labels: &[String]) {
    if labels.is_empty() {
        return;
    }
    let is_on = |copy: &Copy| {
        let read = library.drives.get(copy.drive);
        read.is_some_and(|read| labels.contains(&read.drive.label))
    };
    for content in &mut library.contents {
        content.copies.retain(is_on);
    }
}

/// The drives, for showing what lies on them.
struct Shelf<'l> {
    stock: &'l Library<'l>,
    /// How well each drive is.
    health: Vec<Health>,
}

impl<'l> Shelf<'l> {
    fn of(catalog: &Catalog, library: &'l Library<'l>) -> Self {
        let worst = |uid: &str| {
            let entries = health::latest(catalog.connection(), uid).unwrap_or_default();
            let all = entries.iter().map(|entry| Health::of(&entry.status));
            all.min().unwrap_or_default()
        };
        let drives = library.drives.iter();
        Self {
            stock: library,
            health: drives.map(|read| worst(&read.drive.drive_uid)).collect(),
        }
    }

    fn health(&self, copy: &Copy) -> Health {
        self.health.get(copy.drive).copied().unwrap_or_default()
    }

    /// Returns a content as people judge it; `None` if no copy can be shown.
    fn rated(&self, content: usize) -> Option<Rated> {
        let copies = &self.stock.contents.get(content)?.copies;
        let facts = copies.iter().find_map(|copy| self.facts(copy))?;
        let health = copies.iter().map(|copy| self.health(copy)).max()?;
        Some(Rated { facts, health })
    }

    fn facts(&self, copy: &Copy) -> Option<Facts> {
        let read = self.stock.drives.get(copy.drive)?;
        signatures::facts_of(&read.shard, copy.file_id)
            .ok()
            .flatten()
    }

    /// Returns the files with a content. Without evidence it is the best one: the copy on the healthiest drive is to be kept,
    /// and for the others the bytes speak.
    fn files(&self, content: usize, evidence: Option<&Evidence>) -> Vec<NearFile> {
        let copies = self
            .stock
            .contents
            .get(content)
            .map(|content| &content.copies);
        let mut files: Vec<(Health, NearFile)> = copies
            .into_iter()
            .flatten()
            .filter_map(|copy| {
                let read = self.stock.drives.get(copy.drive)?;
                let facts = self.facts(copy)?;
                let file = NearFile {
                    place: FilePlace::new(read.drive, read.separator, &facts.path),
                    keep: false,
                    size_bytes: facts.size_bytes,
                    duration_s: facts.duration_s,
                    width: facts.size.map(|(width, _)| width),
                    height: facts.size.map(|(_, height)| height),
                    bitrate_bps: facts.bitrate_bps,
                    codec: facts.codec,
                    evidence: evidence.cloned(),
                };
                Some((self.health(copy), file))
            })
            .collect();
        files.sort_by(|one, other| {
            let by_health = other.0.cmp(&one.0);
            by_health.then_with(|| one.1.place.cmp(&other.1.place))
        });
        let files = files.into_iter().map(|(_, file)| file).enumerate();
        files
            .map(|(number, mut file)| {
                if evidence.is_none() {
                    file.keep = number == 0;
                    file.evidence = (number > 0).then(Evidence::exact);
                }
                file
            })
            .collect()
    }
}

/// Returns a group of what is wanted of its files, if that is more than one.
fn group(files: Vec<NearFile>, why: String, wanted: &Wanted<'_>) -> Option<NearGroup> {
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
