//! How an index lies in its file.
//!
//! ```text
//! magic · blocks · folders · meta (JSON) · trailer
//! ```
//!
//! A block holds up to 65,536 files, each column a section of its own; the folders are one more set of sections. Sections
//! begin at multiples of eight bytes, numbers are little-endian. The meta says where everything lies and what it adds up
//! to; the trailer says where the meta lies and what its BLAKE3 is.

use serde::{Deserialize, Serialize};

/// First and last bytes of an index; the last digit is the version of the layout and of the folding.
pub(super) const MAGIC: [u8; 8] = *b"VCINDEX2";

/// Files of a block.
pub(super) const BLOCK_FILES: usize = 1 << 16;

/// Files of a zone: of each the largest values are kept, so that zones without a file among the first are passed over.
pub(crate) const ZONE_FILES: usize = 1 << 10;

/// The trailer: where the meta begins and how long it is, its BLAKE3, the magic.
pub(super) const TRAILER_BYTES: usize = 8 + 8 + 32 + 8;

/// A word that is not there, or a row.
pub(crate) const NONE: u32 = u32::MAX;

/// What an unknown time is stored as.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// The columns of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Column {
    /// i64, ascending.
    Ids,
    /// u32 a file and one more: where its folded name begins; the name ends with a NUL.
    FoldedAt,
    Folded,
    /// The same of names as they are.
    NamesAt,
    Names,
    /// u32, place among the folders.
    Folders,
    /// u32, place among the kinds.
    Kinds,
    /// i64; -1 unknown.
    Sizes,
    /// i64 microseconds.
    Times,
    /// One bit a file, in words of 64.
    Deleted,
    /// u64, 0 unknown. The column is empty if no file of the block has one; so are those of
    /// media.
    Hashes,
    /// u32: row of the media columns.
    MediaRows,
    /// f64; not a number: unknown.
    Duration,
    /// i64; -1 unknown.
    Bitrate,
    /// f64; not a number: unknown.
    FrameRate,
    /// u32 each; [`NONE`] unknown.
    Width,
    Height,
    Channels,
    Subtitles,
    /// u32: 0 not judged, 1 sound, 2 damaged.
    Health,
    /// Which chunks of names hold which threes of bytes: see [`super::grams`]. Empty in a small block.
    Grams,
    /// i64 a zone of [`ZONE_FILES`]: the newest time, the largest size.
    ZoneTimes,
    ZoneSizes,
    /// u32 a word: place in its dictionary.
    Words,
}

/// How many columns there are.
pub(super) const COLUMNS: usize = Column::Words as usize + 6;

/// The sections of the folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum FolderColumn {
    /// i64, ascending.
    Ids,
    /// u64 a folder and one more.
    FoldedAt,
    /// Each ends with a NUL.
    Folded,
    PathsAt,
    Paths,
    /// u64: files that are there, directly in it.
    Files,
    /// u64: their bytes.
    Bytes,
}

/// How many there are.
pub(super) const FOLDER_COLUMNS: usize = FolderColumn::Bytes as usize + 1;

/// Where a section lies: first byte and length.
pub(super) type Extent = (u64, u64);

/// What an index says of itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) drive_uid: String,
    /// The shard's last batch that is in it.
    pub(super) change_id: i64,
    /// When that batch was, so that a shard that was set back is noticed.
    pub(super) change_utc: String,
    pub(super) files: u64,
    pub(super) folders: u64,
    pub(super) kinds: Vec<KindMeta>,
    /// A dictionary for each column of words.
    pub(super) words: Vec<Vec<String>>,
    pub(super) blocks: Vec<BlockMeta>,
    pub(super) folder_sections: Vec<Extent>,
}

/// A kind, and what the files of it that are there add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindMeta {
    /// Extension, lower case, no dot.
    pub ext: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Category.
    pub category: String,
    /// Files that are there.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A block: where its columns lie, and what its values lie between.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct BlockMeta {
    pub(super) files: u32,
    pub(super) first_id: i64,
    pub(super) newest_us: i64,
    pub(super) largest: i64,
    pub(super) sections: Vec<Extent>,
    /// BLAKE3 of the block's bytes, hexadecimal.
    pub(super) checksum: String,
}
