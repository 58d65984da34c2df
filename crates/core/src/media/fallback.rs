//! Files that the native reader does not know: ffprobe is asked, then MediaInfo.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;
use videocatalog_headers::{
    Chapter, Format, Media, Ratio, Stream, StreamKind, Structure, tag_value,
};

use super::{Facts, Level, Reader, Understanding, Verdict, document};
use crate::tools::{Limits, StreamError, run_streaming};

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 8 << 20;

/// Asks ffprobe; `None` if it knows nothing of the file.
///
/// # Errors
/// When it cannot be started, takes too long or is stopped.
pub fn ffprobe(
    program: &Path,
    file: &Path,
    size_bytes: u64,
    limits: &Limits,
) -> Result<Option<Understanding>, StreamError> {
    let flags = [
        "-v",
        "error",
        "-of",
        "json",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-i",
    ];
    let Some(answer) = ask(program, &flags, file, limits)? else {
        return Ok(None);
    };
    Ok(media_of(&answer, size_bytes).map(|media| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut read = Understanding::of(&media, Reader::Ffprobe, &name);
        read.facts.container = answer
            .pointer("/format/format_long_name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        read.document = Some(with_format(document::of(&media, &name), &read.facts).to_string());
        read
    }))
}

/// Asks MediaInfo; `None` if it knows nothing of the file.
///
/// # Errors
/// As [`ffprobe`].
pub fn mediainfo(
    program: &Path,
    file: &Path,
    limits: &Limits,
) -> Result<Option<Understanding>, StreamError> {
    let Some(answer) = ask(program, &["--Output=JSON"], file, limits)? else {
        return Ok(None);
    };
    let facts = Facts::of_document(&answer);
    let knows_streams = facts.video_codec.is_some() || facts.audio_codec.is_some();
    Ok(knows_streams.then(|| Understanding {
        reader: Some(Reader::MediaInfo),
        facts,
        document: Some(answer.to_string()),
        verdict: Verdict::sound(Level::Structure),
    }))
}

/// Runs a program on a file and returns the JSON it answers; `None` if it fails or answers something else.
fn ask(
    program: &Path,
    flags: &[&str],
    file: &Path,
    limits: &Limits,
) -> Result<Option<Value>, StreamError> {
    let mut arguments: Vec<OsString> = flags.iter().map(OsString::from).collect();
    if flags.last() == Some(&"-i") {
        let mut name = OsString::from("file:");
        name.push(file);
        arguments.push(name);
    } else {
        arguments.push(file.into());
    }
    let mut answer = Vec::new();
    let ran = run_streaming(program, arguments, limits, |chunk| {
        answer.extend_from_slice(chunk);
        if answer.len() > LONGEST_ANSWER {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let succeeded = ran.status.is_some_and(|status| status.success());
    Ok(serde_json::from_slice(&answer).ok().filter(|_| succeeded))
}

/// The formats of the native reader do not have a name for everything ffprobe knows.
fn with_format(mut document: Value, facts: &Facts) -> Value {
    if let (Some(general), Some(container)) = (
        document.pointer_mut("/media/track/0"),
        facts.container.as_ref(),
    ) {
        general["Format"] = Value::String(container.clone());
    }
    document
}

/// Returns what ffprobe's answer says; `None` without a stream.
fn media_of(answer: &Value, size_bytes: u64) -> Option<Media> {
    let format = answer.get("format")?;
    // The name of the container is put in by the caller; this only says that it is no still picture.
    let mut media = Media::new(Format::Matroska, size_bytes);
    media.structure = Structure::Unchecked;
    media.duration_s = number(format, "duration");
    media.bitrate_bps = integer(format, "bit_rate");
    for (name, value) in tags(format) {
        media.tag(name, value);
    }
    media.created = media.tag_value("creation_time").map(str::to_owned);
    media.streams = list(answer, "streams").filter_map(stream_of).collect();
    media.chapters = list(answer, "chapters")
        .filter_map(|chapter| {
            Some(Chapter {
                start_s: number(chapter, "start_time")?,
                end_s: number(chapter, "end_time"),
                title: tags(chapter)
                    .find(|(name, _)| *name == "title")
                    .map(|(_, title)| title.to_owned()),
            })
        })
        .collect();
    (!media.streams.is_empty()).then_some(media)
}

fn stream_of(answer: &Value) -> Option<Stream> {
    let kind = match text(answer, "codec_type")? {
        "video" => StreamKind::Video,
        "audio" => StreamKind::Audio,
        "subtitle" => StreamKind::Subtitle,
        "attachment" => StreamKind::Attachment,
        _ => StreamKind::Data,
    };
    let mut stream = Stream::new(kind);
    stream.index = integer(answer, "index").unwrap_or(0);
    text(answer, "codec_name")
        .unwrap_or_default()
        .clone_into(&mut stream.codec);
    stream.codec_tag = text(answer, "codec_tag_string").map(str::to_owned);
    stream.profile = text(answer, "profile").map(str::to_owned);
    stream.level = integer(answer, "level").filter(|level| *level >= 0);
    stream.duration_s = number(answer, "duration");
    stream.bitrate_bps = integer(answer, "bit_rate");
    stream.frames = integer(answer, "nb_frames");
    let mut said = Vec::new();
    for (name, value) in tags(answer) {
        videocatalog_headers::push_tag(&mut said, name, value);
    }
    if let Some(language) = tag_value(&said, "language") {
        stream.set_language(language);
    }
    stream.title = tag_value(&said, "title").map(str::to_owned);
    let flag = |name: &str| {
        answer
            .get("disposition")
            .and_then(|flags| flags.get(name))
            .and_then(Value::as_i64)
            == Some(1)
    };
    stream.flags.default = flag("default");
    stream.flags.forced = flag("forced");
    stream.flags.commentary = flag("comment");
    stream.flags.hearing_impaired = flag("hearing_impaired");
    stream.flags.visual_impaired = flag("visual_impaired");
    stream.flags.attached_picture = flag("attached_pic");
    match kind {
        StreamKind::Video => picture_of(answer, &mut stream),
        StreamKind::Audio => {
            let audio = stream.audio_mut();
            audio.channels = integer(answer, "channels");
            audio.layout = text(answer, "channel_layout").map(str::to_owned);
            audio.sample_rate_hz = integer(answer, "sample_rate");
        }
        _ => {}
    }
    Some(stream)
}

fn picture_of(answer: &Value, stream: &mut Stream) {
    let video = stream.video_mut();
    video.width = integer(answer, "width");
    video.height = integer(answer, "height");
    video.pixel_aspect = text(answer, "sample_aspect_ratio").and_then(|text| ratio(text, ':'));
    video.frame_rate = text(answer, "avg_frame_rate").and_then(|text| ratio(text, '/'));
    let said = |name| {
        text(answer, name)
            .filter(|text| *text != "unknown")
            .map(str::to_owned)
    };
    video.color.primaries = said("color_primaries");
    video.color.transfer = said("color_transfer");
    video.color.matrix = said("color_space");
    video.field_order = said("field_order");
    video.bit_depth = integer(answer, "bits_per_raw_sample");
}

fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

fn tags(answer: &Value) -> impl Iterator<Item = (&str, &str)> {
    answer
        .get("tags")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

fn text<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    answer.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn number(answer: &Value, name: &str) -> Option<f64> {
    let value = answer.get(name)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn integer<T: std::str::FromStr>(answer: &Value, name: &str) -> Option<T> {
    match answer.get(name)? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn ratio(text: &str, separator: char) -> Option<Ratio> {
    let (num, den) = text.split_once(separator)?;
    Ratio::new(num.parse().ok()?, den.parse().ok()?)
}
