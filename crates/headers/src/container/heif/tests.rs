//! AVIF made by ffmpeg, HEIC made by hand.

use videocatalog_testkit::media::encode;

use crate::{Format, Limits, Media, Structure, probe, probe_as};

fn read(bytes: &[u8]) -> Media {
    let mut source = bytes;
    probe(&mut source, Some("heic"), Limits::default()).unwrap()
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

fn full(kind: [u8; 4], version: u8, bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![version, 0, 0, 0];
    body.extend(bodies.concat());
    part(kind, &body)
}

/// A picture of 4000 × 3000 in tiles, turned, with a note of the camera.
fn grid() -> Vec<u8> {
    let entry =
        |id: u8, kind: [u8; 4]| full(*b"infe", 2, &[vec![0, id, 0, 0], kind.to_vec(), vec![0]]);
    let size = |width: u32, height: u32| {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        full(*b"ispe", 0, &[sides])
    };
    let exif = b"\0\0\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let properties = [
        size(512, 512),
        size(4_000, 3_000),
        part(*b"irot", &[3]),
        full(*b"pixi", 0, &[vec![3, 8, 8, 8]]),
    ];
    let meta = |at: u32| {
        let place = [vec![0, 3, 0, 0, 0, 1], at.to_be_bytes().to_vec()].concat();
        let length = u32::try_from(exif.len()).unwrap().to_be_bytes();
        full(
            *b"meta",
            0,
            &[
                full(
                    *b"hdlr",
                    0,
                    &[b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()],
                ),
                full(*b"pitm", 0, &[vec![0, 2]]),
                full(*b"iloc", 0, &[vec![0x44, 0, 0, 1], place, length.to_vec()]),
                full(
                    *b"iinf",
                    0,
                    &[
                        vec![0, 3],
                        entry(1, *b"hvc1"),
                        entry(2, *b"grid"),
                        entry(3, *b"Exif"),
                    ],
                ),
                full(*b"iref", 0, &[part(*b"dimg", &[0, 2, 0, 1, 0, 1])]),
                part(
                    *b"iprp",
                    &[
                        part(*b"ipco", &properties.concat()),
                        full(
                            *b"ipma",
                            0,
                            &[vec![0, 0, 0, 2, 0, 1, 2, 1, 4, 0, 2, 2, 0x82, 0x83]],
                        ),
                    ]
                    .concat(),
                ),
            ],
        )
    };
    let head = part(*b"ftyp", b"heic\0\0\0\0mif1heic");
    let at = head.len() + meta(0).len() + 8;
    let meta = meta(u32::try_from(at).unwrap());
    [head, meta, part(*b"mdat", exif)].concat()
}

#[test]
fn a_grid_has_its_own_size() {
    let bytes = grid();
    let media = read(&bytes);
    assert_eq!(media.format, Format::Heif);
    assert_eq!(media.structure, Structure::Complete);
    let video = media.streams[0].video.as_ref().unwrap();
    assert_eq!((video.width, video.height), (Some(4_000), Some(3_000)));
    assert_eq!(video.rotation_deg, 90);
    assert_eq!(media.photo.unwrap().orientation, Some(6));
    let cut = read(&bytes[..bytes.len() - 3]);
    assert!(matches!(cut.structure, Structure::Truncated { .. }));
    for length in 0..bytes.len() {
        let mut source = &bytes[..length];
        let read = probe_as(Format::Heif, &mut source, Limits::default());
        assert!(read.is_ok() || length == 0);
    }
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            let mut source = bytes.as_slice();
            probe_as(Format::Heif, &mut source, Limits::default()).unwrap();
        }
    }
}

#[test]
fn avif_of_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    for (name, frames) in [("still.avif", 1), ("moving.avif", 3)] {
        let path = folder.path().join(name);
        let count = frames.to_string();
        let mut arguments = vec!["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=5"];
        arguments.extend(["-frames:v", &count, "-c:v", "libaom-av1", "-cpu-used", "8"]);
        if frames == 1 {
            arguments.extend(["-still-picture", "1"]);
        }
        encode(&arguments, &path).unwrap();
        let media = read(&std::fs::read(&path).unwrap());
        assert_eq!(media.structure, Structure::Complete);
        let [stream] = media.streams.as_slice() else {
            panic!("{:?}", media.streams);
        };
        assert_eq!(stream.codec, "av1");
        let video = stream.video.as_ref().unwrap();
        assert_eq!((video.width, video.height), (Some(160), Some(120)));
        let counted = media.photo.unwrap().frames;
        assert_eq!(counted.unwrap_or(1), frames);
    }
}
