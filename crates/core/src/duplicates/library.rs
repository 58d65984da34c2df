//! The contents of all drives that have fingerprints: files with the same bytes are one.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::catalog::drives::Drive;
use crate::catalog::signatures::{self, SignedFile};
use crate::catalog::store::Catalog;
use crate::catalog::{Access, shard};

/// Changes whenever pairs are found or measured another way: all are compared again then.
const MATCHER: u32 = 1;

/// A drive that can be read.
pub(super) struct ReadDrive<'d> {
    pub(super) drive: &'d Drive,
    pub(super) shard: Connection,
    pub(super) separator: char,
}

/// A file: on which drive, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) drive: usize,
    pub(super) file_id: i64,
    inode: Option<i64>,
}

/// What one file holds, or several.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Its name in the catalogue, see `schema/candidates.sql`.
    pub(super) key: String,
    /// Which fingerprints the first copy has, and how they are compared.
    pub(super) stamp: String,
    /// Bits of 1 TMK, 2 sound, 4 keyframes, 8 timeline.
    pub(super) kinds: u32,
    /// The one with most fingerprints first: that one is compared.
    pub(super) copies: Vec<Copy>,
}

/// All drives that can be read, and what they hold.
pub(super) struct Library<'d> {
    pub(super) drives: Vec<ReadDrive<'d>>,
    pub(super) contents: Vec<Content>,
    /// Contents by the names of their files, hashed or not: a file that is hashed later is still the same.
    pub(super) by_name: HashMap<String, usize>,
    /// Drives that could not be read, and why.
    pub(super) unread: Vec<String>,
    /// Files with fingerprints.
    pub(super) files: u64,
}

impl<'d> Library<'d> {
    /// Reads which files of these drives have fingerprints.
    pub(super) fn read(catalog: &Catalog, drives: &'d [Drive]) -> Self {
        let mut library = Self {
            drives: Vec::new(),
            contents: Vec::new(),
            by_name: HashMap::new(),
            unread: Vec::new(),
            files: 0,
        };
        for drive in drives {
            match open(catalog, drive) {
                Ok((read, files)) => library.add(read, &files),
                Err(reason) => library.unread.push(format!("`{}`: {reason}", drive.label)),
            }
        }
        library
    }

    fn add(&mut self, read: ReadDrive<'d>, files: &[SignedFile]) {
        let drive = self.drives.len();
        for file in files {
            let (id, size, mtime) = (file.file_id, file.size_bytes, file.mtime_us);
            let as_file = name_of_file(&read.drive.drive_uid, id, size, mtime);
            let key = file.hash.map_or_else(|| as_file.clone(), name_of_hash);
            let copy = Copy {
                drive,
                file_id: file.file_id,
                inode: file.inode,
            };
            let stamp = format!("{MATCHER}:{}:{}", file.kinds, file.captured_us);
            let index = *self.by_name.entry(key.clone()).or_insert_with(|| {
                self.contents.push(Content {
                    key,
                    stamp: String::new(),
                    kinds: 0,
                    copies: Vec::new(),
                });
                self.contents.len() - 1
            });
            self.by_name.insert(as_file, index);
            let Some(content) = self.contents.get_mut(index) else {
                continue;
            };
            let is_link = |other: &Copy| {
                file.inode.is_some() && (other.drive, other.inode) == (drive, file.inode)
            };
            if content.copies.iter().any(is_link) {
                // Another name of the same file: nothing would be freed.
                continue;
            }
            if content.copies.is_empty() || file.kinds.count_ones() > content.kinds.count_ones() {
                content.copies.insert(0, copy);
                content.kinds = file.kinds;
                content.stamp = stamp;
            } else {
                content.copies.push(copy);
            }
        }
        self.files += files.len() as u64;
        self.drives.push(read);
    }

    /// Returns the shard and number of the copy of a content that is compared.
    pub(super) fn first(&self, content: usize) -> Option<(&Connection, i64)> {
        let copy = self.contents.get(content)?.copies.first()?;
        Some((&self.drives.get(copy.drive)?.shard, copy.file_id))
    }
}

/// Returns the name of a hashed content.
pub(super) fn name_of_hash(hash: [u8; 32]) -> String {
    format!("b3:{}", blake3::Hash::from(hash).to_hex())
}

/// Returns the name of a file's content as it is.
pub(super) fn name_of_file(drive_uid: &str, file_id: i64, size: i64, mtime_us: i64) -> String {
    format!("file:{drive_uid}:{file_id}:{size}:{mtime_us}")
}

fn open<'d>(
    catalog: &Catalog,
    drive: &'d Drive,
) -> Result<(ReadDrive<'d>, Vec<SignedFile>), String> {
    let shard = catalog
        .open_shard(drive, Access::Read)
        .map_err(|error| error.to_string())?;
    let root = shard::root(&shard).map_err(|error| error.to_string())?;
    let files = signatures::signed_files(&shard).map_err(|error| error.to_string())?;
    let separator = root.map_or('/', |root| root.separator);
    let read = ReadDrive {
        drive,
        shard,
        separator,
    };
    Ok((read, files))
}
