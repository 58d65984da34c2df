//! ASF: WMV and WMA. A header of objects in objects, packets of one size, indexes.

mod guid;
mod header;
mod language;
mod packets;
mod tags;

use self::header::{Header, utf16};
use super::avi::bitmap;
use crate::{Media, Reader, Stop, Structure};

/// Objects looked at on one level.
const MOST_OBJECTS: usize = 256;

/// An object: an identifier, a size, and what is in it.
#[derive(Clone, Copy, Debug)]
struct Object {
    id: [u8; 16],
    at: u64,
    /// Where its contents begin.
    body: u64,
    end: u64,
}

/// Length of identifier and size.
const OBJECT_HEAD: u64 = 24;

impl Object {
    /// Reads the object at an offset; `None` where its size makes no sense.
    fn read(reader: &mut Reader<'_>, at: u64) -> Result<Option<Self>, Stop> {
        let head = reader.array::<24>(at)?;
        let (id, size) = (head.first_chunk(), head.last_chunk());
        let (Some(id), Some(size)) = (id, size) else {
            return Ok(None);
        };
        let size = u64::from_le_bytes(*size);
        let end = at.checked_add(size);
        Ok(end.filter(|_| size >= OBJECT_HEAD).map(|end| Self {
            id: *id,
            at,
            body: at + OBJECT_HEAD,
            end,
        }))
    }
}

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut header = Header::default();
    let Some(object) = Object::read(reader, 0)? else {
        return Err(Stop::Damaged {
            what: "a header without a length",
            at: 0,
        });
    };
    // Six bytes come first: how many objects there are, and two that never change.
    let walked = header::objects(reader, object.body + 6, object.end, 0, &mut header, media);
    header.finish(media);
    let rest = walked.and_then(|()| after_header(reader, object.end, &header, media));
    header.chapters(media);
    bitmap::imply(media);
    rest
}

fn after_header(
    reader: &mut Reader<'_>,
    start: u64,
    header: &Header,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut expected = if header.is_live { 0 } else { header.file_size };
    let mut has_data = false;
    let mut is_open = false;
    let mut at = start;
    for _ in 0..MOST_OBJECTS {
        if at + OBJECT_HEAD > reader.length() {
            break;
        }
        let Some(object) = Object::read(reader, at)? else {
            // Live recordings leave the size of their data at nothing.
            is_open = true;
            break;
        };
        if object.id == guid::DATA {
            has_data = true;
            packets::first(reader, &object, header, media)?;
            is_open |= header.is_live;
        } else if !guid::is_known(&object.id) {
            break;
        }
        expected = expected.max(object.end);
        at = object.end;
    }
    if is_open {
        return Ok(());
    }
    media.structure = if expected > reader.length() {
        Structure::Truncated {
            expected_bytes: Some(expected),
        }
    } else if has_data {
        Structure::Complete
    } else {
        Structure::Truncated {
            expected_bytes: None,
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests;
