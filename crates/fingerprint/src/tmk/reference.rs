//! TMK+PDQF as the description has it, frame by frame and shift by shift: what the real one is compared with.

use super::{COEFFICIENTS, PERIODS};
use crate::pdq::reference::features;
use std::f64::consts::PI;

/// The bytes of the `.tmk` file of a film.
pub(super) fn hash(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut average = vec![0.0_f32; 256];
    let mut cosines = vec![vec![vec![0.0_f32; 256]; 32]; 4];
    let mut sines = cosines.clone();
    for (t, frame) in frames.iter().enumerate() {
        let luma: Vec<f32> = frame
            .chunks(3)
            .map(|p| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]))
            .collect();
        let mut feature = features(&luma);
        (0..256).for_each(|k| average[k] += feature[k]);
        normalise(&mut feature);
        for (p, period) in PERIODS.iter().enumerate() {
            (0..256).for_each(|k| cosines[p][0][k] += feature[k]);
            for j in 1..32 {
                let angle = 2.0 * PI * j as f64 * t as f64 / f64::from(*period);
                for k in 0..256 {
                    let value = f64::from(feature[k]);
                    cosines[p][j][k] =
                        (f64::from(cosines[p][j][k]) + value * libm::cos(angle)) as f32;
                    sines[p][j][k] = (f64::from(sines[p][j][k]) + value * libm::sin(angle)) as f32;
                }
            }
        }
    }
    if !frames.is_empty() {
        average
            .iter_mut()
            .for_each(|value| *value /= frames.len() as f32);
    }
    let mut bytes = b"TMK1FVECPDQF".to_vec();
    for number in [15, 4, 32, 256, frames.len() as i32].iter().chain(&PERIODS) {
        bytes.extend(number.to_le_bytes());
    }
    for number in COEFFICIENTS.iter().chain(&average) {
        bytes.extend(number.to_le_bytes());
    }
    for part in [cosines, sines] {
        for (j, mut vector) in part
            .into_iter()
            .flat_map(|period| period.into_iter().enumerate())
        {
            normalise(&mut vector);
            bytes.extend(
                vector
                    .iter()
                    .flat_map(|v| (v * COEFFICIENTS[j].sqrt()).to_le_bytes()),
            );
        }
    }
    bytes
}

fn normalise(vector: &mut [f32]) {
    let mut sum = 0.0_f32;
    vector.iter().for_each(|value| sum += value * value);
    let length = sum.sqrt();
    if length != 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}

/// The second score and the best shift of each period, from the bytes of two files with our parameters.
pub(super) fn level2(a: &[u8], b: &[u8]) -> (f32, Vec<i32>) {
    let float = |bytes: &[u8], index: usize| {
        f32::from_le_bytes(bytes[index * 4..][..4].try_into().unwrap())
    };
    let vector = |bytes: &[u8], start: usize, p: usize, j: usize| -> Vec<f32> {
        let first = start / 4 + (p * 32 + j) * 256;
        (0..256).map(|k| float(bytes, first + k)).collect()
    };
    let dot = |u: Vec<f32>, v: Vec<f32>| {
        let mut sum = 0.0_f32;
        (0..256).for_each(|k| sum += u[k] * v[k]);
        sum
    };
    let (cos, sin) = (1200, 132_272);
    let (mut best, mut offsets) = (f32::NEG_INFINITY, vec![]);
    for (p, period) in PERIODS.iter().enumerate() {
        let pair = |u, v, j| dot(vector(a, u, p, j), vector(b, v, p, j));
        let even: Vec<f32> = (0..32)
            .map(|j| pair(cos, cos, j) + pair(sin, sin, j))
            .collect();
        let odd: Vec<f32> = (0..32)
            .map(|j| pair(sin, cos, j) - pair(cos, sin, j))
            .collect();
        let (mut highest, mut at) = (f32::NEG_INFINITY, 0);
        for offset in 0..*period {
            let delta = (2.0 * PI * f64::from(offset as f32) / f64::from(*period as f32)) as f32;
            let beta = f64::from(delta).sin() as f32;
            let alpha = f64::from(delta / 2.0).sin() as f32;
            let alpha = 2.0 * alpha * alpha;
            let (mut c, mut s) = (1.0_f32, 0.0_f32);
            let mut value = even[0]; // with nothing of the sines, which are 0
            for j in 1..32 {
                let nc = alpha * c + beta * s;
                let ns = alpha * s - beta * c;
                c -= nc;
                s -= ns;
                value += c * even[j];
                value += s * odd[j];
            }
            if value > highest {
                (highest, at) = (value, offset);
            }
        }
        offsets.push(at);
        best = best.max(highest);
    }
    let mut norm = COEFFICIENTS[0];
    COEFFICIENTS[1..]
        .iter()
        .for_each(|a| norm = (f64::from(norm) + 2.0 * f64::from(*a)) as f32);
    (best / norm, offsets)
}
