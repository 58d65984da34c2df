//! Tests of ID3.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use super::*;
use crate::{Format, Limits};

fn size(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift & 0x7f) as u8)
}

pub(crate) fn tag(version: u8, flags: u8, frames: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, payload) in frames {
        body.extend(name.as_bytes());
        match version {
            2 => body.extend(&(payload.len() as u32).to_be_bytes()[1..]),
            3 => body.extend((payload.len() as u32).to_be_bytes()),
            _ => body.extend(size(payload.len())),
        }
        if version > 2 {
            body.extend([0, 0]);
        }
        body.extend(*payload);
    }
    if flags & 0x80 != 0 {
        body = body
            .iter()
            .flat_map(|byte| {
                if *byte == 0xff {
                    vec![0xff, 0]
                } else {
                    vec![*byte]
                }
            })
            .collect();
    }
    body.extend([0; 20]);
    let mut out = vec![b'I', b'D', b'3', version, 0, flags];
    out.extend(size(body.len()));
    out.extend(body);
    out
}

fn read(bytes: &[u8]) -> (Media, u64) {
    let mut source = bytes;
    let mut reader = Reader::new(&mut source, Limits::default());
    let mut media = Media::new(Format::Mp3, bytes.len() as u64);
    let end = read_v2(&mut reader, 0, &mut media).unwrap();
    (media, end)
}

#[test]
fn every_version_and_encoding() {
    let wide: Vec<u8> = [1, 0xff, 0xfe]
        .into_iter()
        .chain("Ünïcode".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (version, names) in [
        (2, ["TT2", "TP1", "TAL", "TCO", "COM", "TYE"]),
        (3, ["TIT2", "TPE1", "TALB", "TCON", "COMM", "TYER"]),
        (4, ["TIT2", "TPE1", "TALB", "TCON", "COMM", "TDRC"]),
    ] {
        let bytes = tag(
            version,
            if version == 4 { 0 } else { 0x80 },
            &[
                (names[0], &wide),
                (names[1], b"\x00caf\xe9"),
                (names[2], "\u{3}京都\0second".as_bytes()),
                (names[3], b"\0(17)"),
                (names[4], b"\0engsome\0thing"),
                (names[4], b"\0eng\0said"),
                (names[5], b"\x001999"),
            ],
        );
        let (media, end) = read(&bytes);
        assert_eq!(end, bytes.len() as u64);
        for (name, value) in [
            ("title", "Ünïcode"),
            ("artist", "café"),
            ("album", "京都"),
            ("genre", "Rock"),
            ("some", "thing"),
            ("comment", "said"),
            ("date", "1999"),
        ] {
            assert_eq!(
                media.tag_value(name),
                Some(value),
                "version {version}: {name}"
            );
        }
    }
}

#[test]
fn dates_of_version_3_are_put_together() {
    let bytes = tag(
        3,
        0,
        &[
            ("TYER", b"\x002001"),
            ("TDAT", b"\x000203"),
            ("TIME", b"\x001234"),
        ],
    );
    assert_eq!(read(&bytes).0.tag_value("date"), Some("2001-03-02 12:34"));
}

#[test]
fn chapters_and_pictures() {
    let mut chapter = b"ch0\0\0\0\0\0\0\0\x03\xe8".to_vec();
    chapter.extend([0xff; 8]);
    chapter.extend(b"TIT2\0\0\0\x04\0\0\0One");
    let picture = [b"\0image/png\0\x03name\0".as_slice(), b"\x89PNG\r\n\x1a\n"].concat();
    let bytes = tag(3, 0, &[("CHAP", &chapter), ("APIC", &picture)]);
    let (media, _) = read(&bytes);
    assert_eq!(media.chapters.len(), 1);
    assert_eq!(media.chapters[0].title.as_deref(), Some("One"));
    assert_eq!(media.chapters[0].end_s, Some(1.0));
    let cover = &media.covers[0];
    let at = cover.offset as usize;
    assert!(bytes[at..].starts_with(b"\x89PNG"));
    assert_eq!(cover.size_bytes, 8);
    assert!(cover.front);
    assert_eq!(media.streams[0].title.as_deref(), Some("name"));
    // Unsynchronised, the picture is in no one piece.
    let jpeg = [
        b"\0image/jpeg\0\x03\0".as_slice(),
        b"\xff\xd8\xff\xe0\0\x10",
    ]
    .concat();
    let (media, _) = read(&tag(3, 0x80, &[("APIC", &jpeg)]));
    assert!(media.covers.is_empty());
    assert_eq!(media.streams[0].codec, "mjpeg");
}

#[test]
fn sizes_that_are_not_safe_in_version_4() {
    let long = [b"\0".as_slice(), &[b'x'; 199]].concat();
    let mut body = b"TIT2".to_vec();
    body.extend(200_u32.to_be_bytes());
    body.extend([0, 0]);
    body.extend(&long);
    body.extend(b"TPE1\0\0\0\x02\0\0\0A");
    let mut bytes = b"ID3\x04\0\0".to_vec();
    bytes.extend(size(body.len()));
    bytes.extend(body);
    assert_eq!(read(&bytes).0.tag_value("artist"), Some("A"));
}

#[test]
fn version_1() {
    let mut bytes = vec![0; 10];
    bytes.extend(b"TAG");
    for (text, length) in [("Title", 30), ("Artist", 30), ("Album", 30), ("2003", 4)] {
        let mut field = text.as_bytes().to_vec();
        field.resize(length, 0);
        bytes.extend(field);
    }
    bytes.extend([b' '; 28]);
    bytes.extend([0, 7, 17]);
    let mut source = bytes.as_slice();
    let mut reader = Reader::new(&mut source, Limits::default());
    let mut media = Media::new(Format::Mp3, 0);
    assert_eq!(read_v1(&mut reader, &mut media).unwrap(), 10);
    for (name, value) in [
        ("title", "Title"),
        ("artist", "Artist"),
        ("album", "Album"),
        ("date", "2003"),
        ("track", "7"),
        ("genre", "Rock"),
    ] {
        assert_eq!(media.tag_value(name), Some(value), "{name}");
    }
}
