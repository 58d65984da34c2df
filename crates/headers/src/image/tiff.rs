//! TIFF pictures, `BigTIFF` and what cameras make of it: DNG, NEF, CR2, ARW.

use super::exif;
use super::ifd::{Directory, Tiff};
use crate::{Media, Photo, Ratio, Reader, Stop, Stream, StreamKind, Structure, Video};

/// Pages counted; a fax has dozens.
const MOST_PAGES: u32 = 64;

/// Directories inside one directory: previews and the raw picture.
const MOST_INSIDE: usize = 16;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut stream = Stream::new(StreamKind::Video);
    "tiff".clone_into(&mut stream.codec);
    media.streams.push(stream);
    let Some(tiff) = Tiff::open(reader, 0)? else {
        return Err(Stop::Damaged {
            what: "no header",
            at: 0,
        });
    };
    let mut pictures = Pictures::default();
    let main = tiff.directory(reader, tiff.first)?;
    let walked = pictures.walk(reader, tiff, &main);
    let best = pictures.best.take();
    if let (Some(video), Some(stream)) = (best, media.streams.first_mut()) {
        stream.video = Some(video);
    }
    exif::directory(reader, tiff, &main, media)?;
    if pictures.pages > 1 {
        media.photo.get_or_insert_with(Photo::default).frames = Some(pictures.pages);
    }
    media.structure = if pictures.end > reader.length() {
        Structure::Truncated {
            expected_bytes: Some(pictures.end),
        }
    } else {
        Structure::Complete
    };
    walked
}

#[derive(Debug, Default)]
struct Pictures {
    /// The largest.
    best: Option<Video>,
    area: u64,
    /// Pages that are no previews.
    pages: u32,
    /// Where the furthest strip or tile ends.
    end: u64,
}

impl Pictures {
    fn walk(&mut self, reader: &mut Reader<'_>, tiff: Tiff, main: &Directory) -> Result<(), Stop> {
        self.picture(reader, tiff, main)?;
        let mut next = main.next;
        for inside in tiff
            .numbers(reader, main, 0x014a)?
            .into_iter()
            .take(MOST_INSIDE)
        {
            let directory = tiff.directory(reader, inside)?;
            self.inside(reader, tiff, &directory)?;
        }
        for _ in 0..MOST_PAGES {
            if next == 0 {
                break;
            }
            let page = tiff.directory(reader, next)?;
            self.picture(reader, tiff, &page)?;
            next = page.next;
        }
        Ok(())
    }

    /// A directory inside another is no page.
    fn inside(
        &mut self,
        reader: &mut Reader<'_>,
        tiff: Tiff,
        directory: &Directory,
    ) -> Result<(), Stop> {
        let pages = self.pages;
        self.picture(reader, tiff, directory)?;
        self.pages = pages;
        Ok(())
    }

    fn picture(
        &mut self,
        reader: &mut Reader<'_>,
        tiff: Tiff,
        directory: &Directory,
    ) -> Result<(), Stop> {
        let width = tiff
            .first_number(reader, directory, 0x0100)?
            .unwrap_or_default();
        let height = tiff
            .first_number(reader, directory, 0x0101)?
            .unwrap_or_default();
        self.end = self.end.max(directory.end);
        let is_preview = tiff
            .first_number(reader, directory, 0x00fe)?
            .unwrap_or_default()
            & 1
            == 1;
        if !is_preview && width > 0 {
            self.pages += 1;
        }
        for (offsets, sizes) in [(0x0111, 0x0117), (0x0144, 0x0145)] {
            let offsets = tiff.numbers(reader, directory, offsets)?;
            let sizes = tiff.numbers(reader, directory, sizes)?;
            for (offset, size) in offsets.into_iter().zip(sizes) {
                self.end = self.end.max(offset.saturating_add(size));
            }
        }
        let area = width.saturating_mul(height);
        if area > self.area {
            self.area = area;
            self.best = Some(video(reader, tiff, directory, width, height)?);
        }
        Ok(())
    }
}

fn video(
    reader: &mut Reader<'_>,
    tiff: Tiff,
    directory: &Directory,
    width: u64,
    height: u64,
) -> Result<Video, Stop> {
    let mut video = Video {
        width: u32::try_from(width).ok(),
        height: u32::try_from(height).ok(),
        ..Video::default()
    };
    let bits = tiff.numbers(reader, directory, 0x0102)?;
    let bits = bits
        .first()
        .map_or(1, |bits| u8::try_from(*bits).unwrap_or(0));
    let samples = tiff.first_number(reader, directory, 0x0115)?.unwrap_or(1);
    let subsampling = tiff.numbers(reader, directory, 0x0212)?;
    let chroma = match tiff.first_number(reader, directory, 0x0106)? {
        Some(0 | 1) => Some(if samples == 2 { "graya" } else { "gray" }),
        Some(2) => Some(if samples == 4 { "rgba" } else { "rgb" }),
        Some(3 | 5) => Some("rgb"),
        Some(6) => ycbcr(&subsampling),
        _ => None,
    };
    let is_palette = tiff.first_number(reader, directory, 0x0106)? == Some(3);
    video.bit_depth =
        Some(if is_palette { 8 } else { bits }).filter(|bits| (1..=64).contains(bits));
    video.chroma = chroma.map(str::to_owned);
    let across = tiff.fractions(reader, directory, 0x011a)?;
    let down = tiff.fractions(reader, directory, 0x011b)?;
    if let (Some((xn, xd)), Some((yn, yd))) = (across.first(), down.first()) {
        // Pixels a unit of length: a pixel is as wide as they are few.
        video.pixel_aspect = Ratio::new(yn.saturating_mul(*xd), yd.saturating_mul(*xn));
    }
    Ok(video)
}

fn ycbcr(subsampling: &[u64]) -> Option<&'static str> {
    Some(match subsampling {
        [] | [2, 2] => "4:2:0",
        [1, 1] => "4:4:4",
        [2, 1] => "4:2:2",
        [1, 2] => "4:4:0",
        [4, 1] => "4:1:1",
        [4, 4] => "4:1:0",
        _ => return None,
    })
}
