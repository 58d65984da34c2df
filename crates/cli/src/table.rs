//! Results on stdout: lines, aligned columns, and numbers as people read them.

use std::io::{self, Write};

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

/// Returns a count with thousands separated by commas.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a size in the unit that suits it, powers of 1,000 as on the drive's box.
pub(crate) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value < 999.95 {
            return if unit == "B" {
                format!("{bytes} B")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1_000.0;
    }
    format!("{value:.1} PB")
}

/// Returns a duration as `HH:MM:SS`.
pub(crate) fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration in whole seconds"
    )]
    let seconds = seconds.max(0.0).round() as u64;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_500), "1.5 kB");
        assert_eq!(size(8_001_563_222_016), "8.0 TB");
        assert_eq!(duration(3_725.4), "01:02:05");
    }
}
