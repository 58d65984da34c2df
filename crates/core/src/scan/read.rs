//! Reading files: whole ones for their hash, the beginning of others to see what they are.
//!
//! Workers read and hash, one thread writes. A file that changes while it is read, vanishes or cannot be read is a
//! problem and stays on the list for the next scan.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::retry;
use super::walk::sleep;
use crate::cancel::CancelToken;
use crate::catalog::hashing::{ReadResult, ReadTask};
use crate::catalog::listing::ListedFile;
use crate::media::{
    Category, Kind, SNIFF_BYTES, Understanding, embedded, mime_of_content, read_headers, subtitle,
};
use crate::path::join;
use crate::problem::{Problem, ProblemKind};
use crate::profile::RateController;
use crate::tree::{FileStat, OpenFile, Tree};
use crate::watch::{self, Abandoned, Post, Work};

/// Length of an end of a file, in bytes.
pub(crate) const END_BYTES: u64 = 16 * 1024;

/// How files are read.
#[derive(Clone, Debug)]
pub(crate) struct ReadPlan {
    /// Where the root is mounted, for messages.
    pub(crate) root: PathBuf,
    /// Whether headers are read of what turns out to be media.
    pub(crate) headers: bool,
    /// Whether what the system keeps in memory of a file is dropped before it is read.
    pub(crate) past_cache: bool,
    /// Bytes read at once.
    pub(crate) chunk_bytes: usize,
    /// Worker threads, for the rate controller.
    pub(crate) threads: usize,
    /// Whether inode numbers are worth keeping.
    pub(crate) keep_inodes: bool,
}

/// What became of a task.
pub(crate) enum Outcome {
    /// It was read.
    Read(Box<ReadResult>),
    /// It could not be read.
    Failed(Problem),
    /// The user wants to stop.
    Cancelled,
}

/// The reading itself; [`crate::watch::run`] gives it threads.
pub(crate) struct Reading {
    plan: ReadPlan,
    tree: Arc<dyn Tree>,
    tasks: Receiver<ReadTask>,
    results: Sender<(ReadTask, Outcome)>,
    rate: Option<Mutex<RateController>>,
    cancel: CancelToken,
    gave_up: AtomicBool,
    stopped: AtomicBool,
    /// Bytes read so far, those of files under way included.
    pub(crate) bytes: Arc<AtomicU64>,
}

impl Reading {
    /// Prepares the reading of what comes through `tasks`; each is answered once through `results`.
    pub(crate) fn new(
        plan: ReadPlan,
        tree: Arc<dyn Tree>,
        tasks: Receiver<ReadTask>,
        results: Sender<(ReadTask, Outcome)>,
        rate: Option<RateController>,
        cancel: CancelToken,
    ) -> Self {
        Self {
            plan,
            tree,
            tasks,
            results,
            rate: rate.map(Mutex::new),
            cancel,
            gave_up: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            bytes: Arc::default(),
        }
    }

    /// Returns whether the volume stopped answering.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Sends every worker home, those in the middle of a file included.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.cancel.is_cancelled() || self.gave_up() || self.stopped.load(Ordering::Relaxed)
    }

    fn problem(&self, task: &ReadTask, kind: ProblemKind, detail: impl Into<String>) -> Outcome {
        Outcome::Failed(Problem {
            kind,
            path: join(&self.plan.root, &task.path),
            detail: detail.into(),
        })
    }

    fn read(&self, task: &ReadTask, post: &Post) -> Result<Outcome, Abandoned> {
        self.pace();
        let outcome = retry::transient(&self.cancel, || self.read_once(task, post))?;
        if let Some(rate) = &self.rate {
            let mut rate = rate.lock().unwrap_or_else(PoisonError::into_inner);
            if outcome.is_ok() {
                rate.success();
            } else {
                rate.error();
            }
        }
        Ok(outcome
            .unwrap_or_else(|error| self.problem(task, ProblemKind::of(&error), error.to_string())))
    }

    fn read_once(
        &self,
        task: &ReadTask,
        post: &Post,
    ) -> Result<std::io::Result<Outcome>, Abandoned> {
        let mut file = match post.call(|| self.tree.open_file(&task.path))? {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let outcome = self.read_open(task, file.as_mut(), post)?;
        // Closing is a call as well, and on some file systems one that waits.
        post.call(move || drop(file))?;
        Ok(outcome)
    }

    fn read_open(
        &self,
        task: &ReadTask,
        file: &mut dyn OpenFile,
        post: &Post,
    ) -> Result<std::io::Result<Outcome>, Abandoned> {
        let before = match post.call(|| file.stat())? {
            Ok(stat) => stat,
            Err(error) => return Ok(Err(error)),
        };
        if self.plan.past_cache {
            post.call(|| file.drop_cached())?;
        }
        let wanted = if task.hash {
            self.plan.chunk_bytes
        } else {
            SNIFF_BYTES
        };
        let mut buffer = vec![
            0;
            wanted.min(
                usize::try_from(before.size_bytes)
                    .unwrap_or(usize::MAX)
                    .max(SNIFF_BYTES)
            )
        ];
        if task.ends && !task.hash {
            return self.read_ends(task, file, &before, post);
        }
        let mut hasher = blake3::Hasher::new();
        let mut beginning = Vec::new();
        let mut length = 0_u64;
        loop {
            if self.is_stopping() {
                return Ok(Ok(Outcome::Cancelled));
            }
            let began = Instant::now();
            let count = match post.call(|| file.read(&mut buffer))? {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => {
                    // A second attempt counts its bytes again.
                    self.bytes.fetch_sub(length, Ordering::Relaxed);
                    return Ok(Err(error));
                }
            };
            self.record(began.elapsed());
            let read = buffer.get(..count).unwrap_or_default();
            let missing = SNIFF_BYTES.saturating_sub(beginning.len());
            if missing > 0 {
                beginning.extend_from_slice(read.get(..missing.min(count)).unwrap_or_default());
            }
            length += count as u64;
            self.bytes.fetch_add(count as u64, Ordering::Relaxed);
            if !task.hash {
                if beginning.len() >= SNIFF_BYTES {
                    break;
                }
                continue;
            }
            hasher.update(read);
        }
        let after = match post.call(|| file.stat())? {
            Ok(stat) => stat,
            Err(error) => return Ok(Err(error)),
        };
        if task.hash
            && (after.size_bytes != before.size_bytes
                || after.mtime_us != before.mtime_us
                || length != after.size_bytes)
        {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            return Ok(Ok(self.problem(
                task,
                ProblemKind::ChangedWhileRead,
                "it is hashed at the next scan",
            )));
        }
        let content_mime = mime_of_content(&beginning);
        let media = match self.headers(task, content_mime, file, before.size_bytes, post)? {
            Ok(media) => media,
            Err(error) => return Ok(Err(error)),
        };
        let subtitle = match subtitle_lines(task, file, before.size_bytes, post)? {
            Ok(lines) => lines,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(Outcome::Read(Box::new(ReadResult {
            hash: task.hash.then(|| *hasher.finalize().as_bytes()),
            ends: None,
            stat: ListedFile::of(&before, self.plan.keep_inodes),
            content_mime,
            media,
            subtitle,
        }))))
    }

    /// Reads both ends of a file; all of one that is no longer than these.
    fn read_ends(
        &self,
        task: &ReadTask,
        file: &mut dyn OpenFile,
        before: &FileStat,
        post: &Post,
    ) -> Result<std::io::Result<Outcome>, Abandoned> {
        let length = before.size_bytes;
        let is_short = length <= 2 * END_BYTES;
        let first = if is_short { length } else { END_BYTES };
        let mut bytes = match embedded::read_range(file, 0, first, post)? {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(error)),
        };
        let content_mime = mime_of_content(bytes.get(..SNIFF_BYTES).unwrap_or(&bytes));
        if !is_short {
            match embedded::read_range(file, length - END_BYTES, END_BYTES, post)? {
                Ok(last) => bytes.extend(last),
                Err(error) => return Ok(Err(error)),
            }
        }
        let after = match post.call(|| file.stat())? {
            Ok(stat) => stat,
            Err(error) => return Ok(Err(error)),
        };
        let is_same = after.size_bytes == length && after.mtime_us == before.mtime_us;
        if !is_same || bytes.len() as u64 != length.min(2 * END_BYTES) {
            let detail = "it is looked at again the next time";
            return Ok(Ok(self.problem(
                task,
                ProblemKind::ChangedWhileRead,
                detail,
            )));
        }
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let hash = *blake3::hash(&bytes).as_bytes();
        Ok(Ok(Outcome::Read(Box::new(ReadResult {
            hash: is_short.then_some(hash),
            ends: (!is_short).then_some(hash),
            stat: ListedFile::of(before, self.plan.keep_inodes),
            content_mime,
            media: None,
            subtitle: None,
        }))))
    }

    /// Reads the headers of media, also of a file that was not known to be any.
    fn headers(
        &self,
        task: &ReadTask,
        content_mime: Option<&'static str>,
        file: &mut dyn OpenFile,
        length: u64,
        post: &Post,
    ) -> Result<std::io::Result<Option<Understanding>>, Abandoned> {
        let is_media = |kind: &Kind| {
            matches!(
                kind.category,
                Category::Video | Category::Audio | Category::Image
            )
        };
        let turned_out = !is_media(&task.kind) && is_media(&task.kind.with_content(content_mime));
        if !(task.headers || self.plan.headers && turned_out) {
            return Ok(Ok(None));
        }
        let name = task.path.split().map_or(&b""[..], |(_, name)| name);
        let name = String::from_utf8_lossy(name).into_owned();
        let read = read_headers(file, post, length, &name, task.kind.ext.as_deref())?;
        Ok(read.map(Some))
    }

    fn record(&self, latency: Duration) {
        if let Some(rate) = &self.rate {
            rate.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .record(latency, Instant::now());
        }
    }

    fn pace(&self) {
        if let Some(rate) = &self.rate {
            let delay = rate.lock().unwrap_or_else(PoisonError::into_inner).delay(
                self.tasks.len(),
                self.plan.threads,
                Instant::now(),
            );
            if !delay.is_zero() {
                sleep(delay, &self.cancel);
            }
        }
    }

    fn answer(&self, task: ReadTask, outcome: Outcome) {
        // A writer that failed no longer listens; the channel of tasks ends with it.
        let _nobody_listens = self.results.send((task, outcome));
    }
}

/// Reads a subtitle file; it is small, and its bytes are in the page cache if it was hashed.
fn subtitle_lines(
    task: &ReadTask,
    file: &mut dyn OpenFile,
    length: u64,
    post: &Post,
) -> Result<std::io::Result<Option<String>>, Abandoned> {
    if !task.subtitle {
        return Ok(Ok(None));
    }
    let bytes = embedded::read_range(file, 0, length.min(subtitle::LONGEST_BYTES), post)?;
    Ok(bytes.map(|bytes| Some(subtitle::lines(&bytes))))
}

impl Work for Reading {
    type Job = ReadTask;

    fn is_finished(&self) -> bool {
        self.tasks.is_empty() || self.is_stopping()
    }

    fn next(&self) -> Option<ReadTask> {
        watch::next_task(&self.tasks, || self.is_stopping())
    }

    fn run(&self, task: ReadTask, post: &Post) -> Result<(), Abandoned> {
        let outcome = self.read(&task, post)?;
        self.answer(task, outcome);
        Ok(())
    }

    fn hung(&self, task: ReadTask, _note: &[u8]) {
        let outcome = if self.cancel.is_cancelled() {
            Outcome::Cancelled
        } else {
            self.problem(
                &task,
                ProblemKind::Hung,
                "a read did not return within the time limit and was abandoned",
            )
        };
        self.answer(task, outcome);
    }

    fn given_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
    }
}
