//! The parameter sets of H.265 (clause 7.3.2) and their usability information (annex E).

use crate::Ratio;
use crate::bits::Bits;
use crate::codec::h264::sps::{cropped, pixel_aspect};

/// Sets of reference pictures a parameter set can have.
const MOST_SETS: u32 = 64;

/// Pictures in such a set.
const MOST_PICTURES: u32 = 16;

/// What `profile_tier_level` (clause 7.3.3) says.
#[derive(Clone, Debug, Default)]
pub(super) struct Tier {
    profile: u8,
    pub(super) level: u8,
    /// Whether the source is progressive, and whether it is interlaced; both or neither say nothing.
    pub(super) fields: Option<(bool, bool)>,
}

impl Tier {
    pub(super) fn parse(bits: &mut Bits<'_>, more_layers: u8) -> Option<Self> {
        bits.skip(3)?;
        let mut profile = bits.u8(5)?;
        let compatible = bits.u32(32)?;
        if profile == 0 {
            // Early encoders told it only by the flags, of which the first is for profile 0.
            profile = (1..32)
                .find(|number| compatible >> (31 - number) & 1 == 1)
                .unwrap_or(0);
        }
        let fields = Some((bits.bit()?, bits.bit()?));
        bits.skip(46)?;
        // A record's copy may end here: it has no layers.
        let level = bits.u8(8)?;
        skip_layers(bits, more_layers)?;
        Some(Self {
            profile,
            level,
            fields,
        })
    }

    pub(super) fn profile_name(&self) -> Option<String> {
        let name = match self.profile {
            1 => "Main",
            2 => "Main 10",
            3 => "Main Still Picture",
            4 => "Rext",
            9 => "Scc",
            _ => return None,
        };
        Some(name.to_owned())
    }
}

fn skip_layers(bits: &mut Bits<'_>, count: u8) -> Option<()> {
    let mut present = [(false, false); 8];
    let layers = present.get_mut(..usize::from(count))?;
    for layer in layers.iter_mut() {
        *layer = (bits.bit()?, bits.bit()?);
    }
    if count > 0 {
        bits.skip(usize::from(8_u8.saturating_sub(count)) * 2)?;
    }
    for (has_profile, has_level) in layers.iter() {
        bits.skip(if *has_profile { 88 } else { 0 })?;
        bits.skip(if *has_level { 8 } else { 0 })?;
    }
    Some(())
}

/// What a sequence parameter set says.
#[derive(Clone, Debug, Default)]
pub(super) struct Sps {
    pub(super) tier: Tier,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bit_depth: u8,
    chroma_format: u32,
    pub(super) pixel_aspect: Option<Ratio>,
    /// Primaries, transfer, matrix.
    pub(super) colors: Option<[u8; 3]>,
    pub(super) full_range: Option<bool>,
    /// Whether each picture is a field.
    has_fields: bool,
    /// Whether timing messages tell the fields of a picture.
    pub(super) has_picture_structure: bool,
    /// Units in a frame, and units in a second.
    pub(super) timing: Option<(u32, u32)>,
}

/// Returns the name of a `chroma_format_idc`.
pub(super) const fn chroma_name(format: u32, is_rgb: bool) -> &'static str {
    match format {
        0 => "gray",
        2 => "4:2:2",
        3 if is_rgb => "rgb",
        3 => "4:4:4",
        _ => "4:2:0",
    }
}

impl Sps {
    /// Reads an unescaped set without its NAL header. What follows the depth may be missing.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bits = &mut Bits::new(bytes);
        bits.skip(4)?;
        let more_layers = bits.u8(3).filter(|more| *more <= 6)?;
        bits.skip(1)?;
        let mut sps = Self {
            tier: Tier::parse(bits, more_layers)?,
            ..Self::default()
        };
        bits.ue().filter(|id| *id <= 15)?;
        sps.size(bits)?;
        sps.rest(bits, more_layers);
        Some(sps)
    }

    pub(super) fn chroma(&self) -> &'static str {
        let is_rgb = self.colors.is_some_and(|[.., matrix]| matrix == 0);
        chroma_name(self.chroma_format, is_rgb)
    }

    pub(super) fn is_progressive(&self) -> bool {
        !self.has_fields && self.tier.fields == Some((true, false))
    }

    fn size(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        self.chroma_format = bits.ue().filter(|format| *format <= 3)?;
        if self.chroma_format == 3 {
            bits.skip(1)?;
        }
        let side = |bits: &mut Bits<'_>| bits.ue().filter(|side| (1..=65_536).contains(side));
        (self.width, self.height) = (side(bits)?, side(bits)?);
        if bits.bit()? {
            let [left, right, top, bottom] = [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?];
            let (across, down) = match self.chroma_format {
                1 => (2, 2),
                2 => (2, 1),
                _ => (1, 1),
            };
            self.width = cropped(self.width, left, right, across);
            self.height = cropped(self.height, top, bottom, down);
        }
        let depth = bits.ue().filter(|more| *more <= 8)?;
        self.bit_depth = 8 + u8::try_from(depth).unwrap_or(0);
        bits.ue().map(|_| ())
    }

    fn rest(&mut self, bits: &mut Bits<'_>, more_layers: u8) -> Option<()> {
        let order_bits = bits.ue().filter(|more| *more <= 12)? + 4;
        let layers = if bits.bit()? { more_layers + 1 } else { 1 };
        bits.skip_ue(u32::from(layers) * 3)?;
        bits.skip_ue(6)?;
        if bits.bit()? && bits.bit()? {
            skip_scaling_lists(bits)?;
        }
        bits.skip(2)?;
        if bits.bit()? {
            bits.skip(8)?;
            bits.skip_ue(2)?;
            bits.skip(1)?;
        }
        skip_reference_sets(bits)?;
        if bits.bit()? {
            let count = bits.ue().filter(|count| *count <= 32)?;
            bits.skip(count as usize * (order_bits as usize + 1))?;
        }
        bits.skip(2)?;
        if bits.bit()? {
            self.usability(bits)?;
        }
        Some(())
    }

    /// Annex E.2.1, up to the timing.
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
            if bits.bit()? {
                self.colors = Some([bits.u8(8)?, bits.u8(8)?, bits.u8(8)?]);
            }
        }
        if bits.bit()? {
            bits.skip_ue(2)?;
        }
        bits.skip(1)?;
        self.has_fields = bits.bit()?;
        self.has_picture_structure = bits.bit()?;
        if bits.bit()? {
            bits.skip_ue(4)?;
        }
        if bits.bit()? {
            self.timing = Some((bits.u32(32)?, bits.u32(32)?));
        }
        Some(())
    }
}

/// Clause 7.3.4.
fn skip_scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4_u32 {
        let matrices = if size == 3 { 2 } else { 6 };
        for _ in 0..matrices {
            if bits.bit()? {
                if size > 1 {
                    bits.se()?;
                }
                bits.skip_ue(64.min(1 << (4 + (size << 1))))?;
            } else {
                bits.ue()?;
            }
        }
    }
    Some(())
}

/// Clause 7.3.7: each set lists pictures, or changes the set before it by one picture more.
fn skip_reference_sets(bits: &mut Bits<'_>) -> Option<()> {
    let sets = bits.ue().filter(|count| *count <= MOST_SETS)?;
    let mut pictures = 0;
    for set in 0..sets {
        if set > 0 && bits.bit()? {
            bits.skip(1)?;
            bits.ue()?;
            let mut kept = 0;
            for _ in 0..=pictures {
                let is_used = bits.bit()?;
                if is_used || bits.bit()? {
                    kept += 1;
                }
            }
            pictures = kept;
        } else {
            let [before, after] = [bits.ue()?, bits.ue()?];
            pictures = before.saturating_add(after);
            if pictures > MOST_PICTURES {
                return None;
            }
            for _ in 0..pictures {
                bits.ue()?;
                bits.skip(1)?;
            }
        }
        if pictures > MOST_PICTURES {
            return None;
        }
    }
    Some(())
}

/// Returns the timing that an unescaped video parameter set (clause 7.3.2.1) tells.
pub(super) fn timing_of_vps(bytes: &[u8]) -> Option<(u32, u32)> {
    let bits = &mut Bits::new(bytes);
    bits.skip(12)?;
    let more_layers = bits.u8(3).filter(|more| *more <= 6)?;
    bits.skip(17)?;
    Tier::parse(bits, more_layers)?;
    let layers = if bits.bit()? { more_layers + 1 } else { 1 };
    bits.skip_ue(u32::from(layers) * 3)?;
    let highest = bits.u8(6)?;
    let more_sets = bits.ue().filter(|count| *count <= 1_023)?;
    bits.skip(more_sets as usize * (usize::from(highest) + 1))?;
    if !bits.bit()? {
        return None;
    }
    Some((bits.u32(32)?, bits.u32(32)?))
}
