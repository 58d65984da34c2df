//! Tests of WAV.

use super::*;
use crate::container::audio_stream::tests::compare::{
    both_all, bytes, compare, everything, ffprobe_bytes, mutate, probe_bytes, streams,
};

#[test]
fn files_are_as_ffprobe_says() {
    let codecs = [
        "pcm_u8",
        "pcm_s16le",
        "pcm_s24le",
        "pcm_s32le",
        "pcm_s64le",
        "pcm_f32le",
        "pcm_f64le",
        "pcm_alaw",
        "pcm_mulaw",
        "adpcm_ms",
        "adpcm_ima_wav",
    ];
    let arguments = codecs.map(|codec| format!("-ac 1 -c:a {codec}"));
    compare(
        &arguments
            .each_ref()
            .map(|arguments| ("a.wav", arguments.as_str())),
    );
    compare(&[
        ("two.wav", "-ac 2"),
        ("six.wav", "-ac 6"),
        ("odd.wav", "-ac 1 -ar 11025 -c:a pcm_u8 -t 0.5001"),
        ("rf64.wav", "-ac 2 -rf64 always"),
        ("mp2.wav", "-ac 2 -c:a mp2"),
        ("ima.wav", "-ac 2 -c:a adpcm_ima_wav"),
        (
            "side.wav",
            "-af pan=5.1(side)|FL=c0|FR=c0|FC=c0|LFE=c0|SL=c0|SR=c0",
        ),
        ("24.wav", "-ac 2 -ar 96000 -c:a pcm_s24le"),
    ]);
}

#[test]
fn packed_sound() {
    // ffprobe estimates what the chunk `fact` counts.
    let cases = [
        ("mp3.wav", "-ac 2 -c:a libmp3lame -b:a 128k"),
        ("ac3.wav", "-ac 2 -c:a ac3"),
        ("wma.wav", "-ac 2 -c:a wmav2"),
    ];
    for ((name, _), (media, probed)) in cases.iter().zip(both_all(&cases)) {
        streams(name, &media, &probed, false);
        assert!((media.duration_s.unwrap() - 2.0).abs() < 0.1, "{name}");
    }
}

#[test]
fn tags_of_broadcasts() {
    let arguments = "-write_bext 1 -metadata description=Words -metadata originator=Me \
        -metadata coding_history=A=PCM -metadata origination_date=2020-03-04 \
        -metadata origination_time=05:06:07";
    compare(&[("bext.wav", arguments)]);
    let media = probe_bytes(&bytes("bext.wav", arguments), "").unwrap();
    assert_eq!(media.created.as_deref(), Some("2020-03-04T05:06:07"));
}

#[test]
fn sizes_that_were_never_filled_in_and_cut_files() {
    let whole = bytes("a.wav", "-ac 2 -bitexact");
    let at = whole.windows(4).position(|name| name == b"data").unwrap() + 4;
    for size in [[0xff; 4], [0; 4]] {
        let mut file = whole.clone();
        file[at..at + 4].copy_from_slice(&size);
        let media = probe_bytes(&file, "").unwrap();
        if size != [0; 4] {
            everything("a.wav", &media, &ffprobe_bytes("a.wav", &file));
        }
        assert!((media.duration_s.unwrap() - 2.0).abs() < 1e-3);
        assert_eq!(media.structure, Structure::Unchecked);
    }
    let media = probe_bytes(&whole, "").unwrap();
    assert_eq!(media.structure, Structure::Complete);
    let media = probe_bytes(&whole[..whole.len() - 1_000], "").unwrap();
    assert_eq!(
        media.structure,
        Structure::Truncated {
            expected_bytes: Some(whole.len() as u64)
        }
    );
}

#[test]
fn damage_is_survived() {
    mutate("m.wav", "-ac 6");
    mutate("r.wav", "-rf64 always -write_bext 1");
}
