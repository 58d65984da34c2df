//! Numbers as people read them, the same in every face of the program.

/// Returns a count with thousands separated by commas.
pub fn count(number: u64) -> String {
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

/// Returns a count of files, with the word.
pub fn files(number: u64) -> String {
    let word = if number == 1 { "file" } else { "files" };
    format!("{} {word}", count(number))
}

/// Returns a place in a film, in milliseconds, as `00:12:31`.
pub fn clock(ms: i64) -> String {
    hours(ms.max(0).unsigned_abs() / 1_000)
}

/// Returns a size in the unit that suits it, powers of 1,000 as on the drive's box.
pub fn size(bytes: u64) -> String {
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
pub fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration in whole seconds"
    )]
    let seconds = seconds.max(0.0).round() as u64;
    hours(seconds)
}

fn hours(seconds: u64) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Returns a stored time to the minute, such as `2026-01-31 12:34`.
pub fn minute(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
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
        assert_eq!(minute("2026-01-31T12:34:56.123456Z"), "2026-01-31 12:34");
        assert_eq!(minute("?"), "?");
    }
}
