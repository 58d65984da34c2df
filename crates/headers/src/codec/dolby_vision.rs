//! Dolby Vision configuration records (Dolby Vision Streams Within the ISO Base Media File Format, clause 3).

use crate::bits::Bits;
use crate::{Hdr, Stream};

/// Notes what a `dvcC`, `dvvC` or `dvwC` record says.
pub fn config(bytes: &[u8], stream: &mut Stream) -> bool {
    read(&mut Bits::new(bytes), stream).is_some()
}

fn read(bits: &mut Bits<'_>, stream: &mut Stream) -> Option<()> {
    // The major version: 1, and 2 or 3 in later profiles.
    if !(1..=3).contains(&bits.u8(8)?) {
        return None;
    }
    bits.skip(8)?;
    let (profile, level) = (bits.u8(7)?, bits.u8(6)?);
    // Whether there are metadata, an enhancement and a base layer.
    bits.skip(3)?;
    let compatibility = bits.u8(4).unwrap_or(0);
    stream.video_mut().add_hdr(Hdr::DolbyVision {
        profile,
        level,
        compatibility,
    });
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StreamKind;

    #[test]
    fn records() {
        let check = |bytes: &[u8], expected: Option<(u8, u8, u8)>| {
            let mut stream = Stream::new(StreamKind::Video);
            assert_eq!(config(bytes, &mut stream), expected.is_some());
            let expected = expected.map(|(profile, level, compatibility)| Hdr::DolbyVision {
                profile,
                level,
                compatibility,
            });
            let found = stream.video.unwrap_or_default().hdr.first().copied();
            assert_eq!(found, expected);
        };
        // Profile 8.1, level 6, metadata and base layer; then profile 7 with all layers and 5 without compatibility.
        check(&[1, 0, 0x10, 0x35, 0x10, 0, 0], Some((8, 6, 1)));
        check(&[1, 0, 0x0e, 0x37, 0x60], Some((7, 6, 6)));
        check(&[1, 0, 0x0a, 0x2d], Some((5, 5, 0)));
        check(&[9, 0, 0x0a, 0x2d], None);
        check(&[1, 0, 0x0a], None);
    }
}
