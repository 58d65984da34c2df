//! H.264 (ITU-T H.264): parameter sets and the messages that matter.
//!
//! A container calls this first and lets its own boxes speak afterwards: what is noted here replaces what was noted
//! before, but for the frame rate, which is noted only where nobody told it.
//!
//! Whether a film is interlaced is not in the parameter set, which says only that it may be. The first picture tells: its
//! timing message, else its fields' order in time. So [`sample`] and [`annex_b`] want the first picture, and remember
//! the parameter set in between.

pub(super) mod sps;

use crate::bits::Bits;
use crate::bytes::Bytes;
use crate::{Ratio, Stream};

use super::{cicp, nal as units, sei};
use sps::Sps;

/// Bytes of a slice that its header can take up to where the order of fields stands.
const SLICE_HEAD: usize = 48;

/// Bytes of other NAL units that are looked at.
const LONGEST_UNIT: usize = 64 << 10;

/// What the pictures' headers cannot be read without.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sequence {
    may_be_interlaced: bool,
    /// Whether timing messages tell the fields of a picture.
    has_picture_structure: bool,
    /// Bits of the two delays before that, where they are.
    delay_bits: Option<(u8, u8)>,
    separate_planes: bool,
    frame_number_bits: u32,
    /// Some(0): pictures are in order and their fields of one time. None: the order is written in another way.
    order_bits: Option<u32>,
    /// Of the picture parameter set: whether the bottom field's time is told.
    has_bottom_order: bool,
    /// Order of fields was found.
    done: bool,
}

/// Notes what an `avcC` record says and returns how many bytes its NAL lengths have (0: nothing could be read).
pub fn avcc(record: &[u8], stream: &mut Stream) -> u8 {
    read_record(record, stream).unwrap_or(0)
}

fn read_record(record: &[u8], stream: &mut Stream) -> Option<u8> {
    let mut bytes = Bytes::new(record);
    let [version, profile, compatibility, level, lengths] = bytes.array()?;
    if version != 1 {
        return None;
    }
    let size = (lengths & 3) + 1;
    "h264".clone_into(&mut stream.codec);
    stream.profile = sps::profile_name(profile, compatibility);
    stream.level = Some(i32::from(level));
    let sequence_sets = bytes.u8().unwrap_or(0) & 0x1f;
    note_units(&mut bytes, sequence_sets, stream);
    let picture_sets = bytes.u8().unwrap_or(0);
    note_units(&mut bytes, picture_sets, stream);
    Some(size)
}

fn note_units(bytes: &mut Bytes<'_>, count: u8, stream: &mut Stream) {
    for _ in 0..count {
        let Some(length) = bytes.u16_be() else {
            return;
        };
        let length = usize::from(length).min(bytes.left());
        if let Some(unit) = bytes.take(length) {
            nal(unit, stream);
        }
    }
}

/// Notes what one NAL unit (no start code, no length) says; returns whether it was a sequence parameter set that could be
/// read.
pub fn nal(unit: &[u8], stream: &mut Stream) -> bool {
    let Some((&head, body)) = unit.split_first() else {
        return false;
    };
    // The highest bit is 0 in all units.
    if head & 0x80 != 0 {
        return false;
    }
    let body = body.get(..LONGEST_UNIT).unwrap_or(body);
    match head & 0x1f {
        1 | 5 => slice(body, head & 0x1f == 5, stream),
        6 => messages(&units::unescape(body), stream),
        7 => {
            let Some(sps) = Sps::parse(&units::unescape(body)) else {
                return false;
            };
            note(&sps, stream);
            return true;
        }
        8 => {
            let plain = units::unescape(body.get(..16).unwrap_or(body));
            picture_set(&mut Bits::new(&plain), stream);
        }
        _ => {}
    }
    false
}

/// Looks for parameter sets in a byte stream with start codes, up to the first picture after them.
pub fn annex_b(bytes: &[u8], stream: &mut Stream) -> bool {
    until_picture(units::annex_b(bytes), stream)
}

/// Looks for parameter sets and messages in a sample whose NAL units carry lengths of `length_size` bytes.
pub fn sample(bytes: &[u8], length_size: u8, stream: &mut Stream) -> bool {
    until_picture(units::length_prefixed(bytes, length_size), stream)
}

fn until_picture<'a>(units: impl Iterator<Item = &'a [u8]>, stream: &mut Stream) -> bool {
    let mut found = false;
    for unit in units {
        found |= nal(unit, stream);
        let is_picture = matches!(unit.first().map(|head| head & 0x1f), Some(1..=5));
        if found && is_picture {
            break;
        }
    }
    found
}

fn note(sps: &Sps, stream: &mut Stream) {
    "h264".clone_into(&mut stream.codec);
    stream.profile = sps::profile_name(sps.profile, sps.constraints);
    stream.level = Some(i32::from(sps.level));
    // A later set, repeated before a later picture, must not forget what the first picture told.
    let known = stream.h264.unwrap_or_default();
    stream.h264 = Some(Sequence {
        has_bottom_order: known.has_bottom_order,
        done: known.done,
        ..sps.sequence
    });
    let video = stream.video_mut();
    (video.width, video.height) = (Some(sps.width), Some(sps.height));
    video.bit_depth = Some(sps.bit_depth);
    video.chroma = Some(sps.chroma().to_owned());
    if !sps.sequence.may_be_interlaced {
        video.field_order = Some("progressive".to_owned());
    }
    if sps.pixel_aspect.is_some() {
        video.pixel_aspect = sps.pixel_aspect;
    }
    if let Some(colors) = sps.colors {
        cicp::note(video, colors[0], colors[1], colors[2], sps.full_range);
    }
    if video.frame_rate.is_none()
        && let Some((ticks, scale)) = sps.timing
    {
        // A tick is a field.
        video.frame_rate = plausible_rate(u64::from(scale), u64::from(ticks) * 2);
    }
}

/// Returns a rate that can be one: encoders of uneven rates write the unit of their clock instead.
pub(crate) fn plausible_rate(num: u64, den: u64) -> Option<Ratio> {
    Ratio::new(num, den).filter(|rate| (0.5..=480.0).contains(&rate.value()))
}

fn picture_set(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    bits.skip_ue(2)?;
    bits.skip(1)?;
    let has_bottom_order = bits.bit()?;
    stream.h264.as_mut()?.has_bottom_order = has_bottom_order;
    Some(())
}

fn messages(payload: &[u8], stream: &mut Stream) {
    for (kind, content) in sei::messages(payload) {
        if kind == 1 {
            picture_timing(&mut Bits::new(content), stream);
        } else {
            sei::note(kind, content, stream.video_mut());
        }
    }
}

/// Annex D.1.3: `pic_struct` 0 is a frame, 1 and 2 a field, 3 and 5 top before bottom, 4 and 6 bottom before top.
fn picture_timing(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    let sequence = stream.h264?;
    if !sequence.may_be_interlaced || sequence.done || !sequence.has_picture_structure {
        return None;
    }
    if let Some((removal, output)) = sequence.delay_bits {
        bits.skip(usize::from(removal) + usize::from(output))?;
    }
    let order = match bits.u8(4)? {
        1 | 3 | 5 => "tt",
        2 | 4 | 6 => "bb",
        0 | 7 | 8 => "progressive",
        _ => return None,
    };
    field_order(order, stream);
    Some(())
}

fn slice(body: &[u8], is_idr: bool, stream: &mut Stream) {
    if let Some(sequence) = stream.h264
        && sequence.may_be_interlaced
        && !sequence.done
    {
        let plain = units::unescape(body.get(..SLICE_HEAD).unwrap_or(body));
        if let Some(order) = slice_order(&mut Bits::new(&plain), is_idr, sequence) {
            field_order(order, stream);
        }
    }
}

/// Clause 7.3.3, up to the distance in time between the two fields.
fn slice_order(bits: &mut Bits<'_>, is_idr: bool, sequence: Sequence) -> Option<&'static str> {
    bits.skip_ue(3)?;
    if sequence.separate_planes {
        bits.skip(2)?;
    }
    bits.u32(sequence.frame_number_bits)?;
    if bits.bit()? {
        return Some(if bits.bit()? { "bb" } else { "tt" });
    }
    if is_idr {
        bits.ue()?;
    }
    bits.u32(sequence.order_bits?)?;
    if !sequence.has_bottom_order || sequence.order_bits == Some(0) {
        return Some("progressive");
    }
    Some(match bits.se()? {
        0 => "progressive",
        1.. => "tt",
        _ => "bb",
    })
}

fn field_order(order: &str, stream: &mut Stream) {
    stream.video_mut().field_order = Some(order.to_owned());
    if let Some(sequence) = &mut stream.h264 {
        sequence.done = true;
    }
}

#[cfg(test)]
mod tests;
