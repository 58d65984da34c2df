//! Drives, searching and details from the catalogue.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;

use image::{ImageFormat, ImageReader, Limits};
use videocatalog_core::cancel::CancelToken;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::export::Wanted;
use videocatalog_core::catalog::health;
use videocatalog_core::catalog::pictures::Pictures;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::export;
use videocatalog_core::human;
use videocatalog_core::info::{self, Info, InfoError};
use videocatalog_core::media::pictures::{Picture, PictureKind};
use videocatalog_core::online::OnlineState;
use videocatalog_core::search::{Hit, Order, Request, query, shown};
use videocatalog_core::semantic::Mode;
use videocatalog_core::tools::desktop::{self, ShowError};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::browse::{
    Asked, Bitmap, Browse, Details, DriveLine, ExportWanted, Exported, How, Page,
};
use crate::job::Running;

/// Pixels of the longer side of what is decoded; what the program itself keeps is far smaller.
const MOST_PIXELS: u32 = 4_096;

/// Other copies of a file that are told of.
const MOST_COPIES: usize = 20;

/// What shows a file in a small tile, the best first.
const SMALL: [PictureKind; 3] = [
    PictureKind::Poster,
    PictureKind::Thumbnail,
    PictureKind::Cover,
];

/// Returns the drives by label.
pub(super) fn drive_lines(catalog: &Catalog) -> Result<Vec<DriveLine>, Trouble> {
    let drives = catalog.drives()?;
    let online = OnlineState::default();
    // All at once: a share that does not answer takes seconds.
    std::thread::scope(|scope| {
        for drive in &drives {
            let online = &online;
            scope.spawn(move || online.is_online(drive));
        }
    });
    let line = |drive: Drive| DriveLine {
        is_online: online.is_online(&drive),
        health: bad_health(catalog, &drive),
        drive,
    };
    Ok(drives.into_iter().map(line).collect())
}

fn bad_health(catalog: &Catalog, drive: &Drive) -> Option<String> {
    let entries = health::latest(catalog.connection(), &drive.drive_uid).ok()?;
    let bad = entries
        .into_iter()
        .find(|entry| matches!(entry.status.as_str(), "Warning" | "Failing"))?;
    Some(format!("{}: {}", bad.status, bad.reasons.join(", ")))
}

impl Browse for CoreBackend {
    fn drives(&self) -> Result<Vec<DriveLine>, Trouble> {
        drive_lines(&self.reading()?)
    }

    fn search(&self, asked: &Asked, cancel: &CancelToken) -> Result<Page, Trouble> {
        match &asked.how {
            How::Words => {}
            How::Meaning => return self.meant(asked, Mode::Ann, cancel),
            How::Both => return self.meant(asked, Mode::Hybrid, cancel),
            How::Like(like) => return self.alike(asked, like, cancel),
        }
        let began = Instant::now();
        let query = self.understood(&asked.text)?;
        let catalog = self.reading()?;
        let drives = catalog.select(&asked.labels)?;
        let request = Request {
            query: &query,
            order: asked.order,
            offset: asked.offset,
            limit: asked.limit,
        };
        let online = OnlineState::default();
        let is_online = |drive: &Drive| online.is_online(drive);
        let found = self
            .searcher
            .run(&catalog, &drives, &request, &is_online, cancel);
        Ok(Page {
            total: found.total_matched,
            hits: found.results,
            unsearched: found.unsearched,
            fits: Vec::new(),
            notes: Vec::new(),
            elapsed_ms: began.elapsed().as_secs_f64() * 1_000.0,
        })
    }

    fn details(&self, hit: &Hit) -> Result<Details, Trouble> {
        let catalog = self.reading()?;
        let drive = catalog.drive(&hit.drive_label)?;
        let info = info::of(&catalog, &drive, &hit.relative(), &[])?;
        let is_online = OnlineState::default().is_online(&drive);
        let mut facts = info.lines(&drive, is_online);
        facts.extend(self.copies(&info)?.into_iter().map(|copy| ("copy", copy)));
        Ok(Details {
            facts,
            said: info.said().lines().map(str::to_owned).collect(),
            picture: picture(&catalog, &drive, &info),
        })
    }

    fn thumbnails(&self, hits: &[Hit], cancel: &CancelToken) -> Vec<Option<Bitmap>> {
        let Ok(catalog) = self.reading() else {
            return vec![None; hits.len()];
        };
        let mut open: HashMap<&str, Option<Pictures>> = HashMap::new();
        hits.iter()
            .map(|hit| {
                if cancel.is_cancelled() {
                    return None;
                }
                let pictures = open.entry(&hit.drive_label).or_insert_with(|| {
                    let drive = catalog.drive(&hit.drive_label).ok()?;
                    Pictures::open_to_read(&catalog.shard_path(&drive), &drive.drive_uid)
                });
                let pictures = pictures.as_ref()?.of(hit.file_id).ok()?;
                best(&pictures, &SMALL)
            })
            .collect()
    }

    fn export(&self, wanted: &ExportWanted, running: &Running) -> Result<Exported, Trouble> {
        let home = self.home();
        let catalog = self.reading()?;
        let drives = catalog.select(&wanted.labels)?;
        let mut missing = Vec::new();
        let only = match &wanted.query {
            None => None,
            Some(text) => {
                let query = self.understood(text)?;
                let (only, unsearched) =
                    export::found_by(&self.searcher, &catalog, &drives, &query, &running.cancel);
                missing.extend(unsearched);
                Some(only)
            }
        };
        let request = export::Request {
            wanted: Wanted {
                include_deleted: wanted.include_deleted,
                av_only: wanted.av_only,
                since_us: None,
            },
            only: only.as_deref(),
            safe_cells: wanted.safe_cells,
            ..export::Request::new(wanted.format)
        };
        let label = wanted.labels.first().filter(|_| drives.len() == 1);
        let extension = wanted.format.extension();
        let target = export::Target::File {
            named: None,
            folder: self.exports_folder()?,
            name: export::default_name(label.map(String::as_str), extension, home.clock.now_us()),
        };
        let mut tell = |progress: &export::Progress| {
            let (files, rate) = (human::files(progress.rows), progress.rate());
            running.tell(format!("{files}, {rate:.0}/s"), None);
        };
        let summary = export::run(
            &catalog,
            &drives,
            &request,
            target,
            &running.cancel,
            &mut tell,
        )
        .map_err(|error| Trouble::new(&error, error.hint()))?;
        let failed = summary.failed.iter();
        missing.extend(failed.map(|drive| format!("`{}`: {}", drive.label, drive.reason)));
        Ok(Exported {
            path: summary.path.unwrap_or_default(),
            rows: summary.progress.rows,
            missing,
        })
    }

    fn exports_folder(&self) -> Result<PathBuf, Trouble> {
        let home = self.home();
        home.workdir
            .create_layout()
            .map_err(|error| Trouble::new(error, "choose another working directory"))?;
        Ok(home.workdir.exports())
    }

    fn reveal(&self, path: &Path) -> Result<(), Trouble> {
        let home = self.home();
        desktop::show(path, &home.environment).map_err(|error| {
            let hint = match &error {
                ShowError::Gone { path } => self.whereabouts(path),
                ShowError::NoManager { .. } | ShowError::Start(_) => {
                    "copy the path instead".to_owned()
                }
            };
            Trouble::new(error, hint)
        })
    }
}

impl CoreBackend {
    /// Returns where else the same content is, a line each.
    fn copies(&self, info: &Info) -> Result<Vec<String>, Trouble> {
        let Some(hash) = &info.hash_blake3 else {
            return Ok(Vec::new());
        };
        let asked = Asked {
            text: format!("hash:{hash}"),
            how: How::Words,
            labels: Vec::new(),
            order: Order::Path,
            offset: 0,
            limit: MOST_COPIES,
        };
        let page = self.search(&asked, &CancelToken::new())?;
        let is_other =
            |hit: &&Hit| (&hit.drive_label, &hit.path) != (&info.drive_label, &info.path);
        let line = |hit: &Hit| format!("{}: {}", hit.drive_label, hit.path);
        Ok(page.hits.iter().filter(is_other).map(line).collect())
    }

    fn understood(&self, text: &str) -> Result<query::Query, Trouble> {
        let when = query::Context::new(self.home().clock.now_us(), jiff::tz::TimeZone::system);
        query::parse(text, &when).map_err(|error| Trouble::new(&error, error.hint.clone()))
    }

    /// Returns where something that is not there may be: on which drive, and on which shelf that lies.
    fn whereabouts(&self, path: &Path) -> String {
        let lines = self.drives().unwrap_or_default();
        let of_path = lines
            .iter()
            .filter(|line| path.starts_with(&line.drive.mount_path))
            .max_by_key(|line| line.drive.mount_path.len());
        match of_path {
            Some(line) if !line.is_online => {
                let label = shown(&line.drive.label);
                let notes = line.drive.notes.as_deref().map(shown).unwrap_or_default();
                let shelf = if notes.is_empty() {
                    String::new()
                } else {
                    format!(" ({notes})")
                };
                format!("plug in the drive `{label}`{shelf}")
            }
            Some(_) => "it was moved or deleted since the last scan: scan its drive again".into(),
            None => "look whether it was moved".into(),
        }
    }
}

/// Returns what shows most of a file.
pub(super) fn picture(catalog: &Catalog, drive: &Drive, info: &Info) -> Option<Bitmap> {
    best(
        &info::pictures(catalog, drive, info).ok()?,
        &PictureKind::ALL,
    )
}

/// Returns the first of these kinds that there is; a picture that cannot be decoded is none.
fn best(pictures: &[Picture], kinds: &[PictureKind]) -> Option<Bitmap> {
    let best = kinds
        .iter()
        .find_map(|kind| pictures.iter().find(|picture| picture.kind == *kind))?;
    let mut reader = ImageReader::with_format(Cursor::new(&best.webp), ImageFormat::WebP);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    reader.limits(limits);
    let decoded = reader.decode().ok()?.into_rgba8();
    let (width, height) = decoded.dimensions();
    Some(Bitmap {
        size: [width as usize, height as usize],
        rgba: decoded.into_raw(),
    })
}

impl From<InfoError> for Trouble {
    fn from(error: InfoError) -> Self {
        match error {
            InfoError::Store(error) => error.into(),
            InfoError::Unknown { .. } => Self::new(error, "search again: it may have moved"),
        }
    }
}
