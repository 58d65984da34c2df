//! What people filter by, drawn from a file's headers: the typed columns of the table `media`.

use serde::Serialize;
use serde_json::Value;
use videocatalog_headers::{Hdr, Media, Ratio, Stream, StreamKind};

use super::names::codec_of_format;

/// The facts; `None` and empty where the file does not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// Container, in MediaInfo's name.
    pub container: Option<String>,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
    /// Bits per second of the whole file.
    pub bitrate_bps: Option<u64>,
    /// Codec of the main picture, in ffprobe's name.
    pub video_codec: Option<String>,
    /// Width as shown, after rotation.
    pub width: Option<u32>,
    /// Height as shown, after rotation.
    pub height: Option<u32>,
    /// Frames a second.
    pub frame_rate: Option<f64>,
    /// Bits a sample of the picture.
    pub bit_depth: Option<u8>,
    /// `hdr10`, `hdr10+`, `hlg`, `dv`, with commas between.
    pub hdr: Option<String>,
    /// Codec of the main sound, in ffprobe's name.
    pub audio_codec: Option<String>,
    /// Channels of the main sound.
    pub audio_channels: Option<u16>,
    /// Streams with pictures, cover art left out.
    pub video_streams: u32,
    /// Streams with sound.
    pub audio_streams: u32,
    /// Subtitles.
    pub subtitle_streams: u32,
    /// Languages of the sound, with commas between.
    pub audio_languages: Option<String>,
    /// Languages of the subtitles, with commas between.
    pub subtitle_languages: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// When it was recorded or taken.
    pub created: Option<String>,
}

impl Facts {
    /// Returns the facts of headers that were read.
    pub fn of(media: &Media) -> Self {
        let video = media.video();
        let audio = media.audio();
        let (width, height) = video.map_or((None, None), shown_size);
        let count = |kind| {
            let number = media
                .streams_of(kind)
                .filter(|stream| !stream.flags.attached_picture)
                .count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let picture = video.and_then(|stream| stream.video.as_ref());
        Self {
            container: Some(media.format.name().to_owned()),
            duration_s: media.duration_s,
            bitrate_bps: media.bitrate_bps,
            video_codec: video.and_then(codec),
            width,
            height,
            frame_rate: picture.and_then(|video| video.frame_rate).map(Ratio::value),
            bit_depth: picture.and_then(|video| video.bit_depth),
            hdr: picture.and_then(|video| joined(video.hdr.iter().map(|hdr| hdr_word(*hdr)))),
            audio_codec: audio.and_then(codec),
            audio_channels: audio
                .and_then(|stream| stream.audio.as_ref())
                .and_then(|audio| audio.channels),
            video_streams: count(StreamKind::Video),
            audio_streams: count(StreamKind::Audio),
            subtitle_streams: count(StreamKind::Subtitle),
            audio_languages: languages(media, StreamKind::Audio),
            subtitle_languages: languages(media, StreamKind::Subtitle),
            title: media.tag_value("title").map(str::to_owned),
            created: media
                .photo
                .as_ref()
                .and_then(|photo| photo.taken.clone())
                .or_else(|| media.created.clone())
                .or_else(|| media.tag_value("date").map(str::to_owned)),
        }
    }

    /// Returns the facts of a document that MediaInfo wrote, in its JSON form.
    pub fn of_document(document: &Value) -> Self {
        let tracks = tracks(document);
        let of_type = |name: &str| {
            tracks
                .iter()
                .filter(|track| text(track, "@type").or_else(|| text(track, "Type")) == Some(name))
                .copied()
                .collect::<Vec<_>>()
        };
        let (general, videos) = (of_type("General"), of_type("Video"));
        let (audios, texts) = (of_type("Audio"), of_type("Text"));
        let images = of_type("Image");
        let general = general.first().copied();
        let video = videos.first().or(images.first()).copied();
        let audio = audios.first().copied();
        let said = |track: Option<&Value>, name| {
            track.and_then(|track| text(track, name)).map(str::to_owned)
        };
        let codec = |track: &Value| {
            Some(codec_of_format(
                text(track, "Format").or_else(|| text(track, "CodecID"))?,
                text(track, "Format_Profile").unwrap_or_default(),
            ))
        };
        let languages =
            |tracks: &[&Value]| joined(tracks.iter().filter_map(|track| text(track, "Language")));
        let count = |tracks: &[&Value]| u32::try_from(tracks.len()).unwrap_or(u32::MAX);
        Self {
            container: said(general, "Format"),
            duration_s: [general, video, audio]
                .into_iter()
                .flatten()
                .find_map(|track| number(track, "Duration").filter(|seconds| *seconds > 0.0)),
            bitrate_bps: general.and_then(|track| integer(track, "OverallBitRate")),
            video_codec: video.and_then(codec),
            width: video.and_then(|track| integer(track, "Width")),
            height: video.and_then(|track| integer(track, "Height")),
            frame_rate: video.and_then(|track| number(track, "FrameRate")),
            bit_depth: video.and_then(|track| integer(track, "BitDepth")),
            hdr: video.and_then(hdr_of_document),
            audio_codec: audio.and_then(codec),
            audio_channels: audio.and_then(|track| integer(track, "Channels")),
            video_streams: count(&videos),
            audio_streams: count(&audios),
            subtitle_streams: count(&texts),
            audio_languages: languages(&audios),
            subtitle_languages: languages(&texts),
            title: said(general, "Title").or_else(|| said(general, "Track")),
            created: said(general, "Recorded_Date").or_else(|| said(general, "Encoded_Date")),
        }
    }
}

/// Returns the tracks of a document; old ones have a single one that is no list.
pub(super) fn tracks(document: &Value) -> Vec<&Value> {
    let held = document
        .get("media")
        .unwrap_or(document)
        .get("track")
        .unwrap_or(&Value::Null);
    match held {
        Value::Array(tracks) => tracks.iter().collect(),
        Value::Object(_) => vec![held],
        _ => Vec::new(),
    }
}

pub(super) fn text<'a>(track: &'a Value, name: &str) -> Option<&'a str> {
    track
        .get(name)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

pub(super) fn number(track: &Value, name: &str) -> Option<f64> {
    let value = track.get(name)?;
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number: &f64| number.is_finite())
}

/// Older versions write "1 920 pixels": the digits count.
pub(super) fn integer<T: std::str::FromStr>(track: &Value, name: &str) -> Option<T> {
    let value = track.get(name)?;
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let whole = text.split('.').next().unwrap_or_default();
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn hdr_of_document(track: &Value) -> Option<String> {
    let format = text(track, "HDR_Format").unwrap_or_default();
    let transfer = text(track, "transfer_characteristics").unwrap_or_default();
    let mut words = Vec::new();
    if transfer == "PQ" || format.contains("2086") {
        words.push("hdr10");
    }
    if format.contains("2094") {
        words.push("hdr10+");
    }
    if transfer == "HLG" {
        words.push("hlg");
    }
    if format.contains("Dolby Vision") {
        words.push("dv");
    }
    joined(words.into_iter())
}

/// Returns the word that stands in the column `hdr`.
pub(super) const fn hdr_word(hdr: Hdr) -> &'static str {
    match hdr {
        Hdr::Hdr10 => "hdr10",
        Hdr::Hdr10Plus => "hdr10+",
        Hdr::Hlg => "hlg",
        Hdr::DolbyVision { .. } => "dv",
    }
}

fn codec(stream: &Stream) -> Option<String> {
    Some(&stream.codec)
        .filter(|codec| !codec.is_empty())
        .cloned()
}

fn shown_size(stream: &Stream) -> (Option<u32>, Option<u32>) {
    let Some(video) = &stream.video else {
        return (None, None);
    };
    if video.rotation_deg % 180 == 90 {
        (video.height, video.width)
    } else {
        (video.width, video.height)
    }
}

fn languages(media: &Media, kind: StreamKind) -> Option<String> {
    joined(
        media
            .streams_of(kind)
            .filter_map(|stream| stream.language.as_deref()),
    )
}

/// Joins words with commas, each once.
fn joined<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    (!seen.is_empty()).then(|| seen.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_older_document_says_as_much() {
        let document = json!({"media": {"@ref": "/x/a.mkv", "track": [
            {"@type": "General", "Format": "Matroska", "Duration": "3.030", "OverallBitRate": "128000"},
            {"@type": "Video", "Format": "HEVC", "Width": "1 920 pixels", "Height": "1080", "FrameRate": "23.976",
             "BitDepth": "10", "HDR_Format": "Dolby Vision / SMPTE ST 2086", "transfer_characteristics": "PQ"},
            {"@type": "Audio", "Format": "MPEG Audio", "Format_Profile": "Layer 2", "Channels": "2", "Language": "en"},
            {"@type": "Audio", "Format": "AAC", "Language": "de"},
            {"@type": "Text", "Format": "UTF-8", "Language": "en"}]}});
        let facts = Facts::of_document(&document);
        assert_eq!(facts.duration_s, Some(3.03));
        assert_eq!((facts.width, facts.height), (Some(1_920), Some(1_080)));
        assert_eq!(facts.video_codec.as_deref(), Some("hevc"));
        assert_eq!(facts.hdr.as_deref(), Some("hdr10,dv"));
        assert_eq!(facts.audio_codec.as_deref(), Some("mp2"));
        assert_eq!(facts.audio_languages.as_deref(), Some("en,de"));
        assert_eq!((facts.audio_streams, facts.subtitle_streams), (2, 1));
    }

    #[test]
    fn rubbish_says_nothing() {
        for document in [
            json!(null),
            json!({"media": null}),
            json!({"error": "x"}),
            json!([1]),
        ] {
            assert_eq!(Facts::of_document(&document), Facts::default());
        }
    }
}
