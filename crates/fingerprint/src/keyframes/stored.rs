//! A signature as bytes, to keep in a database: always 1,043 of them, little-endian.

use super::{MOST_FRAMES, Signature};

/// First byte; another one where the layout or [`super::ALGORITHM`] changes.
const VERSION: u8 = 1;

const BYTES: usize = 1 + 1 + 1 + 4 * 2 + 2 * 4 + 256 * 4;

/// Bytes that are not a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Another version, or something else.
    #[error("not a signature of keyframes of this version")]
    Version,
    /// Not as long as a signature, or with numbers that none has.
    #[error("damaged signature of keyframes")]
    Damaged,
}

impl Signature {
    /// Returns the signature as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend([VERSION, self.frames, 0]);
        bytes.extend(self.crop.iter().flat_map(|share| share.to_le_bytes()));
        let floats = [self.contrast, self.activity];
        bytes.extend(
            floats
                .iter()
                .chain(&self.mean)
                .flat_map(|value| value.to_le_bytes()),
        );
        bytes
    }

    /// Reads what [`Signature::to_bytes`] wrote.
    ///
    /// # Errors
    /// When it is something else, or has numbers that no signature has.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        let [VERSION, frames, 0, rest @ ..] = bytes else {
            return Err(SignatureError::Version);
        };
        let (crop, floats) = rest.split_at_checked(8).ok_or(SignatureError::Damaged)?;
        let mut shares = [0; 4];
        for (share, bytes) in shares.iter_mut().zip(crop.as_chunks::<2>().0) {
            *share = u16::from_le_bytes(*bytes);
        }
        let (floats, left_over) = floats.as_chunks::<4>();
        let floats: Vec<f32> = floats.iter().copied().map(f32::from_le_bytes).collect();
        let [contrast, activity, mean @ ..] = floats.as_slice() else {
            return Err(SignatureError::Damaged);
        };
        let mean: [f32; 256] = mean.try_into().map_err(|_| SignatureError::Damaged)?;
        let signature = Self {
            frames: *frames,
            crop: shares,
            contrast: *contrast,
            activity: *activity,
            mean,
        };
        let sound = left_over.is_empty() && signature.is_sound();
        if sound {
            Ok(signature)
        } else {
            Err(SignatureError::Damaged)
        }
    }

    fn is_sound(&self) -> bool {
        let length = super::length(&self.mean);
        (1..=MOST_FRAMES).contains(&usize::from(self.frames))
            && self.contrast.is_finite()
            && self.activity.is_finite()
            && (length == 0.0 || (length - 1.0).abs() < 1e-3)
    }
}
