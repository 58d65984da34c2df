//! Which fields are compared, and how each side names them.

use serde_json::Value;
use videocatalog_headers::{Chapter, Media, Ratio, Stream, StreamKind};

use super::{Row, pixel};

/// Tags of the whole file that people use.
const TAGS: [&str; 9] = [
    "title",
    "artist",
    "album",
    "date",
    "comment",
    "genre",
    "track",
    "encoder",
    "creation_time",
];

const KINDS: [(StreamKind, &str); 5] = [
    (StreamKind::Video, "video"),
    (StreamKind::Audio, "audio"),
    (StreamKind::Subtitle, "subtitle"),
    (StreamKind::Data, "data"),
    (StreamKind::Attachment, "attachment"),
];

/// Seconds by which times may differ, or the part of the longer time, whichever is more.
const SECONDS: f64 = 0.05;
const PART_OF_TIME: f64 = 0.01;
/// The part by which rates may differ.
const PART_OF_RATE: f64 = 0.02;

struct Rows<'a> {
    file: &'a str,
    kind: String,
    index: Option<usize>,
    found: Vec<Row>,
}

impl Rows<'_> {
    fn push(&mut self, field: &str, ours: Option<String>, theirs: String, equal: bool) {
        self.found.push(Row {
            file: self.file.to_owned(),
            field: field.to_owned(),
            kind: self.kind.clone(),
            index: self.index,
            ours,
            theirs,
            equal,
            explained: None,
        });
    }

    /// Compares what must be equal; where ffprobe says nothing, nothing is compared.
    fn exact(&mut self, field: &str, ours: Option<impl ToString>, theirs: Option<impl ToString>) {
        if let Some(theirs) = theirs {
            let (ours, theirs) = (ours.map(|ours| ours.to_string()), theirs.to_string());
            let equal = ours.as_ref() == Some(&theirs);
            self.push(field, ours, theirs, equal);
        }
    }

    fn near(
        &mut self,
        field: &str,
        ours: Option<f64>,
        theirs: Option<f64>,
        tolerance: impl Fn(f64) -> f64,
    ) {
        if let Some(theirs) = theirs {
            let equal = ours.is_some_and(|ours| (ours - theirs).abs() <= tolerance(theirs.abs()));
            let text = |number: f64| format!("{number:.3}");
            self.push(field, ours.map(text), text(theirs), equal);
        }
    }

    fn seconds(&mut self, field: &str, ours: Option<f64>, theirs: Option<f64>) {
        self.near(field, ours, theirs, |theirs| {
            SECONDS.max(theirs * PART_OF_TIME)
        });
    }

    #[expect(clippy::cast_precision_loss, reason = "rates are compared roughly")]
    fn rate(&mut self, field: &str, ours: Option<u64>, theirs: Option<f64>) {
        self.near(field, ours.map(|ours| ours as f64), theirs, |theirs| {
            theirs * PART_OF_RATE
        });
    }
}

/// Returns every fact that ffprobe prints beside ours. `ours` is `None` where the file could not be read at all.
pub(super) fn rows(file: &str, ours: Option<&Media>, theirs: &Value) -> Vec<Row> {
    let mut rows = Rows {
        file,
        kind: String::new(),
        index: None,
        found: Vec::new(),
    };
    let streams = list(theirs, "streams");
    for (kind, name) in KINDS {
        let count = streams
            .iter()
            .filter(|stream| text(stream, "codec_type").as_deref() == Some(name))
            .count();
        let ours = ours.map(|ours| ours.streams_of(kind).count());
        if count > 0 || ours.is_some_and(|ours| ours > 0) {
            rows.exact(&format!("{name} streams"), ours, Some(count));
        }
    }
    for (index, theirs) in streams.iter().enumerate() {
        rows.index = Some(index);
        rows.kind = text(theirs, "codec_type").unwrap_or_default();
        let ours_stream = ours.and_then(|ours| ours.streams.get(index));
        stream(
            &mut rows,
            ours_stream,
            theirs,
            ours.is_some_and(|ours| ours.format.is_image()),
        );
    }
    rows.kind.clear();
    chapters(&mut rows, ours, theirs);
    rows.index = None;
    format(&mut rows, ours, theirs);
    rows.found
}

fn stream(rows: &mut Rows<'_>, ours: Option<&Stream>, theirs: &Value, is_image: bool) {
    rows.exact(
        "codec",
        ours.map(|ours| ours.codec.as_str()),
        text(theirs, "codec_name"),
    );
    rows.exact(
        "profile",
        ours.and_then(|ours| ours.profile.as_deref()),
        text(theirs, "profile"),
    );
    let level = theirs["level"].as_i64().filter(|level| *level > 0);
    rows.exact("level", ours.and_then(|ours| ours.level), level);
    if !is_image {
        rows.seconds(
            "stream duration",
            ours.and_then(|ours| ours.duration_s),
            number(theirs, "duration"),
        );
        rows.rate(
            "stream bit rate",
            ours.and_then(|ours| ours.bitrate_bps),
            number(theirs, "bit_rate"),
        );
    }
    let tags = &theirs["tags"];
    if let Some(language) = tag(tags, "language") {
        let none = |language: Option<&str>| language.unwrap_or("und").to_owned();
        rows.exact(
            "language",
            ours.map(|ours| none(ours.language.as_deref())),
            Some(language),
        );
    }
    rows.exact(
        "stream title",
        ours.and_then(|ours| ours.title.as_deref()),
        tag(tags, "title"),
    );
    dispositions(rows, ours, &theirs["disposition"]);
    match text(theirs, "codec_type").as_deref() {
        Some("video") => video(rows, ours, theirs, is_image),
        Some("audio") => audio(rows, ours, theirs),
        _ => {}
    }
}

fn dispositions(rows: &mut Rows<'_>, ours: Option<&Stream>, theirs: &Value) {
    let flags = ours.map(|ours| ours.flags);
    let mut mark = |name: &str, ours: Option<bool>| {
        rows.exact(name, ours, theirs[name].as_i64().map(|mark| mark != 0));
    };
    mark("default", flags.map(|flags| flags.default));
    mark("forced", flags.map(|flags| flags.forced));
    mark("comment", flags.map(|flags| flags.commentary));
    mark(
        "hearing_impaired",
        flags.map(|flags| flags.hearing_impaired),
    );
    mark("visual_impaired", flags.map(|flags| flags.visual_impaired));
    mark("original", flags.map(|flags| flags.original));
    mark("dub", flags.map(|flags| flags.dub));
    mark("attached_pic", flags.map(|flags| flags.attached_picture));
}

fn video(rows: &mut Rows<'_>, ours: Option<&Stream>, theirs: &Value, is_image: bool) {
    let ours = ours.and_then(|ours| ours.video.as_ref());
    let positive = |name: &str| theirs[name].as_i64().filter(|number| *number > 0);
    rows.exact("width", ours.and_then(|ours| ours.width), positive("width"));
    rows.exact(
        "height",
        ours.and_then(|ours| ours.height),
        positive("height"),
    );
    rows.exact(
        "pixel aspect",
        ours.and_then(|ours| ours.pixel_aspect).map(ratio_text),
        text(theirs, "sample_aspect_ratio")
            .and_then(|text| ratio(&text, ':'))
            .map(ratio_text),
    );
    if !is_image {
        rows.exact(
            "frame rate",
            ours.and_then(|ours| ours.frame_rate).map(ratio_text),
            text(theirs, "avg_frame_rate")
                .and_then(|text| ratio(&text, '/'))
                .map(ratio_text),
        );
        let turned = rotation(theirs).unwrap_or(0);
        rows.exact("rotation", ours.map(|ours| ours.rotation_deg), Some(turned));
    }
    let format = text(theirs, "pix_fmt").and_then(|name| pixel::depth_and_chroma(&name));
    rows.exact(
        "bit depth",
        ours.and_then(|ours| ours.bit_depth),
        format.map(|(depth, _)| depth),
    );
    rows.exact(
        "chroma",
        ours.and_then(|ours| ours.chroma.as_deref()),
        format.map(|(_, chroma)| chroma),
    );
    rows.exact(
        "field order",
        ours.and_then(|ours| ours.field_order.as_deref()),
        text(theirs, "field_order"),
    );
    let color = ours.map(|ours| &ours.color);
    rows.exact(
        "primaries",
        color.and_then(|color| color.primaries.as_deref()),
        text(theirs, "color_primaries"),
    );
    rows.exact(
        "transfer",
        color.and_then(|color| color.transfer.as_deref()),
        text(theirs, "color_transfer"),
    );
    rows.exact(
        "matrix",
        color.and_then(|color| color.matrix.as_deref()),
        text(theirs, "color_space"),
    );
    let range = color.and_then(|color| color.full_range);
    rows.exact(
        "range",
        range.map(|full| if full { "pc" } else { "tv" }),
        text(theirs, "color_range"),
    );
    mastering(rows, color, theirs);
}

/// Static metadata of high dynamic range, where ffprobe prints it with the stream.
fn mastering(rows: &mut Rows<'_>, ours: Option<&videocatalog_headers::Color>, theirs: &Value) {
    for side in list(theirs, "side_data_list") {
        match text(side, "side_data_type").as_deref() {
            Some("Mastering display metadata") => {
                let bright = text(side, "max_luminance").and_then(|text| fraction(&text));
                let ours = ours.and_then(|ours| ours.mastering);
                rows.near(
                    "max luminance",
                    ours.map(|ours| ours.max_luminance),
                    bright,
                    |theirs| theirs * 0.001,
                );
            }
            Some("Content light level metadata") => {
                let ours = ours.and_then(|ours| ours.max_cll);
                rows.exact("max cll", ours, side["max_content"].as_i64());
            }
            _ => {}
        }
    }
}

fn audio(rows: &mut Rows<'_>, ours: Option<&Stream>, theirs: &Value) {
    let ours = ours.and_then(|ours| ours.audio.as_ref());
    let positive = |name: &str| number(theirs, name).filter(|number| *number > 0.0);
    rows.exact(
        "channels",
        ours.and_then(|ours| ours.channels),
        positive("channels"),
    );
    rows.exact(
        "channel layout",
        ours.and_then(|ours| ours.layout.as_deref()),
        text(theirs, "channel_layout"),
    );
    rows.exact(
        "sample rate",
        ours.and_then(|ours| ours.sample_rate_hz),
        positive("sample_rate"),
    );
    rows.exact(
        "bits a sample",
        ours.and_then(|ours| ours.bit_depth),
        positive("bits_per_raw_sample").or_else(|| positive("bits_per_sample")),
    );
}

fn chapters(rows: &mut Rows<'_>, ours: Option<&Media>, theirs: &Value) {
    let theirs = list(theirs, "chapters");
    let ours_all: &[Chapter] = ours.map_or(&[], |ours| ours.chapters.as_slice());
    rows.index = None;
    if !theirs.is_empty() || !ours_all.is_empty() {
        rows.exact("chapters", Some(ours_all.len()), Some(theirs.len()));
    }
    for (index, theirs) in theirs.iter().enumerate() {
        rows.index = Some(index);
        let ours = ours_all.get(index);
        rows.seconds(
            "chapter start",
            ours.map(|ours| ours.start_s),
            number(theirs, "start_time"),
        );
        rows.seconds(
            "chapter end",
            ours.and_then(|ours| ours.end_s),
            number(theirs, "end_time"),
        );
        rows.exact(
            "chapter title",
            ours.and_then(|ours| ours.title.as_deref()),
            tag(&theirs["tags"], "title"),
        );
    }
}

fn format(rows: &mut Rows<'_>, ours: Option<&Media>, theirs: &Value) {
    let format = &theirs["format"];
    // A picture has no duration; ffprobe makes one up of a frame rate.
    if !ours.is_some_and(|ours| ours.format.is_image()) {
        rows.seconds(
            "format duration",
            ours.and_then(|ours| ours.duration_s),
            number(format, "duration"),
        );
        rows.rate(
            "format bit rate",
            ours.and_then(|ours| ours.bitrate_bps),
            number(format, "bit_rate"),
        );
    }
    // Ogg has its tags with the first stream.
    let of_stream = text(format, "format_name").as_deref() == Some("ogg");
    let holder = match list(theirs, "streams").first() {
        Some(stream) if of_stream => stream,
        _ => format,
    };
    let tags = &holder["tags"];
    for name in TAGS {
        let mine = ours.and_then(|ours| {
            ours.tag_value(name).or_else(|| {
                (name == "creation_time")
                    .then_some(ours.created.as_deref())
                    .flatten()
            })
        });
        let (mut mine, mut other) = (mine.map(str::to_owned), tag(tags, name));
        if name == "creation_time" {
            mine = mine.map(|time| whole_seconds(&time));
            other = other.map(|time| whole_seconds(&time));
        }
        rows.exact(&format!("tag {name}"), mine, other);
    }
}

/// `2020-02-03T04:05:06.000000Z` without what follows the seconds.
fn whole_seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// Returns an answer, if it is one.
fn text(value: &Value, name: &str) -> Option<String> {
    let text = value[name].as_str()?;
    let text = text.trim();
    (!["", "N/A", "unknown", "none"].contains(&text)).then(|| text.to_owned())
}

fn number(value: &Value, name: &str) -> Option<f64> {
    value[name]
        .as_f64()
        .or_else(|| value[name].as_str()?.parse().ok())
}

/// Returns a tag whose name is written in whatever case, without the spaces around it that we do not keep.
fn tag(tags: &Value, name: &str) -> Option<String> {
    tags.as_object()?
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .and_then(|(_, value)| value.as_str())
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn ratio(text: &str, separator: char) -> Option<Ratio> {
    let (num, den) = text.split_once(separator)?;
    Ratio::new(num.parse().ok()?, den.parse().ok()?)
}

fn ratio_text(ratio: Ratio) -> String {
    format!("{}/{}", ratio.num, ratio.den)
}

fn fraction(text: &str) -> Option<f64> {
    let (num, den) = text.split_once('/')?;
    Some(num.parse::<f64>().ok()? / den.parse::<f64>().ok()?)
}

/// ffprobe turns the other way round.
fn rotation(stream: &Value) -> Option<i64> {
    list(stream, "side_data_list")
        .iter()
        .find_map(|side| side["rotation"].as_i64())
        .map(|degrees| (-degrees).rem_euclid(360))
}
