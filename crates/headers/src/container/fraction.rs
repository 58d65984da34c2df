//! Fractions as ffprobe rounds them.

use crate::Ratio;

/// Returns the fraction nearest to `num / den` of which neither side exceeds `most`.
///
/// Continued fractions give the candidates: the last convergent that fits, and the largest step towards the next.
pub(crate) fn nearest(num: u128, den: u128, most: u64) -> Option<Ratio> {
    let most = u128::from(most);
    let (mut num, mut den) = (num, den);
    let (mut before, mut last) = ((0_u128, 1_u128), (1_u128, 0_u128));
    // Each step at least halves what is left, so this ends within 256.
    while den != 0 {
        let whole = num / den;
        let next = step(before, last, whole);
        match next {
            Some(next) if next.0 <= most && next.1 <= most => {
                (before, last) = (last, next);
                (num, den) = (den, num % den);
            }
            _ => {
                let room = |side: u128, behind: u128| {
                    most.saturating_sub(behind)
                        .checked_div(side)
                        .unwrap_or(u128::MAX)
                };
                let part = whole
                    .min(room(last.0, before.0))
                    .min(room(last.1, before.1));
                // A step of more than half the way is nearer than none.
                let reach = part
                    .saturating_mul(2)
                    .saturating_mul(last.1)
                    .saturating_add(before.1);
                if den.saturating_mul(reach) > num.saturating_mul(last.1)
                    && let Some(next) = step(before, last, part)
                {
                    last = next;
                }
                break;
            }
        }
    }
    Ratio::new(last.0.try_into().ok()?, last.1.try_into().ok()?)
}

fn step(before: (u128, u128), last: (u128, u128), count: u128) -> Option<(u128, u128)> {
    let side = |last: u128, before: u128| count.checked_mul(last)?.checked_add(before);
    Some((side(last.0, before.0)?, side(last.1, before.1)?))
}

/// Returns the fraction nearest to a number of which neither side exceeds `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number was checked to fit"
)]
pub(crate) fn nearest_to(value: f64, most: u64) -> Option<Ratio> {
    const ONE: u128 = 1 << 40;
    if !(value.is_finite() && value > 0.0 && value < 1e9) {
        return None;
    }
    nearest((value * 1_099_511_627_776.0).round() as u128, ONE, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_frame_durations() {
        for (nanoseconds, num, den) in [
            (41_708_333, 24_000, 1_001),
            (33_366_667, 30_000, 1_001),
            (16_683_333, 19_001, 317),
            (40_000_000, 25, 1),
            (80_000_000, 25, 2),
            (8_333_333, 120, 1),
            (41_701_418, 1_199, 50),
        ] {
            assert_eq!(
                nearest(1_000_000_000, nanoseconds, 30_000),
                Some(Ratio { num, den })
            );
        }
        assert_eq!(nearest(1, 0, 1_000), None);
        assert_eq!(nearest(0, 5, 1_000), None);
        assert_eq!(
            nearest(u128::MAX, u128::MAX - 1, 1_000),
            Some(Ratio { num: 1, den: 1 })
        );
        assert_eq!(nearest_to(23.976, 1_000), Some(Ratio { num: 983, den: 41 }));
    }
}
