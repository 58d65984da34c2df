//! On which of the last days files were written to.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::read::Source;
use crate::catalog::drives::Drive;
use crate::search::sums::Sum;

/// A day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayEntry {
    /// Its date, such as `2026-01-31`.
    pub date: String,
    /// Files that were last written to on it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Returns the last `days` in a zone, the oldest first and today last; drives that cannot be read count nothing. `None` if it
/// was cancelled.
pub fn days(
    source: Source<'_>,
    drives: &[Drive],
    now_us: i64,
    days: u32,
    zone: &TimeZone,
) -> Option<Vec<DayEntry>> {
    let began = beginnings(now_us, days, zone);
    let mut sums = vec![Sum::default(); days as usize];
    // A drive that cannot be read is named by the reports beside this.
    for read in source.read(drives, &mut Vec::new()) {
        read.files.each_live(source.cancel, |file| {
            let Some(time_us) = file.modified_us() else {
                return;
            };
            let day = began.partition_point(|(begin_us, _)| *begin_us <= time_us);
            if let Some(sum) = day.checked_sub(1).and_then(|day| sums.get_mut(day)) {
                sum.add(Sum {
                    files: 1,
                    bytes: file.size().unwrap_or(0),
                });
            }
        });
    }
    let entries = began.into_iter().zip(sums);
    let entries = entries.map(|((_, date), sum)| DayEntry {
        date,
        files: sum.files,
        bytes: sum.bytes,
    });
    source.unless_cancelled(entries.collect())
}

/// Returns when each day begins, and its date; then when tomorrow does, so that what is dated later is on no day.
fn beginnings(now_us: i64, days: u32, zone: &TimeZone) -> Vec<(i64, String)> {
    let Ok(now) = jiff::Timestamp::from_microsecond(now_us) else {
        return Vec::new();
    };
    let today = now.to_zoned(zone.clone()).date();
    (0..=i64::from(days))
        .filter_map(|day| {
            let back = jiff::Span::new().try_days(i64::from(days) - 1 - day).ok()?;
            let date = today.checked_sub(back).ok()?;
            let begin = date.to_zoned(zone.clone()).ok()?;
            Some((begin.timestamp().as_microsecond(), date.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_where_people_live() {
        let zone = TimeZone::get("Europe/Prague").unwrap();
        // 2026-03-30T00:30 in Prague, the day after an hour was left out.
        let now_us = 1_774_823_400_000_000;
        let days = beginnings(now_us, 2, &zone);
        let dates: Vec<&str> = days.iter().map(|(_, date)| date.as_str()).collect();
        assert_eq!(dates, ["2026-03-29", "2026-03-30", "2026-03-31"]);
        let hours: Vec<i64> = days
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) / 3_600_000_000)
            .collect();
        assert_eq!(hours, [23, 24]);
    }
}
