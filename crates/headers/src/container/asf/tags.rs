//! Names and values: of the file, of streams, and pictures among them.

use super::{Header, Object, utf16};
use crate::bytes::Bytes;
use crate::codec::mjpeg;
use crate::image::png;
use crate::{Cover, Media, Reader, Stop, Stream, StreamKind};

/// Values looked at in one object.
const MOST_VALUES: u16 = 512;

/// Bytes read of a name.
const LONGEST_NAME: u64 = 512;

/// Bytes read of a text.
const LONGEST_TEXT: u64 = 8 << 10;

/// Bytes of a picture in which its size is looked for.
const PICTURE_HEAD: u64 = 8 << 10;

/// Title, author, copyright, description, rating: five lengths, then five texts.
pub(super) fn content(body: &mut Bytes<'_>, _header: &mut Header, media: &mut Media) -> Option<()> {
    let mut sizes = [0_u16; 5];
    for size in &mut sizes {
        *size = body.u16_le()?;
    }
    for (size, name) in sizes
        .iter()
        .zip(["title", "artist", "copyright", "comment"])
    {
        let text = utf16(body.take(usize::from(*size))?);
        media.tag(name, &text);
    }
    Some(())
}

/// A name and where its value is.
struct Value {
    name: String,
    kind: u16,
    at: u64,
    size: u64,
    /// The stream it is about; 0: the file.
    stream: usize,
    /// Bytes that a yes or no takes.
    bool_size: u64,
}

/// Names and values of the file.
pub(super) fn extended(
    reader: &mut Reader<'_>,
    object: &Object,
    header: &mut Header,
    media: &mut Media,
) -> Result<(), Stop> {
    let count = u16::from_le_bytes(reader.array(object.body)?);
    let mut at = object.body + 2;
    for _ in 0..count.min(MOST_VALUES) {
        let name_size = u64::from(u16::from_le_bytes(reader.array(at)?));
        let name = utf16(&reader.bytes(at + 2, name_size.min(LONGEST_NAME))?);
        let [k1, k2, s1, s2] = reader.array(at + 2 + name_size)?;
        let size = u64::from(u16::from_le_bytes([s1, s2]));
        let value = Value {
            name,
            kind: u16::from_le_bytes([k1, k2]),
            at: at + 2 + name_size + 4,
            size,
            stream: 0,
            bool_size: 4,
        };
        at = value.at + size;
        if at > object.end {
            break;
        }
        note(reader, &value, header, media)?;
    }
    Ok(())
}

/// Names and values of streams.
pub(super) fn metadata(
    reader: &mut Reader<'_>,
    object: &Object,
    header: &mut Header,
    media: &mut Media,
) -> Result<(), Stop> {
    let count = u16::from_le_bytes(reader.array(object.body)?);
    let mut at = object.body + 2;
    for _ in 0..count.min(MOST_VALUES) {
        let [_, _, n1, n2, l1, l2, k1, k2, sizes @ ..] = reader.array::<12>(at)?;
        let name_size = u64::from(u16::from_le_bytes([l1, l2]));
        let name = utf16(&reader.bytes(at + 12, name_size.min(LONGEST_NAME))?);
        let value = Value {
            name,
            kind: u16::from_le_bytes([k1, k2]),
            at: at + 12 + name_size,
            size: u64::from(u32::from_le_bytes(sizes)),
            stream: usize::from(u16::from_le_bytes([n1, n2])),
            bool_size: 2,
        };
        at = value.at + value.size;
        if at > object.end {
            break;
        }
        note(reader, &value, header, media)?;
    }
    Ok(())
}

fn note(
    reader: &mut Reader<'_>,
    value: &Value,
    header: &mut Header,
    media: &mut Media,
) -> Result<(), Stop> {
    if value.name == "WM/Picture" {
        return picture(reader, value, media);
    }
    if value.name == "AspectRatioX" || value.name == "AspectRatioY" {
        let number = number(reader, value)?.and_then(|number| u32::try_from(number).ok());
        if let (Some(number), Some(facts)) = (number, header.facts(value.stream)) {
            match value.name.as_str() {
                "AspectRatioX" => facts.aspect.0 = number,
                _ => facts.aspect.1 = number,
            }
        }
        return Ok(());
    }
    let text = match value.kind {
        0 => utf16(&reader.bytes(value.at, value.size.min(LONGEST_TEXT))?),
        2..=5 => number(reader, value)?
            .map(|number| number.to_string())
            .unwrap_or_default(),
        _ => return Ok(()),
    };
    media.tag(known(&value.name).unwrap_or(&value.name), &text);
    Ok(())
}

fn number(reader: &mut Reader<'_>, value: &Value) -> Result<Option<u64>, Stop> {
    let size = match value.kind {
        2 => value.bool_size,
        3 => 4,
        4 => 8,
        5 => 2,
        _ => return Ok(None),
    };
    let bytes = reader.bytes(value.at, size.min(value.size))?;
    Ok(Some(
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    ))
}

/// ffprobe's names.
fn known(name: &str) -> Option<&'static str> {
    Some(match name {
        "WM/AlbumArtist" => "album_artist",
        "WM/AlbumTitle" => "album",
        "Author" => "artist",
        "Description" => "comment",
        "WM/Composer" => "composer",
        "WM/EncodedBy" => "encoded_by",
        "WM/EncodingSettings" | "WM/Tool" => "encoder",
        "WM/Genre" => "genre",
        "WM/Language" => "language",
        "WM/OriginalFilename" => "filename",
        "WM/PartOfSet" => "disc",
        "WM/Publisher" => "publisher",
        "WM/TrackNumber" => "track",
        "WM/Year" => "date",
        "WM/MediaStationCallSign" => "service_provider",
        "WM/MediaStationName" => "service_name",
        _ => return None,
    })
}

/// A picture: what it shows, its size, its type and a description, both up to a zero, then the picture.
fn picture(reader: &mut Reader<'_>, value: &Value, media: &mut Media) -> Result<(), Stop> {
    let head = reader.bytes(value.at, value.size.min(LONGEST_NAME))?;
    let mut rest = Bytes::new(&head);
    let (Some(shows), Some(size)) = (rest.u8(), rest.u32_le()) else {
        return Ok(());
    };
    let (Some(mime), Some(_)) = (text(&mut rest), text(&mut rest)) else {
        return Ok(());
    };
    let offset = value.at + (head.len() - rest.left()) as u64;
    if offset + u64::from(size) > value.at + value.size {
        return Ok(());
    }
    media.covers.push(Cover {
        offset,
        size_bytes: u64::from(size),
        mime: Some(mime.clone()).filter(|mime| !mime.is_empty()),
        front: shows == 3,
    });
    let head = reader.up_to(offset, PICTURE_HEAD.min(u64::from(size)))?;
    let mut stream = Stream::new(StreamKind::Video);
    stream.flags.attached_picture = true;
    match mime.as_str() {
        "image/png" => {
            "png".clone_into(&mut stream.codec);
            png::still(&head, stream.video_mut());
        }
        "image/jpeg" | "image/jpg" => {
            "mjpeg".clone_into(&mut stream.codec);
            mjpeg::frame(&head, &mut stream);
        }
        _ => return Ok(()),
    }
    media.streams.push(stream);
    Ok(())
}

/// Returns the text up to a zero, which must be there.
fn text(rest: &mut Bytes<'_>) -> Option<String> {
    let units = rest.rest().as_chunks::<2>().0;
    let end = units.iter().position(|unit| *unit == [0, 0])?;
    let text = utf16(rest.take(end * 2)?);
    rest.skip(2)?;
    Some(text)
}
