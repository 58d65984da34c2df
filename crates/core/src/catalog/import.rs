//! Filling a new shard with rows that come from a list instead of a scan, in any order.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, named_params, params};

use super::batch::Batch;
use super::jobs::CategoryCounts;
use super::kinds::Kinds;
use super::names;
use super::open::create_entries_index;
use crate::clock::Clock;
use crate::media::Facts;
use crate::media::documented::MediaColumns;

/// Rows of a transaction; as many as a scan writes at once.
const BATCH_ROWS: u64 = 10_000;
const BATCH_INTERVAL: Duration = Duration::from_secs(10);

/// Folders whose numbers are held; the others are looked up.
const FOLDERS_KEPT: usize = 65_536;

/// A file as a list has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListedFile {
    pub(crate) size_bytes: Option<i64>,
    pub(crate) mtime_us: Option<i64>,
    /// Whether the time is known to the second only.
    pub(crate) mtime_whole: bool,
    pub(crate) hash: Option<[u8; 32]>,
    /// Whether the hash may be of another kind than ours.
    pub(crate) is_legacy_hash: bool,
    pub(crate) integrity_ok: Option<bool>,
    pub(crate) deleted: bool,
    pub(crate) media: MediaColumns<'static>,
}

/// A shard being filled.
pub(crate) struct Filler<'c> {
    connection: &'c Connection,
    batch: Batch<'c>,
    kinds: Kinds,
    folders: HashMap<Vec<u8>, i64>,
    counts: CategoryCounts,
}

impl<'c> Filler<'c> {
    /// Begins with a shard that was just made: writes its root row.
    pub(crate) fn begin(
        connection: &'c Connection,
        clock: &'c dyn Clock,
        drive_uid: &str,
        drive_label: &str,
        mount: (&[u8], char),
    ) -> rusqlite::Result<Self> {
        connection.execute(
            "INSERT INTO root(id, drive_uid, drive_label, mount_path, separator) VALUES(1, ?1, ?2, ?3, ?4)",
            params![drive_uid, drive_label, names::to_sql(mount.0), mount.1.to_string()],
        )?;
        // Rows come in any order, and one place may be listed twice.
        create_entries_index(connection)?;
        let mut filler = Self {
            connection,
            batch: Batch::new(connection, clock),
            kinds: Kinds::load(connection)?,
            folders: HashMap::new(),
            counts: CategoryCounts::default(),
        };
        filler.folder(b"")?;
        Ok(filler)
    }

    /// Writes a file at a path relative to the root; returns false if there is one already.
    pub(crate) fn put(&mut self, relative: &[u8], file: &ListedFile) -> rusqlite::Result<bool> {
        let (folder, name) = split(relative);
        let folder = self.folder(folder)?;
        let change = self.batch.change()?;
        let kind = self.kinds.of_name(self.connection, name)?;
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO entries(folder_id, name, name_folded, size_bytes, mtime_us, mtime_whole, kind_id,
                                     first_change, change_id, deleted_change)
                 VALUES(:folder, :name, :folded, :size, :mtime, :whole, :kind, :change, :change, :deleted)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(named_params! {
                ":folder": folder,
                ":name": names::to_sql(name),
                ":folded": names::folded(name),
                ":size": file.size_bytes,
                ":mtime": file.mtime_us,
                ":whole": file.mtime_whole,
                ":kind": kind.0,
                ":change": change,
                ":deleted": file.deleted.then_some(change),
            })?;
        if inserted == 0 {
            return Ok(false);
        }
        let id = self.connection.last_insert_rowid();
        if !file.deleted {
            self.counts.add(self.kinds.category(kind), 1);
        }
        self.put_hash(id, file, change)?;
        self.put_media(id, file, change)?;
        self.batch.commit_if(BATCH_ROWS, BATCH_INTERVAL)?;
        Ok(true)
    }

    /// Commits what is open and returns how many files there are of each category, deleted ones left out.
    pub(crate) fn end(mut self) -> rusqlite::Result<CategoryCounts> {
        self.batch.commit()?;
        super::optimise::light(self.connection)?;
        Ok(self.counts)
    }

    fn put_hash(&self, id: i64, file: &ListedFile, change: i64) -> rusqlite::Result<()> {
        let Some(hash) = file.hash else { return Ok(()) };
        self.connection
            .prepare_cached(
                "INSERT INTO hashes(file_id, hash, legacy, stale, change_id) VALUES(?1, ?2, ?3, 0, ?4)",
            )?
            .execute(params![id, hash, file.is_legacy_hash, change])
            .map(|_| ())
    }

    /// What is known of media becomes a document as an older program would have left it, to be read anew by a scan.
    fn put_media(&self, id: i64, file: &ListedFile, change: i64) -> rusqlite::Result<()> {
        let document = file.media.to_document();
        if document.is_none() && file.integrity_ok.is_none() {
            return Ok(());
        }
        let facts = document
            .as_ref()
            .map(Facts::of_document)
            .unwrap_or_default();
        self.connection
            .prepare_cached(
                "INSERT INTO media(file_id, media_json, integrity_ok, to_redo, duration_s, video_codec, width, height,
                                   audio_codec, video_streams, audio_streams, change_id)
                 VALUES(:id, :json, :ok, 1, :duration, :video, :width, :height, :audio, :videos, :audios, :change)",
            )?
            .execute(named_params! {
                ":id": id,
                ":json": document.map(|document| document.to_string()),
                ":ok": file.integrity_ok,
                ":duration": facts.duration_s,
                ":video": facts.video_codec,
                ":width": facts.width,
                ":height": facts.height,
                ":audio": facts.audio_codec,
                ":videos": facts.video_streams,
                ":audios": facts.audio_streams,
                ":change": change,
            })
            .map(|_| ())
    }

    fn folder(&mut self, path: &[u8]) -> rusqlite::Result<i64> {
        if let Some(&id) = self.folders.get(path) {
            return Ok(id);
        }
        let known = self
            .connection
            .prepare_cached("SELECT id FROM folders WHERE path = ?1")?
            .query_row([names::to_sql(path)], |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = known {
            id
        } else {
            let parent = match path {
                b"" => None,
                path => Some(self.folder(split(path).0)?),
            };
            self.batch.change()?;
            self.connection
                .prepare_cached("INSERT INTO folders(parent_id, path) VALUES(?1, ?2)")?
                .execute(params![parent, names::to_sql(path)])?;
            self.connection.last_insert_rowid()
        };
        if self.folders.len() >= FOLDERS_KEPT {
            self.folders.clear();
        }
        self.folders.insert(path.to_vec(), id);
        Ok(id)
    }
}

/// Returns the folder and the name of a relative path.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (
            path.get(..slash).unwrap_or_default(),
            path.get(slash + 1..).unwrap_or_default(),
        ),
        None => (b"", path),
    }
}
