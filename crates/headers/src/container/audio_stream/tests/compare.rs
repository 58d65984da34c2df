//! Comparing what is read of a file with what ffprobe says.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use serde_json::Value;
use videocatalog_testkit::media;

use crate::{Limits, Media, Source, StreamKind, probe};

/// Arguments for a file with tags.
pub(crate) const TAGS: &str = "-metadata title=Words -metadata artist=Björk -metadata album=A \
    -metadata album_artist=All -metadata date=2020-03-04 -metadata genre=Rock -metadata track=3/9 \
    -metadata disc=1/2 -metadata comment=Said -metadata composer=C -metadata own=x";

/// Makes two seconds of sound and returns its bytes.
pub(crate) fn bytes(name: &str, arguments: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut all = vec!["-f", "lavfi", "-i"];
    all.push("sine=frequency=440:sample_rate=48000:duration=2");
    all.extend(arguments.split_ascii_whitespace());
    media::encode(&all, &path).unwrap();
    std::fs::read(&path).unwrap()
}

/// Makes two seconds of sound, and reads it here and with ffprobe.
pub(crate) fn both(name: &str, arguments: &str) -> (Media, Value) {
    let (bytes, probed) = made(name, arguments);
    (known(name, &bytes), probed)
}

/// Makes two seconds of sound of each kind and compares everything.
pub(crate) fn compare(cases: &[(&str, &str)]) {
    for (name, bytes, probed) in made_all(cases) {
        everything(&name, &known(&name, &bytes), &probed);
    }
}

/// Makes two seconds of sound of each kind, and reads it here and with ffprobe.
pub(crate) fn both_all(cases: &[(&str, &str)]) -> Vec<(Media, Value)> {
    made_all(cases)
        .into_iter()
        .map(|(name, bytes, probed)| (known(&name, &bytes), probed))
        .collect()
}

fn known(name: &str, bytes: &[u8]) -> Media {
    let extension = name.rsplit('.').next().unwrap_or_default();
    probe_bytes(bytes, extension).unwrap_or_else(|| panic!("{name} is not known"))
}

/// Compares everything known of a file.
pub(crate) fn everything(name: &str, media: &Media, probed: &Value) {
    streams(name, media, probed, true);
    near(
        name,
        "duration",
        media.duration_s,
        &probed["format"]["duration"],
    );
    assert!(
        !media.structure.is_faulty(),
        "{name}: {:?}",
        media.structure
    );
    assert!(
        media.bytes_read <= 256 << 10,
        "{name}: {}",
        media.bytes_read
    );
    let mut all: Vec<&Value> = vec![&probed["format"]["tags"]];
    if media.streams.len() == 1 {
        all.push(&probed["streams"][0]["tags"]);
    }
    for (key, value) in all.into_iter().filter_map(Value::as_object).flatten() {
        let key = key.to_lowercase();
        let ours = media.tag_value(&key);
        // Encoders of streams are not kept where the file has one of its own.
        if key != "encoder" {
            assert_eq!(ours, value.as_str(), "{name}: tag {key}");
        }
    }
    let chapters = probed["chapters"].as_array().map_or(0, Vec::len);
    if media.format != crate::Format::Flac && media.format != crate::Format::Ogg {
        assert_eq!(media.chapters.len(), chapters, "{name}: chapters");
    }
}

/// Compares the streams.
pub(crate) fn streams(name: &str, media: &Media, probed: &Value, with_rates: bool) {
    let theirs = probed["streams"].as_array().unwrap();
    assert_eq!(media.streams.len(), theirs.len(), "{name}: streams");
    for (ours, theirs) in media.streams.iter().zip(theirs) {
        let text = |key: &str| theirs[key].as_str().map(str::to_owned);
        let number = |key: &str| {
            theirs[key]
                .as_u64()
                .or_else(|| theirs[key].as_str()?.parse().ok())
                .filter(|number| *number != 0)
        };
        assert_eq!(
            Some(&ours.codec),
            text("codec_name").as_ref(),
            "{name}: codec"
        );
        assert_eq!(
            ours.flags.attached_picture,
            theirs["disposition"]["attached_pic"] == 1,
            "{name}"
        );
        if ours.kind != StreamKind::Audio {
            continue;
        }
        assert_eq!(ours.profile, text("profile"), "{name}: profile");
        let audio = ours.audio.clone().unwrap_or_default();
        assert_eq!(
            audio.channels.map(u64::from),
            number("channels"),
            "{name}: channels"
        );
        assert_eq!(audio.layout, text("channel_layout"), "{name}: layout");
        assert_eq!(
            audio.sample_rate_hz.map(u64::from),
            number("sample_rate"),
            "{name}: rate"
        );
        let depth = number("bits_per_raw_sample").or_else(|| number("bits_per_sample"));
        assert_eq!(audio.bit_depth.map(u64::from), depth, "{name}: depth");
        if with_rates {
            near(
                name,
                "stream duration",
                ours.duration_s,
                &theirs["duration"],
            );
            assert_eq!(ours.bitrate_bps, number("bit_rate"), "{name}: bit rate");
        }
    }
}

fn near(name: &str, what: &str, ours: Option<f64>, theirs: &Value) {
    let theirs: Option<f64> = theirs.as_str().and_then(|text| text.parse().ok());
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            assert!(
                (ours - theirs).abs() < 1e-5,
                "{name}: {what} {ours}, not {theirs}"
            );
        }
        (ours, theirs) => assert_eq!(ours, theirs, "{name}: {what}"),
    }
}

fn made(name: &str, arguments: &str) -> (Vec<u8>, Value) {
    let (_, bytes, probed) = made_all(&[(name, arguments)]).remove(0);
    (bytes, probed)
}

/// One run of ffmpeg makes all files: starting it takes longer than two seconds of sound.
fn made_all(cases: &[(&str, &str)]) -> Vec<(String, Vec<u8>, Value)> {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let paths: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(index, (name, _))| folder.join(format!("{index} {name}")))
        .collect();
    let mut all = vec!["-f", "lavfi", "-i"];
    all.push("sine=frequency=440:sample_rate=48000:duration=2");
    for (index, ((_, arguments), path)) in cases.iter().zip(&paths).enumerate() {
        all.extend(arguments.split_ascii_whitespace());
        if index + 1 < cases.len() {
            all.push(path.to_str().unwrap());
        }
    }
    media::encode(&all, paths.last().unwrap()).unwrap();
    let read = |path: &std::path::PathBuf| {
        let probed = media::ffprobe(path).unwrap();
        let bytes = std::fs::read(path).unwrap();
        (bytes, serde_json::from_str(&probed).unwrap())
    };
    cases
        .iter()
        .zip(&paths)
        .map(|((name, _), path)| {
            let (bytes, probed) = read(path);
            ((*name).to_owned(), bytes, probed)
        })
        .collect()
}

/// Returns what ffprobe says of bytes.
pub(crate) fn ffprobe_bytes(name: &str, bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    serde_json::from_str(&media::ffprobe(&path).unwrap()).unwrap()
}

/// Reads bytes.
pub(crate) fn probe_bytes(mut bytes: &[u8], extension: &str) -> Option<Media> {
    probe(&mut bytes, Some(extension), Limits::default()).ok()
}

/// Returns the next number of a fixed sequence.
pub(crate) fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Damages a file in many ways and reads it.
pub(crate) fn mutate(name: &str, arguments: &str) {
    mutate_bytes(name, &bytes(name, arguments));
}

/// Damages bytes in many ways and reads them: nothing panics, and no more is read than allowed.
pub(crate) fn mutate_bytes(name: &str, whole: &[u8]) {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let limits = Limits::default();
    let check = |mut bytes: &[u8]| {
        let source: &mut dyn Source = &mut bytes;
        if let Ok(media) = probe(source, Some(extension), limits) {
            assert!(media.bytes_read <= limits.bytes, "{name}");
        }
    };
    let mut state = 42;
    let near = whole.len().min(4_096) as u64;
    for end in (0..near.min(100)).chain((0..60).map(|part| whole.len() as u64 * part / 60)) {
        check(&whole[..end as usize]);
    }
    for round in 0..150 {
        let mut bytes = whole.to_vec();
        for _ in 0..=round % 6 {
            let far = bytes.len() as u64;
            let range = if round % 3 == 0 { far } else { near.min(256) };
            let at = (random(&mut state) % range.max(1)) as usize;
            let value = random(&mut state) as u8;
            if let Some(byte) = bytes.get_mut(at) {
                *byte = match value % 4 {
                    0 => 0,
                    1 => 0xff,
                    _ => value,
                };
            }
        }
        check(&bytes);
    }
}
