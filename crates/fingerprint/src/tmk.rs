//! TMK+PDQF: one fingerprint of a whole film, and how alike two are.
//!
//! The frames of a film, 15 a second and 64 × 64 pixels each, become features ([`crate::pdq::Features`]). Their mean tells
//! what the film shows ([`Tmk::level1`]); sums of them weighted with cosines and sines of the time, in four periods, tell in
//! which order ([`Matcher::level2`]). Good at whole films that were scaled, compressed, slightly changed; weak at clips of a
//! longer film, bars, mirrored pictures (but see [`Tmk::laid`]) and changed speed.
//!
//! The bytes of [`Tmk::to_bytes`] are those of the C++ reference (facebook/ThreatExchange), given the same frames. For the
//! same frames as the reference, decode with
//! `ffmpeg -nostdin -i INPUT -s 64:64 -an -f rawvideo -c:v rawvideo -pix_fmt rgb24 -r 15 pipe:1`.
//!
//! ```text
//! let mut builder = tmk::Builder::new();
//! for frame in frames {
//!     builder.push_rgb24(&frame);
//! }
//! let film = builder.finish();
//! std::fs::write("film.tmk", film.to_bytes())?;
//! ```

mod builder;
mod file;
mod kernel;
mod score;

pub use builder::Builder;
pub use file::TmkError;
pub use score::{Incompatible, Level2, Matcher, PeriodOffset, level2_exact};

use crate::Dihedral;

/// Frames a second.
pub const FRAMES_PER_SECOND: i32 = 15;

/// Edge of a frame in pixels.
pub const FRAME_EDGE: usize = 64;

/// Bytes of a frame in RGB24.
pub const FRAME_BYTES: usize = FRAME_EDGE * FRAME_EDGE * 3;

/// Score above which [`Tmk::level1`] makes two films candidates, by default.
pub const LEVEL1_THRESHOLD: f32 = 0.7;

/// Score above which [`Matcher::level2`] calls two films alike, by default. From 0.9 on they are the same.
pub const LEVEL2_THRESHOLD: f32 = 0.7;

/// Periods in frames.
const PERIODS: [i32; 4] = [2731, 4391, 9767, 14653];

/// Weights of the frequencies: Fourier coefficients of a von Mises kernel of concentration 32. They are part of the file
/// format: files with others are not compared.
#[expect(
    clippy::excessive_precision,
    reason = "as the format's authors wrote them"
)]
const COEFFICIENTS: [f32; 32] = [
    0.070_804_189_311_2,
    0.139_377_893_09,
    0.132_897_260_304,
    0.122_765_735_552,
    0.109_878_684_888,
    0.095_296_064_33,
    0.080_098_664_785_2,
    0.065_259_065_035_6,
    0.051_547_823_832_2,
    0.039_485_153_119_5,
    0.029_337_425_202_5,
    0.021_149_262_367_9,
    0.014_797_307_324_5,
    0.010_051_281_874_6,
    0.006_630_640_801_4,
    0.004_249_471_173_34,
    0.002_646_761_576_4,
    0.001_602_709_596_94,
    0.000_943_882_629_639,
    0.000_540_841_638_603,
    0.000_301_633_183_798,
    0.000_163_800_158_855,
    8.664_547_530_15e-5,
    4.466_263_031_51e-5,
    2.244_294_422_35e-5,
    1.099_821_397_99e-5,
    5.258_234_879_99e-6,
    2.453_582_299_88e-6,
    1.117_814_748_95e-6,
    4.974_064_892_21e-7,
    2.162_654_872_34e-7,
    9.190_870_065_65e-8,
];

/// Values of a feature.
const DIMENSION: usize = 256;

/// The fingerprint of a film.
#[derive(Clone, Debug, PartialEq)]
pub struct Tmk {
    frames_per_second: i32,
    frame_count: i32,
    periods: Vec<i32>,
    coefficients: Vec<f32>,
    /// As many as a feature has values.
    average: Vec<f32>,
    /// By period, then frequency, then value of a feature.
    cosines: Vec<f32>,
    /// As `cosines`.
    sines: Vec<f32>,
}

impl Tmk {
    /// Returns how many frames went in.
    pub fn frame_count(&self) -> i32 {
        self.frame_count
    }

    /// Returns how long the film is by its frames, in seconds; 0 where the file claims no frame rate.
    pub fn duration_s(&self) -> f64 {
        if self.frames_per_second > 0 && self.frame_count > 0 {
            f64::from(self.frame_count) / f64::from(self.frames_per_second)
        } else {
            0.0
        }
    }

    /// Returns the mean of all features, not normalised: what an index for [`Tmk::level1`] is made of.
    pub fn average(&self) -> &[f32] {
        &self.average
    }

    /// Tells whether the fingerprint says nothing: no frames, or none but black ones. Such ones match nothing.
    pub fn is_blank(&self) -> bool {
        self.average
            .iter()
            .all(|value| *value == 0.0 || !value.is_finite())
    }

    /// Returns the fingerprint that the film would have if every picture lay another way, exact but for the rounding in the
    /// scaler; `None` where features are not 256 values, as only files of others have.
    ///
    /// So a mirrored copy is found by comparing once more, without decoding once more.
    #[must_use]
    pub fn laid(&self, way: Dihedral) -> Option<Self> {
        let lay = |values: &[f32]| {
            let (features, _) = values.as_chunks::<DIMENSION>();
            features
                .iter()
                .flat_map(|feature| way.of_coefficients(feature))
                .collect()
        };
        (self.average.len() == DIMENSION).then(|| Self {
            average: lay(&self.average),
            cosines: lay(&self.cosines),
            sines: lay(&self.sines),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
