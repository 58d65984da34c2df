//! The sequence parameter set of H.264 (clause 7.3.2.1.1) and its usability information (annex E).

use crate::Ratio;
use crate::bits::Bits;

use super::Sequence;

/// What a sequence parameter set says.
#[derive(Clone, Debug, Default)]
pub(super) struct Sps {
    pub(super) profile: u8,
    pub(super) constraints: u8,
    pub(super) level: u8,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bit_depth: u8,
    chroma_format: u32,
    pub(super) pixel_aspect: Option<Ratio>,
    /// Primaries, transfer, matrix.
    pub(super) colors: Option<[u8; 3]>,
    pub(super) full_range: Option<bool>,
    /// Units in a tick, and units in a second.
    pub(super) timing: Option<(u32, u32)>,
    pub(super) sequence: Sequence,
}

/// Returns a profile's name as ffprobe has it.
pub(super) fn profile_name(profile: u8, constraints: u8) -> Option<String> {
    // The flags of set 1 and of set 3, counted from the highest bit.
    let (is_constrained, is_intra) = (constraints & 0x40 != 0, constraints & 0x10 != 0);
    let name = match profile {
        66 if is_constrained => "Constrained Baseline",
        66 => "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 if is_intra => "High 10 Intra",
        110 => "High 10",
        122 if is_intra => "High 4:2:2 Intra",
        122 => "High 4:2:2",
        144 => "High 4:4:4",
        244 if is_intra => "High 4:4:4 Intra",
        244 => "High 4:4:4 Predictive",
        44 => "CAVLC 4:4:4",
        118 => "Multiview High",
        128 => "Stereo High",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Table E-1, from index 1.
pub(in crate::codec) const PIXEL_ASPECTS: [(u16, u16); 16] = [
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

/// Reads the aspect of a pixel as H.264 and H.265 write it; `None` if bits are missing.
pub(in crate::codec) fn pixel_aspect(bits: &mut Bits<'_>, to: &mut Option<Ratio>) -> Option<()> {
    let index = bits.u8(8)?;
    if index == 255 {
        let (num, den) = (bits.take(16)?, bits.take(16)?);
        *to = Ratio::new(num, den);
        return Some(());
    }
    let aspect = usize::from(index)
        .checked_sub(1)
        .and_then(|index| PIXEL_ASPECTS.get(index));
    *to = aspect.and_then(|(num, den)| Ratio::new(u64::from(*num), u64::from(*den)));
    Some(())
}

/// Returns what is left of a size when `before` and `after` units are cut off; all of it where they would leave nothing.
pub(in crate::codec) fn cropped(size: u32, before: u32, after: u32, unit: u32) -> u32 {
    u64::from(before)
        .checked_add(u64::from(after))
        .and_then(|cut| cut.checked_mul(u64::from(unit)))
        .and_then(|cut| u64::from(size).checked_sub(cut))
        .and_then(|left| u32::try_from(left).ok())
        .filter(|left| *left > 0)
        .unwrap_or(size)
}

impl Sps {
    /// Reads an unescaped set without its NAL header. What follows the size may be missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bits = &mut Bits::new(bytes);
        let mut sps = Self {
            profile: bits.u8(8)?,
            constraints: bits.u8(8)?,
            level: bits.u8(8)?,
            bit_depth: 8,
            chroma_format: 1,
            ..Self::default()
        };
        if bits.ue()? > 31 {
            return None;
        }
        if matches!(
            sps.profile,
            44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 144 | 244
        ) {
            sps.samples(bits)?;
        }
        sps.order(bits)?;
        sps.size(bits)?;
        if bits.bit() == Some(true) {
            sps.usability(bits);
        }
        Some(sps)
    }

    pub(super) fn chroma(&self) -> &'static str {
        match self.chroma_format {
            0 => "gray",
            2 => "4:2:2",
            3 if self.colors.is_some_and(|[.., matrix]| matrix == 0) => "rgb",
            3 => "4:4:4",
            _ => "4:2:0",
        }
    }

    fn samples(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        self.chroma_format = bits.ue().filter(|format| *format <= 3)?;
        if self.chroma_format == 3 {
            self.sequence.separate_planes = bits.bit()?;
        }
        let depth = bits.ue().filter(|more| *more <= 6)?;
        self.bit_depth = 8 + u8::try_from(depth).unwrap_or(0);
        bits.ue()?;
        bits.skip(1)?;
        if bits.bit()? {
            let lists = if self.chroma_format == 3 { 12 } else { 8 };
            for list in 0..lists {
                if bits.bit()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Some(())
    }

    fn order(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        self.sequence.frame_number_bits = bits.ue().filter(|more| *more <= 12)? + 4;
        match bits.ue()? {
            0 => self.sequence.order_bits = Some(bits.ue().filter(|more| *more <= 12)? + 4),
            1 => {
                bits.skip(1)?;
                bits.skip_ue(2)?;
                let cycle = bits.ue().filter(|count| *count <= 255)?;
                bits.skip_ue(cycle)?;
            }
            2 => self.sequence.order_bits = Some(0),
            _ => return None,
        }
        bits.ue().filter(|frames| *frames <= 32)?;
        bits.skip(1)
    }

    fn size(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let most = 1 << 12;
        let columns = bits.ue().filter(|count| *count < most)? + 1;
        let rows = bits.ue().filter(|count| *count < most)? + 1;
        let frames_only = bits.bit()?;
        self.sequence.may_be_interlaced = !frames_only;
        let fields = if frames_only { 1 } else { 2 };
        if !frames_only {
            bits.skip(1)?;
        }
        bits.skip(1)?;
        (self.width, self.height) = (columns * 16, rows * 16 * fields);
        if bits.bit()? {
            let [left, right, top, bottom] = [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?];
            let (across, down) = match self.chroma_format {
                1 => (2, 2),
                2 => (2, 1),
                _ => (1, 1),
            };
            self.width = cropped(self.width, left, right, across);
            self.height = cropped(self.height, top, bottom, down * fields);
        }
        Some(())
    }

    /// Annex E.1.1, up to the last field that is needed.
    fn usability(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        if bits.bit()? {
            pixel_aspect(bits, &mut self.pixel_aspect)?;
        }
        if bits.bit()? {
            bits.skip(1)?;
        }
        if bits.bit()? {
            bits.skip(3)?;
            self.full_range = Some(bits.bit()?);
            self.colors = Some([2; 3]);
            if bits.bit()? {
                self.colors = Some([bits.u8(8)?, bits.u8(8)?, bits.u8(8)?]);
            }
        }
        if bits.bit()? {
            bits.skip_ue(2)?;
        }
        if bits.bit()? {
            self.timing = Some((bits.u32(32)?, bits.u32(32)?));
            bits.skip(1)?;
        }
        let mut has_decoder_model = false;
        for _ in 0..2 {
            if bits.bit()? {
                has_decoder_model = true;
                self.sequence.delay_bits = Some(skip_decoder_model(bits)?);
            }
        }
        if has_decoder_model {
            bits.skip(1)?;
        }
        self.sequence.has_picture_structure = bits.bit()?;
        Some(())
    }
}

/// Clause 7.3.2.1.1.1.
fn skip_scaling_list(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..count {
        if next != 0 {
            next = last.wrapping_add(bits.se()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Annex E.1.2; returns the bits of the two delays in timing messages.
fn skip_decoder_model(bits: &mut Bits<'_>) -> Option<(u8, u8)> {
    let buffers = bits.ue().filter(|more| *more <= 31)? + 1;
    bits.skip(8)?;
    for _ in 0..buffers {
        bits.skip_ue(2)?;
        bits.skip(1)?;
    }
    bits.skip(5)?;
    let delays = (bits.u8(5)? + 1, bits.u8(5)? + 1);
    bits.skip(5)?;
    Some(delays)
}
