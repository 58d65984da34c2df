//! The Tracks element, as written.

use super::ebml::Element;
use crate::{Reader, Stop};

/// Tracks kept of a file.
const MOST_TRACKS: usize = 256;

/// Bytes kept of a block addition mapping: configuration records of Dolby Vision have 24.
const LONGEST_MAPPING: u64 = 4 << 10;

/// One track.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) number: u64,
    pub(super) uid: u64,
    pub(super) kind: u64,
    pub(super) codec: String,
    pub(super) private: Option<Element>,
    pub(super) frame_ns: u64,
    pub(super) name: String,
    pub(super) language: Option<String>,
    pub(super) language_bcp47: Option<String>,
    pub(super) marks: Marks,
    pub(super) picture: Picture,
    pub(super) sound: Sound,
    pub(super) packing: Packing,
    /// Kind (a four-character code for configuration records) and bytes.
    pub(super) mappings: Vec<(u32, Vec<u8>)>,
}

/// Flags; none where the file does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) default: Option<bool>,
    pub(super) forced: Option<bool>,
    pub(super) hearing_impaired: Option<bool>,
    pub(super) visual_impaired: Option<bool>,
    pub(super) original: Option<bool>,
    pub(super) commentary: Option<bool>,
}

/// The Video element.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    pub(super) width: u64,
    pub(super) height: u64,
    /// Top, bottom, left, right.
    pub(super) crop: [u64; 4],
    pub(super) display_width: Option<u64>,
    pub(super) display_height: Option<u64>,
    pub(super) display_unit: u64,
    pub(super) stereo: u64,
    pub(super) alpha: bool,
    pub(super) interlaced: u64,
    pub(super) field_order: Option<u64>,
    pub(super) frames_per_second: f64,
    pub(super) fourcc: Option<[u8; 4]>,
    pub(super) roll_degrees: f64,
    pub(super) colour: Option<Colour>,
}

/// The Colour element.
#[derive(Clone, Debug)]
pub(super) struct Colour {
    pub(super) matrix: u64,
    pub(super) range: u64,
    pub(super) transfer: u64,
    pub(super) primaries: u64,
    pub(super) bits: u64,
    pub(super) max_cll: u64,
    pub(super) max_fall: u64,
    /// Red, green, blue, white (x and y each), brightest, darkest.
    pub(super) mastering: [Option<f64>; 10],
}

impl Default for Colour {
    fn default() -> Self {
        Self {
            matrix: 2,
            range: 0,
            transfer: 2,
            primaries: 2,
            bits: 0,
            max_cll: 0,
            max_fall: 0,
            mastering: [None; 10],
        }
    }
}

/// The Audio element.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sound {
    pub(super) rate: Option<f64>,
    pub(super) output_rate: Option<f64>,
    pub(super) channels: Option<u64>,
    pub(super) bits: u64,
}

/// The `ContentEncodings` element: what was done to packets.
#[derive(Clone, Debug, Default)]
pub(super) struct Packing {
    /// Bytes taken off the beginning of each packet.
    pub(super) stripped: Vec<u8>,
    /// Whether packets are compressed or encrypted.
    pub(super) opaque: bool,
}

/// Reads the Tracks element.
pub(super) fn read(
    reader: &mut Reader<'_>,
    tracks: &Element,
    found: &mut Vec<Track>,
) -> Result<(), Stop> {
    tracks.children(reader, |reader, entry| {
        if entry.id != 0xae || found.len() >= MOST_TRACKS {
            return Ok(());
        }
        let mut track = Track::default();
        let result = entry.children(reader, |reader, child| track.note(reader, child));
        // One whose end is missing is still a track.
        found.push(track);
        result
    })
}

impl Track {
    fn note(&mut self, reader: &mut Reader<'_>, child: &Element) -> Result<(), Stop> {
        match child.id {
            0xd7 => self.number = child.number(reader)?,
            0x73c5 => self.uid = child.number(reader)?,
            0x83 => self.kind = child.number(reader)?,
            0x86 => self.codec = child.text(reader)?,
            0x63a2 => self.private = Some(*child),
            0x23_e383 => self.frame_ns = child.number(reader)?,
            0x536e => self.name = child.text(reader)?,
            0x22_b59c => self.language = Some(child.text(reader)?),
            0x22_b59d => self.language_bcp47 = Some(child.text(reader)?),
            0x88 => self.marks.default = Some(child.flag(reader)?),
            0x55aa => self.marks.forced = Some(child.flag(reader)?),
            0x55ab => self.marks.hearing_impaired = Some(child.flag(reader)?),
            0x55ac => self.marks.visual_impaired = Some(child.flag(reader)?),
            0x55ae => self.marks.original = Some(child.flag(reader)?),
            0x55af => self.marks.commentary = Some(child.flag(reader)?),
            0xe0 => {
                let picture = &mut self.picture;
                child.children(reader, |reader, child| picture.note(reader, child))?;
            }
            0xe1 => {
                let sound = &mut self.sound;
                child.children(reader, |reader, child| sound.note(reader, child))?;
            }
            0x6d80 => {
                let packing = &mut self.packing;
                child.children(reader, |reader, child| packing.note(reader, child))?;
            }
            0x41e4 if self.mappings.len() < 16 => self.mappings.push(mapping(reader, child)?),
            _ => {}
        }
        Ok(())
    }
}

fn mapping(reader: &mut Reader<'_>, element: &Element) -> Result<(u32, Vec<u8>), Stop> {
    let mut found = (0, Vec::new());
    element.children(reader, |reader, child| {
        match child.id {
            0x41e7 => found.0 = u32::try_from(child.number(reader)?).unwrap_or_default(),
            0x41ed => found.1 = child.bytes(reader, LONGEST_MAPPING)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

impl Picture {
    fn note(&mut self, reader: &mut Reader<'_>, child: &Element) -> Result<(), Stop> {
        let [top, bottom, left, right] = &mut self.crop;
        match child.id {
            0xb0 => self.width = child.number(reader)?,
            0xba => self.height = child.number(reader)?,
            0x54bb => *top = child.number(reader)?,
            0x54aa => *bottom = child.number(reader)?,
            0x54cc => *left = child.number(reader)?,
            0x54dd => *right = child.number(reader)?,
            0x54b0 => self.display_width = Some(child.number(reader)?),
            0x54ba => self.display_height = Some(child.number(reader)?),
            0x54b2 => self.display_unit = child.number(reader)?,
            0x53b8 => self.stereo = child.number(reader)?,
            0x53c0 => self.alpha = child.flag(reader)?,
            0x9a => self.interlaced = child.number(reader)?,
            0x9d => self.field_order = Some(child.number(reader)?),
            0x23_83e3 => self.frames_per_second = child.float(reader)?,
            0x2e_b524 if child.size == Some(4) => self.fourcc = Some(reader.array(child.body)?),
            0x7670 => child.children(reader, |reader, child| {
                if child.id == 0x7675 {
                    self.roll_degrees = child.float(reader)?;
                }
                Ok(())
            })?,
            0x55b0 => {
                let colour = self.colour.get_or_insert_default();
                child.children(reader, |reader, child| colour.note(reader, child))?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Colour {
    fn note(&mut self, reader: &mut Reader<'_>, child: &Element) -> Result<(), Stop> {
        match child.id {
            0x55b1 => self.matrix = child.number(reader)?,
            0x55b2 => self.bits = child.number(reader)?,
            0x55b9 => self.range = child.number(reader)?,
            0x55ba => self.transfer = child.number(reader)?,
            0x55bb => self.primaries = child.number(reader)?,
            0x55bc => self.max_cll = child.number(reader)?,
            0x55bd => self.max_fall = child.number(reader)?,
            0x55d0 => child.children(reader, |reader, child| {
                let slot = child
                    .id
                    .checked_sub(0x55d1)
                    .and_then(|index| self.mastering.get_mut(index as usize));
                if let Some(slot) = slot {
                    *slot = Some(child.float(reader)?);
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    }
}

impl Sound {
    fn note(&mut self, reader: &mut Reader<'_>, child: &Element) -> Result<(), Stop> {
        match child.id {
            0xb5 => self.rate = Some(child.float(reader)?),
            0x78b5 => self.output_rate = Some(child.float(reader)?),
            0x9f => self.channels = Some(child.number(reader)?),
            0x6264 => self.bits = child.number(reader)?,
            _ => {}
        }
        Ok(())
    }
}

impl Packing {
    fn note(&mut self, reader: &mut Reader<'_>, encoding: &Element) -> Result<(), Stop> {
        if encoding.id != 0x6240 {
            return Ok(());
        }
        // An encoding that says nothing else is zlib.
        let (mut method, mut encrypted, mut settings) = (0, false, Vec::new());
        encoding.children(reader, |reader, child| {
            match child.id {
                0x5033 => encrypted = child.flag(reader)?,
                0x5034 => child.children(reader, |reader, child| {
                    match child.id {
                        0x4254 => method = child.number(reader)?,
                        0x4255 => settings = child.bytes(reader, 256)?,
                        _ => {}
                    }
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        if method == 3 && !encrypted {
            self.stripped = settings;
        } else {
            self.opaque = true;
        }
        Ok(())
    }
}
