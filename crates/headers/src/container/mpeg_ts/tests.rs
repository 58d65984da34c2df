//! Tests with files made by ffmpeg, compared with ffprobe, and with damaged ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use videocatalog_testkit::media;

use crate::{Limits, Media, StreamKind, Structure, probe, tag_value};

type Facts = BTreeMap<String, String>;

/// Returns what ffprobe says: the film's facts first, then each stream's.
fn ffprobe(path: &Path) -> (Facts, Vec<Facts>) {
    let json = media::ffprobe(path).unwrap();
    let (mut film, mut streams, mut in_film) = (Facts::new(), Vec::<Facts>::new(), false);
    for line in json.lines() {
        let line = line.trim().trim_end_matches(',');
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        let (name, value) = (name.trim_matches('"'), value.trim_matches('"'));
        match name {
            "index" => streams.push(Facts::new()),
            "format" => in_film = true,
            _ => {}
        }
        let facts = if in_film {
            Some(&mut film)
        } else {
            streams.last_mut()
        };
        if let Some(facts) = facts {
            facts.insert(name.to_owned(), value.to_owned());
        }
    }
    (film, streams)
}

pub(crate) fn read(path: &Path) -> Media {
    let bytes = std::fs::read(path).unwrap();
    let extension = path.extension().and_then(|name| name.to_str());
    let media = probe(&mut bytes.as_slice(), extension, Limits::default()).unwrap();
    assert!(media.bytes_read < 3 << 19, "{} bytes", media.bytes_read);
    media
}

fn is_near(ours: Option<f64>, theirs: Option<&String>, what: &str) {
    let theirs = theirs.map(|text| text.parse::<f64>().unwrap());
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            assert!((ours - theirs).abs() < 2e-6, "{what}: {ours}, not {theirs}");
        }
        (ours, theirs) => assert_eq!(ours, theirs, "{what}"),
    }
}

/// Compares what is read of a file with ffprobe's answer.
pub(crate) fn compare(path: &Path) -> Media {
    let ours = read(path);
    let (film, streams) = ffprobe(path);
    let name = path.display();
    assert_eq!(ours.structure, Structure::Complete, "{name}");
    is_near(ours.duration_s, film.get("duration"), &format!("{name}"));
    assert_eq!(
        ours.bitrate_bps.map(|rate| rate.to_string()).as_ref(),
        film.get("bit_rate"),
        "{name}"
    );
    assert_eq!(ours.streams.len(), streams.len(), "{name}");
    for (stream, facts) in ours.streams.iter().zip(&streams) {
        let what = format!("{name} {}", stream.codec);
        let check = |fact: &str, ours: Option<String>| {
            let theirs = facts.get(fact).filter(|text| *text != "0/0");
            assert_eq!(ours.as_ref(), theirs, "{what} {fact}");
        };
        check("id", stream.id.map(|id| format!("0x{id:x}")));
        check("codec_name", Some(stream.codec.clone()));
        check(
            "codec_type",
            Some(format!("{:?}", stream.kind).to_lowercase()),
        );
        check("language", stream.language.clone());
        is_near(stream.duration_s, facts.get("duration"), &what);
        if let Some(video) = &stream.video {
            check("width", video.width.map(|n| n.to_string()));
            check("height", video.height.map(|n| n.to_string()));
            let rate = video.frame_rate.map(|r| format!("{}/{}", r.num, r.den));
            check("avg_frame_rate", rate);
        }
        if let Some(audio) = &stream.audio {
            check("channels", audio.channels.map(|n| n.to_string()));
            check("channel_layout", audio.layout.clone());
            check("sample_rate", audio.sample_rate_hz.map(|n| n.to_string()));
            if stream.codec != "aac" {
                check("bit_rate", stream.bitrate_bps.map(|n| n.to_string()));
            }
        }
        for (fact, ours) in [
            ("hearing_impaired", stream.flags.hearing_impaired),
            ("visual_impaired", stream.flags.visual_impaired),
        ] {
            check(fact, Some(u8::from(ours).to_string()));
        }
    }
    ours
}

pub(crate) const VIDEO: [&str; 4] = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=160x120:rate=25:duration=2",
];
pub(crate) const TONE: [&str; 4] = ["-f", "lavfi", "-i", "sine=sample_rate=48000:duration=2"];
const SIX: [&str; 4] = [
    "-f",
    "lavfi",
    "-i",
    "aevalsrc=sin(440*t)|sin(441*t)|sin(442*t)|sin(443*t)|sin(444*t)|sin(445*t):c=5.1:s=48000:d=2",
];

/// Makes a file of these inputs with these arguments.
pub(crate) fn make(folder: &Path, name: &str, inputs: &[[&str; 4]], arguments: &str) -> PathBuf {
    let path = folder.join(name);
    let mut all: Vec<&str> = inputs.iter().flatten().copied().collect();
    all.extend(arguments.split_whitespace());
    media::encode(&all, &path).unwrap();
    path
}

#[test]
fn codecs_and_times_are_those_of_ffprobe() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, [&str; 4], &str); 11] = [
        ("aac.ts", TONE, "-c:v mpeg2video -c:a aac"),
        (
            "latm.ts",
            TONE,
            "-c:v mpeg2video -c:a aac -mpegts_flags latm",
        ),
        (
            "mp2.m2ts",
            TONE,
            "-c:v mpeg2video -c:a mp2 -mpegts_m2ts_mode 1",
        ),
        ("ac3.ts", SIX, "-c:v mpeg2video -bf 2 -c:a ac3"),
        ("eac3.ts", SIX, "-c:v mpeg4 -c:a eac3"),
        ("dts.ts", SIX, "-c:v mpeg2video -c:a dca -strict -2"),
        ("mpeg1.ts", TONE, "-c:v mpeg1video -c:a mp2"),
        (
            "lpcm.m2ts",
            SIX,
            "-c:v mpeg2video -c:a pcm_bluray -mpegts_m2ts_mode 1",
        ),
        ("opus.ts", TONE, "-c:v mpeg2video -c:a opus -strict -2"),
        ("private.ts", TONE, "-c:v mpeg2video -c:a pcm_s16le"),
        (
            "late.ts",
            TONE,
            "-c:v mpeg2video -c:a mp2 -output_ts_offset 95440",
        ),
    ];
    for (name, sound, arguments) in cases {
        compare(&make(folder.path(), name, &[VIDEO, sound], arguments));
    }
    compare(&make(folder.path(), "sound.ts", &[TONE], "-c:a mp2"));
    // A recording that begins anywhere.
    let bytes = std::fs::read(folder.path().join("aac.ts")).unwrap();
    let path = folder.path().join("cut.ts");
    std::fs::write(&path, &bytes[188 * 111..]).unwrap();
    compare(&path);
    if ffmpeg_has_h264(folder.path()) {
        let arguments = "-c:v libx264 -bf 3 -preset veryfast -c:a ac3";
        compare(&make(folder.path(), "h264.ts", &[VIDEO, TONE], arguments));
    }
}

pub(crate) fn ffmpeg_has_h264(folder: &Path) -> bool {
    let arguments = [VIDEO.as_slice(), &["-c:v", "libx264", "-frames:v", "1"]].concat();
    media::encode(&arguments, &folder.join("has.mp4")).is_ok()
}

#[test]
fn languages_marks_and_services() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-map 0 -map 1 -map 1 -map 1 -c:v mpeg2video -c:a mp2 -c:a:1 ac3 -c:a:2 eac3 \
        -metadata:s:a:0 language=deu -metadata:s:a:1 language=eng -metadata:s:a:2 language=und \
        -disposition:a:1 hearing_impaired -disposition:a:2 visual_impaired \
        -metadata service_name=Ärzte-TV -metadata service_provider=Anstalt";
    let path = make(folder.path(), "a.ts", &[VIDEO, TONE], arguments);
    let (_, streams) = ffprobe(&path);
    // ffprobe shows `und` as it is.
    assert_eq!(streams[3].get("language").map(String::as_str), Some("und"));
    let media = read(&path);
    let languages: Vec<_> = media
        .streams
        .iter()
        .map(|s| s.language.as_deref())
        .collect();
    assert_eq!(languages, [None, Some("deu"), Some("eng"), None]);
    assert!(media.streams[2].flags.hearing_impaired && media.streams[3].flags.visual_impaired);
    assert_eq!(tag_value(&media.tags, "service_name"), Some("Ärzte-TV"));
    assert_eq!(tag_value(&media.tags, "service_provider"), Some("Anstalt"));
}

#[test]
fn programs_come_in_the_order_of_their_maps() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        "-map 0 -map 1 -map 1 -c:v mpeg2video -c:a mp2 -program st=0:st=1 -program st=2";
    compare(&make(folder.path(), "two.ts", &[VIDEO, TONE], arguments));
}

#[test]
fn ends_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-c:v mpeg2video -b:v 4M -minrate 4M -maxrate 4M -bufsize 1M -muxrate 9M";
    let path = make(folder.path(), "a.ts", &[VIDEO], arguments);
    let whole = std::fs::read(&path).unwrap();
    let judge = |bytes: &[u8]| {
        probe(&mut &bytes[..], Some("ts"), Limits::default())
            .unwrap()
            .structure
    };
    assert!(whole.len() > 2 << 20);
    assert_eq!(judge(&whole), Structure::Complete);
    assert_eq!(judge(&whole[..188 * 9_000]), Structure::Complete);
    let truncated = Structure::Truncated {
        expected_bytes: None,
    };
    assert_eq!(judge(&whole[..188 * 9_000 + 77]), truncated);
    let mut bytes = whole.clone();
    bytes[188 * 5_000..].fill(0);
    assert!(matches!(judge(&bytes), Structure::Zeros { .. }));
    let mut bytes = whole.clone();
    let half = bytes.len() / 2;
    bytes[half - 90_000..half + 90_000].fill(0xaa);
    assert!(matches!(judge(&bytes), Structure::Damaged { .. }));
    // A few bytes lost are no damage that would stop a player.
    let mut bytes = whole;
    bytes.drain(188 * 4_000..188 * 4_000 + 50);
    assert_eq!(judge(&bytes), Structure::Complete);
}

#[test]
fn packets_may_have_check_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(
        folder.path(),
        "a.ts",
        &[VIDEO, TONE],
        "-c:v mpeg2video -c:a mp2",
    );
    let plain = read(&path);
    let mut bytes = Vec::new();
    for packet in std::fs::read(&path).unwrap().chunks(188) {
        bytes.extend(packet);
        bytes.extend([0xee; 16]);
    }
    let checked = probe(&mut bytes.as_slice(), None, Limits::default()).unwrap();
    assert_eq!(checked.streams, plain.streams);
    assert_eq!(checked.duration_s, plain.duration_s);
    assert_eq!(checked.structure, Structure::Complete);
}

#[test]
fn streams_without_tables_are_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let path = make(
        folder.path(),
        "a.ts",
        &[VIDEO, TONE],
        "-c:v mpeg2video -c:a mp2",
    );
    let mut bytes = std::fs::read(&path).unwrap();
    for packet in bytes.chunks_exact_mut(188) {
        if matches!(packet[1] & 0x1f, 0 | 0x10) {
            // Stuffing where the tables were.
            (packet[1], packet[2]) = (0x1f, 0xff);
        }
    }
    let media = probe(&mut bytes.as_slice(), Some("ts"), Limits::default()).unwrap();
    let kinds: Vec<_> = media.streams.iter().map(|stream| stream.kind).collect();
    assert_eq!(kinds, [StreamKind::Video, StreamKind::Audio]);
    assert_eq!(media.streams[1].codec, "mp2");
    assert!(media.duration_s.unwrap() > 1.9);
}

/// Damages a file in many ways: reading ends, in bounds, whatever is there.
pub(crate) fn mutate(bytes: &[u8], extension: &str) {
    let try_it = |bytes: &[u8]| {
        let limits = Limits::default();
        if let Ok(media) = probe(&mut &bytes[..], Some(extension), limits) {
            assert!(media.bytes_read <= limits.bytes);
        }
    };
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for cut in (0..bytes.len()).step_by(bytes.len() / 40 + 1) {
        try_it(&bytes[..cut]);
    }
    for round in 0..60 {
        let mut bytes = bytes.to_vec();
        let near = if round % 2 == 0 { bytes.len() } else { 4_000 };
        for _ in 0..40 {
            let at = next(near);
            bytes[at] ^= 1 << next(8);
        }
        let at = next(near);
        let end = (at + next(600)).min(bytes.len());
        bytes[at..end].fill(if round % 3 == 0 { 0 } else { 0xff });
        try_it(&bytes);
    }
}

#[test]
fn damaged_files_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-t 1 -map 0 -map 1 -map 1 -c:v mpeg2video -c:a aac -c:a:1 ac3";
    let path = make(folder.path(), "a.ts", &[VIDEO, TONE], arguments);
    mutate(&std::fs::read(path).unwrap(), "ts");
}
