//! Scaling a part of a picture to 64 × 64: each pixel is the mean of the area it covers, in fractions of pixels.

use super::Crop;

const EDGE: usize = 64;

/// Returns the cropped part of a picture with rows of `width` as 64 × 64 pixels.
pub(super) fn to_64x64(width: usize, picture: &[f32], crop: Crop) -> [f32; EDGE * EDGE] {
    let across = shares(crop.left, crop.right);
    let down = shares(crop.top, crop.bottom);
    let narrow: Vec<[f32; EDGE]> = picture
        .chunks_exact(width)
        .map(|row| {
            let mut narrow = [0.0; EDGE];
            for (pixel, shares) in narrow.iter_mut().zip(&across) {
                let covered = row.get(shares.first..).unwrap_or_default().iter();
                *pixel = covered
                    .zip(&shares.weights)
                    .map(|(value, weight)| value * weight)
                    .sum();
            }
            narrow
        })
        .collect();
    let mut small = [0.0; EDGE * EDGE];
    for (target, shares) in small.as_chunks_mut::<EDGE>().0.iter_mut().zip(&down) {
        let covered = narrow.get(shares.first..).unwrap_or_default().iter();
        for (row, weight) in covered.zip(&shares.weights) {
            for (pixel, value) in target.iter_mut().zip(row) {
                *pixel += value * weight;
            }
        }
    }
    small
}

/// Which pixels one of the 64 covers, and how much each counts.
struct Shares {
    first: usize,
    /// Together 1.
    weights: Vec<f32>,
}

/// Divides the pixels from `start` to `end` into 64 equal parts. Lengths are counted in sixty-fourths of a pixel, so that
/// they are whole numbers.
fn shares(start: usize, end: usize) -> Vec<Shares> {
    let length = end.saturating_sub(start).max(1);
    let part = |index: usize| {
        let (from, to) = (index * length, (index + 1) * length);
        let pixels = from / EDGE..to.div_ceil(EDGE);
        let first = start + pixels.start;
        let overlap = |pixel: usize| to.min((pixel + 1) * EDGE) - from.max(pixel * EDGE);
        let weights = pixels
            .map(|pixel| as_float(overlap(pixel)) / as_float(length))
            .collect();
        Shares { first, weights }
    };
    (0..EDGE).map(part).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sides have at most 1,024 pixels"
)]
fn as_float(count: usize) -> f32 {
    count as f32
}
