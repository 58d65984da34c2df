//! Real files against ffprobe, hand-made ones for what ffmpeg does not write, and broken ones.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;
use videocatalog_testkit::media::{encode, ffprobe};

use crate::{Limits, Media, Ratio, Source, StreamKind, Structure, probe};

fn read(bytes: &[u8]) -> Media {
    let mut source = bytes;
    probe(&mut source, Some("mkv"), Limits::default()).unwrap()
}

fn made(folder: &TempDir, name: &str, arguments: &[&str]) -> (Vec<u8>, String) {
    let path = folder.path().join(name);
    encode(arguments, &path).unwrap();
    (fs::read(&path).unwrap(), ffprobe(&path).unwrap())
}

/// Returns the `"key": "value"` or `"key": value` that first follows `after` in ffprobe's answer.
fn answer<'a>(json: &'a str, after: &str, key: &str) -> Option<&'a str> {
    let start = json.find(after)?;
    let key = format!("\"{key}\": ");
    let rest = &json[start..];
    let rest = &rest[rest.find(&key)? + key.len()..];
    Some(
        rest[..rest.find(['\n'])?]
            .trim_end_matches(',')
            .trim_matches('"'),
    )
}

fn write(path: &Path, text: &str) -> String {
    fs::write(path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const PICTURE: &[&str] = &[
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=160x120:rate=25:duration=1",
];

#[test]
fn a_film_is_described_as_by_ffprobe() {
    let folder = TempDir::new().unwrap();
    let chapters = write(
        &folder.path().join("chapters.txt"),
        ";FFMETADATA1\ntitle=The Film\nARTIST=Somebody\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n\
         [CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\ntitle=Two\n",
    );
    let words = write(
        &folder.path().join("words.srt"),
        "1\n00:00:00,000 --> 00:00:01,000\nHello\n",
    );
    let sound = "sine=frequency=440:sample_rate=44100:duration=1";
    let arguments = [
        PICTURE,
        &["-f", "lavfi", "-i", sound, "-i", &words, "-i", &chapters],
        &[
            "-map",
            "0",
            "-map",
            "1",
            "-map",
            "1",
            "-map",
            "2",
            "-map_metadata",
            "3",
        ],
        &[
            "-vf",
            "setsar=4/3",
            "-c:v",
            "mpeg4",
            "-c:a",
            "pcm_s16le",
            "-ac:a:1",
            "2",
            "-c:s",
            "srt",
        ],
        &[
            "-metadata:s:a:0",
            "language=ger",
            "-metadata:s:a:0",
            "title=Ton",
        ],
        &[
            "-disposition:a:1",
            "comment+dub",
            "-disposition:s:0",
            "forced+hearing_impaired",
        ],
        &["-metadata", "creation_time=2020-02-03T04:05:06Z"],
    ]
    .concat();
    let (bytes, theirs) = made(&folder, "film.mkv", &arguments);
    let media = read(&bytes);

    assert_eq!(media.variant.as_deref(), Some("matroska"));
    assert_eq!(media.structure, Structure::Complete);
    let kinds: Vec<_> = media.streams.iter().map(|stream| stream.kind).collect();
    assert_eq!(
        kinds,
        [
            StreamKind::Video,
            StreamKind::Audio,
            StreamKind::Audio,
            StreamKind::Subtitle
        ]
    );
    assert_marks(&media, &theirs);
    let picture = media.video().unwrap().video.clone().unwrap();
    assert_eq!((picture.width, picture.height), (Some(160), Some(120)));
    assert_eq!(picture.pixel_aspect, Ratio::new(4, 3));
    assert_eq!(picture.frame_rate, Ratio::new(25, 1));
    let sound = &media.streams[1];
    assert_eq!(sound.language.as_deref(), Some("ger"));
    assert_eq!(sound.title.as_deref(), Some("Ton"));
    assert_eq!(sound.bitrate_bps, Some(705_600));
    let audio = media.streams[2].audio.clone().unwrap();
    assert_eq!(
        (audio.channels, audio.sample_rate_hz, audio.bit_depth),
        (Some(2), Some(44_100), Some(16))
    );
    assert_eq!(audio.layout.as_deref(), Some("stereo"));
    assert_format(&media, &theirs);
}

fn assert_marks(media: &Media, theirs: &str) {
    for (index, stream) in media.streams.iter().enumerate() {
        let after = format!("\"index\": {index},");
        let says = |key: &str| answer(theirs, &after, key);
        assert_eq!(Some(stream.codec.as_str()), says("codec_name"));
        let flag = |set: bool| Some(if set { "1" } else { "0" });
        assert_eq!(flag(stream.flags.default), says("default"));
        assert_eq!(flag(stream.flags.forced), says("forced"));
        assert_eq!(flag(stream.flags.dub), says("dub"));
        assert_eq!(flag(stream.flags.commentary), says("comment"));
        assert_eq!(
            flag(stream.flags.hearing_impaired),
            says("hearing_impaired")
        );
    }
}

fn assert_format(media: &Media, theirs: &str) {
    let format = |key: &str| answer(theirs, "\"format\": {", key);
    let duration: f64 = format("duration").unwrap().parse().unwrap();
    assert!((media.duration_s.unwrap() - duration).abs() < 1e-6);
    for key in ["title", "ARTIST", "ENCODER", "creation_time"] {
        assert_eq!(media.tag_value(&key.to_lowercase()), format(key), "{key}");
    }
    assert_eq!(
        media.created.as_deref(),
        Some("2020-02-03T04:05:06.000000Z")
    );
    let told: Vec<_> = media
        .chapters
        .iter()
        .map(|chapter| (chapter.start_s, chapter.end_s, chapter.title.as_deref()))
        .collect();
    assert_eq!(
        told,
        [(0.0, Some(0.4), Some("One")), (0.4, Some(1.0), Some("Two"))]
    );
}

#[test]
fn frame_rates_are_rounded_as_by_ffprobe() {
    let folder = TempDir::new().unwrap();
    for rate in ["24000/1001", "60000/1001", "25/2", "120"] {
        let picture = format!("color=size=32x32:rate={rate}:duration=0.3");
        let (bytes, theirs) = made(
            &folder,
            "rate.mkv",
            &["-f", "lavfi", "-i", &picture, "-c:v", "mpeg4"],
        );
        let ours = read(&bytes)
            .video()
            .unwrap()
            .video
            .clone()
            .unwrap()
            .frame_rate
            .unwrap();
        let ours = format!("{}/{}", ours.num, ours.den);
        assert_eq!(
            Some(ours.as_str()),
            answer(&theirs, "streams", "avg_frame_rate"),
            "{rate}"
        );
    }
}

#[test]
fn attachments_and_covers_are_found() {
    let folder = TempDir::new().unwrap();
    let cover = folder.path().join("cover.png");
    encode(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=48x32:rate=1",
            "-frames:v",
            "1",
        ],
        &cover,
    )
    .unwrap();
    let font = write(&folder.path().join("font.ttf"), "no font at all");
    let arguments = [
        PICTURE,
        &[
            "-c:v",
            "mpeg4",
            "-attach",
            cover.to_str().unwrap(),
            "-attach",
            &font,
        ],
        &[
            "-metadata:s:1",
            "mimetype=image/png",
            "-metadata:s:2",
            "mimetype=application/x-truetype-font",
        ],
    ]
    .concat();
    let (bytes, _) = made(&folder, "attached.mkv", &arguments);
    let media = read(&bytes);
    let [_, picture, file] = media.streams.as_slice() else {
        panic!("{:?}", media.streams);
    };
    assert_eq!(
        (picture.codec.as_str(), picture.flags.attached_picture),
        ("png", true)
    );
    assert_eq!(picture.video.as_ref().unwrap().width, Some(48));
    assert_eq!(
        (file.codec.as_str(), file.kind),
        ("ttf", StreamKind::Attachment)
    );
    assert_eq!(file.title.as_deref(), Some("font.ttf"));
    let [found] = media.covers.as_slice() else {
        panic!("{:?}", media.covers);
    };
    let start = usize::try_from(found.offset).unwrap();
    let end = start + usize::try_from(found.size_bytes).unwrap();
    assert_eq!(bytes[start..end], fs::read(&cover).unwrap());
    assert!(found.front);
}

/// One element: id, eight bytes of size, body.
fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = head(id, (1 << 56) | body.len() as u64);
    bytes.extend_from_slice(body);
    bytes
}

fn head(id: u32, size: u64) -> Vec<u8> {
    let id = id.to_be_bytes();
    let zeros = id.iter().take_while(|byte| **byte == 0).count();
    let mut bytes = id[zeros..].to_vec();
    bytes.extend(size.to_be_bytes());
    bytes
}

fn number(id: u32, value: u64) -> Vec<u8> {
    element(id, &value.to_be_bytes())
}

fn track(parts: &[Vec<u8>]) -> Vec<u8> {
    element(super::TRACKS, &element(0xae, &parts.concat()))
}

fn film(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = element(super::EBML, &element(0x4282, b"webm\0\0"));
    bytes.extend(element(super::SEGMENT, &parts.concat()));
    bytes
}

#[test]
fn a_picture_is_cropped_and_turned() {
    let picture = element(
        0xe0,
        &[
            number(0xb0, 1_920),
            number(0xba, 1_088),
            number(0x54aa, 8),
            number(0x53c0, 1),
            number(0x9a, 1),
            number(0x9d, 9),
            element(0x7670, &element(0x7675, &(-90.0_f32).to_be_bytes())),
            element(
                0x55b0,
                &[
                    number(0x55ba, 16),
                    number(0x55bb, 9),
                    number(0x55bc, 1_000),
                    number(0x55b9, 1),
                ]
                .concat(),
            ),
        ]
        .concat(),
    );
    let media = read(&film(&[
        element(0xec, &[0; 40]),
        track(&[
            number(0xd7, 1),
            number(0x83, 1),
            element(0x86, b"V_VP9"),
            picture,
            number(0x88, 0),
        ]),
    ]));
    assert_eq!(media.variant.as_deref(), Some("webm"));
    let stream = media.video().unwrap();
    // English is what is meant where nothing is said.
    assert_eq!(stream.language.as_deref(), Some("eng"));
    assert!(!stream.flags.default);
    let video = stream.video.clone().unwrap();
    assert_eq!((video.width, video.height), (Some(1_920), Some(1_080)));
    assert_eq!(video.pixel_aspect, Ratio::new(1, 1));
    assert_eq!(video.rotation_deg, 90);
    assert_eq!(video.field_order.as_deref(), Some("tb"));
    assert_eq!(video.color.transfer.as_deref(), Some("smpte2084"));
    assert_eq!(video.color.max_cll, Some(1_000));
    assert_eq!(video.color.full_range, Some(false));
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn parts_behind_unknown_sizes_are_found_by_seek_heads() {
    let seek = |id: u32, at: u64| {
        element(
            0x4dbb,
            &[element(0x53ab, &id.to_be_bytes()), number(0x53ac, at)].concat(),
        )
    };
    let tracks = track(&[
        number(0xd7, 1),
        number(0x83, 2),
        element(0x86, b"A_AAC/MPEG4/LC/SBR"),
    ]);
    // The first `SeekHead` names only the second, behind a cluster of unknown size.
    let second_at = {
        let first = element(super::SEEK_HEAD, &seek(super::SEEK_HEAD, 0));
        first.len() as u64 + 12
    };
    let first = element(super::SEEK_HEAD, &seek(super::SEEK_HEAD, second_at));
    let mut body = first;
    body.extend(head(super::CLUSTER, (1 << 57) - 1));
    assert_eq!(body.len() as u64, second_at);
    let second_length = element(super::SEEK_HEAD, &seek(super::TRACKS, 0)).len() as u64;
    body.extend(element(
        super::SEEK_HEAD,
        &seek(super::TRACKS, second_at + second_length),
    ));
    body.extend(tracks);
    let mut bytes = element(super::EBML, &[]);
    bytes.extend(head(super::SEGMENT, (1 << 57) - 1));
    bytes.extend(body);
    let media = read(&bytes);
    assert_eq!(media.structure, Structure::Unchecked);
    assert_eq!(media.streams[0].codec, "aac");
    assert_eq!(media.streams[0].profile.as_deref(), Some("HE-AAC"));
}

#[test]
fn tags_have_ffprobes_names() {
    let simple = |name: &[u8], text: &[u8], more: &[u8]| {
        element(
            0x67c8,
            &[element(0x45a3, name), element(0x4487, text), more.to_vec()].concat(),
        )
    };
    let all = [
        element(0x63c0, &element(0x63ca, b"MOVIE")),
        simple(b"ACTOR", b"Somebody", &simple(b"CHARACTER", b"Hero", &[])),
        simple(b"TITLE", b"Der Film", &element(0x447a, b"ger")),
    ]
    .concat();
    let plain = [
        simple(b"PART_NUMBER", b"3", &[]),
        simple(b"LEAD_PERFORMER", b"Lead", &[]),
    ]
    .concat();
    let numbers = [
        element(0x63c0, &number(0x63c5, 77)),
        simple(b"BPS-eng", b"1234", &[]),
        simple(b"DURATION", b"00:01:02.500000000", &[]),
        simple(b"NUMBER_OF_FRAMES", b"99", &[]),
    ]
    .concat();
    let tags = [all, plain, numbers]
        .map(|tag| element(0x7373, &tag))
        .concat();
    let media = read(&film(&[
        track(&[
            number(0xd7, 1),
            number(0x73c5, 77),
            number(0x83, 2),
            element(0x86, b"A_OPUS"),
        ]),
        element(super::TAGS, &tags),
    ]));
    let named: Vec<_> = media
        .tags
        .iter()
        .map(|tag| (tag.name.as_str(), tag.value.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("movie/actor", "Somebody"),
            ("movie/actor/character", "Hero"),
            ("movie/title-ger", "Der Film"),
            ("track", "3"),
            ("performer", "Lead"),
        ]
    );
    let sound = &media.streams[0];
    assert_eq!(
        (sound.bitrate_bps, sound.duration_s, sound.frames),
        (Some(1_234), Some(62.5), Some(99))
    );
}

/// A file that is mostly a hole.
struct Sparse {
    parts: Vec<(u64, Vec<u8>)>,
    length: u64,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let there = self.length.saturating_sub(offset).min(buffer.len() as u64);
        let there = usize::try_from(there).unwrap();
        for (index, byte) in buffer[..there].iter_mut().enumerate() {
            let at = offset + index as u64;
            *byte = self
                .parts
                .iter()
                .find_map(|(start, bytes)| {
                    bytes.get(usize::try_from(at.checked_sub(*start)?).ok()?)
                })
                .copied()
                .unwrap_or(0);
        }
        Ok(there)
    }
}

/// Forty gigabytes: tracks, one cluster, cues.
fn long_film(cluster_is_there: bool) -> Sparse {
    const CLUSTER_SIZE: u64 = 40 << 30;
    let mut front = track(&[number(0xd7, 1), number(0x83, 1), element(0x86, b"V_FFV1")]);
    let cluster = front.len() as u64;
    let cue = |at: u64| {
        let place = element(0xb7, &number(0xf1, at));
        let mut point = vec![0xbb, 0x80 | u8::try_from(place.len()).unwrap()];
        point.extend(place);
        point
    };
    let far = cluster + CLUSTER_SIZE / 2;
    let cues = element(
        super::CUES,
        &[cue(cluster), cue(cluster).repeat(3_000), cue(far)].concat(),
    );
    front.extend(head(super::CLUSTER, (1 << 56) | (CLUSTER_SIZE / 2 - 12)));
    let mut start = element(super::EBML, &[]);
    start.extend(head(
        super::SEGMENT,
        (1 << 56) | (cluster + CLUSTER_SIZE + cues.len() as u64),
    ));
    let base = start.len() as u64;
    start.extend(front);
    let mut parts = vec![(0, start), (base + cluster + CLUSTER_SIZE, cues.clone())];
    if cluster_is_there {
        parts.push((
            base + far,
            head(super::CLUSTER, (1 << 56) | (CLUSTER_SIZE / 2 - 12)),
        ));
    }
    Sparse {
        parts,
        length: base + cluster + CLUSTER_SIZE + cues.len() as u64,
    }
}

#[test]
fn length_costs_nothing_and_a_hole_is_seen() {
    let media = probe(&mut long_film(true), None, Limits::default()).unwrap();
    assert_eq!(media.structure, Structure::Complete);
    assert_eq!(media.streams[0].codec, "ffv1");
    assert!(media.bytes_read < 150_000, "{}", media.bytes_read);

    let media = probe(&mut long_film(false), None, Limits::default()).unwrap();
    assert!(
        matches!(media.structure, Structure::Zeros { .. }),
        "{:?}",
        media.structure
    );
}

#[test]
fn cut_off_files_are_truncated_and_still_described() {
    let folder = TempDir::new().unwrap();
    let (bytes, _) = made(
        &folder,
        "film.mkv",
        &[PICTURE, &["-c:v", "mpeg4", "-b:v", "1M"]].concat(),
    );
    let cut = read(&bytes[..bytes.len() / 2]);
    assert_eq!(
        cut.structure,
        Structure::Truncated {
            expected_bytes: Some(bytes.len() as u64)
        }
    );
    assert_eq!(cut.streams[0].codec, "mpeg4");
    assert!(cut.duration_s.is_some());
    let mut more = bytes.clone();
    more.extend([0; 999]);
    assert_eq!(read(&more).structure, Structure::Complete);
}

#[test]
fn sizes_without_end_are_survived() {
    for size in [
        u64::MAX >> 8,
        (1 << 56) | ((u64::MAX >> 8) - 1),
        1 << 56 | 1 << 55,
    ] {
        let mut bytes = element(super::EBML, &[]);
        bytes.extend(head(super::SEGMENT, (1 << 57) - 1));
        bytes.extend(head(super::TAGS, size));
        bytes.extend([0x73, 0x73, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
        bytes.extend([7; 100]);
        read(&bytes);
    }
    // Elements in each other as deep as there is room.
    let mut nested = Vec::new();
    for _ in 0..200 {
        nested = element(0x67c8, &[element(0x45a3, b"A"), nested].concat());
    }
    read(&film(&[element(super::TAGS, &element(0x7373, &nested))]));
}

#[test]
fn broken_files_end_in_time() {
    let folder = TempDir::new().unwrap();
    let sound = "sine=sample_rate=8000:duration=1";
    let arguments = [
        PICTURE,
        &[
            "-f",
            "lavfi",
            "-i",
            sound,
            "-c:v",
            "mpeg4",
            "-c:a",
            "ac3",
            "-metadata",
            "title=x",
        ],
    ]
    .concat();
    let (bytes, _) = made(&folder, "film.mkv", &arguments);
    mutate(&bytes, "mkv");
}

/// Cuts, flips and blanks a file in many places: whatever comes out, nothing may panic or read beyond its limits.
pub(crate) fn mutate(bytes: &[u8], extension: &str) {
    let limits = Limits {
        bytes: 1 << 20,
        reads: 128,
    };
    let check = |bytes: &[u8]| {
        let mut source = bytes;
        if let Ok(media) = probe(&mut source, Some(extension), limits) {
            assert!(media.bytes_read <= limits.bytes);
        }
    };
    for end in (0..bytes.len())
        .step_by(bytes.len() / 80 + 1)
        .chain(0..400.min(bytes.len()))
    {
        check(&bytes[..end]);
    }
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut copy = bytes.to_vec();
    for round in 0..600 {
        // Headers are worth more than payload.
        let reach = [700, 4_000, bytes.len()][round % 3].min(bytes.len());
        let from = if round % 6 == 5 {
            bytes.len() - reach
        } else {
            0
        };
        let mut places = Vec::new();
        for _ in 0..=random(6) {
            let place = from + random(reach);
            let value = [0, 0xff, 0x7f, 1 << random(8)][random(4)];
            places.push(place);
            copy[place] = if round % 2 == 0 {
                copy[place] ^ value
            } else {
                value
            };
        }
        check(&copy);
        for place in places {
            copy[place] = bytes[place];
        }
    }
}
