//! The further reports as tables and charts.

use videocatalog_core::human;
use videocatalog_core::report::FilePlace;
use videocatalog_core::report::changes::{ChangesReport, Did, JobEntry};
use videocatalog_core::report::duplicates::{DuplicateSums, DuplicatesReport};
use videocatalog_core::report::media::{MediaEntry, MediaReport};
use videocatalog_core::report::singles::{SinglesReport, SinglesSums};
use videocatalog_core::report::space::{SpaceEntry, SpaceReport};
use videocatalog_core::search::shown;

use super::chart::{Bar, Tint, ranked};
use super::leaf::{Chart, Leaf};
use super::sheet::{Leads, Row, Sheet, Value};
use crate::widgets::ratio;
use crate::widgets::table::Column;

const MEDIA: [Column; 4] = [
    Column::text("Name", 160.0).sortable(),
    Column::number("Files", 80.0).sortable(),
    Column::number("Size", 100.0).sortable(),
    Column::number("Hours", 80.0).sortable(),
];

const GROUPS: [Column; 5] = [
    Column::text("First copy", 280.0).sortable(),
    Column::number("Copies", 76.0).sortable(),
    Column::number("Drives", 76.0).sortable(),
    Column::number("Size of each", 104.0).sortable(),
    Column::number("Reclaimable", 104.0).sortable(),
];

const PLACES: [Column; 2] = [
    Column::text("Path", 480.0).sortable(),
    Column::text("Drive", 140.0).sortable(),
];

const SINGLES: [Column; 6] = [
    Column::text("Drive", 120.0).sortable(),
    Column::text("Category", 92.0).sortable(),
    Column::number("Only here", 88.0).sortable(),
    Column::number("Size", 88.0).sortable(),
    Column::number("Elsewhere too", 112.0).sortable(),
    Column::number("Unknown", 88.0).sortable(),
];

const SPACE: [Column; 5] = [
    Column::text("Drive", 140.0).sortable(),
    Column::number("Free", 88.0).sortable(),
    Column::number("Total", 88.0).sortable(),
    Column::number("Catalogued", 100.0).sortable(),
    Column::text("Scanned", 132.0).sortable(),
];

const JOBS: [Column; 9] = [
    Column::text("Drive", 88.0).sortable(),
    Column::text("Started", 128.0).sortable(),
    Column::text("Status", 64.0).sortable(),
    Column::number("Added", 64.0).sortable(),
    Column::number("Changed", 68.0).sortable(),
    Column::number("Moved", 64.0).sortable(),
    Column::number("Deleted", 68.0).sortable(),
    Column::number("Restored", 68.0).sortable(),
    Column::number("Job", 44.0).sortable(),
];

const CHANGED: [Column; 5] = [
    Column::text("Path", 260.0).sortable(),
    Column::text("What", 76.0).sortable(),
    Column::number("Size", 84.0).sortable(),
    Column::number("Size before", 92.0).sortable(),
    Column::text("Path before", 320.0).sortable(),
];

pub(super) fn media(report: &MediaReport) -> Vec<Leaf> {
    let names = [
        "Video codec",
        "Resolution",
        "HDR",
        "Audio codec",
        "Container",
    ];
    let lists = names.into_iter().zip(report.lists());
    lists
        .map(|(name, (_, entries))| made_of(name, entries))
        .collect()
}

fn made_of(name: &'static str, entries: &[MediaEntry]) -> Leaf {
    let rows = entries.iter().map(|entry| {
        Row::new([
            Value::text(&entry.name),
            Value::count(entry.files),
            Value::bytes(entry.bytes),
            Value::Hours(entry.hours),
        ])
    });
    let sheet = Sheet::new(name, &MEDIA, rows.collect());
    let bars = ranked(
        entries
            .iter()
            .map(|entry| (shown(&entry.name), entry.bytes)),
    );
    let mut leaf = Leaf::new(Chart::Bars(bars), sheet);
    leaf.name = name;
    leaf.nothing = "No films and no sound are catalogued.";
    leaf
}

fn place(place: &FilePlace) -> Row {
    let cells = [Value::text(&place.path), Value::text(&place.drive_label)];
    Row::new(cells).leading(Leads::File(place.path.clone()))
}

pub(super) fn duplicates(report: &DuplicatesReport) -> Leaf {
    let rows = report.groups.iter().map(|group| {
        let first = group.places.first();
        let path = first.map(|place| place.path.clone()).unwrap_or_default();
        let mut row = Row::new([
            Value::text(&path),
            Value::count(group.copies),
            Value::count(group.drives),
            Value::bytes(group.size_bytes),
            Value::bytes(group.reclaimable_bytes),
        ])
        .leading(Leads::File(path));
        row.below = group.places.iter().map(place).collect();
        row
    });
    let sheet = Sheet::new("Groups of copies", &GROUPS, rows.collect());
    let mut leaf = Leaf::new(Chart::None, sheet).with_below("Copies", &PLACES);
    let groups = |sums: DuplicateSums| {
        let word = if sums.groups == 1 { "group" } else { "groups" };
        format!("{} {word}", human::count(sums.groups))
    };
    let size = |sums: DuplicateSums| human::size(sums.reclaimable_bytes);
    let (total, within, across) = (report.total, report.within_a_drive, report.across_drives);
    let files = human::count(total.files);
    leaf.figures = vec![
        (
            "Reclaimable",
            format!("{} ({}, {files} files)", size(total), groups(total)),
        ),
        (
            "On one drive",
            format!("{} ({})", size(within), groups(within)),
        ),
        (
            "On several drives",
            format!("{} ({})", size(across), groups(across)),
        ),
    ];
    if report.unhashed_files > 0 {
        leaf.note = format!(
            "{} files of {} were not hashed: nothing is known of these. A scan that reads files hashes them.",
            human::count(report.unhashed_files),
            human::size(report.unhashed_bytes)
        );
    }
    leaf.nothing = "No two files are known to have the same content.";
    leaf
}

pub(super) fn singles(report: &SinglesReport) -> Leaf {
    let mut rows = Vec::new();
    let (mut single, mut elsewhere, mut unknown) = (0_u64, 0_u64, 0_u64);
    for drive in &report.drives {
        single = single.saturating_add(drive.total.single_bytes);
        elsewhere = elsewhere.saturating_add(drive.total.elsewhere_bytes);
        unknown = unknown.saturating_add(drive.total.unknown_bytes);
        rows.extend(drive.categories.iter().map(|entry| {
            Row::new([
                Value::text(&drive.drive_label),
                Value::text(&entry.category),
                Value::count(entry.sums.single_files),
                Value::bytes(entry.sums.single_bytes),
                Value::bytes(entry.sums.elsewhere_bytes),
                Value::bytes(entry.sums.unknown_bytes),
            ])
            .leading(Leads::Query {
                text: format!("category:{}", entry.category),
                within: Some(drive.drive_label.clone()),
            })
        }));
    }
    let sheet = Sheet::new("Copies by drive", &SINGLES, rows);
    let bars = report.drives.iter();
    let bars = bars.map(|drive| stacked(shown(&drive.drive_label), &drive.total));
    let mut leaf = Leaf::new(Chart::Bars(bars.collect()), sheet);
    leaf.figures = vec![
        ("Only on one drive", human::size(single)),
        ("Elsewhere too", human::size(elsewhere)),
        ("Not hashed", human::size(unknown)),
    ];
    leaf.note =
        "Bars: yellow is only on this drive and lost with it, green elsewhere too, grey not hashed."
            .into();
    leaf.nothing = "There are no files.";
    leaf
}

/// Returns a bar of what is lost with a drive, what is safe, and what nobody knows of.
fn stacked(name: String, sums: &SinglesSums) -> Bar {
    let parts = [
        (sums.single_bytes, Tint::Warn),
        (sums.elsewhere_bytes, Tint::Ok),
        (sums.unknown_bytes, Tint::Dim),
    ];
    let sum = parts.iter().map(|(bytes, _)| *bytes).sum();
    let known = parts.iter().filter(|(bytes, _)| *bytes > 0);
    Bar {
        name,
        value: human::size(sums.single_bytes),
        parts: known
            .map(|(bytes, tint)| (ratio(*bytes, sum), *tint))
            .collect(),
    }
}

pub(super) fn space(report: &SpaceReport) -> Leaf {
    let rows = report.drives.iter().map(|drive| {
        Row::new([
            Value::text(&drive.drive_label),
            Value::Bytes(drive.free_bytes),
            Value::Bytes(drive.total_bytes),
            Value::Bytes(drive.catalogued_bytes),
            Value::Time(drive.scanned_at.clone()),
        ])
    });
    let sheet = Sheet::new("Space by drive", &SPACE, rows.collect());
    let fits = |drive: &SpaceEntry| report.fits.contains(&drive.drive_label);
    let bars = report.drives.iter().filter_map(|drive| {
        let (total, free) = drive.total_bytes.zip(drive.free_bytes)?;
        let used = total.saturating_sub(free);
        let tint = if fits(drive) { Tint::Ok } else { Tint::Accent };
        Some(Bar {
            name: shown(&drive.drive_label),
            value: format!("{} free", human::size(free)),
            parts: vec![(ratio(used, total), tint)],
        })
    });
    let mut leaf = Leaf::new(Chart::Bars(bars.collect()), sheet);
    if let Some(wanted) = report.fit_bytes {
        let wanted = human::size(wanted);
        leaf.note = if report.fits.is_empty() {
            format!("{wanted} fit on no drive.")
        } else {
            let labels: Vec<String> = report.fits.iter().map(|label| shown(label)).collect();
            format!("{wanted} fit on: {}.", labels.join(", "))
        };
    }
    leaf.nothing = "There are no drives.";
    leaf
}

pub(super) fn changes(report: &ChangesReport) -> Leaf {
    let sheet = Sheet::new("Scans", &JOBS, report.jobs.iter().map(job).collect());
    let mut leaf = Leaf::new(Chart::None, sheet).with_below("Files of the scan", &CHANGED);
    leaf.nothing = "Nothing was scanned yet.";
    leaf
}

fn job(job: &JobEntry) -> Row {
    let number = |of: fn(&Did) -> u64| Value::Count(job.did.as_ref().map(of));
    let mut row = Row::new([
        Value::text(&job.drive_label),
        Value::Time(Some(job.started_at.clone())),
        Value::text(&job.status),
        number(|did| did.added),
        number(|did| did.changed),
        number(|did| did.moved),
        number(|did| did.deleted),
        number(|did| did.restored),
        Value::Count(u64::try_from(job.job_id).ok()),
    ]);
    let files = job.did.iter().flat_map(|did| &did.files);
    row.below = files
        .map(|file| {
            let bytes = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok());
            let path = file.place.path.clone();
            Row::new([
                Value::text(&path),
                Value::text(&file.what),
                Value::Bytes(bytes(file.size_bytes)),
                Value::Before(bytes(file.before_size_bytes)),
                Value::text(file.before_path.clone().unwrap_or_default()),
            ])
            .leading(Leads::File(path))
        })
        .collect();
    row
}
