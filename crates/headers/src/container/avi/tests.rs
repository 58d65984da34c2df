use super::compare::{made, read, same, survives};
use crate::{Media, Structure};

const PICTURE: &str = "testsrc2=size=160x120:rate=25:duration=0.6";
const SOUND: &str = "sine=frequency=440:sample_rate=44100:duration=0.6";

fn check(name: &str, picture: &str, more: &[&str]) -> Media {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", SOUND];
    arguments.extend(more);
    let (media, theirs) = made(folder.path(), name, &arguments);
    same(&format!("{more:?}"), &media, &theirs);
    media
}

#[test]
fn pictures_of_many_codecs() {
    for codec in [
        "mpeg4",
        "mjpeg",
        "mpeg2video",
        "msmpeg4",
        "wmv2",
        "huffyuv",
        "utvideo",
        "rawvideo",
        "cinepak",
        "png",
        "v210",
    ] {
        let media = check(
            "x.avi",
            PICTURE,
            &["-c:v", codec, "-c:a", "mp2", "-t", "0.4"],
        );
        assert!(!media.streams[0].codec.is_empty(), "{codec}");
        assert!(media.streams[0].bitrate_bps.is_some(), "{codec}");
    }
}

#[test]
fn raw_pictures_have_depth_and_chroma() {
    for format in ["bgr24", "bgra", "rgb555le", "gray", "yuyv422", "yuv410p"] {
        let media = check(
            "x.avi",
            PICTURE,
            &["-c:v", "rawvideo", "-pix_fmt", format, "-t", "0.1"],
        );
        let video = media.streams[0].video.as_ref().unwrap();
        assert!(
            video.bit_depth.is_some() && video.chroma.is_some(),
            "{format}"
        );
    }
}

#[test]
fn shape_rate_and_words() {
    let media = check(
        "x.avi",
        "testsrc2=size=160x120:rate=30000/1001:duration=0.6",
        &[
            "-vf",
            "setsar=16/15",
            "-c:v",
            "mpeg4",
            "-c:a",
            "ac3",
            "-metadata",
            "title=A title",
            "-metadata",
            "artist=Somebody",
            "-metadata",
            "date=2001",
            "-metadata:s:v",
            "title=Picture",
            "-metadata:s:a",
            "title=Sound",
        ],
    );
    assert_eq!(media.tag_value("title"), Some("A title"));
    assert_eq!(media.tag_value("artist"), Some("Somebody"));
    assert_eq!(media.tag_value("date"), Some("2001"));
    assert_eq!(media.streams[1].title.as_deref(), Some("Sound"));
    assert!(
        media.streams[0]
            .video
            .as_ref()
            .unwrap()
            .pixel_aspect
            .is_some()
    );
    assert!(
        media.streams[0]
            .video
            .as_ref()
            .unwrap()
            .frame_rate
            .is_some()
    );
}

#[test]
fn cut_files_say_how_long_they_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["-f", "lavfi", "-i", PICTURE, "-c:v", "mjpeg"];
    made(folder.path(), "x.avi", &arguments);
    let bytes = std::fs::read(folder.path().join("x.avi")).unwrap();
    let media = read(&bytes[..bytes.len() / 2]);
    let expected_bytes = Some(bytes.len() as u64);
    assert_eq!(media.structure, Structure::Truncated { expected_bytes });
    assert_eq!(media.streams.len(), 1);
    assert!(media.duration_s.is_some());
    // The old index may be missing.
    let index = bytes.windows(4).rposition(|name| name == b"idx1").unwrap();
    let mut shorter = bytes[..index].to_vec();
    shorter[4..8].copy_from_slice(&u32::try_from(index - 8).unwrap().to_le_bytes());
    let media = read(&shorter);
    assert_eq!(media.structure, Structure::Complete);
    assert!(media.streams[0].bitrate_bps.is_some());
    // Something may be appended.
    let mut longer = bytes.clone();
    longer.extend_from_slice(&[7; 999]);
    assert_eq!(read(&longer).structure, Structure::Complete);
    // A recorder that lost its power leaves sizes at nothing.
    let mut open = shorter;
    open[4..8].fill(0);
    assert_eq!(read(&open).structure, Structure::Unchecked);
    survives(&bytes);
}

fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    let mut chunk = [name, &size, body].concat();
    chunk.extend(std::iter::repeat_n(0, body.len() % 2));
    chunk
}

fn list(name: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[name, &parts.concat()].concat())
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn stream_header(kind: &[u8], length: u32) -> Vec<u8> {
    let numbers = words(&[0, 0, 0, 1, 25, 0, length, 0, 0, 0, 0, 0]);
    chunk(b"strh", &[kind, &numbers].concat())
}

/// The first blocks of a frame of PAL, 16:9, with sound of 48 kHz.
fn dv_frame() -> Vec<u8> {
    let mut frame = vec![0xff; 144_000];
    frame[..8].copy_from_slice(&[0x1f, 0x07, 0, 0xbf, 0x78, 0x78, 0x78, 0x78]);
    frame[453..458].copy_from_slice(&[0x61, 0x33, 0xca, 0xfc, 0xff]);
    frame[4_323..4_328].copy_from_slice(&[0x50, 0xc0, 0x30, 0xe0, 0xc0]);
    frame
}

#[test]
fn digital_video_has_its_sound_inside() {
    let header = list(
        b"hdrl",
        &[
            chunk(b"avih", &words(&[40_000])),
            list(
                b"strl",
                &[stream_header(b"iavsdvsd", 1), chunk(b"strf", &[0; 32])],
            ),
        ],
    );
    let payload = list(b"movi", &[chunk(b"00__", &dv_frame())]);
    let media = read(&chunk(
        b"RIFF",
        &[b"AVI ".as_slice(), &header, &payload].concat(),
    ));
    let [picture, sound] = media.streams.as_slice() else {
        panic!("{media:?}");
    };
    assert_eq!(
        (picture.codec.as_str(), sound.codec.as_str()),
        ("dvvideo", "pcm_s16le")
    );
    let video = picture.video.as_ref().unwrap();
    assert_eq!((video.width, video.height), (Some(720), Some(576)));
    assert_eq!(video.pixel_aspect, crate::Ratio::new(64, 45));
    assert_eq!(video.chroma.as_deref(), Some("4:2:0"));
    assert_eq!(sound.audio.as_ref().unwrap().sample_rate_hz, Some(48_000));
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn parts_of_a_long_film_belong_together() {
    let index = |far: u32| {
        let mut body = vec![4, 0, 0, 0];
        body.extend(words(&[1, 0, 0, 0, 0, far, 0, 64, 10]));
        // One entry: where (64 bits), how long, how many frames.
        chunk(b"indx", &body)
    };
    let film = |far: u32| {
        let header = list(
            b"hdrl",
            &[
                chunk(b"avih", &words(&[40_000])),
                list(b"strl", &[stream_header(b"vidsXVID", 10), index(far)]),
                list(b"odml", &[chunk(b"dmlh", &words(&[300]))]),
            ],
        );
        let first = [
            b"AVI ".as_slice(),
            &header,
            &list(b"movi", &[chunk(b"00dc", &[1; 99])]),
        ]
        .concat();
        let second = [
            b"AVIX".as_slice(),
            &list(b"movi", &[chunk(b"00dc", &[2; 501])]),
        ]
        .concat();
        [chunk(b"RIFF", &first), chunk(b"RIFF", &second)].concat()
    };
    let media = read(&film(100));
    assert_eq!(media.duration_s, Some(12.0));
    assert_eq!(media.streams[0].codec, "mpeg4");
    assert_eq!(media.structure, Structure::Complete);
    let media = read(&film(5_000));
    assert_eq!(
        media.structure,
        Structure::Truncated {
            expected_bytes: Some(5_064)
        }
    );
    let whole = film(100);
    let media = read(&whole[..whole.len() - 200]);
    let expected_bytes = Some(whole.len() as u64);
    assert_eq!(media.structure, Structure::Truncated { expected_bytes });
    survives(&whole);
}

#[test]
fn a_chunk_larger_than_its_list_is_damage() {
    let mut header = list(
        b"hdrl",
        &[chunk(b"avih", &words(&[40_000])), chunk(b"zzzz", &[0; 16])],
    );
    let place = header.windows(4).position(|name| name == b"zzzz").unwrap() + 4;
    header[place] = 200;
    let payload = list(b"movi", &[chunk(b"00dc", &[0; 300])]);
    let media = read(&chunk(
        b"RIFF",
        &[b"AVI ".as_slice(), &header, &payload].concat(),
    ));
    assert!(
        matches!(media.structure, Structure::Damaged { .. }),
        "{media:?}"
    );
}

#[test]
fn subtitles_are_a_file_in_a_chunk() {
    let name: Vec<u8> = "English\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let text = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n";
    let body = [
        b"GAB2\0\x02\0".as_slice(),
        &words(&[u32::try_from(name.len()).unwrap()]),
        &name,
        &[4, 0],
        &words(&[u32::try_from(text.len()).unwrap()]),
        text,
    ]
    .concat();
    let header = list(
        b"hdrl",
        &[list(b"strl", &[stream_header(b"txts\0\0\0\0", 1)])],
    );
    let payload = list(b"movi", &[chunk(b"00tx", &body)]);
    let media = read(&chunk(
        b"RIFF",
        &[b"AVI ".as_slice(), &header, &payload].concat(),
    ));
    assert_eq!(media.streams[0].codec, "subrip");
    assert_eq!(media.streams[0].title.as_deref(), Some("English"));
}
