//! How alike two fingerprints are.
//!
//! The second score is the largest value of a curve over all shifts between the films, for each period. The curve is a sum of
//! few waves, so it cannot wind much between points that are close: a Fourier transform gives it on a coarse grid, and only
//! around the highest points every shift is tried.

use super::Tmk;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Fingerprints of different frame rates, periods, coefficients or dimensions, which cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fingerprints were made with different parameters")]
pub struct Incompatible;

/// Where two films agree best, within one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodOffset {
    /// Length of the period in frames.
    pub period: i32,
    /// Frames of the first film before the second begins, 0 to `period - 1`. Coarse: shifts of less than some five seconds are not told apart.
    pub offset: i32,
    /// How well they agree at this shift; not yet divided as scores are.
    pub value: f32,
}

impl PeriodOffset {
    /// Returns the shift as the shorter way round, `-period / 2` to `period / 2` frames: negative where the second film begins
    /// before the first.
    pub fn signed_offset(&self) -> i32 {
        if self.offset > self.period / 2 {
            self.offset - self.period
        } else {
            self.offset
        }
    }
}

/// The second score and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Level2 {
    /// From 0 to 1, which a film has with itself.
    pub score: f32,
    /// The best shift of each period.
    pub offsets: Vec<PeriodOffset>,
}

impl Tmk {
    /// Tells whether the two can be compared.
    pub fn is_compatible(&self, other: &Self) -> bool {
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
        self.frames_per_second == other.frames_per_second
            && self.periods == other.periods
            && self.average.len() == other.average.len()
            && self.coefficients.len() == other.coefficients.len()
            && self.coefficients.iter().zip(&other.coefficients).all(near)
    }

    /// Returns the first score: the cosine of the angle between the averages, from -1 to 1, and 0 where one says nothing.
    ///
    /// # Errors
    /// When they cannot be compared.
    pub fn level1(&self, other: &Self) -> Result<f32, Incompatible> {
        if !self.is_compatible(other) {
            return Err(Incompatible);
        }
        let (a, b) = (&self.average, &other.average);
        let score = dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt());
        Ok(if score.is_finite() { score } else { 0.0 })
    }

    /// Returns what a film's second score with itself is before it is divided by this.
    fn norm(&self) -> f32 {
        let mut coefficients = self.coefficients.iter().copied();
        let first = coefficients.next().unwrap_or_default();
        coefficients.fold(first, |norm, coefficient| {
            rounded(f64::from(norm) + 2.0 * f64::from(coefficient))
        })
    }

    /// Returns the vectors of one period, cosines and sines, each by frequency.
    fn period(&self, index: usize) -> (&[f32], &[f32]) {
        let length = self.coefficients.len() * self.average.len();
        let of = |values: &'_ [f32]| index * length..((index + 1) * length).min(values.len());
        (
            self.cosines.get(of(&self.cosines)).unwrap_or_default(),
            self.sines.get(of(&self.sines)).unwrap_or_default(),
        )
    }
}

/// Returns the second score by trying every shift, as the reference does: some milliseconds a pair.
///
/// # Errors
/// When they cannot be compared.
pub fn level2_exact(a: &Tmk, b: &Tmk) -> Result<Level2, Incompatible> {
    best_of_periods(a, b, dot, |period, curve| {
        curve.highest(period, 0..=period - 1)
    })
}

/// Computes second scores quickly. Keeps plans and buffers between pairs: one for each thread.
pub struct Matcher {
    plan: Option<(usize, Arc<dyn ComplexToReal<f32>>)>,
    spectrum: Vec<Complex<f32>>,
    grid: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Matcher {
    /// Makes one without plans; the first pair makes them.
    pub fn new() -> Self {
        Self {
            plan: None,
            spectrum: Vec::new(),
            grid: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Returns the second score, the same as [`level2_exact`] but for the last digits.
    ///
    /// # Errors
    /// When they cannot be compared.
    pub fn level2(&mut self, a: &Tmk, b: &Tmk) -> Result<Level2, Incompatible> {
        best_of_periods(a, b, dot_lanes, |period, curve| self.highest(period, curve))
    }

    /// Returns the highest point of a curve, among whole shifts.
    fn highest(&mut self, period: i32, curve: &Curve) -> PeriodOffset {
        self.fill_grid(curve);
        let highest = self.grid.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let lowest = self.grid.iter().copied().fold(f32::INFINITY, f32::min);
        // With 16 points a wave of the highest frequency, the curve rises above the nearest point by at most (π/16)²/2 of
        // its half range (a bound on second derivatives by Bernstein), and this much only. Half as much again for rounding.
        let reach = 0.03 * 0.5 * (highest - lowest);
        let points = i64::try_from(self.grid.len()).unwrap_or(1);
        let (before, after) = (
            self.grid.iter().cycle().skip(self.grid.len() - 1),
            self.grid.iter().cycle().skip(1),
        );
        let neighbours = before.zip(after);
        let mut best = PeriodOffset {
            period,
            offset: 0,
            value: f32::NEG_INFINITY,
        };
        for ((value, (before, after)), point) in self.grid.iter().zip(neighbours).zip(0_i64..) {
            if *value >= highest - reach && value >= before && value >= after {
                let shift = |point: i64, round: i64| {
                    i32::try_from((point * i64::from(period) + round) / points)
                };
                let from = shift(point - 1, -points + 1).unwrap_or_default();
                let to = shift(point + 1, points - 1).unwrap_or_default();
                best = better(best, curve.highest(period, from..=to));
            }
        }
        best
    }

    /// Evaluates the curve at equal steps of one period.
    fn fill_grid(&mut self, curve: &Curve) {
        let points = (16 * curve.waves.len().max(2)).next_power_of_two();
        let plan = match &self.plan {
            Some((planned, plan)) if *planned == points => Arc::clone(plan),
            _ => Arc::clone(
                &self
                    .plan
                    .insert((points, RealFftPlanner::new().plan_fft_inverse(points)))
                    .1,
            ),
        };
        self.spectrum.clear();
        self.spectrum.push(Complex::new(curve.constant, 0.0));
        // Half of each, as the other half is that of the negative frequency.
        let waves = curve
            .waves
            .iter()
            .map(|[cosine, sine]| Complex::new(cosine / 2.0, -sine / 2.0));
        self.spectrum.extend(waves);
        self.spectrum.resize(points / 2 + 1, Complex::default());
        self.grid.resize(points, 0.0);
        self.scratch
            .resize(plan.get_scratch_len(), Complex::default());
        // The lengths are the plan's own, and the ends of the spectrum are real: nothing is left that could fail.
        let transformed =
            plan.process_with_scratch(&mut self.spectrum, &mut self.grid, &mut self.scratch);
        debug_assert!(transformed.is_ok());
    }
}

/// Multiplies two vectors.
type Dot = fn(&[f32], &[f32]) -> f32;

/// Agreement as a function of the shift: a constant and weights of cosine and sine for each frequency from 1.
struct Curve {
    constant: f32,
    waves: Vec<[f32; 2]>,
}

impl Curve {
    fn of(a: &Tmk, b: &Tmk, period: usize, dot: Dot) -> Self {
        let dimension = a.average.len();
        let (a_cosines, a_sines) = a.period(period);
        let (b_cosines, b_sines) = b.period(period);
        let of_a = a_cosines
            .chunks_exact(dimension)
            .zip(a_sines.chunks_exact(dimension));
        let of_b = b_cosines
            .chunks_exact(dimension)
            .zip(b_sines.chunks_exact(dimension));
        let mut all = of_a
            .zip(of_b)
            .map(|((a_cosine, a_sine), (b_cosine, b_sine))| {
                let [cosines, sines] = [dot(a_cosine, b_cosine), dot(a_sine, b_sine)];
                let crossed = dot(a_sine, b_cosine) - dot(a_cosine, b_sine);
                (cosines, [cosines + sines, crossed])
            });
        let constant = all.next().map(|(cosines, _)| cosines).unwrap_or_default();
        Self {
            constant,
            waves: all.map(|(_, wave)| wave).collect(),
        }
    }

    /// Returns the first of the highest values at these shifts, which may be outside the period.
    fn highest(&self, period: i32, shifts: std::ops::RangeInclusive<i32>) -> PeriodOffset {
        let none = PeriodOffset {
            period,
            offset: 0,
            value: f32::NEG_INFINITY,
        };
        shifts.fold(none, |best, shift| {
            let offset = shift.rem_euclid(period);
            better(
                best,
                PeriodOffset {
                    period,
                    offset,
                    value: self.at(offset, period),
                },
            )
        })
    }

    /// Evaluates the curve as the reference does: in 32 bits, turning by a fixed angle for each next frequency.
    #[expect(clippy::cast_precision_loss, reason = "periods are below 2^20 frames")]
    fn at(&self, offset: i32, period: i32) -> f32 {
        let angle = rounded(TAU * f64::from(offset as f32) / f64::from(period as f32));
        let turn = rounded(libm::sin(f64::from(angle)));
        let half = rounded(libm::sin(f64::from(angle / 2.0)));
        let bend = 2.0 * half * half;
        let (mut cosine, mut sine, mut value) = (1.0_f32, 0.0_f32, self.constant);
        for [of_cosine, of_sine] in &self.waves {
            let (less_cosine, less_sine) =
                (bend * cosine + turn * sine, bend * sine - turn * cosine);
            cosine -= less_cosine;
            sine -= less_sine;
            value += cosine * of_cosine;
            value += sine * of_sine;
        }
        value
    }
}

fn best_of_periods(
    a: &Tmk,
    b: &Tmk,
    dot: Dot,
    mut highest: impl FnMut(i32, &Curve) -> PeriodOffset,
) -> Result<Level2, Incompatible> {
    if !a.is_compatible(b) {
        return Err(Incompatible);
    }
    let periods = a.periods.iter().enumerate();
    let offsets: Vec<_> = periods
        .map(|(index, period)| highest(*period, &Curve::of(a, b, index, dot)))
        .collect();
    let best = offsets
        .iter()
        .map(|offset| offset.value)
        .fold(f32::NEG_INFINITY, f32::max);
    let score = best / a.norm();
    Ok(Level2 {
        score: if score.is_finite() { score } else { 0.0 },
        offsets,
    })
}

/// Returns the higher of two; of equal ones the first, and never one that is not a number.
fn better(best: PeriodOffset, next: PeriodOffset) -> PeriodOffset {
    if next.value > best.value { next } else { best }
}

/// Sums in order, as the reference does.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

/// Sums in 32 lanes: differs from [`dot`] in the last digits, and takes a quarter of the time.
fn dot_lanes(a: &[f32], b: &[f32]) -> f32 {
    let ((a_lanes, a_rest), (b_lanes, b_rest)) = (a.as_chunks::<32>(), b.as_chunks::<32>());
    let mut sums = [0.0_f32; 32];
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + dot(a_rest, b_rest)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is the definition"
)]
fn rounded(value: f64) -> f32 {
    value as f32
}
