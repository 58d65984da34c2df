//! Walking a tree: iterative, on several threads, with retries, time limits and bounded queues.
//!
//! Deliberately does not touch the database: it sends folders in chunks, and the one writer compares and stores them.
//! A folder that could not be listed completely says so, so that nothing in it is taken for deleted.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::filter::Filter;
use super::retry;
use crate::cancel::CancelToken;
use crate::catalog::listing::{Chunk, ListedFile};
use crate::event::{Event, Sink};
use crate::path::{RelPath, join};
use crate::problem::{Problem, ProblemKind};
use crate::tree::{DirEntry, EntryType, FileStat, Folder, Tree};
use crate::watch::{Abandoned, JobStack, Post, Work};

/// Entries sent at once: enough to make the hand-over cheap, few enough to keep memory small.
pub(crate) const CHUNK_ENTRIES: usize = 4_096;

/// What a walk is to do.
pub(crate) struct WalkPlan {
    /// Where the root is mounted, for messages.
    pub(crate) root: std::path::PathBuf,
    /// Where to begin, below the root.
    pub(crate) start: RelPath,
    /// What to leave out.
    pub(crate) filter: Arc<Filter>,
    /// Whether links to folders are entered.
    pub(crate) follow_symlinks: bool,
    /// Whether inode numbers are worth keeping.
    pub(crate) keep_inodes: bool,
    /// Absolute paths of this many characters or more are refused; `None` where the system has no such limit.
    pub(crate) longest_path: Option<usize>,
    /// Returns the pause after so many files, to keep a slow drive responsive.
    pub(crate) pause: Box<dyn Fn(usize) -> Duration + Send + Sync>,
}

/// What a walk counted so far.
#[derive(Debug, Default)]
pub(crate) struct WalkCounts {
    /// Folders listed.
    pub(crate) folders: AtomicU64,
    /// Entries that a filter left out.
    pub(crate) ignored: AtomicU64,
    /// Files and folders that may not be read.
    pub(crate) permission: AtomicU64,
    /// Files and folders whose path is too long.
    pub(crate) too_long: AtomicU64,
}

#[derive(Clone, Debug)]
pub(crate) struct FolderJob {
    path: RelPath,
    follow_link: bool,
    /// Entries that hung at an earlier try.
    avoid: Arc<Vec<Vec<u8>>>,
}

/// The walk itself; [`crate::watch::run`] gives it threads.
pub(crate) struct Walk {
    plan: WalkPlan,
    tree: Arc<dyn Tree>,
    stack: JobStack<FolderJob>,
    /// Links wait until every real folder was visited, so that a folder is known by its own name.
    links: Mutex<Vec<FolderJob>>,
    visited: Mutex<HashSet<Vec<u8>>>,
    /// `None` once the walk has ended: abandoned threads must not keep the channel open.
    chunks: Mutex<Option<Sender<Chunk>>>,
    sink: Arc<dyn Sink>,
    cancel: CancelToken,
    gave_up: AtomicBool,
    /// The counters, shared with whoever shows progress.
    pub(crate) counts: Arc<WalkCounts>,
}

impl Walk {
    /// Prepares a walk that sends what it finds to `chunks`.
    pub(crate) fn new(
        plan: WalkPlan,
        tree: Arc<dyn Tree>,
        chunks: Sender<Chunk>,
        sink: Arc<dyn Sink>,
        cancel: CancelToken,
    ) -> Self {
        let first = FolderJob {
            path: plan.start.clone(),
            // The root may be a link; a part of it that is one lies elsewhere.
            follow_link: plan.start.is_root(),
            avoid: Arc::default(),
        };
        Self {
            plan,
            tree,
            stack: JobStack::new(first),
            links: Mutex::default(),
            visited: Mutex::default(),
            chunks: Mutex::new(Some(chunks)),
            sink,
            cancel,
            gave_up: AtomicBool::new(false),
            counts: Arc::default(),
        }
    }

    /// Returns whether the volume stopped answering.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    fn problem(&self, kind: ProblemKind, path: &RelPath, detail: String) {
        match kind {
            ProblemKind::Permission => self.counts.permission.fetch_add(1, Ordering::Relaxed),
            ProblemKind::PathTooLong => self.counts.too_long.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        self.sink.event(Event::Problem(Problem {
            kind,
            path: join(&self.plan.root, path),
            detail,
        }));
    }

    fn failed(&self, path: &RelPath, error: &io::Error) {
        self.problem(ProblemKind::of(error), path, error.to_string());
    }

    /// Hands a chunk on; a receiver that is gone is the signal to stop.
    fn send(&self, chunk: Chunk) {
        let chunks = self
            .chunks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if chunks.is_none_or(|chunks| chunks.send(chunk).is_err()) {
            self.stack.close();
        }
    }

    /// Closes the channel: whoever receives sees the end.
    pub(crate) fn end(&self) {
        *self.chunks.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn list(&self, job: &FolderJob, post: &Post) -> Result<(), Abandoned> {
        post.set_note(b"");
        let mut folder = match self.open(job, post)? {
            Ok(Some(folder)) => folder,
            // A repeated folder or a pseudo file system: it is there, and not entered.
            Ok(None) => return Ok(()),
            Err(error) => {
                self.failed(&job.path, &error);
                self.send(Chunk::failed(job.path.clone()));
                return Ok(());
            }
        };
        self.counts.folders.fetch_add(1, Ordering::Relaxed);
        let mut chunk = Chunk::first(job.path.clone());
        let mut subfolders = Vec::new();
        let mut entry = DirEntry::default();
        loop {
            post.set_note(b"");
            match post.call(|| folder.next_entry(&mut entry))? {
                Ok(true) => self.take(
                    job,
                    folder.as_mut(),
                    &entry,
                    &mut chunk,
                    &mut subfolders,
                    post,
                )?,
                Ok(false) => break,
                Err(error) => {
                    self.failed(&job.path, &error);
                    chunk.incomplete = true;
                    break;
                }
            }
            if chunk.len() >= CHUNK_ENTRIES {
                self.flush(&mut chunk, &mut subfolders);
            }
            if self.cancel.is_cancelled() {
                self.stack.close();
                return Ok(());
            }
        }
        chunk.last = true;
        self.flush(&mut chunk, &mut subfolders);
        Ok(())
    }

    /// Opens a folder; `None` if it is not to be entered.
    fn open(
        &self,
        job: &FolderJob,
        post: &Post,
    ) -> Result<io::Result<Option<Box<dyn Folder>>>, Abandoned> {
        let opened = retry::transient(&self.cancel, || {
            post.call(|| self.tree.open_folder(&job.path, job.follow_link))
        })?;
        let folder = match opened {
            Ok(folder) => folder,
            Err(error) => return Ok(Err(error)),
        };
        if post.call(|| folder.is_pseudo())? {
            return Ok(Ok(None));
        }
        if self.plan.follow_symlinks {
            let identity = match post.call(|| folder.identity())? {
                Ok(identity) => identity,
                Err(error) => return Ok(Err(error)),
            };
            let first_time = self
                .visited
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(identity);
            if !first_time && job.avoid.is_empty() {
                self.problem(
                    ProblemKind::LinkCycle,
                    &job.path,
                    "the folder was already visited under another name".into(),
                );
                return Ok(Ok(None));
            }
        }
        Ok(Ok(Some(folder)))
    }

    fn take(
        &self,
        job: &FolderJob,
        folder: &mut dyn Folder,
        entry: &DirEntry,
        chunk: &mut Chunk,
        subfolders: &mut Vec<FolderJob>,
        post: &Post,
    ) -> Result<(), Abandoned> {
        let name = entry.name.as_slice();
        let hidden = entry.stat.is_some_and(|stat| stat.hidden);
        if self.plan.filter.leaves_out(&job.path, name, hidden) {
            self.counts.ignored.fetch_add(1, Ordering::Relaxed);
            chunk.push_present(name);
            return Ok(());
        }
        if job.avoid.iter().any(|hung| hung == name) {
            chunk.push_present(name);
            return Ok(());
        }
        if self.is_too_long(&job.path, name) {
            self.problem(
                ProblemKind::PathTooLong,
                &job.path.child(name),
                "longer than the system takes; see `--long-paths`".into(),
            );
            chunk.push_present(name);
            return Ok(());
        }
        let (entry_type, known) = match (entry.entry_type, entry.stat) {
            (EntryType::Unknown, None) => match self.stat(job, folder, name, false, chunk, post)? {
                Some(stat) => (stat.entry_type, Some(stat)),
                None => return Ok(()),
            },
            (entry_type, stat) => (entry_type, stat),
        };
        match entry_type {
            EntryType::File => {
                let stat = match known {
                    Some(stat) => Some(stat),
                    None => self.stat(job, folder, name, false, chunk, post)?,
                };
                if let Some(stat) = stat {
                    chunk.push_file(name, ListedFile::of(&stat, self.plan.keep_inodes));
                }
            }
            EntryType::Folder => {
                subfolders.push(FolderJob {
                    path: job.path.child(name),
                    follow_link: false,
                    avoid: Arc::default(),
                });
            }
            EntryType::Link if self.plan.follow_symlinks => {
                chunk.push_no_file(name);
                // A link that leads nowhere is no problem of the catalogue's.
                post.set_note(name);
                if post
                    .call(|| folder.stat(name, true))?
                    .is_ok_and(|stat| stat.entry_type == EntryType::Folder)
                {
                    let link = FolderJob {
                        path: job.path.child(name),
                        follow_link: true,
                        avoid: Arc::default(),
                    };
                    self.links
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(link);
                }
            }
            EntryType::Link | EntryType::Special => chunk.push_no_file(name),
            EntryType::Unknown => chunk.push_present(name),
        }
        Ok(())
    }

    /// Asks for one entry; what cannot be asked is there all the same, unless it is gone.
    fn stat(
        &self,
        job: &FolderJob,
        folder: &dyn Folder,
        name: &[u8],
        follow_link: bool,
        chunk: &mut Chunk,
        post: &Post,
    ) -> Result<Option<FileStat>, Abandoned> {
        post.set_note(name);
        match retry::transient(&self.cancel, || {
            post.call(|| folder.stat(name, follow_link))
        })? {
            Ok(stat) => Ok(Some(stat)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                self.failed(&job.path.child(name), &error);
                chunk.push_present(name);
                Ok(None)
            }
        }
    }

    fn is_too_long(&self, folder: &RelPath, name: &[u8]) -> bool {
        self.plan.longest_path.is_some_and(|limit| {
            let characters = |bytes: &[u8]| String::from_utf8_lossy(bytes).encode_utf16().count();
            self.plan.root.as_os_str().len() + characters(folder.as_bytes()) + characters(name) + 2
                >= limit
        })
    }

    /// Sends what was gathered, then lets others enter the subfolders: a folder's row comes before its children's.
    fn flush(&self, chunk: &mut Chunk, subfolders: &mut Vec<FolderJob>) {
        let files = chunk.files();
        let next = Chunk::following(chunk);
        self.send(std::mem::replace(chunk, next));
        self.stack.push(subfolders.drain(..));
        let pause = (self.plan.pause)(files);
        if !pause.is_zero() {
            sleep(pause, &self.cancel);
        }
    }
}

impl Work for Walk {
    type Job = FolderJob;

    fn is_finished(&self) -> bool {
        self.stack.is_finished()
    }

    fn next(&self) -> Option<FolderJob> {
        loop {
            if self.cancel.is_cancelled() {
                return None;
            }
            if let Some(job) = self.stack.pop() {
                return Some(job);
            }
            let mut links =
                std::mem::take(&mut *self.links.lock().unwrap_or_else(PoisonError::into_inner));
            if links.is_empty() {
                return None;
            }
            links.sort_unstable_by(|a, b| b.path.cmp(&a.path));
            self.stack.push(links);
        }
    }

    fn run(&self, job: FolderJob, post: &Post) -> Result<(), Abandoned> {
        self.list(&job, post)?;
        self.stack.done();
        Ok(())
    }

    fn hung(&self, job: FolderJob, note: &[u8]) {
        if self.cancel.is_cancelled() {
            self.send(Chunk::failed(job.path));
            self.stack.done();
            return;
        }
        let limit = "the call did not return within the time limit and was abandoned".to_owned();
        if note.is_empty() {
            self.problem(ProblemKind::Hung, &job.path, limit);
            self.send(Chunk::failed(job.path));
        } else {
            // One entry hangs: list the folder again without asking for that one.
            self.problem(ProblemKind::Hung, &job.path.child(note), limit);
            let mut avoid = job.avoid.as_ref().clone();
            avoid.push(note.to_vec());
            self.stack.push([FolderJob {
                avoid: Arc::new(avoid),
                ..job
            }]);
        }
        self.stack.done();
    }

    fn given_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
        self.stack.close();
    }
}

/// Sleeps in small steps, so that a stop is heard.
pub(crate) fn sleep(pause: Duration, cancel: &CancelToken) {
    const STEP: Duration = Duration::from_millis(100);
    let mut left = pause;
    while !left.is_zero() && !cancel.is_cancelled() {
        let step = left.min(STEP);
        thread::sleep(step);
        left = left.saturating_sub(step);
    }
}
