//! An elementary stream: what was gathered of it at the beginning of the file, and what its codec says of it.

use super::lpcm;
use super::rate;
use super::timing::Times;
use crate::codec::{aac, ac3, av1, dts, h264, hevc, mpeg_audio, mpeg2, mpeg4, truehd, vc1};
use crate::{Ratio, Stream, StreamKind};

/// How a stream's payload is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Mpeg2,
    Mpeg4,
    H264,
    Hevc,
    Vc1,
    Av1,
    /// Pictures of a program stream without a map: any of the above but AV1.
    AnyVideo,
    MpegAudio,
    Adts,
    Latm,
    Ac3,
    Dts,
    TrueHd,
    BlurayLpcm,
    DvdLpcm,
    S302m,
    /// Private data that may be AC-3: some recorders forget to say so.
    AnyAudio,
    /// Nothing to be read.
    Opaque,
}

impl Codec {
    fn kind(self) -> StreamKind {
        match self {
            Self::Mpeg2
            | Self::Mpeg4
            | Self::H264
            | Self::Hevc
            | Self::Vc1
            | Self::Av1
            | Self::AnyVideo => StreamKind::Video,
            Self::AnyAudio | Self::Opaque => StreamKind::Data,
            _ => StreamKind::Audio,
        }
    }

    /// The name ffprobe has for it until the payload says more.
    fn name(self) -> &'static str {
        match self {
            Self::Mpeg2 => "mpeg2video",
            Self::Mpeg4 => "mpeg4",
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Vc1 => "vc1",
            Self::Av1 => "av1",
            Self::MpegAudio => "mp3",
            Self::Adts => "aac",
            Self::Latm => "aac_latm",
            Self::Ac3 => "ac3",
            Self::Dts => "dts",
            Self::TrueHd => "truehd",
            Self::BlurayLpcm => "pcm_bluray",
            Self::DvdLpcm => "pcm_dvd",
            Self::S302m => "s302m",
            Self::AnyVideo | Self::AnyAudio | Self::Opaque => "",
        }
    }
}

/// Packets whose beginnings are kept.
const MOST_STARTS: usize = 4_096;

/// Bytes gathered of one stream; more come only while others are still unknown.
const ENOUGH: usize = 512 << 10;

/// Where a packet begins among the bytes gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) offset: usize,
    pub(super) dts: Option<u64>,
}

/// A stream of a transport or program stream.
#[derive(Debug)]
pub(crate) struct Elementary {
    /// What the container says.
    pub(crate) base: Stream,
    pub(crate) codec: Codec,
    pub(crate) times: Times,
    /// Programs it belongs to.
    pub(crate) programs: Vec<usize>,
    /// A packet holds a picture, so that packets come as often as pictures.
    pub(crate) pictures_in_packets: bool,
    data: Vec<u8>,
    starts: Vec<Start>,
    /// Bytes gathered when the codec was last asked.
    asked: usize,
    found: Option<Stream>,
}

impl Elementary {
    pub(crate) fn new(codec: Codec) -> Self {
        let mut base = Stream::new(codec.kind());
        codec.name().clone_into(&mut base.codec);
        Self {
            base,
            codec,
            times: Times::default(),
            programs: Vec::new(),
            pictures_in_packets: false,
            data: Vec::new(),
            starts: Vec::new(),
            asked: 0,
            found: None,
        }
    }

    /// Returns a stream that needs no reading.
    pub(crate) fn named(kind: StreamKind, codec: &str) -> Self {
        let mut elementary = Self::new(Codec::Opaque);
        elementary.base.kind = kind;
        codec.clone_into(&mut elementary.base.codec);
        elementary
    }

    /// Notes where a packet begins.
    pub(crate) fn begin(&mut self, pts: Option<u64>, dts: Option<u64>) {
        if self.times.first.is_none() {
            self.times.first = pts;
        }
        if self.starts.len() < MOST_STARTS {
            self.starts.push(Start {
                offset: self.data.len(),
                dts,
            });
        }
    }

    /// Takes payload.
    pub(crate) fn push(&mut self, payload: &[u8]) {
        if self.codec != Codec::Opaque && self.data.len() < ENOUGH {
            self.data.extend_from_slice(payload);
        }
    }

    /// Returns whether it counts for what a film lasts.
    pub(crate) fn is_main(&self) -> bool {
        matches!(
            self.stream().kind,
            StreamKind::Video | StreamKind::Audio | StreamKind::Attachment
        )
    }

    /// Returns whether reading on would not tell more.
    pub(crate) fn is_known(&mut self) -> bool {
        if self.codec == Codec::Opaque || self.codec == Codec::AnyAudio {
            return true;
        }
        self.ask();
        let Some(found) = &self.found else {
            return self.data.len() >= ENOUGH;
        };
        let has_rate = match &found.video {
            Some(video) => video.frame_rate.is_some() || self.starts.len() >= rate::PACKETS,
            None => true,
        };
        has_rate && self.times.first.is_some() && self.starts.len() > 1
    }

    /// Asks the codec about what has been gathered, unless nothing came since it was asked.
    pub(crate) fn ask(&mut self) {
        if self.data.len() == self.asked {
            return;
        }
        self.asked = self.data.len();
        let mut stream = self.base.clone();
        if describe(self.codec, &self.data, &self.starts, &mut stream) {
            self.found = Some(stream);
        }
    }

    /// Returns the stream as far as it is known now.
    pub(crate) fn stream(&self) -> &Stream {
        self.found.as_ref().unwrap_or(&self.base)
    }

    /// Returns the stream with everything that is known of it.
    pub(crate) fn finish(mut self) -> Stream {
        self.ask();
        let rate = frame_rate(self.stream(), self.timed());
        let mut stream = self.found.unwrap_or(self.base);
        if stream.codec == "aac"
            && let Some(bitrate) = adts_bitrate(&self.data)
        {
            stream.bitrate_bps = Some(bitrate);
        }
        if let Some(rate) = rate {
            stream.video_mut().frame_rate = Some(rate);
        }
        stream
    }

    /// Returns packets whose times tell the rate of pictures.
    fn timed(&self) -> &[Start] {
        if self.pictures_in_packets {
            &self.starts
        } else {
            &[]
        }
    }

    /// Returns how many ticks a packet with so many bytes of payload lasts: ffprobe adds one frame to the last time.
    pub(crate) fn packet_ticks(&self, payload_bytes: u64) -> i64 {
        let stream = self.stream();
        let ticks = |count: u64, rate: u64| {
            (count.saturating_mul(super::timing::TICKS))
                .checked_div(rate)
                .and_then(|ticks| i64::try_from(ticks).ok())
                .unwrap_or_default()
        };
        if let Some(rate) = frame_rate(stream, self.timed()) {
            return ticks(rate.den.into(), rate.num.into());
        }
        let Some(audio) = &stream.audio else {
            return 0;
        };
        let rate = u64::from(audio.sample_rate_hz.unwrap_or_default());
        match self.codec {
            Codec::BlurayLpcm => ticks(lpcm::bluray_samples(audio, payload_bytes), rate),
            Codec::DvdLpcm => ticks(lpcm::dvd_samples(audio, payload_bytes), rate),
            _ => ticks(self.frame_samples(rate), rate),
        }
    }

    /// Samples in a frame of sound.
    fn frame_samples(&self, rate_hz: u64) -> u64 {
        let at =
            |test: &dyn Fn(&[u8]) -> Option<u64>| frames(&self.data, &self.starts).find_map(test);
        match self.stream().codec.as_str() {
            "mp1" | "mp2" | "mp3" => {
                at(&|bytes| mpeg_audio::Header::read(bytes).map(|header| header.samples().into()))
                    .unwrap_or(1_152)
            }
            // ffprobe adds nothing to packets of DTS, E-AC-3 and Opus, whose frames have no fixed length.
            "ac3" => {
                at(&|bytes| ac3::Frame::read(bytes).map(|f| f.samples.into())).unwrap_or(1_536)
            }
            // Band replication doubles rate and samples.
            "aac" => at(&|bytes| aac::Adts::read(bytes).map(|frame| u64::from(frame.rate_hz)))
                .map_or(1_024, |core| 1_024 * rate_hz / core.max(1)),
            "aac_latm" => 1_024,
            "truehd" => 40 * (rate_hz / 44_100).max(1),
            _ => 0,
        }
    }
}

/// Returns the rate of pictures: the codec's, else that of the packets.
fn frame_rate(stream: &Stream, starts: &[Start]) -> Option<Ratio> {
    if stream.kind != StreamKind::Video {
        return None;
    }
    let own = stream.video.as_ref().and_then(|video| video.frame_rate);
    own.map(rate::usual).or_else(|| rate::of_packets(starts))
}

/// Returns the average over all frames, in whole bits as a running average of integers gives it.
fn adts_bitrate(data: &[u8]) -> Option<u64> {
    let mut rest = data.get(first_adts(data)?..)?;
    let (mut average, mut count) = (0_i64, 0_i64);
    while let Some(frame) = aac::Adts::read(rest) {
        let Some(next) = rest.get(frame.length..) else {
            break;
        };
        count += 1;
        let bitrate = i64::try_from(frame.bitrate_bps()).unwrap_or_default();
        average += (bitrate - average) / count;
        rest = next;
    }
    u64::try_from(average).ok().filter(|average| *average > 0)
}

fn first_adts(data: &[u8]) -> Option<usize> {
    (0..data.len().min(64 << 10)).find(|at| adts_pair(data.get(*at..).unwrap_or_default()))
}

/// Returns whether two frames that belong together begin here.
fn adts_pair(bytes: &[u8]) -> bool {
    aac::Adts::read(bytes).is_some_and(|first| {
        bytes
            .get(first.length..)
            .and_then(aac::Adts::read)
            .is_some_and(|second| first.goes_with(second))
    })
}

fn mpeg_audio_pair(bytes: &[u8]) -> bool {
    mpeg_audio::Header::read(bytes).is_some_and(|first| {
        first
            .length()
            .and_then(|length| bytes.get(usize::try_from(length).ok()?..))
            .and_then(mpeg_audio::Header::read)
            .is_some_and(|second| first.goes_with(second))
    })
}

fn ac3_pair(bytes: &[u8]) -> bool {
    ac3::Frame::read(bytes).is_some_and(|first| {
        first.length > 0
            && bytes
                .get(first.length..)
                .and_then(ac3::Frame::read)
                .is_some_and(|second| first.goes_with(second))
    })
}

/// Bytes looked through for a frame, where packets do not begin with one.
const SEARCHED: usize = 64 << 10;

/// Returns the places where frames may begin: packets first, then anywhere near the beginning.
fn frames<'a>(data: &'a [u8], starts: &'a [Start]) -> impl Iterator<Item = &'a [u8]> {
    let packets = starts.iter().map(|start| start.offset).take(64);
    packets
        .chain(0..data.len().min(SEARCHED))
        .filter_map(|at| data.get(at..))
        .filter(|bytes| !bytes.is_empty())
}

/// Whether frames begin here.
type Test = fn(&[u8]) -> bool;

/// Notes what a frame says.
type Read = fn(&[u8], &mut Stream) -> bool;

/// Finds two frames in a row and lets the codec read them; a single one at the beginning of a packet where there are no two.
fn sound(data: &[u8], starts: &[Start], is_pair: Test, read: Read, stream: &mut Stream) -> bool {
    frames(data, starts)
        .find(|bytes| is_pair(bytes))
        .is_some_and(|bytes| read(bytes, stream))
        || frames(data, starts)
            .take(starts.len().min(64))
            .any(|bytes| read(bytes, stream))
}

fn describe(codec: Codec, data: &[u8], starts: &[Start], stream: &mut Stream) -> bool {
    match codec {
        Codec::Mpeg2 => mpeg2::sequence(data, stream),
        Codec::Mpeg4 => mpeg4::visual(data, stream),
        Codec::H264 => h264::annex_b(data, stream),
        Codec::Hevc => hevc::annex_b(data, stream),
        Codec::Vc1 => vc1::sequence(data, stream),
        Codec::Av1 => av1_units(data, starts, stream),
        Codec::AnyVideo => any_video(data, stream),
        Codec::MpegAudio => sound(data, starts, mpeg_audio_pair, mpeg_audio::frame, stream),
        Codec::Adts => sound(data, starts, adts_pair, aac::adts, stream),
        Codec::Latm => frames(data, starts).any(|bytes| {
            super::latm::config(bytes).is_some_and(|config| {
                let read = aac::config(&config, stream);
                "aac_latm".clone_into(&mut stream.codec);
                read
            })
        }),
        Codec::Ac3 => sound(data, starts, ac3_pair, ac3::frame, stream),
        Codec::Dts => frames(data, starts)
            .filter(|bytes| dts_sync(bytes))
            .take(16)
            .any(|bytes| dts::frame(bytes, stream)),
        Codec::TrueHd => truehd::sync(data, stream),
        Codec::BlurayLpcm => packet(data, starts).is_some_and(|b| lpcm::bluray(b, stream)),
        Codec::DvdLpcm => packet(data, starts).is_some_and(|b| lpcm::dvd(b, stream)),
        Codec::S302m => packet(data, starts.get(..1).unwrap_or_default())
            .is_some_and(|b| lpcm::s302m(b, stream)),
        Codec::AnyAudio => any_audio(data, starts, stream),
        Codec::Opaque => false,
    }
}

/// Returns the first whole packet.
fn packet<'a>(data: &'a [u8], starts: &[Start]) -> Option<&'a [u8]> {
    data.get(starts.first()?.offset..)
}

fn dts_sync(bytes: &[u8]) -> bool {
    [
        [0x7f, 0xfe, 0x80, 0x01],
        [0xfe, 0x7f, 0x01, 0x80],
        [0x1f, 0xff, 0xe8, 0x00],
        [0xff, 0x1f, 0x00, 0xe8],
        // An extension without core: DTS Express.
        [0x64, 0x58, 0x20, 0x25],
    ]
    .iter()
    .any(|sync| bytes.starts_with(sync))
}

/// AV1 in transport streams is written with start codes before the units or without.
fn av1_units(data: &[u8], starts: &[Start], stream: &mut Stream) -> bool {
    let Some(packet) = packet(data, starts) else {
        return false;
    };
    if packet.starts_with(&[0, 0, 1]) {
        let units = crate::codec::nal::annex_b(packet).take(8);
        let mut found = false;
        for unit in units {
            found |= av1::obus(&crate::codec::nal::unescape(unit), stream);
        }
        return found;
    }
    av1::obus(packet, stream)
}

/// Tries what private data of unknown kind may be, if packets begin with frames.
fn any_audio(data: &[u8], starts: &[Start], stream: &mut Stream) -> bool {
    let tries: [(Test, Read); 4] = [
        (ac3_pair, ac3::frame),
        (dts_sync, dts::frame),
        (mpeg_audio_pair, mpeg_audio::frame),
        (adts_pair, aac::adts),
    ];
    let packets = || {
        starts
            .iter()
            .filter_map(|start| data.get(start.offset..))
            .take(4)
    };
    for (is_pair, read) in tries {
        if packets()
            .find(|bytes| is_pair(bytes))
            .is_some_and(|bytes| read(bytes, stream))
        {
            stream.kind = StreamKind::Audio;
            return true;
        }
    }
    false
}

/// Whether a start code and the byte after it are those of a header.
type CodeTest = fn(u8, u8) -> bool;

/// Tries what pictures may be, by the start codes that are there. A code alone proves nothing: slices of MPEG-2 have codes
/// that mean headers elsewhere.
fn any_video(data: &[u8], stream: &mut Stream) -> bool {
    let has = |test: CodeTest| {
        data.windows(5)
            .any(|window| matches!(*window, [0, 0, 1, code, next] if test(code, next)))
    };
    let tries: [(Codec, CodeTest); 5] = [
        (Codec::Mpeg2, |code, _| code == 0xb3),
        (Codec::H264, |code, profile| {
            code & 0x9f == 7 && matches!(profile, 44 | 66 | 77 | 83 | 86 | 88 | 100..=144 | 244)
        }),
        (Codec::Hevc, |code, next| code == 0x40 && next == 1),
        (Codec::Mpeg4, |code, _| code == 0xb6),
        (Codec::Vc1, |code, next| code == 0x0f && next >= 0xc0),
    ];
    // Extensions and groups of MPEG-2, whose sequence header is still to come.
    let is_mpeg2 = has(|code, _| matches!(code, 0xb5 | 0xb8)) && !has(|code, _| code == 0xb6);
    let tried = if is_mpeg2 { 1 } else { tries.len() };
    tries.into_iter().take(tried).any(|(codec, test)| {
        let mut found = stream.clone();
        codec.name().clone_into(&mut found.codec);
        let is_found = has(test) && describe(codec, data, &[], &mut found);
        if is_found {
            *stream = found;
        }
        is_found
    })
}
