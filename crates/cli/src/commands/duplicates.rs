//! `duplicates`.

use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::clock::local_stamp;
use videocatalog_core::duplicates::plan::{Planner, QUARANTINE, differs};
use videocatalog_core::duplicates::{NearDuplicates, NearFile, Reason, Thresholds, Wanted, near};
use videocatalog_core::human;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::report::Source;
use videocatalog_core::report::duplicates::{DuplicatesReport, duplicates as exact};
use videocatalog_core::search::{Searcher, shown};

use super::{print_json, report};
use crate::args::{
    DuplicatesAction, DuplicatesArgs, DuplicatesCheckArgs, DuplicatesKind, DuplicatesPlanArgs,
    DuplicatesSelection,
};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::signal::cancel_on_interrupt;
use crate::table;

/// More groups than anybody has.
const ALL: usize = usize::MAX;

/// What was found.
enum Found {
    Exact(DuplicatesReport),
    Near(NearDuplicates),
}

pub(crate) fn duplicates(context: &Context, args: &DuplicatesArgs) -> Result<(), Failure> {
    match &args.action {
        Some(DuplicatesAction::Plan(plan_args)) => return plan(context, plan_args),
        Some(DuplicatesAction::Check(check_args)) => return check(check_args),
        None => {}
    }
    let catalog = context.catalog_to_look_up()?;
    let found = find(context, &catalog, args.kind, &args.selection, args.top_n)?;
    match &found {
        Found::Exact(found) if args.output.json => print_json(found),
        Found::Near(found) if args.output.json => print_json(found),
        Found::Exact(found) => {
            report::duplicates(found);
            Ok(())
        }
        Found::Near(found) => {
            print(found);
            Ok(())
        }
    }
}

/// Looks for one kind, or for all but those of the same bytes alone.
fn find(
    context: &Context,
    catalog: &Catalog,
    kind: Option<DuplicatesKind>,
    selection: &DuplicatesSelection,
    most: usize,
) -> Result<Found, Failure> {
    let drives = catalog.select(&selection.label)?;
    let cancel = cancel_on_interrupt();
    let reason = match kind {
        Some(DuplicatesKind::Exact) => {
            let source = Source {
                searcher: &Searcher::default(),
                catalog,
                cancel: &cancel,
            };
            let found = exact(source, &drives, most).ok_or_else(Failure::stopped)?;
            warn(context, &found.unread);
            return Ok(Found::Exact(found));
        }
        Some(DuplicatesKind::Video) => Some(Reason::Video),
        Some(DuplicatesKind::Audio) => Some(Reason::Audio),
        Some(DuplicatesKind::Consensus) => Some(Reason::Consensus),
        None => None,
    };
    let wanted = Wanted {
        thresholds: Thresholds::from_settings(&context.loaded.settings.fingerprints),
        reason,
        least_score: selection.min_score,
        most,
    };
    let found = near(catalog, &drives, &wanted, &cancel).ok_or_else(Failure::stopped)?;
    warn(context, &found.unread);
    Ok(Found::Near(found))
}

fn plan(context: &Context, args: &DuplicatesPlanArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    // A label that is none would protect nothing.
    catalog.select(&args.keep_on)?;
    let found = find(context, &catalog, Some(args.kind), &args.selection, ALL)?;
    let planner = Planner::new(&catalog, catalog.drives()?, &args.keep_on);
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
