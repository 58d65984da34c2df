//! The files of a drive that are there, one by one, as its index has them and what changed since.

use std::sync::Arc;

use super::Searcher;
use super::index::fresh::Snapshot;
use super::index::{Block, Column, Index, NO_TIME, NONE};
use super::plan::{self, AUDIO_CODEC, CONTAINER, HDR, VIDEO_CODEC};
use super::query::Expr;
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;

/// A file that is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live<'a> {
    index: &'a Index,
    block: Block<'a>,
    place: usize,
}

/// What is counted of a file's headers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct LiveMedia<'a> {
    /// Playing time in seconds.
    pub(crate) duration_s: Option<f64>,
    /// Lines of the picture as people name it.
    pub(crate) lines: Option<u32>,
    pub(crate) video_codec: Option<&'a str>,
    pub(crate) audio_codec: Option<&'a str>,
    pub(crate) container: Option<&'a str>,
    /// Words with commas.
    pub(crate) hdr: Option<&'a str>,
}

impl Searcher {
    /// Returns a drive's files as they are now.
    ///
    /// # Errors
    /// Why its shard cannot be read.
    pub(crate) fn files_of(
        &self,
        catalog: &Catalog,
        drive: &Drive,
    ) -> Result<Arc<Snapshot>, String> {
        Ok(self.snapshot(catalog, drive, &Expr::Everything)?.snapshot)
    }
}

impl Snapshot {
    /// Calls `visit` for every file that is there; ends early if it is cancelled.
    pub(crate) fn each_live<'s>(&'s self, cancel: &CancelToken, mut visit: impl FnMut(Live<'s>)) {
        for part in &self.parts {
            for number in 0..part.index.blocks() {
                if cancel.is_cancelled() {
                    return;
                }
                let Some(block) = part.index.block(number) else {
                    continue;
                };
                let mut there = part.there(number, block.files);
                there.keep_bits(block.deleted(), false);
                there.each(|place| {
                    visit(Live {
                        index: &part.index,
                        block,
                        place,
                    });
                });
            }
        }
    }
}

impl<'a> Live<'a> {
    /// Returns its number in the shard.
    pub(crate) fn id(&self) -> i64 {
        self.block.ids().get(self.place).copied().unwrap_or(-1)
    }

    /// Returns its length in bytes; `None`: unknown.
    pub(crate) fn size(&self) -> Option<u64> {
        let size = self.block.sizes().get(self.place)?;
        u64::try_from(*size).ok()
    }

    /// Returns when it was last written, in microseconds after 1970.
    pub(crate) fn modified_us(&self) -> Option<i64> {
        let time = self.block.times().get(self.place);
        time.copied().filter(|time| *time != NO_TIME)
    }

    /// Returns the first eight bytes of its hash, where it is ours and valid.
    pub(crate) fn hash(&self) -> Option<u64> {
        let hash = self.block.hashes().get(self.place);
        hash.copied().filter(|hash| *hash != 0)
    }

    /// Returns its category.
    pub(crate) fn category(&self) -> &'a str {
        let kind = self.block.kinds().get(self.place);
        kind.and_then(|kind| self.index.kinds().get(*kind as usize))
            .map_or("", |kind| kind.category.as_str())
    }

    /// Returns what is known of its headers; `None`: nobody read them.
    pub(crate) fn media(&self) -> Option<LiveMedia<'a>> {
        let block = self.block;
        let row = *block.media_rows().get(self.place)?;
        if row == NONE {
            return None;
        }
        let row = row as usize;
        let word = |column: usize| {
            let word = block.media_words(column).get(row)?;
            self.index
                .words(column)
                .get(*word as usize)
                .map(String::as_str)
        };
        let number = |column| {
            let numbers: &[u32] = block.media(column);
            numbers.get(row).copied().filter(|number| *number != NONE)
        };
        let durations: &[f64] = block.media(Column::Duration);
        Some(LiveMedia {
            duration_s: durations.get(row).copied().filter(|time| time.is_finite()),
            lines: number(Column::Width)
                .zip(number(Column::Height))
                .map(|(width, height)| plan::lines(width, height)),
            video_codec: word(VIDEO_CODEC),
            audio_codec: word(AUDIO_CODEC),
            container: word(CONTAINER),
            hdr: word(HDR),
        })
    }
}
