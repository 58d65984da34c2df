//! Comparing with ffprobe, for tests.

use std::path::Path;

use serde_json::Value;
use videocatalog_testkit::media::{encode, ffprobe};

use crate::{Limits, Media, Stream, StreamKind, Structure, probe};

/// Makes a file with ffmpeg and returns what both say of it.
pub(crate) fn made(folder: &Path, name: &str, arguments: &[&str]) -> (Media, Value) {
    let path = folder.join(name);
    encode(arguments, &path).unwrap();
    both(&path)
}

/// Returns what both say of a file.
pub(crate) fn both(path: &Path) -> (Media, Value) {
    let bytes = std::fs::read(path).unwrap();
    let theirs = serde_json::from_str(&ffprobe(path).unwrap()).unwrap();
    (read(&bytes), theirs)
}

/// Reads bytes.
pub(crate) fn read(bytes: &[u8]) -> Media {
    let mut source = bytes;
    let limits = Limits::default();
    let media = probe(&mut source, None, limits).unwrap();
    assert!(media.bytes_read <= limits.bytes);
    media
}

/// Asserts that a healthy file's facts are ffprobe's. What is read by a codec's own reader is compared where there is
/// something; what a container says itself must be there.
pub(crate) fn same(name: &str, media: &Media, theirs: &Value) {
    assert_eq!(media.structure, Structure::Complete, "{name}");
    assert!(
        media.bytes_read <= 192 << 10,
        "{name}: {} bytes read",
        media.bytes_read
    );
    if !media.format.is_image() {
        close(
            name,
            "duration",
            media.duration_s,
            number(&theirs["format"]["duration"]),
        );
    }
    let streams = theirs["streams"].as_array().unwrap();
    assert_eq!(streams.len(), media.streams.len(), "{name}");
    for (ours, theirs) in media.streams.iter().zip(streams) {
        let name = format!("{name}, stream {}", ours.index);
        equal(
            &name,
            "codec_name",
            Some(ours.codec.clone()).filter(|name| !name.is_empty()),
            theirs,
        );
        equal(&name, "codec_tag", None, theirs);
        equal(&name, "profile", ours.profile.clone(), theirs);
        if ours.duration_s.is_some()
            && let Some(seconds) = number(&theirs["duration"])
        {
            close(&name, "duration", ours.duration_s, Some(seconds));
        }
        if let (Some(rate), Some(theirs)) = (ours.bitrate_bps, number(&theirs["bit_rate"]))
            && !ours.codec.is_empty()
        {
            let rate = u32::try_from(rate).unwrap();
            close(&name, "bit_rate", Some(rate.into()), Some(theirs));
        }
        let tag = |tag: &str| theirs["tags"][tag].as_str().map(str::to_owned);
        assert_eq!(ours.title, tag("title"), "{name}");
        assert_eq!(ours.language, tag("language"), "{name}");
        match ours.kind {
            StreamKind::Video => picture(&name, ours, theirs),
            StreamKind::Audio => assert_eq!(theirs["codec_type"], "audio", "{name}"),
            _ => {}
        }
    }
}

fn picture(name: &str, ours: &Stream, theirs: &Value) {
    assert_eq!(theirs["codec_type"], "video", "{name}");
    let video = ours.video.clone().unwrap_or_default();
    let ratio = |ratio: Option<crate::Ratio>, between: &str| {
        ratio.map(|ratio| format!("{}{between}{}", ratio.num, ratio.den))
    };
    assert_eq!(
        video.width.map(u64::from),
        theirs["width"].as_u64(),
        "{name}"
    );
    assert_eq!(
        video.height.map(u64::from),
        theirs["height"].as_u64(),
        "{name}"
    );
    equal(
        name,
        "sample_aspect_ratio",
        ratio(video.pixel_aspect, ":"),
        theirs,
    );
    if theirs["avg_frame_rate"] != "0/0" && video.frame_rate.is_some() {
        equal(name, "avg_frame_rate", ratio(video.frame_rate, "/"), theirs);
    }
    // Codecs without fields are progressive, also where ffprobe leaves it open.
    if theirs["field_order"].is_string() {
        equal(name, "field_order", video.field_order, theirs);
    }
    equal(name, "color_space", video.color.matrix, theirs);
    let range = video
        .color
        .full_range
        .map(|full| if full { "pc" } else { "tv" }.to_owned());
    equal(name, "color_range", range, theirs);
    if let Some(format) = theirs["pix_fmt"].as_str() {
        let (depth, chroma) = pixels(format);
        assert!(
            video.bit_depth.is_none_or(|ours| ours == depth),
            "{name}: {format}"
        );
        assert!(
            video.chroma.as_deref().is_none_or(|ours| ours == chroma),
            "{name}: {format}"
        );
    }
}

/// Asserts that a text is ffprobe's, if there is one.
fn equal(name: &str, field: &str, ours: Option<String>, theirs: &Value) {
    if let Some(ours) = ours {
        assert_eq!(
            Some(ours.as_str()),
            theirs[field].as_str(),
            "{name}: {field}"
        );
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

fn close(name: &str, field: &str, ours: Option<f64>, theirs: Option<f64>) {
    let (Some(one), Some(other)) = (ours, theirs) else {
        panic!("{name}: {field} {ours:?}, ffprobe says {theirs:?}");
    };
    assert!(
        (one - other).abs() <= 0.000_6 + other * 1e-6,
        "{name}: {field} {one}, ffprobe says {other}"
    );
}

/// Returns depth and chroma of one of ffmpeg's pixel formats.
fn pixels(format: &str) -> (u8, String) {
    let plain = format
        .strip_suffix("le")
        .or_else(|| format.strip_suffix("be"));
    let plain = plain.unwrap_or(format);
    let depth = ["16", "14", "12", "10", "9"]
        .iter()
        .find(|depth| {
            plain.ends_with(&format!("p{depth}"))
                || plain.ends_with(&format!("y{depth}"))
                || plain == format!("ya{depth}")
        })
        .map_or(8, |depth| depth.parse().unwrap());
    let depth = match plain {
        "monow" | "monob" => 1,
        "rgb444" => 4,
        "rgb555" | "rgb565" => 5,
        "rgb48" | "rgba64" => 16,
        _ => depth,
    };
    let chroma = match plain {
        "yuyv422" | "uyvy422" => "4:2:2",
        "nv12" => "4:2:0",
        "rgba" | "bgra" | "argb" | "abgr" | "rgba64" => "rgba",
        _ if plain.starts_with("gray") || plain.starts_with("mono") => "gray",
        _ if plain.starts_with("ya") => "graya",
        _ if plain.starts_with("gbra") => "rgba",
        _ if plain.starts_with("yuv") => {
            let digits: Vec<String> = plain
                .chars()
                .filter(char::is_ascii_digit)
                .take(3)
                .map(String::from)
                .collect();
            let alpha = if plain.starts_with("yuva") { "a" } else { "" };
            return (depth, digits.join(":") + alpha);
        }
        _ => "rgb",
    };
    (depth, chroma.to_owned())
}

/// Asserts that a file cut anywhere or changed anywhere is read to an end within the budget.
pub(crate) fn survives(bytes: &[u8]) {
    let limits = Limits {
        bytes: 1 << 20,
        reads: 128,
    };
    let try_it = |bytes: &[u8]| {
        let mut source = bytes;
        if let Ok(media) = probe(&mut source, None, limits) {
            assert!(media.bytes_read <= limits.bytes);
        }
    };
    for place in 0..50 {
        try_it(&bytes[..bytes.len() * place / 50]);
        try_it(&bytes[..(place * 13).min(bytes.len())]);
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let head = bytes.len().min(2_048);
    for _ in 0..150 {
        let mut changed = bytes.to_vec();
        for _ in 0..=random(4) {
            let anywhere = random(4) == 0;
            let place = random(if anywhere { bytes.len() } else { head });
            match random(3) {
                0 => changed[place] ^= 1 << random(8),
                1 => changed[place] = 0xff,
                _ => {
                    let end = (place + 1 + random(8)).min(changed.len());
                    changed[place..end].fill(if random(2) == 0 { 0 } else { 0xff });
                }
            }
        }
        try_it(&changed);
    }
}
