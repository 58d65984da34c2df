//! When streams begin and end, as ffprobe reckons it: from the first time in the file, and the last ones near its end.

/// Ticks a second.
pub(crate) const TICKS: u64 = 90_000;

/// Times have 33 bits and start again.
const WRAP: u64 = 1 << 33;

/// Times this much before the first are taken for earlier ones, not for ones after 26 hours.
const BEFORE: u64 = 60 * TICKS;

/// Returns how long after `first` a time is, in ticks.
pub(crate) fn since(first: u64, time: u64) -> i64 {
    let ahead = time.wrapping_sub(first) % WRAP;
    let ticks = i64::try_from(ahead).unwrap_or_default();
    if ahead > WRAP - BEFORE {
        ticks - (1 << 33)
    } else {
        ticks
    }
}

/// When one stream begins and how long it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// The first presentation time.
    pub(crate) first: Option<u64>,
    /// The playing time in ticks.
    pub(crate) duration: Option<i64>,
    last: i64,
}

impl Times {
    /// Notes a packet near the end that lasts so many ticks. A time that jumps far from its neighbour is not believed.
    pub(crate) fn note_end(&mut self, pts: u64, lasts: i64) {
        let Some(first) = self.first else {
            return;
        };
        let duration = since(first, pts).saturating_add(lasts);
        if duration <= 0 {
            return;
        }
        let near = self.last.abs_diff(duration) < 60 * TICKS;
        if self.last <= 0 || self.duration.is_none_or(|known| known < duration && near) {
            self.duration = Some(duration);
        }
        self.last = duration;
    }
}

/// A stream as far as time goes.
pub(crate) struct Span<'a> {
    pub(crate) times: &'a Times,
    /// Pictures or sound: other streams lengthen a film by a second at most.
    pub(crate) main: bool,
    /// Programs it belongs to.
    pub(crate) programs: &'a [usize],
}

/// Returns the playing time of a film of these streams in seconds.
pub(crate) fn duration(spans: &[Span<'_>], programs: usize) -> Option<f64> {
    // Everything is reckoned from one stream's beginning, since times may wrap between two beginnings.
    let origin = spans.iter().find_map(|span| span.times.first)?;
    let (mut main, mut other) = (Extent::default(), Extent::default());
    let mut of_programs = vec![Extent::default(); programs];
    for span in spans {
        let Some(first) = span.times.first else {
            continue;
        };
        let begin = micros(since(origin, first));
        let length = span.times.duration.map(micros);
        if span.main {
            main.add(begin, length);
        } else {
            other.add(begin, length);
        }
        for program in span.programs {
            if let Some(extent) = of_programs.get_mut(*program) {
                extent.add(begin, length);
            }
        }
    }
    let whole = main.joined(&other);
    let mut longest = whole.longest?;
    if programs > 1 {
        for extent in &of_programs {
            longest = longest.max(extent.length().unwrap_or_default());
        }
    } else {
        longest = longest.max(whole.length().unwrap_or_default());
    }
    (longest > 0).then(|| seconds(longest, 1_000_000))
}

/// Returns a duration in ticks as seconds, to the microsecond.
pub(crate) fn ticks_in_seconds(ticks: i64) -> f64 {
    seconds(micros(ticks), 1_000_000)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "times in a film are far below what a float holds"
)]
fn seconds(count: i64, per_second: i64) -> f64 {
    count as f64 / per_second as f64
}

fn micros(ticks: i64) -> i64 {
    // 100 / 9 of a tick, rounded to the nearest.
    let scaled = ticks.saturating_mul(100);
    scaled.saturating_add(if scaled < 0 { -4 } else { 4 }) / 9
}

#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    begin: Option<i64>,
    end: Option<i64>,
    longest: Option<i64>,
}

impl Extent {
    fn add(&mut self, begin: i64, length: Option<i64>) {
        self.begin = Some(self.begin.map_or(begin, |known| known.min(begin)));
        if let Some(length) = length {
            let end = begin.saturating_add(length);
            self.end = Some(self.end.map_or(end, |known| known.max(end)));
            self.longest = Some(self.longest.map_or(length, |known| known.max(length)));
        }
    }

    fn length(&self) -> Option<i64> {
        Some(self.end?.saturating_sub(self.begin?))
    }

    /// Returns this extent, moved by what the other says where that is less than a second away or all there is.
    fn joined(&self, other: &Self) -> Self {
        let near = |ours: i64, theirs: i64| ours.abs_diff(theirs) < 1_000_000;
        let later = |ours: Option<i64>, theirs: Option<i64>| match (ours, theirs) {
            (Some(ours), Some(theirs)) if theirs > ours && near(ours, theirs) => Some(theirs),
            (None, theirs) => theirs,
            (ours, _) => ours,
        };
        Self {
            begin: match (self.begin, other.begin) {
                (Some(ours), Some(theirs)) if theirs < ours && near(ours, theirs) => Some(theirs),
                (None, theirs) => theirs,
                (ours, _) => ours,
            },
            end: later(self.end, other.end),
            longest: later(self.longest, other.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_wrap_once_and_may_lie_a_little_before() {
        assert_eq!(since(10, 100), 90);
        assert_eq!(since(WRAP - 10, 80), 90);
        assert_eq!(since(100, 10), -90);
        assert_eq!(since(WRAP - 10, WRAP - 100), -90);
    }

    #[test]
    fn films_last_from_the_first_beginning_to_the_last_end() {
        let times = |first, duration| Times {
            first: Some(first),
            duration: Some(duration),
            last: 0,
        };
        let (video, audio, subtitle) = (times(180_000, 90_000), times(90_000, 90_000), times(0, 0));
        let span = |times, main| Span {
            times,
            main,
            programs: &[0],
        };
        let spans = [
            span(&video, true),
            span(&audio, true),
            span(&subtitle, false),
        ];
        assert_eq!(duration(&spans, 1), Some(2.0));
        assert_eq!(duration(&spans, 2), Some(3.0));
        assert_eq!(duration(&[], 1), None);
    }
}
