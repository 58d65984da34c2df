//! Exports of what a query finds.

use std::collections::HashMap;

use super::Only;
use crate::cancel::CancelToken;
use crate::catalog::drives::Drive;
use crate::catalog::store::Catalog;
use crate::online::OnlineState;
use crate::search::Searcher;
use crate::search::query::Query;

/// Returns which files of these drives a query finds, and drives that could not be searched, and why. Once `cancel` is
/// raised, drives are left out.
pub fn found_by(
    searcher: &Searcher,
    catalog: &Catalog,
    drives: &[Drive],
    query: &Query,
    cancel: &CancelToken,
) -> (Box<Only<'static>>, Vec<String>) {
    let online = OnlineState::default();
    let mut found = HashMap::new();
    let mut unsearched = Vec::new();
    for drive in drives {
        if cancel.is_cancelled() {
            break;
        }
        match searcher.matching(catalog, drive, query, &|drive| online.is_online(drive)) {
            Ok(ids) => {
                found.insert(drive.drive_uid.clone(), ids);
            }
            Err(reason) => unsearched.push(format!("`{}`: {reason}", drive.label)),
        }
    }
    let is_found = move |drive: &Drive, id: i64| {
        found
            .get(&drive.drive_uid)
            .is_some_and(|ids| ids.binary_search(&id).is_ok())
    };
    (Box::new(is_found), unsearched)
}
