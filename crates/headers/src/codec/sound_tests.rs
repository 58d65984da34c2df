//! Tests of the codecs of sound: records that real files hold, and hand-written ones of what no free encoder makes.

#![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

use super::*;
use crate::container::audio_stream::tests::compare::{self, both_all, bytes};
use crate::{Audio, Stream, StreamKind};

/// Bits, put one after the other.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    used: usize,
}

impl Writer {
    fn put(&mut self, value: u64, width: usize) -> &mut Self {
        for bit in (0..width).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if value >> bit & 1 == 1 {
                *self.bytes.last_mut().unwrap() |= 0x80 >> (self.used % 8);
            }
            self.used += 1;
        }
        self
    }
}

fn stream() -> Stream {
    Stream::new(StreamKind::Audio)
}

fn audio(stream: &Stream) -> Audio {
    stream.audio.clone().unwrap_or_default()
}

#[test]
fn channels_are_laid_out_as_ffprobe_says() {
    let mut all: Vec<(&str, String)> = Vec::new();
    let mut add = |name, codec, channels: &[u16]| {
        let arguments = |channels| format!("-t 0.3 -ac {channels} -c:a {codec}");
        all.extend(channels.iter().map(|channels| (name, arguments(channels))));
    };
    add("a.aac", "aac", &[3, 4, 5, 6, 8]);
    add("a.flac", "flac", &[3, 4, 5, 6, 8]);
    add("a.ogg", "libvorbis", &[4, 5, 7, 8]);
    add("a.opus", "libopus -mapping_family 1", &[1, 5, 7, 8]);
    add("a.ac3", "ac3", &[4, 5]);
    add("a.eac3", "eac3", &[1, 5]);
    add("a.wav", "pcm_s16le", &[3, 7]);
    let cases: Vec<_> = all
        .iter()
        .map(|(name, arguments)| (*name, arguments.as_str()))
        .collect();
    for ((name, arguments), (media, probed)) in cases.iter().zip(both_all(&cases)) {
        compare::streams(&format!("{name} {arguments}"), &media, &probed, false);
    }
}

/// Returns what follows a four-letter name in a file, its last occurrence.
fn after<'a>(file: &'a [u8], name: &[u8]) -> &'a [u8] {
    let at = file
        .windows(name.len())
        .rposition(|window| window == name)
        .unwrap();
    &file[at + name.len()..]
}

#[test]
fn records_in_mp4_say_what_ffprobe_says() {
    let cases = [
        ("a.m4a", "-ac 6 -c:a alac"),
        ("b.m4a", "-ac 2 -c:a alac -sample_fmt s32p"),
        ("c.mp4", "-ac 6 -c:a ac3 -b:a 448k"),
        ("d.mp4", "-ac 6 -c:a eac3"),
        ("e.mp4", "-ac 2 -c:a libopus"),
        ("f.mp4", "-ac 6 -c:a aac -ar 44100"),
    ];
    let reads: [fn(&[u8], &mut Stream) -> bool; 6] = [
        |file, stream| alac::cookie(&after(file, b"alac")[4..], stream),
        |file, stream| alac::cookie(&after(file, b"alac")[4..], stream),
        |file, stream| ac3::dac3(after(file, b"dac3"), stream),
        |file, stream| ac3::dec3(&after(file, b"dec3")[..5], stream),
        |file, stream| opus::dops(after(file, b"dOps"), stream),
        |file, stream| {
            aac::config(
                &after(after(file, b"esds"), b"\x05\x80\x80\x80")[1..6],
                stream,
            )
        },
    ];
    for ((name, arguments), read) in cases.into_iter().zip(reads) {
        let file = bytes(name, arguments);
        let mut found = stream();
        assert!(read(&file, &mut found), "{name}");
        let probed = compare::ffprobe_bytes(name, &file);
        let mut media = crate::Media::new(crate::Format::Mp4, 0);
        media.streams.push(found);
        compare::streams(name, &media, &probed, false);
    }
}

#[test]
fn configurations_of_aac() {
    let check = |bits: &[(u64, usize)], profile: &str, rate_hz: u32, layout: &str| {
        let mut writer = Writer::default();
        for (value, width) in bits {
            writer.put(*value, *width);
        }
        let mut found = stream();
        assert!(aac::config(&writer.bytes, &mut found), "{profile}");
        let audio = audio(&found);
        assert_eq!(found.profile.as_deref(), Some(profile));
        assert_eq!(audio.sample_rate_hz, Some(rate_hz), "{profile}");
        assert_eq!(audio.layout.as_deref(), Some(layout), "{profile}");
    };
    let general = (0, 3);
    check(&[(2, 5), (4, 4), (2, 4), general], "LC", 44_100, "stereo");
    check(
        &[(1, 5), (15, 4), (12_345, 24), (1, 4), general],
        "Main",
        12_345,
        "mono",
    );
    check(&[(4, 5), (3, 4), (6, 4), general], "LTP", 48_000, "5.1");
    // Band replication announced at once, and behind what old decoders read.
    check(
        &[(5, 5), (7, 4), (2, 4), (4, 4), (2, 5), general],
        "HE-AAC",
        44_100,
        "stereo",
    );
    check(
        &[(29, 5), (6, 4), (1, 4), (3, 4), (2, 5), general],
        "HE-AACv2",
        48_000,
        "stereo",
    );
    let late = [
        (2, 5),
        (7, 4),
        (2, 4),
        general,
        (0x2b7, 11),
        (5, 5),
        (1, 1),
        (4, 4),
        (0, 12),
    ];
    check(&late, "HE-AAC", 44_100, "stereo");
    let both = [
        (2, 5),
        (7, 4),
        (1, 4),
        general,
        (0x2b7, 11),
        (5, 5),
        (1, 1),
        (4, 4),
        (0x548, 11),
        (1, 1),
    ];
    check(&both, "HE-AACv2", 44_100, "stereo");
    check(&[(23, 5), (3, 4), (2, 4), (0, 11)], "LD", 48_000, "stereo");
    check(
        &[(31, 5), (7, 6), (3, 4), (1, 4), (0, 12)],
        "ELD",
        48_000,
        "mono",
    );
    check(
        &[(31, 5), (10, 6), (3, 4), (2, 4), (0, 12)],
        "xHE-AAC",
        48_000,
        "stereo",
    );
    assert!(!aac::config(&[], &mut stream()));
    assert!(!aac::config(&[0x17, 0x80, 0, 0], &mut stream()));
}

/// Returns an ADTS frame whose block is `length` bytes and ends in a fill element of `kind`, 32 bytes long.
fn adts_frame(kind: u64, configuration: u64) -> Vec<u8> {
    let mut block = Writer::default();
    block.put(0, 3);
    for _ in 0..60 {
        block.put(0x5a, 8);
    }
    block.put(6, 3).put(15, 4).put(32 - 14, 8).put(kind, 4);
    for _ in 0..31 {
        block.put(0x33, 8);
    }
    block.put(3, 4).put(7, 3);
    let length = 7 + block.bytes.len() as u64;
    let mut frame = Writer::default();
    frame
        .put(0xfff, 12)
        .put(1, 4)
        .put(1, 2)
        .put(7, 4)
        .put(0, 1)
        .put(configuration, 3)
        .put(0, 4);
    frame.put(length, 13).put(0x7ff, 11).put(0, 2);
    frame.bytes.extend(block.bytes);
    frame.bytes
}

#[test]
fn band_replication_that_no_header_announces() {
    for (kind, configuration, profile, rate_hz, channels) in [
        (13, 2, "HE-AAC", 44_100, 2),
        (14, 2, "HE-AAC", 44_100, 2),
        (13, 1, "HE-AACv2", 44_100, 2),
        (0, 2, "LC", 22_050, 2),
    ] {
        let bytes = adts_frame(kind, configuration).repeat(3);
        let mut found = stream();
        assert!(aac::adts(&bytes, &mut found));
        assert_eq!(found.profile.as_deref(), Some(profile));
        assert_eq!(audio(&found).sample_rate_hz, Some(rate_hz));
        assert_eq!(audio(&found).channels, Some(channels));
    }
    for seed in ["-ac 2 -b:a 32k", "-ac 1 -b:a 24k -ar 22050"] {
        let file = bytes("a.aac", &format!("-c:a aac {seed}"));
        let mut rest = file.as_slice();
        while !rest.is_empty() {
            let mut found = stream();
            assert!(aac::adts(rest, &mut found));
            assert_eq!(found.profile.as_deref(), Some("LC"));
            rest = &rest[aac::Adts::read(rest).unwrap().length..];
        }
    }
}

/// Returns an E-AC-3 frame of 5.1 channels: independent with additional information, or dependent with more speakers.
fn enhanced_frame(depends: bool, objects: bool) -> Vec<u8> {
    let mut bits = Writer::default();
    bits.put(0x0b77, 16)
        .put(depends.into(), 2)
        .put(0, 3)
        .put(99, 11);
    bits.put(0, 2)
        .put(3, 2)
        .put(7, 3)
        .put(u64::from(!depends), 1)
        .put(16, 5);
    // Dialogue level, no compression.
    bits.put(31, 5).put(0, 1);
    if depends {
        // Left and right surround, rear surround.
        bits.put(1, 1).put(0b0001_1010_0000_0000, 16);
    }
    // Metadata for mixing, none for purpose.
    bits.put(1, 1).put(2, 2).put(0, 6).put(0, 6);
    if !depends {
        bits.put(1, 1).put(15, 5);
        bits.put(1, 1)
            .put(51, 6)
            .put(0, 1)
            .put(2, 2)
            .put(0, 12)
            .put(0, 1);
    }
    bits.put(0, 1);
    bits.put(objects.into(), 1);
    if objects {
        bits.put(1, 6).put(1, 8).put(16, 8);
    }
    bits.bytes.resize(200, 0);
    bits.bytes
}

#[test]
fn atmos_and_more_speakers_in_enhanced_ac3() {
    let read = |bytes: &[u8]| {
        let mut found = stream();
        assert!(ac3::frame(bytes, &mut found));
        assert_eq!(found.codec, "eac3");
        audio(&found)
    };
    let plain = read(&enhanced_frame(false, false));
    assert_eq!(
        (plain.layout.as_deref(), plain.extension),
        (Some("5.1(side)"), None)
    );
    let objects = read(&enhanced_frame(false, true));
    assert_eq!(objects.extension.as_deref(), Some("Dolby Atmos"));
    let both = [enhanced_frame(false, false), enhanced_frame(true, true)].concat();
    let more = read(&both);
    assert_eq!(
        (more.channels, more.layout.as_deref()),
        (Some(8), Some("7.1"))
    );
    assert_eq!(more.extension.as_deref(), Some("Dolby Atmos"));
}

#[test]
fn atmos_and_more_speakers_in_mp4() {
    let mut bits = Writer::default();
    bits.put(768, 13).put(0, 3);
    bits.put(0, 2)
        .put(16, 5)
        .put(0, 5)
        .put(7, 3)
        .put(1, 1)
        .put(0, 3)
        .put(1, 4)
        .put(2, 9);
    bits.put(1, 8).put(16, 8);
    let mut found = stream();
    assert!(ac3::dec3(&bits.bytes, &mut found));
    assert_eq!(audio(&found).layout.as_deref(), Some("7.1"));
    assert_eq!(audio(&found).extension.as_deref(), Some("Dolby Atmos"));
    assert!(!ac3::dec3(&[0, 0, 0], &mut stream()));
}

#[test]
fn atmos_in_truehd() {
    let mut file = bytes("a.thd", "-ac 6 -strict -2 -c:a truehd");
    let mut found = stream();
    assert!(truehd::sync(&file, &mut found));
    assert_eq!(audio(&found).extension, None);
    // Four substreams, one of 16 channels.
    file[20] = file[20] & 0x0f | 0x40;
    file[21] |= 0x80;
    assert!(truehd::sync(&file, &mut found));
    assert_eq!(audio(&found).extension.as_deref(), Some("Dolby Atmos"));
}

/// Returns a DTS-HD extension substream of 7.1 channels at 96 kHz whose asset begins with `sync`.
fn substream(asset: &[u8]) -> Vec<u8> {
    let mut bits = Writer::default();
    let (header, length) = (40, 40 + asset.len() as u64);
    bits.put(0x6458_2025, 32)
        .put(0, 8)
        .put(0, 2)
        .put(0, 1)
        .put(header - 1, 8)
        .put(length - 1, 16);
    bits.put(1, 1)
        .put(1, 2)
        .put(1, 3)
        .put(0, 1)
        .put(0, 3)
        .put(0, 3)
        .put(1, 1)
        .put(1, 8)
        .put(0, 1);
    bits.put(asset.len() as u64 - 1, 16);
    bits.put(20, 9).put(0, 3).put(0, 1).put(0, 1).put(0, 1);
    bits.put(23, 5)
        .put(13, 4)
        .put(7, 8)
        .put(1, 1)
        .put(0, 1)
        .put(0, 1);
    // Centre, left and right, low, rear, side.
    bits.put(1, 1).put(3, 2).put(0b1000_0100_1011, 16);
    bits.bytes.resize(header as usize, 0);
    bits.bytes.extend(asset);
    bits.bytes
}

#[test]
fn what_rides_on_dts() {
    let core = bytes("a.dts", "-ac 6 -strict -2 -c:a dca");
    let core = &core[..dts::stored_length(&core).unwrap()];
    let mut lossless = Writer::default();
    lossless.put(0x41a2_9547, 32).put(0, 4).put(19, 8);
    lossless.bytes.resize(20, 0);
    lossless.used = 160;
    lossless
        .put(30, 10)
        .put(7, 5 - 1)
        .put(0, 8)
        .put(23, 5)
        .put(23, 5)
        .put(13, 4);
    lossless.bytes.resize(100, 0);
    let with_objects = [lossless.bytes.as_slice(), b"\x02\x00\x08\x50", &[0; 8]].concat();
    for (asset, profile, rate_hz, layout, depth, extension) in [
        (
            lossless.bytes.as_slice(),
            "DTS-HD MA",
            96_000,
            "7.1",
            Some(24),
            None,
        ),
        (
            &with_objects,
            "DTS-HD MA",
            96_000,
            "7.1",
            Some(24),
            Some("DTS:X"),
        ),
        (
            &[0x65, 0x5e, 0x31, 0x5e, 0, 0, 0, 0],
            "DTS-HD HRA",
            96_000,
            "7.1",
            None,
            None,
        ),
        (&[0; 8], "DTS", 48_000, "5.1(side)", None, None),
    ] {
        let frame = [core, &substream(asset)].concat();
        let mut found = stream();
        assert!(dts::frame(&frame, &mut found));
        assert_eq!(found.profile.as_deref(), Some(profile));
        let audio = audio(&found);
        assert_eq!(audio.sample_rate_hz, Some(rate_hz), "{profile}");
        assert_eq!(audio.layout.as_deref(), Some(layout), "{profile}");
        assert_eq!(audio.bit_depth, depth, "{profile}");
        assert_eq!(audio.extension.as_deref(), extension, "{profile}");
        assert_eq!(found.bitrate_bps, None);
    }
    // Express has no core.
    let mut found = stream();
    assert!(dts::frame(
        &substream(&[0x0a, 0x80, 0x19, 0x21, 0, 0]),
        &mut found
    ));
    assert_eq!(found.profile.as_deref(), Some("DTS Express"));
    // Little-endian words, and 14 bits in each of 16.
    let little: Vec<u8> = core
        .as_chunks::<2>()
        .0
        .iter()
        .flat_map(|[a, b]| [*b, *a])
        .collect();
    let mut packed = Writer::default();
    let mut rest = Bits14::new(core);
    while let Some(word) = rest.next() {
        packed.put(word, 16);
    }
    for bytes in [little, packed.bytes] {
        let mut found = stream();
        assert!(dts::frame(&bytes, &mut found));
        assert_eq!(audio(&found).layout.as_deref(), Some("5.1(side)"));
        assert_eq!(dts::stored_length(&bytes), Some(bytes.len()));
    }
}

/// Cuts bytes into 14 bits each, their sign extended.
struct Bits14<'a>(crate::bits::Bits<'a>);

impl<'a> Bits14<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self(crate::bits::Bits::new(bytes))
    }

    fn next(&mut self) -> Option<u64> {
        let word = self.0.take(14)?;
        Some(if word & 0x2000 == 0 {
            word
        } else {
            word | 0xc000
        })
    }
}

#[test]
fn odd_bytes_are_survived() {
    let mut state = 3;
    let reads: [fn(&[u8], &mut Stream) -> bool; 14] = [
        aac::config,
        aac::adts,
        ac3::dac3,
        ac3::dec3,
        ac3::frame,
        alac::cookie,
        dts::frame,
        flac::streaminfo,
        mpeg_audio::frame,
        opus::head,
        opus::dops,
        truehd::sync,
        vorbis::identification,
        wave::format,
    ];
    let beginnings: [&[u8]; 10] = [
        b"",
        b"\x0b\x77",
        b"\x7f\xfe\x80\x01",
        b"\x64\x58\x20\x25",
        b"\xff\xf1",
        b"\xff\xfb",
        b"OpusHead\x01",
        b"\x01vorbis",
        b"\0\0\0\0\xf8\x72\x6f\xba",
        b"\xfe\xff\x02\0",
    ];
    for round in 0..400 {
        for beginning in beginnings {
            let mut bytes = beginning.to_vec();
            for _ in 0..round % 120 {
                let byte = compare::random(&mut state) as u8;
                bytes.push(match byte % 5 {
                    0 => 0,
                    1 => 0xff,
                    _ => byte,
                });
            }
            for read in reads {
                read(&bytes, &mut stream());
            }
        }
    }
}
