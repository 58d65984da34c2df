//! How fast a drive is, by reading a little of one of its files, past the cache of the system.
//!
//! Nothing is ever written to the drive: a folder without a file to read is simply not measured. The walk is bounded;
//! a single read of a dead drive is not, so callers who must not wait measure where they can abandon it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::rate::XorShift;
use crate::cancel::CancelToken;

mod reader;

use reader::Reader;

/// Reads that are timed.
const READS: u64 = 5;

/// Bytes of each, unless the file is shorter.
const READ_BYTES: u64 = 256 * 1024;

/// The shortest file that is worth reading.
const SMALLEST_FILE: u64 = 128 * 1024;

/// Files that are looked at before one is chosen.
const MOST_FILES: usize = 40;

/// Entries of folders that are looked at to find them.
const MOST_ENTRIES: usize = 2_000;

/// How long the search may take.
const LONGEST_SEARCH: Duration = Duration::from_secs(2);

/// How a drive answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The median time of one read of 256 KiB.
    pub latency: Duration,
    /// All bytes by all the time they took.
    pub bytes_per_second: f64,
}

/// Measures the drive that the folder `root` lies on. `None` if no file of at least 128 KiB is soon found, if it cannot
/// be read, or if somebody cancelled.
///
/// On Windows the reads may be answered by the cache of the system, which makes a drive look faster than it is.
pub fn measure(root: &Path, cancel: &CancelToken) -> Option<Measured> {
    let deadline = Instant::now() + LONGEST_SEARCH;
    let (path, length) = choose_file(root, deadline, cancel)?;
    let mut reader = Reader::open(&path, READ_BYTES.min(length))?;
    let last_offset = length - READ_BYTES.min(length);
    let mut rng = XorShift::new(length);
    // Not timed: a sleeping disk wakes up for it.
    reader.read_at(rng.up_to(last_offset))?;
    let mut times = Vec::new();
    let mut bytes = 0_u64;
    for _read in 0..READS {
        if cancel.is_cancelled() {
            return None;
        }
        let offset = rng.up_to(last_offset);
        let started = Instant::now();
        bytes += reader.read_at(offset)?;
        times.push(started.elapsed());
    }
    summarise(times, bytes)
}

fn summarise(mut times: Vec<Duration>, bytes: u64) -> Option<Measured> {
    times.sort_unstable();
    let latency = *times.get(times.len() / 2)?;
    let seconds = times.iter().sum::<Duration>().as_secs_f64();
    // A few megabytes at most: far below where this would lose precision.
    let bytes = f64::from(u32::try_from(bytes).ok()?);
    (seconds > 0.0).then(|| Measured {
        latency,
        bytes_per_second: bytes / seconds,
    })
}

/// Returns the longest of the first files below `root`, and its length: the longer, the farther apart the reads. Links
/// are not followed; folders that cannot be listed are passed over.
fn choose_file(root: &Path, deadline: Instant, cancel: &CancelToken) -> Option<(PathBuf, u64)> {
    let mut folders = VecDeque::from([root.to_path_buf()]);
    let mut best: Option<(PathBuf, u64)> = None;
    let (mut files, mut entries) = (0, 0);
    while let Some(folder) = folders.pop_front() {
        let Ok(listing) = fs_err::read_dir(&folder) else {
            continue;
        };
        for entry in listing.filter_map(Result::ok) {
            entries += 1;
            if cancel.is_cancelled() {
                return None;
            }
            if files >= MOST_FILES || entries > MOST_ENTRIES || Instant::now() >= deadline {
                return best;
            }
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push_back(entry.path());
            } else if kind.is_file() {
                files += 1;
                let length = entry.metadata().map_or(0, |metadata| metadata.len());
                let is_better = best.as_ref().is_none_or(|(_, longest)| length > *longest);
                if length >= SMALLEST_FILE && is_better {
                    best = Some((entry.path(), length));
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    fn folder_with(files: &[(&str, usize)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, length) in files {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, vec![7_u8; *length]).unwrap();
        }
        folder
    }

    fn chosen(folder: &tempfile::TempDir) -> Option<(String, u64)> {
        let (path, length) = choose_file(folder.path(), soon(), &CancelToken::new())?;
        Some((path.file_name()?.to_str()?.to_owned(), length))
    }

    #[test]
    fn the_longest_file_that_is_long_enough_is_chosen() {
        assert_eq!(chosen(&folder_with(&[])), None);
        assert_eq!(chosen(&folder_with(&[("a", 131_071), ("sub/b", 9)])), None);
        assert_eq!(
            chosen(&folder_with(&[("a", 131_072)])),
            Some(("a".to_owned(), 131_072))
        );
        assert_eq!(
            chosen(&folder_with(&[
                ("a", 131_072),
                ("sub/sub/b", 400_000),
                ("c", 10)
            ])),
            Some(("b".to_owned(), 400_000))
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = folder_with(&[("a", 131_072)]);
        let other = folder_with(&[("b", 400_000)]);
        for (target, name) in [
            (other.path().join("b"), "file"),
            (other.path().into(), "dir"),
        ] {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        assert_eq!(chosen(&folder), Some(("a".to_owned(), 131_072)));
    }

    #[test]
    fn the_search_ends() {
        let many: Vec<String> = (0..41).map(|index| format!("{index}")).collect();
        let files: Vec<(&str, usize)> = many.iter().map(|name| (name.as_str(), 1)).collect();
        let folder = folder_with(&files);
        fs_err::create_dir(folder.path().join("later")).unwrap();
        fs_err::write(folder.path().join("later/long"), vec![0; 200_000]).unwrap();
        assert_eq!(chosen(&folder), None, "forty files were looked at");

        let one = folder_with(&[("a", 200_000)]);
        let search = |deadline, cancel: &CancelToken| choose_file(one.path(), deadline, cancel);
        assert!(search(soon(), &CancelToken::new()).is_some());
        assert!(search(Instant::now(), &CancelToken::new()).is_none());
        let cancelled = CancelToken::new();
        cancelled.cancel();
        assert!(search(soon(), &cancelled).is_none());
        assert_eq!(measure(one.path(), &cancelled), None);
    }

    #[test]
    fn real_folders_are_measured_and_left_alone() {
        for length in [131_072, 262_143, 262_145, 1_000_000, 4_000_000] {
            let folder = folder_with(&[("film", length)]);
            let measured = measure(folder.path(), &CancelToken::new()).unwrap();
            assert!(measured.latency > Duration::ZERO);
            assert!(measured.bytes_per_second > 0.0);
            assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
        }
        assert_eq!(
            measure(Path::new("/nonexistent"), &CancelToken::new()),
            None
        );
    }

    #[test]
    fn the_median_and_the_mean() {
        let times = [9, 1, 2, 100, 3].map(Duration::from_millis).to_vec();
        let measured = summarise(times, 1_150_000).unwrap();
        assert_eq!(measured.latency, Duration::from_millis(3));
        assert!((measured.bytes_per_second - 1e7).abs() < 1.0);
        assert_eq!(summarise(Vec::new(), 0), None);
        assert_eq!(summarise(vec![Duration::ZERO; 5], 5), None);
    }
}
