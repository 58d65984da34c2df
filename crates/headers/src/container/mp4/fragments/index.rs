//! Indexes of fragments.

use crate::bytes::Bytes;
use crate::container::mp4::boxes::Part;
use crate::container::mp4::film::seconds;
use crate::{Reader, Stop};

/// Bytes read of an index at the beginning: entries have 12.
const LONGEST: u64 = 128 << 10;

/// Entries are read from the end of an index at the end.
const LAST: u64 = 32;

/// What an index at the beginning (`sidx`) says.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) seconds: f64,
    /// Where what it lists ends.
    pub(super) end: u64,
}

/// Reads a `sidx`.
pub(super) fn sidx(reader: &mut Reader<'_>, part: &Part) -> Result<Option<Index>, Stop> {
    let bytes = part.bytes(reader, LONGEST)?;
    Ok(add_up(&bytes, part.end))
}

fn add_up(bytes: &[u8], after: u64) -> Option<Index> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3 + 4)?;
    let scale = bytes.u32_be()?;
    let offset = if version == 0 {
        bytes.skip(4)?;
        bytes.u32_be()?.into()
    } else {
        bytes.skip(8)?;
        bytes.u64_be()?
    };
    bytes.skip(2)?;
    let count = bytes.u16_be()?;
    let (mut size, mut duration) = (0_u64, 0_u64);
    for _ in 0..count {
        size = size.saturating_add(u64::from(bytes.u32_be()? & 0x7fff_ffff));
        duration = duration.saturating_add(bytes.u32_be()?.into());
        bytes.skip(4)?;
    }
    (scale > 0 && duration > 0).then(|| Index {
        seconds: seconds(duration, scale),
        end: after.saturating_add(offset).saturating_add(size),
    })
}

/// One track's last entry in the index at the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) track: u32,
    pub(super) time: u64,
    /// Where its fragment lies.
    pub(super) moof: u64,
}

/// Reads the last entries of the `mfra` that the last 16 bytes of a file point to.
pub(super) fn mfra(reader: &mut Reader<'_>) -> Result<Option<Vec<Last>>, Stop> {
    let Some(at) = reader.length().checked_sub(16) else {
        return Ok(None);
    };
    let mut bytes = [0; 16];
    reader.sip(at, &mut bytes)?;
    let [_, _, _, 16, b'm', b'f', b'r', b'o', _, _, _, _, a, b, c, d] = bytes else {
        return Ok(None);
    };
    let size = u64::from(u32::from_be_bytes([a, b, c, d]));
    let Some(start) = reader.length().checked_sub(size) else {
        return Ok(None);
    };
    let length = reader.length();
    let part = Part::read(reader, start, length)?;
    let Some(part) = part.filter(|part| part.kind == *b"mfra" && part.end == length) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    part.children(reader, |reader, part| {
        if part.kind == *b"tfra"
            && found.len() < 64
            && let Some(last) = last(reader, part)?
        {
            found.push(last);
        }
        Ok(())
    })?;
    Ok((!found.is_empty()).then_some(found))
}

fn last(reader: &mut Reader<'_>, part: &Part) -> Result<Option<Last>, Stop> {
    let head = part.bytes(reader, 16)?;
    let mut bytes = Bytes::new(&head);
    let (Some(version), Some(track), Some(lengths), Some(count)) = (
        bytes.u32_be().map(|number| number >> 24),
        bytes.u32_be(),
        bytes.u32_be(),
        bytes.u32_be(),
    ) else {
        return Ok(None);
    };
    let numbers = (lengths >> 4 & 3) + (lengths >> 2 & 3) + (lengths & 3) + 3;
    let width = u64::from(numbers) + if version == 1 { 16 } else { 8 };
    let Some(index) = u64::from(count).checked_sub(1) else {
        return Ok(None);
    };
    let at = part
        .body
        .saturating_add(16)
        .saturating_add(index.saturating_mul(width));
    if at.saturating_add(width) > part.end {
        return Ok(None);
    }
    let entry = reader.up_to(at, width.min(LAST))?;
    let mut bytes = Bytes::new(&entry);
    let mut number = || {
        if version == 1 {
            bytes.u64_be()
        } else {
            bytes.u32_be().map(u64::from)
        }
    };
    Ok(number()
        .zip(number())
        .map(|(time, moof)| Last { track, time, moof }))
}
