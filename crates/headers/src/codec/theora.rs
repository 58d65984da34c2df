//! Theora (the Theora specification, clause 6.2).

use crate::bits::Bits;
use crate::{Ratio, Stream};

use super::cicp;

/// Notes what the identification header (from `\x80theora` on) says.
pub fn identification(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(header) = bytes.strip_prefix(b"\x80theora") else {
        return false;
    };
    read(&mut Bits::new(header), stream).is_some()
}

fn read(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    let version = bits.u32(24)?;
    if version >> 16 != 3 {
        return None;
    }
    let [columns, rows] = [bits.u32(16)?, bits.u32(16)?];
    let [width, height] = [bits.u32(24)?, bits.u32(24)?];
    bits.skip(16)?;
    let (rate, aspect) = (
        Ratio::new(bits.take(32)?, bits.take(32)?),
        Ratio::new(bits.take(24)?, bits.take(24)?),
    );
    let space = bits.u8(8)?;
    bits.skip(24 + 6 + 5)?;
    let format = bits.u8(2)?;
    "theora".clone_into(&mut stream.codec);
    let video = stream.video_mut();
    // The part to be seen lies in a frame of whole blocks.
    let within = |part: u32, whole: u32| Some(part).filter(|part| (1..=whole).contains(part));
    video.width = within(width, columns * 16).or(Some(columns * 16));
    video.height = within(height, rows * 16).or(Some(rows * 16));
    if video.frame_rate.is_none() {
        video.frame_rate = rate;
    }
    if aspect.is_some() {
        video.pixel_aspect = aspect;
    }
    // It knows no fields.
    video.field_order = Some("progressive".to_owned());
    video.bit_depth = Some(8);
    let chroma = ["4:2:0", "4:2:0", "4:2:2", "4:4:4"].get(usize::from(format))?;
    video.chroma = Some((*chroma).to_owned());
    match space {
        1 => cicp::note(video, 4, 1, 5, None),
        2 => cicp::note(video, 5, 1, 5, None),
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests;
