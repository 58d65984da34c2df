//! AAC in LOAS/LATM (ISO/IEC 14496-3, 1.7): where its configuration lies.

use crate::bits::Bits;

/// Returns the AudioSpecificConfig of the frame that begins here, from its first bit on, or `None` where there is none:
/// frames repeat it from time to time.
pub(super) fn config(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits::new(bytes);
    if bits.u32(11)? != 0x2b7 {
        return None;
    }
    let length = usize::try_from(bits.u32(13)?).ok()?;
    // As in the frame before.
    if bits.bit()? {
        return None;
    }
    let version = bits.bit()?;
    if version {
        if bits.bit()? {
            return None;
        }
        value(&mut bits)?;
    }
    // Same framing, subframes, programs, layers: one of each.
    bits.skip(1 + 6)?;
    if bits.u8(4)? != 0 || bits.u8(3)? != 0 {
        return None;
    }
    if version {
        value(&mut bits)?;
    }
    let end = length.checked_add(3)?.min(bytes.len()) * 8;
    let mut config = Vec::new();
    while bits.position() < end && config.len() < 64 {
        let left = u32::try_from((end - bits.position()).min(8)).ok()?;
        config.push(bits.u8(left)? << (8 - left));
    }
    Some(config)
}

fn value(bits: &mut Bits<'_>) -> Option<u64> {
    let bytes = bits.u32(2)? + 1;
    bits.take(bytes * 8)
}
