//! An index and what changed since: together they are the shard as it stands.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use super::super::sums::KeptSums;
use super::view::{Index, IndexError};
use super::writer::Writer;
use crate::catalog::indexing;
use crate::catalog::shard::{self, Root};

/// How far an index may be behind: reading a changed file from the shard takes some microseconds, for every process that
/// searches; making the index anew takes one for each file there is, once.
#[derive(Clone, Copy)]
struct Slack {
    /// Up to this many changed files the index is added to,
    files: i64,
    /// or one in so many of all.
    share: i64,
}

/// For who wants an answer now.
const SEARCHING: Slack = Slack {
    files: 10_000,
    share: 50,
};

/// For a scan that is done, and took longer than making the index does.
const SCANNED: Slack = Slack {
    files: 500,
    share: 2_000,
};

/// How much is written at once.
const BUFFER_BYTES: usize = 1 << 20;

/// Why an index could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The shard cannot be read.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What was written cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// One drive's files as they stood at one batch.
#[derive(Debug)]
pub struct Snapshot {
    /// The shard's own row.
    pub(crate) root: Root,
    /// When the last batch was: a shard that was restored may come to the same number another way.
    change_utc: Option<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) sums: KeptSums,
}

/// An index, less the rows that others took the place of.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) index: Arc<Index>,
    /// For each block the bits of the files that no longer count; empty where all do.
    masked: Vec<Vec<u64>>,
}

impl Part {
    fn whole(index: Arc<Index>) -> Self {
        let masked = vec![Vec::new(); index.blocks()];
        Self { index, masked }
    }

    fn mask(&mut self, id: i64) {
        let Some((block, place)) = self.index.find(id) else {
            return;
        };
        let files = self.index.block(block).map_or(0, |block| block.files);
        if let Some(words) = self.masked.get_mut(block) {
            words.resize(files.div_ceil(64), 0);
            if let Some(word) = words.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
    }

    /// Returns the bits of a block's files that no longer count; empty where all do.
    pub(crate) fn masked(&self, block: usize) -> &[u64] {
        self.masked.get(block).map_or(&[], Vec::as_slice)
    }
}

/// Returns where the index of a shard lies.
pub fn path_of(shard_path: &Path) -> PathBuf {
    shard_path.with_extension("index")
}

impl Snapshot {
    /// Returns the drive's files as the shard has them now. `known` is a snapshot of before, taken again if nothing
    /// changed. An index that is missing, unusable or too far behind is made; where it cannot be written it is made in
    /// memory.
    ///
    /// # Errors
    /// When the shard cannot be read.
    pub fn take(
        connection: &Connection,
        shard_path: &Path,
        known: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, BuildError> {
        // One transaction, so that all of it is of one moment while a scan goes on writing.
        let transaction = connection.unchecked_transaction()?;
        let Some(root) = shard::root(&transaction)? else {
            return Ok(Arc::new(Self::empty()));
        };
        let change_utc = shard::change_utc(&transaction, root.change_id)?;
        if let Some(known) = known
            && (&known.root, &known.change_utc) == (&root, &change_utc)
        {
            return Ok(Arc::clone(known));
        }
        let path = path_of(shard_path);
        let before = known
            .and_then(|known| known.parts.first())
            .map(|part| Arc::clone(&part.index))
            .filter(|index| follows(&transaction, &root, index))
            .or_else(|| usable(&transaction, &root, &path));
        let index = match before {
            Some(index) if !is_behind(&transaction, &index, SEARCHING)? => index,
            _ => Arc::new(made(&transaction, &root, &path)?),
        };
        let (since, _) = index.change();
        let mut snapshot = Self {
            parts: vec![Part::whole(index)],
            root,
            change_utc,
            sums: KeptSums::default(),
        };
        if since < snapshot.root.change_id {
            snapshot.add_changes(&transaction, since)?;
        }
        Ok(Arc::new(snapshot))
    }

    fn empty() -> Self {
        Self {
            root: Root {
                drive_uid: String::new(),
                drive_label: String::new(),
                mount_path: Vec::new(),
                separator: '/',
                change_id: 0,
            },
            change_utc: None,
            parts: Vec::new(),
            sums: KeptSums::default(),
        }
    }

    fn add_changes(&mut self, connection: &Connection, since: i64) -> Result<(), BuildError> {
        let mut writer = writer(connection, Vec::new(), &self.root)?;
        for (id, path) in indexing::changed_folders(connection, since)? {
            writer.folder(id, &path);
        }
        let Some(main) = self.parts.first_mut() else {
            return Ok(());
        };
        indexing::each_file(connection, Some(since), |row| {
            main.mask(row.id);
            writer.file(row).map_err(BuildError::from)
        })?;
        for id in indexing::removed(connection, since)? {
            main.mask(id);
        }
        let changes = Index::of_bytes(&writer.end()?)?;
        if !changes.is_empty() {
            self.parts.push(Part::whole(Arc::new(changes)));
        }
        Ok(())
    }
}

/// Makes a new index if there is none that can be used, or if it is far behind; returns whether it did.
///
/// # Errors
/// When the shard cannot be read or the file not written.
pub fn refresh(connection: &Connection, shard_path: &Path) -> Result<bool, BuildError> {
    let transaction = connection.unchecked_transaction()?;
    let Some(root) = shard::root(&transaction)? else {
        return Ok(false);
    };
    let path = path_of(shard_path);
    if let Some(index) = usable(&transaction, &root, &path)
        && !is_behind(&transaction, &index, SCANNED)?
    {
        return Ok(false);
    }
    write(&transaction, &root, &path).map(|()| true)
}

fn usable(connection: &Connection, root: &Root, path: &Path) -> Option<Arc<Index>> {
    let index = Index::open(path).ok()?;
    follows(connection, root, &index).then(|| Arc::new(index))
}

/// Whether the shard went on from where the index was made. A shard that was restored from a backup may have gone another
/// way since: then the batch is another one, or none.
fn follows(connection: &Connection, root: &Root, index: &Index) -> bool {
    let (change, utc) = index.change();
    index.drive_uid() == root.drive_uid
        && change <= root.change_id
        && shard::change_utc(connection, change).is_ok_and(|found| found.unwrap_or_default() == utc)
}

fn is_behind(connection: &Connection, index: &Index, slack: Slack) -> rusqlite::Result<bool> {
    let files = i64::try_from(index.len()).unwrap_or(i64::MAX);
    let most = slack.files.max(files / slack.share);
    Ok(indexing::count_changed(connection, index.change().0, most + 1)? > most)
}

/// Makes an index, in its file if it can be written.
fn made(connection: &Connection, root: &Root, path: &Path) -> Result<Index, BuildError> {
    match write(connection, root, path) {
        Ok(()) => Ok(Index::open(path)?),
        Err(BuildError::Sqlite(error)) => Err(error.into()),
        // A working directory that may only be read, or a full disk: it serves this process alone.
        Err(_) => Ok(Index::of_bytes(&fill(
            connection,
            writer(connection, Vec::new(), root)?,
        )?)?),
    }
}

fn write(connection: &Connection, root: &Root, path: &Path) -> Result<(), BuildError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".index-")
        .tempfile_in(folder)?;
    let out = BufWriter::with_capacity(BUFFER_BYTES, file);
    let out = fill(connection, writer(connection, out, root)?)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // After a power cut the name must not lead to a file of zeros.
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn writer<W: Write>(connection: &Connection, out: W, root: &Root) -> Result<Writer<W>, BuildError> {
    let change = root.change_id;
    let utc = shard::change_utc(connection, change)?.unwrap_or_default();
    let kinds = indexing::kinds(connection)?;
    Ok(Writer::new(out, &root.drive_uid, (change, utc), &kinds)?)
}

fn fill<W: Write>(connection: &Connection, mut writer: Writer<W>) -> Result<W, BuildError> {
    indexing::each_folder(connection, |id, path| {
        writer.folder(id, path);
        Ok::<_, BuildError>(())
    })?;
    indexing::each_file(connection, None, |row| {
        writer.file(row).map_err(BuildError::from)
    })?;
    Ok(writer.end()?)
}
