use crate::container::avi::compare::{made, read, same, survives};
use crate::{Media, Structure};

const PICTURE: &str = "testsrc2=size=160x120:rate=5:duration=1";

/// Makes a picture, compares, tries it cut and changed, and returns its bytes.
fn check(name: &str, more: &[&str]) -> (Media, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["-f", "lavfi", "-i", PICTURE];
    arguments.extend(more);
    let (media, theirs) = made(folder.path(), name, &arguments);
    same(&format!("{name} {more:?}"), &media, &theirs);
    let video = media.streams[0].video.as_ref().unwrap();
    assert!(
        video.bit_depth.is_some() && video.chroma.is_some(),
        "{name} {more:?}"
    );
    (media, std::fs::read(folder.path().join(name)).unwrap())
}

fn formats(name: &str, formats: &[&str]) -> Vec<u8> {
    let mut last = Vec::new();
    for format in formats {
        let arguments = [
            "-pix_fmt",
            format,
            "-strict",
            "-1",
            "-frames:v",
            "1",
            "-vf",
            "setsar=16/15",
        ];
        last = check(name, &arguments).1;
    }
    last
}

/// Asserts that half a file is known to be half a file.
fn is_seen_cut(bytes: &[u8]) {
    let media = read(&bytes[..bytes.len() / 2]);
    assert!(
        matches!(media.structure, Structure::Truncated { .. }),
        "{:?}",
        media.structure
    );
    let media = read(&bytes[..bytes.len() - 3]);
    assert!(
        matches!(media.structure, Structure::Truncated { .. }),
        "{:?}",
        media.structure
    );
}

/// A field of a directory: tag, kind, count, value or offset.
fn field(tag: u16, kind: u16, count: u32, value: u32) -> Vec<u8> {
    [tag.to_be_bytes(), kind.to_be_bytes()]
        .concat()
        .into_iter()
        .chain(count.to_be_bytes())
        .chain(value.to_be_bytes())
        .collect()
}

/// A TIFF structure as a camera writes it: held on its side, with a place, a time with an offset, and a thumbnail.
fn exif() -> Vec<u8> {
    let texts = [
        "NIKON CORPORATION\0",
        "NIKON D850\0",
        "2024:05:06 07:08:09\0",
        "+02:00\0",
        "50mm f/1.4\0",
    ];
    let texts_at = 300_u32;
    let at = |index: usize| {
        let before: usize = texts[..index].iter().map(|text| text.len()).sum();
        texts_at + u32::try_from(before).unwrap()
    };
    let count = |index: usize| u32::try_from(texts[index].len()).unwrap();
    let text = |tag: u16, index: usize| field(tag, 2, count(index), at(index));
    let directory = |fields: &[Vec<u8>], next: u32| {
        let mut bytes = u16::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(fields.concat());
        bytes.extend(next.to_be_bytes());
        bytes
    };
    let mut block = b"MM\0*\0\0\0\x08".to_vec();
    let turned = field(0x0112, 3, 1, 6 << 16);
    block.extend(directory(
        &[
            text(0x010f, 0),
            text(0x0110, 1),
            turned,
            field(0x8769, 4, 1, 100),
            field(0x8825, 4, 1, 160),
        ],
        200,
    ));
    block.resize(100, 0);
    block.extend(directory(
        &[text(0x9003, 2), text(0x9011, 3), text(0xa434, 4)],
        0,
    ));
    block.resize(160, 0);
    block.extend(directory(&[field(2, 5, 3, 260)], 0));
    block.resize(200, 0);
    block.extend(directory(
        &[field(0x0201, 4, 1, 400), field(0x0202, 4, 1, 4)],
        0,
    ));
    block.resize(260, 0);
    block.extend([0, 0, 0, 48, 0, 0, 0, 1].repeat(3));
    block.resize(300, 0);
    block.extend(texts.concat().as_bytes());
    block.resize(400, 0);
    block.extend([0xff, 0xd8, 0xff, 0xd9]);
    block
}

fn has_exif(media: &Media) {
    let photo = media.photo.as_ref().unwrap();
    assert_eq!(photo.taken.as_deref(), Some("2024-05-06T07:08:09+02:00"));
    assert_eq!(photo.camera.as_deref(), Some("NIKON D850"));
    assert_eq!(photo.lens.as_deref(), Some("50mm f/1.4"));
    assert_eq!(photo.orientation, Some(6));
    assert!(photo.has_gps);
    assert_eq!(media.streams[0].video.as_ref().unwrap().rotation_deg, 90);
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn jpeg() {
    let bytes = formats("x.jpg", &["yuvj420p", "yuvj422p", "yuvj444p", "gray"]);
    is_seen_cut(&bytes);
    survives(&bytes);
    check(
        "x.jpg",
        &["-c:v", "ljpeg", "-strict", "-1", "-frames:v", "1"],
    );
    // Something may follow the picture.
    let mut longer = bytes.clone();
    longer.extend([7; 3_000]);
    assert_eq!(read(&longer).structure, Structure::Complete);
    let mut empty = bytes[..bytes.len() - 2].to_vec();
    empty.extend([0; 9_000]);
    assert!(!matches!(read(&empty).structure, Structure::Complete));
    let mut block = b"Exif\0\0".to_vec();
    block.extend(exif());
    let mut with = vec![0xff, 0xd8, 0xff, 0xe1];
    with.extend(u16::try_from(block.len() + 2).unwrap().to_be_bytes());
    with.extend(&block);
    with.extend(&bytes[2..]);
    let media = read(&with);
    has_exif(&media);
    let [cover] = media.covers.as_slice() else {
        panic!("{:?}", media.covers);
    };
    assert_eq!((cover.offset, cover.size_bytes), (12 + 400, 4));
    survives(&with[..with.len().min(4_096)]);
}

/// The frame header and the rest of a picture with these components.
fn drawn(kind: u8, adobe: Option<u8>, components: &[[u8; 3]]) -> Media {
    let mut bytes = vec![0xff, 0xd8];
    if let Some(adobe) = adobe {
        bytes.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        bytes.push(adobe);
    }
    bytes.extend([
        0xff,
        kind,
        0,
        u8::try_from(8 + components.len() * 3).unwrap(),
        8,
        0,
        30,
        0,
        40,
    ]);
    bytes.push(u8::try_from(components.len()).unwrap());
    bytes.extend(components.concat());
    bytes.extend([0xff, 0xda, 0, 2, 0xff, 0xd9]);
    read(&bytes)
}

#[test]
fn jpeg_of_many_kinds() {
    for (kind, adobe, components, profile, chroma) in [
        (
            0xc0,
            None,
            [[1, 0x12, 0], [2, 0x11, 0], [3, 0x11, 0]].as_slice(),
            "Baseline",
            "4:4:0",
        ),
        (
            0xc1,
            None,
            &[[1, 0x41, 0], [2, 0x11, 0], [3, 0x11, 0]],
            "Sequential",
            "4:1:1",
        ),
        (
            0xc2,
            Some(0),
            &[[1, 0x11, 0], [2, 0x11, 0], [3, 0x11, 0]],
            "Progressive",
            "rgb",
        ),
        (
            0xc2,
            Some(1),
            &[[1, 0x22, 0], [2, 0x11, 0], [3, 0x11, 0]],
            "Progressive",
            "4:2:0",
        ),
        (
            0xc0,
            Some(0),
            &[[1, 0x11, 0], [2, 0x11, 0], [3, 0x11, 0], [4, 0x11, 0]],
            "Baseline",
            "rgba",
        ),
        (0xc0, None, &[[1, 0x11, 0]], "Baseline", "gray"),
    ] {
        let media = drawn(kind, adobe, components);
        let video = media.streams[0].video.as_ref().unwrap();
        assert_eq!(media.streams[0].profile.as_deref(), Some(profile));
        assert_eq!((video.width, video.height), (Some(40), Some(30)));
        assert_eq!(video.chroma.as_deref(), Some(chroma));
    }
}

#[test]
fn png() {
    let bytes = formats(
        "x.png",
        &["rgba", "gray", "rgb48be", "ya8", "pal8", "rgb24"],
    );
    is_seen_cut(&bytes);
    survives(&bytes);
    let (media, _) = check("x.png", &["-f", "apng"]);
    assert_eq!(media.photo.unwrap().frames, Some(5));
    let mut with = bytes[..33].to_vec();
    for (name, body) in [(b"eXIf", exif()), (b"tEXt", b"Title\0A title".to_vec())] {
        with.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        with.extend(name);
        with.extend(body);
        with.extend([0; 4]);
    }
    with.extend(&bytes[33..]);
    let media = read(&with);
    has_exif(&media);
    assert_eq!(media.tag_value("title"), Some("A title"));
    // Garbage where a chunk should be.
    let mut damaged = bytes.clone();
    damaged[33..41].fill(0xff);
    assert!(matches!(
        read(&damaged).structure,
        Structure::Damaged { at: 33, .. }
    ));
}

#[test]
fn gif() {
    let (media, bytes) = check("x.gif", &[]);
    assert_eq!(media.photo.unwrap().frames, Some(5));
    assert_eq!(media.duration_s, Some(1.0));
    is_seen_cut(&bytes);
    survives(&bytes);
    check("x.gif", &["-frames:v", "1", "-vf", "setsar=16/15"]);
}

#[test]
fn bitmaps() {
    let bytes = formats(
        "x.bmp",
        &[
            "bgra", "rgb565le", "rgb555le", "rgb444le", "gray", "pal8", "monob", "bgr24",
        ],
    );
    is_seen_cut(&bytes);
    survives(&bytes);
    // Rows from the top down.
    let mut turned = bytes.clone();
    turned[22..26].copy_from_slice(&(-120_i32).to_le_bytes());
    let media = read(&turned);
    assert_eq!(media.streams[0].video.as_ref().unwrap().height, Some(120));
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn tiff() {
    let bytes = formats(
        "x.tif",
        &[
            "rgba", "gray", "gray16le", "monow", "pal8", "yuv420p", "rgb24",
        ],
    );
    let media = read(&bytes[..bytes.len() - 3]);
    assert!(
        matches!(media.structure, Structure::Truncated { .. }),
        "{:?}",
        media.structure
    );
    survives(&bytes);
    survives(&exif());
}

#[test]
fn big_tiff_and_pictures_inside() {
    let mut bytes = b"II+\0\x08\0\0\0".to_vec();
    bytes.extend(16_u64.to_le_bytes());
    let field = |tag: u16, value: u64| {
        [
            [tag.to_le_bytes(), 4_u16.to_le_bytes()].concat(),
            1_u64.to_le_bytes().to_vec(),
            value.to_le_bytes().to_vec(),
        ]
        .concat()
    };
    let directory = |fields: &[Vec<u8>]| {
        [
            (fields.len() as u64).to_le_bytes().to_vec(),
            fields.concat(),
            0_u64.to_le_bytes().to_vec(),
        ]
        .concat()
    };
    // A preview of 160 points, and the picture itself in a directory inside.
    bytes.extend(directory(&[
        field(0xfe, 1),
        field(0x100, 160),
        field(0x101, 120),
        field(0x14a, 200),
    ]));
    bytes.resize(200, 0);
    bytes.extend(directory(&[
        field(0x100, 6_000),
        field(0x101, 4_000),
        field(0x102, 14),
        field(0x106, 32_803),
        field(0x111, 400),
        field(0x117, 600),
    ]));
    bytes.resize(1_000, 0);
    let media = read(&bytes);
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!(
        (video.width, video.height, video.bit_depth),
        (Some(6_000), Some(4_000), Some(14))
    );
    assert_eq!(media.structure, Structure::Complete);
    let media = read(&bytes[..900]);
    assert_eq!(
        media.structure,
        Structure::Truncated {
            expected_bytes: Some(1_000)
        }
    );
}

/// A chunk of RIFF.
fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    chunk.extend(body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

#[test]
fn webp() {
    let lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 160, 0, 120, 0];
    let lossless = [0x2f, 159, 0xc0, 0x1d, 0, 0];
    let canvas = [0x2e, 0, 0, 0, 159, 0, 0, 119, 0, 0];
    let file = |chunks: &[Vec<u8>]| chunk(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat());
    for (file, chroma) in [
        (file(&[chunk(b"VP8 ", &lossy)]), "4:2:0"),
        (file(&[chunk(b"VP8L", &lossless)]), "rgba"),
        (
            file(&[
                chunk(b"VP8X", &canvas),
                chunk(b"ALPH", &[0]),
                chunk(b"VP8 ", &lossy),
                chunk(b"EXIF", &exif()),
            ]),
            "4:2:0a",
        ),
    ] {
        let media = read(&file);
        let video = media.streams[0].video.as_ref().unwrap();
        assert_eq!(
            (video.width, video.height),
            (Some(160), Some(120)),
            "{chroma}"
        );
        assert_eq!(video.chroma.as_deref(), Some(chroma));
        assert_eq!(media.structure, Structure::Complete);
        if chroma == "4:2:0a" {
            has_exif(&media);
        }
        let expected_bytes = Some(file.len() as u64);
        assert_eq!(
            read(&file[..file.len() - 2]).structure,
            Structure::Truncated { expected_bytes }
        );
        survives(&file);
    }
    let frame = chunk(b"ANMF", &[vec![0; 16], chunk(b"VP8 ", &lossy)].concat());
    let media = read(&file(&[
        chunk(b"VP8X", &canvas),
        chunk(b"ANIM", &[0; 6]),
        frame.clone(),
        frame,
    ]));
    assert_eq!(media.photo.unwrap().frames, Some(2));
}
