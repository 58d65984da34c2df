//! Times in queries: a year, a month, a day, a moment, or how long ago.

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};

use super::Context;
use super::values::Literal;

/// Reads a time, in microseconds since 1970.
pub(super) fn time(text: &str, context: &Context) -> Result<Literal<i64>, String> {
    let wrong = || format!("`{text}` is no time");
    let now = Timestamp::from_microsecond(context.now_us).map_err(|_| wrong())?;
    let today = now.to_zoned(context.zone.clone()).date();
    let days = |from: Date, to: Date| whole(from, to, context).ok_or_else(wrong);
    let month_start = today.first_of_month();
    let year_start = today.first_of_year();
    let monday = minus(
        today,
        i64::from(today.weekday().to_monday_zero_offset()).days(),
    );
    let monday = monday.ok_or_else(wrong)?;
    let next = |date: Date, span: Span| date.checked_add(span).map_err(|_| wrong());
    match text.to_lowercase().as_str() {
        "today" => return days(today, next(today, 1.day())?),
        "yesterday" => return days(minus(today, 1.day()).ok_or_else(wrong)?, today),
        "thisweek" => return days(monday, next(monday, 7.days())?),
        "lastweek" => return days(minus(monday, 7.days()).ok_or_else(wrong)?, monday),
        "thismonth" => return days(month_start, next(month_start, 1.month())?),
        "lastmonth" => {
            return days(
                minus(month_start, 1.month()).ok_or_else(wrong)?,
                month_start,
            );
        }
        "thisyear" => return days(year_start, next(year_start, 1.year())?),
        "lastyear" => return days(minus(year_start, 1.year()).ok_or_else(wrong)?, year_start),
        _ => {}
    }
    if let Some(low) = ago(text, now, context) {
        return Ok(Literal {
            low,
            high: context.now_us.saturating_add(1),
            point: None,
        });
    }
    if text.contains(['T', 't', ' ']) && text.contains(':') {
        return moment(text, context).ok_or_else(wrong);
    }
    let numbers: Vec<&str> = text.split(['-', '/', '.']).collect();
    let parse = |part: &str| part.parse::<i16>().ok();
    let date = |year: &str, month: &str, day: &str| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        Date::new(parse(year)?, month, day).ok()
    };
    let (first, span) = match numbers.as_slice() {
        [year] if year.len() == 4 => (date(year, "1", "1"), 1.year()),
        [year, month] if year.len() == 4 => (date(year, month, "1"), 1.month()),
        [year, month, day] if year.len() == 4 => (date(year, month, day), 1.day()),
        _ => (None, 1.day()),
    };
    let first = first.ok_or_else(wrong)?;
    days(first, next(first, span)?)
}

/// Returns whether a time is meant from now: comparing with it would say the opposite of what people mean.
pub(super) fn is_ago(text: &str, context: &Context) -> bool {
    Timestamp::from_microsecond(context.now_us).is_ok_and(|now| ago(text, now, context).is_some())
}

fn minus(date: Date, span: Span) -> Option<Date> {
    date.checked_sub(span).ok()
}

/// `7d`: so long before now.
fn ago(text: &str, now: Timestamp, context: &Context) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: i32 = number.parse().ok()?;
    let span = match unit.to_lowercase().as_str() {
        "min" => Span::new().try_minutes(number),
        "h" => Span::new().try_hours(number),
        "d" => Span::new().try_days(number),
        "w" => Span::new().try_weeks(number),
        "mo" | "m" => Span::new().try_months(number),
        "y" => Span::new().try_years(number),
        _ => return None,
    };
    let then = now
        .to_zoned(context.zone.clone())
        .checked_sub(span.ok()?)
        .ok()?;
    Some(then.timestamp().as_microsecond())
}

fn whole(from: Date, to: Date, context: &Context) -> Option<Literal<i64>> {
    let start = |date: Date| {
        let zoned = date.to_zoned(context.zone.clone()).ok()?;
        Some(zoned.timestamp().as_microsecond())
    };
    Some(Literal {
        low: start(from)?,
        high: start(to)?,
        point: None,
    })
}

/// A moment with or without a zone; to the minute or the second.
fn moment(text: &str, context: &Context) -> Option<Literal<i64>> {
    let text = text.replace(' ', "T");
    let low = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        Err(_) => text
            .parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(context.zone.clone())
            .ok()?
            .timestamp(),
    };
    let after = text.split(['T', 't']).nth(1).unwrap_or_default();
    let to_the_minute = after.trim_end_matches(['Z', 'z']).matches(':').count() < 2;
    let length_us = if to_the_minute { 60_000_000 } else { 1_000_000 };
    let low = low.as_microsecond();
    Some(Literal {
        low,
        high: low.saturating_add(length_us),
        point: None,
    })
}
