//! The counts that encoders of layer 3 put into an empty first frame: Xing's, LAME's and Fraunhofer's.

use crate::bytes::Bytes;
use crate::codec::mpeg_audio::Header;

/// What the empty frame counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Frames of sound.
    pub(super) frames: Option<u32>,
    /// Bytes of all frames, this one included.
    pub(super) bytes: Option<u32>,
    /// All frames have the same bit rate.
    pub(super) is_constant: bool,
}

/// Reads the first frame; `None` where it holds sound.
pub(super) fn read(frame: &[u8]) -> Option<Counts> {
    let header = Header::read(frame)?;
    if header.layer != 3 {
        return None;
    }
    // Encoders count the side information as if there were no checksum.
    xing(frame.get(4 + header.side_bytes()..)?).or_else(|| vbri(frame.get(36..)?))
}

fn xing(bytes: &[u8]) -> Option<Counts> {
    let mut bytes = Bytes::new(bytes);
    let is_constant = match bytes.take(4)? {
        b"Xing" => false,
        b"Info" => true,
        _ => return None,
    };
    let flags = bytes.u32_be()?;
    let mut counts = Counts {
        is_constant,
        ..Counts::default()
    };
    if flags & 1 != 0 {
        counts.frames = bytes.u32_be().filter(|count| *count != 0);
    }
    if flags & 2 != 0 {
        counts.bytes = bytes.u32_be().filter(|count| *count != 0);
    }
    Some(counts)
}

fn vbri(bytes: &[u8]) -> Option<Counts> {
    let mut bytes = Bytes::new(bytes.strip_prefix(b"VBRI")?);
    // Version, delay, quality.
    bytes.skip(6)?;
    Some(Counts {
        bytes: bytes.u32_be().filter(|count| *count != 0),
        frames: bytes.u32_be().filter(|count| *count != 0),
        is_constant: false,
    })
}
