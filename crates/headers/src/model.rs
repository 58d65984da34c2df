//! What is known of a media file. Names are those that ffprobe prints, so that the two can be compared word by word.

use serde::{Deserialize, Serialize};

use crate::{Stop, codec};

/// A container or still-picture format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the formats' own names")]
pub enum Format {
    Mp4,
    Matroska,
    Avi,
    MpegTs,
    MpegPs,
    Asf,
    Flv,
    Ogg,
    Mp3,
    Aac,
    Ac3,
    Dts,
    Flac,
    Wav,
    Aiff,
    Ape,
    Dsf,
    Dff,
    /// A bare stream of MPEG-1/2 video, H.264 or H.265.
    VideoStream,
    Jpeg,
    Png,
    Gif,
    Bmp,
    Tiff,
    WebP,
    /// HEIC, HEIF and AVIF pictures.
    Heif,
}

impl Format {
    /// Returns the name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MPEG-4",
            Self::Matroska => "Matroska",
            Self::Avi => "AVI",
            Self::MpegTs => "MPEG-TS",
            Self::MpegPs => "MPEG-PS",
            Self::Asf => "Windows Media",
            Self::Flv => "Flash Video",
            Self::Ogg => "Ogg",
            Self::Mp3 => "MPEG Audio",
            Self::Aac => "ADTS",
            Self::Ac3 => "AC-3",
            Self::Dts => "DTS",
            Self::Flac => "FLAC",
            Self::Wav => "Wave",
            Self::Aiff => "AIFF",
            Self::Ape => "Monkey's Audio",
            Self::Dsf => "DSF",
            Self::Dff => "DSDIFF",
            Self::VideoStream => "Video stream",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Bmp => "Bitmap",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
            Self::Heif => "HEIF",
        }
    }

    /// Returns whether it holds still pictures.
    pub const fn is_image(self) -> bool {
        matches!(
            self,
            Self::Jpeg | Self::Png | Self::Gif | Self::Bmp | Self::Tiff | Self::WebP | Self::Heif
        )
    }
}

/// Everything read from one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub format: Format,
    /// The flavour it names itself: major brand, document type, `RF64`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Length of the file in bytes.
    pub size_bytes: u64,
    /// Playing time in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Bits per second of the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_bps: Option<u64>,
    /// Streams in the file's order; a still picture has one video stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Stream>,
    /// Chapters in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    /// Tags of the whole file; names lower case as ffprobe has them (`title`, `artist`, `album_artist`, `date`, …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// When it was made, as RFC 3339 where the format stores a time, else as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Pictures inside the file that lie in one piece: cover art, thumbnails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Cover>,
    /// What only photographs have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Whether the parts add up to the file.
    pub structure: Structure,
    /// How many bytes were read to learn this.
    #[serde(default)]
    pub bytes_read: u64,
}

impl Media {
    /// Returns a description of nothing but the format.
    pub fn new(format: Format, size_bytes: u64) -> Self {
        Self {
            format,
            variant: None,
            size_bytes,
            duration_s: None,
            bitrate_bps: None,
            streams: Vec::new(),
            chapters: Vec::new(),
            tags: Vec::new(),
            created: None,
            covers: Vec::new(),
            photo: None,
            structure: Structure::Unchecked,
            bytes_read: 0,
        }
    }

    /// Adds a tag unless it is empty or there already. Text is cut at 4 KiB, tags at 256.
    pub fn tag(&mut self, name: &str, value: &str) {
        push_tag(&mut self.tags, name, value);
    }

    /// Returns a tag's value.
    pub fn tag_value(&self, name: &str) -> Option<&str> {
        tag_value(&self.tags, name)
    }

    /// Returns the streams of a kind.
    pub fn streams_of(&self, kind: StreamKind) -> impl Iterator<Item = &Stream> {
        self.streams
            .iter()
            .filter(move |stream| stream.kind == kind)
    }

    /// Returns the main picture: the first video stream that is no cover art.
    pub fn video(&self) -> Option<&Stream> {
        self.streams_of(StreamKind::Video)
            .find(|stream| !stream.flags.attached_picture)
    }

    /// Returns the main sound: the default audio stream, else the first.
    pub fn audio(&self) -> Option<&Stream> {
        self.streams_of(StreamKind::Audio)
            .find(|stream| stream.flags.default)
            .or_else(|| self.streams_of(StreamKind::Audio).next())
    }

    /// Notes why reading went no further, unless something worse is known already.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        let found = match stop {
            Stop::Io(_) | Stop::Budget => return,
            Stop::End { expected } => Structure::Truncated {
                expected_bytes: Some(*expected).filter(|expected| *expected > self.size_bytes),
            },
            Stop::Damaged { what, at } => Structure::Damaged {
                what: (*what).to_owned(),
                at: *at,
            },
        };
        if !self.structure.is_faulty() {
            self.structure = found;
        }
    }

    /// Fills in what follows from the rest.
    pub(crate) fn complete(&mut self) {
        self.duration_s = self
            .duration_s
            .filter(|seconds| seconds.is_finite() && *seconds > 0.0);
        for (index, stream) in self.streams.iter_mut().enumerate() {
            stream.index = u32::try_from(index).unwrap_or(u32::MAX);
            stream.h264 = None;
            stream.hevc_has_picture_structure = false;
        }
        if self.duration_s.is_none() && !self.format.is_image() {
            self.duration_s = self
                .streams
                .iter()
                .filter_map(|stream| stream.duration_s)
                .filter(|seconds| seconds.is_finite() && *seconds > 0.0)
                .reduce(f64::max);
        }
        if self.bitrate_bps.is_none()
            && let Some(seconds) = self.duration_s
        {
            self.bitrate_bps = bits_per_second(self.size_bytes, seconds);
        }
    }
}

/// Returns bits per second of so many bytes in so many seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rate needs no more than a float holds, and casts of floats saturate"
)]
pub fn bits_per_second(bytes: u64, seconds: f64) -> Option<u64> {
    (seconds > 0.0).then(|| (bytes as f64 * 8.0 / seconds) as u64)
}

/// Whether a file is what it announces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Structure {
    /// The format has no sizes to check, or they were not reached.
    #[default]
    Unchecked,
    /// Its parts add up to the file.
    Complete,
    /// The file ends too early.
    Truncated {
        /// Length in bytes it should have, where that is known.
        expected_bytes: Option<u64>,
    },
    /// A part contradicts the format.
    Damaged {
        /// What, in plain words.
        what: String,
        /// Where in the file.
        at: u64,
    },
    /// Payload that should hold data holds zeros: never written, or lost.
    Zeros {
        /// Where the first such place is.
        at: u64,
    },
}

impl Structure {
    /// Returns whether something is wrong.
    pub const fn is_faulty(&self) -> bool {
        !matches!(self, Self::Unchecked | Self::Complete)
    }
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// Anything else: timecodes, hints, telemetry.
    Data,
    /// A file inside the file: fonts.
    Attachment,
}

/// One stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Position among the streams, from 0.
    pub index: u32,
    /// The format's own number: track id, PID, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What it carries.
    pub kind: StreamKind,
    /// Codec as ffprobe names it: `h264`, `hevc`, `aac`, `subrip`, `pcm_s16le`; empty where unknown.
    pub codec: String,
    /// Codec as the file names it: `avc1`, `V_MPEG4/ISO/AVC`, `0x0055`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec_tag: Option<String>,
    /// Profile as ffprobe names it: `High`, `Main 10`, `LC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Level as the codec counts it (ffprobe's number): 41 for H.264 4.1, 120 for H.265 4.0, 8 for AV1 4.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i32>,
    /// Playing time in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_bps: Option<u64>,
    /// Frames or packets, where the headers count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// Language as the file names it: `eng`, `de`; none for undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Marks.
    #[serde(default)]
    pub flags: Flags,
    /// What only pictures have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Video>,
    /// What only sound has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    /// What later packets need of the parameter set before them; gone when reading is done.
    #[serde(skip)]
    pub(crate) h264: Option<codec::h264::Sequence>,
    /// Whether timing messages of H.265 tell the fields of a picture; gone when reading is done.
    #[serde(skip)]
    pub(crate) hevc_has_picture_structure: bool,
}

impl Stream {
    /// Returns a stream of which only the kind is known.
    pub fn new(kind: StreamKind) -> Self {
        Self {
            index: 0,
            id: None,
            kind,
            codec: String::new(),
            codec_tag: None,
            profile: None,
            level: None,
            duration_s: None,
            bitrate_bps: None,
            frames: None,
            language: None,
            title: None,
            flags: Flags::default(),
            video: None,
            audio: None,
            h264: None,
            hevc_has_picture_structure: false,
        }
    }

    /// Returns the picture's facts to be filled in.
    pub fn video_mut(&mut self) -> &mut Video {
        self.video.get_or_insert_default()
    }

    /// Returns the sound's facts to be filled in.
    pub fn audio_mut(&mut self) -> &mut Audio {
        self.audio.get_or_insert_default()
    }

    /// Sets the language unless it says that there is none (`und`, empty).
    pub fn set_language(&mut self, language: &str) {
        let language = language.trim_matches(['\0', ' ']);
        if !language.is_empty() && language != "und" && language.len() <= 35 && language.is_ascii()
        {
            self.language = Some(language.to_owned());
        }
    }
}

/// Marks of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// To be chosen where the user has no wish.
    pub default: bool,
    /// To be shown whatever the user wishes.
    pub forced: bool,
    /// Somebody talking about the film.
    pub commentary: bool,
    /// For people who cannot hear.
    pub hearing_impaired: bool,
    /// For people who cannot see.
    pub visual_impaired: bool,
    /// In the language the film was made in.
    pub original: bool,
    /// A dub.
    pub dub: bool,
    /// Not a film but a cover or thumbnail.
    pub attached_picture: bool,
}

/// A fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Numerator.
    pub num: u32,
    /// Denominator, never 0 when made by [`Ratio::new`].
    pub den: u32,
}

impl Ratio {
    /// Returns the fraction in lowest terms, or `None` if either side is 0 or does not fit.
    pub fn new(num: u64, den: u64) -> Option<Self> {
        let (mut a, mut b) = (num, den);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        if num == 0 || den == 0 {
            return None;
        }
        Some(Self {
            num: u32::try_from(num / a).ok()?,
            den: u32::try_from(den / a).ok()?,
        })
    }

    /// Returns the value.
    pub fn value(self) -> f64 {
        f64::from(self.num) / f64::from(self.den.max(1))
    }
}

/// What only pictures have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Video {
    /// Width in pixels, after cropping, before rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, after cropping, before rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Width of a pixel to its height; none where the file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_aspect: Option<Ratio>,
    /// Frames a second, on average (ffprobe's `avg_frame_rate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<Ratio>,
    /// Frames come at uneven times.
    pub variable_frame_rate: bool,
    /// Bits a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit_depth: Option<u8>,
    /// `4:2:0`, `4:2:2`, `4:4:4`, `4:4:0`, `4:1:1`, `gray`, `rgb`; with a trailing `a` where there is alpha (`rgba`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chroma: Option<String>,
    /// Order of fields: `progressive`, `tt`, `bb`, `tb`, `bt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_order: Option<String>,
    /// Colours.
    pub color: Color,
    /// Kind of high dynamic range; none: standard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hdr: Vec<Hdr>,
    /// Clockwise turn for display in degrees: 0, 90, 180, 270.
    pub rotation_deg: u16,
}

/// How numbers become colours, in ffprobe's names (ITU-T H.273); none: unspecified.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Color {
    /// `bt709`, `bt2020`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primaries: Option<String>,
    /// `bt709`, `smpte2084`, `arib-std-b67`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<String>,
    /// `bt709`, `bt2020nc`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<String>,
    /// Whether 0…255 is used rather than 16…235.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_range: Option<bool>,
    /// Brightness and primaries of the mastering display, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mastering: Option<Mastering>,
    /// Maximum content light level in cd/m².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cll: Option<u32>,
    /// Maximum frame-average light level in cd/m².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fall: Option<u32>,
}

/// SMPTE ST 2086: the display a film was mastered on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mastering {
    /// Chromaticity of red, green, blue and white, each x and y in 0…1.
    pub primaries: [[f32; 2]; 4],
    /// Brightest in cd/m².
    pub max_luminance: f64,
    /// Darkest in cd/m².
    pub min_luminance: f64,
}

/// A kind of high dynamic range. A film may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hdr {
    /// PQ (SMPTE ST 2084) with or without static metadata.
    Hdr10,
    /// PQ with SMPTE ST 2094-40 metadata.
    Hdr10Plus,
    /// Hybrid log-gamma (ARIB STD-B67).
    Hlg,
    /// Dolby Vision.
    DolbyVision {
        /// Profile: 4, 5, 7, 8, 9, 10, 20.
        profile: u8,
        /// Level.
        level: u8,
        /// What the base layer can be shown as: 0 nothing, 1 HDR10, 2 SDR, 4 HLG, 6 Blu-ray HDR10.
        compatibility: u8,
    },
}

impl Video {
    /// Adds a kind of dynamic range once.
    pub fn add_hdr(&mut self, hdr: Hdr) {
        if !self.hdr.contains(&hdr) {
            self.hdr.push(hdr);
        }
    }
}

/// What only sound has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audio {
    /// Channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<u16>,
    /// Layout as ffprobe names it: `mono`, `stereo`, `5.1`, `5.1(side)`, `7.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Samples a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate_hz: Option<u32>,
    /// Bits a sample, for codecs that keep whole samples (ffprobe's `bits_per_raw_sample`, else `bits_per_sample`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit_depth: Option<u8>,
    /// What rides on the stream: `Dolby Atmos`, `DTS:X`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// Beginning in seconds.
    pub start_s: f64,
    /// End in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_s: Option<f64>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A name and a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Lower case.
    pub name: String,
    /// As written.
    pub value: String,
}

/// Tags kept of a file: more are noise.
const MOST_TAGS: usize = 256;

/// Bytes kept of a tag.
const LONGEST_TAG: usize = 4 << 10;

/// Adds a tag unless it is empty or its name is there already.
pub fn push_tag(tags: &mut Vec<Tag>, name: &str, value: &str) {
    let value = value.trim_matches('\0').trim();
    let name = name.trim().to_lowercase();
    if value.is_empty()
        || name.is_empty()
        || name.len() > 128
        || tags.len() >= MOST_TAGS
        || tags.iter().any(|tag| tag.name == name)
    {
        return;
    }
    let mut end = value.len().min(LONGEST_TAG);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    tags.push(Tag {
        name,
        value: value.get(..end).unwrap_or_default().to_owned(),
    });
}

/// Returns a tag's value.
pub fn tag_value<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    tags.iter()
        .find(|tag| tag.name == name)
        .map(|tag| tag.value.as_str())
}

/// A picture that lies in one piece in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// What the file says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Whether it is the front cover.
    pub front: bool,
}

/// What only photographs have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Photo {
    /// When it was taken: `2024-05-06T07:08:09`, with an offset where the camera wrote one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// Maker and model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// Lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// EXIF orientation, 1 to 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u8>,
    /// Whether it says where it was taken. The place itself is not kept.
    pub has_gps: bool,
    /// Pictures in an animation or pages in a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<u32>,
}
