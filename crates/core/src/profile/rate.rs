//! Gentle input and output: the pauses that keep a share or a slow disk usable for others while it is scanned.
//!
//! Time comes in from outside and pauses go out as durations, so that nothing here waits.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use super::Profile;

/// Latencies that the mean is taken of.
const LATENCIES: usize = 50;

/// After so long without a reading, the old ones say nothing of the drive any more.
const IDLE: Duration = Duration::from_secs(5);

/// The longest that the drive is left alone between two files on top of the base.
const LONGEST_BACKOFF: Duration = Duration::from_millis(50);

/// The shortest backoff after an error.
const BACKOFF_AFTER_ERROR: Duration = Duration::from_millis(20);

/// A pseudo-random sequence for spreading pauses: xorshift64 (George Marsaglia, "Xorshift RNGs", 2003). Not for secrets.
#[derive(Clone, Debug)]
pub struct XorShift(u64);

impl XorShift {
    /// Returns the sequence that a seed begins; the same seed always begins the same one.
    pub const fn new(seed: u64) -> Self {
        // Zero is the one state that leads nowhere.
        Self(if seed == 0 {
            0x9E37_79B9_7F4A_7C15
        } else {
            seed
        })
    }

    /// Returns the next number.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Returns a number from 0 to `end`, itself included.
    pub const fn up_to(&mut self, end: u64) -> u64 {
        match end.checked_add(1) {
            Some(count) => self.next_u64() % count,
            None => self.next_u64(),
        }
    }

    fn micros(&mut self, range: RangeInclusive<u64>) -> Duration {
        let (start, end) = range.into_inner();
        Duration::from_micros(start + self.up_to(end - start))
    }
}

/// Returns how long to pause after a file was found and queued.
pub fn enumeration_pause(profile: Profile, gentle: bool, rng: &mut XorShift) -> Duration {
    match (profile, gentle) {
        (Profile::Network, true) => rng.micros(3_000..=6_000),
        (Profile::Network, false) => rng.micros(2_000..=5_000),
        (Profile::Usb, true) => rng.micros(1_500..=3_000),
        _ => Duration::ZERO,
    }
}

/// Decides how long a worker pauses before its next file: a base by profile, and a backoff that grows while the drive is
/// slow or the queue long, and shrinks when it is neither.
///
/// It acts if gentle input and output is on, and for network shares always.
#[derive(Clone, Debug)]
pub struct RateController {
    profile: Profile,
    is_gentle: bool,
    latencies: VecDeque<Duration>,
    last_latency: Option<Instant>,
    backoff: Duration,
    rng: XorShift,
}

impl RateController {
    /// Returns a controller that has seen nothing yet.
    pub fn new(profile: Profile, is_gentle: bool) -> Self {
        Self {
            profile,
            is_gentle,
            latencies: VecDeque::with_capacity(LATENCIES),
            last_latency: None,
            backoff: Duration::ZERO,
            // Any seed does: the base only has to differ from file to file.
            rng: XorShift::new(0x5EED),
        }
    }

    /// Takes down how long a read took that ended at `now`.
    pub fn record(&mut self, latency: Duration, now: Instant) {
        self.forget_if_idle(now);
        if self.latencies.len() == LATENCIES {
            self.latencies.pop_front();
        }
        self.latencies.push_back(latency);
        self.last_latency = Some(now);
    }

    /// Returns how long to pause before the next file, with `queue_len` files waiting for `threads` workers.
    pub fn delay(&mut self, queue_len: usize, threads: usize, now: Instant) -> Duration {
        if !self.is_active() {
            return Duration::ZERO;
        }
        self.forget_if_idle(now);
        let is_crowded = queue_len > threads.saturating_mul(2);
        let is_slow = self
            .mean_latency()
            .is_some_and(|mean| mean > self.latency_limit());
        self.backoff = if is_crowded || is_slow {
            (self.backoff.mul_f64(1.5) + Duration::from_millis(5)).min(LONGEST_BACKOFF)
        } else {
            (self.backoff / 2).saturating_sub(Duration::from_millis(2))
        };
        self.base() + self.backoff
    }

    /// Takes down that a file could not be read.
    pub fn error(&mut self) {
        self.backoff = self.backoff.clamp(BACKOFF_AFTER_ERROR, LONGEST_BACKOFF);
    }

    /// Takes down that a file was read.
    pub fn success(&mut self) {
        self.backoff = self.backoff.mul_f64(0.6);
    }

    const fn is_active(&self) -> bool {
        self.is_gentle || matches!(self.profile, Profile::Network)
    }

    const fn latency_limit(&self) -> Duration {
        Duration::from_millis(match self.profile {
            Profile::Network => 50,
            Profile::Ssd | Profile::Hdd | Profile::Usb => 40,
        })
    }

    fn base(&mut self) -> Duration {
        match (self.profile, self.is_gentle) {
            (Profile::Network, _) => self.rng.micros(2_000..=5_000),
            (Profile::Usb, true) => self.rng.micros(1_500..=3_000),
            _ => Duration::ZERO,
        }
    }

    fn mean_latency(&self) -> Option<Duration> {
        let count = u32::try_from(self.latencies.len()).ok()?;
        self.latencies.iter().sum::<Duration>().checked_div(count)
    }

    fn forget_if_idle(&mut self, now: Instant) {
        let is_idle = self
            .last_latency
            .is_some_and(|last| now.saturating_duration_since(last) > IDLE);
        if is_idle {
            self.latencies.clear();
            self.last_latency = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A controller without a random base, so that a delay is the backoff alone.
    fn bare() -> RateController {
        RateController::new(Profile::Hdd, true)
    }

    #[test]
    fn pauses_while_files_are_found() {
        let mut rng = XorShift::new(1);
        for (profile, gentle, shortest, longest) in [
            (Profile::Network, true, 3_000, 6_000),
            (Profile::Network, false, 2_000, 5_000),
            (Profile::Usb, true, 1_500, 3_000),
            (Profile::Usb, false, 0, 0),
            (Profile::Ssd, true, 0, 0),
            (Profile::Hdd, true, 0, 0),
            (Profile::Hdd, false, 0, 0),
        ] {
            let pauses: Vec<u128> = (0..2_000)
                .map(|_| enumeration_pause(profile, gentle, &mut rng).as_micros())
                .collect();
            let middle = u128::midpoint(shortest, longest);
            assert!(
                pauses
                    .iter()
                    .all(|pause| (shortest..=longest).contains(pause))
            );
            assert!(pauses.iter().any(|pause| *pause <= middle));
            assert!(pauses.iter().any(|pause| *pause >= middle));
        }
    }

    #[test]
    fn the_base_goes_by_profile() {
        let now = Instant::now();
        for (profile, gentle, shortest, longest) in [
            (Profile::Network, true, 2_000, 5_000),
            (Profile::Network, false, 2_000, 5_000),
            (Profile::Usb, true, 1_500, 3_000),
            (Profile::Usb, false, 0, 0),
            (Profile::Hdd, true, 0, 0),
            (Profile::Ssd, false, 0, 0),
        ] {
            let mut controller = RateController::new(profile, gentle);
            for _ in 0..500 {
                let delay = controller.delay(0, 6, now).as_micros();
                assert!((shortest..=longest).contains(&delay), "{profile} {delay}");
            }
        }
    }

    #[test]
    fn a_controller_that_is_off_never_pauses() {
        let now = Instant::now();
        for profile in [Profile::Ssd, Profile::Hdd, Profile::Usb] {
            let mut controller = RateController::new(profile, false);
            controller.error();
            controller.record(ms(900), now);
            assert_eq!(controller.delay(1_000, 1, now), Duration::ZERO);
        }
    }

    #[test]
    fn a_long_queue_makes_the_backoff_grow_and_a_short_one_shrink() {
        let now = Instant::now();
        let mut controller = bare();
        assert_eq!(
            controller.delay(12, 6, now),
            ms(0),
            "twice the threads is not long"
        );
        let grown: Vec<Duration> = (0..7).map(|_| controller.delay(13, 6, now)).collect();
        let expected = [5.0, 12.5, 23.75, 40.625, 50.0, 50.0, 50.0];
        for (found, expected) in grown.iter().zip(expected) {
            assert!(
                (found.as_secs_f64() * 1e3 - expected).abs() < 1e-3,
                "{found:?}"
            );
        }
        let shrunk: Vec<Duration> = (0..6).map(|_| controller.delay(0, 6, now)).collect();
        let expected = [23_000, 9_500, 2_750, 0, 0, 0].map(Duration::from_micros);
        assert_eq!(shrunk, expected);
    }

    #[test]
    fn slow_reads_make_the_backoff_grow() {
        let now = Instant::now();
        for (profile, limit) in [
            (Profile::Network, 50),
            (Profile::Usb, 40),
            (Profile::Hdd, 40),
            (Profile::Ssd, 40),
        ] {
            let mut controller = RateController::new(profile, true);
            controller.record(ms(limit), now);
            controller.delay(0, 6, now);
            assert_eq!(controller.backoff, ms(0), "{profile}: at the limit");
            controller.record(ms(limit + 1), now);
            controller.delay(0, 6, now);
            assert_eq!(controller.backoff, ms(5), "{profile}: above it on average");
        }
    }

    #[test]
    fn the_mean_is_of_the_last_fifty() {
        let now = Instant::now();
        let mut controller = bare();
        controller.record(ms(10_000), now);
        for _ in 0..49 {
            controller.record(ms(1), now);
        }
        assert_eq!(
            controller.delay(0, 6, now),
            ms(5),
            "the slow one counts still"
        );
        controller.record(ms(1), now);
        assert_eq!(controller.delay(0, 6, now), Duration::from_micros(500));
        assert_eq!(controller.delay(0, 6, now), ms(0));
    }

    #[test]
    fn old_readings_are_forgotten_after_five_idle_seconds() {
        let now = Instant::now();
        let mut controller = bare();
        controller.record(ms(100), now);
        assert_eq!(controller.delay(0, 6, now + IDLE), ms(5));
        let later = now + IDLE + ms(1);
        assert_eq!(controller.delay(0, 6, later), Duration::from_micros(500));
        controller.record(ms(100), now);
        controller.record(ms(1), later);
        assert_eq!(controller.mean_latency(), Some(ms(1)));
    }

    #[test]
    fn errors_and_successes() {
        let now = Instant::now();
        let mut controller = bare();
        controller.error();
        assert_eq!(controller.backoff, ms(20));
        controller.success();
        assert_eq!(controller.backoff, ms(12));
        controller.error();
        assert_eq!(controller.backoff, ms(20));
        for _ in 0..9 {
            controller.delay(100, 1, now);
        }
        controller.error();
        assert_eq!(controller.backoff, ms(50), "an error never shortens it");
        controller.success();
        assert_eq!(controller.backoff, ms(30));
    }

    #[test]
    fn the_sequence_is_that_of_its_seed() {
        let sequence = |seed| {
            let mut rng = XorShift::new(seed);
            [rng.next_u64(), rng.next_u64(), rng.next_u64()]
        };
        assert_eq!(sequence(1), sequence(1));
        assert_ne!(sequence(1), sequence(2));
        assert_ne!(sequence(0), [0; 3], "zero leads somewhere too");
        // x = 1: 1 ^ 1 << 13 = 8193; ^ >> 7 = 8193 ^ 64 = 8257; ^ << 17 = 8257 ^ 1082261504.
        assert_eq!(XorShift::new(1).next_u64(), 1_082_269_761);
        assert!((0..100).all(|_| XorShift::new(9).up_to(0) == 0));
        XorShift::new(3).up_to(u64::MAX);
    }
}
