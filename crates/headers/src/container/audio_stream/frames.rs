//! Frames of bare sound: how long each is, and whether several follow each other.

use crate::codec::{aac, ac3, dts, mpeg_audio, truehd};
use crate::{Format, Stream};

/// What kind of frames a stream is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Mpeg,
    Adts,
    Ac3,
    Dts,
    TrueHd,
}

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Length in bytes, at least 1.
    pub(super) length: usize,
    /// Samples it adds in time; 0 where it adds to the frame before.
    pub(super) samples: u32,
    pub(super) rate_hz: u32,
    /// What the header says; 0 where it says nothing.
    pub(super) bitrate_bps: u64,
}

/// Layer-3 frames are no longer than this, whatever the format.
const LONGEST_FREE: usize = 2_881;

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::TrueHd, Self::Dts, Self::Ac3, Self::Adts, Self::Mpeg];

    pub(super) const fn format(self) -> Format {
        match self {
            Self::Mpeg => Format::Mp3,
            Self::Adts => Format::Aac,
            Self::Ac3 | Self::TrueHd => Format::Ac3,
            Self::Dts => Format::Dts,
        }
    }

    /// Notes what the frames say.
    pub(super) fn note(self, bytes: &[u8], stream: &mut Stream) -> bool {
        match self {
            Self::Mpeg => mpeg_audio::frame(bytes, stream),
            Self::Adts => aac::adts(bytes, stream),
            Self::Ac3 => ac3::frame(bytes, stream),
            Self::Dts => dts::frame(bytes, stream),
            Self::TrueHd => truehd::sync(bytes, stream),
        }
    }

    /// Returns the frame that begins here.
    pub(super) fn frame(self, bytes: &[u8]) -> Option<Frame> {
        let frame = match self {
            Self::Mpeg => mpeg(bytes)?,
            Self::Adts => {
                let header = aac::Adts::read(bytes)?;
                Frame {
                    length: header.length,
                    samples: header.blocks * 1_024,
                    rate_hz: header.rate_hz,
                    bitrate_bps: 0,
                }
            }
            Self::Ac3 => {
                let header = ac3::Frame::read(bytes)?;
                Frame {
                    length: header.length,
                    samples: if header.depends { 0 } else { header.samples },
                    rate_hz: header.rate_hz,
                    bitrate_bps: if header.depends {
                        0
                    } else {
                        header.bitrate_bps
                    },
                }
            }
            Self::Dts => {
                let (samples, rate_hz, bitrate_bps) = dts::core_time(bytes).unwrap_or((0, 0, 0));
                Frame {
                    length: dts::stored_length(bytes)?,
                    samples,
                    rate_hz,
                    bitrate_bps,
                }
            }
            // Units between major syncs say nothing of themselves but their length; at higher rates they hold more samples, so
            // that they last as long.
            Self::TrueHd => Frame {
                length: truehd::unit_length(bytes).filter(|length| *length >= 4)?,
                samples: 40,
                rate_hz: truehd::begins(bytes).map_or(0, |rate| match rate % 48_000 {
                    0 => 48_000,
                    _ => 44_100,
                }),
                bitrate_bps: 0,
            },
        };
        (frame.length > 0).then_some(frame)
    }

    /// Returns whether the frames that begin here belong to one stream.
    fn go_together(self, first: &[u8], second: &[u8]) -> bool {
        fn both<T>(a: Option<T>, b: Option<T>, goes_with: fn(T, T) -> bool) -> bool {
            a.zip(b).is_some_and(|(a, b)| goes_with(a, b))
        }
        match self {
            Self::Mpeg => both(
                mpeg_audio::Header::read(first),
                mpeg_audio::Header::read(second),
                mpeg_audio::Header::goes_with,
            ),
            Self::Adts => both(
                aac::Adts::read(first),
                aac::Adts::read(second),
                aac::Adts::goes_with,
            ),
            Self::Ac3 => both(
                ac3::Frame::read(first),
                ac3::Frame::read(second),
                ac3::Frame::goes_with,
            ),
            Self::Dts | Self::TrueHd => self.frame(second).is_some(),
        }
    }

    /// Returns how many frames, at most `most`, follow each other from here on, and whether the bytes ended first.
    pub(super) fn chain(self, bytes: &[u8], most: usize) -> (usize, bool) {
        if self == Self::TrueHd && truehd::begins(bytes).is_none() {
            return (0, false);
        }
        let (mut at, mut count) = (bytes, 0);
        while count < most {
            let Some(frame) = self.frame(at) else {
                break;
            };
            if count > 0 && !self.go_together(bytes, at) {
                break;
            }
            count += 1;
            match at.get(frame.length..) {
                // A header may be cut off by the end.
                Some(next) if next.len() >= 16 => at = next,
                _ => return (count, true),
            }
        }
        (count, false)
    }

    /// Returns whether a frame of this kind may begin with these two bytes.
    pub(super) const fn may_begin(self, first: u8, second: u8) -> bool {
        match self {
            Self::Mpeg => first == 0xff && second >= 0xe0,
            Self::Adts => first == 0xff && second >= 0xf0,
            Self::Ac3 => first == 0x0b && second == 0x77,
            Self::Dts => matches!(
                (first, second),
                (0x7f, 0xfe) | (0xfe, 0x7f) | (0x1f, 0xff) | (0xff, 0x1f) | (0x64, 0x58)
            ),
            Self::TrueHd => true,
        }
    }
}

fn mpeg(bytes: &[u8]) -> Option<Frame> {
    let header = mpeg_audio::Header::read(bytes)?;
    let length = match header.length() {
        Some(length) => usize::try_from(length).ok()?,
        None => free_length(header, bytes)?,
    };
    Some(Frame {
        length,
        samples: header.samples(),
        rate_hz: header.rate_hz,
        bitrate_bps: header.bitrate_bps.into(),
    })
}

/// In a free format only the next frame shows how long one is.
fn free_length(header: mpeg_audio::Header, bytes: &[u8]) -> Option<usize> {
    (24..LONGEST_FREE).find(|at| {
        bytes
            .get(*at..)
            .and_then(mpeg_audio::Header::read)
            .is_some_and(|next| next.goes_with(header) && next.channels == header.channels)
    })
}

/// Returns whether the whole AC-3 frame that begins here has the checksum it should have (ETSI TS 102 366, 6.1.7).
pub(super) fn has_checksum(bytes: &[u8]) -> bool {
    let Some(frame) = ac3::Frame::read(bytes) else {
        return false;
    };
    bytes.get(2..frame.length).is_some_and(|frame| {
        let sum = frame.iter().fold(0_u16, |sum, byte| {
            (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
                if sum & 0x8000 == 0 {
                    sum << 1
                } else {
                    sum << 1 ^ 0x8005
                }
            })
        });
        sum == 0
    })
}
