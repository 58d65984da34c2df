//! Which files of a drive a list shows.

use super::text::PathText;
use crate::catalog::drives::Drive;
use crate::search::bits::Places;
use crate::search::index::fresh::{Part, Snapshot};
use crate::search::index::{KindMeta, NO_TIME};

/// What files of a list are like; texts in lower case, empty ones ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Somewhere in the absolute path.
    pub text: String,
    /// The category.
    pub category: String,
    /// The extension, no dot.
    pub ext: String,
    /// How the MIME type begins.
    pub mime: String,
    /// Modified then or later, microseconds since 1970.
    pub since_us: Option<i64>,
}

impl Filter {
    fn names_kinds(&self) -> bool {
        [&self.category, &self.ext, &self.mime]
            .iter()
            .any(|text| !text.is_empty())
    }

    fn wants(&self, kind: &KindMeta) -> bool {
        let is = |wanted: &str, own: &str| wanted.is_empty() || own.to_lowercase() == wanted;
        let mime = kind.mime.as_deref().unwrap_or_default();
        is(&self.category, &kind.category)
            && is(&self.ext, kind.ext.as_deref().unwrap_or_default())
            && mime.to_lowercase().starts_with(&self.mime)
    }

    /// Returns the files of each block of a part that are there and match.
    pub(super) fn places(&self, drive: &Drive, snapshot: &Snapshot, part: &Part) -> Vec<Places> {
        let kinds: Vec<bool> = part
            .index
            .kinds()
            .iter()
            .map(|kind| self.wants(kind))
            .collect();
        let text = (!self.text.is_empty()).then(|| {
            let separator = snapshot.root.separator;
            PathText::new(&self.text, &part.index, &drive.mount_path, separator)
        });
        let blocks = 0..part.index.blocks();
        blocks
            .map(|number| {
                let Some(block) = part.index.block(number) else {
                    return Places::none(0);
                };
                let mut places = part.there(number, block.files);
                places.keep_bits(block.deleted(), false);
                if self.names_kinds() {
                    let is_wanted = |kind: u32| kinds.get(kind as usize) == Some(&true);
                    places.keep_values(block.kinds(), is_wanted);
                }
                if let Some(since) = self.since_us {
                    places.keep_values(block.times(), |time| time != NO_TIME && time >= since);
                }
                if let Some(text) = &text
                    && !places.is_empty()
                {
                    text.narrow(&block, &mut places);
                }
                places
            })
            .collect()
    }
}
