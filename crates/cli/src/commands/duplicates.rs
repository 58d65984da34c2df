//! `duplicates`.

use serde::Serialize;
use videocatalog_core::catalog::candidates;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::clock::local_stamp;
use videocatalog_core::duplicates::plan::{Planner, QUARANTINE, Reference, differs};
use videocatalog_core::duplicates::reading::{self, ReadingRequest, ReadingSummary};
use videocatalog_core::duplicates::{
    Clip, IgnoreError, Job, NearDuplicates, NearFile, Reason, Thresholds, Wanted, ignore, near,
};
use videocatalog_core::human;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::report::Source;
use videocatalog_core::report::duplicates::{DuplicatesReport, duplicates as exact};
use videocatalog_core::scan::ScanOptions;
use videocatalog_core::search::{Searcher, shown};

use super::{info, print_json, report, scan};
use crate::args::{
    DuplicatesAction, DuplicatesArgs, DuplicatesCheckArgs, DuplicatesIgnoreArgs, DuplicatesKind,
    DuplicatesPlanArgs, DuplicatesSelection,
};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::progress::Meter;
use crate::signal::cancel_on_interrupt;
use crate::table;

/// More groups than anybody has.
const ALL: usize = usize::MAX;

/// What was found.
enum Found {
    Exact(DuplicatesReport),
    Near(NearDuplicates),
}

/// What `--read --json` prints.
#[derive(Serialize)]
struct ReadAndFound<'r> {
    reading: &'r ReadingSummary,
    #[serde(flatten)]
    found: &'r DuplicatesReport,
}

pub(crate) fn duplicates(context: &Context, args: &DuplicatesArgs) -> Result<(), Failure> {
    match &args.action {
        Some(DuplicatesAction::Plan(plan_args)) => return plan(context, plan_args),
        Some(DuplicatesAction::Ignore(ignore_args)) => return remember(context, ignore_args),
        Some(DuplicatesAction::Check(check_args)) => return check(check_args),
        None => {}
    }
    let kind = match args.kind {
        None | Some(DuplicatesKind::Exact) if args.read => Some(DuplicatesKind::Exact),
        Some(_) if args.read => {
            return Err(Failure::usage(
                "`--read` is for copies of the same bytes",
                "leave `--kind` out, or use `--kind exact`",
            ));
        }
        kind => kind,
    };
    let reading = args.read.then(|| read(context, args)).transpose()?;
    let found = find(context, kind, &args.selection, args.top_n)?;
    match (&found, &reading) {
        (Found::Exact(found), Some(reading)) if args.output.json => {
            print_json(&ReadAndFound { reading, found })?;
        }
        (Found::Exact(found), None) if args.output.json => print_json(found)?,
        (Found::Near(found), _) if args.output.json => print_json(found)?,
        (Found::Exact(found), _) => {
            report::duplicates(found);
            match &reading {
                Some(reading) => print_reading(reading),
                None => report::unhashed(found),
            }
        }
        (Found::Near(found), _) => print(found),
    }
    if reading.is_some_and(|reading| reading.stopped) {
        return Err(Failure::stopped());
    }
    Ok(())
}

/// Reads what tells files of the same length apart.
fn read(context: &Context, args: &DuplicatesArgs) -> Result<ReadingSummary, Failure> {
    let request = ReadingRequest {
        labels: args.selection.label.clone(),
        options: ScanOptions::from_settings(&context.loaded.settings),
    };
    super::watched(
        context,
        args.progress,
        "reading for duplicates",
        reading::read,
        &request,
        |summary| format!("{} files hashed", summary.files_hashed),
    )
}

fn print_reading(reading: &ReadingSummary) {
    table::line(format_args!(
        "\nread: both ends of {} files, all of {}, {}",
        table::count(reading.ends_read),
        table::count(reading.files_hashed),
        table::size(reading.bytes_read)
    ));
    if reading.files_left > 0 {
        table::line(format_args!(
            "{} files may be copies and could not be read now",
            table::count(reading.files_left)
        ));
    }
    for reason in &reading.drives_left {
        table::line(format_args!("  {}", shown(reason)));
    }
    scan::print_problems(&reading.problems);
}

/// Looks for one kind, or for all but those of the same bytes alone.
fn find(
    context: &Context,
    kind: Option<DuplicatesKind>,
    selection: &DuplicatesSelection,
    most: usize,
) -> Result<Found, Failure> {
    let cancel = cancel_on_interrupt();
    let reason = match kind {
        Some(DuplicatesKind::Exact) => {
            let catalog = context.catalog_to_look_up()?;
            let drives = catalog.select(&selection.label)?;
            let source = Source {
                searcher: &Searcher::default(),
                catalog: &catalog,
                cancel: &cancel,
            };
            let found = exact(source, &drives, most).ok_or_else(Failure::stopped)?;
            warn(context, &found.unread);
            return Ok(Found::Exact(found));
        }
        Some(DuplicatesKind::Video) => Some(Reason::Video),
        Some(DuplicatesKind::Audio) => Some(Reason::Audio),
        Some(DuplicatesKind::Consensus) => Some(Reason::Consensus),
        Some(DuplicatesKind::Clip) => Some(Reason::Clip),
        None => None,
    };
    // What is found is kept, so that the next time only what is new is compared.
    let catalog = context.catalog_to_read()?;
    catalog.select(&selection.label)?;
    let wanted = Wanted {
        thresholds: Thresholds::from_settings(&context.loaded.settings.fingerprints),
        reason,
        least_score: selection.min_score,
        most,
        labels: &selection.label,
    };
    let meter = Meter::new("comparing");
    let job = Job {
        compares: true,
        now_utc: &context.clock.now_utc(),
        cancel: &cancel,
        tell: &|done, all| meter.tell(done, all),
    };
    let found = near(&catalog, &wanted, &job)?.ok_or_else(Failure::stopped)?;
    warn(context, &found.unread);
    Ok(Found::Near(found))
}

fn plan(context: &Context, args: &DuplicatesPlanArgs) -> Result<(), Failure> {
    if args.kind == DuplicatesKind::Clip {
        return Err(Failure::usage(
            "a part is no copy: nothing is planned for clips",
            "`videocatalog duplicates --kind clip` shows them",
        ));
    }
    let catalog = context.catalog_to_look_up()?;
    let references = references(context, &catalog, &args.keep_on)?;
    let found = find(context, Some(args.kind), &args.selection, ALL)?;
    let planner = Planner::new(&catalog, catalog.drives()?, &references);
    let now = context.clock.now_utc();
    let plan = match &found {
        Found::Exact(found) => planner.of_exact(found, &now)?,
        Found::Near(found) => planner.of_near(found, &now)?,
    };
    if args.output.json {
        return print_json(&plan);
    }
    if plan.groups.is_empty() {
        table::line(format_args!("Nothing could go."));
        return Ok(());
    }
    let folder = if let Some(folder) = &args.out {
        context.environment.absolute(folder)
    } else {
        let stamp = local_stamp(context.clock.now_us(), &jiff::tz::TimeZone::system());
        let name = format!("duplicates_{stamp}");
        context.workdir.exports().join(name)
    };
    let written = planner.write(&plan, &folder).map_err(|error| {
        Failure::new(
            code::EXPORT,
            error.to_string(),
            "choose another folder with `--out FOLDER`, or free some space",
        )
    })?;
    for path in written {
        table::line(format_args!("{}", printable_path(&path)));
    }
    table::line(format_args!(
        "{} files in {} groups could go, {}; {} stay that nothing can be said of",
        table::count(plan.files),
        table::count(plan.groups.len() as u64),
        table::size(plan.reclaimable_bytes),
        table::count(plan.left.len() as u64)
    ));
    table::line(format_args!(
        "Nothing was done. A script moves the files of its drive into `{QUARANTINE}` there, each after looking at it again."
    ));
    Ok(())
}

/// Returns the drives and folders that nothing is taken from. One that is neither would protect nothing.
fn references(
    context: &Context,
    catalog: &Catalog,
    named: &[String],
) -> Result<Vec<Reference>, Failure> {
    let drives = catalog.drives()?;
    let reference = |name: &String| {
        if drives.iter().any(|drive| drive.label == *name) {
            return Ok(Reference::Drive(name.clone()));
        }
        let folder = context.environment.absolute(name.as_ref());
        let is_on = |drive: &Drive| folder.starts_with(&drive.mount_path);
        if drives.iter().any(is_on) {
            return Ok(Reference::Folder(folder.to_string_lossy().into_owned()));
        }
        Err(Failure::usage(
            format!("`{name}` is no drive, and no folder of one"),
            "`videocatalog drives` lists them, with the place where each was last",
        ))
    };
    named.iter().map(reference).collect()
}

/// Remembers that files are no duplicates.
fn remember(context: &Context, args: &DuplicatesIgnoreArgs) -> Result<(), Failure> {
    let catalog = context.catalog()?;
    if args.files.is_empty() {
        return remembered(&catalog, args);
    }
    let mut files = Vec::new();
    for (number, path) in args.files.iter().enumerate() {
        files.push(info::find(context, &catalog, path, args.label.get(number))?);
    }
    if files.len() < 2 {
        return Err(Failure::usage(
            "that takes two files or more",
            "videocatalog duplicates ignore FILE FILE",
        ));
    }
    let now = context.clock.now_utc();
    let mut news = 0_u64;
    for (number, (drive, one)) in files.iter().enumerate() {
        for (other_drive, other) in files.iter().skip(number + 1) {
            let (one, other) = ((drive, &*one.rel_path), (other_drive, &*other.rel_path));
            let set =
                ignore(&catalog, one, other, args.undo, &now).map_err(|error| match error {
                    IgnoreError::Store(error) => Failure::from(error),
                    IgnoreError::Same(..) => {
                        Failure::usage(error.to_string(), "`duplicates plan --keep-on` keeps both")
                    }
                    IgnoreError::Unknown { .. } => {
                        Failure::usage(error.to_string(), "`videocatalog search WORDS` finds files")
                    }
                })?;
            news += u64::from(set);
        }
    }
    let what = if args.undo { "forgotten" } else { "remembered" };
    table::line(format_args!("{} pairs {what}", table::count(news)));
    Ok(())
}

/// Shows which pairs are none.
fn remembered(catalog: &Catalog, args: &DuplicatesIgnoreArgs) -> Result<(), Failure> {
    let pairs = candidates::no_pairs(catalog.connection()).map_err(|source| {
        Failure::new(
            code::DAMAGED,
            source.to_string(),
            "`videocatalog maintain check` looks at the catalogue",
        )
    })?;
    if args.output.json {
        return print_json(&pairs);
    }
    if pairs.is_empty() {
        table::line(format_args!("No pair was said to be none."));
    }
    for pair in &pairs {
        table::line(format_args!("{}  {}", pair.created_utc, shown(&pair.names)));
    }
    Ok(())
}

fn check(args: &DuplicatesCheckArgs) -> Result<(), Failure> {
    let (path, name) = (&args.file, printable_path(&args.file));
    let differs = differs(path, args.size, args.mtime_us, &args.hash);
    let why = match differs {
        Ok(None) => return Ok(()),
        Ok(Some(why)) => why.to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::new(
        code::DAMAGED,
        format!("left: `{name}`: {why}"),
        "scan its drive, and make the plan again",
    ))
}

fn warn(context: &Context, unread: &[String]) {
    for reason in unread {
        context.warn(&format!("not compared: {reason}"));
    }
}

fn print(found: &NearDuplicates) {
    if found.compared_files == 0 {
        table::line(format_args!(
            "No file has fingerprints yet: `videocatalog fingerprint --label LABEL` captures them. \
             Copies of the same bytes: `videocatalog duplicates --kind exact`"
        ));
        return;
    }
    table::line(format_args!(
        "{} files with fingerprints, {} groups, {} reclaimable",
        table::count(found.compared_files),
        table::count(found.total_groups),
        table::size(found.reclaimable_bytes)
    ));
    for group in &found.groups {
        table::line(format_args!(
            "\n{} {:.2}, {} reclaimable",
            group.reason.name(),
            group.score,
            table::size(group.reclaimable_bytes)
        ));
        for file in &group.files {
            print_file(file);
        }
        table::line(format_args!("  keep: {}", group.why));
    }
    for clip in &found.clips {
        print_clip(clip);
    }
}

fn print_clip(clip: &Clip) {
    table::line(format_args!("\na clip, and the whole"));
    for file in [&clip.clip, &clip.of] {
        print_file(file);
    }
}

fn print_file(file: &NearFile) {
    let mark = if file.keep { "*" } else { " " };
    let (label, path) = (shown(&file.place.drive_label), shown(&file.place.path));
    table::line(format_args!("{mark} {label}  {path}"));
    let mut facts = vec![table::size(file.size_bytes)];
    facts.extend(file.duration_s.map(human::duration));
    facts.extend(
        file.width
            .zip(file.height)
            .map(|(width, height)| format!("{width} × {height}")),
    );
    facts.extend(
        file.bitrate_bps
            .map(|bits| format!("{} kbit/s", table::count(bits / 1_000))),
    );
    if let Some(evidence) = &file.evidence {
        facts.push(evidence.words());
    }
    table::line(format_args!("    {}", facts.join(", ")));
}
