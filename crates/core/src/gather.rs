//! Going through the files of a drive that lack something: tasks out of a queue of the shard, work on watched threads, and
//! what comes of it written many at once. What is taken of a file, and where it is written, says a `Taker` and a
//! `Keeper`: fingerprints and light analysis have one each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rusqlite::Connection;
use videocatalog_models::runtime::ModelError;

use crate::cancel::CancelToken;
use crate::catalog::batch::Batch;
use crate::catalog::lock::ShardLock;
use crate::catalog::store::Catalog;
use crate::catalog::{Access, tune_for_writing};
use crate::event::{Event, Phase, Progress, Sink};
use crate::path::{RelPath, join};
use crate::problem::{Problem, ProblemCounts, ProblemKind};
use crate::profile::{Performance, Profile};
use crate::scan::filter::Filter;
use crate::scan::pump::TICK;
use crate::scan::{self, Plan, Refusal, ScanError, ScanRequest, Surroundings};
use crate::tools::{Limits, StreamError, ToolError};
use crate::tree::{FileStat, Tree};
use crate::watch::{self, Abandoned, Post, Work};

/// What was taken waits no longer than this to be written.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A film may take as long as it plays: a machine that decodes slower than that is too slow for it.
const SLOWEST: Duration = Duration::from_mins(30);

/// After so many failures of a model, one after the other, nothing more is asked of it.
const MOST_MODEL_FAILURES: u32 = 5;

/// A file that lacks something.
#[derive(Clone, Debug, PartialEq)]
pub struct Lacking {
    /// Place in the queue.
    pub seq: i64,
    /// The file.
    pub file_id: i64,
    /// Where it is.
    pub path: RelPath,
    /// Its size as the catalogue has it.
    pub size_bytes: i64,
    /// Its time of change as the catalogue has it.
    pub mtime_us: i64,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
}

/// A file with what is to be taken of it.
pub(crate) trait Task: Clone + Send + 'static {
    /// Returns the file.
    fn lacking(&self) -> &Lacking;
}

/// Why nothing could be taken now; another time it may be.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A program could not be started, took too long or was stopped.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// There is no room for what is between a program and us.
    #[error("the sound could not be kept for a moment: {0}")]
    Scratch(#[from] std::io::Error),
    /// The drive could not be read.
    #[error("{0}")]
    Drive(std::io::Error),
    /// The model could not be asked; that says nothing of the file.
    #[error("{0}")]
    Model(ModelError),
    /// Only another program can decode it, and that is not there.
    #[error("{0} (FFmpeg might decode it, and is not there)")]
    NeedsFfmpeg(String),
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
}

impl TakeError {
    /// Returns what a model's failure says: something of the file, if it gave something that is no vector of it, else that it
    /// is to be tried another time.
    pub(crate) fn of_model(error: ModelError) -> Result<Self, String> {
        match error {
            ModelError::Output(_) => Err(error.to_string()),
            ModelError::Stopped => Ok(Self::Stopped),
            other => Ok(Self::Model(other)),
        }
    }
}

/// What takes something of a file, on watched threads.
pub(crate) trait Taker: Send + Sync + 'static {
    /// A file and what it lacks.
    type Task: Task;
    /// What is taken of it.
    type Taken: Send + 'static;

    /// Takes it. Calls of the drive that may hang go through `post`.
    fn take(
        &self,
        at: &At<'_>,
        task: &Self::Task,
        post: &Post,
    ) -> Result<Result<Self::Taken, TakeError>, Abandoned>;

    /// Returns what is kept of a file of which nothing can ever be taken.
    fn failed(&self, reason: String) -> Self::Taken;
}

/// Where a file is, and within which limits it is worked on.
pub(crate) struct At<'a> {
    pub(crate) path: &'a Path,
    pub(crate) tree: &'a dyn Tree,
    pub(crate) limits: &'a Limits,
}

/// What knows the queue and keeps what is taken.
pub(crate) trait Keeper {
    /// A file and what it lacks.
    type Task;
    /// What is taken of it.
    type Taken;

    /// Returns the next files of the queue after a place.
    fn next(
        &self,
        connection: &Connection,
        after: i64,
        limit: i64,
    ) -> rusqlite::Result<Vec<Self::Task>>;

    /// Writes what was taken.
    fn save(
        &mut self,
        connection: &Connection,
        task: &Self::Task,
        taken: &Self::Taken,
        now_utc: &str,
        now_us: i64,
    ) -> rusqlite::Result<()>;
}

/// How a drive is gone through.
pub(crate) struct Manner {
    /// What the work is called.
    pub(crate) name: &'static str,
    pub(crate) phase: Phase,
    /// Files in the queue.
    pub(crate) files: u64,
    /// Files at once.
    pub(crate) threads: usize,
    /// Files per commit.
    pub(crate) batch_files: usize,
    /// Rest after as many.
    pub(crate) rest: Duration,
}

impl Manner {
    /// Returns the rest after a batch on a drive of that profile.
    pub(crate) fn rest_on(rest: Duration, profile: Profile) -> Duration {
        match profile {
            Profile::Network => rest * 2,
            Profile::Usb => rest * 3 / 2,
            Profile::Ssd | Profile::Hdd => rest,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// Files that were done.
    pub(crate) done: u64,
    /// Files that were left to another run: changed, gone, unreadable.
    pub(crate) left: u64,
    /// Files that a filter hides: they are not opened.
    pub(crate) hidden: u64,
    pub(crate) problems: ProblemCounts,
    /// Why it was broken off: the model failed again and again.
    pub(crate) broken: Option<String>,
}

/// A drive whose shard is open for writing, and locked.
#[derive(Clone, Copy)]
pub(crate) struct Surface<'r> {
    pub(crate) plan: &'r Plan,
    pub(crate) tree: &'r Arc<dyn Tree>,
    /// What it leaves out is not opened.
    pub(crate) filter: &'r Filter,
    pub(crate) performance: &'r Performance,
    pub(crate) connection: &'r Connection,
    pub(crate) shard_path: &'r Path,
    pub(crate) outside: &'r Surroundings,
    pub(crate) sink: &'r dyn Sink,
    pub(crate) time_limit: Duration,
    pub(crate) began: Instant,
}

impl Surface<'_> {
    pub(crate) fn write(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: self.shard_path.to_path_buf(),
            source,
        }
    }
}

/// Makes ready a drive that is known, locks its shard for `operation`, and works on it below the folder that is asked for.
///
/// # Errors
/// When the drive is not the one expected, does not answer, or its shard cannot be written; or what `work` says.
pub(crate) fn on_known_drive<T>(
    request: &ScanRequest,
    operation: &str,
    catalog: &Catalog,
    outside: &Surroundings,
    work: impl FnOnce(&Surface<'_>, &RelPath) -> Result<T, ScanError>,
) -> Result<T, ScanError> {
    // An unknown label is no new drive here.
    catalog.drive(&request.label)?;
    let plan = scan::plan(request, catalog, &outside.probe, outside.sink.as_ref())?;
    let filter = Filter::of(request, &plan.root)?;
    let tree = scan::open_tree(&plan, &request.options)?;
    let began = Instant::now();
    let shard_path = catalog.shard_path(&plan.drive);
    let _lock = ShardLock::acquire(&shard_path, operation, outside.clock.now_utc())?;
    let connection = catalog.open_shard(&plan.drive, Access::Write)?;
    tune_for_writing(&connection).map_err(|source| ScanError::Write {
        path: shard_path.clone(),
        source,
    })?;
    let performance = scan::tune(request, &plan, outside);
    outside.sink.event(Event::Performance(performance.clone()));
    let below = match &request.only {
        Some(only) => scan::start_below(&plan.root, only)?,
        None => RelPath::root(),
    };
    let surface = Surface {
        plan: &plan,
        tree: &tree,
        filter: &filter,
        performance: &performance,
        connection: &connection,
        shard_path: &shard_path,
        outside,
        sink: outside.sink.as_ref(),
        time_limit: request.options.time_limit,
        began,
    };
    work(&surface, &below)
}

/// Goes through the queue.
///
/// # Errors
/// When the shard cannot be written or the drive does not answer any more.
pub(crate) fn gather<T: Taker, K: Keeper<Task = T::Task, Taken = T::Taken>>(
    on: &Surface<'_>,
    taker: T,
    keeper: &mut K,
    manner: &Manner,
) -> Result<Gathered, ScanError> {
    let threads = manner.threads.max(1);
    let (task_sender, task_receiver) = bounded(threads);
    let (outcome_sender, outcome_receiver) = bounded(threads);
    let taking = Arc::new(Taking {
        root: on.plan.root.clone(),
        taker,
        tree: Arc::clone(on.tree),
        tasks: task_receiver,
        outcomes: outcome_sender,
        cancel: on.outside.cancel.clone(),
        gave_up: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
    });
    let mut writer = Writer {
        on,
        keeper,
        manner,
        gathered: Gathered::default(),
        model_failures: 0,
        waiting: Vec::new(),
        written: Instant::now(),
    };
    let (limit, cancel) = (on.time_limit, on.outside.cancel.clone());
    thread::scope(|scope| {
        let work = Arc::clone(&taking);
        let watcher = thread::Builder::new()
            .name("gather-watch".into())
            .spawn_scoped(scope, move || {
                watch::run(&work, manner.name, threads, limit, &cancel);
            });
        let done = match watcher {
            Ok(_) => writer.write_all(&taking, &task_sender, &outcome_receiver),
            Err(source) => Err(ScanError::System {
                what: "start a thread",
                source,
            }),
        };
        taking.stop();
        drop(task_sender);
        drop(outcome_receiver);
        done
    })?;
    writer.tell();
    if taking.gave_up() {
        let mount = on.plan.root.clone();
        return Err(Refusal::Hung { mount }.into());
    }
    let mut gathered = writer.gathered;
    if gathered.broken.is_some() {
        gathered.left = manner.files.saturating_sub(gathered.done + gathered.hidden);
    }
    Ok(gathered)
}

/// Gives tasks out and writes what comes of them: many at once, so that a transaction takes milliseconds.
struct Writer<'r, K: Keeper> {
    on: &'r Surface<'r>,
    keeper: &'r mut K,
    manner: &'r Manner,
    gathered: Gathered,
    /// Of the model, one after the other.
    model_failures: u32,
    waiting: Vec<(K::Task, K::Taken)>,
    written: Instant,
}

impl<K: Keeper> Writer<'_, K> {
    fn write_all<T: Taker<Task = K::Task, Taken = K::Taken>>(
        &mut self,
        taking: &Taking<T>,
        tasks: &Sender<K::Task>,
        outcomes: &Receiver<Answer<T>>,
    ) -> Result<(), ScanError>
    where
        K::Task: Task,
    {
        let mut page = Vec::new().into_iter();
        let (mut after, mut in_flight, mut is_exhausted) = (0, 0_usize, false);
        let (mut given, mut shown) = (0_usize, Instant::now());
        while !(is_exhausted && in_flight == 0) {
            if self.gathered.broken.is_some() {
                taking.stop();
            }
            let is_stopping = taking.is_stopping();
            if is_stopping && in_flight == 0 {
                break;
            }
            while !is_stopping && !is_exhausted && !tasks.is_full() {
                let Some(task) = page.next() else {
                    page = self
                        .keeper
                        .next(self.on.connection, after, 256)
                        .map_err(|source| self.on.write(source))?
                        .into_iter();
                    is_exhausted = page.len() == 0;
                    continue;
                };
                let task: K::Task = task;
                after = task.lacking().seq;
                if self.on.filter.hides(&task.lacking().path) {
                    self.gathered.hidden += 1;
                    continue;
                }
                given += 1;
                if given.is_multiple_of(self.manner.batch_files.max(1)) {
                    thread::sleep(self.manner.rest);
                }
                in_flight += 1;
                if tasks.send(task).is_err() {
                    break;
                }
            }
            match outcomes.recv_timeout(TICK) {
                Ok((task, outcome)) => {
                    in_flight -= 1;
                    self.keep(task, outcome);
                }
                // Tasks that no worker took go unanswered once the workers leave.
                Err(RecvTimeoutError::Timeout) if is_stopping => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let is_much = self.waiting.len() >= self.manner.batch_files;
            if is_much || self.written.elapsed() >= LONGEST_WAIT {
                self.write()?;
            }
            if shown.elapsed() >= 4 * TICK {
                shown = Instant::now();
                self.tell();
            }
        }
        self.write()
    }

    fn keep(&mut self, task: K::Task, outcome: Outcome<K::Taken>) {
        match outcome {
            Outcome::Taken(taken) => {
                self.model_failures = 0;
                self.waiting.push((task, *taken));
            }
            Outcome::NotNow(problem) => {
                self.gathered.left += 1;
                if let Some(problem) = problem {
                    self.problem(problem);
                }
            }
            Outcome::ModelFailed(problem) => {
                self.gathered.left += 1;
                self.model_failures += 1;
                if self.model_failures >= MOST_MODEL_FAILURES {
                    self.gathered.broken = Some(problem.detail.clone());
                }
                self.problem(problem);
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        *self.gathered.problems.entry(problem.kind).or_default() += 1;
        self.on.sink.event(Event::Problem(problem));
    }

    /// Writes what waits, in one transaction.
    fn write(&mut self) -> Result<(), ScanError> {
        self.written = Instant::now();
        if self.waiting.is_empty() {
            return Ok(());
        }
        let clock = Arc::clone(&self.on.outside.clock);
        let (now, now_us) = (clock.now_utc(), clock.now_us());
        let mut batch = Batch::new(self.on.connection, clock.as_ref());
        for (task, taken) in self.waiting.drain(..) {
            batch
                .begin_row()
                .and_then(|()| {
                    self.keeper
                        .save(self.on.connection, &task, &taken, &now, now_us)
                })
                .map_err(|source| self.on.write(source))?;
            self.gathered.done += 1;
        }
        batch.commit().map_err(|source| self.on.write(source))
    }

    fn tell(&self) {
        let gathered = &self.gathered;
        let seen = gathered.done + gathered.left + gathered.hidden + self.waiting.len() as u64;
        self.on.sink.event(Event::Progress(Progress {
            elapsed_s: self.on.began.elapsed().as_secs_f64(),
            files_seen: seen,
            av_seen: seen,
            total_av: self.manner.files,
            ..Progress::begun(self.manner.phase, self.manner.files)
        }));
    }
}

/// What became of a file.
enum Outcome<T> {
    /// It was taken as far as it can be.
    Taken(Box<T>),
    /// Not now: it is tried again another time.
    NotNow(Option<Problem>),
    /// Neither, and for no reason of its own.
    ModelFailed(Problem),
}

/// A file, and what became of it.
type Answer<T> = (<T as Taker>::Task, Outcome<<T as Taker>::Taken>);

/// The work itself; [`crate::watch::run`] gives it threads.
struct Taking<T: Taker> {
    root: PathBuf,
    taker: T,
    tree: Arc<dyn Tree>,
    tasks: Receiver<T::Task>,
    outcomes: Sender<Answer<T>>,
    cancel: CancelToken,
    gave_up: AtomicBool,
    stopped: AtomicBool,
}

impl<T: Taker> Taking<T> {
    /// Returns whether the drive stopped answering.
    fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// Sends every worker home.
    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.cancel.is_cancelled() || self.gave_up() || self.stopped.load(Ordering::Relaxed)
    }

    fn take(&self, task: &T::Task, post: &Post) -> Result<Outcome<T::Taken>, Abandoned> {
        let file = task.lacking();
        let path = join(&self.root, &file.path);
        let before = match self.stat(file, post)? {
            Ok(stat) => stat,
            Err(problem) => return Ok(Outcome::NotNow(Some(problem))),
        };
        if i64::try_from(before.size_bytes) != Ok(file.size_bytes) {
            return Ok(Outcome::NotNow(Some(changed(path))));
        }
        let length = Duration::try_from_secs_f64(file.duration_s.unwrap_or(0.0));
        let limits = Limits {
            timeout: SLOWEST.max(length.unwrap_or(SLOWEST)),
            cancel: self.cancel.clone(),
            is_gentle: true,
        };
        let at = At {
            path: &path,
            tree: self.tree.as_ref(),
            limits: &limits,
        };
        // What decodes a file was written by others; should one break it, it is one file that gives nothing.
        let took = catch_unwind(AssertUnwindSafe(|| self.taker.take(&at, task, post)));
        let taken = match took {
            Ok(taken) => match taken? {
                Ok(taken) => taken,
                Err(error) => return Ok(judge(&path, &error)),
            },
            Err(_) => self.taker.failed("it breaks its decoder".into()),
        };
        Ok(match self.stat(file, post)? {
            Ok(after)
                if after.size_bytes == before.size_bytes && after.mtime_us == before.mtime_us =>
            {
                Outcome::Taken(Box::new(taken))
            }
            Ok(_) => Outcome::NotNow(Some(changed(path))),
            Err(problem) => Outcome::NotNow(Some(problem)),
        })
    }

    fn stat(&self, file: &Lacking, post: &Post) -> Result<Result<FileStat, Problem>, Abandoned> {
        let stat = post.call(|| self.tree.stat(&file.path))?;
        Ok(stat.map_err(|error| Problem {
            kind: ProblemKind::of(&error),
            path: join(&self.root, &file.path),
            detail: error.to_string(),
        }))
    }
}

/// Returns what becomes of a file of which nothing can be taken now.
fn judge<T>(path: &Path, error: &TakeError) -> Outcome<T> {
    let problem = |kind| Problem {
        kind,
        path: path.to_path_buf(),
        detail: error.to_string(),
    };
    let kind = match error {
        TakeError::Stopped | TakeError::Stream(StreamError::Cancelled { .. }) => {
            return Outcome::NotNow(None);
        }
        TakeError::Model(_) => return Outcome::ModelFailed(problem(ProblemKind::Other)),
        // A drive that is slow today may be quick tomorrow.
        TakeError::Stream(StreamError::Tool(ToolError::Timeout { .. })) => ProblemKind::Hung,
        TakeError::Drive(error) => ProblemKind::of(error),
        TakeError::Stream(_) | TakeError::Scratch(_) | TakeError::NeedsFfmpeg(_) => {
            ProblemKind::Other
        }
    };
    Outcome::NotNow(Some(problem(kind)))
}

fn changed(path: PathBuf) -> Problem {
    Problem {
        kind: ProblemKind::ChangedWhileRead,
        path,
        detail: "it was written to since it was scanned: scan the drive".into(),
    }
}

impl<T: Taker> Work for Taking<T> {
    type Job = T::Task;

    fn is_finished(&self) -> bool {
        self.tasks.is_empty() || self.is_stopping()
    }

    fn next(&self) -> Option<T::Task> {
        watch::next_task(&self.tasks, || self.is_stopping())
    }

    fn run(&self, task: T::Task, post: &Post) -> Result<(), Abandoned> {
        let outcome = self.take(&task, post)?;
        // A writer that failed no longer listens; the channel of tasks ends with it.
        let _nobody_listens = self.outcomes.send((task, outcome));
        Ok(())
    }

    fn hung(&self, task: T::Task, _note: &[u8]) {
        let problem = (!self.cancel.is_cancelled()).then(|| Problem {
            kind: ProblemKind::Hung,
            path: join(&self.root, &task.lacking().path),
            detail: "a read did not return within the time limit and was abandoned".into(),
        });
        let _nobody_listens = self.outcomes.send((task, Outcome::NotNow(problem)));
    }

    fn given_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::tree::SystemTree;

    #[derive(Clone)]
    struct OneFile(Lacking);

    impl Task for OneFile {
        fn lacking(&self) -> &Lacking {
            &self.0
        }
    }

    /// Breaks at some files.
    struct Fragile;

    impl Taker for Fragile {
        type Task = OneFile;
        type Taken = Result<(), String>;

        fn take(
            &self,
            at: &At<'_>,
            task: &OneFile,
            post: &Post,
        ) -> Result<Result<Self::Taken, TakeError>, Abandoned> {
            let is_broken = at.path.ends_with("broken");
            post.call(|| assert!(!is_broken, "for the test"))?;
            assert!(task.0.seq != 3, "for the test");
            Ok(Ok(Ok(())))
        }

        fn failed(&self, reason: String) -> Self::Taken {
            Err(reason)
        }
    }

    #[test]
    fn what_breaks_its_decoder_is_one_file_that_gives_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["whole", "broken", "broken too"];
        let files: Vec<OneFile> = (1..)
            .zip(names)
            .map(|(seq, name)| {
                fs_err::write(folder.path().join(name), b"x").unwrap();
                OneFile(Lacking {
                    seq,
                    file_id: seq,
                    path: RelPath::from_bytes(name.as_bytes().to_vec()),
                    size_bytes: 1,
                    mtime_us: 0,
                    duration_s: None,
                })
            })
            .collect();
        let (task_sender, tasks) = bounded(files.len());
        let (outcomes, answers) = bounded(files.len());
        for file in &files {
            task_sender.send(file.clone()).unwrap();
        }
        drop(task_sender);
        let taking = Arc::new(Taking {
            root: folder.path().to_path_buf(),
            taker: Fragile,
            tree: Arc::new(SystemTree::open(folder.path()).unwrap()),
            tasks,
            outcomes,
            cancel: CancelToken::new(),
            gave_up: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        watch::run(&taking, "test", 1, Duration::from_secs(20), &taking.cancel);
        let taken: Vec<Result<(), String>> = answers
            .try_iter()
            .map(|(_, outcome)| match outcome {
                Outcome::Taken(taken) => *taken,
                Outcome::NotNow(problem) => panic!("{problem:?}"),
                Outcome::ModelFailed(problem) => panic!("{problem:?}"),
            })
            .collect();
        let broken = || Err("it breaks its decoder".to_owned());
        assert_eq!(taken, [Ok(()), broken(), broken()]);
        assert!(!taking.gave_up());
    }

    #[test]
    fn what_may_pass_is_tried_another_time() {
        let check = |error: TakeError, expected: Option<ProblemKind>| {
            let told = error.to_string();
            let (kind, is_model) = match judge::<()>(Path::new("a"), &error) {
                Outcome::Taken(_) => panic!("{told}"),
                Outcome::NotNow(problem) => (problem.map(|problem| problem.kind), false),
                Outcome::ModelFailed(problem) => (Some(problem.kind), true),
            };
            assert_eq!(kind, expected, "{told}");
            assert_eq!(is_model, matches!(error, TakeError::Model(_)), "{told}");
        };
        let program = || PathBuf::from("ffmpeg");
        let timeout = ToolError::Timeout {
            program: program(),
            timeout: SLOWEST,
        };
        check(StreamError::from(timeout).into(), Some(ProblemKind::Hung));
        let program = program();
        check(StreamError::Cancelled { program }.into(), None);
        check(TakeError::Stopped, None);
        let broken = io::Error::from_raw_os_error(5);
        check(TakeError::Drive(broken), Some(ProblemKind::Io));
        let heic = TakeError::NeedsFfmpeg("it is of an unknown kind".into());
        check(heic, Some(ProblemKind::Other));
        for error in [
            ModelError::TooLong(120),
            ModelError::Run("it broke off".into()),
        ] {
            let error = TakeError::of_model(error).unwrap();
            check(error, Some(ProblemKind::Other));
        }
        let of_file = TakeError::of_model(ModelError::Output("NaN".into()));
        assert!(of_file.unwrap_err().contains("NaN"));
        let stopped = TakeError::of_model(ModelError::Stopped).unwrap();
        check(stopped, None);
    }
}
