//! The missing-drive guard: a scan never mistakes a missing drive for deleted files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::request::{Refusal, ScanError};
use crate::path::RelPath;
use crate::tree::{DirEntry, Tree};
use crate::watch;

/// Up to this many missing files are believed whatever their share.
pub(crate) const BELIEVED_MISSING: u64 = 100;

/// Files looked for before a drive of doubtful identity is listed.
pub(crate) const SAMPLE_FILES: i64 = 200;

/// What the numbers of a listing say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What is missing was deleted.
    Believed,
    /// Nothing at all is there.
    Empty,
    /// Too much is missing.
    MostlyMissing,
}

/// Judges a listing: of `known` files `missing` were not met; `met` files are there.
pub(crate) fn judge(known: u64, missing: u64, met: u64, max_missing_percent: u64) -> Verdict {
    if missing == 0 {
        return Verdict::Believed;
    }
    if met == 0 && missing >= known {
        return Verdict::Empty;
    }
    if missing > BELIEVED_MISSING
        && missing.saturating_mul(100) > known.saturating_mul(max_missing_percent)
    {
        return Verdict::MostlyMissing;
    }
    Verdict::Believed
}

/// Looks for a sample of known files and returns how many of them are not there; `None` if the drive does not answer.
///
/// Errors other than "not found" count as there: this is about another disk, not about permissions.
pub(crate) fn missing_of_sample(
    tree: &Arc<dyn Tree>,
    sample: Vec<RelPath>,
    limit: Duration,
) -> Option<u64> {
    let tree = Arc::clone(tree);
    watch::call(limit.saturating_mul(4), move || {
        let gone = |path: &RelPath| {
            tree.stat(path).is_err_and(|error| {
                matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                )
            })
        };
        sample.iter().filter(|path| gone(path)).count() as u64
    })
}

/// Asks whether the drive is still there.
///
/// # Errors
/// That it went away, or does not answer.
pub(crate) fn check_presence(
    tree: &Arc<dyn Tree>,
    mount: &Path,
    limit: Duration,
) -> Result<(), ScanError> {
    let tree = Arc::clone(tree);
    let mount = mount.to_path_buf();
    let answer = watch::call(limit, move || {
        // Opening may succeed from a cache; reading one entry asks the drive.
        tree.is_still_there()
            && tree
                .open_folder(&RelPath::root(), true)
                .and_then(|mut folder| folder.next_entry(&mut DirEntry::default()))
                .is_ok()
    });
    match answer {
        Some(true) => Ok(()),
        Some(false) => Err(Refusal::WentAway { mount }.into()),
        None => Err(Refusal::Hung { mount }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        for (known, missing, met, expected) in [
            (0, 0, 0, Verdict::Believed),
            (1_000, 0, 0, Verdict::Believed),
            (1_000, 1_000, 0, Verdict::Empty),
            (3, 3, 0, Verdict::Empty),
            (3, 3, 1, Verdict::Believed),
            (1_000, 300, 700, Verdict::Believed),
            (1_000, 301, 699, Verdict::MostlyMissing),
            (150, 100, 50, Verdict::Believed),
            (150, 101, 49, Verdict::MostlyMissing),
        ] {
            assert_eq!(
                judge(known, missing, met, 30),
                expected,
                "{known} {missing} {met}"
            );
        }
    }
}
