//! The course of a film: a picture about every half second, 64 bits each. By it a part of a film is found in the whole.
//!
//! A part need not begin where a picture of the whole was taken, so that pictures are compared with their neighbours too; and
//! pictures that stand still tell nothing of when, so that only those that differ from the one before are compared.

use crate::pdq::Features;
use crate::tmk::FRAMES_PER_SECOND;

/// Says how timelines are made: changes whenever the same film would get another one.
pub const ALGORITHM: &str = "videocatalog-timeline-1";

/// One in so many of the frames of which TMK is made is taken.
const FRAMES_APART: u32 = 8;

/// Longest film that is described, in pictures: 74 hours.
const MOST_PICTURES: usize = 500_000;

/// First byte of a stored timeline.
const VERSION: u8 = 1;

/// Length of features below which a picture shows nothing: a contrast of three steps of brightness.
const BLANK_LENGTH: f32 = 3.0 * 64.0;

/// Bits by which a picture differs from the one before if something happened.
const OTHER_BITS: u32 = 6;

/// Bits in which two pictures differ at most to vote for where the part is, and to be taken for the same.
const VOTING_BITS: u32 = 8;
const SAME_BITS: u32 = 10;

/// Pictures of a part that vote.
const MOST_VOTERS: usize = 64;

/// Places that are looked at closely, each with so many around it.
const PLACES: usize = 4;
const AROUND: i64 = 6;

/// With fewer pictures that differ a part cannot be told.
const FEWEST_SCENES: usize = 5;

/// Share of a part's pictures that have to be in the whole.
const LEAST_SHARE: f64 = 0.6;

/// The pictures of a film in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Their bits; 0 where there is nothing to see.
    pub pictures: Vec<u64>,
}

/// Makes a timeline of the frames that TMK is made of.
#[derive(Debug, Default)]
pub struct Builder {
    pushed: u32,
    timeline: Timeline,
}

/// Bytes that are no timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a timeline of this version")]
pub struct TimelineError;

/// Where a part is in the whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Pictures of the whole before the part begins; negative where the part begins first.
    pub shift: i64,
    /// Share of the part's pictures that are there: from 0.6 to 1.
    pub share: f64,
}

impl Place {
    /// Returns when the part begins, in seconds of the whole.
    #[expect(clippy::cast_precision_loss, reason = "some 100,000 pictures at most")]
    pub fn begins_s(&self) -> f64 {
        self.shift as f64 * seconds_apart()
    }
}

/// Returns how many seconds lie between two pictures.
pub fn seconds_apart() -> f64 {
    f64::from(FRAMES_APART) / f64::from(FRAMES_PER_SECOND)
}

impl Builder {
    /// Adds the next frame of fifteen a second.
    pub fn push(&mut self, features: &Features) {
        if self.pushed.is_multiple_of(FRAMES_APART) && self.timeline.pictures.len() < MOST_PICTURES
        {
            let length = features.0.iter().map(|value| value * value).sum::<f32>();
            let shows = length.sqrt() >= BLANK_LENGTH;
            let bits = if shows { features.low_bits() } else { 0 };
            self.timeline.pictures.push(bits);
        }
        self.pushed = self.pushed.wrapping_add(1);
    }

    /// Ends the film.
    pub fn finish(self) -> Timeline {
        self.timeline
    }
}

impl Timeline {
    /// Returns it as bytes, to keep in a database.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.pictures.iter().flat_map(|bits| bits.to_le_bytes()));
        bytes
    }

    /// Reads what [`Timeline::to_bytes`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TimelineError> {
        let [VERSION, rest @ ..] = bytes else {
            return Err(TimelineError);
        };
        let (words, left_over) = rest.as_chunks::<8>();
        if !left_over.is_empty() || words.len() > MOST_PICTURES {
            return Err(TimelineError);
        }
        let pictures = words.iter().copied().map(u64::from_le_bytes).collect();
        Ok(Self { pictures })
    }

    /// Returns the pictures that differ from the one before, with their places.
    pub fn scenes(&self) -> Vec<(usize, u64)> {
        let mut scenes: Vec<(usize, u64)> = Vec::new();
        for (place, bits) in self.pictures.iter().copied().enumerate() {
            let differs = scenes
                .last()
                .is_none_or(|(_, last)| (last ^ bits).count_ones() > OTHER_BITS);
            if bits != 0 && differs {
                scenes.push((place, bits));
            }
        }
        scenes
    }
}

/// Finds a part in the whole. `None` if it is not there, or if too little happens in it to be told.
pub fn find(part: &Timeline, whole: &Timeline) -> Option<Place> {
    let scenes = part.scenes();
    if scenes.len() < FEWEST_SCENES {
        return None;
    }
    let shifts = likely_shifts(&scenes, part.pictures.len(), whole);
    // Where little happens many places look right: the one with fewest differing bits is.
    let near = |shift: i64| shift - AROUND..=shift + AROUND;
    let (_, shift) = shifts
        .into_iter()
        .flat_map(near)
        .map(|shift| (differing_bits(&scenes, whole, shift), shift))
        .min()?;
    let share = share_at(&scenes, whole, shift);
    (share >= LEAST_SHARE).then_some(Place { shift, share })
}

/// Returns where most pictures of the part have one of the whole that is like them.
fn likely_shifts(scenes: &[(usize, u64)], part_length: usize, whole: &Timeline) -> Vec<i64> {
    let mut votes = vec![0_u32; part_length + whole.pictures.len()];
    for (place, bits) in scenes.iter().step_by(scenes.len().div_ceil(MOST_VOTERS)) {
        let telling = whole.pictures.iter().enumerate();
        for (there, other) in telling.filter(|(_, other)| **other != 0) {
            if (bits ^ other).count_ones() <= VOTING_BITS
                && let Some(votes) = votes.get_mut(there + part_length - place)
            {
                *votes += 1;
            }
        }
    }
    // A part may lie between two pictures of the whole.
    let mut sums: Vec<(u32, usize)> = votes
        .windows(2)
        .enumerate()
        .filter_map(|(index, pair)| {
            let sum = pair.iter().sum::<u32>();
            (sum > 1).then_some((sum, index))
        })
        .collect();
    sums.sort_unstable_by_key(|(sum, index)| (std::cmp::Reverse(*sum), *index));
    sums.into_iter()
        .take(PLACES)
        .filter_map(|(_, index)| {
            let index = i64::try_from(index).ok()?;
            Some(index - i64::try_from(part_length).ok()?)
        })
        .collect()
}

/// Returns the picture of the whole that belongs to one of the part at a shift, unless it shows nothing.
fn beside(place: usize, whole: &Timeline, shift: i64) -> Option<u64> {
    let there = usize::try_from(i64::try_from(place).ok()? + shift).ok()?;
    whole.pictures.get(there).copied().filter(|bits| *bits != 0)
}

/// Returns in how many bits the pictures differ at a shift, or one later: a part may lie between two pictures.
fn differing_bits(scenes: &[(usize, u64)], whole: &Timeline, shift: i64) -> u64 {
    let least = |(place, bits): &(usize, u64)| {
        let others = [shift, shift + 1].into_iter();
        let others = others.filter_map(|shift| beside(*place, whole, shift));
        let least = others.map(|other| (bits ^ other).count_ones()).min();
        u64::from(least.unwrap_or(u64::BITS / 2))
    };
    scenes.iter().map(least).sum()
}

/// Returns how many of the pictures are in the whole at a shift, or one beside.
#[expect(clippy::cast_precision_loss, reason = "some 100,000 pictures at most")]
fn share_at(scenes: &[(usize, u64)], whole: &Timeline, shift: i64) -> f64 {
    let is_there = |(place, bits): &&(usize, u64)| {
        (shift - 1..=shift + 2).any(|shift| {
            let other = beside(*place, whole, shift);
            other.is_some_and(|other| (bits ^ other).count_ones() <= SAME_BITS)
        })
    };
    scenes.iter().filter(is_there).count() as f64 / scenes.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Noise;

    fn film(seed: u64, pictures: usize) -> Timeline {
        let mut noise = Noise(seed);
        let mut word = || (0..8).fold(0, |word, _| word << 8 | u64::from(noise.byte()));
        // Each scene stands for a while.
        let pictures = (0..pictures.div_ceil(3)).flat_map(|_| [word(); 3]);
        Timeline {
            pictures: pictures.collect(),
        }
    }

    #[test]
    fn a_part_is_found_where_it_is_also_if_bits_differ() {
        let whole = film(1, 900);
        let mut part = Timeline {
            pictures: whole.pictures[300..390].to_vec(),
        };
        for (place, bits) in part.pictures.iter_mut().enumerate() {
            *bits ^= 0x1000_0000_0000_0421_u64.rotate_left(u32::try_from(place % 64).unwrap());
        }
        let place = find(&part, &whole).unwrap();
        assert!((299..=301).contains(&place.shift), "{place:?}");
        assert!(place.share > 0.9, "{place:?}");
        assert!((place.begins_s() - 160.0).abs() < 1.0, "{place:?}");
    }

    #[test]
    fn other_films_and_standing_pictures_are_not_found() {
        let whole = film(1, 900);
        assert_eq!(find(&film(2, 90), &whole), None);
        let still = Timeline {
            pictures: vec![whole.pictures[300]; 90],
        };
        assert_eq!(find(&still, &whole), None);
        assert_eq!(find(&Timeline::default(), &whole), None);
        assert_eq!(find(&film(1, 90), &Timeline::default()), None);
    }

    #[test]
    fn stored_ones_are_read_again_and_others_refused() {
        let timeline = film(3, 30);
        assert_eq!(Timeline::from_bytes(&timeline.to_bytes()), Ok(timeline));
        for bad in [&b""[..], b"\x02", b"\x01abc"] {
            assert_eq!(Timeline::from_bytes(bad), Err(TimelineError));
        }
    }

    #[test]
    fn one_picture_in_eight_is_taken_and_blank_ones_say_so() {
        let mut builder = Builder::default();
        for number in 0..17_u8 {
            let strength = if number == 8 { 0.0 } else { 50.0 };
            let features = std::array::from_fn(|index| {
                strength * (f32::from(u8::try_from(index % 7).unwrap()) - 3.0)
            });
            builder.push(&Features(features));
        }
        let pictures = builder.finish().pictures;
        assert_eq!(pictures.len(), 3);
        assert_eq!(pictures[1], 0);
        assert_ne!(pictures[0], 0);
    }
}
