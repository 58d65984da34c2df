//! What can be told of lost rows from what is left, and what has to go because it hangs on lost ones.

use rusqlite::{Connection, params};

use super::super::interrupt::is_interruption;
use super::super::kinds::{KindId, Kinds};
use super::super::names;
use super::TableSalvage;

/// Tables whose rows hang on a file.
const OF_FILES: [&str; 16] = [
    "hashes",
    "media",
    "subtitle_texts",
    "feature_vectors",
    "analysed",
    "video_signatures",
    "audio_fingerprints",
    "video_hashes",
    "keyframe_signatures",
    "fingerprinted",
    "film_timelines",
    "file_ends",
    "transcript_texts",
    "caption_texts",
    "verified",
    "verify_findings",
];

/// Makes the rows of `new` consistent, with the help of the indexes of `damaged`.
pub(super) fn rebuild(
    damaged: &Connection,
    new: &Connection,
    outcomes: &mut [TableSalvage],
    now_utc: &str,
) -> rusqlite::Result<()> {
    let change = next_change(new)?;
    if !is_whole(outcomes, "folders") {
        let found = folders_from_index(damaged, new)?;
        note(outcomes, "folders", |outcome| outcome.rebuilt += found);
    }
    let made = mend_parents(new)?;
    note(outcomes, "folders", |outcome| outcome.rebuilt += made);
    if !is_whole(outcomes, "entries") {
        let found = entries_from_index(damaged, new, change)?;
        note(outcomes, "entries", |outcome| outcome.rebuilt += found);
    }
    mend_kinds(new)?;
    remove_orphans(new, outcomes)?;
    for table in ["folders", "entries"] {
        note(outcomes, table, |outcome| {
            outcome.lost_at_most = outcome
                .lost_at_most
                .map(|lost| lost.saturating_sub(outcome.rebuilt));
        });
    }
    let rebuilt = outcomes.iter().any(|outcome| outcome.rebuilt > 0);
    if rebuilt {
        new.execute(
            "INSERT OR IGNORE INTO changes(change_id, utc) VALUES(?1, ?2)",
            params![change, now_utc],
        )?;
    }
    new.execute(
        "UPDATE root SET change_id = max(change_id, ?1)",
        [if rebuilt { change } else { change - 1 }],
    )?;
    Ok(())
}

fn is_whole(outcomes: &[TableSalvage], table: &str) -> bool {
    outcomes
        .iter()
        .any(|outcome| outcome.table == table && outcome.is_whole())
}

fn note(outcomes: &mut [TableSalvage], table: &str, change: impl Fn(&mut TableSalvage)) {
    outcomes
        .iter_mut()
        .filter(|outcome| outcome.table == table)
        .for_each(change);
}

/// The number of a batch after all that anything refers to.
fn next_change(new: &Connection) -> rusqlite::Result<i64> {
    new.query_row(
        "SELECT 1 + max((SELECT coalesce(max(change_id), 0) FROM root),
                        (SELECT coalesce(max(change_id), 0) FROM changes),
                        (SELECT coalesce(max(change_id), 0) FROM entries))",
        [],
        |row| row.get(0),
    )
}

/// Calls `visit` with the rows of a query up to what cannot be read, in both orders.
fn both_ways(
    damaged: &Connection,
    query: &str,
    mut visit: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    for direction in ["ASC", "DESC"] {
        // An index that is lost whole helps nobody; the table has what it has.
        let Ok(mut statement) = damaged.prepare(&query.replace("{direction}", direction)) else {
            return Ok(());
        };
        let mut rows = statement.query([])?;
        loop {
            match rows.next() {
                Ok(Some(row)) => visit(row)?,
                Ok(None) => return Ok(()),
                Err(error) if is_interruption(&error) => return Err(error),
                Err(_) => break,
            }
        }
    }
    Ok(())
}

/// Folders by the index over their paths; whose parents they have is mended afterwards.
fn folders_from_index(damaged: &Connection, new: &Connection) -> rusqlite::Result<u64> {
    let mut insert =
        new.prepare("INSERT OR IGNORE INTO folders(id, parent_id, path) VALUES(?1, NULL, ?2)")?;
    let mut found = 0;
    both_ways(
        damaged,
        "SELECT id, path FROM folders INDEXED BY sqlite_autoindex_folders_1 ORDER BY path {direction}",
        |row| {
            let (Ok(id), Ok(path)) = (row.get::<_, i64>(0), row.get_ref(1)) else {
                return Ok(());
            };
            let path = names::from_sql(path);
            found += insert.execute(params![id, names::to_sql(path)])?;
            Ok(())
        },
    )?;
    Ok(found as u64)
}

/// Gives every folder the parent that its path says, making those that are lost; returns how many were made.
fn mend_parents(new: &Connection) -> rusqlite::Result<u64> {
    let mut homeless: Vec<(i64, Vec<u8>)> = new
        .prepare(
            "SELECT id, path FROM folders f
              WHERE path <> '' AND NOT EXISTS(SELECT 1 FROM folders p WHERE p.id = f.parent_id)",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, names::from_sql(row.get_ref(1)?).to_vec()))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let has_files: bool = new.query_row(
        "SELECT EXISTS(SELECT 1 FROM entries) OR EXISTS(SELECT 1 FROM folders)",
        [],
        |row| row.get(0),
    )?;
    let mut made = 0;
    if has_files {
        made += new.execute(
            "INSERT INTO folders(parent_id, path) SELECT NULL, '' WHERE NOT EXISTS(SELECT 1 FROM folders WHERE path = '')",
            [],
        )?;
    }
    let mut find = new.prepare("SELECT id FROM folders WHERE path = ?1")?;
    let mut insert = new.prepare("INSERT INTO folders(parent_id, path) VALUES(NULL, ?1)")?;
    let mut adopt = new.prepare("UPDATE folders SET parent_id = ?2 WHERE id = ?1")?;
    while let Some((id, path)) = homeless.pop() {
        let end = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        let above = path.get(..end).unwrap_or_default();
        let known: Option<i64> = find
            .query_map([names::to_sql(above)], |row| row.get(0))?
            .next()
            .transpose()?;
        let parent = if let Some(parent) = known {
            parent
        } else {
            insert.execute([names::to_sql(above)])?;
            made += 1;
            let parent = new.last_insert_rowid();
            homeless.push((parent, above.to_vec()));
            parent
        };
        adopt.execute([id, parent])?;
    }
    Ok(made as u64)
}

/// Files by the index over folder and name. Size and time are left open, so that the next scan looks at them.
fn entries_from_index(
    damaged: &Connection,
    new: &Connection,
    change: i64,
) -> rusqlite::Result<u64> {
    let mut kinds = Kinds::load(new)?;
    let mut insert = new.prepare(
        "INSERT OR IGNORE INTO entries(id, folder_id, name, name_folded, kind_id, first_change, change_id)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )?;
    let mut known = new.prepare("SELECT EXISTS(SELECT 1 FROM entries WHERE id = ?1)")?;
    let mut found = 0;
    both_ways(
        damaged,
        "SELECT id, folder_id, name FROM entries INDEXED BY entries_by_place
          ORDER BY folder_id {direction}, name {direction}",
        |row| {
            let (Ok(id), Ok(folder), Ok(name)) =
                (row.get::<_, i64>(0), row.get::<_, i64>(1), row.get_ref(2))
            else {
                return Ok(());
            };
            let name = names::from_sql(name);
            if name.is_empty() || known.query_row([id], |row| row.get(0))? {
                return Ok(());
            }
            let KindId(kind) = kinds.of_name(new, name)?;
            found += insert.execute(params![
                id,
                folder,
                names::to_sql(name),
                names::folded(name),
                kind,
                change
            ])?;
            Ok(())
        },
    )?;
    Ok(found as u64)
}

/// Files whose kind is lost are taken for what their names say.
fn mend_kinds(new: &Connection) -> rusqlite::Result<()> {
    let lost: Vec<(i64, Vec<u8>)> = new
        .prepare(
            "SELECT id, name FROM entries e WHERE NOT EXISTS(SELECT 1 FROM kinds k WHERE k.id = e.kind_id)",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, names::from_sql(row.get_ref(1)?).to_vec()))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if lost.is_empty() {
        return Ok(());
    }
    let mut kinds = Kinds::load(new)?;
    let mut update = new.prepare("UPDATE entries SET kind_id = ?2 WHERE id = ?1")?;
    for (id, name) in lost {
        let KindId(kind) = kinds.of_name(new, &name)?;
        update.execute([id, kind])?;
    }
    Ok(())
}

/// Removes what hangs on something that is lost, and counts it.
fn remove_orphans(new: &Connection, outcomes: &mut [TableSalvage]) -> rusqlite::Result<()> {
    let homeless = new.execute(
        "DELETE FROM entries WHERE folder_id NOT IN (SELECT id FROM folders)",
        [],
    )?;
    note(outcomes, "entries", |outcome| {
        outcome.refused += homeless as u64;
    });
    for table in OF_FILES {
        let orphans = new.execute(
            &format!("DELETE FROM {table} WHERE file_id NOT IN (SELECT id FROM entries)"),
            [],
        )?;
        note(outcomes, table, |outcome| outcome.refused += orphans as u64);
    }
    Ok(())
}
