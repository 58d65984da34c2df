//! Which files a search is about: those of some drives, and those that conditions allow.

use super::{Around, failed, told};
use crate::catalog::drives::Drive;
use crate::catalog::semantic::{IndexedDrive, SemanticDb};
use crate::catalog::store::Catalog;
use crate::search::bits::Places;
use crate::search::query;
use crate::semantic::SemanticError;

/// Says which drives have files that the index does not know yet.
pub(super) fn behind(
    catalog: &Catalog,
    wanted: &[Drive],
    indexed: &[IndexedDrive],
) -> Result<Option<String>, SemanticError> {
    let changes = catalog.last_changes()?;
    let is_behind = |drive: &&Drive| {
        let known = indexed.iter().find(|known| known.uid == drive.drive_uid);
        known.is_none_or(|known| {
            let scanned = changes.get(&drive.drive_uid).copied();
            !known.is_whole || scanned > known.change_id
        })
    };
    let labels: Vec<String> = wanted
        .iter()
        .filter(is_behind)
        .map(|drive| format!("`{}`", drive.label))
        .collect();
    Ok((!labels.is_empty()).then(|| {
        format!(
            "not all of {} is in the index: `videocatalog semantic index build` brings it up to date",
            labels.join(", ")
        )
    }))
}

/// Returns the files of the index that the conditions allow; `None`: all.
pub(super) fn allowed(
    around: &Around<'_>,
    db: &SemanticDb,
    indexed: &[IndexedDrive],
    wanted: &[Drive],
    conditions: &str,
    warnings: &mut Vec<String>,
) -> Result<Option<Places>, SemanticError> {
    let failed = failed(db);
    // Files of drives that were forgotten since are found no more.
    let is_wanted = |uid: &str| wanted.iter().any(|drive| drive.drive_uid == uid);
    if conditions.is_empty() && indexed.iter().all(|drive| is_wanted(&drive.uid)) {
        return Ok(None);
    }
    let query = query::parse(conditions, around.when).map_err(|error| told(&error))?;
    let end = db.files_end().map_err(&failed)?;
    let mut allowed = Places::none(usize::try_from(end).unwrap_or(0));
    let mut allow = |file: i64| {
        if let Ok(place) = usize::try_from(file) {
            allowed.insert(place);
        }
    };
    for drive in wanted {
        if conditions.is_empty() {
            db.each_file(&drive.drive_uid, |_, file| allow(file))
                .map_err(&failed)?;
            continue;
        }
        let matching = around
            .searcher
            .matching(around.catalog, drive, &query, around.is_online);
        let matching = match matching {
            Ok(matching) => matching,
            Err(reason) => {
                warnings.push(format!("`{}` is not searched: {reason}", drive.label));
                continue;
            }
        };
        // Both go by the number in the shard.
        let mut matching = matching.into_iter().peekable();
        db.each_file(&drive.drive_uid, |file_id, file| {
            while matching.next_if(|next| *next < file_id).is_some() {}
            if matching.next_if_eq(&file_id).is_some() {
                allow(file);
            }
        })
        .map_err(&failed)?;
    }
    Ok(Some(allowed))
}
