//! Results on stdout: lines, aligned columns, and numbers as people read them.

use std::io::{self, Write};

pub(crate) use videocatalog_core::human::{count, duration, size};

/// Which side of its column a cell stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Prints rows under headings, columns as wide as their widest cell. A pipe that closes early is no error.
pub(crate) fn print(headings: &[(&str, Align)], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = headings
        .iter()
        .map(|(heading, _)| heading.chars().count())
        .collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // A line at a time would be a call of the system for each.
    let mut out = io::BufWriter::new(io::stdout().lock());
    let heading: Vec<String> = headings
        .iter()
        .map(|(heading, _)| (*heading).to_owned())
        .collect();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (index, ((cell, (_, align)), width)) in
            row.iter().zip(headings).zip(&widths).enumerate()
        {
            if index > 0 {
                line.push_str("  ");
            }
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            match align {
                Align::Left => line.extend([cell.as_str(), &pad]),
                Align::Right => line.extend([pad.as_str(), cell]),
            }
        }
        if writeln!(out, "{}", line.trim_end()).is_err() {
            return;
        }
    }
    let _hung_up = out.flush();
}

/// Prints a line of results. A pipe that closes early is no error.
pub(crate) fn line(text: std::fmt::Arguments<'_>) {
    let _hung_up = writeln!(io::stdout().lock(), "{text}");
}
