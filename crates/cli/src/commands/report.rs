//! `report`.

mod more;

use std::path::{Path, PathBuf};

use videocatalog_core::clock::local_stamp;
use videocatalog_core::path::display::printable_path;
use videocatalog_core::report::document::{Document, Wanted};
use videocatalog_core::report::files::{self, Target};
use videocatalog_core::report::{Bundle, FileEntry, Params, Source};
use videocatalog_core::search::{Searcher, shown};

use super::print_json;
use crate::args::{ReportArgs, Section};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::signal::cancel_on_interrupt;
use crate::table::{self, Align};

/// Widest bar, in characters.
const BAR: u64 = 24;

pub(crate) fn report(context: &Context, args: &ReportArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    if args.fit.is_some() && args.section != Section::Space {
        return Err(Failure::new(
            code::USAGE,
            "`--fit` is for the report `space`",
            "ask with `report space --fit SIZE`",
        ));
    }
    let now_us = context.clock.now_us();
    let wanted = Wanted {
        labels: args.label.clone(),
        params: Params {
            top_n: args.top_n,
            folder_depth: args.depth,
            recent_days: args.days,
            largest_limit: args.largest,
        },
        fit_bytes: args.fit,
        now_us,
    };
    let source = Source {
        searcher: &Searcher::default(),
        catalog: &catalog,
        cancel: &cancel_on_interrupt(),
    };
    let made = Document::make(source, args.section.subject(), &wanted)?;
    let document = made.ok_or_else(Failure::stopped)?;
    for reason in document.unread() {
        context.warn(&format!("not reported on: {reason}"));
    }
    if let Some(folder) = &args.csv {
        let folder = csv_folder(context, folder.as_deref());
        return written(&document, &folder, args.safe_cells, now_us);
    }
    if args.output.json {
        return print_json(&document);
    }
    match &document {
        Document::Five(bundle) => five(bundle, args.section),
        Document::Media(report) => more::media(report),
        Document::Duplicates(report) => {
            more::duplicates(report);
            more::unhashed(report);
        }
        Document::SingleCopies(report) => more::singles(report),
        Document::Space(report) => more::space(report),
        Document::Changes(report) => more::changes(report),
    }
    Ok(())
}

pub(super) use more::{duplicates, unhashed};

/// Shows one of the five, or all.
fn five(bundle: &Bundle, section: Section) {
    let wanted = |one| section == Section::All || section == one;
    let mut is_first = true;
    for (one, title, show) in SECTIONS {
        if wanted(one) {
            if !is_first {
                table::line(format_args!(""));
            }
            if section == Section::All {
                table::line(format_args!("{title}"));
            }
            is_first = false;
            show(bundle);
        }
    }
}

type Show = fn(&Bundle);

const SECTIONS: [(Section, &str, Show); 5] = [
    (Section::Overview, "Overview", overview),
    (Section::TopExtensions, "Top extensions", top_extensions),
    (Section::LargestFiles, "Largest files", |bundle| {
        files(&bundle.largest_files);
    }),
    (
        Section::HeaviestFolders,
        "Heaviest folders",
        heaviest_folders,
    ),
    (Section::Recent, "Recent changes", recent),
];

fn csv_folder(context: &Context, named: Option<&Path>) -> PathBuf {
    match named {
        Some(folder) => context.environment.absolute(folder),
        None => context.workdir.reports(),
    }
}

/// Writes files that end with the time, and lists them.
fn written(
    document: &Document,
    folder: &Path,
    safe_cells: bool,
    now_us: i64,
) -> Result<(), Failure> {
    let stamp = local_stamp(now_us, &jiff::tz::TimeZone::system());
    let target = Target {
        folder,
        stamp: &stamp,
        safe_cells,
    };
    let written = files::write(document, target).map_err(|error| {
        Failure::new(
            code::EXPORT,
            error.to_string(),
            "choose another folder with `--csv FOLDER`, or free some space",
        )
    })?;
    for path in written {
        table::line(format_args!("{}", printable_path(&path)));
    }
    Ok(())
}

/// Returns a bar for a share of the largest.
fn bar(value: u64, most: u64) -> String {
    let eighths = u128::from(value) * u128::from(BAR) * 8 / u128::from(most.max(1));
    let (full, rest) = (eighths / 8, eighths % 8);
    let end = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let end = end.get(usize::try_from(rest).unwrap_or(0)).unwrap_or(&"");
    "█".repeat(usize::try_from(full).unwrap_or(0)) + end
}

fn overview(bundle: &Bundle) {
    let overview = &bundle.overview;
    let mut rows = vec![vec![
        "Totals".to_owned(),
        table::count(overview.total_files),
        table::size(overview.total_size),
        table::size(overview.average_size),
        String::new(),
    ]];
    rows.extend(overview.categories.iter().map(|entry| {
        vec![
            shown(&entry.category),
            table::count(entry.files),
            table::size(entry.bytes),
            String::new(),
            bar(entry.bytes, overview.total_size),
        ]
    }));
    let headings = [
        ("LABEL", Align::Left),
        ("FILES", Align::Right),
        ("SIZE", Align::Right),
        ("AVERAGE", Align::Right),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
}

fn top_extensions(bundle: &Bundle) {
    let entries = &bundle.top_extensions.entries;
    let most = entries.iter().map(|entry| entry.bytes).max().unwrap_or(0);
    let rank = |rank: Option<u64>| rank.map_or_else(|| "—".to_owned(), table::count);
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let name = match entry.extension.as_str() {
                "" => "(none)".to_owned(),
                name => shown(name),
            };
            vec![
                name,
                table::count(entry.files),
                table::size(entry.bytes),
                rank(entry.rank_count),
                rank(entry.rank_size),
                bar(entry.bytes, most),
            ]
        })
        .collect();
    let headings = [
        ("EXTENSION", Align::Left),
        ("FILES", Align::Right),
        ("SIZE", Align::Right),
        ("BY COUNT", Align::Right),
        ("BY SIZE", Align::Right),
        ("", Align::Left),
    ];
    table::print(&headings, &rows);
}

fn heaviest_folders(bundle: &Bundle) {
    let folders = &bundle.heaviest_folders;
    let most = folders.first().map_or(0, |entry| entry.bytes);
    let rows: Vec<Vec<String>> = folders
        .iter()
        .map(|entry| {
            vec![
                table::count(entry.files),
                table::size(entry.bytes),
                bar(entry.bytes, most),
                shown(&entry.folder),
            ]
        })
        .collect();
    let headings = [
        ("FILES", Align::Right),
        ("SIZE", Align::Right),
        ("", Align::Left),
        ("FOLDER", Align::Left),
    ];
    table::print(&headings, &rows);
}

fn recent(bundle: &Bundle) {
    let changes = &bundle.recent_changes;
    files(&changes.rows);
    let days = bundle.params.recent_days;
    eprintln!(
        "{} files were written to in the last {days} days",
        table::count(changes.total)
    );
}

fn files(entries: &[FileEntry]) {
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|file| {
            vec![
                file.size_bytes
                    .map_or_else(|| "?".into(), |bytes| table::size(bytes.unsigned_abs())),
                file.mtime_utc.clone().unwrap_or_default(),
                shown(&file.category),
                shown(&file.path),
            ]
        })
        .collect();
    let headings = [
        ("SIZE", Align::Right),
        ("MODIFIED", Align::Left),
        ("CATEGORY", Align::Left),
        ("PATH", Align::Left),
    ];
    table::print(&headings, &rows);
}
