//! Reading an index: typed columns over its bytes, nothing copied.

use std::path::Path;

use super::bytes::Bytes;
use super::grams;
use super::layout::{
    BLOCK_FILES, COLUMNS, Column, Extent, FOLDER_COLUMNS, FolderColumn, KindMeta, MAGIC, Meta,
    TRAILER_BYTES, ZONE_FILES,
};
use crate::catalog::indexing::WORDS;

/// Why a file is no index that can be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is something else, of another version, or damaged.
    #[error("the index is damaged or of another version: {0}")]
    Damaged(&'static str),
}

/// An index, open for reading.
#[derive(Debug)]
pub struct Index {
    bytes: Bytes,
    meta: Meta,
    first_ids: Vec<i64>,
}

impl Index {
    /// Opens an index file. What it says of itself is checked, the columns' bytes are not: see [`Index::check`].
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let file = fs_err::File::open(path)?;
        Self::read(Bytes::map(file.file())?)
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        Self::read(Bytes::own(bytes))
    }

    fn read(bytes: Bytes) -> Result<Self, IndexError> {
        let all = bytes.get();
        let damaged = IndexError::Damaged;
        if !all.starts_with(&MAGIC) || !all.ends_with(&MAGIC) {
            return Err(damaged("it does not begin and end as one"));
        }
        let trailer = all
            .len()
            .checked_sub(TRAILER_BYTES)
            .and_then(|start| all.get(start..))
            .ok_or(damaged("it is too short"))?;
        let number = |at: usize| {
            trailer
                .get(at..)
                .and_then(|rest| rest.first_chunk::<8>())
                .map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let text = section(all, (number(0), number(8))).ok_or(damaged("its end is missing"))?;
        if trailer.get(16..48) != Some(blake3::hash(text).as_bytes().as_slice()) {
            return Err(damaged("its description has another checksum"));
        }
        let meta: Meta =
            serde_json::from_slice(text).map_err(|_| damaged("its description is unreadable"))?;
        let first_ids = meta.blocks.iter().map(|block| block.first_id).collect();
        let index = Self {
            bytes,
            meta,
            first_ids,
        };
        index.check_extents()?;
        Ok(index)
    }

    /// Every section lies inside the file and is as long as its rows are many, so that no column is ever read past its end.
    fn check_extents(&self) -> Result<(), IndexError> {
        let damaged = IndexError::Damaged("its sections do not fit");
        if self.meta.words.len() != WORDS.len() || self.meta.folder_sections.len() != FOLDER_COLUMNS
        {
            return Err(damaged);
        }
        for place in 0..self.meta.blocks.len() {
            if self.block(place).is_none_or(|block| !block.is_sound()) {
                return Err(damaged);
            }
        }
        match self.folders() {
            Some(folders) if folders.is_sound() => Ok(()),
            _ => Err(damaged),
        }
    }

    /// Compares every block with its checksum.
    ///
    /// # Errors
    /// When one has another.
    pub fn check(&self) -> Result<(), IndexError> {
        for (place, meta) in self.meta.blocks.iter().enumerate() {
            let mut hasher = blake3::Hasher::new();
            for part in self.block(place).iter().flat_map(|block| &block.sections) {
                hasher.update(part);
            }
            if hasher.finalize().to_hex().as_str() != meta.checksum {
                return Err(IndexError::Damaged("a block has another checksum"));
            }
        }
        Ok(())
    }

    /// Returns the drive whose files these are.
    pub fn drive_uid(&self) -> &str {
        &self.meta.drive_uid
    }

    /// Returns the shard's last batch that is in it, and when that was.
    pub fn change(&self) -> (i64, &str) {
        (self.meta.change_id, &self.meta.change_utc)
    }

    /// Returns how many files there are, deleted ones included.
    pub fn len(&self) -> u64 {
        self.meta.files
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.meta.files == 0
    }

    /// Returns the kinds of files, with what those that are there add up to.
    pub fn kinds(&self) -> &[KindMeta] {
        &self.meta.kinds
    }

    /// Returns the dictionary of a column of words, by its place in [`WORDS`].
    pub(crate) fn words(&self, column: usize) -> &[String] {
        self.meta.words.get(column).map_or(&[], Vec::as_slice)
    }

    /// Returns how many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.meta.blocks.len()
    }

    /// Returns a block.
    pub(crate) fn block(&self, place: usize) -> Option<Block<'_>> {
        let meta = self.meta.blocks.get(place)?;
        let all = self.bytes.get();
        let mut sections = [&[][..]; COLUMNS];
        for (slot, extent) in sections.iter_mut().zip(&meta.sections) {
            *slot = section(all, *extent)?;
        }
        (meta.sections.len() == COLUMNS).then_some(Block {
            files: meta.files as usize,
            newest_us: meta.newest_us,
            largest: meta.largest,
            sections,
        })
    }

    /// Returns where a file is: its block and its place there.
    pub(crate) fn find(&self, id: i64) -> Option<(usize, usize)> {
        let block = self.first_ids.partition_point(|first| *first <= id);
        let block = block.checked_sub(1)?;
        let place = self.block(block)?.ids().binary_search(&id).ok()?;
        Some((block, place))
    }

    /// Returns the folders.
    pub(crate) fn folders(&self) -> Option<Folders<'_>> {
        let all = self.bytes.get();
        let mut sections = [&[][..]; FOLDER_COLUMNS];
        for (slot, extent) in sections.iter_mut().zip(&self.meta.folder_sections) {
            *slot = section(all, *extent)?;
        }
        Some(Folders {
            count: usize::try_from(self.meta.folders).ok()?,
            sections,
        })
    }
}

fn section(all: &[u8], (start, length): Extent) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    all.get(start..end)
}

/// A slice of numbers; empty where the bytes are none.
fn numbers<T: bytemuck::Pod>(bytes: &[u8]) -> &[T] {
    bytemuck::try_cast_slice(bytes).unwrap_or_default()
}

/// A text of an arena: from its beginning up to the NUL before the next.
fn text<'a, T: Copy + Into<u64>>(arena: &'a [u8], starts: &[T], place: usize) -> Option<&'a [u8]> {
    let start = usize::try_from((*starts.get(place)?).into()).ok()?;
    let end = usize::try_from((*starts.get(place + 1)?).into()).ok()?;
    arena.get(start..end.checked_sub(1)?)
}

/// Up to 65,536 files, column by column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    /// How many files.
    pub(crate) files: usize,
    /// No file is newer.
    pub(crate) newest_us: i64,
    /// No file is larger.
    pub(crate) largest: i64,
    sections: [&'a [u8]; COLUMNS],
}

impl<'a> Block<'a> {
    fn column(&self, column: Column) -> &'a [u8] {
        self.sections.get(column as usize).copied().unwrap_or(&[])
    }

    /// Whether the columns that every file has are as long as the files are many.
    fn is_sound(&self) -> bool {
        let files = self.files;
        let optional = |length: usize| length == 0 || length == files;
        files > 0
            && files <= BLOCK_FILES
            && [self.ids().len(), self.sizes().len(), self.times().len()] == [files; 3]
            && [self.folders().len(), self.kinds().len()] == [files; 2]
            && self.folded_starts().len() == files + 1
            && numbers::<u32>(self.column(Column::NamesAt)).len() == files + 1
            && self.deleted().len() == files.div_ceil(64)
            && optional(self.hashes().len())
            && optional(self.media_rows().len())
            && [self.zone_times().len(), self.zone_sizes().len()] == [files.div_ceil(ZONE_FILES); 2]
            && self.grams().len() == grams::table_bytes(files)
    }

    pub(crate) fn ids(&self) -> &'a [i64] {
        numbers(self.column(Column::Ids))
    }

    pub(crate) fn sizes(&self) -> &'a [i64] {
        numbers(self.column(Column::Sizes))
    }

    pub(crate) fn times(&self) -> &'a [i64] {
        numbers(self.column(Column::Times))
    }

    pub(crate) fn folders(&self) -> &'a [u32] {
        numbers(self.column(Column::Folders))
    }

    pub(crate) fn kinds(&self) -> &'a [u32] {
        numbers(self.column(Column::Kinds))
    }

    /// One bit a file, in words of 64.
    pub(crate) fn deleted(&self) -> &'a [u64] {
        numbers(self.column(Column::Deleted))
    }

    /// Empty if no file of the block has one.
    pub(crate) fn hashes(&self) -> &'a [u64] {
        numbers(self.column(Column::Hashes))
    }

    /// Empty if no file of the block has one.
    pub(crate) fn media_rows(&self) -> &'a [u32] {
        numbers(self.column(Column::MediaRows))
    }

    /// A column of the block's media rows.
    pub(crate) fn media<T: bytemuck::Pod>(&self, column: Column) -> &'a [T] {
        numbers(self.column(column))
    }

    /// The words' places in their dictionary, by the column's place in [`WORDS`].
    pub(crate) fn media_words(&self, column: usize) -> &'a [u32] {
        let section = self.sections.get(Column::Words as usize + column);
        numbers(section.copied().unwrap_or(&[]))
    }

    pub(crate) fn folded_starts(&self) -> &'a [u32] {
        numbers(self.column(Column::FoldedAt))
    }

    /// All folded names, each ending with a NUL.
    pub(crate) fn folded_arena(&self) -> &'a [u8] {
        self.column(Column::Folded)
    }

    pub(crate) fn folded(&self, place: usize) -> &'a [u8] {
        text(self.folded_arena(), self.folded_starts(), place).unwrap_or(&[])
    }

    pub(crate) fn name(&self, place: usize) -> &'a [u8] {
        let starts = numbers::<u32>(self.column(Column::NamesAt));
        text(self.column(Column::Names), starts, place).unwrap_or(&[])
    }

    /// The newest time of each zone.
    pub(crate) fn zone_times(&self) -> &'a [i64] {
        numbers(self.column(Column::ZoneTimes))
    }

    /// The largest size of each zone.
    pub(crate) fn zone_sizes(&self) -> &'a [i64] {
        numbers(self.column(Column::ZoneSizes))
    }

    /// The table of [`grams`].
    pub(crate) fn grams(&self) -> &'a [u8] {
        self.column(Column::Grams)
    }

    pub(crate) fn is_deleted(&self, place: usize) -> bool {
        self.deleted()
            .get(place / 64)
            .is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// The folders of an index, by their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folders<'a> {
    /// How many.
    pub(crate) count: usize,
    sections: [&'a [u8]; FOLDER_COLUMNS],
}

impl<'a> Folders<'a> {
    fn column(&self, column: FolderColumn) -> &'a [u8] {
        self.sections.get(column as usize).copied().unwrap_or(&[])
    }

    fn is_sound(&self) -> bool {
        [self.ids().len(), self.files().len(), self.bytes().len()] == [self.count; 3]
            && self.folded_starts().len() == self.count + 1
            && numbers::<u64>(self.column(FolderColumn::PathsAt)).len() == self.count + 1
    }

    pub(crate) fn ids(&self) -> &'a [i64] {
        numbers(self.column(FolderColumn::Ids))
    }

    /// Files that are there, directly in each.
    pub(crate) fn files(&self) -> &'a [u64] {
        numbers(self.column(FolderColumn::Files))
    }

    /// Their bytes.
    pub(crate) fn bytes(&self) -> &'a [u64] {
        numbers(self.column(FolderColumn::Bytes))
    }

    pub(crate) fn folded_starts(&self) -> &'a [u64] {
        numbers(self.column(FolderColumn::FoldedAt))
    }

    pub(crate) fn folded_arena(&self) -> &'a [u8] {
        self.column(FolderColumn::Folded)
    }

    pub(crate) fn folded(&self, place: usize) -> &'a [u8] {
        text(self.folded_arena(), self.folded_starts(), place).unwrap_or(&[])
    }

    pub(crate) fn path(&self, place: usize) -> &'a [u8] {
        let starts = numbers::<u64>(self.column(FolderColumn::PathsAt));
        text(self.column(FolderColumn::Paths), starts, place).unwrap_or(&[])
    }
}
