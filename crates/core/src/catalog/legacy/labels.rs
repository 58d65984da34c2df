//! Whose shard a file is: told by its rows, else by a drive whose label one of the older naming rules turns into the
//! file's name, else by that name.

use super::super::names;
use super::detect::{Source, contains};
use super::drive_row::DriveRow;
use super::rows;
use crate::path::label::shard_stem;

/// Returns the labels whose rows a database holds, at least one; more than one where the older program gave two drives
/// the same file name. `known`: the catalogue's drives, the one that claims this file first.
pub(super) fn labels_of(
    source: &Source<'_>,
    stem: &str,
    known: &[String],
) -> rusqlite::Result<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    for table in ["files", "inventory"] {
        if !contains(&source.columns(table)?, "drive_label") {
            continue;
        }
        let mut select = source.connection.prepare(&format!(
            "SELECT drive_label FROM {} GROUP BY drive_label ORDER BY min(rowid)",
            source.name(table)
        ))?;
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            if let Some(label) = rows::words(row, 0)?
                && !labels.contains(&label)
            {
                labels.push(label);
            }
        }
    }
    if !labels.is_empty() {
        return Ok(labels);
    }
    let own: Vec<String> = DriveRow::all(source)?
        .into_iter()
        .map(|row| row.label)
        .filter(|label| !label.trim().is_empty())
        .collect();
    let label = match own.as_slice() {
        [] => by_name(stem, known),
        [only] => Some(only.clone()),
        // Several drives and no rows: the one that was scanned last.
        [.., last] => by_name(stem, &own).or_else(|| Some(last.clone())),
    };
    Ok(vec![label.unwrap_or_else(|| stem.to_owned())])
}

/// Returns the label that gives a shard this name.
fn by_name(stem: &str, labels: &[String]) -> Option<String> {
    let rules: [fn(&str) -> String; 3] = [str::to_owned, shard_stem, earlier_stem];
    rules
        .iter()
        .find_map(|rule| labels.iter().find(|label| rule(label) == stem).cloned())
}

/// The earliest window's rule: letters and digits of any script and `._- ` stay, the rest becomes `_`, and so do the
/// blanks that are left after trimming.
fn earlier_stem(label: &str) -> String {
    let kept: String = label
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | ' ') {
                character
            } else {
                '_'
            }
        })
        .collect();
    kept.trim().replace(' ', "_")
}

/// Which rows of a shard that two drives shared are this drive's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// All of them.
    All,
    /// Those of this label.
    Only(String),
    /// Those of no other label than these.
    AllBut(Vec<String>),
}

impl Rows {
    /// Returns whether a row with this label is one of them.
    pub(super) fn take(&self, label: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => label == Some(wanted),
            Self::AllBut(others) => {
                !label.is_some_and(|label| others.iter().any(|other| other == label))
            }
        }
    }

    /// Returns whether a path that no row of this drive speaks of is still this drive's.
    pub(super) fn takes_unknown(&self, source: &Source<'_>, path: &[u8]) -> rusqlite::Result<bool> {
        let others = match self {
            Self::All => return Ok(true),
            Self::Only(_) => return Ok(false),
            Self::AllBut(others) => others,
        };
        for table in ["files", "inventory"] {
            let columns = ["path", "drive_label"];
            let Some(sql) = source.select(table, &columns, "WHERE path = ?1")? else {
                continue;
            };
            let mut select = source.connection.prepare_cached(&sql)?;
            let mut found = select.query([names::to_sql(path)])?;
            while let Some(row) = found.next()? {
                if rows::text(row, 1)?.is_some_and(|label| others.contains(&label)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Returns which rows of a database with these labels belong to each of them. Rows without a label, and what hangs on
/// paths that no row speaks of, belong to the first.
pub(super) fn shares(labels: &[String]) -> Vec<(String, Rows)> {
    match labels.split_first() {
        None => Vec::new(),
        Some((only, [])) => vec![(only.clone(), Rows::All)],
        Some((first, others)) => std::iter::once((first.clone(), Rows::AllBut(others.to_vec())))
            .chain(
                others
                    .iter()
                    .map(|label| (label.clone(), Rows::Only(label.clone()))),
            )
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_naming_rules() {
        let labels: Vec<String> = ["Films 1", "Été 2", "a/b", "Raw: x"]
            .map(String::from)
            .into();
        for (stem, expected) in [
            ("Films_1", Some("Films 1")),
            ("Été_2", Some("Été 2")),
            ("_t_2", Some("Été 2")),
            ("a_b", Some("a/b")),
            ("Raw: x", Some("Raw: x")),
            ("Raw__x", Some("Raw: x")),
            ("Nobody", None),
        ] {
            assert_eq!(by_name(stem, &labels).as_deref(), expected, "{stem}");
        }
    }
}
