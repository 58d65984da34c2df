//! Elementary stream descriptors (ISO/IEC 14496-1, 7.2.6).

use crate::bytes::Bytes;

/// What an `esds` box says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Descriptor<'a> {
    /// Object type indication: the codec.
    pub(super) object_type: u8,
    pub(super) average_bps: u32,
    /// Decoder specific information.
    pub(super) specific: &'a [u8],
}

impl<'a> Descriptor<'a> {
    /// Reads the content of the box, version and flags first.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes::new(bytes);
        bytes.skip(4)?;
        let (mut tag, _) = head(&mut bytes)?;
        if tag == 3 {
            bytes.skip(2)?;
            let flags = bytes.u8()?;
            if flags & 0x80 != 0 {
                bytes.skip(2)?;
            }
            if flags & 0x40 != 0 {
                let length = bytes.u8()?;
                bytes.skip(length.into())?;
            }
            if flags & 0x20 != 0 {
                bytes.skip(2)?;
            }
            (tag, _) = head(&mut bytes)?;
        }
        if tag != 4 {
            return None;
        }
        let object_type = bytes.u8()?;
        // Kind of stream, size of buffer, highest rate.
        bytes.skip(1 + 3 + 4)?;
        let mut found = Self {
            object_type,
            average_bps: bytes.u32_be()?,
            specific: &[],
        };
        if let Some((5, length)) = head(&mut bytes) {
            found.specific = bytes.take(length.min(bytes.left())).unwrap_or_default();
        }
        Some(found)
    }

    /// Returns ffprobe's name of the codec.
    pub(super) fn codec(&self) -> Option<&'static str> {
        Some(match self.object_type {
            0x20 => "mpeg4",
            0x21 => "h264",
            0x23 => "hevc",
            0x40 | 0x66..=0x68 => "aac",
            0x60..=0x65 => "mpeg2video",
            0x69 | 0x6b => "mp3",
            0x6a => "mpeg1video",
            0x6c => "mjpeg",
            0x6d => "png",
            0x6e => "jpeg2000",
            0xa3 => "vc1",
            0xa4 => "dirac",
            0xa5 => "ac3",
            0xa6 => "eac3",
            0xa9 => "dts",
            0xad => "opus",
            0xb1 => "vp9",
            0xc1 => "flac",
            0xd1 => "evrc",
            0xdd => "vorbis",
            0xe0 => "dvd_subtitle",
            0xe1 => "qcelp",
            _ => return None,
        })
    }
}

/// Reads tag and length of a descriptor; lengths have seven bits a byte, at most four bytes.
fn head(bytes: &mut Bytes<'_>) -> Option<(u8, usize)> {
    let tag = bytes.u8()?;
    let mut length = 0;
    for _ in 0..4 {
        let byte = bytes.u8()?;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some((tag, length))
}
