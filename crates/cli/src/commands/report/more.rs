//! Reports beyond the five documented ones, as a terminal shows them.

use videocatalog_core::report::changes::{ChangesReport, Did};
use videocatalog_core::report::duplicates::{DuplicateSums, DuplicatesReport};
use videocatalog_core::report::media::{MediaEntry, MediaReport};
use videocatalog_core::report::singles::{SinglesReport, SinglesSums};
use videocatalog_core::report::space::SpaceReport;
use videocatalog_core::search::shown;

use super::bar;
use crate::table::{self, Align, count, size};

pub(super) fn media(report: &MediaReport) {
    for (number, (heading, entries)) in report.lists().into_iter().enumerate() {
        if number > 0 {
            table::line(format_args!(""));
        }
        media_list(&heading.to_uppercase().replace('_', " "), entries);
    }
}

fn media_list(heading: &str, entries: &[MediaEntry]) {
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

pub(in crate::commands) fn duplicates(report: &DuplicatesReport) {
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
        for link in &group.links {
            let path = shown(&link.place.path);
            table::line(format_args!("    also called  {path}"));
        }
    }
}

pub(in crate::commands) fn unhashed(report: &DuplicatesReport) {
    if report.unhashed_files > 0 {
        eprintln!(
            "{} files of {} were not hashed: nothing is known of these; `videocatalog duplicates --read` reads what is needed",
            count(report.unhashed_files),
            size(report.unhashed_bytes)
        );
    }
}

pub(super) fn singles(report: &SinglesReport) {
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

pub(super) fn space(report: &SpaceReport) {
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

pub(super) fn changes(report: &ChangesReport) {
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
