//! The five documented reports of a drive.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::report::{self, FileEntry};

use super::page::limit;
use super::stats::sums;
use crate::answer::Answer;
use crate::drives::{DriveOnly, OfDrive};
use crate::parameters::{Asked, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;

/// Entries of a report unless a request says how many.
const ENTRIES: usize = 20;

/// The same of the largest files.
const LARGEST: usize = 100;

/// A drive, and how long the list is.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Top<const DEFAULT: usize> {
    /// The drive.
    drive_label: String,
    /// Entries; at most the largest page.
    #[param(required = false, minimum = 1)]
    limit: usize,
}

impl<const DEFAULT: usize> Read for Top<DEFAULT> {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            limit: limit(query, api, DEFAULT),
        }
    }
}

impl<const DEFAULT: usize> OfDrive for Top<DEFAULT> {
    fn drive_label(&self) -> &str {
        &self.drive_label
    }
}

/// How folders are added up.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Folders {
    /// The drive.
    drive_label: String,
    /// Names below the drive's root; 0: every folder by itself.
    #[param(required = false, minimum = 0, default = 2)]
    depth: usize,
    /// Entries; at most the largest page.
    #[param(required = false, minimum = 1, default = 20)]
    limit: usize,
}

impl Read for Folders {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            depth: query.number("depth", 2, 0),
            limit: limit(query, api, ENTRIES),
        }
    }
}

impl OfDrive for Folders {
    fn drive_label(&self) -> &str {
        &self.drive_label
    }
}

/// How far back.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// The drive.
    drive_label: String,
    /// Days back from now.
    #[param(required = false, value_type = usize, minimum = 0, default = 30)]
    days: u32,
    /// Entries; at most the largest page.
    #[param(required = false, minimum = 1, default = 20)]
    limit: usize,
}

impl Read for Since {
    fn read(query: &mut Parameters, api: &Api) -> Self {
        let days = query.number("days", 30, 0);
        Self {
            drive_label: query.required_text("drive_label"),
            days: u32::try_from(days).unwrap_or(u32::MAX),
            limit: limit(query, api, ENTRIES),
        }
    }
}

/// Totals of a drive.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    drive_label: String,
    total_files: u64,
    /// Bytes.
    total_size: u64,
    /// Bytes a file, rounded down.
    average_size: u64,
    /// Where the counts are from.
    source: &'static str,
    /// The one with most files first.
    categories: Vec<CategoryEntry>,
}

/// A category.
#[derive(Serialize, ToSchema)]
struct CategoryEntry {
    category: String,
    files: u64,
    bytes: u64,
}

/// Extensions in front by count or by bytes.
#[derive(Serialize, ToSchema)]
pub(crate) struct TopExtensions {
    drive_label: String,
    limit: usize,
    /// Up to twice as many as the limit.
    entries: Vec<ExtensionEntry>,
}

/// An extension.
#[derive(Serialize, ToSchema)]
struct ExtensionEntry {
    /// With its dot; empty: none.
    extension: String,
    files: u64,
    bytes: u64,
    /// Place by count, if among the first.
    rank_count: Option<u64>,
    /// Place by bytes, if among the first.
    rank_size: Option<u64>,
}

/// A file of a report.
#[derive(Serialize, ToSchema)]
struct ReportFile {
    /// Absolute, at the drive's last mount.
    path: String,
    /// Relative to the drive's root.
    rel_path: String,
    size_bytes: Option<i64>,
    mtime_utc: Option<String>,
    category: String,
}

impl From<FileEntry> for ReportFile {
    fn from(file: FileEntry) -> Self {
        Self {
            path: file.path,
            rel_path: file.rel_path,
            size_bytes: file.size_bytes,
            mtime_utc: file.mtime_utc,
            category: file.category,
        }
    }
}

/// The largest files.
#[derive(Serialize, ToSchema)]
pub(crate) struct LargestFiles {
    drive_label: String,
    limit: usize,
    results: Vec<ReportFile>,
}

/// The folders with most bytes.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeaviestFolders {
    drive_label: String,
    depth: usize,
    limit: usize,
    results: Vec<FolderEntry>,
}

/// A folder, with what lies below it from the depth on.
#[derive(Serialize, ToSchema)]
struct FolderEntry {
    /// Absolute, at the drive's last mount.
    folder: String,
    files: u64,
    bytes: u64,
}

/// Files that were written to of late.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recent {
    drive_label: String,
    days: u32,
    limit: usize,
    /// How many there are in all.
    total: u64,
    results: Vec<ReportFile>,
}

/// Adds up a drive and each category
#[utoipa::path(get, path = "/v1/reports/overview", params(DriveOnly), responses((status = 200, body = Overview)))]
pub(crate) async fn overview(
    State(api): State<Api>,
    asked: Asked<DriveOnly>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, _| {
        let overview = report::overview(&[sums(work, drive)?]);
        let categories = overview.categories.into_iter().map(|entry| CategoryEntry {
            category: entry.category,
            files: entry.files,
            bytes: entry.bytes,
        });
        Ok(Overview {
            drive_label: drive.label.clone(),
            total_files: overview.total_files,
            total_size: overview.total_size,
            average_size: overview.average_size,
            source: overview.source,
            categories: categories.collect(),
        })
    })
    .await
}

/// Lists the extensions with most files and with most bytes
#[utoipa::path(get, path = "/v1/reports/top-extensions", params(Top<ENTRIES>), responses((status = 200, body = TopExtensions)))]
pub(crate) async fn top_extensions(
    State(api): State<Api>,
    asked: Asked<Top<ENTRIES>>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, &Top { limit, .. }| {
        let top = report::top_extensions(&[sums(work, drive)?], limit);
        let entries = top.entries.into_iter().map(|entry| ExtensionEntry {
            extension: entry.extension,
            files: entry.files,
            bytes: entry.bytes,
            rank_count: entry.rank_count,
            rank_size: entry.rank_size,
        });
        Ok(TopExtensions {
            drive_label: drive.label.clone(),
            limit,
            entries: entries.collect(),
        })
    })
    .await
}

/// Lists the largest files
#[utoipa::path(get, path = "/v1/reports/largest-files", params(Top<LARGEST>), responses((status = 200, body = LargestFiles)))]
pub(crate) async fn largest_files(
    State(api): State<Api>,
    asked: Asked<Top<LARGEST>>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, &Top { limit, .. }| {
        let drives = std::slice::from_ref(drive);
        let files = report::largest_files(work.source(), drives, limit)
            .map_err(|reasons| unread(&reasons))?;
        Ok(LargestFiles {
            drive_label: drive.label.clone(),
            limit,
            results: files.into_iter().map(ReportFile::from).collect(),
        })
    })
    .await
}

/// Lists the folders with most bytes
#[utoipa::path(get, path = "/v1/reports/heaviest-folders", params(Folders), responses((status = 200, body = HeaviestFolders)))]
pub(crate) async fn heaviest_folders(
    State(api): State<Api>,
    asked: Asked<Folders>,
) -> Result<Answer, Problem> {
    api.of_drive(asked, |work, drive, &Folders { depth, limit, .. }| {
        let drives = std::slice::from_ref(drive);
        let folders = report::heaviest_folders(drives, &[sums(work, drive)?], depth, limit);
        let results = folders.into_iter().map(|entry| FolderEntry {
            folder: entry.folder,
            files: entry.files,
            bytes: entry.bytes,
        });
        Ok(HeaviestFolders {
            drive_label: drive.label.clone(),
            depth,
            limit,
            results: results.collect(),
        })
    })
    .await
}

/// Lists the files that were written to of late, the newest first
#[utoipa::path(get, path = "/v1/reports/recent", params(Since), responses((status = 200, body = Recent)))]
pub(crate) async fn recent(State(api): State<Api>, asked: Asked<Since>) -> Result<Answer, Problem> {
    // What is recent changes by itself, so that the drive's version says too little.
    api.of_all(
        asked,
        |work,
         &Since {
             ref drive_label,
             days,
             limit,
         }| {
            let drive = work.catalog.drive(drive_label)?;
            work.readable(&drive)?;
            let now_us = work.api.config.clock.now_us();
            let drives = std::slice::from_ref(&drive);
            let changes = report::recent_changes(work.source(), drives, now_us, days, limit);
            let changes = changes.map_err(|reasons| unread(&reasons))?;
            Ok(Recent {
                drive_label: drive.label.clone(),
                days,
                limit,
                total: changes.total,
                results: changes.rows.into_iter().map(ReportFile::from).collect(),
            })
        },
    )
    .await
}

fn unread(reasons: &[String]) -> Problem {
    Problem::internal(reasons.join("; "))
}
