//! The items of a `meta` box: what they are, where they lie, what belongs to them.

use crate::bytes::Bytes;
use crate::container::mp4::boxes::Part;
use crate::{Reader, Stop};

/// Items and properties kept: a picture of 50 megapixels has some fifty tiles.
const MOST: usize = 2_048;

/// Bytes read of a list.
const LONGEST: u64 = 64 << 10;

/// What a `meta` box lists.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) primary: u32,
    /// First byte after the last item that lies in the file itself.
    pub(super) end: u64,
    kinds: Vec<(u32, [u8; 4])>,
    /// Item, place and size of its first part.
    places: Vec<(u32, u64, u64)>,
    properties: Vec<Part>,
    /// Item and which properties (from 1) it has.
    has: Vec<(u32, Vec<u16>)>,
    /// Item and the first item it is made of.
    made_of: Vec<(u32, u32)>,
    /// Where data inside the list itself lies.
    idat: u64,
}

impl Items {
    /// Returns what the primary item is.
    pub(super) fn primary_kind(&self) -> Option<[u8; 4]> {
        self.kind(self.primary)
    }

    fn kind(&self, item: u32) -> Option<[u8; 4]> {
        self.kinds
            .iter()
            .find(|(id, _)| *id == item)
            .map(|(_, kind)| *kind)
    }

    /// Returns the properties of an item.
    pub(super) fn properties_of(&self, item: u32) -> Vec<Part> {
        self.has
            .iter()
            .filter(|(id, _)| *id == item)
            .flat_map(|(_, indices)| indices)
            .filter_map(|index| self.properties.get(usize::from(*index).checked_sub(1)?))
            .copied()
            .collect()
    }

    /// Returns the first item that another is put together from.
    pub(super) fn tile_of(&self, item: u32) -> Option<u32> {
        self.made_of
            .iter()
            .find(|(id, _)| *id == item)
            .map(|(_, tile)| *tile)
    }

    /// Returns where the first item of a kind lies.
    pub(super) fn place_of_kind(&self, kind: [u8; 4]) -> Option<(u64, u64)> {
        let (item, _) = self.kinds.iter().find(|(_, found)| *found == kind)?;
        self.places
            .iter()
            .find(|(id, ..)| id == item)
            .map(|(_, offset, size)| (*offset, *size))
    }
}

/// Reads a `meta` box.
pub(super) fn read(reader: &mut Reader<'_>, meta: &Part) -> (Items, Result<(), Stop>) {
    let mut items = Items::default();
    let inside = Part {
        end: meta.end.min(reader.length()),
        ..meta.skip(4)
    };
    let mut locations = Vec::new();
    let read = inside.children(reader, |reader, part| {
        match &part.kind {
            b"pitm" => items.primary = primary(&part.bytes(reader, 8)?).unwrap_or_default(),
            b"iinf" => information(reader, part, &mut items)?,
            b"iprp" => properties(reader, part, &mut items)?,
            b"iref" => references(reader, part, &mut items)?,
            b"iloc" => locations = part.bytes(reader, LONGEST)?,
            b"idat" => items.idat = part.body,
            _ => {}
        }
        Ok(())
    });
    places(&locations, &mut items).unwrap_or_default();
    (items, read)
}

/// Reads a number of 16 bits, or of 32 in later versions of a box.
fn id(bytes: &mut Bytes<'_>, wide: bool) -> Option<u32> {
    if wide {
        bytes.u32_be()
    } else {
        bytes.u16_be().map(u32::from)
    }
}

fn primary(bytes: &[u8]) -> Option<u32> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3)?;
    id(&mut bytes, version > 0)
}

fn information(reader: &mut Reader<'_>, iinf: &Part, items: &mut Items) -> Result<(), Stop> {
    let [version] = reader.array::<1>(iinf.body)?;
    let list = iinf.skip(if version == 0 { 6 } else { 8 });
    list.children(reader, |reader, part| {
        if part.kind == *b"infe" && items.kinds.len() < MOST {
            let bytes = part.bytes(reader, 16)?;
            items.kinds.extend(entry(&bytes));
        }
        Ok(())
    })
}

fn entry(bytes: &[u8]) -> Option<(u32, [u8; 4])> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3)?;
    let item = id(&mut bytes, version > 2)?;
    bytes.skip(2)?;
    // Versions before 2 have a name instead.
    (version >= 2).then_some((item, bytes.array()?))
}

fn properties(reader: &mut Reader<'_>, iprp: &Part, items: &mut Items) -> Result<(), Stop> {
    iprp.children(reader, |reader, part| {
        match &part.kind {
            b"ipco" => part.children(reader, |_, property| {
                if items.properties.len() < MOST {
                    items.properties.push(*property);
                }
                Ok(())
            })?,
            b"ipma" => associations(&part.bytes(reader, LONGEST)?, items).unwrap_or_default(),
            _ => {}
        }
        Ok(())
    })
}

fn associations(bytes: &[u8], items: &mut Items) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let [version, _, _, flags] = bytes.array()?;
    let count = bytes.u32_be()?;
    for _ in 0..count {
        if items.has.len() >= MOST {
            break;
        }
        let item = id(&mut bytes, version > 0)?;
        let mut indices = Vec::new();
        for _ in 0..bytes.u8()? {
            // The highest bit says that it must be understood.
            indices.push(if flags & 1 != 0 {
                bytes.u16_be()? & 0x7fff
            } else {
                (bytes.u8()? & 0x7f).into()
            });
        }
        items.has.push((item, indices));
    }
    Some(())
}

fn references(reader: &mut Reader<'_>, iref: &Part, items: &mut Items) -> Result<(), Stop> {
    let [version] = reader.array::<1>(iref.body)?;
    iref.skip(4).children(reader, |reader, part| {
        if part.kind == *b"dimg" && items.made_of.len() < MOST {
            let head = part.bytes(reader, 10)?;
            let mut bytes = Bytes::new(&head);
            let wide = version > 0;
            let from = id(&mut bytes, wide);
            let _count = bytes.u16_be();
            items.made_of.extend(from.zip(id(&mut bytes, wide)));
        }
        Ok(())
    })
}

fn places(bytes: &[u8], items: &mut Items) -> Option<()> {
    let mut bytes = Bytes::new(bytes);
    let version = bytes.u8()?;
    bytes.skip(3)?;
    let [sizes, more] = bytes.array()?;
    let (offset_size, length_size, base_size) = (sizes >> 4, sizes & 15, more >> 4);
    let index_size = if version > 0 { more & 15 } else { 0 };
    let count = id(&mut bytes, version > 1)?;
    for _ in 0..count {
        if items.places.len() >= MOST {
            break;
        }
        let item = id(&mut bytes, version > 1)?;
        let method = if version > 0 { bytes.u16_be()? & 15 } else { 0 };
        let elsewhere = bytes.u16_be()? != 0;
        let base = sized(&mut bytes, base_size)?;
        for part in 0..bytes.u16_be()? {
            sized(&mut bytes, index_size)?;
            let offset = sized(&mut bytes, offset_size)?.saturating_add(base);
            let length = sized(&mut bytes, length_size)?;
            let start = match method {
                0 => offset,
                1 => items.idat.saturating_add(offset),
                _ => continue,
            };
            if !elsewhere {
                items.end = items.end.max(start.saturating_add(length));
                if part == 0 {
                    items.places.push((item, start, length));
                }
            }
        }
    }
    Some(())
}

/// Reads a number of so many bytes: 0, 4 or 8.
fn sized(bytes: &mut Bytes<'_>, size: u8) -> Option<u64> {
    match size {
        0 => Some(0),
        4 => bytes.u32_be().map(u64::from),
        8 => bytes.u64_be(),
        _ => None,
    }
}
