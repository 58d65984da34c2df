//! The documented column `media_json`: what is known of a file, shaped as MediaInfo writes it, so that old exports and
//! scripts read it.

use serde_json::{Map, Value, json};
use videocatalog_headers::{Audio, Hdr, Media, Photo, Ratio, Stream, StreamKind, Video};

use super::names;

/// Returns the document of a file called `name`.
pub fn of(media: &Media, name: &str) -> Value {
    let mut tracks = vec![general(media)];
    let is_image = media.format.is_image();
    for stream in &media.streams {
        tracks.extend(track(stream, is_image));
    }
    tracks.extend(menu(media));
    json!({
        "creatingLibrary": {"name": "VideoCatalog", "version": env!("CARGO_PKG_VERSION")},
        "media": {"@ref": name, "track": tracks},
    })
}

/// One track under construction; values are texts, as MediaInfo has them.
struct Track(Map<String, Value>);

impl Track {
    fn new(kind: &str) -> Self {
        let mut track = Self(Map::new());
        track.text("@type", kind);
        track
    }

    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0
                .insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }

    fn set(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.text(name, &value.to_string());
        }
    }

    fn seconds(&mut self, name: &str, value: Option<f64>) {
        self.set(name, value.map(|seconds| format!("{seconds:.3}")));
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.text(name, if value { "Yes" } else { "No" });
    }

    fn extra(&mut self, extra: Map<String, Value>) {
        if !extra.is_empty() {
            self.0.insert("extra".to_owned(), Value::Object(extra));
        }
    }
}

fn general(media: &Media) -> Value {
    let mut track = Track::new("General");
    for (name, kind) in [
        ("VideoCount", StreamKind::Video),
        ("AudioCount", StreamKind::Audio),
        ("TextCount", StreamKind::Subtitle),
    ] {
        let count = media
            .streams_of(kind)
            .filter(|stream| !stream.flags.attached_picture)
            .count();
        let name = if media.format.is_image() && kind == StreamKind::Video {
            "ImageCount"
        } else {
            name
        };
        track.set(name, (count > 0).then_some(count));
    }
    track.text("Format", media.format.name());
    track.set("Format_Profile", media.variant.as_ref());
    track.set("FileSize", Some(media.size_bytes));
    track.seconds("Duration", media.duration_s);
    track.set("OverallBitRate", media.bitrate_bps);
    track.set("Encoded_Date", media.created.as_ref());
    if let Some(photo) = &media.photo {
        track.set("Recorded_Date", photo.taken.as_ref());
    }
    let mut extra = Map::new();
    for tag in &media.tags {
        match known_tag(&tag.name) {
            Some(name) => track.text(name, &tag.value),
            None => {
                extra.insert(tag.name.clone(), Value::String(tag.value.clone()));
            }
        }
    }
    if let Some(photo) = &media.photo {
        photo_extra(photo, &mut extra);
    }
    if !media.covers.is_empty() {
        track.flag("Cover", true);
    }
    track.extra(extra);
    Value::Object(track.0)
}

fn known_tag(name: &str) -> Option<&'static str> {
    Some(match name {
        "title" => "Title",
        "album" => "Album",
        "artist" => "Performer",
        "album_artist" => "Album_Performer",
        "composer" => "Composer",
        "genre" => "Genre",
        "track" => "Track_Position",
        "disc" => "Part",
        "comment" => "Comment",
        "description" => "Description",
        "copyright" => "Copyright",
        "encoder" => "Encoded_Application",
        "show" => "Collection",
        "date" => "Released_Date",
        _ => return None,
    })
}

fn photo_extra(photo: &Photo, extra: &mut Map<String, Value>) {
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            extra.insert(name.to_owned(), Value::String(value));
        }
    };
    set("camera", photo.camera.clone());
    set("lens", photo.lens.clone());
    set(
        "orientation",
        photo.orientation.map(|number| number.to_string()),
    );
    set("has_gps", photo.has_gps.then(|| "Yes".to_owned()));
    set("frames", photo.frames.map(|number| number.to_string()));
}

fn track(stream: &Stream, is_image: bool) -> Option<Value> {
    let kind = match stream.kind {
        StreamKind::Video if is_image || stream.flags.attached_picture => "Image",
        StreamKind::Video => "Video",
        StreamKind::Audio => "Audio",
        StreamKind::Subtitle => "Text",
        StreamKind::Data => "Other",
        StreamKind::Attachment => return None,
    };
    let mut track = Track::new(kind);
    track.set("StreamOrder", Some(stream.index));
    track.set("ID", stream.id);
    track.text("Format", &names::format_of_codec(&stream.codec));
    track.set("Format_Profile", stream.profile.as_ref());
    track.set("Format_Level", stream.level);
    track.set("CodecID", stream.codec_tag.as_ref());
    track.seconds("Duration", stream.duration_s);
    track.set("BitRate", stream.bitrate_bps);
    let mut extra = Map::new();
    extra.insert("codec".to_owned(), Value::String(stream.codec.clone()));
    if let Some(video) = &stream.video {
        picture(video, stream.frames, &mut track);
    }
    if let Some(audio) = &stream.audio {
        sound(audio, &mut track);
    }
    track.set("Title", stream.title.as_ref());
    track.set("Language", stream.language.as_ref());
    if !is_image {
        track.flag("Default", stream.flags.default);
        track.flag("Forced", stream.flags.forced);
    }
    for (name, is_set) in [
        ("commentary", stream.flags.commentary),
        ("hearing_impaired", stream.flags.hearing_impaired),
        ("visual_impaired", stream.flags.visual_impaired),
        ("original", stream.flags.original),
        ("dub", stream.flags.dub),
        ("attached_picture", stream.flags.attached_picture),
    ] {
        if is_set {
            extra.insert(name.to_owned(), Value::String("Yes".to_owned()));
        }
    }
    track.extra(extra);
    Some(Value::Object(track.0))
}

fn picture(video: &Video, frames: Option<u64>, track: &mut Track) {
    track.set("Width", video.width);
    track.set("Height", video.height);
    if let (Some(width), Some(height)) = (video.width, video.height) {
        let pixel = video.pixel_aspect.map_or(1.0, Ratio::value);
        track.set("PixelAspectRatio", Some(format!("{pixel:.3}")));
        let aspect = f64::from(width) * pixel / f64::from(height.max(1));
        track.set("DisplayAspectRatio", Some(format!("{aspect:.3}")));
    }
    if video.rotation_deg != 0 {
        track.set(
            "Rotation",
            Some(format!("{:.3}", f64::from(video.rotation_deg))),
        );
    }
    if let Some(rate) = video.frame_rate {
        track.text(
            "FrameRate_Mode",
            if video.variable_frame_rate {
                "VFR"
            } else {
                "CFR"
            },
        );
        track.set("FrameRate", Some(format!("{:.3}", rate.value())));
        track.set("FrameRate_Num", Some(rate.num));
        track.set("FrameRate_Den", Some(rate.den));
    }
    track.set("FrameCount", frames);
    if let Some(chroma) = &video.chroma {
        let (space, sampling) = match chroma.as_str() {
            "rgb" => ("RGB", ""),
            "rgba" => ("RGBA", ""),
            "gray" | "graya" => ("Y", ""),
            sampled => (
                if sampled.ends_with('a') {
                    "YUVA"
                } else {
                    "YUV"
                },
                sampled.trim_end_matches('a'),
            ),
        };
        track.text("ColorSpace", space);
        track.text("ChromaSubsampling", sampling);
    }
    track.set("BitDepth", video.bit_depth);
    match video.field_order.as_deref() {
        Some("progressive") => track.text("ScanType", "Progressive"),
        Some(order) => {
            track.text("ScanType", "Interlaced");
            track.text(
                "ScanOrder",
                if order.starts_with('b') { "BFF" } else { "TFF" },
            );
        }
        None => {}
    }
    colors(video, track);
}

fn colors(video: &Video, track: &mut Track) {
    let formats: Vec<&str> = video
        .hdr
        .iter()
        .filter_map(|hdr| match hdr {
            Hdr::Hdr10 => Some("SMPTE ST 2086"),
            Hdr::Hdr10Plus => Some("SMPTE ST 2094 App 4"),
            Hdr::DolbyVision { .. } => Some("Dolby Vision"),
            Hdr::Hlg => None,
        })
        .collect();
    track.text("HDR_Format", &formats.join(" / "));
    if let Some(Hdr::DolbyVision { profile, level, .. }) = video
        .hdr
        .iter()
        .find(|hdr| matches!(hdr, Hdr::DolbyVision { .. }))
    {
        track.set("HDR_Format_Profile", Some(format!("{profile:02}")));
        track.set("HDR_Format_Level", Some(format!("{level:02}")));
    }
    let color = &video.color;
    track.set(
        "colour_range",
        color
            .full_range
            .map(|full| if full { "Full" } else { "Limited" }),
    );
    track.set(
        "colour_primaries",
        color.primaries.as_deref().map(names::color),
    );
    track.set(
        "transfer_characteristics",
        color.transfer.as_deref().map(names::color),
    );
    track.set(
        "matrix_coefficients",
        color.matrix.as_deref().map(names::color),
    );
    if let Some(mastering) = &color.mastering {
        track.text(
            "MasteringDisplay_Luminance",
            &format!(
                "min: {:.4} cd/m2, max: {} cd/m2",
                mastering.min_luminance, mastering.max_luminance
            ),
        );
    }
    track.set(
        "MaxCLL",
        color.max_cll.map(|light| format!("{light} cd/m2")),
    );
    track.set(
        "MaxFALL",
        color.max_fall.map(|light| format!("{light} cd/m2")),
    );
}

fn sound(audio: &Audio, track: &mut Track) {
    track.set("Channels", audio.channels);
    track.set("ChannelLayout", audio.layout.as_ref());
    track.set("SamplingRate", audio.sample_rate_hz);
    track.set("BitDepth", audio.bit_depth);
    track.set("Format_Commercial_IfAny", audio.extension.as_ref());
}

/// Chapters, by their time as MediaInfo names them.
fn menu(media: &Media) -> Option<Value> {
    if media.chapters.is_empty() {
        return None;
    }
    let mut track = Track::new("Menu");
    let mut extra = Map::new();
    for chapter in &media.chapters {
        extra.insert(
            format!("_{}", clock(chapter.start_s)),
            Value::String(chapter.title.clone().unwrap_or_default()),
        );
    }
    track.extra(extra);
    Some(Value::Object(track.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, and times are not negative"
)]
fn clock(seconds: f64) -> String {
    let ms = (seconds.max(0.0) * 1_000.0).round() as u64;
    format!(
        "{:02}_{:02}_{:02}_{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000
    )
}

#[cfg(test)]
mod tests {
    use videocatalog_headers::{Chapter, Format};

    use super::super::Facts;
    use super::*;

    fn film() -> Media {
        let mut media = Media::new(Format::Matroska, 1_000_000);
        media.duration_s = Some(60.5);
        media.bitrate_bps = Some(132_231);
        media.tag("title", "Amélie");
        media.tag("mood", "warm");
        let mut video = Stream::new(StreamKind::Video);
        video.codec = "hevc".into();
        let picture = video.video_mut();
        (picture.width, picture.height) = (Some(3_840), Some(2_160));
        picture.frame_rate = Ratio::new(24_000, 1_001);
        picture.chroma = Some("4:2:0".into());
        picture.bit_depth = Some(10);
        picture.hdr = vec![Hdr::Hdr10];
        picture.color.transfer = Some("smpte2084".into());
        let mut audio = Stream::new(StreamKind::Audio);
        audio.codec = "mp2".into();
        audio.language = Some("fra".into());
        audio.audio_mut().channels = Some(2);
        media.streams = vec![video, audio];
        media.chapters.push(Chapter {
            start_s: 61.5,
            end_s: None,
            title: Some("Two".into()),
        });
        media
    }

    #[test]
    fn a_document_is_read_back_with_the_same_facts() {
        let media = film();
        let document = of(&media, "a.mkv");
        let (read, known) = (Facts::of_document(&document), Facts::of(&media));
        assert_eq!(read.frame_rate, Some(23.976));
        assert_eq!(
            Facts {
                frame_rate: known.frame_rate,
                audio_codec: known.audio_codec.clone(),
                ..read
            },
            known
        );
    }

    #[test]
    fn names_are_those_of_mediainfo() {
        let document = of(&film(), "a.mkv");
        let track = |index: usize, name: &str| document["media"]["track"][index][name].clone();
        assert_eq!(document["media"]["@ref"], "a.mkv");
        assert_eq!(track(0, "Duration"), "60.500");
        assert_eq!(track(0, "Title"), "Amélie");
        assert_eq!(track(0, "extra")["mood"], "warm");
        assert_eq!(track(1, "Format"), "HEVC");
        assert_eq!(track(1, "Width"), "3840");
        assert_eq!(track(1, "HDR_Format"), "SMPTE ST 2086");
        assert_eq!(track(1, "transfer_characteristics"), "PQ");
        assert_eq!(track(2, "Language"), "fra");
        assert_eq!(track(3, "extra")["_00_01_01_500"], "Two");
    }
}
