//! The vectors that are nearest to one, by whole numbers of one byte: an eighth of the time and a quarter of the room of
//! fractions. What comes first is to be measured again with the fractions.
#![allow(
    unsafe_code,
    reason = "calling what is compiled for AVX2, after asking whether the processor has it"
)]

/// What was found, the nearest kept; of two that are equally near, the smaller one.
#[derive(Clone, Debug)]
pub struct Best<P = u32> {
    wanted: usize,
    found: Vec<(f32, P)>,
    /// Nothing below it can be among the wanted.
    least: f32,
}

impl<P: Copy + Ord> Best<P> {
    /// Keeps so many.
    pub fn new(wanted: usize) -> Self {
        Self {
            wanted: wanted.max(1),
            found: Vec::new(),
            least: f32::NEG_INFINITY,
        }
    }

    /// Adds a place.
    #[inline]
    pub fn push(&mut self, similarity: f32, place: P) {
        if similarity > self.least {
            self.found.push((similarity, place));
            if self.found.len() >= self.wanted.saturating_mul(2) {
                self.shrink();
            }
        }
    }

    fn shrink(&mut self) {
        if self.found.len() <= self.wanted {
            return;
        }
        let order = |a: &(f32, P), b: &(f32, P)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        self.found.select_nth_unstable_by(self.wanted - 1, order);
        self.found.truncate(self.wanted);
        self.least = self
            .found
            .iter()
            .map(|(similarity, _)| *similarity)
            .fold(f32::INFINITY, f32::min);
    }

    /// Returns similarities and places, the nearest first.
    pub fn into_sorted(mut self) -> Vec<(f32, P)> {
        self.shrink();
        self.found
            .sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.found
    }
}

/// Brings a vector to whole numbers and returns by what they have to be multiplied to be it again.
pub fn quantise(vector: &[f32], into: &mut Vec<i8>) -> f32 {
    let largest = vector
        .iter()
        .fold(0.0_f32, |largest, number| largest.max(number.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "127 at most, as the largest is divided by itself"
    )]
    into.extend(vector.iter().map(|number| (number / scale).round() as i8));
    scale
}

/// Goes through vectors that lie one after the other, each with its scale, and keeps the nearest. Places count from `from`;
/// those of which `counts` says no are left out.
pub fn scan(
    query: &[f32],
    vectors: &[i8],
    scales: &[f32],
    from: u32,
    counts: &dyn Fn(u32) -> bool,
    best: &mut Best,
) {
    let mut whole = Vec::with_capacity(query.len());
    let scale = quantise(query, &mut whole);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, as was just asked.
        unsafe { avx2(&whole, scale, vectors, scales, from, counts, best) };
        return;
    }
    plain(&whole, scale, vectors, scales, from, counts, best);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(
    query: &[i8],
    scale: f32,
    vectors: &[i8],
    scales: &[f32],
    from: u32,
    counts: &dyn Fn(u32) -> bool,
    best: &mut Best,
) {
    plain(query, scale, vectors, scales, from, counts, best);
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled again with wider vectors above"
)]
fn plain(
    query: &[i8],
    scale: f32,
    vectors: &[i8],
    scales: &[f32],
    from: u32,
    counts: &dyn Fn(u32) -> bool,
    best: &mut Best,
) {
    if query.is_empty() {
        return;
    }
    let rows = vectors.chunks_exact(query.len()).zip(scales);
    for (place, (row, row_scale)) in (from..).zip(rows) {
        let sum: i32 = row
            .iter()
            .zip(query)
            .map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b)))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "a similarity of four digits")]
        let similarity = sum as f32 * scale * row_scale;
        if similarity > best.least && counts(place) {
            best.push(similarity, place);
        }
    }
}

/// Returns how alike two vectors of length one are, -1 to 1.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_nearest_come_first() {
        let vectors = [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]];
        let mut whole = Vec::new();
        let scales: Vec<f32> = vectors
            .iter()
            .map(|vector| quantise(vector, &mut whole))
            .collect();
        let mut best = Best::new(2);
        scan(&[0.96, 0.28], &whole, &scales, 10, &|_| true, &mut best);
        let places: Vec<u32> = best.into_sorted().iter().map(|(_, place)| *place).collect();
        assert_eq!(places, [10, 11]);
        let mut best = Best::new(2);
        let not_first = |place| place != 10;
        scan(&[0.96, 0.28], &whole, &scales, 10, &not_first, &mut best);
        let places: Vec<u32> = best.into_sorted().iter().map(|(_, place)| *place).collect();
        assert_eq!(places, [11, 12]);
    }

    proptest! {
        #[test]
        fn whole_numbers_are_nearly_the_fractions(vectors in proptest::collection::vec(
            proptest::collection::vec(-1.0_f32..1.0, 48), 1..60)) {
            let vectors: Vec<Vec<f32>> = vectors.into_iter().filter_map(|mut vector| {
                crate::normalise(&mut vector).ok().map(|()| vector)
            }).collect();
            prop_assume!(!vectors.is_empty());
            let mut whole = Vec::new();
            let scales: Vec<f32> = vectors.iter().map(|vector| quantise(vector, &mut whole)).collect();
            let mut best = Best::new(vectors.len());
            scan(&vectors[0], &whole, &scales, 0, &|_| true, &mut best);
            let found = best.into_sorted();
            prop_assert_eq!(found.len(), vectors.len());
            for (similarity, place) in found {
                let exact = cosine(&vectors[0], &vectors[place as usize]);
                prop_assert!((similarity - exact).abs() < 0.02, "{} {}", similarity, exact);
            }
        }
    }
}
