//! Writing an index in one pass over the rows, with one block in memory.

use std::collections::HashMap;
use std::io::{self, Write};

use super::grams;
use super::layout::{
    BLOCK_FILES, BlockMeta, COLUMNS, Extent, FOLDER_COLUMNS, KindMeta, MAGIC, Meta, NO_TIME, NONE,
    ZONE_FILES,
};
use crate::catalog::indexing::{FileRow, KindRow, MediaFacts, WORDS};
use crate::search::fold::fold_into;

/// An index being written. Kinds and folders come first, then the files by their numbers.
pub(super) struct Writer<W: Write> {
    out: W,
    at: u64,
    meta: Meta,
    kind_places: HashMap<i64, u32>,
    folders: Folders,
    last_folder: Option<(i64, u32)>,
    last_kind: Option<(i64, u32)>,
    words: [HashMap<String, u32>; WORDS.len()],
    block: Block,
}

#[derive(Default)]
struct Folders {
    ids: Vec<i64>,
    folded_at: Vec<u64>,
    folded: Vec<u8>,
    paths_at: Vec<u64>,
    paths: Vec<u8>,
    files: Vec<u64>,
    bytes: Vec<u64>,
}

/// The columns of the block under way.
#[derive(Default)]
struct Block {
    ids: Vec<i64>,
    folded_at: Vec<u32>,
    folded: Vec<u8>,
    names_at: Vec<u32>,
    names: Vec<u8>,
    folders: Vec<u32>,
    kinds: Vec<u32>,
    sizes: Vec<i64>,
    times: Vec<i64>,
    deleted: Vec<u64>,
    hashes: Vec<u64>,
    any_hash: bool,
    media_rows: Vec<u32>,
    media: MediaColumns,
    grams: Vec<u8>,
    zone_times: Vec<i64>,
    zone_sizes: Vec<i64>,
}

#[derive(Default)]
struct MediaColumns {
    duration: Vec<f64>,
    bitrate: Vec<i64>,
    frame_rate: Vec<f64>,
    width: Vec<u32>,
    height: Vec<u32>,
    channels: Vec<u32>,
    subtitles: Vec<u32>,
    health: Vec<u32>,
    words: [Vec<u32>; WORDS.len()],
}

impl<W: Write> Writer<W> {
    /// Begins an index of the state after the batch `change_id`.
    pub(super) fn new(
        mut out: W,
        drive_uid: &str,
        (change_id, change_utc): (i64, String),
        kinds: &[KindRow],
    ) -> io::Result<Self> {
        out.write_all(&MAGIC)?;
        let meta = Meta {
            drive_uid: drive_uid.to_owned(),
            change_id,
            change_utc,
            kinds: kinds
                .iter()
                .map(|kind| KindMeta {
                    ext: kind.ext.clone(),
                    mime: kind.mime.clone(),
                    category: kind.category.clone(),
                    files: 0,
                    bytes: 0,
                })
                .collect(),
            ..Meta::default()
        };
        Ok(Self {
            out,
            at: MAGIC.len() as u64,
            meta,
            kind_places: kinds.iter().map(|kind| kind.id).zip(0..).collect(),
            folders: Folders::default(),
            last_folder: None,
            last_kind: None,
            words: Default::default(),
            block: Block::default(),
        })
    }

    /// Adds a folder; they come by their numbers.
    pub(super) fn folder(&mut self, id: i64, path: &[u8]) {
        let folders = &mut self.folders;
        folders.ids.push(id);
        folders.folded_at.push(folders.folded.len() as u64);
        fold_into(path, &mut folders.folded);
        folders.folded.push(0);
        folders.paths_at.push(folders.paths.len() as u64);
        folders.paths.extend_from_slice(path);
        folders.paths.push(0);
        folders.files.push(0);
        folders.bytes.push(0);
    }

    /// Adds a file.
    pub(super) fn file(&mut self, row: &FileRow<'_>) -> io::Result<()> {
        let folder = self.folder_place(row.folder_id)?;
        let kind = self.kind_place(row.kind_id)?;
        if !row.deleted {
            let size = row.size_bytes.map_or(0, i64::unsigned_abs);
            if let Some(sums) = self.meta.kinds.get_mut(kind as usize) {
                sums.files += 1;
                sums.bytes = sums.bytes.saturating_add(size);
            }
            if let Some(files) = self.folders.files.get_mut(folder as usize) {
                *files += 1;
            }
            if let Some(bytes) = self.folders.bytes.get_mut(folder as usize) {
                *bytes = bytes.saturating_add(size);
            }
        }
        let words = row.media.as_ref().map(|facts| self.words_of(facts));
        self.block.push(row, folder, kind, words);
        if self.block.ids.len() == BLOCK_FILES {
            self.end_block()?;
        }
        Ok(())
    }

    /// Files of one folder mostly follow each other.
    fn folder_place(&mut self, id: i64) -> io::Result<u32> {
        if let Some((last, place)) = self.last_folder
            && last == id
        {
            return Ok(place);
        }
        let place = self
            .folders
            .ids
            .binary_search(&id)
            .ok()
            .and_then(|place| u32::try_from(place).ok())
            .ok_or_else(|| unknown("folder", id))?;
        self.last_folder = Some((id, place));
        Ok(place)
    }

    /// So do files of one kind.
    fn kind_place(&mut self, id: i64) -> io::Result<u32> {
        if let Some((last, place)) = self.last_kind
            && last == id
        {
            return Ok(place);
        }
        let place = *self
            .kind_places
            .get(&id)
            .ok_or_else(|| unknown("kind", id))?;
        self.last_kind = Some((id, place));
        Ok(place)
    }

    fn words_of(&mut self, facts: &MediaFacts) -> [u32; WORDS.len()] {
        let mut places = [NONE; WORDS.len()];
        for ((place, word), known) in places.iter_mut().zip(&facts.words).zip(&mut self.words) {
            let Some(word) = word.as_deref().filter(|word| !word.is_empty()) else {
                continue;
            };
            *place = if let Some(place) = known.get(word) {
                *place
            } else {
                let next = u32::try_from(known.len()).unwrap_or(NONE);
                known.insert(word.to_owned(), next);
                next
            };
        }
        places
    }

    fn end_block(&mut self) -> io::Result<()> {
        let mut block = std::mem::take(&mut self.block);
        block.folded_at.push(offset(&block.folded)?);
        block.names_at.push(offset(&block.names)?);
        if !block.any_hash {
            block.hashes.clear();
        }
        if block.media.duration.is_empty() {
            block.media_rows.clear();
        }
        block.grams = grams::table_of(&block.folded, &block.folded_at);
        block.zone_times = zones(&block.times, NO_TIME);
        block.zone_sizes = zones(&block.sizes, -1);
        let start = self.at;
        let mut hasher = blake3::Hasher::new();
        let mut sections = Vec::with_capacity(COLUMNS);
        for column in block.columns() {
            sections.push(section(
                &mut self.out,
                &mut self.at,
                column,
                Some(&mut hasher),
            )?);
        }
        debug_assert_eq!(sections.len(), COLUMNS);
        debug_assert!(self.at >= start);
        self.meta.files += block.ids.len() as u64;
        self.meta.blocks.push(BlockMeta {
            files: u32::try_from(block.ids.len()).unwrap_or(u32::MAX),
            first_id: block.ids.first().copied().unwrap_or(0),
            newest_us: most(&block.zone_times, NO_TIME),
            largest: most(&block.zone_sizes, -1),
            sections,
            checksum: hasher.finalize().to_hex().to_string(),
        });
        // The next block is about as large; its memory is used again.
        block.clear();
        self.block = block;
        Ok(())
    }

    /// Writes what is left and returns what was written to.
    pub(super) fn end(mut self) -> io::Result<W> {
        if !self.block.ids.is_empty() {
            self.end_block()?;
        }
        let folders = &mut self.folders;
        folders.folded_at.push(folders.folded.len() as u64);
        folders.paths_at.push(folders.paths.len() as u64);
        let columns: [&[u8]; FOLDER_COLUMNS] = [
            bytemuck::cast_slice(&folders.ids),
            bytemuck::cast_slice(&folders.folded_at),
            &folders.folded,
            bytemuck::cast_slice(&folders.paths_at),
            &folders.paths,
            bytemuck::cast_slice(&folders.files),
            bytemuck::cast_slice(&folders.bytes),
        ];
        for column in columns {
            let extent = section(&mut self.out, &mut self.at, column, None)?;
            self.meta.folder_sections.push(extent);
        }
        self.meta.folders = folders.ids.len() as u64;
        self.meta.words = self.words.into_iter().map(in_order).collect();
        let meta = serde_json::to_vec(&self.meta)?;
        self.out.write_all(&meta)?;
        self.out.write_all(&self.at.to_le_bytes())?;
        self.out.write_all(&(meta.len() as u64).to_le_bytes())?;
        self.out.write_all(blake3::hash(&meta).as_bytes())?;
        self.out.write_all(&MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a section and what fills it up to a multiple of eight bytes.
fn section(
    out: &mut impl Write,
    at: &mut u64,
    bytes: &[u8],
    hasher: Option<&mut blake3::Hasher>,
) -> io::Result<Extent> {
    let extent = (*at, bytes.len() as u64);
    out.write_all(bytes)?;
    let padding = bytes.len().next_multiple_of(8) - bytes.len();
    out.write_all([0; 8].get(..padding).unwrap_or_default())?;
    if let Some(hasher) = hasher {
        hasher.update(bytes);
    }
    *at += (bytes.len() + padding) as u64;
    Ok(extent)
}

/// Returns the most of each zone.
fn zones(values: &[i64], none: i64) -> Vec<i64> {
    let zones = values.chunks(ZONE_FILES);
    zones.map(|values| most(values, none)).collect()
}

fn most(values: &[i64], none: i64) -> i64 {
    values.iter().copied().max().unwrap_or(none)
}

fn in_order(places: HashMap<String, u32>) -> Vec<String> {
    let mut words: Vec<(u32, String)> = places
        .into_iter()
        .map(|(word, place)| (place, word))
        .collect();
    words.sort_unstable();
    words.into_iter().map(|(_, word)| word).collect()
}

fn offset(arena: &[u8]) -> io::Result<u32> {
    u32::try_from(arena.len())
        .map_err(|_| io::Error::other("the names of 65,536 files take more than 4 GiB"))
}

fn unknown(what: &str, id: i64) -> io::Error {
    io::Error::other(format!(
        "a file is of a {what} ({id}) that the shard does not have"
    ))
}

impl Block {
    fn push(
        &mut self,
        row: &FileRow<'_>,
        folder: u32,
        kind: u32,
        words: Option<[u32; WORDS.len()]>,
    ) {
        let place = self.ids.len();
        self.ids.push(row.id);
        // 65,536 names of at most some thousand bytes stay below 4 GiB; the end is checked.
        self.folded_at
            .push(u32::try_from(self.folded.len()).unwrap_or(u32::MAX));
        fold_into(row.name, &mut self.folded);
        self.folded.push(0);
        self.names_at
            .push(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.extend_from_slice(row.name);
        self.names.push(0);
        self.folders.push(folder);
        self.kinds.push(kind);
        self.sizes.push(row.size_bytes.unwrap_or(-1));
        self.times.push(row.mtime_us.unwrap_or(NO_TIME));
        if place.is_multiple_of(64) {
            self.deleted.push(0);
        }
        if let Some(word) = self.deleted.last_mut() {
            *word |= u64::from(row.deleted) << (place % 64);
        }
        self.any_hash |= row.hash.is_some();
        self.hashes.push(row.hash.unwrap_or(0));
        match (&row.media, words) {
            (Some(facts), Some(words)) => {
                self.media_rows
                    .push(u32::try_from(self.media.duration.len()).unwrap_or(NONE));
                self.media.push(facts, words);
            }
            _ => self.media_rows.push(NONE),
        }
    }

    fn columns(&self) -> impl Iterator<Item = &[u8]> {
        let media = &self.media;
        let fixed: [&[u8]; COLUMNS - WORDS.len()] = [
            bytemuck::cast_slice(&self.ids),
            bytemuck::cast_slice(&self.folded_at),
            &self.folded,
            bytemuck::cast_slice(&self.names_at),
            &self.names,
            bytemuck::cast_slice(&self.folders),
            bytemuck::cast_slice(&self.kinds),
            bytemuck::cast_slice(&self.sizes),
            bytemuck::cast_slice(&self.times),
            bytemuck::cast_slice(&self.deleted),
            bytemuck::cast_slice(&self.hashes),
            bytemuck::cast_slice(&self.media_rows),
            bytemuck::cast_slice(&media.duration),
            bytemuck::cast_slice(&media.bitrate),
            bytemuck::cast_slice(&media.frame_rate),
            bytemuck::cast_slice(&media.width),
            bytemuck::cast_slice(&media.height),
            bytemuck::cast_slice(&media.channels),
            bytemuck::cast_slice(&media.subtitles),
            bytemuck::cast_slice(&media.health),
            &self.grams,
            bytemuck::cast_slice(&self.zone_times),
            bytemuck::cast_slice(&self.zone_sizes),
        ];
        fixed
            .into_iter()
            .chain(media.words.iter().map(|words| bytemuck::cast_slice(words)))
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.folded_at.clear();
        self.folded.clear();
        self.names_at.clear();
        self.names.clear();
        self.folders.clear();
        self.kinds.clear();
        self.sizes.clear();
        self.times.clear();
        self.deleted.clear();
        self.hashes.clear();
        self.any_hash = false;
        self.media_rows.clear();
        self.media = MediaColumns::default();
        self.grams.clear();
        self.zone_times.clear();
        self.zone_sizes.clear();
    }
}

impl MediaColumns {
    fn push(&mut self, facts: &MediaFacts, words: [u32; WORDS.len()]) {
        self.duration.push(facts.duration_s.unwrap_or(f64::NAN));
        self.bitrate.push(facts.bitrate_bps.unwrap_or(-1));
        self.frame_rate.push(facts.frame_rate.unwrap_or(f64::NAN));
        self.width.push(facts.width.unwrap_or(NONE));
        self.height.push(facts.height.unwrap_or(NONE));
        self.channels.push(facts.audio_channels.unwrap_or(NONE));
        self.subtitles.push(facts.subtitle_streams.unwrap_or(NONE));
        self.health.push(match facts.integrity_ok {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        });
        for (column, word) in self.words.iter_mut().zip(words) {
            column.push(word);
        }
    }
}
