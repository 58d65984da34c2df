//! Network abstraction layer units: how H.264 and H.265 are cut into parts.

/// Returns the NAL units of a byte stream with start codes; the last may be cut off.
pub fn annex_b(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    parts(bytes).map(|mut unit| {
        while let [head @ .., 0] = unit {
            unit = head;
        }
        unit
    })
}

/// Returns what lies between start codes as it stands: parts of MPEG-1, 2 and 4 may end with zeros, NAL units never do.
pub(super) fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(bytes);
    std::iter::from_fn(move || {
        let unit = rest?;
        let end = start_code(unit).unwrap_or(unit.len());
        rest = unit.get(end..).and_then(after_start_code);
        Some(unit.get(..end).unwrap_or_default())
    })
}

/// Returns the NAL units of a sample in which each is preceded by its length in `length_size` (1 to 4) bytes; the last may
/// be cut off.
pub fn length_prefixed(bytes: &[u8], length_size: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    let size = usize::from(length_size.clamp(1, 4));
    std::iter::from_fn(move || {
        let (length, tail) = rest.split_at_checked(size)?;
        let length = length
            .iter()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let (unit, tail) = tail.split_at(length.min(tail.len()));
        rest = tail;
        Some(unit)
    })
}

/// Returns the bytes of a NAL unit without the emulation prevention bytes (clause 7.4.1).
pub fn unescape(unit: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        plain.push(byte);
    }
    plain
}

fn start_code(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| window == [0, 0, 1])
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(start_code(bytes)? + 3..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_cut_both_ways() {
        let stream = [9, 0, 0, 0, 1, 0x67, 5, 0, 0, 1, 0x68, 0, 0, 0, 1];
        let units: Vec<_> = annex_b(&stream).collect();
        assert_eq!(units, [[0x67_u8, 5].as_slice(), &[0x68], &[]]);
        let units: Vec<_> = length_prefixed(&[0, 2, 7, 8, 0, 9, 1], 2).collect();
        assert_eq!(units, [[7_u8, 8].as_slice(), &[1]]);
        assert_eq!(unescape(&[1, 0, 0, 3, 1, 0, 0, 3]), [1, 0, 0, 1, 0, 0]);
    }
}
