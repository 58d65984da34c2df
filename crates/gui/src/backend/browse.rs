//! Drives, searching, and what is known of one file.

use std::path::{Path, PathBuf};

use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::export::Format;
use videocatalog_core::path::RelPath;
use videocatalog_core::search::{Hit, Order};

use super::Trouble;
use crate::job::Running;

/// A drive, and whether it is there.
#[derive(Clone, Debug)]
pub struct DriveLine {
    /// What the catalogue knows of it.
    pub drive: Drive,
    /// Whether it is plugged in.
    pub is_online: bool,
    /// What the disks below it say of themselves, if that is a reason to act.
    pub health: Option<String>,
}

/// How it is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// Every word is in the path, and every condition holds.
    #[default]
    Words,
    /// By what is meant.
    Meaning,
    /// By what is meant, and by words in what is known of a file and said in it.
    Both,
    /// Not by the query: by what looks like a file.
    Like(Likeness),
}

/// The file that others are to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Its drive.
    pub drive_label: String,
    /// Its path below the drive's root.
    pub path: RelPath,
    /// Its name.
    pub name: String,
}

/// A page of results that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The query as typed.
    pub text: String,
    /// How it is searched; all but by words knows the best alone, and no other order.
    pub how: How,
    /// Drives to search by their labels; none: all.
    pub labels: Vec<String>,
    /// Which come first.
    pub order: Order,
    /// How many are left out before the first.
    pub offset: usize,
    /// How many are wanted.
    pub limit: usize,
}

/// A page of results.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// How many files match.
    pub total: u64,
    /// The files from the offset that was asked for.
    pub hits: Vec<Hit>,
    /// How well each fits, where it was not searched by words.
    pub fits: Vec<Fit>,
    /// Drives that could not be searched, and why.
    pub unsearched: Vec<String>,
    /// What is to be known of the answer.
    pub notes: Vec<String>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
}

/// How well a file fits, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// 0 to 1.
    pub score: f64,
    /// Why it was found, with a piece of the text that fits.
    pub why: String,
}

/// A picture ready to be shown.
#[derive(Clone, Debug)]
pub struct Bitmap {
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Red, green, blue and alpha, row by row.
    pub rgba: Vec<u8>,
}

impl Bitmap {
    /// Gives it to what draws.
    pub(crate) fn texture(&self, context: &Context) -> TextureHandle {
        let image = ColorImage::from_rgba_unmultiplied(self.size, &self.rgba);
        context.load_texture("picture", image, TextureOptions::LINEAR)
    }
}

/// What is told of one file.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// What and how much, in the order to be shown.
    pub facts: Vec<(&'static str, String)>,
    /// What is said in it, a line each, with the time.
    pub said: Vec<String>,
    /// Its contact sheet, or its poster.
    pub picture: Option<Bitmap>,
}

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct ExportWanted {
    /// The form of the file.
    pub format: Format,
    /// Only what this query finds.
    pub query: Option<String>,
    /// Drives by their labels; none: all.
    pub labels: Vec<String>,
    /// Files that are gone too.
    pub include_deleted: bool,
    /// Audio and video only.
    pub av_only: bool,
    /// In CSV, a `'` before texts that a spreadsheet would take for a formula.
    pub safe_cells: bool,
}

/// What was exported.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// Files in it.
    pub rows: u64,
    /// Drives that are missing in it, or not whole, and why.
    pub missing: Vec<String>,
}

/// Looking for files.
pub trait Browse {
    /// Returns the drives by label.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn drives(&self) -> Result<Vec<DriveLine>, Trouble>;

    /// Searches.
    ///
    /// # Errors
    /// When the query means nothing, or the catalogue cannot be read.
    fn search(&self, asked: &Asked, cancel: &CancelToken) -> Result<Page, Trouble>;

    /// Returns what is known of a file.
    ///
    /// # Errors
    /// When its drive's shard cannot be read, or it is there no longer.
    fn details(&self, hit: &Hit) -> Result<Details, Trouble>;

    /// Returns a small picture of each of these files; `None`: there is none.
    fn thumbnails(&self, hits: &[Hit], cancel: &CancelToken) -> Vec<Option<Bitmap>>;

    /// Writes what a search finds, or whole drives, into a file among the exports.
    ///
    /// # Errors
    /// When the query means nothing, nothing can be written, or it is stopped.
    fn export(&self, wanted: &ExportWanted, running: &Running) -> Result<Exported, Trouble>;

    /// Returns the folder of the exports, which is made if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    fn exports_folder(&self) -> Result<PathBuf, Trouble>;

    /// Opens a folder, or a file's folder with the file marked, in the system's file manager.
    ///
    /// # Errors
    /// When it is not there, or there is no file manager.
    fn reveal(&self, path: &Path) -> Result<(), Trouble>;
}
