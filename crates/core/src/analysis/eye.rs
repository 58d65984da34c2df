//! Takes pictures out of images and films, for models to look at.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::catalog::features::AnalysisTask;
use crate::gather::{At, TakeError};
use crate::media::embedded::{self, PictureFile};
use crate::media::frames::{self, Decoding, Plan};
use crate::media::pictures;
use crate::watch::{Abandoned, Post};

/// Two frames nearer than this, in seconds, are one.
const SAME_S: f64 = 0.001;

/// A picture, and when it is shown, in seconds; an image has no time.
pub(crate) type Sight = (Option<f64>, RgbImage);

/// Why there is none: another time there may be, or there never is.
pub(crate) type Blind = Result<TakeError, String>;

/// Takes pictures.
pub(crate) struct Eye {
    /// What decodes films, and images that we do not.
    pub(crate) ffmpeg: Option<PathBuf>,
    /// Whether the graphics card may decode.
    pub(crate) hwaccel: bool,
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
        let decoding = Decoding::fitting(task.size, self.side, self.hwaccel);
        let shots = frames::take(ffmpeg, at.path, &plan, decoding, at.limits)
            .map_err(|error| Ok(error.into()))?;
        let mut seen: Vec<(f64, RgbImage)> = Vec::new();
        for shot in shots.of(&ticket).flatten() {
            // Wishes between two keyframes are met by the same one.
            let is_new = seen
                .iter()
                .all(|(time, _)| (time - shot.time_s).abs() > SAME_S);
            if let Some(image) = pictures::image_of(shot).filter(|_| is_new) {
                seen.push((shot.time_s, image));
            }
        }
        if seen.is_empty() {
            let complaint = shots.complaints.first().cloned();
            return Err(Err(
                complaint.unwrap_or_else(|| "no frame could be decoded".into())
            ));
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
            (Err(reason), None) => Err(Err(reason)),
        };
        Ok(seen.map(|mut seen| {
            for (time, _) in &mut seen {
                *time = None;
            }
            seen
        }))
    }
}
