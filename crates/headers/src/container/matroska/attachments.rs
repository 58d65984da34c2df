//! The Attachments element: fonts, covers, anything.

use super::ebml::Element;
use crate::codec::mjpeg;
use crate::{Cover, Media, Reader, Stop, Stream, StreamKind};

/// Attachments kept of a file.
const MOST_FILES: usize = 256;

/// Bytes of a picture looked at for its size.
const PICTURE_HEAD: u64 = 16 << 10;

/// A file inside the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Attached {
    name: String,
    mime: String,
    data: Option<Element>,
}

/// Reads the Attachments element; the files themselves are skipped.
pub(super) fn read(
    reader: &mut Reader<'_>,
    element: &Element,
    found: &mut Vec<Attached>,
) -> Result<(), Stop> {
    element.children(reader, |reader, file| {
        if file.id != 0x61a7 || found.len() >= MOST_FILES {
            return Ok(());
        }
        let mut attached = Attached::default();
        let result = file.children(reader, |reader, child| {
            match child.id {
                0x466e => attached.name = child.text(reader)?,
                0x4660 => attached.mime = child.text(reader)?,
                0x465c => attached.data = Some(*child),
                _ => {}
            }
            Ok(())
        });
        found.push(attached);
        result
    })
}

/// Adds each attachment to the streams, pictures to the covers too.
pub(super) fn apply(
    reader: &mut Reader<'_>,
    files: &[Attached],
    media: &mut Media,
) -> Result<(), Stop> {
    let mut fault = Ok(());
    for file in files {
        let Some((data, size)) = file.data.and_then(|data| Some((data, data.size?))) else {
            continue;
        };
        if size == 0 || file.name.is_empty() || file.mime.is_empty() {
            continue;
        }
        let Some(codec) = picture_codec(&file.mime) else {
            media.streams.push(plain(file));
            continue;
        };
        media.covers.push(Cover {
            offset: data.body,
            size_bytes: size,
            mime: Some(file.mime.clone()),
            front: file.name.to_lowercase().starts_with("cover"),
        });
        let mut stream = Stream::new(StreamKind::Video);
        codec.clone_into(&mut stream.codec);
        stream.title = Some(file.name.clone());
        stream.flags.attached_picture = true;
        let result = picture(reader, &data, &mut stream);
        media.streams.push(stream);
        fault = fault.and(result);
    }
    fault
}

fn plain(file: &Attached) -> Stream {
    let mut stream = Stream::new(StreamKind::Attachment);
    font_codec(&file.mime).clone_into(&mut stream.codec);
    stream.codec_tag = Some(file.mime.clone());
    stream.title = Some(file.name.clone());
    stream
}

fn picture_codec(mime: &str) -> Option<&'static str> {
    [
        ("image/gif", "gif"),
        ("image/jpeg", "mjpeg"),
        ("image/jpg", "mjpeg"),
        ("image/png", "png"),
        ("image/tiff", "tiff"),
    ]
    .into_iter()
    .find(|(start, _)| mime.starts_with(start))
    .map(|(_, codec)| codec)
}

fn font_codec(mime: &str) -> &'static str {
    match mime {
        "application/x-truetype-font"
        | "application/x-font"
        | "application/x-font-ttf"
        | "font/ttf"
        | "font/sfnt" => "ttf",
        "application/vnd.ms-opentype" | "application/x-font-otf" | "font/otf" => "otf",
        "binary" => "bin_data",
        _ => "",
    }
}

fn picture(reader: &mut Reader<'_>, data: &Element, stream: &mut Stream) -> Result<(), Stop> {
    match stream.codec.as_str() {
        "mjpeg" => {
            let head = data.bytes(reader, PICTURE_HEAD)?;
            mjpeg::frame(&head, stream);
        }
        "png" => {
            let head = data.bytes(reader, 26)?;
            portable_network_graphics(&head, stream);
        }
        "gif" => {
            let head = data.bytes(reader, 10)?;
            if let [b'G', b'I', b'F', _, _, _, a, b, c, d] = *head.as_slice() {
                let video = stream.video_mut();
                video.width = Some(u16::from_le_bytes([a, b]).into());
                video.height = Some(u16::from_le_bytes([c, d]).into());
            }
        }
        _ => {}
    }
    Ok(())
}

fn portable_network_graphics(head: &[u8], stream: &mut Stream) {
    let Some(
        [
            b'I',
            b'H',
            b'D',
            b'R',
            w0,
            w1,
            w2,
            w3,
            h0,
            h1,
            h2,
            h3,
            bits,
            kind,
        ],
    ) = head.get(12..26)
    else {
        return;
    };
    let video = stream.video_mut();
    video.width = Some(u32::from_be_bytes([*w0, *w1, *w2, *w3]));
    video.height = Some(u32::from_be_bytes([*h0, *h1, *h2, *h3]));
    video.color.full_range = Some(true);
    let chroma = match kind {
        0 => "gray",
        4 => "graya",
        6 => "rgba",
        _ => "rgb",
    };
    video.chroma = Some(chroma.to_owned());
    // A palette's entries have eight bits, however few say which.
    video.bit_depth = Some(if *kind == 3 { 8 } else { *bits });
}
