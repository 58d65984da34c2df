//! Rows as tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Row;

/// How many facts of a kind were compared, and how they came out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// The same on both sides.
    pub(crate) equal: usize,
    /// Different, with a reason.
    pub(crate) explained: usize,
    /// Different.
    pub(crate) open: usize,
}

impl Count {
    fn add(&mut self, row: &Row) {
        match (row.equal, row.explained) {
            (true, _) => self.equal += 1,
            (false, Some(_)) => self.explained += 1,
            (false, None) => self.open += 1,
        }
    }

    /// Returns how many were compared.
    pub(crate) fn total(self) -> usize {
        self.equal + self.explained + self.open
    }

    /// Returns the part that is equal or explained, in percent.
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    pub(crate) fn percent(self) -> f64 {
        100.0 * (self.equal + self.explained) as f64 / self.total().max(1) as f64
    }
}

/// Returns counts by whatever `key` says.
fn counts<'a>(rows: &'a [Row], key: impl Fn(&'a Row) -> &'a str) -> BTreeMap<&'a str, Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for row in rows {
        counts.entry(key(row)).or_default().add(row);
    }
    counts
}

/// Returns how often both sides agree in all.
pub(crate) fn total(rows: &[Row]) -> Count {
    let mut count = Count::default();
    for row in rows {
        count.add(row);
    }
    count
}

/// Returns how much was read of the files, given each one's name and bytes read.
pub(crate) fn reading(files: &[(String, u64)]) -> String {
    let mut files: Vec<_> = files.iter().map(|(name, bytes)| (bytes, name)).collect();
    files.sort();
    let at = |percent: usize| files.get(files.len().saturating_sub(1) * percent / 100);
    match (at(50), at(95), at(100)) {
        (Some((median, _)), Some((most_files, _)), Some((most, name))) => format!(
            "Bytes read of a file: {median} (median), {most_files} (95 % of files), {most} (most, `{name}`).\n"
        ),
        _ => String::new(),
    }
}

/// Returns the report: tables by container and by field, then every disagreement.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::new();
    let files: BTreeSet<&str> = rows.iter().map(|row| row.file.as_str()).collect();
    let all = total(rows);
    let _ = writeln!(
        text,
        "{} files, {} facts: {} equal, {} explained, {} open ({:.2} % agree).\n",
        files.len(),
        all.total(),
        all.equal,
        all.explained,
        all.open,
        all.percent()
    );
    table(&mut text, "container", &counts(rows, Row::container));
    table(&mut text, "field", &counts(rows, |row| row.field.as_str()));
    reasons(&mut text, rows);
    open(&mut text, rows);
    text
}

fn table(text: &mut String, title: &str, counts: &BTreeMap<&str, Count>) {
    let _ = writeln!(
        text,
        "| {title} | compared | equal | explained | open | agree |\n|---|---:|---:|---:|---:|---:|"
    );
    for (name, count) in counts {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {:.1} % |",
            count.total(),
            count.equal,
            count.explained,
            count.open,
            count.percent()
        );
    }
    text.push('\n');
}

fn reasons(text: &mut String, rows: &[Row]) {
    let mut by_reason: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let (false, Some(reason)) = (row.equal, row.explained) {
            by_reason.entry(reason).or_default().push(row);
        }
    }
    for (reason, rows) in by_reason {
        let first = rows.first().map(|row| row.line()).unwrap_or_default();
        let _ = writeln!(text, "- {} × {reason} For one: {first}.", rows.len());
    }
    text.push('\n');
}

/// What we got wrong comes before what we do not know.
fn open(text: &mut String, rows: &[Row]) {
    let (wrong, missing): (Vec<&Row>, Vec<&Row>) = rows
        .iter()
        .filter(|row| row.is_open())
        .partition(|row| row.ours.is_some());
    for (title, rows) in [("Different", wrong), ("Missing", missing)] {
        if !rows.is_empty() {
            let _ = writeln!(text, "{title}:\n");
        }
        for row in &rows {
            let _ = writeln!(text, "- {}", row.line());
        }
        if !rows.is_empty() {
            text.push('\n');
        }
    }
}
