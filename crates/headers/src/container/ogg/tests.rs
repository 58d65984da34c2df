//! Tests of Ogg.

use super::*;
use crate::container::audio_stream::tests::compare::{
    TAGS, both, bytes, compare, mutate, probe_bytes, streams,
};

#[test]
fn files_are_as_ffprobe_says() {
    compare(&[
        ("a.ogg", "-ac 2 -c:a libvorbis"),
        ("six.ogg", "-ac 6 -c:a libvorbis"),
        ("a.opus", "-ac 2 -c:a libopus"),
        ("six.opus", "-ac 6 -c:a libopus -mapping_family 1"),
        ("mono.opus", "-ac 1 -c:a libopus"),
        ("flac.ogg", "-ac 2 -c:a flac"),
        ("a.spx", "-ac 1 -ar 16000 -c:a libspeex"),
        ("tags.ogg", &format!("-c:a libvorbis {TAGS}")),
        ("tags.opus", &format!("-c:a libopus {TAGS}")),
    ]);
}

#[test]
fn pictures_and_sound() {
    let arguments =
        "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2 -c:a libvorbis -c:v libtheora";
    let (media, probed) = both("a.ogv", arguments);
    streams("a.ogv", &media, &probed, false);
    let video = media.video().unwrap();
    assert!((video.duration_s.unwrap() - 2.0).abs() < 1e-6);
    assert_eq!(media.structure, Structure::Complete);
}

#[test]
fn cut_files_are_told() {
    let whole = bytes("a.ogg", "-ac 2 -c:a libvorbis");
    let cut = probe_bytes(&whole[..whole.len() - 10], "").unwrap();
    assert_eq!(
        cut.structure,
        Structure::Truncated {
            expected_bytes: Some(whole.len() as u64)
        }
    );
}

#[test]
fn pictures_in_comments() {
    let text = "AAAAAwAAAAlpbWFnZS9wbmcAAAAETmFtZQAAAAAAAAAAAAAAAAAAAAAAAAAIiVBORw0KGgo=";
    let arguments = format!(
        "-c:a libvorbis -metadata METADATA_BLOCK_PICTURE={text} -metadata CHAPTER001=00:00:01.000 -metadata CHAPTER001NAME=One"
    );
    let media = probe_bytes(&bytes("a.ogg", &arguments), "").unwrap();
    assert_eq!(media.streams.len(), 2);
    assert_eq!(media.streams[1].codec, "png");
    assert!(media.streams[1].flags.attached_picture);
    assert_eq!(media.chapters.len(), 1);
    assert_eq!(media.chapters[0].end_s, Some(2.0));
}

#[test]
fn damage_is_survived() {
    mutate("m.ogg", &format!("-c:a libvorbis {TAGS}"));
    mutate("m.opus", "-c:a libopus");
}
