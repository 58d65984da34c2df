//! Supplemental messages that H.264, H.265 and (in other packing) AV1 share: static and dynamic HDR metadata.
//!
//! The SEI syntax is clause 7.3.2.3.1 of H.264 and 7.3.5 of H.265; payloads are in the annexes D of both.

use crate::bytes::Bytes;
use crate::{Hdr, Mastering, Video, codec::cicp};

/// Messages looked at in one NAL unit; real ones hold a handful.
const MOST_MESSAGES: usize = 64;

/// Returns the messages of an unescaped NAL unit whose header was taken off: type and payload, the last cut off perhaps.
pub(crate) fn messages(payload: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut bytes = Bytes::new(payload);
    std::iter::from_fn(move || {
        // What is left at the end is the byte 0x80 that closes the unit.
        if bytes.left() < 3 {
            return None;
        }
        let kind = number(&mut bytes)?;
        let length = number(&mut bytes)? as usize;
        let length = length.min(bytes.left());
        bytes.take(length).map(|content| (kind, content))
    })
    .take(MOST_MESSAGES)
}

/// Returns a number written as a run of 255s and a rest.
fn number(bytes: &mut Bytes<'_>) -> Option<u32> {
    let mut sum = 0_u32;
    loop {
        let byte = bytes.u8()?;
        sum = sum.saturating_add(u32::from(byte));
        if byte != 255 {
            return Some(sum);
        }
    }
}

/// Notes a message that H.264 and H.265 have in common.
pub(crate) fn note(kind: u32, payload: &[u8], video: &mut Video) {
    match kind {
        4 => registered(payload, video),
        137 => note_mastering(payload, video),
        144 => note_light_level(payload, video),
        // Players that know HLG use it in place of what the parameter set says: preferred_transfer_characteristics.
        147 => {
            if let Some(&transfer) = payload.first() {
                cicp::note(video, 2, transfer, 2, None);
            }
        }
        _ => {}
    }
}

/// Notes user data registered by ITU-T T.35: HDR10+ is Samsung's (SMPTE ST 2094-40) under the country code of the USA.
pub(crate) fn registered(payload: &[u8], video: &mut Video) {
    if payload.starts_with(&[0xb5, 0x00, 0x3c, 0x00, 0x01, 4]) {
        video.add_hdr(Hdr::Hdr10Plus);
    }
}

/// Mastering display colour volume: green, blue, red, white in 1/50000, luminance in 1/10000 cd/m².
fn note_mastering(payload: &[u8], video: &mut Video) {
    let mut bytes = Bytes::new(payload);
    let mut corner = || -> Option<[f32; 2]> {
        let mut axis = || Some(f32::from(bytes.u16_be()?) / 50_000.0);
        Some([axis()?, axis()?])
    };
    let (Some(green), Some(blue), Some(red), Some(white)) =
        (corner(), corner(), corner(), corner())
    else {
        return;
    };
    let (Some(max), Some(min)) = (bytes.u32_be(), bytes.u32_be()) else {
        return;
    };
    if max == 0 {
        return;
    }
    video.color.mastering = Some(Mastering {
        primaries: [red, green, blue, white],
        max_luminance: f64::from(max) / 10_000.0,
        min_luminance: f64::from(min) / 10_000.0,
    });
}

/// Content light level: both 0 says that nobody measured it.
fn note_light_level(payload: &[u8], video: &mut Video) {
    let mut bytes = Bytes::new(payload);
    if let (Some(max), Some(average)) = (bytes.u16_be(), bytes.u16_be()) {
        light_level(video, max, average);
    }
}

/// Notes a content light level unless it says nothing.
pub(crate) fn light_level(video: &mut Video, max: u16, average: u16) {
    if max > 0 || average > 0 {
        video.color.max_cll = Some(u32::from(max));
        video.color.max_fall = Some(u32::from(average));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let mut unit = vec![
            255, 2, 1, 9, 4, 6, 0xb5, 0, 0x3c, 0, 1, 4, 144, 4, 3, 232, 1,
        ];
        unit.extend([144, 0x80]);
        let kinds: Vec<_> = messages(&unit)
            .map(|(kind, body)| (kind, body.len()))
            .collect();
        assert_eq!(kinds, [(257, 1), (4, 6), (144, 4)]);
        let mut video = Video::default();
        for (kind, payload) in messages(&unit) {
            note(kind, payload, &mut video);
        }
        note(147, &[18], &mut video);
        assert_eq!(video.hdr, [Hdr::Hdr10Plus, Hdr::Hlg]);
        assert_eq!(video.color.max_cll, Some(1_000));
        assert_eq!(video.color.max_fall, Some(400));
        assert_eq!(video.color.transfer.as_deref(), Some("arib-std-b67"));
    }

    #[test]
    fn endless_numbers_end() {
        assert_eq!(messages(&[255; 5_000]).count(), 0);
        assert_eq!(messages(&[0; 5_000]).count(), MOST_MESSAGES);
    }
}
