//! The five documented reports as tables and charts.

use videocatalog_core::human;
use videocatalog_core::report::days::DayEntry;
use videocatalog_core::report::{Bundle, FileEntry};
use videocatalog_core::search::{query, shown};

use super::chart::{busiest, ranked};
use super::leaf::{Chart, Leaf};
use super::sheet::{Leads, Row, Sheet, Value};
use super::treemap::Tile;
use crate::widgets::ratio;
use crate::widgets::table::Column;

const OVERVIEW: [Column; 3] = [
    Column::text("Category", 160.0).sortable(),
    Column::number("Files", 100.0).sortable(),
    Column::number("Size", 100.0).sortable(),
];

const EXTENSIONS: [Column; 5] = [
    Column::text("Extension", 120.0).sortable(),
    Column::number("Files", 80.0).sortable(),
    Column::number("Total size", 100.0).sortable(),
    Column::number("Rank (count)", 108.0).sortable(),
    Column::number("Rank (size)", 100.0).sortable(),
];

const FOLDERS: [Column; 3] = [
    Column::text("Folder", 320.0).sortable(),
    Column::number("Files", 80.0).sortable(),
    Column::number("Total size", 100.0).sortable(),
];

const FILES: [Column; 6] = [
    Column::text("Name", 200.0).sortable(),
    Column::number("Size", 84.0).sortable(),
    Column::text("Modified", 128.0).sortable(),
    Column::text("Category", 88.0).sortable(),
    Column::text("Drive", 88.0).sortable(),
    Column::text("Path", 480.0).sortable(),
];

/// Returns a row's way to what a query finds on the drive that was reported on.
fn searching(bundle: &Bundle, text: String) -> Leads {
    Leads::Query {
        text,
        within: bundle.drive_label.clone(),
    }
}

pub(super) fn overview(bundle: &Bundle) -> Leaf {
    let overview = &bundle.overview;
    let rows = overview.categories.iter().map(|entry| {
        let leads = searching(bundle, format!("category:{}", entry.category));
        Row::new([
            Value::text(titled(&entry.category)),
            Value::count(entry.files),
            Value::bytes(entry.bytes),
        ])
        .leading(leads)
    });
    let sheet = Sheet::new("Categories", &OVERVIEW, rows.collect());
    let bars = overview.categories.iter();
    let bars = ranked(bars.map(|entry| (titled(&entry.category), entry.bytes)));
    let mut leaf = Leaf::new(Chart::Bars(bars), sheet);
    leaf.figures = vec![
        ("Files in all", human::count(overview.total_files)),
        ("Size in all", human::size(overview.total_size)),
        ("Average size", human::size(overview.average_size)),
    ];
    leaf
}

/// Returns a category as the documented report writes it.
fn titled(category: &str) -> String {
    let mut name = shown(category);
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

pub(super) fn extensions(bundle: &Bundle) -> Leaf {
    let entries = &bundle.top_extensions.entries;
    let named = |extension: &str| match extension {
        "" => "(none)".to_owned(),
        name => shown(name),
    };
    let rows = entries.iter().map(|entry| {
        let bare = entry.extension.trim_start_matches('.');
        let is_plain = !bare.is_empty() && bare.chars().all(char::is_alphanumeric);
        let leads = if is_plain {
            searching(bundle, format!("ext:{bare}"))
        } else {
            Leads::Nowhere
        };
        Row::new([
            Value::text(named(&entry.extension)),
            Value::count(entry.files),
            Value::bytes(entry.bytes),
            Value::Rank(entry.rank_count),
            Value::Rank(entry.rank_size),
        ])
        .leading(leads)
    });
    let sheet = Sheet::new("Extensions", &EXTENSIONS, rows.collect());
    let bars = entries.iter();
    let bars = ranked(bars.map(|entry| (named(&entry.extension), entry.bytes)));
    let mut leaf = Leaf::new(Chart::Bars(bars), sheet);
    leaf.nothing = "There are no files.";
    leaf
}

/// Returns the last name of a path; of a root: all of it.
fn last_name(path: &str) -> &str {
    let mut names = path.rsplit(['/', '\\']);
    names.find(|name| !name.is_empty()).unwrap_or(path)
}

fn files(name: &'static str, entries: &[FileEntry]) -> Sheet {
    let rows = entries.iter().map(|file| {
        Row::new([
            Value::text(last_name(&file.rel_path)),
            Value::Bytes(file.size_bytes.map(i64::unsigned_abs)),
            Value::Time(file.mtime_utc.clone()),
            Value::text(&file.category),
            Value::text(&file.drive_label),
            Value::text(&file.path),
        ])
        .leading(Leads::File(file.path.clone()))
    });
    Sheet::new(name, &FILES, rows.collect())
}

pub(super) fn largest(bundle: &Bundle) -> Leaf {
    let mut leaf = Leaf::new(Chart::None, files("Largest", &bundle.largest_files));
    leaf.nothing = "There are no files.";
    leaf
}

pub(super) fn folders(bundle: &Bundle) -> Leaf {
    let entries = &bundle.heaviest_folders;
    let leads = |folder: &str| searching(bundle, query::below(folder));
    let rows = entries.iter().map(|entry| {
        Row::new([
            Value::text(&entry.folder),
            Value::count(entry.files),
            Value::bytes(entry.bytes),
        ])
        .leading(leads(&entry.folder))
    });
    let sheet = Sheet::new("Folders", &FOLDERS, rows.collect());
    let sum: u64 = entries.iter().map(|entry| entry.bytes).sum();
    let tiles = entries.iter().filter(|entry| entry.bytes > 0).map(|entry| {
        let tile = Tile {
            name: shown(last_name(&entry.folder)),
            about: format!("{}, {}", shown(&entry.folder), human::size(entry.bytes)),
            weight: ratio(entry.bytes, sum),
        };
        (tile, leads(&entry.folder))
    });
    let mut leaf = Leaf::new(Chart::Treemap(tiles.collect()), sheet);
    leaf.note = format!(
        "These hold {} of {}. Files count in the folder {} below the drive's root; open one to search it.",
        human::size(sum),
        human::size(bundle.overview.total_size),
        match bundle.params.folder_depth {
            1 => "one name".to_owned(),
            depth => format!("{depth} names"),
        }
    );
    leaf.nothing = "There are no folders with files.";
    leaf
}

pub(super) fn recent(bundle: &Bundle, days: &[DayEntry]) -> Leaf {
    let changes = &bundle.recent_changes;
    let busiest = busiest(days);
    let chart = match &busiest {
        Some(_) => Chart::Days(days.to_vec()),
        None => Chart::None,
    };
    let mut leaf = Leaf::new(chart, files("Recent", &changes.rows));
    leaf.figures = vec![("Files written to", human::count(changes.total))];
    leaf.figures
        .extend(busiest.map(|busiest| ("Most on", busiest)));
    leaf.nothing = "No file was written to in these days. More days find more.";
    leaf
}
