//! EXIF: when, with what and which way up a picture was taken.
//!
//! Where it was taken is not kept, only that it is said.

use super::ifd::{Directory, Tiff};
use crate::{Cover, Format, Limits, Media, Photo, Reader, Stop};

/// Notes what an EXIF block (a TIFF structure, from its byte-order mark on) says.
pub(crate) fn read(block: &[u8], media: &mut Media) {
    let mut source = block;
    let limits = Limits {
        bytes: 1 << 20,
        ..Limits::default()
    };
    let mut reader = Reader::new(&mut source, limits);
    // What is wrong inside a block is no fault of the file, and what was read stays.
    structure(&mut reader, 0, media).ok();
}

/// Notes what an EXIF block at `base` of the file says, thumbnail included.
pub(super) fn read_in_file(
    reader: &mut Reader<'_>,
    base: u64,
    media: &mut Media,
) -> Result<(), Stop> {
    let read = structure(reader, base, media).and_then(|found| match found {
        Some((tiff, next)) if next > 0 => thumbnail(reader, tiff, next, media),
        _ => Ok(()),
    });
    match read {
        // Offsets that lead nowhere: the picture itself may be whole.
        Err(Stop::End { .. } | Stop::Damaged { .. }) => Ok(()),
        other => other,
    }
}

fn structure(
    reader: &mut Reader<'_>,
    base: u64,
    media: &mut Media,
) -> Result<Option<(Tiff, u64)>, Stop> {
    let Some(tiff) = Tiff::open(reader, base)? else {
        return Ok(None);
    };
    let main = tiff.directory(reader, tiff.first)?;
    directory(reader, tiff, &main, media)?;
    Ok(Some((tiff, main.next)))
}

/// Notes what a picture's main directory and those it points to say.
pub(super) fn directory(
    reader: &mut Reader<'_>,
    tiff: Tiff,
    main: &Directory,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut photo = media.photo.take().unwrap_or_default();
    let read = fill(reader, tiff, main, &mut photo, media);
    if photo != Photo::default() {
        turn(&photo, media);
        if let Some(taken) = &photo.taken {
            media.created.get_or_insert_with(|| taken.clone());
        }
        media.photo = Some(photo);
    }
    read
}

fn fill(
    reader: &mut Reader<'_>,
    tiff: Tiff,
    main: &Directory,
    photo: &mut Photo,
    media: &mut Media,
) -> Result<(), Stop> {
    let maker = Tiff::text(reader, main, 0x010f)?;
    let model = Tiff::text(reader, main, 0x0110)?;
    if photo.camera.is_none() {
        photo.camera = camera(maker.as_deref(), model.as_deref());
    }
    if let Some(turned) = tiff.first_number(reader, main, 0x0112)? {
        photo.orientation = u8::try_from(turned)
            .ok()
            .filter(|turned| (1..=8).contains(turned));
    }
    for (tag, name) in [
        (0x010e, "description"),
        (0x013b, "artist"),
        (0x8298, "copyright"),
    ] {
        if let Some(text) = Tiff::text(reader, main, tag)? {
            media.tag(name, &text);
        }
    }
    details(reader, tiff, main, photo)?;
    if let Some(offset) = tiff.first_number(reader, main, 0x8825)? {
        let place = tiff.directory(reader, offset).or_else(forgive)?;
        let latitude = tiff.fractions(reader, &place, 2).unwrap_or_default();
        // Cameras that have not found themselves yet write 0/0.
        photo.has_gps |= latitude.first().is_some_and(|(_, below)| *below > 0);
    }
    Ok(())
}

/// Notes when it was taken and through which lens.
fn details(
    reader: &mut Reader<'_>,
    tiff: Tiff,
    main: &Directory,
    photo: &mut Photo,
) -> Result<(), Stop> {
    let changed = Tiff::text(reader, main, 0x0132)?;
    let details = match tiff.first_number(reader, main, 0x8769)? {
        Some(offset) => tiff.directory(reader, offset),
        None => Ok(Directory::default()),
    };
    let details = details.or_else(forgive)?;
    let original = Tiff::text(reader, &details, 0x9003)?;
    let (time, offset) = match original.as_deref().and_then(moment) {
        Some(time) => (Some(time), Tiff::text(reader, &details, 0x9011)?),
        None => (
            changed.as_deref().and_then(moment),
            Tiff::text(reader, &details, 0x9010)?,
        ),
    };
    if photo.taken.is_none() {
        photo.taken =
            time.map(|time| time + &offset.filter(|text| is_offset(text)).unwrap_or_default());
    }
    if photo.lens.is_none() {
        photo.lens = Tiff::text(reader, &details, 0xa434)?.map(short);
    }
    Ok(())
}

/// A directory that cannot be read is as good as an empty one, unless reading itself has come to an end.
fn forgive(stop: Stop) -> Result<Directory, Stop> {
    match stop {
        Stop::End { .. } | Stop::Damaged { .. } => Ok(Directory::default()),
        stop => Err(stop),
    }
}

/// The directory after the main one describes a small JPEG of the picture.
fn thumbnail(reader: &mut Reader<'_>, tiff: Tiff, at: u64, media: &mut Media) -> Result<(), Stop> {
    let directory = tiff.directory(reader, at)?;
    let offset = tiff.first_number(reader, &directory, 0x0201)?;
    let size = tiff.first_number(reader, &directory, 0x0202)?;
    let (Some(offset), Some(size)) = (offset, size) else {
        return Ok(());
    };
    let offset = tiff.base.saturating_add(offset);
    if size > 0
        && offset.saturating_add(size) <= reader.length()
        && reader.array::<2>(offset)? == [0xff, 0xd8]
    {
        media.covers.push(Cover {
            offset,
            size_bytes: size,
            mime: Some("image/jpeg".to_owned()),
            front: false,
        });
    }
    Ok(())
}

/// Joins maker and model; the latter often begins with the former.
fn camera(maker: Option<&str>, model: Option<&str>) -> Option<String> {
    let camera = match (maker, model) {
        (Some(maker), Some(model)) => {
            let first = maker.split_whitespace().next().unwrap_or(maker);
            let begins = model
                .get(..first.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(first));
            if begins {
                model.to_owned()
            } else {
                format!("{maker} {model}")
            }
        }
        (maker, model) => model.or(maker)?.to_owned(),
    };
    Some(short(camera))
}

/// A name that goes on and on is no name.
fn short(mut name: String) -> String {
    let mut end = name.len().min(128);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

/// Returns `2024-05-06T07:08:09` for `2024:05:06 07:08:09`; `None` for clocks that were never set.
fn moment(text: &str) -> Option<String> {
    let bytes: &[u8; 19] = text.as_bytes().first_chunk()?;
    let mut time = String::with_capacity(25);
    for (place, byte) in bytes.iter().enumerate() {
        match place {
            4 | 7 => time.push('-'),
            10 => time.push('T'),
            13 | 16 => time.push(':'),
            _ if byte.is_ascii_digit() => time.push(char::from(*byte)),
            _ => return None,
        }
    }
    (!time.starts_with("0000")).then_some(time)
}

/// Returns whether this is `+02:00` or `Z`.
fn is_offset(text: &str) -> bool {
    match text.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', hours @ .., b':', m1, m2] => {
            hours.len() == 2 && hours.iter().chain([m1, m2]).all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Turns the picture as the camera was held. In HEIF a property of the picture says so, and this only repeats it.
fn turn(photo: &Photo, media: &mut Media) {
    let degrees = match photo.orientation {
        Some(3 | 4) => 180,
        Some(6 | 7) => 90,
        Some(5 | 8) => 270,
        _ => return,
    };
    if media.format == Format::Heif {
        return;
    }
    if let Some(stream) = media.streams.first_mut() {
        stream.video_mut().rotation_deg = degrees;
    }
}
