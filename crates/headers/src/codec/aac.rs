//! AAC: AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) and ADTS frames.
//!
//! Spectral band replication that no header announces shows only at the end of a frame, as a fill element; it is believed when
//! every frame at hand has one.

use crate::Stream;
use crate::bits::Bits;
use crate::codec::layout::{self, BC, BL, BR, FC, FL, FLC, FR, FRC, LFE, SL, SR};

/// Notes what an AudioSpecificConfig says: codec, profile (`LC`, `HE-AAC`, `HE-AACv2`), rate, channels.
pub fn config(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(config) = Config::read(bytes) else {
        return false;
    };
    config.codec().clone_into(&mut stream.codec);
    if let Some(profile) = config.profile() {
        stream.profile = Some(profile.to_owned());
    }
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(config.extension_rate_hz.unwrap_or(config.rate_hz));
    let mask = if config.has_stereo {
        FL | FR
    } else {
        config.mask
    };
    layout::note_mask(audio, mask);
    true
}

/// Notes what an ADTS frame says.
pub fn adts(bytes: &[u8], stream: &mut Stream) -> bool {
    let Some(first) = Adts::read(bytes) else {
        return false;
    };
    "aac".clone_into(&mut stream.codec);
    let replicated = band_replication(bytes);
    // A single channel with band replication is taken for parametric stereo, as decoders do: which of the two it is can
    // only be told by decoding.
    let (profile, mask) = match first.mask(bytes) {
        FC if replicated => ("HE-AACv2", FL | FR),
        mask if replicated => ("HE-AAC", mask),
        mask => (first.profile(), mask),
    };
    stream.profile = Some(profile.to_owned());
    let audio = stream.audio_mut();
    audio.sample_rate_hz = Some(if replicated {
        first.rate_hz.saturating_mul(2)
    } else {
        first.rate_hz
    });
    layout::note_mask(audio, mask);
    true
}

const RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

fn rate_of(index: u8) -> Option<u32> {
    RATES_HZ.get(usize::from(index)).copied()
}

/// Speakers of a channel configuration; 0 where the frame itself lists them.
///
/// Configuration 7 is written for rear speakers far more often than for the wide front the standard means.
const fn mask_of(configuration: u8) -> u32 {
    const FIVE: u32 = FL | FR | FC | BL | BR;
    match configuration {
        1 => FC,
        2 => FL | FR,
        3 => FL | FR | FC,
        4 => FL | FR | FC | BC,
        5 => FIVE,
        6 => FIVE | LFE,
        7 | 12 => FL | FR | FC | LFE | SL | SR | BL | BR,
        11 => FIVE | LFE | BC,
        14 => FIVE | LFE | layout::TFL | layout::TFR,
        _ => 0,
    }
}

/// What an AudioSpecificConfig says.
#[derive(Debug, Default)]
struct Config {
    object_type: u8,
    rate_hz: u32,
    extension_rate_hz: Option<u32>,
    mask: u32,
    has_replication: bool,
    has_stereo: bool,
}

impl Config {
    fn read(bytes: &[u8]) -> Option<Self> {
        let bits = &mut Bits::new(bytes);
        let mut config = Self {
            object_type: object_type(bits)?,
            rate_hz: rate(bits)?,
            ..Self::default()
        };
        let configuration = bits.u8(4)?;
        config.mask = mask_of(configuration);
        if matches!(config.object_type, 5 | 29) {
            config.has_replication = true;
            config.has_stereo = config.object_type == 29;
            config.extension_rate_hz = Some(rate(bits)?);
            config.object_type = object_type(bits)?;
            if config.object_type == 22 {
                bits.skip(4)?;
            }
        }
        if is_general(config.object_type) {
            // What follows may be missing in configurations cut short; what is known stays.
            general(bits, configuration, &mut config);
            if !config.has_replication {
                config.extension(bytes, bits.position());
            }
        }
        (config.object_type != 0 && config.rate_hz != 0).then_some(config)
    }

    /// Looks for the extension that old decoders skip (1.6.6.1): a sync word, then band replication and parametric stereo.
    fn extension(&mut self, bytes: &[u8], from: usize) {
        let end = bytes.len().min(64) * 8;
        for position in from..end.saturating_sub(15) {
            let mut bits = Bits::new(bytes);
            if bits.skip(position).is_none() || bits.u32(11) != Some(0x2b7) {
                continue;
            }
            if bits.u8(5) == Some(5) && bits.bit() == Some(true) {
                self.has_replication = true;
                self.extension_rate_hz = rate(&mut bits);
                self.has_stereo = bits.u32(11) == Some(0x548) && bits.bit() == Some(true);
            }
            return;
        }
    }

    const fn codec(&self) -> &'static str {
        match self.object_type {
            32..=34 => "mp3on4",
            36 => "mp4als",
            _ => "aac",
        }
    }

    const fn profile(&self) -> Option<&'static str> {
        Some(match self.object_type {
            2 if self.has_stereo => "HE-AACv2",
            2 if self.has_replication => "HE-AAC",
            1 => "Main",
            2 => "LC",
            3 => "SSR",
            4 => "LTP",
            23 => "LD",
            39 => "ELD",
            42 => "xHE-AAC",
            _ => return None,
        })
    }
}

fn object_type(bits: &mut Bits<'_>) -> Option<u8> {
    match bits.u8(5)? {
        31 => Some(32 + bits.u8(6)?),
        number => Some(number),
    }
}

fn rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.u8(4)? {
        15 => bits.u32(24).filter(|rate| *rate != 0),
        index => rate_of(index),
    }
}

/// Object types that continue with a `GASpecificConfig`.
const fn is_general(object_type: u8) -> bool {
    matches!(object_type, 1..=4 | 6 | 7 | 17 | 19..=23)
}

fn general(bits: &mut Bits<'_>, configuration: u8, config: &mut Config) -> Option<()> {
    bits.skip(1)?;
    if bits.bit()? {
        bits.skip(14)?;
    }
    let extended = bits.bit()?;
    if configuration == 0 {
        config.mask = program(bits)?;
    }
    if matches!(config.object_type, 6 | 20) {
        bits.skip(3)?;
    }
    if extended {
        match config.object_type {
            22 => bits.skip(5 + 11)?,
            17 | 19 | 20 | 23 => bits.skip(3)?,
            _ => {}
        }
        bits.skip(1)?;
    }
    Some(())
}

/// Reads a `program_config_element` and returns its speakers.
fn program(bits: &mut Bits<'_>) -> Option<u32> {
    bits.skip(4 + 2 + 4)?;
    let [front, side, back] = [bits.u8(4)?, bits.u8(4)?, bits.u8(4)?];
    let low = bits.u8(2)?;
    let (data, coupling) = (bits.u8(3)?, bits.u8(4)?);
    for width in [4, 4, 3] {
        if bits.bit()? {
            bits.skip(width)?;
        }
    }
    let mut elements = [[0_u8; 2]; 3];
    for (count, [singles, pairs]) in [front, side, back].into_iter().zip(&mut elements) {
        for _ in 0..count {
            if bits.bit()? {
                *pairs += 1;
            } else {
                *singles += 1;
            }
            bits.skip(4)?;
        }
    }
    bits.skip(4 * usize::from(low) + 4 * usize::from(data) + 5 * usize::from(coupling))?;
    bits.skip((8 - bits.position() % 8) % 8)?;
    let comment = usize::from(bits.u8(8)?);
    bits.skip(comment * 8)?;
    Some(speakers(elements, low))
}

/// Gives elements their usual places: the outermost pair of the front comes last.
fn speakers(elements: [[u8; 2]; 3], low: u8) -> u32 {
    let [front, side, back] = elements;
    let mut mask = 0;
    if front[0] > 0 {
        mask |= FC;
    }
    match front[1] {
        0 => {}
        1 => mask |= FL | FR,
        _ => mask |= FL | FR | FLC | FRC,
    }
    if side[1] > 0 {
        mask |= SL | SR;
    }
    match back[1] {
        0 => {}
        1 => mask |= BL | BR,
        _ => mask |= BL | BR | SL | SR,
    }
    if back[0] + side[0] > 0 {
        mask |= BC;
    }
    if low > 0 {
        mask |= LFE;
    }
    mask
}

/// The header of an ADTS frame (ISO/IEC 13818-7, 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Adts {
    object_type: u8,
    pub(crate) rate_hz: u32,
    configuration: u8,
    header_bytes: usize,
    /// Length in bytes, header included.
    pub(crate) length: usize,
    /// Blocks of 1,024 samples.
    pub(crate) blocks: u32,
}

impl Adts {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        // Sync word, MPEG-4 or 2, layer 0.
        if bits.u32(12)? != 0xfff {
            return None;
        }
        bits.skip(1)?;
        if bits.u8(2)? != 0 {
            return None;
        }
        let has_checksum = !bits.bit()?;
        let object_type = bits.u8(2)? + 1;
        let rate_hz = rate_of(bits.u8(4)?)?;
        bits.skip(1)?;
        let configuration = bits.u8(3)?;
        bits.skip(4)?;
        let length = usize::try_from(bits.u32(13)?).ok()?;
        bits.skip(11)?;
        let blocks = u32::from(bits.u8(2)?) + 1;
        let header_bytes = if has_checksum { 9 } else { 7 };
        (length > header_bytes).then_some(Self {
            object_type,
            rate_hz,
            configuration,
            header_bytes,
            length,
            blocks,
        })
    }

    /// Returns whether another frame can belong to the same stream.
    pub(crate) fn goes_with(self, other: Self) -> bool {
        self.object_type == other.object_type
            && self.rate_hz == other.rate_hz
            && self.configuration == other.configuration
    }

    /// Returns bits per second if all frames were like this one.
    pub(crate) fn bitrate_bps(self) -> u64 {
        self.length as u64 * 8 * u64::from(self.rate_hz) / u64::from(self.blocks * 1_024)
    }

    fn mask(self, frame: &[u8]) -> u32 {
        if self.configuration != 0 {
            return mask_of(self.configuration);
        }
        let mut bits = Bits::new(frame.get(self.header_bytes..).unwrap_or_default());
        match bits.u8(3) {
            Some(5) => program(&mut bits).unwrap_or(0),
            _ => 0,
        }
    }

    const fn profile(self) -> &'static str {
        match self.object_type {
            1 => "Main",
            2 => "LC",
            3 => "SSR",
            _ => "LTP",
        }
    }
}

/// Returns whether all of the frames (two at least, four at most looked at) end in a fill element of band replication.
fn band_replication(mut bytes: &[u8]) -> bool {
    let mut seen = 0;
    while seen < 4
        && let Some(header) = Adts::read(bytes)
        && let Some((frame, rest)) = bytes.split_at_checked(header.length)
    {
        if !frame
            .get(header.header_bytes..)
            .is_some_and(ends_in_replication)
        {
            return false;
        }
        seen += 1;
        bytes = rest;
    }
    seen >= 2
}

/// A `raw_data_block` ends in `111` and zeros up to a byte; the fill element before it is as long as it says it is, and its
/// payload begins with the type 13 or 14.
fn ends_in_replication(block: &[u8]) -> bool {
    let Some(last) = block.last().filter(|last| **last != 0) else {
        return false;
    };
    let end = (block.len() * 8).saturating_sub(last.trailing_zeros() as usize + 3);
    (5..=269_usize).any(|payload| {
        let head = if payload < 15 { 7 } else { 15 };
        let Some(at) = end.checked_sub(head + payload * 8) else {
            return false;
        };
        let mut bits = Bits::new(block);
        let element = bits.skip(at).and_then(|()| bits.u8(3));
        let count = bits.u8(4).map(usize::from).and_then(|count| match count {
            15 => Some(usize::from(bits.u8(8)?) + 14),
            count => Some(count),
        });
        element == Some(6) && count == Some(payload) && matches!(bits.u8(4), Some(13 | 14))
    })
}
