//! Apple's description of channels (`chan`).

use crate::bytes::Bytes;
use crate::codec::layout::{self, BC, BL, BR, FC, FL, FLC, FR, FRC, LFE, SL, SR};

/// Returns the layout that a `chan` box (version and flags first) names, in ffprobe's words.
pub(super) fn layout(bytes: &[u8]) -> Option<String> {
    let mut bytes = Bytes::new(bytes);
    bytes.skip(4)?;
    let (tag, bitmap, count) = (bytes.u32_be()?, bytes.u32_be()?, bytes.u32_be()?);
    match tag {
        0 => {
            let mut mask = 0;
            for _ in 0..count.min(64) {
                let label = bytes.u32_be()?;
                bytes.skip(16)?;
                let bit = of_label(label)?;
                if mask & bit != 0 {
                    return None;
                }
                mask |= bit;
            }
            layout::describe(mask)
        }
        0x1_0000 => layout::describe(bitmap),
        tag => layout::describe(of_tag(tag)?),
    }
}

/// Channel labels 1 to 18 are the speakers in the order of the bits.
fn of_label(label: u32) -> Option<u32> {
    match label {
        1..=18 => Some(1 << (label - 1)),
        38 => Some(0x2000_0000),
        39 => Some(0x4000_0000),
        42 => Some(FC),
        _ => None,
    }
}

/// Layouts by number: what they are in the high half, how many channels in the low.
fn of_tag(tag: u32) -> Option<u32> {
    Some(match tag >> 16 {
        100 => FC,
        101 | 102 | 106 => FL | FR,
        108 => FL | FR | BL | BR,
        110 => FL | FR | FC | BL | BR | BC,
        111 => FL | FR | FC | BL | BR | BC | SL | SR,
        113 | 114 => FL | FR | FC,
        115 | 116 | 151 => FL | FR | FC | BC,
        109 | 117..=120 => FL | FR | FC | SL | SR,
        121..=124 => FL | FR | FC | LFE | SL | SR,
        125 | 142 => FL | FR | FC | LFE | SL | SR | BC,
        126 | 127 => FL | FR | FC | LFE | SL | SR | FLC | FRC,
        128 => FL | FR | FC | LFE | BL | BR | SL | SR,
        131 => FL | FR | BC,
        132 => FL | FR | SL | SR,
        133 => FL | FR | LFE,
        134 => FL | FR | LFE | BC,
        135 => FL | FR | LFE | SL | SR,
        136 => FL | FR | FC | LFE,
        137 => FL | FR | FC | LFE | BC,
        138 => FL | FR | SL | SR | LFE,
        141 => FL | FR | FC | SL | SR | BC,
        143 => FL | FR | FC | SL | SR | BL | BR,
        149 => FC | LFE,
        _ => return None,
    })
}
