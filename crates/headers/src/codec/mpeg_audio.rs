//! MPEG audio, layers 1 to 3.

use crate::Stream;
use crate::codec::layout;

/// Notes what a frame header says; sets the codec to `mp1`, `mp2` or `mp3`.
pub fn frame(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(header) = Header::read(bytes) else {
        return false;
    };
    header.codec().clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(header.rate_hz);
    layout::note_count(audio, header.channels, layout::of_count(header.channels));
    if stream.bitrate_bps.is_none() && header.bitrate_bps != 0 {
        stream.bitrate_bps = Some(header.bitrate_bps.into());
    }
    true
}

/// A frame header (ISO/IEC 11172-3, 2.4.2.3; 13818-3 for half rates; quarter rates are a custom).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// 1 to 3.
    pub(crate) layer: u8,
    /// MPEG-2 or 2.5: half as many samples in a layer-3 frame.
    pub(crate) low_rate: bool,
    /// Followed by a checksum of two bytes.
    pub(crate) has_checksum: bool,
    pub(crate) rate_hz: u32,
    pub(crate) channels: u16,
    /// 0 where the format is free: the length of a frame is then known only by the next.
    pub(crate) bitrate_bps: u32,
    padding: u32,
}

/// Bits a second in thousands for indices 1 to 14: layers 1, 2, 3 of MPEG-1, layers 1 and 2/3 of MPEG-2.
const KILOBITS: [[u16; 14]; 5] = [
    [
        32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
    ],
    [
        32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
    ],
    [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ],
    [
        32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
    ],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

impl Header {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let [sync, second, third, fourth, ..] = *bytes else {
            return None;
        };
        if sync != 0xff || second < 0xe0 {
            return None;
        }
        let version = second >> 3 & 3;
        let layer = 4 - (second >> 1 & 3);
        if version == 1 || layer == 4 || third >> 2 & 3 == 3 || fourth & 3 == 2 {
            return None;
        }
        let halvings = match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
        let base = match third >> 2 & 3 {
            0 => 44_100,
            1 => 48_000,
            _ => 32_000,
        };
        let row = match (halvings, layer) {
            (0, layer) => usize::from(layer) - 1,
            (_, 1) => 3,
            _ => 4,
        };
        let bitrate = match third >> 4 {
            0 => 0,
            index => *KILOBITS.get(row)?.get(usize::from(index) - 1)?,
        };
        Some(Self {
            layer,
            low_rate: halvings != 0,
            has_checksum: second & 1 == 0,
            rate_hz: base >> halvings,
            channels: if fourth >> 6 == 3 { 1 } else { 2 },
            bitrate_bps: u32::from(bitrate) * 1_000,
            padding: u32::from(third >> 1 & 1),
        })
    }

    /// Returns the frame's length in bytes, header included; `None` where the format is free.
    pub(crate) fn length(self) -> Option<u32> {
        if self.bitrate_bps == 0 {
            return None;
        }
        Some(if self.layer == 1 {
            (12 * self.bitrate_bps / self.rate_hz + self.padding) * 4
        } else {
            self.samples() / 8 * self.bitrate_bps / self.rate_hz + self.padding
        })
    }

    /// Returns how many samples of each channel the frame holds.
    pub(crate) fn samples(self) -> u32 {
        match (self.layer, self.low_rate) {
            (1, _) => 384,
            (3, true) => 576,
            _ => 1_152,
        }
    }

    /// Returns how much of a layer-3 frame comes before the sound, where a Xing header lies.
    pub(crate) fn side_bytes(self) -> usize {
        match (self.low_rate, self.channels) {
            (false, 2) => 32,
            (true, 1) => 9,
            _ => 17,
        }
    }

    /// Returns whether another frame can belong to the same stream.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        self.layer == other.layer
            && self.rate_hz == other.rate_hz
            && self.low_rate == other.low_rate
            && (self.bitrate_bps == 0) == (other.bitrate_bps == 0)
    }

    pub(crate) const fn codec(self) -> &'static str {
        match self.layer {
            1 => "mp1",
            2 => "mp2",
            _ => "mp3",
        }
    }
}
