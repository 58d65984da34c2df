//! What the catalogue keeps of pairs of contents: which were compared, what was measured, and which a person said are no
//! duplicates.

use std::collections::HashMap;

use rusqlite::{Connection, named_params, params};
use serde::Serialize;

use super::open::has_table;

/// Two contents, and what was measured. Which of the two is first follows from their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The one whose name is first.
    pub a: String,
    /// The other.
    pub b: String,
    /// What was measured.
    pub measured: Measured,
}

/// How alike two contents are; scores from 0 to 1, `None` where one of the two has no such fingerprint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Whether both are films.
    pub are_films: bool,
    /// By the signatures of keyframes.
    pub keyframes: Option<f64>,
    /// How one has to be laid to look like the other, if not as it is.
    pub laid: Option<String>,
    /// Whether one is nearly the same picture all the time.
    pub is_still: bool,
    /// By TMK.
    pub tmk: Option<f64>,
    /// By sound: share of bits that are equal.
    pub sound: Option<f64>,
    /// By how many seconds the second sound begins later.
    pub shift_s: Option<f64>,
    /// One is a part of the other.
    pub part: Option<Part>,
}

/// One content as a part of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Whether the first is the part.
    pub is_a: bool,
    /// Where it begins and ends in the other, in seconds.
    pub from_s: f64,
    /// As above.
    pub to_s: f64,
    /// How much of it is there, from 0 to 1.
    pub share: f64,
}

/// What the settings of the day said of a pair: for those who read the table.
pub type Verdict = Option<(f64, &'static str)>;

/// Makes the tables in a catalogue that has none; for new catalogues and for migration.
///
/// # Errors
/// What SQLite says.
pub(crate) fn add_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("schema/candidates.sql"))
}

/// Returns the contents that were compared, each with its stamp. A catalogue of an earlier schema has none.
///
/// # Errors
/// What SQLite says.
pub fn compared(catalog: &Connection) -> rusqlite::Result<HashMap<String, String>> {
    if !has_table(catalog, "not_duplicates")? {
        return Ok(HashMap::new());
    }
    catalog
        .prepare_cached("SELECT content, stamp FROM compared")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns all pairs.
///
/// # Errors
/// What SQLite says.
pub fn all(catalog: &Connection) -> rusqlite::Result<Vec<Candidate>> {
    if !has_table(catalog, "not_duplicates")? {
        return Ok(Vec::new());
    }
    catalog
        .prepare_cached("SELECT * FROM duplicate_candidates")?
        .query_map([], |row| {
            let part: Option<String> = row.get("part")?;
            let part = match part {
                Some(which) => Some(Part {
                    is_a: which == "a",
                    from_s: row.get("part_from_s")?,
                    to_s: row.get("part_to_s")?,
                    share: row.get("part_share")?,
                }),
                None => None,
            };
            Ok(Candidate {
                a: row.get("content_a")?,
                b: row.get("content_b")?,
                measured: Measured {
                    are_films: row.get("are_films")?,
                    keyframes: row.get("keyframes")?,
                    laid: row.get("laid")?,
                    is_still: row.get("is_still")?,
                    tmk: row.get("tmk")?,
                    sound: row.get("sound")?,
                    shift_s: row.get("shift_s")?,
                    part,
                },
            })
        })?
        .collect()
}

/// Writes that some contents, each with its stamp, were compared with all others, and what came of it; all or nothing. What
/// was known of pairs of these goes.
///
/// # Errors
/// What SQLite says.
pub fn save(
    catalog: &Connection,
    contents: &[(&str, &str)],
    found: &[(&Candidate, Verdict)],
    now_utc: &str,
) -> rusqlite::Result<()> {
    let transaction = catalog.unchecked_transaction()?;
    for (content, stamp) in contents {
        forget(&transaction, content)?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO compared(content, stamp) VALUES(?1, ?2)")?
            .execute([content, stamp])?;
    }
    for (candidate, verdict) in found {
        let measured = &candidate.measured;
        let part = measured.part.as_ref();
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO duplicate_candidates(content_a, content_b, score, reason, created_utc, are_films,
                   keyframes, laid, is_still, tmk, sound, shift_s, part, part_from_s, part_to_s, part_share)
                 VALUES(:a, :b, :score, :reason, :now, :are_films, :keyframes, :laid, :is_still, :tmk, :sound, :shift,
                   :part, :from, :to, :share)",
            )?
            .execute(named_params! {
                ":a": candidate.a,
                ":b": candidate.b,
                ":score": verdict.map(|(score, _)| score),
                ":reason": verdict.map(|(_, reason)| reason),
                ":now": now_utc,
                ":are_films": measured.are_films,
                ":keyframes": measured.keyframes,
                ":laid": measured.laid,
                ":is_still": measured.is_still,
                ":tmk": measured.tmk,
                ":sound": measured.sound,
                ":shift": measured.shift_s,
                ":part": part.map(|part| if part.is_a { "a" } else { "b" }),
                ":from": part.map(|part| part.from_s),
                ":to": part.map(|part| part.to_s),
                ":share": part.map(|part| part.share),
            })?;
    }
    transaction.commit()
}

/// Removes contents that are nowhere any more, and their pairs.
///
/// # Errors
/// What SQLite says.
pub fn prune(catalog: &Connection, gone: &[&str]) -> rusqlite::Result<()> {
    let transaction = catalog.unchecked_transaction()?;
    for content in gone {
        forget(&transaction, content)?;
        transaction
            .prepare_cached("DELETE FROM compared WHERE content = ?1")?
            .execute([content])?;
    }
    transaction.commit()
}

fn forget(catalog: &Connection, content: &str) -> rusqlite::Result<()> {
    for column in ["content_a", "content_b"] {
        catalog
            .prepare_cached(&format!(
                "DELETE FROM duplicate_candidates WHERE {column} = ?1"
            ))?
            .execute([content])?;
    }
    Ok(())
}

/// A pair that a person said is none; the names are those of `duplicates ignore --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoPair {
    /// The content whose name is first.
    pub a: String,
    /// The other.
    pub b: String,
    /// When that was said.
    pub created_utc: String,
    /// The two files as they were called then.
    pub names: String,
}

/// Returns the pairs that are none, the latest first.
///
/// # Errors
/// What SQLite says.
pub fn no_pairs(catalog: &Connection) -> rusqlite::Result<Vec<NoPair>> {
    if !has_table(catalog, "not_duplicates")? {
        return Ok(Vec::new());
    }
    catalog
        .prepare_cached(
            "SELECT content_a, content_b, created_utc, names FROM not_duplicates ORDER BY created_utc DESC, names",
        )?
        .query_map([], |row| {
            Ok(NoPair {
                a: row.get(0)?,
                b: row.get(1)?,
                created_utc: row.get(2)?,
                names: row.get(3)?,
            })
        })?
        .collect()
}

/// Writes that a pair is none, or with `is_pair` that it may be one again; returns whether that is news.
///
/// # Errors
/// What SQLite says.
pub fn set_no_pair(catalog: &Connection, pair: &NoPair, is_pair: bool) -> rusqlite::Result<bool> {
    let (a, b) = ordered(&pair.a, &pair.b);
    let rows = if is_pair {
        catalog.execute(
            "DELETE FROM not_duplicates WHERE content_a = ?1 AND content_b = ?2",
            [a, b],
        )?
    } else {
        catalog.execute(
            "INSERT OR IGNORE INTO not_duplicates(content_a, content_b, created_utc, names) VALUES(?1, ?2, ?3, ?4)",
            params![a, b, pair.created_utc, pair.names],
        )?
    };
    Ok(rows > 0)
}

/// Returns two contents in the order in which pairs have them.
pub fn ordered<'c>(one: &'c str, other: &'c str) -> (&'c str, &'c str) {
    if one <= other {
        (one, other)
    } else {
        (other, one)
    }
}
