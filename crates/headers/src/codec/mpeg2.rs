//! MPEG-1 and MPEG-2 video (ISO/IEC 11172-2, 13818-2): the sequence header, its extensions and the first picture's.

use crate::bits::Bits;
use crate::{Ratio, Stream};

use super::cicp;

/// Parts looked at: a sequence header, a handful of extensions and user data, a group, the first picture's headers.
const MOST_PARTS: usize = 64;

/// Rates of `frame_rate_code`, from 1; those from 9 on are not in the standard but in files.
const RATES: [(u32, u32); 13] = [
    (24_000, 1_001),
    (24, 1),
    (25, 1),
    (30_000, 1_001),
    (30, 1),
    (50, 1),
    (60_000, 1_001),
    (60, 1),
    (15, 1),
    (5, 1),
    (10, 1),
    (12, 1),
    (15, 1),
];

/// Aspects of a pixel of MPEG-1, from code 1: the standard's heights over widths, turned over as ffprobe shows them.
const PIXELS_OF_MPEG1: [(u32, u32); 14] = [
    (1, 1),
    (49, 33),
    (64, 45),
    (239, 182),
    (36, 29),
    (32, 27),
    (169, 151),
    (178, 163),
    (54, 53),
    (196, 201),
    (187, 200),
    (200, 219),
    (127, 147),
    (134, 161),
];

/// What was read of a sequence.
#[derive(Default)]
struct Sequence {
    width: u32,
    height: u32,
    aspect: u8,
    rate: Option<Ratio>,
    bit_rate: u32,
    /// Of MPEG-2.
    extension: Option<Extension>,
    colors: Option<[u8; 3]>,
    /// Part of the picture meant to be seen.
    display: Option<(u32, u32)>,
    /// Whether the first picture's fields are of different times, and whether the top is the first.
    fields: Option<(bool, bool)>,
}

struct Extension {
    profile: u8,
    level: u8,
    is_progressive: bool,
    chroma: u8,
}

/// Looks for a sequence header and its extensions; sets the codec to `mpeg1video` or `mpeg2video`.
pub fn sequence(bytes: &[u8], stream: &mut Stream) -> bool {
    let mut found: Option<Sequence> = None;
    let mut parts = 0;
    for part in super::nal::parts(bytes) {
        let Some((&kind, body)) = part.split_first() else {
            continue;
        };
        match (&mut found, kind) {
            (None, 0xb3) => found = header(&mut Bits::new(body)),
            (None, _) => continue,
            (Some(sequence), 0xb5) => {
                extension(&mut Bits::new(body), sequence);
            }
            // Slices of the first picture, or the next sequence.
            (Some(_), 0x01..=0xaf | 0xb3 | 0xb7) => break,
            _ => {}
        }
        parts += 1;
        if parts > MOST_PARTS {
            break;
        }
    }
    if let Some(sequence) = &found {
        note(sequence, stream);
    }
    found.is_some()
}

fn header(bits: &mut Bits<'_>) -> Option<Sequence> {
    let mut sequence = Sequence {
        width: bits.u32(12)?,
        height: bits.u32(12)?,
        aspect: bits.u8(4)?,
        ..Sequence::default()
    };
    let rate = RATES.get(usize::from(bits.u8(4)?).checked_sub(1)?)?;
    sequence.rate = Ratio::new(u64::from(rate.0), u64::from(rate.1));
    sequence.bit_rate = bits.u32(18)?;
    let marker = bits.bit()?;
    (marker && sequence.width > 0 && sequence.height > 0).then_some(sequence)
}

fn extension(bits: &mut Bits<'_>, sequence: &mut Sequence) -> Option<()> {
    match bits.u8(4)? {
        1 => sequence_extension(bits, sequence),
        2 => display_extension(bits, sequence),
        8 => picture_extension(bits, sequence),
        _ => None,
    }
}

fn sequence_extension(bits: &mut Bits<'_>, sequence: &mut Sequence) -> Option<()> {
    bits.skip(1)?;
    let extension = Extension {
        profile: bits.u8(3)?,
        level: bits.u8(4)?,
        is_progressive: bits.bit()?,
        chroma: bits.u8(2)?,
    };
    sequence.width |= bits.u32(2)? << 12;
    sequence.height |= bits.u32(2)? << 12;
    sequence.extension = Some(extension);
    bits.skip(12 + 1 + 8 + 1)?;
    let (times, over) = (bits.take(2)? + 1, bits.take(5)? + 1);
    sequence.rate = sequence
        .rate
        .and_then(|rate| Ratio::new(u64::from(rate.num) * times, u64::from(rate.den) * over));
    Some(())
}

fn display_extension(bits: &mut Bits<'_>, sequence: &mut Sequence) -> Option<()> {
    bits.skip(3)?;
    if bits.bit()? {
        sequence.colors = Some([bits.u8(8)?, bits.u8(8)?, bits.u8(8)?]);
    }
    let width = bits.u32(14)?;
    bits.skip(1)?;
    sequence.display = Some((width, bits.u32(14)?));
    Some(())
}

fn picture_extension(bits: &mut Bits<'_>, sequence: &mut Sequence) -> Option<()> {
    bits.skip(16 + 2)?;
    let structure = bits.u8(2)?;
    let top_first = bits.bit()?;
    bits.skip(7)?;
    let is_progressive = bits.bit()?;
    let fields = match structure {
        // Each field is a picture of its own: this is the first.
        1 => (true, true),
        2 => (true, false),
        _ => (!is_progressive, top_first),
    };
    sequence.fields.get_or_insert(fields);
    Some(())
}

fn note(sequence: &Sequence, stream: &mut Stream) {
    let codec = match &sequence.extension {
        Some(extension) => {
            stream.profile = profile_name(extension.profile);
            stream.level = Some(i32::from(extension.level));
            "mpeg2video"
        }
        None => "mpeg1video",
    };
    codec.clone_into(&mut stream.codec);
    // All ones: a rate that varies. MPEG-2's is the most there may be, not what there is.
    if sequence.extension.is_none() && stream.bitrate_bps.is_none() && sequence.bit_rate != 0x3_ffff
    {
        stream.bitrate_bps = Some(u64::from(sequence.bit_rate) * 400).filter(|rate| *rate > 0);
    }
    let video = stream.video_mut();
    (video.width, video.height) = (Some(sequence.width), Some(sequence.height));
    video.bit_depth = Some(8);
    let chroma = match sequence
        .extension
        .as_ref()
        .map(|extension| extension.chroma)
    {
        Some(2) => "4:2:2",
        Some(3) => "4:4:4",
        _ => "4:2:0",
    };
    video.chroma = Some(chroma.to_owned());
    if let Some(aspect) = sequence.pixel_aspect() {
        video.pixel_aspect = Some(aspect);
    }
    if video.frame_rate.is_none() {
        video.frame_rate = sequence.rate;
    }
    if let Some(order) = sequence.field_order() {
        video.field_order = Some(order.to_owned());
    }
    let [primaries, transfer, matrix] = sequence.colors.unwrap_or([2; 3]);
    cicp::note(video, primaries, transfer, matrix, Some(false));
}

fn profile_name(profile: u8) -> Option<String> {
    let names = [
        "4:2:2",
        "High",
        "Spatially Scalable",
        "SNR Scalable",
        "Main",
        "Simple",
    ];
    names
        .get(usize::from(profile))
        .map(|name| (*name).to_owned())
}

impl Sequence {
    fn field_order(&self) -> Option<&'static str> {
        let Some(extension) = &self.extension else {
            // MPEG-1 has no fields.
            return Some("progressive");
        };
        match self.fields {
            _ if extension.is_progressive => Some("progressive"),
            Some((true, true)) => Some("tt"),
            Some((true, false)) => Some("bb"),
            Some((false, _)) => Some("progressive"),
            None => None,
        }
    }

    fn pixel_aspect(&self) -> Option<Ratio> {
        let index = usize::from(self.aspect).checked_sub(1)?;
        if self.extension.is_none() {
            let (num, den) = PIXELS_OF_MPEG1.get(index)?;
            return Ratio::new(u64::from(*num), u64::from(*den));
        }
        let (num, den) = *[(1, 1), (4, 3), (16, 9), (221, 100)].get(index)?;
        if self.aspect == 1 {
            return Ratio::new(1, 1);
        }
        let of = |(width, height): (u32, u32)| {
            Ratio::new(num * u64::from(height), den * u64::from(width))
        };
        let whole = (self.width, self.height);
        // The standard relates the aspect to the part to be seen. Many encoders write that part and do not mean it; where
        // the whole picture would then be neither 4:3 nor 16:9 it is taken for such, as ffprobe does.
        self.display
            .and_then(of)
            .filter(|pixel| {
                let shown = Ratio::new(
                    u64::from(pixel.num) * u64::from(self.width),
                    u64::from(pixel.den) * u64::from(self.height),
                );
                shown == Ratio::new(4, 3) || shown == Ratio::new(16, 9)
            })
            .or_else(|| of(whole))
    }
}

#[cfg(test)]
mod tests;
