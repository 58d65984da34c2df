//! The files of a drive, page by page.

use super::BrowseError;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::clock::parse_utc;
use crate::search::Searcher;
use crate::search::listing::Page;
use crate::search::listing::filter::Filter;

/// Which files are wanted; an empty text asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct InventoryFilter {
    /// Somewhere in the absolute path, case aside; `%` and `_` are what they are.
    pub q: String,
    /// The category, case aside.
    pub category: String,
    /// The extension, case aside, with or without its dot.
    pub ext: String,
    /// How the MIME type begins, case aside.
    pub mime: String,
    /// Modified then or later, as ISO 8601; a time without a zone is UTC.
    pub since: String,
}

impl InventoryFilter {
    fn read(&self) -> Result<Filter, BrowseError> {
        let word = |text: &str| text.trim().to_lowercase();
        let (ext, since) = (word(&self.ext), self.since.trim());
        let since_us = if since.is_empty() {
            None
        } else {
            Some(parse_utc(since).ok_or_else(|| BrowseError::Since {
                value: since.to_owned(),
            })?)
        };
        Ok(Filter {
            text: self.q.clone(),
            category: word(&self.category),
            ext: ext.strip_prefix('.').unwrap_or(&ext).to_owned(),
            mime: word(&self.mime),
            since_us,
        })
    }
}

/// Returns the files of a drive that are there and match, in the order of their paths without case.
///
/// # Errors
/// When the filter is none or the drive cannot be read.
pub fn inventory(
    searcher: &Searcher,
    catalog: &Catalog,
    drive: &Drive,
    filter: &InventoryFilter,
    offset: usize,
    limit: usize,
) -> Result<Page, BrowseError> {
    let page = searcher.page(catalog, drive, &filter.read()?, offset, limit);
    page.map_err(|reason| BrowseError::unread(drive, reason))
}
