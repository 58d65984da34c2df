//! A report as a table: rows of values, sorted by any of their columns.

use std::borrow::Cow;
use std::cmp::Ordering;

use eframe::egui::{self, Ui};
use videocatalog_core::human;
use videocatalog_core::search::shown;

use crate::command::Command;
use crate::shell::Shell;
use crate::widgets::table::{Column, DataTable, Sorted, TableState};

/// What stands in a cell; it is sorted by what it means, not by how it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A word or a path.
    Text(String),
    /// A number of things, where it is known.
    Count(Option<u64>),
    /// Bytes, where they are known.
    Bytes(Option<u64>),
    /// Bytes before something happened, if there were any.
    Before(Option<u64>),
    /// Hours.
    Hours(f64),
    /// A stored time, where it is known.
    Time(Option<String>),
    /// A place in a ranking; `None`: not among the first.
    Rank(Option<u64>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) const fn count(number: u64) -> Self {
        Self::Count(Some(number))
    }

    pub(super) const fn bytes(number: u64) -> Self {
        Self::Bytes(Some(number))
    }

    /// Returns it as it is read.
    fn written(&self) -> Cow<'_, str> {
        let or = |text: Option<String>, none: &str| text.unwrap_or_else(|| none.to_owned());
        Cow::Owned(match self {
            Self::Text(text) => shown(text),
            Self::Count(number) => or(number.map(human::count), "?"),
            Self::Bytes(number) => or(number.map(human::size), "?"),
            Self::Before(number) => or(number.map(human::size), ""),
            Self::Hours(hours) => format!("{hours:.1}"),
            Self::Time(time) => or(time.as_deref().map(human::minute), ""),
            Self::Rank(rank) => or(rank.map(human::count), "—"),
        })
    }

    fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Count(None)
                | Self::Bytes(None)
                | Self::Before(None)
                | Self::Time(None)
                | Self::Rank(None)
        )
    }

    /// Compares two of a column; what is not known comes last either way.
    fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        let unknown = self.is_unknown().cmp(&other.is_unknown());
        let order = match (self, other) {
            (Self::Text(a), Self::Text(b)) => (a.to_lowercase(), a).cmp(&(b.to_lowercase(), b)),
            (Self::Count(a), Self::Count(b))
            | (Self::Bytes(a), Self::Bytes(b))
            | (Self::Before(a), Self::Before(b))
            | (Self::Rank(a), Self::Rank(b)) => a.cmp(b),
            (Self::Hours(a), Self::Hours(b)) => a.total_cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            _ => Ordering::Equal,
        };
        unknown.then(if is_descending {
            order.reverse()
        } else {
            order
        })
    }
}

/// Where a row leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Leads {
    /// To nothing else.
    #[default]
    Nowhere,
    /// To a file, by its absolute path.
    File(String),
    /// To what a query finds on a drive, or on all.
    Query {
        /// The query.
        text: String,
        /// The drive by its label.
        within: Option<String>,
    },
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// A value a column.
    pub(super) cells: Vec<Value>,
    /// What opening it shows.
    pub(super) leads: Leads,
    /// Rows of the table below, while this one is chosen.
    pub(super) below: Vec<Row>,
}

impl Row {
    pub(super) fn new(cells: impl Into<Vec<Value>>) -> Self {
        Self {
            cells: cells.into(),
            ..Self::default()
        }
    }

    pub(super) fn leading(self, leads: Leads) -> Self {
        Self { leads, ..self }
    }
}

/// A table.
pub(super) struct Sheet {
    /// Its name for those who cannot see it.
    name: &'static str,
    columns: &'static [Column],
    rows: Vec<Row>,
    sorted: Option<Sorted>,
    state: TableState,
}

impl Sheet {
    /// Returns one that is in the order of its rows.
    pub(super) fn new(name: &'static str, columns: &'static [Column], rows: Vec<Row>) -> Self {
        Self {
            name,
            columns,
            rows,
            sorted: None,
            state: TableState::default(),
        }
    }

    /// Returns whether it has no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Chooses a row.
    pub(super) fn choose(&mut self, row: usize) {
        self.state.chosen.alone(row);
    }

    /// Returns the row that is chosen.
    pub(super) fn chosen(&self) -> Option<&Row> {
        self.rows.get(self.state.chosen.at()?)
    }

    /// Sorts by a column; by the same again: the other way round. Numbers and times begin with the largest.
    pub(super) fn sort(&mut self, column: usize) {
        let is_word = |row: &Row| matches!(row.cells.get(column), Some(Value::Text(_)));
        let is_rank = |row: &Row| matches!(row.cells.get(column), Some(Value::Rank(_)));
        let is_descending = match self.sorted {
            Some(sorted) if sorted.column == column => !sorted.is_descending,
            _ => !self.rows.iter().any(|row| is_word(row) || is_rank(row)),
        };
        self.sorted = Some(Sorted {
            column,
            is_descending,
        });
        self.rows.sort_by(|a, b| {
            let pair = a.cells.get(column).zip(b.cells.get(column));
            pair.map_or(Ordering::Equal, |(a, b)| a.compare(b, is_descending))
        });
        self.state.rewind();
    }

    /// Draws it, and has done what was wished for. Returns whether another row was chosen.
    pub(super) fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> bool {
        let mut state = std::mem::take(&mut self.state);
        let before = state.chosen.at();
        let rows = &self.rows;
        let happened = DataTable {
            name: self.name,
            columns: self.columns,
            rows: rows.len(),
            sorted: self.sorted,
        }
        .show(ui, &mut state, |row, column| {
            rows.get(row)?.cells.get(column).map(Value::written)
        });
        self.state = state;
        if let Some(row) = self.chosen() {
            if happened.opened.is_some() {
                open(&row.leads, shell);
            }
            if let Leads::File(path) = &row.leads {
                let is_copy = |event: &egui::Event| matches!(event, egui::Event::Copy);
                if happened.body.has_focus() && ui.input(|input| input.events.iter().any(is_copy)) {
                    shell.wish(Command::Copy(path.clone()));
                }
            }
            if row.leads != Leads::Nowhere {
                happened.body.context_menu(|ui| menu(&row.leads, ui, shell));
            }
        }
        if let Some(column) = happened.sort {
            self.sort(column);
        }
        self.state.chosen.at() != before
    }
}

/// Shows where something leads.
pub(super) fn open(leads: &Leads, shell: &mut Shell) {
    match leads {
        Leads::Nowhere => {}
        Leads::File(path) => shell.wish(Command::Reveal(path.into())),
        Leads::Query { text, within } => {
            shell.wish(Command::Within(within.clone()));
            shell.wish(Command::Query(text.clone()));
        }
    }
}

fn menu(leads: &Leads, ui: &mut Ui, shell: &mut Shell) {
    let (first, path) = match leads {
        Leads::File(path) => ("Open folder", Some(path)),
        _ => ("Search for these", None),
    };
    if ui.button(first).clicked() {
        open(leads, shell);
        ui.close();
    }
    if let Some(path) = path
        && ui.button("Copy full path").clicked()
    {
        shell.wish(Command::Copy(path.clone()));
        ui.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::text("Name", 100.0).sortable(),
        Column::number("Size", 100.0).sortable(),
        Column::number("Rank", 100.0).sortable(),
    ];

    fn sheet() -> Sheet {
        let row = |name: &str, size, rank| {
            Row::new([Value::text(name), Value::Bytes(size), Value::Rank(rank)])
        };
        let rows = vec![
            row("b", Some(9), Some(2)),
            row("C", Some(1_000), None),
            row("a", None, Some(10)),
        ];
        Sheet::new("Test", &COLUMNS, rows)
    }

    fn names(sheet: &Sheet) -> Vec<Cow<'_, str>> {
        let names = sheet.rows.iter().filter_map(|row| row.cells.first());
        names.map(Value::written).collect()
    }

    #[test]
    fn rows_are_sorted_by_what_they_mean() {
        let mut sheet = sheet();
        for (column, order) in [
            (0, ["a", "b", "C"]),
            (0, ["C", "b", "a"]),
            // 1,000 is more than 9, and what is unknown comes last both ways.
            (1, ["C", "b", "a"]),
            (1, ["b", "C", "a"]),
            (2, ["b", "a", "C"]),
            (2, ["a", "b", "C"]),
        ] {
            sheet.sort(column);
            assert_eq!(names(&sheet), order, "{:?}", sheet.sorted);
        }
    }
}
