//! Headers of packetized elementary streams, of MPEG-2 and MPEG-1.

use crate::bytes::Bytes;

/// What a PES header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// 0xE0 and up for pictures, 0xC0 and up for sound, 0xBD private.
    pub(crate) stream_id: u8,
    /// Presentation time in 1/90,000 s, 33 bits.
    pub(crate) pts: Option<u64>,
    /// Decoding time; as the presentation time where it is left out.
    pub(crate) dts: Option<u64>,
    /// What tells streams of id 0xFD apart, and the two halves of a TrueHD stream on Blu-ray.
    pub(crate) extension: Option<u8>,
    /// Bytes of the header.
    pub(crate) length: usize,
}

/// Whether a header can be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// It can.
    Yes(Header),
    /// More bytes are needed.
    More,
    /// It is none.
    No,
}

/// The longest header: 9 bytes and 255 more.
pub(crate) const LONGEST_HEADER: usize = 9 + 255;

/// Reads the header at the beginning of `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Parsed {
    if bytes
        .iter()
        .zip(&[0, 0, 1])
        .any(|(byte, code)| byte != code)
    {
        return Parsed::No;
    }
    match header(bytes) {
        Some(header) => Parsed::Yes(header),
        None if bytes.len() >= LONGEST_HEADER => Parsed::No,
        None => Parsed::More,
    }
}

fn header(bytes: &[u8]) -> Option<Header> {
    let mut cursor = Bytes::new(bytes);
    cursor.skip(3)?;
    let stream_id = cursor.u8()?;
    cursor.skip(2)?;
    // Program map, padding, private 2, ECM, EMM, DSM-CC, H.222.1 E and directory have no further header.
    if matches!(
        stream_id,
        0xbc | 0xbe | 0xbf | 0xf0 | 0xf1 | 0xf2 | 0xf8 | 0xff
    ) {
        return Some(Header {
            stream_id,
            length: 6,
            ..Header::default()
        });
    }
    let first = *cursor.rest().first()?;
    if first & 0xc0 == 0x80 {
        second_edition(&mut cursor, stream_id)
    } else {
        first_edition(&mut cursor, stream_id)
    }
}

fn second_edition(cursor: &mut Bytes<'_>, stream_id: u8) -> Option<Header> {
    cursor.skip(1)?;
    let flags = cursor.u8()?;
    let rest = cursor.u8()?;
    let mut fields = Bytes::new(cursor.take(usize::from(rest))?);
    let mut header = Header {
        stream_id,
        length: 9 + usize::from(rest),
        ..Header::default()
    };
    if flags & 0x80 != 0 {
        header.pts = fields.array().map(time);
        header.dts = header.pts;
    }
    if flags & 0xc0 == 0xc0 {
        header.dts = fields.array().map(time).or(header.pts);
    }
    if flags & 1 != 0 {
        header.extension = extension(flags, &mut fields);
    }
    Some(header)
}

/// Returns the extension of the stream's id, which comes after everything else that may be there.
fn extension(flags: u8, fields: &mut Bytes<'_>) -> Option<u8> {
    for (bit, length) in [(0x20, 6), (0x10, 3), (0x08, 1), (0x04, 1), (0x02, 2)] {
        if flags & bit != 0 {
            fields.skip(length)?;
        }
    }
    let flags = fields.u8()?;
    if flags & 0x80 != 0 {
        fields.skip(16)?;
    }
    if flags & 0x40 != 0 {
        let length = fields.u8()?;
        fields.skip(usize::from(length))?;
    }
    for (bit, length) in [(0x20, 2), (0x10, 2)] {
        if flags & bit != 0 {
            fields.skip(length)?;
        }
    }
    if flags & 1 == 0 || fields.u8()?.trailing_zeros() >= 7 {
        return None;
    }
    fields.u8().filter(|id| id & 0x80 == 0)
}

/// MPEG-1: stuffing, the size of a buffer, times.
fn first_edition(cursor: &mut Bytes<'_>, stream_id: u8) -> Option<Header> {
    let before = cursor.left();
    let mut first = cursor.u8()?;
    for _ in 0..16 {
        if first != 0xff {
            break;
        }
        first = cursor.u8()?;
    }
    if first & 0xc0 == 0x40 {
        cursor.skip(1)?;
        first = cursor.u8()?;
    }
    let mut header = Header {
        stream_id,
        ..Header::default()
    };
    if matches!(first >> 4, 2 | 3) {
        let rest: [u8; 4] = cursor.array()?;
        let mut bytes = [first; 5];
        bytes
            .iter_mut()
            .skip(1)
            .zip(rest)
            .for_each(|(to, from)| *to = from);
        header.pts = Some(time(bytes));
        header.dts = header.pts;
    }
    if first >> 4 == 3 {
        header.dts = Some(time(cursor.array()?));
    }
    header.length = 6 + (before - cursor.left());
    Some(header)
}

/// Returns a time of 33 bits that lie between marker bits.
pub(crate) fn time(bytes: [u8; 5]) -> u64 {
    let bits = bytes
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (bits >> 33 & 7) << 30 | (bits >> 17 & 0x7fff) << 15 | bits >> 1 & 0x7fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_both_editions() {
        let second = [
            0, 0, 1, 0xfd, 0, 0, 0x80, 0x81, 8, 0x21, 0, 7, 0xd8, 0x61, 1, 0x81, 0x55, 9, 9,
        ];
        let expected = Header {
            stream_id: 0xfd,
            pts: Some(126_000),
            dts: Some(126_000),
            extension: Some(0x55),
            length: 17,
        };
        assert_eq!(parse(&second), Parsed::Yes(expected));
        for cut in 0..17 {
            assert_eq!(parse(&second[..cut]), Parsed::More, "{cut}");
        }
        let first = [
            0, 0, 1, 0xe0, 0, 20, 0xff, 0xff, 0x60, 4, 0x31, 0, 7, 0xd8, 0x61, 0x11, 0, 1, 0, 1, 0,
        ];
        let Parsed::Yes(header) = parse(&first) else {
            panic!("none");
        };
        assert_eq!(
            (header.pts, header.dts, header.length),
            (Some(126_000), Some(0), 20)
        );
        assert_eq!(parse(&[0, 0, 2, 0xe0]), Parsed::No);
    }
}
