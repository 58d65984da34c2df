//! The media columns of exports, as the older program documented them: names of codecs as MediaInfo has them, and playing
//! time in seconds.

use std::borrow::Cow;

use serde_json::Value;

use super::facts::{integer, number, text, tracks};
use super::names::format_of_codec;

/// The media columns of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaColumns<'a> {
    /// Codec of the first picture, in MediaInfo's name.
    pub codec_video: Option<Cow<'a, str>>,
    /// Width in pixels.
    pub width: Option<i64>,
    /// Height in pixels.
    pub height: Option<i64>,
    /// Codec of the first sound, in MediaInfo's name.
    pub codec_audio: Option<Cow<'a, str>>,
    /// Streams with sound; `None` where nobody looked.
    pub audio_streams: Option<i64>,
    /// Streams with pictures; `None` where nobody looked.
    pub video_streams: Option<i64>,
    /// Playing time in seconds.
    pub duration_s: Option<f64>,
}

impl MediaColumns<'_> {
    /// Returns what a document of MediaInfo's form says; nothing if it is none.
    pub fn of_document(json: &str) -> MediaColumns<'static> {
        let Ok(document) = serde_json::from_str::<Value>(json) else {
            return MediaColumns::default();
        };
        let tracks = tracks(&document);
        if tracks.is_empty() {
            return MediaColumns::default();
        }
        let of = |kind: &'static str| {
            tracks
                .iter()
                .copied()
                .filter(move |track| type_of(track) == Some(kind))
        };
        let codec = |track: Option<&Value>| {
            let track = track?;
            let name = text(track, "Format").or_else(|| text(track, "CodecID"))?;
            Some(Cow::Owned(name.to_owned()))
        };
        let count = |kind| i64::try_from(of(kind).count()).ok();
        let video = of("Video").next();
        // A photograph has one picture that is no film; a cover beside sound says nothing of the sound.
        let shown = video.or_else(|| of("Image").next().filter(|_| of("Audio").next().is_none()));
        MediaColumns {
            codec_video: codec(video),
            width: shown.and_then(|track| integer(track, "Width")),
            height: shown.and_then(|track| integer(track, "Height")),
            codec_audio: codec(of("Audio").next()),
            audio_streams: count("Audio"),
            video_streams: count("Video"),
            duration_s: tracks
                .iter()
                .filter(|track| matches!(type_of(track), Some("General" | "Video" | "Audio")))
                .filter_map(|track| number(track, "Duration"))
                .find(|seconds| *seconds > 0.0),
        }
    }

    /// Returns a document of MediaInfo's form that says the same; `None` where there is nothing to say.
    pub fn to_document(&self) -> Option<Value> {
        if *self == Self::default() {
            return None;
        }
        let mut general = serde_json::Map::new();
        general.insert("@type".into(), "General".into());
        if let Some(seconds) = self.duration_s {
            general.insert("Duration".into(), format!("{seconds:.3}").into());
        }
        let mut tracks = vec![Value::Object(general)];
        let mut add = |kind: &str, streams: Option<i64>, first: &[(&str, Option<String>)]| {
            let says_something = first.iter().any(|(_, value)| value.is_some());
            for number in 0..streams.unwrap_or(i64::from(says_something)).clamp(0, 256) {
                let mut track = serde_json::Map::new();
                track.insert("@type".into(), kind.into());
                for (name, value) in first.iter().filter(|_| number == 0) {
                    if let Some(value) = value {
                        track.insert((*name).to_owned(), value.clone().into());
                    }
                }
                tracks.push(Value::Object(track));
            }
        };
        let whole = |number: Option<i64>| number.map(|number| number.to_string());
        let name = |codec: &Option<Cow<'_, str>>| codec.as_ref().map(ToString::to_string);
        let is_photo = self.video_streams == Some(0) && self.width.is_some();
        add(
            if is_photo { "Image" } else { "Video" },
            if is_photo {
                Some(1)
            } else {
                self.video_streams
            },
            &[
                ("Format", name(&self.codec_video)),
                ("Width", whole(self.width)),
                ("Height", whole(self.height)),
            ],
        );
        add(
            "Audio",
            self.audio_streams,
            &[("Format", name(&self.codec_audio))],
        );
        Some(serde_json::json!({"media": {"track": tracks}}))
    }
}

/// Returns MediaInfo's name of a codec that ffprobe names so.
pub fn codec_name(codec: &str) -> Cow<'_, str> {
    // The commonest need no search and no copy.
    match codec {
        "h264" => Cow::Borrowed("AVC"),
        "hevc" => Cow::Borrowed("HEVC"),
        "aac" => Cow::Borrowed("AAC"),
        other => Cow::Owned(format_of_codec(other)),
    }
}

fn type_of(track: &Value) -> Option<&str> {
    text(track, "@type").or_else(|| text(track, "Type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_older_programs() {
        let film = r#"{"media":{"@ref":"x","track":[{"@type":"General","Duration":"3.030"},
            {"@type":"Video","Format":"AVC","Width":"1 920 pixels","Height":"1080"},
            {"@type":"Audio","Format":"AC-3"},{"@type":"Audio","Format":"AAC"}]}}"#;
        let columns = MediaColumns::of_document(film);
        let expected = MediaColumns {
            codec_video: Some("AVC".into()),
            width: Some(1_920),
            height: Some(1_080),
            codec_audio: Some("AC-3".into()),
            audio_streams: Some(2),
            video_streams: Some(1),
            duration_s: Some(3.03),
        };
        assert_eq!(columns, expected);
        // The oldest form: no `media`, a single track, `Type`, no format.
        let sound = r#"{"track":{"Type":"Audio","CodecID":"55","Duration":0}}"#;
        let columns = MediaColumns::of_document(sound);
        assert_eq!(columns.codec_audio.as_deref(), Some("55"));
        assert_eq!(
            (columns.audio_streams, columns.video_streams),
            (Some(1), Some(0))
        );
        assert_eq!(columns.duration_s, None);
        for nothing in [r#"{"error":"mediainfo_timeout"}"#, "garbage", "[]", "{}"] {
            assert_eq!(MediaColumns::of_document(nothing), MediaColumns::default());
        }
        let song = r#"{"media":{"track":[{"@type":"Audio"},{"@type":"Image","Width":"500"}]}}"#;
        assert_eq!(
            MediaColumns::of_document(song).width,
            None,
            "that is its cover"
        );
    }

    #[test]
    fn columns_become_a_document_and_come_back() {
        let film = MediaColumns {
            codec_video: Some("HEVC".into()),
            width: Some(3_840),
            height: Some(2_160),
            codec_audio: Some("MLP FBA".into()),
            audio_streams: Some(3),
            video_streams: Some(1),
            duration_s: Some(7_201.5),
        };
        let photo = MediaColumns {
            width: Some(640),
            height: Some(480),
            audio_streams: Some(0),
            video_streams: Some(0),
            ..MediaColumns::default()
        };
        for columns in [film, photo] {
            let document = columns.to_document().unwrap().to_string();
            assert_eq!(MediaColumns::of_document(&document), columns);
        }
        assert_eq!(MediaColumns::default().to_document(), None);
    }
}
