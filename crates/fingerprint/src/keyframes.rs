//! A signature of a film from some of its frames: cheap enough for every film, good enough to say which pairs are worth more.
//!
//! Decoding only the frames that stand for themselves takes a tenth to a fortieth of decoding all. Of at most 16 frames,
//! evenly spread, black bars are cut off, what is left is shrunk to 64 × 64, and the mean of the features
//! ([`crate::pdq::Features`]) is the signature. Films are alike if the angle between theirs is small ([`Signature::score`]);
//! mirrored and turned ones by the same signature laid another way ([`Signature::best_score`]).
//!
//! Frames are grey pictures of one size of your choice, the aspect not kept; [`USUAL_EDGE`] squared is enough:
//! `ffmpeg -nostdin -skip_frame nokey -i INPUT -an -vf scale=128:128:flags=area,format=gray -fps_mode passthrough -f rawvideo pipe:1`.

mod bars;
mod near;
mod shrink;
mod stored;

pub use bars::Crop;
pub use near::near;
pub use stored::SignatureError;

use crate::pdq::Features;
use crate::{Dihedral, luma};

/// Says how signatures are made: changes whenever the same film would get another one.
pub const ALGORITHM: &str = "videocatalog-keyframes-1";

/// Edge of the frames that this was tried with, in pixels.
pub const USUAL_EDGE: usize = 128;

/// Score from which two films are worth a closer look.
pub const SCORE_THRESHOLD: f32 = 0.7;

/// Frames that a signature is made of at most; from so many on it is half of them at least.
pub const MOST_FRAMES: usize = 16;

/// Edges of frames that are taken, in pixels.
const SHORTEST_EDGE: usize = 16;
const LONGEST_EDGE: usize = 1024;

/// Contrast below which a film shows nothing, in steps of brightness.
const BLANK_CONTRAST: f32 = 3.0;

/// Activity below which a film is one picture.
const STATIC_ACTIVITY: f32 = 0.002;

/// A frame that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Frames of this size are not taken.
    #[error(
        "frames of {width} × {height} pixels: sides have to be {SHORTEST_EDGE} to {LONGEST_EDGE}"
    )]
    Size {
        /// Pixels a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The frame has more or fewer pixels than announced.
    #[error("a frame of {found} pixels where there have to be {expected}")]
    Length {
        /// Pixels there have to be.
        expected: usize,
        /// Pixels there are.
        found: usize,
    },
}

/// Makes a signature of the frames that are pushed, however many there are.
pub struct Builder {
    width: usize,
    height: usize,
    /// Every `stride`-th frame that was pushed.
    kept: Vec<Vec<u8>>,
    stride: u64,
    pushed: u64,
}

impl Builder {
    /// Begins a film with grey frames of this size.
    ///
    /// # Errors
    /// When a side is below 16 or above 1,024 pixels.
    pub fn new(width: usize, height: usize) -> Result<Self, FrameError> {
        let edges = SHORTEST_EDGE..=LONGEST_EDGE;
        if !edges.contains(&width) || !edges.contains(&height) {
            return Err(FrameError::Size { width, height });
        }
        Ok(Self {
            width,
            height,
            kept: Vec::new(),
            stride: 1,
            pushed: 0,
        })
    }

    /// Adds the next frame: a byte a pixel, 0 is black, row by row.
    ///
    /// # Errors
    /// When it is not as long as announced.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), FrameError> {
        let expected = self.width * self.height;
        if frame.len() != expected {
            return Err(FrameError::Length {
                expected,
                found: frame.len(),
            });
        }
        if self.pushed.is_multiple_of(self.stride) {
            if self.kept.len() == MOST_FRAMES {
                self.keep_every_second();
            }
            // After thinning this one may be between two that are kept.
            if self.pushed.is_multiple_of(self.stride) {
                self.kept.push(frame.to_vec());
            }
        }
        self.pushed += 1;
        Ok(())
    }

    fn keep_every_second(&mut self) {
        let mut even = false;
        self.kept.retain(|_| {
            even = !even;
            even
        });
        self.stride *= 2;
    }

    /// Ends the film. `None` if there was no frame.
    pub fn finish(self) -> Option<Signature> {
        let crop = Crop::of(self.width, self.height, &self.kept);
        let features: Vec<Features> = self
            .kept
            .iter()
            .map(|frame| {
                let small = shrink::to_64x64(self.width, &luma::of_grey8(frame), crop);
                Features::of_64x64(&small)
            })
            .collect();
        Signature::of_features(&features, crop.in_ten_thousandths(self.width, self.height))
    }
}

/// The signature of a film.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    frames: u8,
    /// What is left of the frames: left, top, right, bottom in ten thousandths.
    crop: [u16; 4],
    contrast: f32,
    activity: f32,
    /// Of length 1, or all zeros.
    mean: [f32; 256],
}

impl Signature {
    fn of_features(features: &[Features], crop: [u16; 4]) -> Option<Self> {
        let frames = u8::try_from(features.len())
            .ok()
            .filter(|frames| *frames > 0)?;
        let mut mean = [0.0_f32; 256];
        for feature in features {
            for (sum, value) in mean.iter_mut().zip(feature.0) {
                *sum += value / f32::from(frames);
            }
        }
        let length = length(&mean);
        if length > 0.0 {
            mean = mean.map(|value| value / length);
        }
        let angles = features
            .iter()
            .map(|feature| 1.0 - cosine(&mean, &feature.0));
        // The transform keeps lengths, and a picture of brightness 1 everywhere has length 64.
        Some(Self {
            frames,
            crop,
            contrast: length / 64.0,
            activity: angles.sum::<f32>() / f32::from(frames),
            mean,
        })
    }

    /// Returns how many frames it is made of, 1 to [`MOST_FRAMES`].
    pub fn frames(&self) -> u8 {
        self.frames
    }

    /// Returns what was left of the frames after cutting bars off: left, top, right and bottom in ten thousandths of the sides.
    pub fn crop(&self) -> [u16; 4] {
        self.crop
    }

    /// Returns the contrast of the mean picture in steps of brightness.
    pub fn contrast(&self) -> f32 {
        self.contrast
    }

    /// Returns how much frames differ from their mean: 0 not at all, about 1 where they have nothing in common.
    pub fn activity(&self) -> f32 {
        self.activity
    }

    /// Tells whether the film shows nothing. Such films are like each other and should not be compared.
    pub fn is_blank(&self) -> bool {
        self.contrast < BLANK_CONTRAST
    }

    /// Tells whether all frames are nearly the same picture: films of the same one are then equal, whatever is said.
    pub fn is_static(&self) -> bool {
        self.activity < STATIC_ACTIVITY
    }

    /// Returns the vector to index: 256 values, of length 1 but for films without any contrast. The product of two is their
    /// score.
    pub fn vector(&self) -> &[f32; 256] {
        &self.mean
    }

    /// Returns the vector that the film would have if it lay another way.
    pub fn laid(&self, way: Dihedral) -> [f32; 256] {
        way.of_coefficients(&self.mean)
    }

    /// Returns how alike this film is to one of which only [`Signature::vector`] is at hand, as in an index.
    pub fn score_of_vector(&self, vector: &[f32; 256]) -> f32 {
        dot(&self.mean, vector)
    }

    /// Returns how alike two films are, from -1 to 1; 0 where one is blank.
    pub fn score(&self, other: &Self) -> f32 {
        if self.is_blank() || other.is_blank() {
            0.0
        } else {
            dot(&self.mean, &other.mean)
        }
    }

    /// Returns the best score of the eight ways to lay this film, and how it has to be laid to look like the other.
    pub fn best_score(&self, other: &Self) -> (f32, Dihedral) {
        if self.is_blank() || other.is_blank() {
            return (0.0, Dihedral::Identity);
        }
        let scores = Dihedral::ALL.map(|way| (dot(&self.laid(way), &other.mean), way));
        let first = (f32::NEG_INFINITY, Dihedral::Identity);
        scores.into_iter().fold(
            first,
            |best, next| if next.0 > best.0 { next } else { best },
        )
    }

    /// Returns 64 bits for a first look: which of the lowest 8 × 8 frequencies are above their median. Films whose bits differ
    /// in more than a quarter are rarely the same.
    pub fn bits(&self) -> u64 {
        Features(self.mean).low_bits()
    }
}

fn dot(a: &[f32; 256], b: &[f32; 256]) -> f32 {
    let mut sums = [0.0_f32; 32];
    for (a, b) in a.as_chunks::<32>().0.iter().zip(b.as_chunks::<32>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn length(vector: &[f32; 256]) -> f32 {
    dot(vector, vector).sqrt()
}

/// Returns the cosine of the angle between a vector of length 1 and any other; 1 where either is zero.
fn cosine(unit: &[f32; 256], other: &[f32; 256]) -> f32 {
    let cosine = dot(unit, other) / length(other);
    if cosine.is_finite() { cosine } else { 1.0 }
}

#[cfg(test)]
mod tests;
