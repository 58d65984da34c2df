//! Which films may be the same: those of similar length whose keyframes look alike, however they lie.
//!
//! All are looked at, but first by 64 bits: that takes nanoseconds, and leaves a few of a hundred.

use videocatalog_fingerprint::Dihedral;
use videocatalog_fingerprint::keyframes::{self, SCORE_THRESHOLD};
use videocatalog_fingerprint::pdq::Features;

use super::items::{Item, Items, like_lengths};

/// Bits in which two films may differ to be looked at closely. Half of them differ by chance.
const NEAR_BITS: u32 = 22;

/// A film is paired with so many that are most like it; with a thousand copies of the same one the others follow from these.
const MOST_ALIKE: usize = 32;

/// Films in a form in which many are looked at quickly; in the order of the items.
pub(super) struct Films<'i> {
    items: &'i Items,
    /// Items that are films with a picture that says something.
    places: Vec<usize>,
    lengths: Vec<f64>,
    bits: Vec<u64>,
    /// How many of those were compared before.
    known: usize,
}

impl<'i> Films<'i> {
    pub(super) fn new(items: &'i Items) -> Self {
        let mut films = Self {
            items,
            places: Vec::new(),
            lengths: Vec::new(),
            bits: Vec::new(),
            known: 0,
        };
        for (place, item) in items.all.iter().enumerate() {
            if let Some(signature) = telling(item) {
                films.places.push(place);
                films.lengths.push(item.length_s);
                films.bits.push(signature.bits());
            }
        }
        films.known = films.places.partition_point(|place| *place < items.known);
        films
    }

    /// Returns the items before this one that look like it.
    pub(super) fn like(&self, place: usize) -> Vec<usize> {
        let Some((item, signature)) = self
            .items
            .all
            .get(place)
            .and_then(|item| Some((item, telling(item)?)))
        else {
            return Vec::new();
        };
        let ways = Dihedral::ALL.map(|way| signature.laid(way));
        let bits = ways.map(|way| Features(way).low_bits());
        let own = self.places.partition_point(|other| *other < place);
        let mut alike: Vec<(f32, usize)> = Vec::new();
        for range in [0..self.known.min(own), self.known.min(own)..own] {
            let lengths = self.lengths.get(range.clone()).unwrap_or_default();
            let (shortest, longest) = like_lengths(item.length_s);
            let from = range.start + lengths.partition_point(|length| *length < shortest);
            let to = range.start + lengths.partition_point(|length| *length <= longest);
            let others = self.bits.get(from..to).unwrap_or_default();
            for near in keyframes::near(&bits, others, NEAR_BITS) {
                let Some((other, beside)) = self.places.get(from + near).and_then(|other| {
                    Some((*other, self.items.all.get(*other)?.keyframes.as_ref()?))
                }) else {
                    continue;
                };
                let scores = ways.iter().map(|way| beside.score_of_vector(way));
                let best = scores.fold(0.0, f32::max);
                if best >= SCORE_THRESHOLD {
                    alike.push((best, other));
                }
            }
        }
        alike.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        alike.truncate(MOST_ALIKE);
        alike.into_iter().map(|(_, other)| other).collect()
    }
}

/// Standing pictures are like each other whatever they are of.
fn telling(item: &Item) -> Option<&keyframes::Signature> {
    item.keyframes
        .as_ref()
        .filter(|signature| item.is_film && !signature.is_static())
}
