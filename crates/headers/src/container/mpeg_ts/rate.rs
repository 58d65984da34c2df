//! Frames a second as ffprobe prints them: the nearest usual rate within one per cent.

use super::elementary::Start;
use super::timing::since;
use crate::Ratio;

/// Packets needed to tell the rate by their times.
pub(super) const PACKETS: usize = 20;

/// 1/12,012 of a frame a second: usual rates are whole numbers of these.
const UNIT: u64 = 12 * 1_001;

/// Returns the usual rate that is nearest, or the rate itself where none is near.
pub(super) fn usual(rate: Ratio) -> Ratio {
    let value = rate.value();
    let twelfths = (1..=360).map(|n| n * 1_001);
    let whole = (31..=60).chain([80, 120, 240]).map(|n| n * UNIT);
    let television = [24, 30, 60, 12, 15, 48].map(|n| n * 12_000);
    let mut best = (0.01, rate);
    for units in twelfths.chain(whole).chain(television) {
        let Some(usual) = Ratio::new(units, UNIT) else {
            continue;
        };
        let error = (value / usual.value() - 1.0).abs();
        if error < best.0 {
            best = (error, usual);
        }
    }
    best.1
}

/// Returns the rate at which packets with a picture each follow one another.
pub(super) fn of_packets(starts: &[Start]) -> Option<Ratio> {
    let mut steps: Vec<i64> = starts
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some(since(a.dts?, b.dts?)),
            _ => None,
        })
        .filter(|step| (1..=900_000).contains(step))
        .collect();
    if steps.len() < 2 {
        return None;
    }
    // Gaps and repeats are few: the middle of the steps is the ordinary one, the average of its neighbours evens rounding out.
    steps.sort_unstable();
    let middle = *steps.get(steps.len() / 2)?;
    let near: Vec<i64> = steps
        .into_iter()
        .filter(|step| step.abs_diff(middle) <= 1 + middle.unsigned_abs() / 20)
        .collect();
    let sum = u64::try_from(near.iter().sum::<i64>()).ok()?;
    Ratio::new(near.len() as u64 * super::timing::TICKS, sum).map(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_usual_ones() {
        let check = |num, den, expected: (u32, u32)| {
            let rate = usual(Ratio::new(num, den).unwrap());
            assert_eq!((rate.num, rate.den), expected, "{num}/{den}");
        };
        check(30_000, 1_001, (30_000, 1_001));
        check(90_000, 3_753, (24_000, 1_001));
        check(25, 1, (25, 1));
        check(100, 1, (100, 1));
        check(2_401, 100, (24, 1));
        check(50_000, 1_000, (50, 1));
    }

    #[test]
    fn packets_tell_the_rate() {
        let starts: Vec<_> = (0..30)
            .map(|n| Start {
                offset: 0,
                dts: Some(n * 3_600 % 100_000),
            })
            .collect();
        assert_eq!(of_packets(&starts), Ratio::new(25, 1));
        assert_eq!(of_packets(&starts[..2]), None);
    }
}
