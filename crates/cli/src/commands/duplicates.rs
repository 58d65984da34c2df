//! `duplicates`.

use videocatalog_core::duplicates::{
    self, Evidence, NearDuplicates, NearFile, Reason, Thresholds, Wanted,
};
use videocatalog_core::human;
use videocatalog_core::report::Source;
use videocatalog_core::report::duplicates::duplicates as exact;
use videocatalog_core::search::{Searcher, shown};

use super::{print_json, report};
use crate::args::{DuplicatesArgs, DuplicatesKind};
use crate::context::Context;
use crate::failure::Failure;
use crate::signal::cancel_on_interrupt;
use crate::table;

pub(crate) fn duplicates(context: &Context, args: &DuplicatesArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let drives = catalog.select(&args.label)?;
    let cancel = cancel_on_interrupt();
    let reason = match args.kind {
        Some(DuplicatesKind::Exact) => {
            let source = Source {
                searcher: &Searcher::default(),
                catalog: &catalog,
                cancel: &cancel,
            };
            let found = exact(source, &drives, args.top_n).ok_or_else(Failure::stopped)?;
            warn(context, &found.unread);
            if args.output.json {
                return print_json(&found);
            }
            report::duplicates(&found);
            return Ok(());
        }
        Some(DuplicatesKind::Video) => Some(Reason::Video),
        Some(DuplicatesKind::Audio) => Some(Reason::Audio),
        Some(DuplicatesKind::Consensus) => Some(Reason::Consensus),
        None => None,
    };
    let wanted = Wanted {
        thresholds: Thresholds::from_settings(&context.loaded.settings.fingerprints),
        reason,
        least_score: args.min_score,
        most: args.top_n,
    };
    let found =
        duplicates::near(&catalog, &drives, &wanted, &cancel).ok_or_else(Failure::stopped)?;
    warn(context, &found.unread);
    if args.output.json {
        return print_json(&found);
    }
    print(&found);
    Ok(())
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
        facts.push(words(evidence));
    }
    table::line(format_args!("    {}", facts.join(", ")));
}

/// Returns what speaks for a file being the same.
fn words(evidence: &Evidence) -> String {
    if evidence.reason == Reason::Exact {
        return "the same bytes".into();
    }
    let scores = [
        ("keyframes", evidence.keyframes),
        ("TMK", evidence.tmk),
        ("sound", evidence.sound),
    ];
    let mut words: Vec<String> = scores
        .iter()
        .filter_map(|(name, score)| Some(format!("{name} {:.2}", (*score)?)))
        .collect();
    words.extend(evidence.laid.map(|way| format!("laid {way}")));
    format!("{}: {}", evidence.reason.name(), words.join(", "))
}
