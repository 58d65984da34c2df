//! `scan`, and the older program's `scan-drive`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use videocatalog_core::catalog::jobs::JobStatus;
use videocatalog_core::health;
use videocatalog_core::maintain::Action;
use videocatalog_core::media::Category;
use videocatalog_core::problem::ProblemCounts;
use videocatalog_core::profile::Profile;
use videocatalog_core::scan::{self, MediaCounts, Mode, ScanOptions, ScanRequest, Summary};
use videocatalog_core::settings::{LongPaths, MediaLevel};

use super::{export, print_json};
use crate::args::{Global, PerformanceFlags, ProgressStyle, ScanArgs, ScanFlags};
use crate::context::Context;
use crate::failure::Failure;
use crate::flat::FlatArgs;
use crate::progress::{Display, Lines};
use crate::table;

/// How the results of a scan are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Report {
    People,
    Json,
    /// The older program's lines.
    Documented,
}

pub(crate) fn scan(context: &Context, args: &ScanArgs) -> Result<(), Failure> {
    let request = request(
        context,
        args.label.clone(),
        args.mount.clone(),
        args.only.clone(),
        &args.flags,
    )?;
    let lines = if args.progress == ProgressStyle::Json {
        Lines::Stderr
    } else {
        Lines::Off
    };
    let report = if args.output.json {
        Report::Json
    } else {
        Report::People
    };
    run(context, &request, &args.flags, args.progress, lines, report)
}

pub(crate) fn scan_drive(mut global: Global, args: FlatArgs) -> Result<(), Failure> {
    let maintenance = &args.maintenance;
    if let Some(action) = maintenance.action.as_deref().and_then(Action::from_name) {
        // Up to three words stand for label, folder and catalogue.
        let catalog_db = args.positional.get(2).map(PathBuf::from);
        global.catalog_db = global.catalog_db.or(catalog_db);
        return super::maintain::documented(
            &Context::new(&global)?,
            action,
            &maintenance.target,
            maintenance.force,
        );
    }
    if let Some(operation) = super::semantic::documented(&args.semantic) {
        let label = args
            .label
            .as_deref()
            .or(args.positional.first().map(String::as_str));
        return super::semantic::operate(&Context::new(&global)?, operation, label);
    }
    let wanted = args.exports.filters.wanted()?;
    let mut positional = args.positional.into_iter();
    let label = args.label.or_else(|| positional.next());
    let mount = args.mount.or_else(|| positional.next().map(PathBuf::from));
    global.catalog_db = global
        .catalog_db
        .or_else(|| positional.next().map(PathBuf::from));
    if positional.next().is_some() {
        return Err(Failure::usage(
            "too many arguments",
            "at most label, mount and catalogue may stand without a flag",
        ));
    }
    let (Some(label), Some(mount)) = (label, mount) else {
        return Err(Failure::usage(
            "--label and --mount are required",
            "scan-drive --label NAME --mount FOLDER",
        ));
    };
    let context = Context::with_tools(&global, &args.flags.fingerprints.places)?;
    let request = request(&context, label, Some(mount), None, &args.flags)?;
    run(
        &context,
        &request,
        &args.flags,
        ProgressStyle::None,
        Lines::Stdout,
        Report::Documented,
    )?;
    if args.flags.inventory_only {
        return Ok(());
    }
    export::after_scan(&context, &request.label, &args.exports, wanted)
}

fn run(
    context: &Context,
    request: &ScanRequest,
    flags: &ScanFlags,
    style: ProgressStyle,
    lines: Lines,
    report: Report,
) -> Result<(), Failure> {
    let catalog = context.catalog()?;
    let display = Arc::new(Display::new(
        style,
        lines,
        flags.verbose,
        Arc::clone(&context.log),
    ));
    let outside = context.surroundings(Arc::<Display>::clone(&display));
    context.log.line(&format!(
        "scan of `{}` begins ({})",
        request.label,
        request.mode.name()
    ));
    let result = scan::run(request, &catalog, &outside);
    display.finish();
    let summary = match result {
        Ok(summary) => summary,
        Err(error) => {
            context
                .log
                .line(&format!("scan of `{}` failed: {error}", request.label));
            return Err(error.into());
        }
    };
    context.log.line(&format!(
        "scan of `{}` ended: {}",
        request.label,
        summary.message()
    ));
    match report {
        Report::Json => print_json(&summary)?,
        Report::People => print_summary(&summary),
        Report::Documented => {
            table::line(format_args!("{}", documented_line(&summary)));
            super::analyze::print_counts(&summary.light_analysis);
        }
    }
    if summary.status == JobStatus::Stopped {
        Err(Failure::stopped())
    } else {
        Ok(())
    }
}

/// Sets what the flags say of how hard the drive is worked.
pub(crate) fn set_performance(
    options: &mut ScanOptions,
    flags: &PerformanceFlags,
) -> Result<(), Failure> {
    if let Some(text) = &flags.perf_profile {
        options.performance_flags.profile = Profile::parse_choice(text).map_err(|error| {
            Failure::usage(
                format!("--perf-profile: {error}"),
                "one of AUTO, SSD, HDD, USB, NETWORK",
            )
        })?;
        if options.performance_flags.profile.is_none() {
            options.performance_settings.profile = None;
        }
    }
    options.performance_flags.worker_threads = flags.perf_threads;
    options.performance_flags.hash_chunk_bytes = flags.perf_chunk;
    options.performance_flags.gentle_io = match (flags.perf_gentle_io, flags.no_perf_gentle_io) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    Ok(())
}

/// Settings, with what the flags make of them.
fn request(
    context: &Context,
    label: String,
    mount: Option<PathBuf>,
    only: Option<PathBuf>,
    flags: &ScanFlags,
) -> Result<ScanRequest, Failure> {
    let settings = &context.loaded.settings;
    let mut options = ScanOptions::from_settings(settings);
    set_performance(&mut options, &flags.performance)?;
    options.performance_flags.ffmpeg_parallel = flags.perf_ffmpeg;
    if let Some(files) = flags.batch_files {
        options.batch_files = files.max(1);
    }
    if let Some(seconds) = flags.batch_seconds {
        options.batch_interval = Duration::try_from_secs_f64(seconds.max(0.5)).map_err(|_| {
            Failure::usage(
                format!("--batch-seconds: {seconds} is no number of seconds"),
                "such as 2 or 0.5",
            )
        })?;
    }
    if let Some(files) = flags.queue_max {
        options.queue_max = files.max(100);
    }
    if let Some(seconds) = flags.op_timeout {
        options.time_limit = Duration::from_secs(seconds.max(1));
    }
    if let Some(seconds) = flags.checkpoint_seconds {
        options.checkpoint_interval = Duration::from_secs(seconds.max(1));
    }
    options.skip_hidden |= flags.skip_hidden;
    options.follow_symlinks |= flags.follow_symlinks;
    options.slow_walk = flags.debug;
    if !flags.skip_glob.is_empty() {
        options.skip = settings
            .robust
            .ignore
            .iter()
            .chain(&flags.skip_glob)
            .cloned()
            .collect();
    }
    if let Some(mode) = flags.long_paths.as_deref().and_then(LongPaths::from_name) {
        options.long_paths = mode;
    }
    if let Some(level) = flags.media.as_deref().and_then(MediaLevel::from_name) {
        options.media.set_level(level);
    }
    if flags.light_analysis || flags.no_light_analysis {
        options.analysis.enabled = flags.light_analysis;
    }
    flags.gpu.apply(&mut options.analysis);
    let has_prefilter = settings.fingerprints.enable_video_vhash_prefilter;
    flags
        .fingerprints
        .apply(&mut options.fingerprints, has_prefilter);
    let mode = if flags.inventory_only {
        Mode::Inventory
    } else if flags.full_rescan {
        Mode::Full
    } else {
        Mode::Delta
    };
    Ok(ScanRequest {
        label,
        mount: mount.map(|mount| context.environment.absolute(&mount)),
        only,
        mode,
        resume: !flags.no_resume,
        accept_drive: flags.accept_drive,
        accept_missing: flags.accept_missing,
        shard_file: flags
            .shard_db
            .as_ref()
            .map(|path| context.environment.absolute(path)),
        options,
    })
}

fn print_summary(summary: &Summary) {
    let state = match summary.status {
        JobStatus::Stopped => "Stopped",
        _ => "Done",
    };
    table::line(format_args!(
        "{state}: {} files, {} audio/video, in {} (profile {})",
        table::count(summary.total_files),
        table::count(summary.av_files),
        table::duration(summary.duration_seconds),
        summary.performance.profile.name()
    ));
    let counts = [
        (summary.new, "new"),
        (summary.changed, "changed"),
        (summary.unchanged, "unchanged"),
        (summary.moved, "moved"),
        (summary.restored, "restored"),
        (summary.deleted, "deleted"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", table::count(*number)))
        .collect();
    if !parts.is_empty() {
        table::line(format_args!("  {}", parts.join(", ")));
    }
    if summary.pending > 0 {
        table::line(format_args!(
            "  read {} of {} files, {}",
            table::count(summary.hashed_files),
            table::count(summary.pending),
            table::size(summary.hashed_bytes)
        ));
    }
    print_media(&summary.media);
    super::analyze::print_counts(&summary.light_analysis);
    super::fingerprint::print_counts(&summary.fingerprints);
    let skipped = [
        (summary.skipped_perm, "perm"),
        (summary.skipped_toolong, "long"),
        (summary.skipped_ignored, "ignored"),
    ];
    if skipped.iter().any(|(number, _)| *number > 0) {
        let parts: Vec<String> = skipped
            .iter()
            .map(|(number, word)| format!("{word} {}", table::count(*number)))
            .collect();
        table::line(format_args!("  skipped: {}", parts.join(", ")));
    }
    print_problems(&summary.problems);
    if let Some(warning) = summary.health.as_ref().and_then(health::Report::warning) {
        table::line(format_args!(
            "  warning: {}",
            videocatalog_core::search::shown(&warning)
        ));
    }
    if summary.silently_changed > 0 {
        table::line(format_args!(
            "  warning: {} files changed without their size or time changing",
            table::count(summary.silently_changed)
        ));
    }
}

pub(crate) fn print_problems(problems: &ProblemCounts) {
    for (kind, number) in problems {
        table::line(format_args!(
            "  problems: {} × {}",
            table::count(*number),
            kind.describe()
        ));
    }
}

fn print_media(media: &MediaCounts) {
    let counts = [
        (media.headers, "headers read"),
        (media.asked, "left to other programs"),
        (media.checked, "films checked"),
        (media.pictured, "with new pictures"),
        (media.subtitled, "with subtitles extracted"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", table::count(*number)))
        .collect();
    if !parts.is_empty() {
        table::line(format_args!("  media: {}", parts.join(", ")));
    }
    if media.faulty > 0 {
        table::line(format_args!(
            "  warning: {} media files are damaged or cut off",
            table::count(media.faulty)
        ));
    }
    for (tool, files) in &media.tool_missing {
        table::line(format_args!(
            "  waiting for {tool}: {} files",
            table::count(*files)
        ));
    }
}

/// The last line of the older program, field by field.
fn documented_line(summary: &Summary) -> String {
    let took = table::duration(summary.duration_seconds);
    let of = |category| table::count(summary.categories.of(category));
    if summary.mode == Mode::Inventory {
        return format!(
            "Inventory done — total files: {} — video: {} — audio: {} — image: {} — duration: {took}",
            table::count(summary.total_files),
            of(Category::Video),
            of(Category::Audio),
            of(Category::Image),
        );
    }
    format!(
        "Done — total files: {} — AV files: {} — duration: {took}",
        table::count(summary.total_files),
        table::count(summary.av_files),
    )
}
