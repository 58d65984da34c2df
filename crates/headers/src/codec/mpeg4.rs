//! MPEG-4 Visual: Xvid, DivX, 3GP (ISO/IEC 14496-2, clause 6.2).

use crate::bits::Bits;
use crate::{Ratio, Stream, Video};

use super::h264::plausible_rate;

/// Parts looked at: what comes before a video object layer is a handful.
const MOST_PARTS: usize = 64;

/// Looks for a video object layer.
pub fn visual(bytes: &[u8], stream: &mut Stream) -> bool {
    for part in super::nal::parts(bytes).take(MOST_PARTS) {
        let Some((&kind, body)) = part.split_first() else {
            continue;
        };
        match kind {
            0xb0 => note_profile(body.first().copied(), stream),
            // The studio profile writes its layers in another way.
            0x20..=0x2f if stream.profile.as_deref() != Some("Simple Studio Profile") => {
                if let Some(layer) = layer(&mut Bits::new(body)) {
                    "mpeg4".clone_into(&mut stream.codec);
                    note(&layer, stream.video_mut());
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn note_profile(code: Option<u8>, stream: &mut Stream) {
    let Some(code) = code else {
        return;
    };
    let names = [
        "Simple Profile",
        "Simple Scalable Profile",
        "Core Profile",
        "Main Profile",
        "N-bit Profile",
        "Scalable Texture Profile",
        "Simple Face Animation Profile",
        "Basic Animated Texture Profile",
        "Hybrid Profile",
        "Advanced Real Time Simple Profile",
        "Code Scalable Profile",
        "Advanced Coding Profile",
        "Advanced Core Profile",
        "Advanced Scalable Texture Profile",
        "Simple Studio Profile",
        "Advanced Simple Profile",
    ];
    "mpeg4".clone_into(&mut stream.codec);
    stream.profile = names
        .get(usize::from(code >> 4))
        .map(|name| (*name).to_owned());
    // Simple Profile's level 0 is written as 8.
    stream.level = Some(i32::from(if code == 8 { 0 } else { code & 15 }));
}

#[derive(Default)]
struct Layer {
    pixel_aspect: Option<Ratio>,
    rate: Option<Ratio>,
    size: Option<(u32, u32)>,
    is_interlaced: bool,
}

/// Clause 6.2.3, up to the interlacing.
fn layer(bits: &mut Bits<'_>) -> Option<Layer> {
    let mut layer = Layer::default();
    bits.skip(1 + 8)?;
    let version = if bits.bit()? {
        let version = bits.u8(4)?;
        bits.skip(3)?;
        version
    } else {
        1
    };
    pixel_aspect(bits, &mut layer.pixel_aspect)?;
    if bits.bit()? {
        bits.skip(3)?;
        if bits.bit()? {
            // Six parts of the buffer model with a marker after each.
            bits.skip(79)?;
        }
    }
    let shape = bits.u8(2)?;
    if shape == 3 && version != 1 {
        bits.skip(4)?;
    }
    bits.skip(1)?;
    let resolution = bits.u32(16).filter(|resolution| *resolution > 0)?;
    bits.skip(1)?;
    if bits.bit()? {
        // As many bits as the greatest number below the resolution takes, one at least.
        let width = (u32::BITS - (resolution - 1).leading_zeros()).max(1);
        let step = bits.take(width)?;
        layer.rate = plausible_rate(u64::from(resolution), step);
    }
    if shape == 0 {
        bits.skip(1)?;
        let width = bits.u32(13)?;
        bits.skip(1)?;
        let height = bits.u32(13)?;
        bits.skip(1)?;
        layer.size = Some((width, height)).filter(|_| width > 0 && height > 0);
    }
    if shape != 2 {
        layer.is_interlaced = bits.bit()?;
    }
    Some(layer)
}

fn pixel_aspect(bits: &mut Bits<'_>, to: &mut Option<Ratio>) -> Option<()> {
    *to = match bits.u8(4)? {
        1 => Ratio::new(1, 1),
        2 => Ratio::new(12, 11),
        3 => Ratio::new(10, 11),
        4 => Ratio::new(16, 11),
        5 => Ratio::new(40, 33),
        15 => Ratio::new(bits.take(8)?, bits.take(8)?),
        _ => None,
    };
    Some(())
}

fn note(layer: &Layer, video: &mut Video) {
    if let Some((width, height)) = layer.size {
        (video.width, video.height) = (Some(width), Some(height));
    }
    video.bit_depth = Some(8);
    video.chroma = Some("4:2:0".to_owned());
    if layer.pixel_aspect.is_some() {
        video.pixel_aspect = layer.pixel_aspect;
    }
    if video.frame_rate.is_none() {
        video.frame_rate = layer.rate;
    }
    // Which field is first stands in every picture, so that nothing is said of interlaced films.
    if !layer.is_interlaced {
        video.field_order = Some("progressive".to_owned());
    }
}

#[cfg(test)]
mod tests;
