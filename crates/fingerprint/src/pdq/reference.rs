//! PDQ as the description has it, step by step and as slow as that is: what the real one is compared with.

use std::f64::consts::PI;

/// Features, bits (`[row * 16 + column]`) and quality of a picture.
pub(crate) fn pdq(width: usize, height: usize, luma: &[f32]) -> (Vec<f32>, Vec<bool>, i32) {
    let mut picture = luma.to_vec();
    if (width, height) != (64, 64) {
        for _pass in 0..2 {
            for y in 0..height {
                box_filter(&mut picture, y * width, 1, width);
            }
            for x in 0..width {
                box_filter(&mut picture, x, width, height);
            }
        }
        picture = decimate(&picture, width, height);
    }
    let features = features(&picture);
    let median = torben(&features);
    let bits = features.iter().map(|feature| *feature > median).collect();
    (features, bits, quality(&picture))
}

/// Filters `length` values that begin at `start`, `stride` apart, in the four phases of a running sum.
fn box_filter(picture: &mut [f32], start: usize, stride: usize, length: usize) {
    let window = length.div_ceil(128);
    let half = window / 2 + 1;
    let input: Vec<f32> = (0..length).map(|i| picture[start + i * stride]).collect();
    let (mut left, mut right, mut out) = (0, 0, start);
    let (mut sum, mut count) = (0.0_f32, 0_u16);
    for _ in 0..half - 1 {
        sum += input[right];
        count += 1;
        right += 1;
    }
    for _ in 0..=window - half {
        sum += input[right];
        count += 1;
        picture[out] = sum / f32::from(count);
        right += 1;
        out += stride;
    }
    for _ in 0..length - window {
        sum += input[right];
        sum -= input[left];
        picture[out] = sum / f32::from(count);
        left += 1;
        right += 1;
        out += stride;
    }
    for _ in 0..half - 1 {
        sum -= input[left];
        count -= 1;
        picture[out] = sum / f32::from(count);
        left += 1;
        out += stride;
    }
}

fn decimate(picture: &[f32], width: usize, height: usize) -> Vec<f32> {
    let at = |o: usize, n: usize| (((o as f64 + 0.5) * n as f64) / 64.0) as usize;
    (0..64 * 64)
        .map(|i| picture[at(i / 64, height) * width + at(i % 64, width)])
        .collect()
}

/// The 256 features of 64 × 64 pixels.
pub(crate) fn features(picture: &[f32]) -> Vec<f32> {
    let scale = (2.0_f64 / 64.0).sqrt() as f32;
    let cosine = |i: usize, j: usize| {
        (f64::from(scale) * (((PI / 2.0 / 64.0) * (i + 1) as f64) * (2 * j + 1) as f64).cos())
            as f32
    };
    let d: Vec<Vec<f32>> = (0..16)
        .map(|i| (0..64).map(|j| cosine(i, j)).collect())
        .collect();
    let mut t = vec![vec![0.0_f32; 64]; 16];
    for i in 0..16 {
        for j in 0..64 {
            for k in 0..64 {
                t[i][j] += d[i][k] * picture[k * 64 + j];
            }
        }
    }
    let mut b = vec![0.0_f32; 256];
    for i in 0..16 {
        for j in 0..16 {
            for k in 0..64 {
                b[i * 16 + j] += t[i][k] * d[j][k];
            }
        }
    }
    b
}

/// The median by halving the range of values, as Torben Mogensen found it.
fn torben(values: &[f32]) -> f32 {
    let half = values.len().div_ceil(2);
    let mut low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let mut high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    loop {
        let guess = f32::midpoint(low, high);
        let less = values.iter().filter(|v| **v < guess).count();
        let greater = values.iter().filter(|v| **v > guess).count();
        let below = values
            .iter()
            .copied()
            .filter(|v| *v < guess)
            .fold(low, f32::max);
        let above = values
            .iter()
            .copied()
            .filter(|v| *v > guess)
            .fold(high, f32::min);
        if less <= half && greater <= half {
            let equal = values.len() - less - greater;
            return if less >= half {
                below
            } else if less + equal >= half {
                guess
            } else {
                above
            };
        } else if less > greater {
            high = below;
        } else {
            low = above;
        }
    }
}

fn quality(picture: &[f32]) -> i32 {
    let mut sum = 0;
    for y in 0..64 {
        for x in 0..64 {
            let u = picture[y * 64 + x];
            if y < 63 {
                sum += (((u - picture[(y + 1) * 64 + x]) * 100.0 / 255.0) as i32).abs();
            }
            if x < 63 {
                sum += (((u - picture[y * 64 + x + 1]) * 100.0 / 255.0) as i32).abs();
            }
        }
    }
    (sum / 90).min(100)
}
