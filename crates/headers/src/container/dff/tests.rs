//! Tests of DSDIFF.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use super::*;
use crate::container::audio_stream::tests::compare::{
    everything, ffprobe_bytes, mutate_bytes, probe_bytes,
};

fn chunk(name: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = name.to_vec();
    out.extend((payload.len() as u64).to_be_bytes());
    out.extend(payload);
    if payload.len() % 2 == 1 {
        out.push(0);
    }
    out
}

fn file(names: &[&[u8]], compressed: bool) -> Vec<u8> {
    let mut channels = (names.len() as u16).to_be_bytes().to_vec();
    channels.extend(names.concat());
    let (codec, long): (&[u8], &[u8]) = if compressed {
        (b"DST ", b"\x0bDST Encoded")
    } else {
        (b"DSD ", b"\x0enot compressed\0")
    };
    let properties = [
        b"SND ".to_vec(),
        chunk(b"FS  ", &2_822_400_u32.to_be_bytes()),
        chunk(b"CHNL", &channels),
        chunk(b"CMPR", &[codec, long].concat()),
    ]
    .concat();
    let sound = if compressed {
        let mut head = 150_u32.to_be_bytes().to_vec();
        head.extend(75_u16.to_be_bytes());
        let frame = chunk(b"DSTF", &[1; 400]);
        chunk(b"DST ", &[chunk(b"FRTE", &head), frame.repeat(10)].concat())
    } else {
        chunk(b"DSD ", &vec![0x69; 7_056 * names.len()])
    };
    let body = [
        b"DSD ".to_vec(),
        chunk(b"FVER", &[1, 5, 0, 0]),
        chunk(b"PROP", &properties),
        chunk(b"DIIN", &chunk(b"DITI", b"\0\0\0\x05Words")),
        sound,
    ]
    .concat();
    chunk(b"FRM8", &body)
}

#[test]
fn files_are_as_ffprobe_says() {
    let five: [&[u8]; 5] = [b"MLFT", b"MRGT", b"C   ", b"LS  ", b"RS  "];
    let six: [&[u8]; 6] = [b"MLFT", b"MRGT", b"C   ", b"LFE ", b"LS  ", b"RS  "];
    let two: [&[u8]; 2] = [b"SLFT", b"SRGT"];
    for names in [&two[..], &five, &six] {
        let bytes = file(names, false);
        let media = probe_bytes(&bytes, "dff").unwrap();
        everything("a.dff", &media, &ffprobe_bytes("a.dff", &bytes));
        assert_eq!(media.structure, Structure::Complete);
        assert_eq!(media.tag_value("title"), Some("Words"));
        assert!(
            probe_bytes(&bytes[..9_000], "dff")
                .unwrap()
                .structure
                .is_faulty()
        );
    }
}

#[test]
fn compressed_sound() {
    let media = probe_bytes(&file(&[b"SLFT", b"SRGT"], true), "dff").unwrap();
    assert_eq!(media.audio().unwrap().codec, "dst");
    assert_eq!(media.duration_s, Some(2.0));
}

#[test]
fn damage_is_survived() {
    mutate_bytes("a.dff", &file(&[b"SLFT", b"SRGT"], false));
    mutate_bytes("c.dff", &file(&[b"SLFT", b"SRGT"], true));
}
