//! Trees that look like a media library to whoever lists them: names, extensions, depths, sizes and times.
//!
//! The same specification makes the same tree everywhere, byte for byte, except that file systems which take nothing but
//! Unicode get no other names. Contents are mostly absent: listing is what such trees are for, reading has `media`.

mod names;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::FileTimes;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::random::Random;
use names::Theme;

/// The deepest folder, counted from the root's own subfolders.
pub const MAX_DEPTH: usize = 6;

/// Oldest and newest time of change: 2001-01-01 and 2026-01-01, in seconds since 1970.
const TIMES: (u64, u64) = (978_307_200, 1_767_225_600);

/// Whether the system's usual file systems take names that are not Unicode.
const TAKES_ANY_BYTES: bool = cfg!(all(unix, not(target_os = "macos")));

/// What to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeSpec {
    /// Files in all.
    pub files: u64,
    /// Folders below the root.
    pub folders: u64,
    /// Decides everything else.
    pub seed: u64,
}

/// What was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeFacts {
    /// Files.
    pub files: u64,
    /// Folders below the root.
    pub folders: u64,
    /// The sizes of all files together.
    pub bytes: u64,
    /// Files of size zero.
    pub empty_files: u64,
    /// Files whose names are no UTF-8.
    pub names_not_unicode: u64,
}

/// Builds the tree below `root`, which is made if need be and should be empty.
///
/// # Errors
/// What the system says of the first folder or file that cannot be made; files that exist already are such a case.
pub fn build(root: &Path, spec: &TreeSpec) -> io::Result<TreeFacts> {
    let mut random = Random::new(spec.seed);
    fs_err::create_dir_all(root)?;
    let folders = plan_folders(root, spec.folders, &mut random);
    let mut facts = TreeFacts::default();
    let weights: u128 = folders.iter().map(|folder| u128::from(folder.weight)).sum();
    let mut before = 0_u128;
    for folder in &folders {
        if !folder.is_root() {
            fs_err::create_dir(&folder.path)?;
            facts.folders += 1;
        }
        // Shares of a running sum: the counts add up to exactly what was asked for.
        let after = before + u128::from(folder.weight);
        let share = |weight: u128| u128::from(spec.files) * weight / weights.max(1);
        let count = share(after) - share(before);
        before = after;
        fill(
            folder,
            u64::try_from(count).unwrap_or(0),
            &mut random,
            &mut facts,
        )?;
    }
    Ok(facts)
}

struct PlannedFolder {
    path: PathBuf,
    depth: usize,
    theme: Theme,
    weight: u64,
    names: HashSet<String>,
}

impl PlannedFolder {
    fn is_root(&self) -> bool {
        self.depth == 0
    }
}

/// Returns the root and `count` folders below it, each after its parent.
fn plan_folders(root: &Path, count: u64, random: &mut Random) -> Vec<PlannedFolder> {
    let mut folders = vec![PlannedFolder {
        path: root.to_path_buf(),
        depth: 0,
        theme: Theme::Mixed,
        weight: 1,
        names: HashSet::new(),
    }];
    let mut parents = vec![0];
    for number in 0..count {
        let chosen = if number < Theme::COLLECTIONS.len() as u64 {
            0
        } else {
            parents
                .get(random.index(parents.len()))
                .copied()
                .unwrap_or(0)
        };
        let Some(parent) = folders.get_mut(chosen) else {
            continue;
        };
        let theme = match parent.theme {
            Theme::Mixed => Theme::COLLECTIONS
                .get(usize::try_from(number).unwrap_or(usize::MAX))
                .copied()
                .unwrap_or_else(|| Theme::any(random)),
            theme => theme,
        };
        let name = free(&mut parent.names, || {
            (theme.folder_name(parent.depth, random), String::new())
        });
        let depth = parent.depth + 1;
        let path = parent.path.join(name);
        if depth < MAX_DEPTH {
            parents.push(folders.len());
        }
        // Most folders hold a few dozen files, some are dumps of thousands, and some hold folders only.
        let weight = match random.below(100) {
            0..10 => 0,
            10..98 => random.between(1, 60),
            _ => random.between(500, 2_000),
        };
        folders.push(PlannedFolder {
            path,
            depth,
            theme,
            weight,
            names: HashSet::new(),
        });
    }
    folders
}

/// Makes `count` files in a folder.
fn fill(
    folder: &PlannedFolder,
    count: u64,
    random: &mut Random,
    facts: &mut TreeFacts,
) -> io::Result<()> {
    let mut taken = folder.names.clone();
    // What lies together was mostly written together.
    let month = Duration::from_hours(30 * 24);
    let written = random.between(TIMES.0, TIMES.1 - month.as_secs());
    for number in 0..count {
        let name = free(&mut taken, || folder.theme.file_name(number, random));
        let name = if TAKES_ANY_BYTES && random.once_in(2_000) {
            facts.names_not_unicode += 1;
            not_unicode(&name)
        } else {
            OsString::from(name)
        };
        let size = if random.below(100) < 95 {
            0
        } else {
            random.between(100, 900)
        };
        let modified = UNIX_EPOCH
            + Duration::from_secs(written + random.below(month.as_secs()))
            + Duration::from_nanos(random.below(1_000_000_000));
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(folder.path.join(name))?;
        if size > 0 {
            file.write_all(&content(size, random))?;
        } else {
            facts.empty_files += 1;
        }
        file.file()
            .set_times(FileTimes::new().set_modified(modified))?;
        facts.files += 1;
        facts.bytes += size;
    }
    Ok(())
}

fn content(size: u64, random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < size {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(usize::try_from(size).unwrap_or(0));
    bytes
}

/// Returns a name (stem and extension with its dot) that the folder does not have, in whatever case of letters.
fn free(taken: &mut HashSet<String>, mut propose: impl FnMut() -> (String, String)) -> String {
    let (stem, ext) = propose();
    let first = format!("{stem}{ext}");
    if taken.insert(first.to_lowercase()) {
        return first;
    }
    let mut number = taken.len();
    loop {
        let numbered = format!("{stem} {number}{ext}");
        if taken.insert(numbered.to_lowercase()) {
            return numbered;
        }
        number += 1;
    }
}

/// Returns the name as an old machine wrote it: with a Latin-1 letter in front, which is no UTF-8.
#[cfg(unix)]
fn not_unicode(name: &str) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec([b"caf\xe9 ", name.as_bytes()].concat())
}

#[cfg(not(unix))]
fn not_unicode(name: &str) -> OsString {
    OsString::from(name)
}

#[cfg(test)]
mod tests;
