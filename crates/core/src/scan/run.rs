//! One scan from beginning to end.
//!
//! The drive is listed first, so that it can be searched within seconds; then its files are read, newest folders first.
//! Everything is committed in batches: a scan may be stopped or killed anywhere and the next one goes on. What is left to
//! do is never written down, it follows from the rows: a file without a hash is one that is to be read.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use crossbeam_channel::{RecvTimeoutError, bounded};
use rusqlite::Connection;

mod reading;
mod understanding;

use super::counting::CountingSink;
use super::disks;
use super::filter::Filter;
use super::guard::{self, Verdict};
use super::pacing;
use super::plan::{Plan, plan};
use super::pump::TICK;
use super::request::{Mode, Refusal, ScanError, ScanOptions, ScanRequest};
use super::summary::{MediaCounts, Summary};
use super::walk::{CHUNK_ENTRIES, Walk, WalkCounts, WalkPlan};

use crate::analysis::{self, AnalysisCounts};
use crate::cancel::CancelToken;
use crate::catalog::backup::{BackupError, backup_unless};
use crate::catalog::backups::{Owner, rotate};
use crate::catalog::hashing::{self, Pending};
use crate::catalog::jobs::{self, JobEnd, JobStatus};
use crate::catalog::listing::{Listing, ListingCounts, ListingRules};
use crate::catalog::lock::ShardLock;
use crate::catalog::shard::{self, RootFacts};
use crate::catalog::store::Catalog;
use crate::catalog::{Access, Database, drives, missing, optimise, tune_for_writing};
use crate::clock::Clock;
use crate::event::{Event, Phase, Progress, Sink};
use crate::fingerprint::{self, FingerprintCounts};
use crate::gather::Surface;
use crate::health;
use crate::path::RelPath;
use crate::problem::ProblemKind;
use crate::profile::{self, Performance, Profile};
use crate::search::index::fresh;
use crate::semantic::{self, SemanticOptions};
use crate::settings::{Gate, PhaseMode};
use crate::sight::{self, SightOptions};
use crate::tools::Toolbox;
use crate::tree::{SystemTree, Tree};
use crate::volume::VolumeProbe;
use crate::watch::{self, Work};

/// What a scan needs from outside.
pub struct Surroundings {
    /// Who knows the disks.
    pub probe: Arc<dyn VolumeProbe>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is told.
    pub sink: Arc<dyn Sink>,
    /// Who may stop it.
    pub cancel: CancelToken,
    /// The tools there are.
    pub tools: Arc<Toolbox>,
}

/// Scans a drive.
///
/// # Errors
/// When the drive is not the one expected, or the catalogue cannot be written; a bad file is a problem in the summary.
pub fn run(
    request: &ScanRequest,
    catalog: &Catalog,
    outside: &Surroundings,
) -> Result<Summary, ScanError> {
    let plan = plan(request, catalog, &outside.probe, outside.sink.as_ref())?;
    let opened = open_tree(&plan, &request.options)?;
    run_on(request, catalog, outside, plan, opened)
}

/// Scans a drive that was found, through any tree: faults can be put in between.
///
/// # Errors
/// As [`run`].
pub fn run_on(
    request: &ScanRequest,
    catalog: &Catalog,
    outside: &Surroundings,
    plan: Plan,
    tree: Arc<dyn Tree>,
) -> Result<Summary, ScanError> {
    let shard_path = catalog.shard_path(&plan.drive);
    if let Some(folder) = shard_path.parent() {
        fs_err::create_dir_all(folder).map_err(|source| ScanError::System {
            what: "make the folder for shards",
            source,
        })?;
    }
    let lock = ShardLock::acquire(&shard_path, "scan", outside.clock.now_utc())?;
    // Before anything is made: a pattern that is none must not leave an empty shard behind.
    let filter = Arc::new(Filter::of(request, &plan.root)?);

    let connection = catalog.open_shard(&plan.drive, Access::Create)?;
    let performance = tune(request, &plan, outside);
    outside.sink.event(Event::Performance(performance.clone()));
    let sink = Arc::new(CountingSink::new(Arc::clone(&outside.sink)));
    let mut scan = Scan {
        request,
        catalog,
        outside,
        sink,
        tree,
        filter,
        performance,
        connection: &connection,
        shard_path: shard_path.clone(),
        began: Instant::now(),
        since_change: 0,
        walked: Arc::default(),
        listed: ListingCounts::default(),
        summary_moved: 0,
        deleted: 0,
        read: ReadCounts::default(),
        media: MediaCounts::default(),
        analysis: AnalysisCounts::default(),
        fingerprints: FingerprintCounts::default(),
        media_files: None,
        media_done: 0,
        health: None,
        plan,
    };
    let summary = scan.run()?;
    drop(lock);
    Ok(summary)
}

pub(crate) fn open_tree(plan: &Plan, options: &ScanOptions) -> Result<Arc<dyn Tree>, ScanError> {
    let root = if cfg!(windows) {
        crate::path::long::for_opening(&plan.root.to_string_lossy(), options.long_paths).into()
    } else {
        plan.root.clone()
    };
    let mount = plan.root.clone();
    match watch::call(options.time_limit, move || SystemTree::open(&root)) {
        None => Err(Refusal::Hung { mount }.into()),
        Some(Err(error)) => Err(ScanError::Mount {
            mount,
            reason: error.to_string(),
        }),
        Some(Ok(tree)) => Ok(Arc::new(tree)),
    }
}

/// Returns a folder relative to the drive's root.
///
/// # Errors
/// When it is not below it.
pub(crate) fn start_below(
    root: &std::path::Path,
    folder: &std::path::Path,
) -> Result<RelPath, ScanError> {
    let absolute = root.join(folder);
    RelPath::below(root, &absolute).ok_or_else(|| ScanError::Mount {
        mount: absolute,
        reason: format!("it is not below `{}`", root.display()),
    })
}

/// Brings the index for search up to date, so that nobody has to wait for it later. It can always be made again: that it
/// could not be made now is told, and no failure.
pub(crate) fn refresh_index(
    connection: &Connection,
    shard_path: &std::path::Path,
    sink: &dyn Sink,
) {
    if let Err(error) = fresh::refresh(connection, shard_path) {
        sink.event(Event::Notice(format!(
            "the search index could not be written ({error}); searching works, and takes longer"
        )));
    }
}

/// Settles how hard the drive is worked.
pub(crate) fn tune(request: &ScanRequest, plan: &Plan, outside: &Surroundings) -> Performance {
    let (flags, settings) = (
        &request.options.performance_flags,
        &request.options.performance_settings,
    );
    let cpus = thread::available_parallelism().map_or(0, usize::from);
    if let Some(chosen) = flags.profile.or(settings.profile) {
        // Nobody asks what it would have been, so the drive is not measured.
        return Performance {
            auto_profile: None,
            ..profile::resolve(flags, settings, chosen, cpus)
        };
    }
    let (volume, root, cancel) = (
        plan.volume.clone(),
        plan.root.clone(),
        outside.cancel.clone(),
    );
    let detected = watch::call(request.options.time_limit, move || {
        profile::detect(&volume, &root, || profile::measure(&root, &cancel))
    })
    .unwrap_or(Profile::Hdd);
    profile::resolve(flags, settings, detected, cpus)
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReadCounts {
    pending: hashing::Totals,
    files: u64,
    av_files: u64,
    bytes: u64,
    moved: u64,
    silently_changed: u64,
}

struct Scan<'a> {
    request: &'a ScanRequest,
    catalog: &'a Catalog,
    outside: &'a Surroundings,
    sink: Arc<CountingSink>,
    tree: Arc<dyn Tree>,
    filter: Arc<Filter>,
    performance: Performance,
    connection: &'a Connection,
    shard_path: std::path::PathBuf,
    began: Instant,
    since_change: i64,
    walked: Arc<WalkCounts>,
    listed: ListingCounts,
    summary_moved: u64,
    deleted: u64,
    read: ReadCounts,
    media: MediaCounts,
    media_files: Option<u64>,
    media_done: u64,
    analysis: AnalysisCounts,
    fingerprints: FingerprintCounts,
    health: Option<health::Report>,
    plan: Plan,
}

impl Scan<'_> {
    fn run(&mut self) -> Result<Summary, ScanError> {
        tune_for_writing(self.connection).map_err(|error| self.write(error))?;
        self.check_sample()?;
        self.register()?;
        self.health = disks::ask(self.catalog, &self.plan, self.outside, self.sink.as_ref());
        let uid = self.plan.drive.drive_uid.clone();
        let catalog = self.catalog;
        jobs::stop_orphans(catalog.connection(), &uid).map_err(|error| catalog.failed(error))?;
        let job = jobs::start(
            catalog.connection(),
            &uid,
            &self.plan.drive.label,
            self.request.mode.name(),
            &self.outside.clock.now_utc(),
        )
        .map_err(|error| catalog.failed(error))?;
        let result = self.work();
        let status = match &result {
            Err(_) => JobStatus::Error,
            Ok(()) if self.outside.cancel.is_cancelled() => JobStatus::Stopped,
            Ok(()) => JobStatus::Done,
        };
        let summary = self.summary(status);
        let message = result
            .as_ref()
            .err()
            .map_or_else(|| summary.message(), ToString::to_string);
        let end = JobEnd {
            status,
            finished_at: self.outside.clock.now_utc(),
            total_av: summary.av_files,
            total_all: summary.total_files,
            done_av: summary.hashed_av,
            duration_sec: self.began.elapsed().as_secs(),
            message: &message,
            summary_json: serde_json::to_string(&summary).ok(),
            changes: (self.since_change, self.last_change()),
        };
        let finished =
            jobs::finish(catalog.connection(), job, &end).map_err(|error| catalog.failed(error));
        result?;
        finished?;
        if status == JobStatus::Done {
            self.finish(&summary)?;
        }
        Ok(summary)
    }

    /// For a drive whose identity proves nothing: are the files there that should be? Before anything is written.
    fn check_sample(&self) -> Result<(), ScanError> {
        if !self.plan.is_doubtful || self.request.accept_missing {
            return Ok(());
        }
        let paths = shard::sample(self.connection, guard::SAMPLE_FILES)
            .map_err(|error| self.write(error))?;
        let sampled = paths.len() as u64;
        if sampled == 0 {
            return Ok(());
        }
        let known = missing::live_files(self.connection, &RelPath::root())
            .map_err(|error| self.write(error))?;
        let missing = guard::missing_of_sample(&self.tree, paths, self.request.options.time_limit)
            .ok_or_else(|| self.hung())?;
        // What the sample says of the whole, rounded down: the listing decides the close cases.
        let estimated = known * missing / sampled;
        // At least one is counted as met: that nothing at all is there only a listing can say.
        self.judge(
            known,
            estimated,
            (known - estimated).max(u64::from(estimated < known)),
        )
    }

    fn judge(&self, known: u64, missing: u64, met: u64) -> Result<(), ScanError> {
        let label = self.plan.drive.label.clone();
        match guard::judge(
            known,
            missing,
            met,
            self.request.options.max_missing_percent,
        ) {
            _ if self.request.accept_missing => Ok(()),
            Verdict::Believed => Ok(()),
            Verdict::Empty => Err(Refusal::Empty {
                label,
                mount: self.plan.root.clone(),
                known,
            }
            .into()),
            Verdict::MostlyMissing => Err(Refusal::MostlyMissing {
                label,
                missing,
                known,
            }
            .into()),
        }
    }

    /// Writes down which drive this is and where it is now.
    fn register(&mut self) -> Result<(), ScanError> {
        let now = self.outside.clock.now_utc();
        let drive = &mut self.plan.drive;
        drive.profile = Some(self.performance.profile.name().to_owned());
        let catalog = self.catalog;
        let mut entered = drive.clone();
        if let Some(before) = &self.plan.identity_before {
            // Until its files have been judged, it is not known to be this drive.
            entered.volume_tier.clone_from(&before.volume_tier);
            entered.volume_id.clone_from(&before.volume_id);
            entered.volume_root.clone_from(&before.volume_root);
        }
        drives::save(catalog.connection(), &entered).map_err(|error| catalog.failed(error))?;
        let facts = RootFacts {
            drive_uid: &drive.drive_uid,
            drive_label: &drive.label,
            mount_path: &drive.mount_bytes,
            separator: std::path::MAIN_SEPARATOR,
            profile: self.performance.profile.name(),
            total_bytes: drive.total_bytes,
            free_bytes: drive.free_bytes,
            scanned_at: &now,
        };
        let connection = self.connection;
        shard::save_root(connection, &facts).map_err(|error| self.write(error))
    }

    fn work(&mut self) -> Result<(), ScanError> {
        self.begin()?;
        self.list()?;
        if self.outside.cancel.is_cancelled() {
            return Ok(());
        }
        // Reading takes long, and the drive is to be found in meanwhile; an inventory is nearly done.
        if self.request.mode != Mode::Inventory {
            refresh_index(self.connection, &self.shard_path, self.sink.as_ref());
        }
        if self.plan.identity_before.take().is_some() {
            let catalog = self.catalog;
            drives::save(catalog.connection(), &self.plan.drive)
                .map_err(|error| catalog.failed(error))?;
        }
        let headers = self.request.options.media.headers;
        match self.request.mode {
            Mode::Inventory if self.request.options.sniff_unknown => self.read(Pending::Sniff)?,
            Mode::Inventory => {}
            Mode::Delta => self.read(Pending::New { headers })?,
            Mode::Full => self.read(Pending::Again {
                since_change: self.since_change,
                headers,
            })?,
        }
        if self.request.mode != Mode::Inventory {
            self.fingerprint(PhaseMode::DuringScan)?;
            self.look(PhaseMode::DuringScan)?;
            self.index_meaning(PhaseMode::DuringScan);
            if !self.outside.cancel.is_cancelled() {
                self.understand()?;
            }
            self.analyse()?;
            self.fingerprint(PhaseMode::PostScan)?;
            self.look(PhaseMode::PostScan)?;
        }
        self.index_meaning(PhaseMode::PostScan);
        if !self.outside.cancel.is_cancelled() {
            shard::clear_state(self.connection).map_err(|error| self.write(error))?;
        }
        Ok(())
    }

    /// Captures fingerprints, if this is when that is wanted.
    fn fingerprint(&mut self, phase: PhaseMode) -> Result<(), ScanError> {
        let options = self.request.options.fingerprints;
        let is_wanted = options.phase == phase && !options.kinds.is_empty();
        if !is_wanted || self.outside.cancel.is_cancelled() {
            return Ok(());
        }
        let again = self.request.mode == Mode::Full;
        let (counts, _) = fingerprint::take(&self.surface(), &options, again, &self.start()?)?;
        self.fingerprints = counts;
        Ok(())
    }

    /// Analyses images and films, if that is wanted.
    fn analyse(&mut self) -> Result<(), ScanError> {
        let options = &self.request.options.analysis;
        if !options.enabled || self.outside.cancel.is_cancelled() {
            return Ok(());
        }
        let again = self.request.mode == Mode::Full;
        let (workdir, below) = (self.catalog.workdir(), self.start()?);
        let (counts, _) = analysis::take(&self.surface(), options, workdir, again, &below)?;
        self.analysis = counts;
        Ok(())
    }

    /// Returns whether this is when semantic work is wanted.
    fn is_time_for_meaning(&self, phase: PhaseMode) -> bool {
        let wanted = &self.request.options.semantic;
        wanted.enabled_default
            && wanted.phase_mode == phase
            && wanted.index_phase != Gate::Off
            && !self.outside.cancel.is_cancelled()
    }

    /// Looks at images and frames, if that is wanted and there is a model that finds them by texts.
    fn look(&self, phase: PhaseMode) -> Result<(), ScanError> {
        let options = &self.request.options;
        let named = options.semantic.models.vision_embedder.as_deref();
        let is_time = self.is_time_for_meaning(phase);
        if !is_time || !sight::has_model(named, self.catalog.workdir()) {
            return Ok(());
        }
        let wanted = SightOptions::of(&options.semantic, options.analysis.clone());
        let again = self.request.mode == Mode::Full;
        let below = self.start()?;
        let message = match sight::take(&self.surface(), &wanted, self.catalog, again, &below) {
            Ok((counts, _)) => counts.message,
            // The drive itself: what comes next would fail as well.
            Err(error @ ScanError::Refused(_)) => return Err(error),
            // What was seen lies beside the catalogue, and can be seen again.
            Err(error) => Some(error.to_string()),
        };
        if let Some(message) = message {
            let told = format!("frames are not searched: {message}");
            self.sink.event(Event::Warning(told));
        }
        Ok(())
    }

    /// Brings the semantic index up to date with this drive, if this is when that is wanted. A scan does not fail for it.
    fn index_meaning(&self, phase: PhaseMode) {
        let wanted = &self.request.options.semantic;
        if !self.is_time_for_meaning(phase) {
            return;
        }
        let options = SemanticOptions::from_settings(wanted, self.catalog.workdir());
        let workdir = self.catalog.workdir();
        let embedders = semantic::load_embedders(&options, workdir, &self.outside.tools, 1);
        let built = semantic::build(
            self.catalog,
            &options,
            &embedders,
            semantic::What::Drive(&self.plan.drive.drive_uid),
            &self.outside.cancel,
            self.outside.clock.as_ref(),
            self.sink.as_ref(),
        );
        if let Err(error) = built {
            let told = format!("the semantic index was not brought up to date: {error}");
            self.sink.event(Event::Warning(told));
        }
    }

    fn surface(&self) -> Surface<'_> {
        Surface {
            plan: &self.plan,
            tree: &self.tree,
            filter: &self.filter,
            performance: &self.performance,
            connection: self.connection,
            shard_path: &self.shard_path,
            outside: self.outside,
            // It counts the problems.
            sink: self.sink.as_ref(),
            time_limit: self.request.options.time_limit,
            began: self.began,
        }
    }

    /// Takes up an interrupted scan of the same mode, or begins a new one.
    fn begin(&mut self) -> Result<(), ScanError> {
        let connection = self.connection;
        let write = |error| ScanError::Write {
            path: self.shard_path.clone(),
            source: error,
        };
        let before = shard::checkpoint(connection).map_err(write)?;
        let resumed =
            before.filter(|checkpoint| self.request.resume && checkpoint.mode == self.mode_key());
        self.since_change = if let Some(checkpoint) = resumed {
            self.sink
                .event(Event::Notice("going on with the interrupted scan".into()));
            checkpoint.since_change
        } else {
            shard::clear_state(connection).map_err(write)?;
            shard::root(connection)
                .map_err(write)?
                .map_or(0, |root| root.change_id)
        };
        for (key, value) in [
            ("mode", self.mode_key()),
            ("since_change", self.since_change.to_string()),
            ("phase", "enumerating".to_owned()),
            ("timestamp", self.outside.clock.now_utc()),
        ] {
            shard::set_state(connection, key, &value).map_err(write)?;
        }
        Ok(())
    }

    /// What a checkpoint must match to be gone on with: a scan of a part says nothing of the whole.
    fn mode_key(&self) -> String {
        let mode = self.request.mode.name();
        match &self.request.only {
            Some(only) => format!("{mode} {}", only.display()),
            None => mode.to_owned(),
        }
    }

    fn list(&mut self) -> Result<(), ScanError> {
        let options = &self.request.options;
        let start = self.start()?;
        let known =
            missing::live_files(self.connection, &start).map_err(|error| self.write(error))?;
        let (sender, receiver) = bounded((options.queue_max / CHUNK_ENTRIES).clamp(2, 64));
        let walk_plan = WalkPlan {
            root: self.plan.root.clone(),
            start: start.clone(),
            filter: Arc::clone(&self.filter),
            follow_symlinks: options.follow_symlinks,
            keep_inodes: self.plan.volume.file_ids_are_stable,
            longest_path: (cfg!(windows) && options.long_paths == crate::settings::LongPaths::Off)
                .then_some(crate::path::long::LONGEST_PLAIN),
            pause: pacing::walk(&self.performance, options.slow_walk),
        };
        let sink: Arc<dyn Sink> = Arc::<CountingSink>::clone(&self.sink);
        let walk = Arc::new(Walk::new(
            walk_plan,
            Arc::clone(&self.tree),
            sender,
            sink,
            self.outside.cancel.clone(),
        ));
        self.walked = Arc::clone(&walk.counts);
        let rules = ListingRules {
            coarse_mtime: self.plan.volume.coarse_mtime,
            batch_files: options.batch_files,
            batch_interval: pacing::batch_interval(
                options.batch_interval,
                self.performance.profile,
            ),
        };
        let clock = Arc::clone(&self.outside.clock);
        let connection = self.connection;
        let mut listing =
            Listing::begin(connection, rules, clock.as_ref()).map_err(|error| self.write(error))?;
        let threads = pacing::walk_threads(&self.performance);
        let (cancel, limit) = (self.outside.cancel.clone(), options.time_limit);
        let written = thread::scope(|scope| {
            let walking = Arc::clone(&walk);
            let watcher = thread::Builder::new()
                .name("walk-watch".into())
                .spawn_scoped(scope, move || {
                    watch::run(&walking, "walk", threads, limit, &cancel);
                    walking.end();
                });
            if watcher.is_err() {
                Work::given_up(walk.as_ref());
                walk.end();
            }
            let written = self.receive(&mut listing, &receiver);
            // After a failed write this is what tells the walk to end.
            drop(receiver);
            written
        });
        written.map_err(|error| self.write(error))?;
        self.listed = listing.end().map_err(|error| self.write(error))?;
        self.progress(Phase::Enumerating);
        if walk.gave_up() {
            return Err(self.hung());
        }
        if self.outside.cancel.is_cancelled() {
            return Ok(());
        }
        self.settle_missing(&mut listing, &start, known)
    }

    /// Takes what the walk sends until it has ended.
    fn receive(
        &mut self,
        listing: &mut Listing<'_>,
        chunks: &crossbeam_channel::Receiver<crate::catalog::listing::Chunk>,
    ) -> rusqlite::Result<()> {
        let mut shown = Instant::now();
        let mut saved = Instant::now();
        loop {
            match chunks.recv_timeout(TICK) {
                Ok(chunk) => {
                    listing.take(&chunk)?;
                    if saved.elapsed() >= self.request.options.checkpoint_interval {
                        saved = Instant::now();
                        self.save_state("enumerating", &chunk.folder)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => listing.commit_if_due()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if shown.elapsed() >= 4 * TICK {
                shown = Instant::now();
                self.listed = *listing.counts();
                self.progress(Phase::Enumerating);
            }
        }
    }

    /// Moves are matched, then the guard judges, then what is left is marked: in one transaction.
    fn settle_missing(
        &mut self,
        listing: &mut Listing<'_>,
        start: &RelPath,
        known: u64,
    ) -> Result<(), ScanError> {
        let write = |error| ScanError::Write {
            path: self.shard_path.clone(),
            source: error,
        };
        listing.note_missing_folders().map_err(write)?;
        if listing.any_incomplete() {
            self.check_presence()?;
        }
        if listing.is_incomplete(start).map_err(write)? {
            return Err(ScanError::Mount {
                mount: crate::path::join(&self.plan.root, start),
                reason: "the folder could not be listed".into(),
            });
        }
        if listing.missing().map_err(write)? == 0 {
            return Ok(());
        }
        let tree = Arc::clone(&self.tree);
        match watch::call(self.request.options.time_limit, move || {
            tree.is_still_there()
        }) {
            Some(true) => {}
            Some(false) => return Err(self.went_away()),
            None => return Err(self.hung()),
        }
        let moved = listing.match_moves(self.since_change).map_err(write)?;
        let missing = listing.missing().map_err(write)?;
        let met = self.listed.total();
        if let Err(refusal) = self.judge(known, missing, met) {
            listing.abandon().map_err(write)?;
            return Err(refusal);
        }
        self.deleted = listing.mark_deleted().map_err(write)?;
        self.summary_moved = moved;
        Ok(())
    }

    /// Many failures in a row: is the drive still there?
    fn check_presence(&self) -> Result<(), ScanError> {
        guard::check_presence(&self.tree, &self.plan.root, self.request.options.time_limit)
    }

    /// Where the walk begins.
    fn start(&self) -> Result<RelPath, ScanError> {
        let Some(only) = &self.request.only else {
            return Ok(RelPath::root());
        };
        start_below(&self.plan.root, only)
    }

    /// After a scan that ran to its end: the drive's row, statistics, and a light optimisation.
    fn finish(&mut self, summary: &Summary) -> Result<(), ScanError> {
        let catalog = self.catalog;
        let now = self.outside.clock.now_utc();
        let drive = &mut self.plan.drive;
        drive.scanned_at = Some(now.clone());
        drive.scan_mode = Some(self.request.mode.title().to_owned());
        drives::save(catalog.connection(), drive).map_err(|error| catalog.failed(error))?;
        if self.request.only.is_none() {
            jobs::add_stats(
                catalog.connection(),
                &drive.drive_uid,
                &drive.label,
                &now,
                &summary.categories,
            )
            .map_err(|error| catalog.failed(error))?;
        }
        self.progress(Phase::Finalizing);
        refresh_index(self.connection, &self.shard_path, self.sink.as_ref());
        optimise::light(self.connection).map_err(|error| self.write(error))?;
        if let Some(threshold) = self.request.options.vacuum_above_bytes {
            let path = &self.shard_path;
            let compacted = optimise::compact(self.connection, path, Some(threshold), || {
                self.backup_before_vacuum()
            });
            // The scan itself is done: one who stops now loses nothing.
            if !self.outside.cancel.is_cancelled() {
                compacted?;
            }
        }
        Ok(())
    }

    fn backup_before_vacuum(&self) -> Result<(), BackupError> {
        let (path, folder) = (&self.shard_path, self.catalog.workdir().backups());
        let clock = self.outside.clock.as_ref();
        let tag = optimise::tag("auto", path);
        backup_unless(path, &folder, &tag, clock, &self.outside.cancel)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let owner = Owner {
            database: Some(Database::Shard),
            drive_uid: Some(&self.plan.drive.drive_uid),
            stem: &stem,
        };
        rotate(&folder, &owner, self.request.options.keep_backups, clock);
        Ok(())
    }

    fn save_state(&self, phase: &str, path: &RelPath) -> rusqlite::Result<()> {
        shard::set_state(self.connection, "phase", phase)?;
        shard::set_state(self.connection, "timestamp", &self.outside.clock.now_utc())?;
        shard::set_state(
            self.connection,
            "last_path_processed",
            &String::from_utf8_lossy(path.as_bytes()),
        )
    }

    fn progress(&self, phase: Phase) {
        let listed = &self.listed.categories;
        let walked = &self.walked;
        let (files_seen, av_seen) = match phase {
            Phase::Enumerating => (listed.total(), listed.av()),
            Phase::Hashing | Phase::Verifying | Phase::Finalizing => {
                (self.read.files, self.read.av_files)
            }
            Phase::Media
            | Phase::Fingerprinting
            | Phase::Analysing
            | Phase::Transcribing
            | Phase::Indexing => (self.media_done, self.media_done),
        };
        let reads = phase == Phase::Hashing;
        self.sink.event(Event::Progress(Progress {
            phase,
            elapsed_s: self.began.elapsed().as_secs_f64(),
            dirs_scanned: walked.folders.load(Ordering::Relaxed),
            files_total: listed.total(),
            files_seen,
            av_seen,
            total_av: listed.av(),
            phase_files: match phase {
                Phase::Media => self.media_files,
                _ => reads.then_some(self.read.pending.files),
            },
            bytes_done: self.read.bytes,
            bytes_total: reads.then_some(self.read.pending.bytes),
            skipped_perm: walked.permission.load(Ordering::Relaxed),
            skipped_toolong: walked.too_long.load(Ordering::Relaxed),
            skipped_ignored: walked.ignored.load(Ordering::Relaxed),
            sound: None,
        }));
    }

    fn summary(&self, status: JobStatus) -> Summary {
        let listed = &self.listed;
        let late_moves = self.read.moved;
        Summary {
            drive_label: self.plan.drive.label.clone(),
            mode: self.request.mode,
            status,
            total_files: listed.total(),
            av_files: listed.categories.av(),
            categories: listed.categories,
            new: listed.new.saturating_sub(self.summary_moved + late_moves),
            changed: listed.changed,
            unchanged: listed.unchanged,
            restored: listed.restored,
            moved: self.summary_moved + late_moves,
            deleted: self.deleted.saturating_sub(late_moves),
            pending: self.read.pending.files,
            hashed_files: self.read.files,
            hashed_bytes: self.read.bytes,
            hashed_av: self.read.av_files,
            silently_changed: self.read.silently_changed,
            media: self.media.clone(),
            light_analysis: self.analysis.clone(),
            fingerprints: self.fingerprints.clone(),
            skipped_perm: self.sink.count(ProblemKind::Permission),
            skipped_toolong: self.walked.too_long.load(Ordering::Relaxed),
            skipped_ignored: self.walked.ignored.load(Ordering::Relaxed),
            problems: self.sink.counts(),
            duration_seconds: self.began.elapsed().as_secs_f64(),
            performance: self.performance.clone(),
            health: self.health.clone(),
        }
    }

    /// The shard's last batch; that of before if the shard can no longer be read.
    fn last_change(&self) -> i64 {
        match shard::root(self.connection) {
            Ok(Some(root)) => root.change_id,
            Ok(None) | Err(_) => self.since_change,
        }
    }

    fn write(&self, source: rusqlite::Error) -> ScanError {
        ScanError::Write {
            path: self.shard_path.clone(),
            source,
        }
    }

    fn hung(&self) -> ScanError {
        Refusal::Hung {
            mount: self.plan.root.clone(),
        }
        .into()
    }

    fn went_away(&self) -> ScanError {
        Refusal::WentAway {
            mount: self.plan.root.clone(),
        }
        .into()
    }
}
