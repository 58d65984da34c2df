//! Which databases are meant: the catalogue, shards by label, or a file.

use std::path::{Path, PathBuf};

use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::environment::Environment;
use crate::path::display::{printable, printable_path};
use crate::path::label::shard_stem;
use crate::workdir::WorkingDir;

/// A database to look after.
#[derive(Clone, Debug)]
pub struct Target {
    /// What it is called: `Catalog`, `Shard LABEL`, or the file that was named.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Catalog {
        /// Where the shards are: their locks keep the catalogue too.
        shards: Vec<PathBuf>,
    },
    Shard {
        /// Its row, if the catalogue can be read and has one.
        drive: Option<Box<Drive>>,
    },
    File,
}

impl Target {
    /// Returns the drive's identity, if it is a shard and that is known.
    pub fn drive_uid(&self) -> Option<&str> {
        self.drive().map(|drive| drive.drive_uid.as_str())
    }

    /// Returns the drive's label, if it is a shard and that is known.
    pub fn drive_label(&self) -> Option<&str> {
        self.drive().map(|drive| drive.label.as_str())
    }

    pub(super) fn drive(&self) -> Option<&Drive> {
        match &self.kind {
            Kind::Shard { drive } => drive.as_deref(),
            Kind::Catalog { .. } | Kind::File => None,
        }
    }

    /// The part of its backups' names that says whose they are.
    pub(super) fn stem(&self) -> String {
        shard_stem(&self.path.file_stem().unwrap_or_default().to_string_lossy())
    }

    fn shard(path: PathBuf, drive: Drive) -> Self {
        Self {
            name: format!("Shard {}", printable(drive.label.as_bytes())),
            path,
            kind: Kind::Shard {
                drive: Some(Box::new(drive)),
            },
        }
    }

    /// A shard that the catalogue does not know, or that nobody can ask it for.
    fn stray(path: PathBuf) -> Self {
        let stem = path.file_stem().unwrap_or_default();
        Self {
            name: format!("Shard {}", printable_path(Path::new(stem))),
            path,
            kind: Kind::Shard { drive: None },
        }
    }
}

/// Where databases may be.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The working directory.
    pub workdir: &'a WorkingDir,
    /// The catalogue.
    pub catalog_db: &'a Path,
    /// What relative paths are relative to.
    pub environment: &'a Environment,
}

/// The text names no database.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no database to look after", printable(text.as_bytes()))]
pub struct TargetError {
    text: String,
    known: Vec<String>,
}

impl TargetError {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        let words = "`catalog`, `all-shards`, `all`, `shard:LABEL`, or the path of a database";
        if self.known.is_empty() {
            return words.into();
        }
        format!("{words}; known drives: {}", self.known.join(", "))
    }
}

/// Returns the databases that `text` names: `catalog`, `all-shards`, `all` (what models learnt too), `shard:LABEL`, a label, or
/// a file that is there. `all-shards` of a catalogue without drives are none. A catalogue that cannot be read is no obstacle: shards
/// are then those in their folder.
///
/// # Errors
/// When it names nothing that is known.
pub fn resolve(text: &str, places: &Places<'_>) -> Result<Vec<Target>, TargetError> {
    let shards = shards(places);
    let catalog = || Target {
        name: "Catalog".into(),
        path: places.catalog_db.to_path_buf(),
        kind: Kind::Catalog {
            shards: shards.iter().map(|shard| shard.path.clone()).collect(),
        },
    };
    match text {
        "catalog" | "catalog.db" => return Ok(vec![catalog()]),
        "all-shards" => return Ok(shards),
        "all" => {
            let known = std::iter::once(catalog()).chain(shards);
            return Ok(known.chain(learnt(places)).collect());
        }
        _ => {}
    }
    let label = text.strip_prefix("shard:").unwrap_or(text);
    let labelled = shards
        .iter()
        .find(|shard| shard.drive().is_some_and(|drive| drive.label == label));
    if let Some(shard) = labelled {
        return Ok(vec![shard.clone()]);
    }
    let file = places.environment.absolute(Path::new(text));
    if label == text && file.is_file() {
        return Ok(vec![of_file(file, catalog(), &shards)]);
    }
    let stem = shard_stem(label);
    let stray = shards.iter().find(|shard| {
        shard.drive().is_none()
            && shard
                .path
                .file_stem()
                .is_some_and(|name| name == stem.as_str())
    });
    if let (Some(shard), false) = (stray, label.trim().is_empty()) {
        return Ok(vec![shard.clone()]);
    }
    Err(TargetError {
        text: text.to_owned(),
        known: shards
            .iter()
            .filter_map(Target::drive)
            .map(|drive| printable(drive.label.as_bytes()).into_owned())
            .collect(),
    })
}

/// A file that is one of the known databases is that one, with its locks.
fn of_file(file: PathBuf, catalog: Target, shards: &[Target]) -> Target {
    let is_it = |known: &Path| match (known.canonicalize(), file.canonicalize()) {
        (Ok(known), Ok(file)) => known == file,
        _ => false,
    };
    if is_it(&catalog.path) {
        return catalog;
    }
    if let Some(shard) = shards.iter().find(|shard| is_it(&shard.path)) {
        return shard.clone();
    }
    Target {
        name: printable_path(&file),
        path: file,
        kind: Kind::File,
    }
}

/// What models learnt, as far as there is any: it took long, and cannot be made again while a drive is away.
fn learnt(places: &Places<'_>) -> impl Iterator<Item = Target> {
    let (transcripts, frames) = (places.workdir.transcripts_db(), places.workdir.frames_db());
    [("Transcripts", transcripts), ("Frames", frames)]
        .into_iter()
        .filter(|(_, path)| path.is_file())
        .map(|(name, path)| Target {
            name: name.into(),
            path,
            kind: Kind::File,
        })
}

/// Every drive's shard that was ever made, then files in the shards' folder that the catalogue does not know.
fn shards(places: &Places<'_>) -> Vec<Target> {
    let mut shards = Vec::new();
    if let Ok(catalog) = Catalog::open_read_only(places.workdir, Some(places.catalog_db)) {
        for drive in catalog.drives().unwrap_or_default() {
            let path = catalog.shard_path(&drive);
            if path.exists() || drive.scanned_at.is_some() {
                shards.push(Target::shard(path, drive));
            }
        }
    }
    let mut strays: Vec<PathBuf> = std::fs::read_dir(places.workdir.shards())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "db") && path.is_file())
        .filter(|path| shards.iter().all(|shard: &Target| shard.path != *path))
        .collect();
    strays.sort();
    shards.extend(strays.into_iter().map(Target::stray));
    shards
}
