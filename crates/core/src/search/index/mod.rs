//! The index of one drive's files: names and what is filtered by, in columns, in a file beside the shard.
//!
//! It is derived from the shard and may be deleted at any time. It never changes: a new one takes its place. It says after
//! which batch of the shard it was made, and readers add the rows that changed since ([`fresh`]). Why not an index inside
//! SQLite: `docs/decisions/0013-search-in-columns.md`.

pub(crate) mod bytes;
pub mod fresh;
pub(super) mod grams;
mod layout;
mod view;
mod writer;

pub use layout::KindMeta;
pub(crate) use layout::{Column, NO_TIME, NONE, ZONE_FILES};
pub(crate) use view::{Block, Folders};
pub use view::{Index, IndexError};
