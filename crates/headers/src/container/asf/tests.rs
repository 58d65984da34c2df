use super::packets::usual_rate;
use super::{guid, language};
use crate::container::avi::compare::{made, read, same, survives};
use crate::{Media, Ratio, Structure};

const PICTURE: &str = "testsrc2=size=160x120:rate=25:duration=1";
const SOUND: &str = "sine=frequency=440:sample_rate=44100:duration=1";

fn check(name: &str, more: &[&str]) -> Media {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND];
    arguments.extend(more);
    let (media, theirs) = made(folder.path(), name, &arguments);
    same(&format!("{more:?}"), &media, &theirs);
    media
}

#[test]
fn films_of_many_codecs() {
    for (picture, sound) in [
        ("wmv2", "wmav2"),
        ("msmpeg4", "wmav2"),
        ("mjpeg", "mp2"),
        ("wmv2", "ac3"),
        ("mpeg4", "aac"),
    ] {
        let media = check("x.wmv", &["-c:v", picture, "-c:a", sound]);
        let video = media.streams[0].video.as_ref().unwrap();
        assert_eq!(video.frame_rate, Ratio::new(25, 1), "{picture}");
        assert!(media.duration_s.is_some());
    }
}

#[test]
fn words_languages_and_shape() {
    let media = check(
        "x.wmv",
        &[
            "-vf",
            "setsar=16/15",
            "-c:v",
            "wmv2",
            "-c:a",
            "wmav2",
            "-metadata",
            "title=A title",
            "-metadata",
            "author=Somebody",
            "-metadata",
            "comment=Words",
            "-metadata",
            "album=Together",
            "-metadata",
            "track=3/9",
            "-metadata",
            "creation_time=2020-01-02T03:04:05Z",
            "-metadata:s:a",
            "language=deu",
            "-metadata:s:v",
            "language=fra",
        ],
    );
    assert_eq!(media.tag_value("title"), Some("A title"));
    assert_eq!(media.tag_value("artist"), Some("Somebody"));
    assert_eq!(media.tag_value("comment"), Some("Words"));
    assert_eq!(media.tag_value("album"), Some("Together"));
    assert_eq!(media.tag_value("track"), Some("3/9"));
    assert_eq!(media.created.as_deref(), Some("2020-01-02T03:04:05Z"));
    assert_eq!(media.streams[0].language.as_deref(), Some("fre"));
    assert_eq!(media.streams[1].language.as_deref(), Some("ger"));
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!(video.pixel_aspect, Ratio::new(16, 15));
}

#[test]
fn markers_are_chapters() {
    let folder = tempfile::tempdir().unwrap();
    let words = folder.path().join("chapters.txt");
    let text = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\n\
                START=400\nEND=1000\ntitle=Two\n";
    std::fs::write(&words, text).unwrap();
    let media = check(
        "x.wmv",
        &[
            "-i",
            words.to_str().unwrap(),
            "-map_metadata",
            "2",
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "wmv2",
            "-c:a",
            "wmav2",
        ],
    );
    let [one, two] = media.chapters.as_slice() else {
        panic!("{:?}", media.chapters);
    };
    assert_eq!(
        (one.start_s, one.end_s, one.title.as_deref()),
        (0.0, Some(0.4), Some("One"))
    );
    assert_eq!((two.start_s, two.end_s), (0.4, media.duration_s));
}

#[test]
fn cut_and_changed_files_are_survived() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND, "-c:v", "wmv2", "-c:a", "wmav2",
    ];
    made(folder.path(), "x.wmv", &arguments);
    let bytes = std::fs::read(folder.path().join("x.wmv")).unwrap();
    let media = read(&bytes[..bytes.len() / 2]);
    assert!(
        matches!(media.structure, Structure::Truncated { expected_bytes: Some(expected) } if expected <= bytes.len() as u64)
    );
    assert_eq!(media.streams.len(), 2);
    let media = read(&bytes[..300]);
    assert!(
        matches!(media.structure, Structure::Truncated { .. }),
        "{media:?}"
    );
    survives(&bytes);
}

fn object(id: [u8; 16], body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u64 + 24).to_le_bytes();
    [id.as_slice(), &size, body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let head = [
        0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0, 0xaa, 0, 0x62, 0xce, 0x6c,
    ];
    let count = u32::try_from(objects.len()).unwrap().to_le_bytes();
    let body = [count.as_slice(), &[1, 2], &objects.concat()].concat();
    let mut file = object(head, &body);
    file.extend(object(guid::DATA, &[0; 26]));
    file
}

#[test]
fn pictures_inside_are_covers() {
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x30\x08\x02\0\0\0";
    let value = [
        [3].as_slice(),
        &u32::try_from(picture.len()).unwrap().to_le_bytes(),
        &utf16("image/png"),
        &utf16("front"),
        picture,
    ]
    .concat();
    let name = utf16("WM/Picture");
    let body = [
        [1, 0].as_slice(),
        &u16::try_from(name.len()).unwrap().to_le_bytes(),
        &name,
        &[1, 0],
        &u16::try_from(value.len()).unwrap().to_le_bytes(),
        &value,
    ]
    .concat();
    let bytes = file(&[object(guid::EXTENDED_CONTENT, &body)]);
    let media = read(&bytes);
    let [cover] = media.covers.as_slice() else {
        panic!("{media:?}");
    };
    let start = usize::try_from(cover.offset).unwrap();
    assert_eq!(&bytes[start..start + picture.len()], picture);
    assert!(cover.front);
    assert!(media.streams[0].flags.attached_picture);
    assert_eq!(media.streams[0].video.as_ref().unwrap().width, Some(64));
    assert_eq!(media.structure, Structure::Complete);
    survives(&bytes);
}

#[test]
fn an_object_that_claims_too_much_is_damage() {
    let mut bytes = file(&[object(guid::LANGUAGES, &[0; 30])]);
    bytes[30 + 16] = 0xff;
    assert!(matches!(read(&bytes).structure, Structure::Damaged { .. }));
}

#[test]
fn rates_and_languages() {
    assert_eq!(
        usual_rate(10_000_000, 333_667, 10_000),
        Ratio::new(30_000, 1_001)
    );
    assert_eq!(usual_rate(10_000_000, 400_000, 10_000), Ratio::new(25, 1));
    assert_eq!(
        usual_rate(10_000_000, 769_230, 10_000),
        Ratio::new(10_000_000, 769_230)
    );
    assert_eq!(usual_rate(1, 0, 1), None);
    for (written, expected) in [
        ("de-at", "ger"),
        ("en", "eng"),
        ("eng", "eng"),
        ("qq", "qq"),
        ("", ""),
    ] {
        assert_eq!(language::bibliographic(written), expected);
    }
}
