//! Pages of long lists: `limit`, `offset` and `next_offset`, as they always were.

use videocatalog_core::browse::COUNTED;

use crate::parameters::Parameters;
use crate::state::Api;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

impl Page {
    pub(crate) fn new(limit: usize, offset: usize) -> Self {
        Self { limit, offset }
    }

    /// Reads `limit` and `offset`; a limit above the largest page means the largest page.
    pub(crate) fn read(query: &mut Parameters, api: &Api) -> Self {
        Self {
            limit: limit(query, api, api.config.default_limit),
            offset: query.number("offset", 0, 0),
        }
    }

    /// Returns where the next page begins, if there are more rows than these.
    pub(crate) fn next(self, rows: usize, has_more: bool) -> Option<usize> {
        has_more.then(|| self.offset.saturating_add(rows))
    }
}

/// Returns a number of rows as it was always said: exactly if it is not too large, else not at all.
pub(crate) fn estimate(total: usize) -> Option<usize> {
    (total <= COUNTED).then_some(total)
}

/// Reads `limit`.
pub(crate) fn limit(query: &mut Parameters, api: &Api, default: usize) -> usize {
    let most = api.config.max_page_size.max(1);
    query.number("limit", default, 1).clamp(1, most)
}
