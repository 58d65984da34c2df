//! Pictures into vectors.

use std::time::Duration;

use image::RgbImage;
use image::imageops::{self, FilterType};
use serde::{Deserialize, Serialize};

use crate::runtime::{ModelError, Provider, Session};
use crate::service::Service;
use crate::tensor::Tensor;

/// The most numbers of a vector that is kept.
const MOST_NUMBERS: usize = 65_536;

/// How long a model may take for one batch.
const LIMIT: Duration = Duration::from_mins(2);

/// What is done to a picture before a model sees it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preprocessing {
    /// Pixels of each side, where the model does not say.
    pub size: u32,
    /// Whether the short side is fitted and the rest cut off; otherwise the picture is squeezed.
    pub crop: bool,
    /// Whether pixels are mixed cubically; otherwise linearly.
    pub cubic: bool,
    /// What is subtracted of red, green and blue, each 0 to 1.
    pub mean: [f32; 3],
    /// By what they are divided then.
    pub std: [f32; 3],
}

impl Default for Preprocessing {
    /// As networks trained with `ImageNet` have it, `MobileNetV3` among them.
    fn default() -> Self {
        Self {
            size: 224,
            crop: false,
            cubic: false,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        }
    }
}

impl Preprocessing {
    /// Returns the numbers of a picture, plane by plane: red, green, blue.
    fn planes(&self, picture: &RgbImage) -> Vec<f32> {
        let small = self.resized(picture);
        let pixels = small.as_raw();
        let mut planes = Vec::with_capacity(pixels.len());
        for ((channel, mean), std) in self.mean.iter().enumerate().zip(&self.std) {
            let of_channel = pixels.iter().skip(channel).step_by(3);
            planes.extend(of_channel.map(|value| (f32::from(*value) / 255.0 - mean) / std));
        }
        planes
    }

    fn resized(&self, picture: &RgbImage) -> RgbImage {
        let side = self.size.max(1);
        let filter = if self.cubic {
            FilterType::CatmullRom
        } else {
            FilterType::Triangle
        };
        if !self.crop {
            return imageops::resize(picture, side, side, filter);
        }
        let (width, height) = picture.dimensions();
        let short = width.min(height).max(1);
        let scaled = |length: u32| {
            let scaled = u64::from(length) * u64::from(side) / u64::from(short);
            // A strip a thousand times as long as it is wide is squeezed a little.
            u32::try_from(scaled)
                .unwrap_or(u32::MAX)
                .clamp(side, side * 16)
        };
        let fitted = imageops::resize(picture, scaled(width), scaled(height), filter);
        let (left, top) = ((fitted.width() - side) / 2, (fitted.height() - side) / 2);
        imageops::crop_imm(&fitted, left, top, side, side).to_image()
    }
}

/// Turns pictures into vectors by a model.
#[derive(Clone, Debug)]
pub struct PictureEmbedder {
    service: Service,
    preprocessing: Preprocessing,
    /// Pictures at once, where the model has a fixed number.
    fixed_batch: Option<usize>,
}

impl PictureEmbedder {
    /// Takes sessions of one model whose only input is pictures: `[batch, 3, side, side]`.
    ///
    /// # Errors
    /// When the model wants something else.
    pub fn new(
        sessions: Vec<Box<dyn Session>>,
        mut preprocessing: Preprocessing,
    ) -> Result<Self, ModelError> {
        let service =
            Service::start(sessions, LIMIT).map_err(|error| ModelError::Run(error.to_string()))?;
        let [input] = service.inputs() else {
            return Err(ModelError::Output(format!(
                "no place for a picture: it has {} inputs",
                service.inputs().len()
            )));
        };
        let fixed_batch = match input.shape.as_slice() {
            [] => None,
            [batch, None | Some(3), height, width] if height == width => {
                if let Some(side) = height.and_then(|side| u32::try_from(side).ok()) {
                    preprocessing.size = side;
                }
                *batch
            }
            other => {
                return Err(ModelError::Output(format!(
                    "no place for a picture: its input has the shape {other:?}"
                )));
            }
        };
        if !(1..=4_096).contains(&preprocessing.size) || fixed_batch.is_some_and(|batch| batch != 1)
        {
            return Err(ModelError::Output(
                "no place for one picture of a usual size".into(),
            ));
        }
        Ok(Self {
            service,
            preprocessing,
            fixed_batch,
        })
    }

    /// Returns who computed when the model was loaded.
    pub const fn provider(&self) -> Provider {
        self.service.provider()
    }

    /// Has the model look at a picture of no meaning; returns how many numbers its vectors have.
    ///
    /// # Errors
    /// As [`Self::embed`]: a model that cannot do this can do nothing.
    pub fn try_out(&self, is_stopped: &dyn Fn() -> bool) -> Result<usize, ModelError> {
        let greys = RgbImage::from_fn(64, 64, |x, y| {
            let light = u8::try_from((x * 3 + y) % 256).unwrap_or(0);
            image::Rgb([light, light, 128])
        });
        let vectors = self.embed(&[greys], is_stopped)?;
        Ok(vectors.first().map_or(0, Vec::len))
    }

    /// Returns a vector of length one for each picture.
    ///
    /// # Errors
    /// When the model fails, gives something that is no vector, or is stopped.
    pub fn embed(
        &self,
        pictures: &[RgbImage],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let at_once = self.fixed_batch.unwrap_or(pictures.len()).max(1);
        let mut vectors = Vec::with_capacity(pictures.len());
        for batch in pictures.chunks(at_once) {
            vectors.extend(self.embed_batch(batch, is_stopped)?);
        }
        Ok(vectors)
    }

    fn embed_batch(
        &self,
        pictures: &[RgbImage],
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let side = self.preprocessing.size as usize;
        let mut numbers = Vec::with_capacity(pictures.len() * 3 * side * side);
        for picture in pictures {
            numbers.extend(self.preprocessing.planes(picture));
        }
        let input = Tensor::floats(vec![pictures.len(), 3, side, side], numbers);
        let name = self.service.inputs().first().map(|port| port.name.clone());
        let inputs = vec![(name.unwrap_or_default(), input)];
        let outputs = self.service.run(inputs, is_stopped)?;
        let output = outputs
            .first()
            .ok_or_else(|| ModelError::Output("nothing".into()))?;
        vectors_of(output, pictures.len())
    }
}

/// Cuts an output into one vector for each of what went in.
pub(crate) fn vectors_of(output: &Tensor, count: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let numbers = output
        .as_floats()
        .ok_or_else(|| ModelError::Output("whole numbers where a vector should be".into()))?;
    let each = numbers.len().checked_div(count).unwrap_or(0);
    if output.shape.first() != Some(&count) || each == 0 || each > MOST_NUMBERS {
        return Err(ModelError::Output(format!(
            "the shape {:?}, which is no vector for each of {count}",
            output.shape
        )));
    }
    numbers
        .chunks_exact(each)
        .map(|vector| {
            let mut vector = vector.to_vec();
            crate::normalise(&mut vector).map_err(|message| ModelError::Output(message.into()))?;
            Ok(vector)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_planes() {
        let preprocessing = Preprocessing {
            size: 2,
            ..Preprocessing::default()
        };
        let picture = RgbImage::from_pixel(8, 4, image::Rgb([255, 0, 128]));
        let planes = preprocessing.planes(&picture);
        assert_eq!(planes.len(), 12);
        assert!((planes[0] - (1.0 - 0.485) / 0.229).abs() < 1e-5);
        assert!((planes[4] - (0.0 - 0.456) / 0.224).abs() < 1e-5);
        assert!((planes[8] - (128.0 / 255.0 - 0.406) / 0.225).abs() < 1e-5);
    }

    #[test]
    fn a_cut_picture_shows_its_middle() {
        let picture = RgbImage::from_fn(300, 100, |x, _| {
            image::Rgb([if (100..200).contains(&x) { 255 } else { 0 }, 0, 0])
        });
        let cropping = Preprocessing {
            crop: true,
            cubic: true,
            ..Preprocessing::default()
        };
        let cut = cropping.resized(&picture);
        assert_eq!(cut.dimensions(), (224, 224));
        assert_eq!(cut.get_pixel(112, 112).0, [255, 0, 0]);
        assert!(cut.get_pixel(20, 10).0[0] > 200);
        // A hair of a picture does not become a gigabyte.
        let hair = cropping.resized(&RgbImage::new(20_000, 1));
        assert_eq!(hair.dimensions(), (224, 224));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        assert!(vectors_of(&Tensor::floats(vec![2, 3], vec![1.0; 6]), 2).is_ok());
        assert!(vectors_of(&Tensor::floats(vec![1, 6], vec![1.0; 6]), 2).is_err());
        assert!(vectors_of(&Tensor::floats(vec![2, 3], vec![f32::NAN; 6]), 2).is_err());
        assert!(vectors_of(&Tensor::floats(vec![1, 0], vec![]), 1).is_err());
        let big = MOST_NUMBERS + 1;
        assert!(vectors_of(&Tensor::floats(vec![1, big], vec![1.0; big]), 1).is_err());
    }
}
