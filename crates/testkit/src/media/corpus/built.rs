//! Files of formats that ffmpeg reads but does not write, laid out by hand around a little silence.

use super::recipe::{Recipe, built};

pub(super) fn recipes() -> Vec<Recipe> {
    vec![
        built("dsf/64-stereo.dsf", dsf(2, 2_822_400)),
        built("dsf/128-mono.dsf", dsf(1, 5_644_800)),
        built("dff/64-stereo.dff", dff(2_822_400)),
        built("ape/16-stereo.ape", ape(16, 44_100)),
        built("ape/24-96000.ape", ape(24, 96_000)),
    ]
}

/// The same in folders named like fuzz targets; these names happen to be alike.
pub(super) fn seeds() -> Vec<Recipe> {
    vec![
        built("dsf/seed.dsf", dsf(1, 2_822_400)),
        built("dff/seed.dff", dff(2_822_400)),
        built("ape/seed.ape", ape(16, 44_100)),
    ]
}

/// What DSD plays when nobody plays.
const SILENCE: u8 = 0x69;

/// DSF: one block of 4,096 bytes a channel.
fn dsf(channels: u32, rate: u32) -> Vec<u8> {
    const BLOCK: u32 = 4_096;
    let sound = BLOCK * channels;
    let mut file = b"DSD ".to_vec();
    file.extend_from_slice(&28_u64.to_le_bytes());
    file.extend_from_slice(&u64::from(28 + 52 + 12 + sound).to_le_bytes());
    file.extend_from_slice(&0_u64.to_le_bytes());
    file.extend_from_slice(b"fmt ");
    file.extend_from_slice(&52_u64.to_le_bytes());
    // Version 1, raw DSD, channel type (1 mono, 2 stereo), channels, rate, bits a sample.
    for number in [1, 0, channels, channels, rate, 1] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(&u64::from(BLOCK * 8).to_le_bytes());
    file.extend_from_slice(&BLOCK.to_le_bytes());
    file.extend_from_slice(&0_u32.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&u64::from(12 + sound).to_le_bytes());
    file.resize(file.len() + BLOCK as usize * channels as usize, SILENCE);
    file
}

/// DSDIFF in stereo.
fn dff(rate: u32) -> Vec<u8> {
    let chunk = |name: &[u8], content: &[u8]| {
        let size = content.len() as u64;
        // Odd chunks are followed by a byte that does not count.
        let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
        [name, &size.to_be_bytes(), content, pad].concat()
    };
    let properties = [
        b"SND ".to_vec(),
        chunk(b"FS  ", &rate.to_be_bytes()),
        chunk(b"CHNL", b"\0\x02SLFTSRGT"),
        chunk(b"CMPR", b"DSD \x0enot compressed\0"),
    ]
    .concat();
    let form = [
        b"DSD ".to_vec(),
        chunk(b"FVER", &[1, 5, 0, 0]),
        chunk(b"PROP", &properties),
        chunk(b"DSD ", &[SILENCE; 2_000]),
    ]
    .concat();
    chunk(b"FRM8", &form)
}

/// Monkey's Audio 3.99 in stereo: one frame that holds nothing sensible.
fn ape(bits: u16, rate: u32) -> Vec<u8> {
    const SOUND: u32 = 512;
    let mut file = b"MAC ".to_vec();
    for number in [3_990_u16, 0] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    // Lengths: descriptor, header, seek table, WAV header, sound (two halves), tail.
    for number in [52, 24, 4, 0, SOUND, 0, 0] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(&[0; 16]);
    for number in [2_000_u16, 0] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    // Samples in a frame and in the last one, frames.
    for number in [73_728_u32, 22_050, 1] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    for number in [bits, 2] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&80_u32.to_le_bytes());
    file.resize(file.len() + SOUND as usize, 0);
    file
}
