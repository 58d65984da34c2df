//! Models: what runs them, what goes in and what comes out.
//!
//! Nothing here is fetched: a model is a file or a folder that the user put somewhere, see [`manifest`]. [`runtime`] loads
//! and runs ONNX files, embedded or by an ONNX Runtime that lies on the machine; [`service`] keeps a loaded model on threads
//! of its own, so that nobody waits for it longer than they want to. [`picture`] and [`text`] turn pictures and texts into
//! vectors, [`nearest`] finds the vectors that are near to one, [`speech`] turns speech into text. No SQL, no processes, no network.

pub mod manifest;
pub mod nearest;
pub mod picture;
pub mod runtime;
pub mod service;
pub mod speech;
pub mod tensor;
pub mod text;

/// Brings a vector to length one; one without a length, or with a number that is none, is refused.
///
/// # Errors
/// What is wrong with it.
pub fn normalise(vector: &mut [f32]) -> Result<(), &'static str> {
    if vector.iter().any(|number| !number.is_finite()) {
        return Err("the model gave numbers that are none (NaN or infinite)");
    }
    let squares: f64 = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum();
    if squares <= f64::MIN_POSITIVE {
        return Err("the model gave nothing but zeros");
    }
    let length = squares.sqrt();
    for number in vector {
        #[expect(clippy::cast_possible_truncation, reason = "at most one")]
        {
            *number = (f64::from(*number) / length) as f32;
        }
    }
    Ok(())
}

/// Returns the mean of vectors of one length, brought to length one.
///
/// # Errors
/// When there are none, their lengths differ, or nothing is left of them.
pub fn mean(vectors: &[Vec<f32>]) -> Result<Vec<f32>, &'static str> {
    let first = vectors.first().ok_or("there is no vector")?;
    let mut sum = vec![0.0_f32; first.len()];
    for vector in vectors {
        if vector.len() != sum.len() {
            return Err("the model gave vectors of different lengths");
        }
        for (sum, number) in sum.iter_mut().zip(vector) {
            *sum += number;
        }
    }
    normalise(&mut sum)?;
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_get_length_one_or_are_refused() {
        let mut vector = [3.0, 4.0];
        normalise(&mut vector).unwrap();
        assert!((vector[0] - 0.6).abs() < 1e-6 && (vector[1] - 0.8).abs() < 1e-6);
        assert!(normalise(&mut [f32::NAN, 1.0]).is_err());
        assert!(normalise(&mut [0.0, 0.0]).is_err());
        assert!(normalise(&mut []).is_err());
        let mean_of = mean(&[vec![1.0, 0.0], vec![0.0, 1.0]]).unwrap();
        assert!((mean_of[0] - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-6);
        assert!(mean(&[vec![1.0], vec![1.0, 2.0]]).is_err());
        assert!(mean(&[]).is_err());
    }
}
