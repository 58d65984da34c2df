//! Tests of AIFF.

use super::*;
use crate::container::audio_stream::tests::compare::{TAGS, bytes, compare, mutate, probe_bytes};

#[test]
fn files_are_as_ffprobe_says() {
    let codecs = [
        "pcm_s8",
        "pcm_s16be",
        "pcm_s24be",
        "pcm_s32be",
        "pcm_f32be",
        "pcm_f64be",
        "pcm_alaw",
        "pcm_mulaw",
        "pcm_s16le",
        "adpcm_ima_qt",
    ];
    let arguments = codecs.map(|codec| format!("-ac 2 -ar 44100 -c:a {codec}"));
    compare(
        &arguments
            .each_ref()
            .map(|arguments| ("a.aiff", arguments.as_str())),
    );
    compare(&[
        ("tags.aiff", &format!("-write_id3v2 1 {TAGS}")),
        (
            "names.aiff",
            "-metadata title=Words -metadata comment=Said -metadata author=B",
        ),
    ]);
}

#[test]
fn rates() {
    assert_eq!(
        extended([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]),
        Some(44_100)
    );
    assert_eq!(
        extended([0x40, 0x10, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]),
        Some(192_000)
    );
    assert_eq!(extended([0; 10]), None);
    assert_eq!(extended([0xff; 10]), None);
}

#[test]
fn cut_files_are_told() {
    let whole = bytes("a.aiff", "-ac 2");
    assert_eq!(
        probe_bytes(&whole, "").unwrap().structure,
        Structure::Complete
    );
    assert!(
        probe_bytes(&whole[..20_000], "")
            .unwrap()
            .structure
            .is_faulty()
    );
}

#[test]
fn damage_is_survived() {
    mutate("m.aiff", &format!("-write_id3v2 1 {TAGS}"));
}
