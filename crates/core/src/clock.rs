//! The only place that asks what time it is, and the documented text forms of time.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where "now" comes from; tests pass a [`TestClock`].
pub trait Clock: Send + Sync {
    /// Returns the time since the Unix epoch in microseconds; may go backwards when the machine's clock is set.
    fn now_us(&self) -> i64;

    /// Returns now as `YYYY-MM-DDTHH:MM:SSZ`.
    fn now_utc(&self) -> String {
        utc_text(self.now_us())
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn now_us(&self) -> i64 {
        system_time_us(SystemTime::now())
    }
}

/// A clock that stands where it was put.
#[derive(Debug)]
pub struct TestClock(Mutex<i64>);

impl TestClock {
    /// Returns a clock that stands at `now_us` microseconds since the Unix epoch.
    pub fn at(now_us: i64) -> Self {
        Self(Mutex::new(now_us))
    }

    /// Moves the clock, forwards or backwards.
    pub fn set(&self, now_us: i64) {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = now_us;
    }
}

impl Clock for TestClock {
    fn now_us(&self) -> i64 {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Returns `time` in microseconds since the Unix epoch, rounded down; times before 1970 are negative.
pub fn system_time_us(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => duration_us(after),
        Err(before) => {
            let before = before.duration();
            let whole = duration_us(before);
            // Rounding down means away from zero here.
            if before.subsec_nanos() % 1_000 == 0 {
                -whole
            } else {
                -whole - 1
            }
        }
    }
}

fn duration_us(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Returns the time as `YYYY-MM-DDTHH:MM:SSZ`, whole seconds rounded down.
///
/// Years the text form has no room for become the first or last second it can say (years 0 and 9999), as in the
/// documented views.
pub fn utc_text(us: i64) -> String {
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_300_799;
    let seconds = us.div_euclid(1_000_000).clamp(FIRST, LAST);
    let days = seconds.div_euclid(86_400);
    let second_of_day = seconds.rem_euclid(86_400);
    let (year, month, day) = civil_from_days(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second_of_day / 3_600,
        second_of_day / 60 % 60,
        second_of_day % 60
    )
}

/// Returns the time as `YYYYmmdd_HHMMSSZ`, the form in names of backups and exports.
pub fn file_stamp(us: i64) -> String {
    utc_text(us).replace(['-', ':'], "").replace('T', "_")
}

/// Returns the time as `YYYYmmdd_HHMMSS` in a zone, the form in names of reports.
pub fn local_stamp(us: i64, zone: &jiff::tz::TimeZone) -> String {
    jiff::Timestamp::from_microsecond(us).map_or_else(
        |_| file_stamp(us),
        |time| {
            time.to_zoned(zone.clone())
                .strftime("%Y%m%d_%H%M%S")
                .to_string()
        },
    )
}

/// Returns (year, month, day) of the proleptic Gregorian calendar for days since 1970-01-01.
///
/// The era arithmetic of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Returns microseconds since the Unix epoch for either documented text form (`YYYY-MM-DDTHH:MM:SSZ` and SQLite's
/// `YYYY-MM-DD HH:MM:SS`, an offset or fraction allowed); a time without an offset is UTC. `None` if it is neither.
pub fn parse_utc(text: &str) -> Option<i64> {
    let text = text.trim();
    let micros = |timestamp: jiff::Timestamp| Some(timestamp.as_microsecond());
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return micros(timestamp);
    }
    let civil: jiff::civil::DateTime = text.trim_end_matches('Z').parse().ok()?;
    if civil.year() == 9_999 && civil.month() == 12 {
        // Timestamps of jiff end a day before the year does; what `utc_text` writes must be read again.
        let days = i64::from(civil.day()) - 1 + 2_932_866;
        let seconds = i64::from(civil.hour()) * 3_600
            + i64::from(civil.minute()) * 60
            + i64::from(civil.second());
        return Some((days * 86_400 + seconds) * 1_000_000);
    }
    micros(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms() {
        for (us, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (1_623_760_496_999_999, "2021-06-15T12:34:56Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
            (i64::MIN, "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(utc_text(us), expected);
        }
        assert_eq!(file_stamp(0), "19700101_000000Z");
    }

    #[test]
    fn both_legacy_forms_are_read() {
        for text in [
            "2021-06-15T12:34:56Z",
            "2021-06-15 12:34:56",
            "2021-06-15T14:34:56+02:00",
            "2021-06-15T12:34:56",
        ] {
            assert_eq!(parse_utc(text), Some(1_623_760_496_000_000), "{text}");
        }
        assert_eq!(parse_utc("yesterday"), None);
        let last = 253_402_300_799_000_000;
        assert_eq!(parse_utc(&utc_text(last)), Some(last));
        assert_eq!(
            utc_text((2_932_866 * 86_400) * 1_000_000),
            "9999-12-01T00:00:00Z"
        );
        assert_eq!(parse_utc("2021-06-15"), Some(1_623_715_200_000_000));
    }

    #[test]
    fn time_before_1970_rounds_down() {
        assert_eq!(system_time_us(UNIX_EPOCH - Duration::from_nanos(1)), -1);
        assert_eq!(system_time_us(UNIX_EPOCH - Duration::from_micros(7)), -7);
    }
}
