//! Motion JPEG and still JPEG frames (ITU-T T.81, annex B).

use crate::bytes::Bytes;
use crate::{Ratio, Stream, Video};

use super::cicp;

/// Segments looked at before the frame header.
const MOST_SEGMENTS: usize = 256;

/// Notes what the frame header of a JPEG picture says.
pub fn frame(bytes: &[u8], stream: &mut Stream) -> bool {
    walk(bytes, stream).unwrap_or(false)
}

fn walk(bytes: &[u8], stream: &mut Stream) -> Option<bool> {
    let mut bytes = Bytes::new(bytes);
    if bytes.array()? != [0xff, 0xd8] {
        return None;
    }
    let mut notes = Notes::default();
    for _ in 0..MOST_SEGMENTS {
        let (marker, body) = segment(&mut bytes)?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xf7 => {
                return Some(frame_header(marker, body, &notes, stream).is_some());
            }
            0xe0 => notes.application(body),
            0xee if body.starts_with(b"Adobe") => notes.adobe = body.get(11).copied(),
            0xfe => notes.is_narrow |= body.starts_with(b"CS=ITU601"),
            0xda | 0xd9 => return None,
            _ => {}
        }
    }
    None
}

/// Returns the next marker and what is there of its segment.
fn segment<'a>(bytes: &mut Bytes<'a>) -> Option<(u8, &'a [u8])> {
    if bytes.u8()? != 0xff {
        return None;
    }
    let mut marker = bytes.u8()?;
    // Any number of fill bytes may come before a marker.
    while marker == 0xff {
        marker = bytes.u8()?;
    }
    if matches!(marker, 0x01 | 0xd0..=0xd9) {
        return Some((marker, &[]));
    }
    let length = usize::from(bytes.u16_be()?).checked_sub(2)?;
    let body = bytes.take(length.min(bytes.left()))?;
    Some((marker, body))
}

/// What segments before the frame header tell.
#[derive(Default)]
struct Notes {
    pixel_aspect: Option<Ratio>,
    /// Transformation of colours: 0 none, 1 `YCbCr`, 2 `YCCK`.
    adobe: Option<u8>,
    /// Whether a comment says that brightness goes from 16 to 235, as in films.
    is_narrow: bool,
    /// Which field this is: 1 the upper one, 2 the lower one.
    field: Option<u8>,
}

impl Notes {
    /// JFIF tells how dense the points are, or only their shape. Motion JPEG of AVI tells the field instead.
    fn application(&mut self, body: &[u8]) {
        if let [b'J', b'F', b'I', b'F', 0, _, _, _, x0, x1, y0, y1, ..] = body {
            let across = u16::from_be_bytes([*x0, *x1]);
            let down = u16::from_be_bytes([*y0, *y1]);
            // More points across make narrower ones; as ffprobe shows it, the numbers are taken as they stand.
            self.pixel_aspect = Ratio::new(u64::from(across), u64::from(down));
        } else if let [b'A', b'V', b'I', b'1', field, ..] = body {
            self.field = Some(*field);
        }
    }
}

fn frame_header(marker: u8, body: &[u8], notes: &Notes, stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(body);
    let depth = bytes.u8()?;
    let (height, width) = (bytes.u16_be()?, bytes.u16_be()?);
    let count = bytes.u8().filter(|count| (1..=4).contains(count))?;
    let mut parts = [[0_u8; 3]; 4];
    for part in parts.get_mut(..usize::from(count))? {
        *part = bytes.array()?;
    }
    if width == 0 {
        return None;
    }
    "mjpeg".clone_into(&mut stream.codec);
    stream.profile = profile_name(marker).map(str::to_owned);
    let video = stream.video_mut();
    video.width = Some(u32::from(width));
    note_height(height, notes, video);
    // Red, green and blue kept as their differences, lossless, need a bit more.
    let is_difference = marker == 0xc3 && depth == 9;
    video.bit_depth = Some(if is_difference { 8 } else { depth });
    if notes.pixel_aspect.is_some() {
        video.pixel_aspect = notes.pixel_aspect;
    }
    let name = chroma(&parts, count, is_difference, notes.adobe);
    note_chroma(name, notes.is_narrow, video);
    Some(())
}

/// Notes the height, and the order of fields where each has a picture of its own.
fn note_height(height: u16, notes: &Notes, video: &mut Video) {
    let height = u32::from(height);
    // 0 says that the height comes after the first scan.
    if height == 0 {
        return;
    }
    // What the container calls a frame is then twice as high, or nearly so: encoders fill up blocks.
    let is_field = video
        .height
        .is_some_and(|whole| u64::from(height) * 4 < u64::from(whole) * 3);
    if !is_field {
        video.height = Some(height);
        return;
    }
    video.height = Some(height * 2);
    let order = match notes.field {
        Some(1) => "tt",
        Some(2) => "bb",
        _ => return,
    };
    if video.field_order.is_none() {
        video.field_order = Some(order.to_owned());
    }
}

const fn profile_name(marker: u8) -> Option<&'static str> {
    Some(match marker {
        0xc0 => "Baseline",
        0xc1 => "Sequential",
        0xc2 => "Progressive",
        0xc3 => "Lossless",
        0xf7 => "JPEG LS",
        _ => return None,
    })
}

fn chroma(parts: &[[u8; 3]; 4], count: u8, is_rgb: bool, adobe: Option<u8>) -> &'static str {
    let [luma, second, third, _] = *parts;
    let is_rgb = is_rgb || adobe == Some(0) || [luma[0], second[0], third[0]] == *b"RGB";
    match count {
        1 => "gray",
        3 if is_rgb => "rgb",
        // Four inks, as brightness and colours. ffprobe has no name for inks and calls them colours and alpha.
        4 if adobe == Some(2) => "4:4:4a",
        4 => "rgba",
        _ => subsampling(luma[1], second[1]),
    }
}

fn note_chroma(name: &str, is_narrow: bool, video: &mut Video) {
    video.chroma = Some(name.to_owned());
    match name {
        "gray" => cicp::note(video, 2, 2, 5, None),
        // Nothing was turned into brightness and colours.
        "rgb" | "rgba" => {}
        _ => cicp::note(video, 2, 2, 5, Some(!is_narrow)),
    }
}

/// Factors are those of the first part to those of the second, across and down.
fn subsampling(luma: u8, chroma: u8) -> &'static str {
    let (across, down) = (chroma >> 4, chroma & 15);
    let (across, down) = (
        (luma >> 4).checked_div(across).unwrap_or(0),
        (luma & 15).checked_div(down).unwrap_or(0),
    );
    match (across, down) {
        (1, 1) => "4:4:4",
        (1, 2) => "4:4:0",
        (2, 1) => "4:2:2",
        (4, 1) => "4:1:1",
        (4, _) => "4:1:0",
        _ => "4:2:0",
    }
}

#[cfg(test)]
mod tests;
