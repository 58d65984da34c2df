//! Reports beyond the five documented ones, each its own document.

use serde::Serialize;

use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::report::Source;
use videocatalog_core::report::changes::{self, ChangesReport, Did, Most};
use videocatalog_core::report::duplicates::{self, DuplicateSums, DuplicatesReport};
use videocatalog_core::report::files::{self, Table};
use videocatalog_core::report::media::{self, MediaEntry, MediaReport};
use videocatalog_core::report::singles::{self, SinglesReport, SinglesSums};
use videocatalog_core::report::space::{self, SpaceReport};
use videocatalog_core::search::{Searcher, shown};

use super::{bar, csv_folder, written};
use crate::args::{ReportArgs, Section};
use crate::commands::print_json;
use crate::context::Context;
use crate::failure::Failure;
use crate::signal::cancel_on_interrupt;
use crate::table::{self, Align, count, size};

/// One of them, made.
#[derive(Serialize)]
#[serde(untagged)]
enum Made {
    Media(MediaReport),
    Duplicates(DuplicatesReport),
    Singles(SinglesReport),
    Space(SpaceReport),
    Changes(ChangesReport),
}

/// Makes and shows a report that is none of the five.
pub(super) fn report(
    context: &Context,
    catalog: &Catalog,
    args: &ReportArgs,
) -> Result<(), Failure> {
    let drives = catalog.select(&args.label)?;
    let cancel = cancel_on_interrupt();
    let searcher = Searcher::default();
    let source = Source {
        searcher: &searcher,
        catalog,
        cancel: &cancel,
    };
    let made = match args.section {
        Section::Media => media::media(source, &drives).map(Made::Media),
        Section::Duplicates => {
            duplicates::duplicates(source, &drives, args.top_n).map(Made::Duplicates)
        }
        Section::SingleCopies => {
            let all = catalog.drives()?;
            singles::single_copies(source, &drives, &all).map(Made::Singles)
        }
        Section::Changes => {
            let most = Most {
                jobs: args.top_n,
                files: args.largest,
            };
            changes::changes(source, &drives, most).map(Made::Changes)
        }
        _ => space::space(source, &drives, args.fit).map(Made::Space),
    };
    let made = made.ok_or_else(Failure::stopped)?;
    for reason in made.unread() {
        context.warn(&format!("not in this report: {reason}"));
    }
    if let Some(folder) = &args.csv {
        let folder = csv_folder(context, folder.as_deref());
        let now_us = context.clock.now_us();
        return written(&folder, args.safe_cells, now_us, |target| {
            files::write_tables(&[made.table()], &made, target)
        });
    }
    if args.output.json {
        return print_json(&made);
    }
    made.show();
    Ok(())
}

impl Made {
    fn unread(&self) -> &[String] {
        match self {
            Self::Media(report) => &report.unread,
            Self::Duplicates(report) => &report.unread,
            Self::Singles(report) => &report.unread,
            Self::Space(report) => &report.unread,
            Self::Changes(report) => &report.unread,
        }
    }

    fn table(&self) -> Table {
        match self {
            Self::Media(report) => report.table(),
            Self::Duplicates(report) => report.table(),
            Self::Singles(report) => report.table(),
            Self::Space(report) => report.table(),
            Self::Changes(report) => report.table(),
        }
    }

    fn show(&self) {
        match self {
            Self::Media(report) => show_media(report),
            Self::Duplicates(report) => show_duplicates(report),
            Self::Singles(report) => show_singles(report),
            Self::Space(report) => show_space(report),
            Self::Changes(report) => show_changes(report),
        }
    }
}

fn show_media(report: &MediaReport) {
    for (number, (heading, entries)) in report.lists().into_iter().enumerate() {
        if number > 0 {
            table::line(format_args!(""));
        }
        show_media_list(&heading.to_uppercase().replace('_', " "), entries);
    }
}

fn show_media_list(heading: &str, entries: &[MediaEntry]) {
    let most = entries.iter().map(|entry| entry.bytes).max().unwrap_or(0);
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            vec![
                shown(&entry.name),
                count(entry.files),
                size(entry.bytes),
                format!("{:.1}", entry.hours),
                bar(entry.bytes, most),
            ]
        })
        .collect();
    let headings = [
        (heading, Align::Left),
        ("FILES", Align::Right),
        ("SIZE", Align::Right),
        ("HOURS", Align::Right),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
}

fn show_duplicates(report: &DuplicatesReport) {
    let row = |name: &str, sums: DuplicateSums| {
        vec![
            name.to_owned(),
            count(sums.groups),
            count(sums.files),
            size(sums.reclaimable_bytes),
            bar(sums.reclaimable_bytes, report.total.reclaimable_bytes),
        ]
    };
    let rows = [
        row("Totals", report.total),
        row("on one drive", report.within_a_drive),
        row("on several drives", report.across_drives),
    ];
    let headings = [
        ("DUPLICATES", Align::Left),
        ("GROUPS", Align::Right),
        ("FILES", Align::Right),
        ("RECLAIMABLE", Align::Right),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
    for group in &report.groups {
        table::line(format_args!(""));
        table::line(format_args!(
            "{} copies of {}, {} reclaimable",
            count(group.copies),
            size(group.size_bytes),
            size(group.reclaimable_bytes)
        ));
        for place in &group.places {
            let (label, path) = (shown(&place.drive_label), shown(&place.path));
            table::line(format_args!("  {label}  {path}"));
        }
    }
    if report.unhashed_files > 0 {
        eprintln!(
            "{} files of {} were not hashed: nothing is known of these",
            count(report.unhashed_files),
            size(report.unhashed_bytes)
        );
    }
}

fn show_singles(report: &SinglesReport) {
    let mut rows = Vec::new();
    for drive in &report.drives {
        let most = drive.total.single_bytes;
        let row = |label: String, category: String, sums: SinglesSums| {
            vec![
                label,
                category,
                count(sums.single_files),
                size(sums.single_bytes),
                size(sums.elsewhere_bytes),
                size(sums.unknown_bytes),
                bar(sums.single_bytes, most),
            ]
        };
        rows.push(row(shown(&drive.drive_label), "all".into(), drive.total));
        rows.extend(
            drive
                .categories
                .iter()
                .map(|entry| row(String::new(), shown(&entry.category), entry.sums)),
        );
    }
    let headings = [
        ("DRIVE", Align::Left),
        ("CATEGORY", Align::Left),
        ("ONLY HERE", Align::Right),
        ("SIZE", Align::Right),
        ("ELSEWHERE TOO", Align::Right),
        ("UNKNOWN", Align::Right),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
}

fn show_space(report: &SpaceReport) {
    let known = |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), size);
    let rows: Vec<Vec<String>> = report
        .drives
        .iter()
        .map(|drive| {
            let used = drive.total_bytes.zip(drive.free_bytes);
            vec![
                shown(&drive.drive_label),
                known(drive.free_bytes),
                known(drive.total_bytes),
                known(drive.catalogued_bytes),
                drive.scanned_at.clone().unwrap_or_default(),
                used.map_or_else(String::new, |(total, free)| {
                    bar(total.saturating_sub(free), total)
                }),
            ]
        })
        .collect();
    let headings = [
        ("DRIVE", Align::Left),
        ("FREE", Align::Right),
        ("TOTAL", Align::Right),
        ("CATALOGUED", Align::Right),
        ("SCANNED", Align::Left),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
    if let Some(wanted) = report.fit_bytes {
        table::line(format_args!(""));
        let wanted = size(wanted);
        if report.fits.is_empty() {
            table::line(format_args!("{wanted} fit on no drive"));
        } else {
            let labels: Vec<String> = report.fits.iter().map(|label| shown(label)).collect();
            table::line(format_args!("{wanted} fit on: {}", labels.join(", ")));
        }
    }
}

fn show_changes(report: &ChangesReport) {
    let rows: Vec<Vec<String>> = report
        .jobs
        .iter()
        .map(|job| {
            let number = |of: fn(&Did) -> u64| {
                job.did
                    .as_ref()
                    .map_or_else(|| "?".to_owned(), |did| count(of(did)))
            };
            vec![
                job.job_id.to_string(),
                shown(&job.drive_label),
                job.started_at.clone(),
                shown(&job.status),
                number(|did| did.added),
                number(|did| did.changed),
                number(|did| did.moved),
                number(|did| did.deleted),
                number(|did| did.restored),
            ]
        })
        .collect();
    let headings = [
        ("JOB", Align::Right),
        ("DRIVE", Align::Left),
        ("STARTED", Align::Left),
        ("STATUS", Align::Left),
        ("ADDED", Align::Right),
        ("CHANGED", Align::Right),
        ("MOVED", Align::Right),
        ("DELETED", Align::Right),
        ("RESTORED", Align::Right),
    ];
    table::print(&headings, &rows);
    for job in &report.jobs {
        let Some(did) = job.did.as_ref().filter(|did| !did.files.is_empty()) else {
            continue;
        };
        table::line(format_args!(""));
        table::line(format_args!("job {}", job.job_id));
        for file in &did.files {
            let from = file
                .before_path
                .as_ref()
                .map(|path| format!("  (was {})", shown(path)))
                .unwrap_or_default();
            let path = shown(&file.place.path);
            table::line(format_args!("  {:<8}  {path}{from}", file.what));
        }
        if did.truncated {
            table::line(format_args!("  …"));
        }
    }
}
