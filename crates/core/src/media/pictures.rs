//! Pictures for the shelf: contact sheet and poster of a film, thumbnail of an image, cover of a piece of music.
//!
//! Small WebP files, made once and kept beside the shard, so that a drive can be looked at when it is not there.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageReader, RgbImage};

use super::frames::{Shot, Shots, Ticket};

/// Columns and rows of a contact sheet.
pub const SHEET_SIDE: u32 = 3;

/// The longest side of a picture that is decoded: larger ones would need gigabytes.
const LONGEST_SIDE: u32 = 30_000;

/// Memory for decoding one picture.
const MOST_MEMORY: u64 = 512 << 20;

/// Kinds of images that are decoded here, without another program.
pub(crate) const DECODED: [&str; 7] = [
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "image/x-ms-bmp",
];

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureKind {
    /// Nine frames of a film.
    Sheet,
    /// One frame of a film.
    Poster,
    /// An image, made small.
    Thumbnail,
    /// The cover inside a piece of music.
    Cover,
}

impl PictureKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Sheet, Self::Poster, Self::Thumbnail, Self::Cover];

    /// Returns the word that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::Poster => "poster",
            Self::Thumbnail => "thumbnail",
            Self::Cover => "cover",
        }
    }

    /// Returns the kind of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What it shows.
    pub kind: PictureKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The times of a film's frames that it shows, in seconds.
    pub times_s: Vec<f64>,
    /// WebP.
    pub webp: Vec<u8>,
}

/// How pictures are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Pixels of the longer side of a poster or thumbnail, and of a frame on a contact sheet times 1.5.
    pub longest: u32,
    /// Quality of the compression, 1 to 100.
    pub quality: u32,
}

/// Returns when a contact sheet looks into a film of so many seconds: in the middle of nine equal parts.
pub fn sheet_times(duration_s: Option<f64>) -> Vec<f64> {
    let frames = SHEET_SIDE * SHEET_SIDE;
    match duration_s.filter(|seconds| *seconds >= 1.0) {
        Some(seconds) => (0..frames)
            .map(|number| seconds * (f64::from(number) + 0.5) / f64::from(frames))
            .collect(),
        None => vec![0.0],
    }
}

/// Makes the contact sheet and the poster of a film; `None` if no frame could be had.
pub fn of_film(shots: &Shots, ticket: &Ticket, style: Style) -> Option<Vec<Picture>> {
    let mut frames: Vec<(f64, RgbImage)> = Vec::new();
    for shot in shots.of(ticket).flatten() {
        // Wishes between two keyframes are met by the same one.
        if frames
            .iter()
            .all(|(time, _)| (time - shot.time_s).abs() > 0.001)
        {
            frames.push((shot.time_s, image_of(shot)?));
        }
    }
    let (time, best) = frames
        .iter()
        .take(frames.len().div_ceil(2))
        .max_by(|(_, a), (_, b)| contrast(a).total_cmp(&contrast(b)))?;
    let mut pictures = vec![finished(PictureKind::Poster, best, vec![*time], style)?];
    if frames.len() > 1 {
        pictures.push(finished(
            PictureKind::Sheet,
            &sheet(&frames),
            frames.iter().map(|(time, _)| *time).collect(),
            style,
        )?);
    }
    Some(pictures)
}

/// Makes the thumbnail of an image, or the cover of a piece of music, from a whole file's bytes. `turned`: clockwise
/// degrees for looking at it.
///
/// # Errors
/// What is wrong with it, in plain words.
pub fn of_image(
    bytes: &[u8],
    kind: PictureKind,
    turned: u16,
    style: Style,
) -> Result<Picture, String> {
    let decoded = decode(bytes)?;
    let small = if decoded.width().max(decoded.height()) > style.longest {
        decoded.thumbnail(style.longest, style.longest)
    } else {
        decoded
    };
    finished(kind, &flattened(&turn(small, turned)), Vec::new(), style)
        .ok_or_else(|| "it could not be compressed".to_owned())
}

/// Returns the pixels of an image, from a whole file's bytes. `turned`: clockwise degrees for looking at it.
///
/// # Errors
/// What is wrong with it, in plain words.
pub fn pixels(bytes: &[u8], turned: u16) -> Result<RgbImage, String> {
    Ok(flattened(&turn(decode(bytes)?, turned)))
}

/// Decodes an image. One that breaks its decoder is one that cannot be decoded, and no end of the scan.
fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    catch_unwind(AssertUnwindSafe(|| decoded(bytes)))
        .unwrap_or_else(|_| Err("it breaks its decoder".into()))
}

fn decoded(bytes: &[u8]) -> Result<DynamicImage, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    reader.decode().map_err(|error| error.to_string())
}

fn turn(picture: DynamicImage, degrees: u16) -> DynamicImage {
    match degrees {
        90 => picture.rotate90(),
        180 => picture.rotate180(),
        270 => picture.rotate270(),
        _ => picture,
    }
}

/// Returns the picture on a grey ground where one can see through it.
fn flattened(picture: &DynamicImage) -> RgbImage {
    const GROUND: u32 = 0x80;
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let seen = picture.to_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let image::Rgba([red, green, blue, alpha]) = *seen.get_pixel(x, y);
        let over = |color: u8| {
            let mixed = u32::from(color) * u32::from(alpha) + GROUND * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

/// Returns a frame as an image.
pub fn image_of(shot: &Shot) -> Option<RgbImage> {
    RgbImage::from_raw(shot.width, shot.height, shot.rgb.clone())
}

/// Lays frames out in rows of three, each at two thirds of its size.
fn sheet(frames: &[(f64, RgbImage)]) -> RgbImage {
    let (width, height) = frames
        .first()
        .map_or((1, 1), |(_, frame)| frame.dimensions());
    let (width, height) = ((width * 2 / 3).max(1), (height * 2 / 3).max(1));
    let count = u32::try_from(frames.len()).unwrap_or(1).max(1);
    let columns = count.min(SHEET_SIDE);
    let mut sheet = RgbImage::new(width * columns, height * count.div_ceil(columns));
    for (number, (_, frame)) in (0..).zip(frames) {
        let small = imageops::resize(frame, width, height, FilterType::Triangle);
        let (x, y) = (number % columns * width, number / columns * height);
        imageops::replace(&mut sheet, &small, i64::from(x), i64::from(y));
    }
    sheet
}

/// Returns how much there is to be seen: the spread of brightness.
fn contrast(frame: &RgbImage) -> f64 {
    let (mut count, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for pixel in frame.pixels().step_by(7) {
        let image::Rgb([red, green, blue]) = *pixel;
        let light = 0.3 * f64::from(red) + 0.59 * f64::from(green) + 0.11 * f64::from(blue);
        count += 1.0;
        sum += light;
        squares += light * light;
    }
    let mean = sum / count.max(1.0);
    squares / count.max(1.0) - mean * mean
}

fn finished(
    kind: PictureKind,
    picture: &RgbImage,
    times_s: Vec<f64>,
    style: Style,
) -> Option<Picture> {
    let (width, height) = picture.dimensions();
    #[expect(clippy::cast_precision_loss, reason = "1 to 100")]
    let quality = style.quality.clamp(1, 100) as f32;
    let webp = webp::Encoder::from_rgb(picture.as_raw(), width, height)
        .encode_simple(false, quality)
        .ok()?
        .to_vec();
    Some(Picture {
        kind,
        width,
        height,
        times_s,
        webp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        longest: 60,
        quality: 60,
    };

    #[test]
    fn a_large_image_becomes_a_small_one_the_right_way_up() {
        let picture = RgbImage::from_fn(300, 200, |x, _| {
            image::Rgb([if x < 150 { 255 } else { 0 }, 0, 0])
        });
        let mut png = Vec::new();
        picture
            .write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png)
            .unwrap();
        let made = of_image(&png, PictureKind::Thumbnail, 90, STYLE).unwrap();
        assert_eq!((made.width, made.height), (40, 60));
        let seen = image::load_from_memory(&made.webp).unwrap().to_rgb8();
        // What was left is above after a quarter turn clockwise.
        assert!(seen.get_pixel(20, 5)[0] > 200 && seen.get_pixel(20, 55)[0] < 60);
        assert!(of_image(b"no image", PictureKind::Thumbnail, 0, STYLE).is_err());
    }

    #[test]
    fn times_lie_inside_the_film() {
        assert_eq!(sheet_times(None), [0.0]);
        assert_eq!(sheet_times(Some(0.4)), [0.0]);
        let times = sheet_times(Some(90.0));
        assert_eq!((times.len(), times[0], times[8]), (9, 5.0, 85.0));
    }
}
