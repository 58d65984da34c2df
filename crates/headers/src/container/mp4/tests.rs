//! Films made by ffmpeg against ffprobe, films made by hand, and films that were damaged.

use std::path::Path;

use serde_json::Value;
use videocatalog_testkit::media::{encode, ffprobe};

use crate::{Format, Limits, Media, StreamKind, Structure, probe, probe_as};

const PICTURE: &str = "testsrc2=size=160x120:rate=10:duration=2";
const SOUND: &str = "sine=frequency=440:sample_rate=48000:duration=2";

fn read(bytes: &[u8]) -> Media {
    let mut source = bytes;
    probe(&mut source, Some("mp4"), Limits::default()).unwrap()
}

/// Makes a film with picture and sound.
fn make(folder: &Path, name: &str, more: &[&str]) -> (Vec<u8>, Media, Value) {
    make_with(folder, name, &[], more)
}

/// Makes a film of a third input too; `more` comes last.
fn make_with(folder: &Path, name: &str, third: &[&str], more: &[&str]) -> (Vec<u8>, Media, Value) {
    let path = folder.join(name);
    let mut arguments = vec!["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND];
    arguments.extend(third);
    arguments.extend(["-c:v", "mpeg4", "-c:a", "aac"]);
    arguments.extend(more);
    encode(&arguments, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let media = read(&bytes);
    let json = serde_json::from_str(&ffprobe(&path).unwrap()).unwrap();
    (bytes, media, json)
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn near(ours: Option<f64>, theirs: &Value) {
    let (ours, theirs) = (ours.unwrap(), number(theirs));
    assert!((ours - theirs).abs() < 0.06, "{ours} and {theirs}");
}

/// Compares what every film has.
fn agrees(media: &Media, json: &Value, is_indexed: bool) {
    assert_eq!(media.structure, Structure::Complete);
    near(media.duration_s, &json["format"]["duration"]);
    let streams = json["streams"].as_array().unwrap();
    assert_eq!(media.streams.len(), streams.len());
    for (ours, theirs) in media.streams.iter().zip(streams) {
        assert_eq!(ours.codec, theirs["codec_name"].as_str().unwrap());
        near(ours.duration_s, &theirs["duration"]);
        if let Some(video) = &ours.video {
            let rate = video.frame_rate.unwrap();
            let text = format!("{}/{}", rate.num, rate.den);
            // Where an index tells the rest, ffprobe knows but the first fragment.
            if !is_indexed {
                assert_eq!(text, theirs["avg_frame_rate"].as_str().unwrap());
            }
            assert!((rate.value() - 10.0).abs() < 0.2, "{text}");
            assert_eq!(u64::from(video.width.unwrap()), theirs["width"]);
        }
    }
}

#[test]
fn flavours_agree_with_ffprobe() {
    let folder = tempfile::tempdir().unwrap();
    for (name, more) in [
        ("plain.mp4", [].as_slice()),
        ("front.mp4", &["-movflags", "faststart"]),
        ("quick.mov", &["-c:a", "pcm_s24be"]),
        ("mobile.3gp", &[]),
        (
            "fragments.mp4",
            &["-g", "5", "-movflags", "frag_keyframe+empty_moov"],
        ),
        ("hybrid.mp4", &["-g", "5", "-movflags", "frag_keyframe"]),
        (
            "indexed.mp4",
            &["-g", "5", "-movflags", "frag_keyframe+global_sidx"],
        ),
        ("dash.mp4", &["-g", "5", "-movflags", "dash"]),
    ] {
        let (_, media, json) = make(folder.path(), name, more);
        agrees(&media, &json, matches!(name, "indexed.mp4" | "dash.mp4"));
    }
}

#[test]
fn tags_and_covers() {
    let folder = tempfile::tempdir().unwrap();
    let cover = folder.path().join("cover.png");
    encode(
        &["-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1"],
        &cover,
    )
    .unwrap();
    let cover = cover.to_string_lossy();
    let third = ["-i", &*cover];
    let mut more = vec!["-map", "0", "-map", "1", "-map", "2"];
    more.extend(["-c:v:1", "copy", "-disposition:v:1", "attached_pic"]);
    let tags = [
        "title=Ein Film",
        "artist=Jemand",
        "album=Viele",
        "genre=Rock",
        "track=3/9",
        "date=2021",
        "show=Reihe",
        "creation_time=2020-02-03T04:05:06Z",
    ];
    for tag in &tags {
        more.extend(["-metadata", tag]);
    }
    let (bytes, media, json) = make_with(folder.path(), "tags.mp4", &third, &more);
    for tag in &tags[..7] {
        let (name, value) = tag.split_once('=').unwrap();
        assert_eq!(media.tag_value(name), Some(value));
    }
    let created = json["format"]["tags"]["creation_time"].as_str();
    assert_eq!(media.created.as_deref(), created);
    let [cover] = media.covers.as_slice() else {
        panic!("{:?}", media.covers);
    };
    let at = usize::try_from(cover.offset).unwrap();
    assert!(bytes[at..].starts_with(b"\x89PNG") && cover.front);
    let picture = &media.streams[2];
    assert!(picture.flags.attached_picture);
    assert_eq!(picture.video.as_ref().unwrap().width, Some(64));
}

#[test]
fn chapters_languages_and_turns() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(
        &list,
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=700\ntitle=Eins\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=700\n\
         END=2000\ntitle=Zwöi\n",
    )
    .unwrap();
    let list = list.to_string_lossy();
    let third = ["-i", &*list];
    let more = [
        "-map",
        "0",
        "-map",
        "1",
        "-map_chapters",
        "2",
        "-metadata:s:a:0",
        "language=ger",
        "-metadata:s:a:0",
        "title=Ton",
    ];
    // Nero's list is in MP4; QuickTime has only the track of names.
    for name in ["chapters.mp4", "chapters.mov"] {
        let (_, media, json) = make_with(folder.path(), name, &third, &more);
        let theirs = json["chapters"].as_array().unwrap();
        assert_eq!((media.chapters.len(), theirs.len()), (2, 2));
        for (ours, theirs) in media.chapters.iter().zip(theirs) {
            assert_eq!(ours.title.as_deref(), theirs["tags"]["title"].as_str());
            near(Some(ours.start_s), &theirs["start_time"]);
            near(ours.end_s, &theirs["end_time"]);
        }
        assert_eq!(media.streams[1].language.as_deref(), Some("ger"));
        assert_eq!(media.streams[2].kind, StreamKind::Data);
    }
    for degrees in ["90", "180", "270"] {
        let straight = folder.path().join("chapters.mp4");
        let turned = folder.path().join("turned.mp4");
        let (straight, tag) = (straight.to_string_lossy(), format!("rotate={degrees}"));
        encode(
            &[
                "-i",
                &straight,
                "-c",
                "copy",
                "-map",
                "0:v",
                "-metadata:s:v",
                &tag,
            ],
            &turned,
        )
        .unwrap();
        let json: Value = serde_json::from_str(&ffprobe(&turned).unwrap()).unwrap();
        let theirs = json["streams"][0]["side_data_list"][0]["rotation"].as_i64();
        let media = read(&std::fs::read(&turned).unwrap());
        let video = media.streams[0].video.as_ref().unwrap();
        // ffprobe turns against the clock.
        let ours = i64::from(video.rotation_deg);
        assert_eq!(theirs.map(|turn| (-turn).rem_euclid(360)), Some(ours));
        assert_ne!(ours, 0);
    }
}

fn part(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len() + 8)
        .unwrap()
        .to_be_bytes()
        .to_vec();
    bytes.extend(kind);
    bytes.extend(body);
    bytes
}

#[test]
fn sizes_have_to_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let (front, whole, _) = make(folder.path(), "front.mp4", &["-movflags", "faststart"]);
    let length = front.len() as u64;
    assert_eq!(whole.structure, Structure::Complete);
    let cut = read(&front[..front.len() - 5_000]);
    let expected_bytes = Some(length);
    assert_eq!(cut.structure, Structure::Truncated { expected_bytes });
    assert_eq!(cut.streams, whole.streams);
    // Zeros after the end do no harm.
    let mut padded = front.clone();
    padded.resize(front.len() + 3_000, 0);
    assert_eq!(read(&padded).structure, Structure::Complete);
    // A length of 0 reaches to the end; then only the chunks tell.
    let at = front.windows(4).position(|name| name == b"mdat").unwrap();
    let mut open = front.clone();
    open[at - 4..at].fill(0);
    assert_eq!(read(&open).structure, Structure::Complete);
    open.truncate(at + 1_000);
    assert!(matches!(read(&open).structure, Structure::Truncated { .. }));
    // Without its header a film is lost.
    let (back, ..) = make(folder.path(), "back.mp4", &[]);
    let at = back.windows(4).rposition(|name| name == b"moov").unwrap();
    assert!(matches!(
        read(&back[..at - 4]).structure,
        Structure::Truncated { .. }
    ));
    // A box may not be larger than the one it lies in.
    let at = front.windows(4).position(|name| name == b"minf").unwrap();
    let mut large = front.clone();
    large[at - 3] = 0x10;
    let Structure::Damaged { at: found, .. } = read(&large).structure else {
        panic!("{:?}", read(&large).structure);
    };
    assert_eq!(found, at as u64 - 4);
}

#[test]
fn long_boxes_and_old_films() {
    let folder = tempfile::tempdir().unwrap();
    let (back, whole, _) = make(folder.path(), "back.mp4", &[]);
    let name = back.windows(4).position(|name| name == b"mdat").unwrap();
    let size = u32::from_be_bytes(back[name - 4..name].try_into().unwrap());
    // ffmpeg leaves room for a length of 64 bits: a `free` box of nothing.
    assert_eq!(&back[name - 8..name - 4], b"free");
    let mut long = back.clone();
    long[name - 12..name - 8].copy_from_slice(&1_u32.to_be_bytes());
    long[name - 8..name - 4].copy_from_slice(b"mdat");
    long[name - 4..name + 4].copy_from_slice(&(u64::from(size) + 8).to_be_bytes());
    let long = read(&long);
    assert_eq!(
        (long.structure, long.streams),
        (Structure::Complete, whole.streams)
    );
    // QuickTime of old: no `ftyp`.
    let mut old = part(*b"wide", &[]);
    old.extend(&back[name - 12..]);
    let mut source = old.as_slice();
    let old = probe_as(Format::Mp4, &mut source, Limits::default()).unwrap();
    assert_eq!((old.variant, old.streams.len()), (None, 2));
}

#[test]
fn damage_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, ..) = make(folder.path(), "plain.mov", &["-timecode", "01:00:00:00"]);
    let (fragments, ..) = make(
        folder.path(),
        "fragments.mp4",
        &["-g", "5", "-movflags", "frag_keyframe+empty_moov"],
    );
    let mut state = 0x9e37_79b9_u32;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    for film in [&plain, &fragments] {
        let moov = film.windows(4).position(|name| name == b"moov").unwrap();
        for round in 0..600 {
            let mut bytes = film.clone();
            match round % 3 {
                0 => bytes.truncate(random(film.len()).max(16)),
                1 => {
                    for _ in 0..4 {
                        let at = moov + random((film.len() - moov).min(4_000));
                        bytes[at] = u8::try_from(random(256)).unwrap();
                    }
                }
                _ => {
                    let at = moov + random((film.len() - moov).min(4_000));
                    let end = (at + random(40)).min(film.len());
                    bytes[at..end].fill(if round % 2 == 0 { 0 } else { 0xff });
                }
            }
            let mut source = bytes.as_slice();
            let media = probe_as(Format::Mp4, &mut source, Limits::default()).unwrap();
            assert!(media.bytes_read <= Limits::default().bytes);
        }
    }
}
