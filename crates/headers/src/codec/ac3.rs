//! AC-3 and E-AC-3 (ETSI TS 102 366), Dolby Atmos in the latter.

use crate::Stream;
use crate::bits::Bits;
use crate::codec::layout::{self, BC, BL, BR, FC, FL, FLC, FR, FRC, LFE, SL, SR};

/// Notes what an MP4 `dac3` box (its payload) says.
pub fn dac3(bytes: &[u8], stream: &mut Stream) -> bool {
    read_dac3(bytes, stream).is_some()
}

/// Notes what an MP4 `dec3` box (its payload) says.
pub fn dec3(bytes: &[u8], stream: &mut Stream) -> bool {
    read_dec3(bytes, stream).is_some()
}

/// Notes what a frame says; sets the codec to `ac3` or `eac3`.
pub fn frame(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(first) = Frame::read(bytes) else {
        return false;
    };
    let mut mask = first.mask;
    let mut atmos = first.has_objects;
    let mut rest = bytes;
    // Frames that depend on the first add speakers to it.
    for _ in 0..8 {
        let length = Frame::read(rest).map_or(0, |frame| frame.length);
        rest = rest.get(length..).unwrap_or_default();
        match Frame::read(rest) {
            Some(frame) if length != 0 && frame.depends => {
                mask |= frame.mask;
                atmos |= frame.has_objects;
            }
            _ => break,
        }
    }
    note(stream, first.is_enhanced, first.rate_hz, mask, atmos);
    if stream.bitrate_bps.is_none() {
        stream.bitrate_bps = Some(first.bitrate_bps);
    }
    true
}

fn note(stream: &mut Stream, enhanced: bool, rate_hz: u32, mask: u32, atmos: bool) {
    let codec = if enhanced { "eac3" } else { "ac3" };
    codec.clone_into(&mut stream.codec);
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(rate_hz);
    layout::note_mask(audio, mask);
    if atmos {
        audio.extension = Some("Dolby Atmos".to_owned());
    }
}

const RATES_HZ: [u32; 3] = [48_000, 44_100, 32_000];

/// Kilobits a second by half of `frmsizecod`.
const KILOBITS: [u16; 19] = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];

fn rate_of(code: u8) -> Option<u32> {
    RATES_HZ.get(usize::from(code)).copied()
}

/// Speakers of a coding mode. Two separate channels count as stereo.
const fn mask_of(mode: u8, low: bool) -> u32 {
    let main = match mode {
        1 => FC,
        3 => FL | FR | FC,
        4 => FL | FR | BC,
        5 => FL | FR | FC | BC,
        6 => FL | FR | SL | SR,
        7 => FL | FR | FC | SL | SR,
        _ => FL | FR,
    };
    if low { main | LFE } else { main }
}

fn read_dac3(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bits = Bits::new(bytes);
    let rate_hz = rate_of(bits.u8(2)?)?;
    bits.skip(5 + 3)?;
    let mode = bits.u8(3)?;
    let low = bits.bit()?;
    let kilobits = KILOBITS.get(usize::from(bits.u8(5)?));
    note(stream, false, rate_hz, mask_of(mode, low), false);
    if stream.bitrate_bps.is_none() {
        stream.bitrate_bps = kilobits.map(|rate| u64::from(*rate) * 1_000);
    }
    Some(())
}

fn read_dec3(bytes: &[u8], stream: &mut Stream) -> Option<()> {
    let mut bits = Bits::new(bytes);
    bits.skip(13)?;
    let independent = bits.u8(3)? + 1;
    for index in 0..independent {
        let rate_code = bits.u8(2)?;
        bits.skip(5 + 1 + 1 + 3)?;
        let mode = bits.u8(3)?;
        let low = bits.bit()?;
        bits.skip(3)?;
        let mut mask = mask_of(mode, low);
        if bits.u8(4)? > 0 {
            mask |= mask_of_locations(bits.u32(9)?);
        } else {
            bits.skip(1)?;
        }
        // Programmes after the first are other sound: commentary, say.
        if index == 0 {
            // Reduced rates have no code here; the sample entry knows them.
            if let Some(rate_hz) = rate_of(rate_code) {
                note(stream, true, rate_hz, mask, false);
            } else {
                "eac3".clone_into(&mut stream.codec);
                layout::note_mask(stream.audio_mut(), mask);
            }
        }
    }
    // ETSI TS 103 420, C.3.2: objects are announced after the substreams.
    if bits.skip(7).is_some() && bits.bit() == Some(true) {
        stream.audio_mut().extension = Some("Dolby Atmos".to_owned());
    }
    Some(())
}

/// Speakers of `chan_loc` in `dec3`, least significant bit first.
fn mask_of_locations(locations: u32) -> u32 {
    [
        FLC | FRC,
        BL | BR,
        BC,
        layout::TC,
        0,
        0,
        layout::TFL | layout::TFR,
        layout::TFC,
        0,
    ]
    .iter()
    .enumerate()
    .filter(|(bit, _)| locations >> bit & 1 == 1)
    .fold(0, |mask, (_, speakers)| mask | speakers)
}

/// Speakers of `chanmap` in a dependent frame, most significant bit first.
fn mask_of_map(map: u32) -> u32 {
    [
        FL,
        FC,
        FR,
        SL,
        SR,
        FLC | FRC,
        BL | BR,
        BC,
        layout::TC,
        0,
        0,
        layout::TFL | layout::TFR,
        layout::TFC,
        0,
        0,
        LFE,
    ]
    .iter()
    .enumerate()
    .filter(|(bit, _)| map >> (15 - bit) & 1 == 1)
    .fold(0, |mask, (_, speakers)| mask | speakers)
}

/// What the beginning of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) is_enhanced: bool,
    /// Adds to the frame before.
    pub(crate) depends: bool,
    pub(crate) rate_hz: u32,
    mask: u32,
    pub(crate) bitrate_bps: u64,
    /// Length in bytes.
    pub(crate) length: usize,
    pub(crate) samples: u32,
    has_objects: bool,
}

impl Frame {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(&[0x0b, 0x77]) {
            return None;
        }
        // Both kinds have `bsid` at the same place.
        match bytes.get(5)? >> 3 {
            0..=10 => Self::plain(bytes),
            11..=16 => Self::enhanced(bytes),
            _ => None,
        }
    }

    /// Returns whether another frame can belong to the same stream.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        self.is_enhanced == other.is_enhanced && self.rate_hz == other.rate_hz
    }

    fn plain(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        bits.skip(32)?;
        let rate_code = bits.u8(2)?;
        let full_rate = rate_of(rate_code)?;
        let size_code = bits.u8(6)?;
        let kilobits = u64::from(*KILOBITS.get(usize::from(size_code / 2))?);
        let halvings = u32::from(bits.u8(5)?).saturating_sub(8);
        bits.skip(3)?;
        let mode = bits.u8(3)?;
        if mode & 1 == 1 && mode != 1 {
            bits.skip(2)?;
        }
        if mode & 4 != 0 {
            bits.skip(2)?;
        }
        if mode == 2 {
            bits.skip(2)?;
        }
        let low = bits.bit()?;
        // 1,536 samples in 16-bit words; at 44.1 kHz odd codes have one word more.
        let words = kilobits * 1_000 * 1_536 / 16 / u64::from(full_rate)
            + u64::from(rate_code == 1 && size_code & 1 == 1);
        Some(Self {
            is_enhanced: false,
            depends: false,
            rate_hz: full_rate >> halvings,
            mask: mask_of(mode, low),
            bitrate_bps: (kilobits * 1_000) >> halvings,
            length: usize::try_from(words * 2).ok()?,
            samples: 1_536,
            has_objects: false,
        })
    }

    fn enhanced(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        bits.skip(16)?;
        let kind = bits.u8(2)?;
        bits.skip(3)?;
        let length = (usize::try_from(bits.u32(11)?).ok()? + 1) * 2;
        let (rate_hz, blocks, rate_code) = match bits.u8(2)? {
            3 => (rate_of(bits.u8(2)?)? / 2, 6, 3),
            code => {
                let blocks = [1, 2, 3, 6].get(usize::from(bits.u8(2)?)).copied()?;
                (rate_of(code)?, blocks, code)
            }
        };
        let mode = bits.u8(3)?;
        let low = bits.bit()?;
        bits.skip(5)?;
        let information = Information {
            kind,
            mode,
            low,
            blocks,
            rate_code,
        };
        let (map, has_objects) = information.rest(&mut bits);
        if kind == 3 || length < 8 {
            return None;
        }
        let samples = blocks * 256;
        Some(Self {
            is_enhanced: true,
            depends: kind == 1,
            rate_hz,
            mask: map.unwrap_or_else(|| mask_of(mode, low)),
            bitrate_bps: length as u64 * 8 * u64::from(rate_hz) / u64::from(samples),
            length,
            samples,
            has_objects,
        })
    }
}

/// What decides how the rest of an E-AC-3 frame's information is laid out (Annex E, table E.1.2).
struct Information {
    kind: u8,
    mode: u8,
    low: bool,
    blocks: u32,
    rate_code: u8,
}

impl Information {
    /// Reads up to the additional information and returns the dependent frame's speakers and whether there are objects.
    fn rest(&self, bits: &mut Bits<'_>) -> (Option<u32>, bool) {
        let mut map = None;
        let objects = self.read(bits, &mut map);
        (map, objects.unwrap_or(false))
    }

    fn read(&self, bits: &mut Bits<'_>, map: &mut Option<u32>) -> Option<bool> {
        for _ in 0..=usize::from(self.mode == 0) {
            bits.skip(5)?;
            optional(bits, 8)?;
        }
        if self.kind == 1 && bits.bit()? {
            *map = Some(mask_of_map(bits.u32(16)?)).filter(|mask| *mask != 0);
        }
        if bits.bit()? {
            self.mixing(bits)?;
        }
        if bits.bit()? {
            self.purpose(bits)?;
        }
        if self.kind == 0 && self.blocks != 6 {
            bits.skip(1)?;
        }
        if self.kind == 2 && (self.blocks == 6 || bits.bit()?) {
            bits.skip(6)?;
        }
        if !bits.bit()? {
            return Some(false);
        }
        // ETSI TS 103 420, 8.3: the additional information begins with seven reserved bits and the flag.
        let length = bits.u8(6)?;
        bits.skip(7)?;
        Some(bits.bit()? && length >= 1)
    }

    /// Skips the metadata for mixing.
    fn mixing(&self, bits: &mut Bits<'_>) -> Option<()> {
        if self.mode > 2 {
            bits.skip(2)?;
        }
        if self.mode & 1 == 1 && self.mode > 2 {
            bits.skip(6)?;
        }
        if self.mode & 4 != 0 {
            bits.skip(6)?;
        }
        if self.low {
            optional(bits, 5)?;
        }
        if self.kind != 0 {
            return Some(());
        }
        for _ in 0..2 + usize::from(self.mode == 0) {
            optional(bits, 6)?;
        }
        match bits.u8(2)? {
            1 => bits.skip(5)?,
            2 => bits.skip(12)?,
            3 => {
                let length = usize::from(bits.u8(5)?) + 2;
                bits.skip(length * 8)?;
            }
            _ => {}
        }
        if self.mode < 2 {
            for _ in 0..=usize::from(self.mode == 0) {
                optional(bits, 14)?;
            }
        }
        if bits.bit()? {
            if self.blocks == 1 {
                bits.skip(5)?;
            } else {
                for _ in 0..self.blocks {
                    optional(bits, 5)?;
                }
            }
        }
        Some(())
    }

    /// Skips what the sound is meant for.
    fn purpose(&self, bits: &mut Bits<'_>) -> Option<()> {
        bits.skip(5)?;
        if self.mode == 2 {
            bits.skip(4)?;
        }
        if self.mode >= 6 {
            bits.skip(2)?;
        }
        for _ in 0..=usize::from(self.mode == 0) {
            optional(bits, 8)?;
        }
        if self.rate_code < 3 {
            bits.skip(1)?;
        }
        Some(())
    }
}

/// Skips a flag and, where it is set, `width` bits.
fn optional(bits: &mut Bits<'_>, width: usize) -> Option<()> {
    if bits.bit()? {
        bits.skip(width)?;
    }
    Some(())
}
