//! Takes pictures out of images and films, for models to look at.

use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{self, FilterType};

use crate::catalog::features::AnalysisTask;
use crate::gather::{At, TakeError};
use crate::gpu::Hwaccel;
use crate::media::embedded::{self, PictureFile};
use crate::media::frames::{self, Decoding, Plan, Shot, Shots};
use crate::media::pictures;
use crate::watch::{Abandoned, Post};

/// Two frames nearer than this, in seconds, are one.
const SAME_S: f64 = 0.001;

/// A frame whose shape differs by less than this share is left as it is.
const SAME_SHAPE: f64 = 0.02;

/// A picture, and when it is shown, in seconds; an image has no time.
pub(crate) type Sight = (Option<f64>, RgbImage);

/// Why there is none: another time there may be, or there never is.
pub(crate) type Blind = Result<TakeError, String>;

/// Takes pictures.
pub(crate) struct Eye {
    /// What decodes films, and images that we do not.
    pub(crate) ffmpeg: Option<PathBuf>,
    /// How the graphics card decodes.
    pub(crate) hwaccel: Option<Hwaccel>,
    /// Pixels of the longer side of a frame.
    pub(crate) side: u32,
}

impl Eye {
    /// Returns an image, or the frames of a film near these times, each once.
    pub(crate) fn look(
        &self,
        at: &At<'_>,
        task: &AnalysisTask,
        times: Vec<f64>,
        post: &Post,
    ) -> Result<Result<Vec<Sight>, Blind>, Abandoned> {
        match (&self.ffmpeg, task.is_film) {
            (Some(ffmpeg), true) => Ok(self.film(ffmpeg, at, task, times)),
            _ => self.image(at, task, post),
        }
    }

    fn film(
        &self,
        ffmpeg: &Path,
        at: &At<'_>,
        task: &AnalysisTask,
        times: Vec<f64>,
    ) -> Result<Vec<Sight>, Blind> {
        let mut plan = Plan::default();
        let ticket = plan.want(times);
        // Black bars would be a part of what the film looks like.
        let decoding = Decoding::fitting(task.size, self.side, self.hwaccel).squeezed();
        let shots = frames::take(ffmpeg, at.path, &plan, decoding, at.limits)
            .map_err(|error| Ok(error.into()))?;
        let mut seen: Vec<(f64, RgbImage)> = Vec::new();
        for shot in shots.of(&ticket).flatten() {
            // Wishes between two keyframes are met by the same one.
            let is_new = seen
                .iter()
                .all(|(time, _)| (time - shot.time_s).abs() > SAME_S);
            if let Some(image) = pictures::image_of(shot).filter(|_| is_new) {
                seen.push((shot.time_s, shaped(image, shot)));
            }
        }
        if seen.is_empty() {
            return Err(nothing_seen(&shots));
        }
        let seen = seen.into_iter();
        Ok(seen.map(|(time, image)| (Some(time), image)).collect())
    }

    fn image(
        &self,
        at: &At<'_>,
        task: &AnalysisTask,
        post: &Post,
    ) -> Result<Result<Vec<Sight>, Blind>, Abandoned> {
        let of = PictureFile {
            path: &task.file.path,
            size_bytes: task.file.size_bytes,
            is_image: true,
        };
        let decoded = match embedded::read(at.tree, of, post)? {
            Ok(Some(found)) => pictures::pixels(&found.bytes, found.turned),
            Ok(None) => Err("it is too large, or of a kind that is not known".to_owned()),
            Err(error) => return Ok(Err(Ok(TakeError::Drive(error)))),
        };
        let seen = match (decoded, &self.ffmpeg) {
            (Ok(image), _) => Ok(vec![(None, image)]),
            // HEIC, AVIF and whatever else ffmpeg can show.
            (Err(_), Some(ffmpeg)) => self.film(ffmpeg, at, task, vec![0.0]),
            // Without it nobody knows yet.
            (Err(reason), None) => Err(Ok(TakeError::NeedsFfmpeg(reason))),
        };
        Ok(seen.map(|mut seen| {
            for (time, _) in &mut seen {
                *time = None;
            }
            seen
        }))
    }
}

/// Gives a frame that was squeezed the shape back that it is shown in, by making one side shorter.
fn shaped(image: RgbImage, shot: &Shot) -> RgbImage {
    let now = f64::from(shot.width) / f64::from(shot.height.max(1));
    let Some(aspect) = shot.aspect else {
        return image;
    };
    if (aspect / now - 1.0).abs() < SAME_SHAPE {
        return image;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "shorter than it was, and no less than one"
    )]
    let shorter = |side: u32, by: f64| (f64::from(side) * by).round().max(1.0) as u32;
    let (width, height) = if aspect < now {
        (shorter(shot.width, aspect / now), shot.height)
    } else {
        (shot.width, shorter(shot.height, now / aspect))
    };
    imageops::resize(&image, width, height, FilterType::Triangle)
}

/// Says why no frame of a film was seen: what is wrong with the drive may be right another time.
fn nothing_seen(shots: &Shots) -> Blind {
    if let Some(complaint) = shots.fault_of_drive() {
        return Ok(TakeError::Drive(std::io::Error::other(
            complaint.to_owned(),
        )));
    }
    let complaint = shots.complaints.first().cloned();
    Err(complaint.unwrap_or_else(|| "no frame could be decoded".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_get_their_shape_back() {
        let check = |aspect, expected| {
            let shot = Shot {
                time_s: 0.0,
                aspect,
                width: 160,
                height: 90,
                rgb: Vec::new(),
            };
            let image = shaped(RgbImage::new(160, 90), &shot);
            assert_eq!(image.dimensions(), expected, "{aspect:?}");
        };
        check(None, (160, 90));
        check(Some(16.0 / 9.0), (160, 90));
        check(Some(9.0 / 16.0), (51, 90));
        check(Some(4.0), (160, 40));
        check(Some(1e9), (160, 1));
        check(Some(1e-9), (1, 90));
    }

    #[test]
    fn a_drive_that_fails_is_not_the_films_fault() {
        let said = |text: &str| {
            let mut shots = Shots::default();
            shots.complaints.push(text.to_owned());
            nothing_seen(&shots)
        };
        assert!(matches!(
            said("Error opening input: Input/output error"),
            Ok(TakeError::Drive(_))
        ));
        assert!(said("Invalid data found").is_err());
        assert!(nothing_seen(&Shots::default()).is_err());
    }
}
