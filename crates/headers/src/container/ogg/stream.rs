//! One logical stream: what its first packets say, and what its positions mean.

use crate::bits::Bits;
use crate::bytes::Bytes;
use crate::codec::{self, layout};
use crate::{Stream, StreamKind};

/// What a stream's positions count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Clock {
    #[default]
    Unknown,
    /// Samples at this rate.
    Samples(u32),
    /// Theora: the number of the key frame above so many bits, frames since then below.
    Frames { shift: u32, num: u32, den: u32 },
}

/// A stream beginning later than this was cut out of something longer.
const LATE_S: f64 = 30.0;

/// A logical stream.
#[derive(Default)]
pub(super) struct Logical {
    stream: Option<Stream>,
    clock: Clock,
    packets: usize,
    comments: Option<Vec<u8>>,
    /// Comments follow in the second packet.
    has_comments: bool,
    /// Samples of a packet, where all have the same.
    packet_samples: u32,
    start_s: Option<f64>,
    end: Option<i64>,
}

impl Logical {
    /// Takes the next of the first packets.
    pub(super) fn packet(&mut self, packet: &[u8]) {
        self.packets += 1;
        match self.packets {
            1 => self.identify(packet),
            2 if self.has_comments => self.comments = comments_of(packet).map(<[u8]>::to_vec),
            _ => {}
        }
    }

    /// Returns whether nothing more is to be learnt from packets.
    pub(super) fn is_ready(&self) -> bool {
        self.packets >= if self.has_comments { 2 } else { 1 }
    }

    /// Returns the comments, from what came of their packet if it is very long.
    pub(super) fn comments(&self, unfinished: &[u8]) -> Option<Vec<u8>> {
        if self.comments.is_some() || !self.has_comments || self.packets != 1 {
            return self.comments.clone();
        }
        comments_of(unfinished).map(<[u8]>::to_vec)
    }

    /// Notes the position of the first page with sound, and how many packets end on it.
    pub(super) fn starts_at(&mut self, granule: i64, packets: u32) {
        self.start_s = self.seconds(granule).filter(|start| *start > LATE_S);
        if let Clock::Samples(rate) = self.clock
            && self.packet_samples != 0
            && granule >= 0
        {
            // Speex starts before zero, by what the encoder looks ahead.
            let there = u64::from(self.packet_samples) * u64::from(packets);
            let before = there.checked_sub(granule.unsigned_abs());
            self.start_s = before.map_or(self.start_s, |early| Some(-codec::seconds(early, rate)));
        }
    }

    /// Notes the position of a page: that of the last one counts.
    pub(super) fn ends_at(&mut self, granule: i64) {
        // -1: no packet ends on the page.
        if granule >= 0 {
            self.end = Some(granule);
        }
    }

    /// Returns the stream with everything known.
    pub(super) fn finish(self) -> Stream {
        let end = self.end.and_then(|end| self.seconds(end));
        let start = self.start_s.unwrap_or(0.0);
        let mut stream = self.stream.unwrap_or_else(|| Stream::new(StreamKind::Data));
        if let Some(end) = end
            && end > start
        {
            stream.duration_s = Some(end - start);
        }
        stream
    }

    fn seconds(&self, granule: i64) -> Option<f64> {
        let granule = u64::try_from(granule).ok()?;
        match self.clock {
            Clock::Unknown => None,
            Clock::Samples(rate) => Some(codec::seconds(granule, rate)),
            Clock::Frames { shift, num, den } => {
                let below = granule & ((1_u64 << shift) - 1);
                let frames = (granule >> shift).saturating_add(below);
                Some(codec::seconds(frames, num) * f64::from(den))
            }
        }
    }

    fn identify(&mut self, packet: &[u8]) {
        let audio = Stream::new(StreamKind::Audio);
        match packet {
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => {
                self.sound(audio, |stream| {
                    codec::vorbis::identification(packet, stream)
                });
            }
            [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => {
                self.sound(audio, |stream| codec::opus::head(packet, stream));
            }
            [0x7f, b'F', b'L', b'A', b'C', ..] => {
                // Version, number of headers, the magic, a block header.
                let info = packet.get(17..).unwrap_or_default();
                self.sound(audio, |stream| codec::flac::streaminfo(info, stream));
            }
            [b'S', b'p', b'e', b'e', b'x', b' ', b' ', b' ', ..] => {
                self.packet_samples = speex_packet(packet).unwrap_or(0);
                self.sound(audio, |stream| speex(packet, stream).is_some());
            }
            [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => self.theora(packet),
            [b'O', b'V', b'P', b'8', b'0', 1, ..] => self.vp8(packet),
            [b'B', b'B', b'C', b'D', 0, ..] => self.picture("dirac"),
            [0x80, b'k', b'a', b't', b'e', 0, ..] => {
                self.stream = Some(Stream::new(StreamKind::Subtitle));
            }
            [b'C', b'E', b'L', b'T', b' ', b' ', b' ', b' ', ..] => {
                self.sound(audio, |stream| {
                    "celt".clone_into(&mut stream.codec);
                    true
                });
            }
            // Skeleton and whatever else there is.
            _ => self.stream = Some(Stream::new(StreamKind::Data)),
        }
    }

    fn sound(&mut self, mut stream: Stream, read: impl FnOnce(&mut Stream) -> bool) {
        self.has_comments = read(&mut stream);
        let rate = stream.audio.as_ref().and_then(|audio| audio.sample_rate_hz);
        if let Some(rate) = rate.filter(|rate| *rate != 0) {
            self.clock = Clock::Samples(rate);
        }
        // The positions know better.
        stream.duration_s = None;
        self.stream = Some(stream);
    }

    fn picture(&mut self, codec: &str) {
        let mut stream = Stream::new(StreamKind::Video);
        codec.clone_into(&mut stream.codec);
        self.stream = Some(stream);
    }

    fn theora(&mut self, packet: &[u8]) {
        self.picture("theora");
        self.has_comments = true;
        if let Some(stream) = &mut self.stream {
            let _ = codec::theora::identification(packet, stream);
        }
        self.clock = theora_clock(packet).unwrap_or_default();
    }

    fn vp8(&mut self, packet: &[u8]) {
        self.picture("vp8");
        self.has_comments = true;
        let mut bytes = Bytes::new(packet.get(8..).unwrap_or_default());
        let sizes = bytes.u16_be().zip(bytes.u16_be());
        let _ = bytes.skip(6);
        if let (Some((width, height)), Some(stream)) = (sizes, &mut self.stream) {
            let video = stream.video_mut();
            video.width = Some(width.into());
            video.height = Some(height.into());
            let rate = bytes.u32_be().zip(bytes.u32_be());
            video.frame_rate =
                rate.and_then(|(num, den)| crate::Ratio::new(num.into(), den.into()));
        }
    }
}

/// Returns the comments of a packet, without its type.
fn comments_of(packet: &[u8]) -> Option<&[u8]> {
    let magics: [&[u8]; 4] = [b"\x03vorbis", b"OpusTags", b"\x81theora", b"OVP80\x02 "];
    let after_magic = magics.iter().find_map(|magic| packet.strip_prefix(*magic));
    after_magic.or(match packet {
        // FLAC: a metadata block.
        [4 | 0x84, _, _, _, rest @ ..] => Some(rest),
        // Speex has no type.
        _ => Some(packet),
    })
}

/// Rate of frames and width of the lower part of positions, from a Theora identification header.
fn theora_clock(packet: &[u8]) -> Option<Clock> {
    let mut bits = Bits::new(packet.get(7..)?);
    // Version, sizes, offsets.
    bits.skip(24 + 32 + 48 + 16)?;
    let num = bits.u32(32)?;
    let den = bits.u32(32)?;
    // Pixel aspect, colour space, bit rate, quality.
    bits.skip(48 + 8 + 24 + 6)?;
    let shift = bits.u32(5)?;
    (num != 0).then_some(Clock::Frames { shift, num, den })
}

fn speex(packet: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bytes = Bytes::new(packet);
    bytes.skip(8 + 20 + 4 + 4)?;
    let rate = bytes.u32_le()?;
    bytes.skip(8)?;
    let channels = u16::try_from(bytes.u32_le()?).ok()?;
    if rate == 0 || !(1..=2).contains(&channels) {
        return None;
    }
    "speex".clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate);
    // Its decoder leaves open where one or two channels belong.
    layout::note_count(audio, channels, None);
    let bitrate = i32::from_le_bytes(bytes.array()?);
    stream.bitrate_bps = u64::try_from(bitrate).ok().filter(|rate| *rate != 0);
    Some(())
}

/// Samples of a packet of Speex: of a frame, times frames.
fn speex_packet(packet: &[u8]) -> Option<u32> {
    let mut bytes = Bytes::new(packet.get(56..)?);
    let frame = bytes.u32_le()?;
    bytes.skip(4)?;
    frame.checked_mul(bytes.u32_le()?)
}
