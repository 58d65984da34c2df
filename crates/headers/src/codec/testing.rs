//! What tests of codecs share: films made by ffmpeg, what ffprobe says of them, and bytes changed at random.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use videocatalog_testkit::media;

use crate::{Limits, Media, Stream, StreamKind};

/// A film in a folder of its own.
pub(crate) struct Film {
    _folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// Makes a few small frames; `arguments` choose the encoder.
pub(crate) fn film(arguments: &str, name: &str) -> Film {
    film_of("testsrc2=size=94x66:rate=30000/1001", arguments, name)
}

/// Makes a few frames of this source.
pub(crate) fn film_of(source: &str, arguments: &str, name: &str) -> Film {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut all = vec![
        "-f",
        "lavfi",
        "-i",
        source,
        "-frames:v",
        "3",
        "-threads",
        "1",
    ];
    all.extend(arguments.split_whitespace());
    media::encode(&all, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    Film {
        _folder: folder,
        path,
        bytes,
    }
}

/// Returns the payload of the first box of this name.
pub(crate) fn payload(bytes: &[u8], name: [u8; 4]) -> &[u8] {
    let at = bytes.windows(4).position(|window| *window == name).unwrap();
    let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
    &bytes[at + 4..at - 4 + size]
}

/// Returns a stream after a reader was given it.
pub(crate) fn stream_of(note: impl FnOnce(&mut Stream)) -> Stream {
    let mut stream = Stream::new(StreamKind::Video);
    note(&mut stream);
    stream
}

pub(crate) fn probe(bytes: &[u8], extension: &str) -> Media {
    let mut source = bytes;
    crate::probe(&mut source, Some(extension), Limits::default()).unwrap()
}

/// Asserts that a stream is what ffprobe says, but for these fields of ffprobe's.
pub(crate) fn assert_agrees(stream: &Stream, path: &Path, but_for: &[&str]) {
    let json: Value = serde_json::from_str(&media::ffprobe(path).unwrap()).unwrap();
    let expected = &json["streams"][0];
    let mut differences = Vec::new();
    for (field, found) in facts(stream) {
        let expected = match field {
            "pix_fmt" => Some(pixels(expected[field].as_str().unwrap())),
            _ => text(&expected[field]),
        };
        if found != expected && !but_for.contains(&field) {
            differences.push(format!("{field}: {found:?}, ffprobe {expected:?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{}: {differences:#?}",
        path.display()
    );
}

fn facts(stream: &Stream) -> Vec<(&'static str, Option<String>)> {
    let video = stream.video.clone().unwrap_or_default();
    let color = video.color;
    let range = color
        .full_range
        .map(|full| if full { "pc" } else { "tv" }.to_owned());
    let pixels = format!("{:?} {:?}", video.bit_depth, video.chroma);
    vec![
        ("codec_name", Some(stream.codec.clone())),
        ("profile", stream.profile.clone()),
        ("level", stream.level.map(|level| level.to_string())),
        ("width", video.width.map(|side| side.to_string())),
        ("height", video.height.map(|side| side.to_string())),
        (
            "sample_aspect_ratio",
            video
                .pixel_aspect
                .map(|ratio| format!("{}:{}", ratio.num, ratio.den)),
        ),
        (
            "avg_frame_rate",
            video
                .frame_rate
                .map(|ratio| format!("{}/{}", ratio.num, ratio.den)),
        ),
        ("field_order", video.field_order),
        ("color_primaries", color.primaries),
        ("color_transfer", color.transfer),
        ("color_space", color.matrix),
        ("color_range", range),
        ("pix_fmt", Some(pixels)),
    ]
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if matches!(text.as_str(), "unknown" | "0/0" | "0:1") => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.as_i64() == Some(-99) => None,
        other => Some(other.to_string()),
    }
}

/// Takes ffmpeg's names of pixels (`yuv420p10le`, `gbrp`) apart.
fn pixels(name: &str) -> String {
    let name = name.trim_end_matches("le");
    let (family, depth) = [16, 14, 12, 10, 9]
        .into_iter()
        .find_map(|depth| Some((name.strip_suffix(&depth.to_string())?, depth)))
        .unwrap_or((name, 8_u8));
    let chroma = match family.trim_end_matches('p') {
        "gray" => "gray".to_owned(),
        "gbr" => "rgb".to_owned(),
        "gbra" => "rgba".to_owned(),
        other => {
            let digits: Vec<_> = other.chars().filter(char::is_ascii_digit).collect();
            let alpha = if other.starts_with("yuva") { "a" } else { "" };
            format!("{}:{}:{}{alpha}", digits[0], digits[1], digits[2])
        }
    };
    format!("{:?} {:?}", Some(depth), Some(chroma))
}

/// Gives a reader what is left of bytes after cutting them anywhere and after changing some: it must come to an end.
pub(crate) fn mutated(bytes: &[u8], mut read: impl FnMut(&[u8])) {
    let bytes = &bytes[..bytes.len().min(2_048)];
    for end in 0..bytes.len().min(512) {
        read(&bytes[..end]);
    }
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).unwrap()
    };
    for _ in 0..600 {
        let mut changed = bytes.to_vec();
        for _ in 0..=random(4) {
            let at = random(changed.len().min(256));
            match random(4) {
                0 => changed[at] = 0,
                1 => changed[at] = 255,
                2 => changed[at] ^= 1 << random(8),
                _ => changed[at] = u8::try_from(random(256)).unwrap(),
            }
        }
        read(&changed);
    }
}
