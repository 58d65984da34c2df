//! DTS, DTS-HD, DTS:X (ETSI TS 102 114).
//!
//! What an extension substream carries is told by the sync words inside it rather than by its list of assets: both say the same,
//! and the list's length depends on mixing metadata that nothing else here needs.

use crate::Stream;
use crate::bits::Bits;
use crate::codec::layout::{
    self, BC, BL, BR, FC, FL, FLC, FR, FRC, LFE, SL, SR, TC, TFC, TFL, TFR,
};

/// Notes what a frame (core, with extension substream where there) says.
pub fn frame(bytes: &[u8], stream: &mut Stream) -> bool {
    let unpacked = unpack(bytes);
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    let core = Core::read(bytes);
    let substream = bytes.get(core.as_ref().map_or(0, |core| core.length)..);
    let substream = substream.and_then(Substream::read);
    if core.is_none() && substream.is_none() {
        return false;
    }
    "dts".clone_into(&mut stream.codec);
    if let Some(core) = core {
        core.note(stream, substream.is_some());
    }
    if let Some(substream) = substream {
        substream.note(stream);
    }
    true
}

/// Returns the frame in 16-bit words, high byte first, where it is stored otherwise (in WAV files, on discs).
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    /// Enough for a core frame and the beginning of its extension.
    const MOST: usize = 32 << 10;
    let bytes = bytes.get(..bytes.len().min(MOST))?;
    let (little, packed) = match bytes.get(..4)? {
        [0xfe, 0x7f, 0x01, 0x80] => (true, false),
        [0x1f, 0xff, 0xe8, 0x00] => (false, true),
        [0xff, 0x1f, 0x00, 0xe8] => (true, true),
        _ => return None,
    };
    let words = bytes.as_chunks::<2>().0.iter().map(|pair| {
        if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        }
    });
    if !packed {
        return Some(words.flat_map(u16::to_be_bytes).collect());
    }
    let mut out = Vec::with_capacity(bytes.len());
    let (mut held, mut count) = (0_u32, 0);
    for word in words {
        held = held << 14 | u32::from(word & 0x3fff);
        count += 14;
        while count >= 8 {
            count -= 8;
            out.push((held >> count & 0xff) as u8);
        }
        held &= (1 << count) - 1;
    }
    Some(out)
}

/// Returns the number of bytes to the next frame in the file, for frames that begin with a core in any packing, or with a
/// substream.
pub(crate) fn stored_length(bytes: &[u8]) -> Option<usize> {
    let unpacked = unpack(bytes.get(..bytes.len().min(64))?);
    let is_packed = bytes.starts_with(&[0x1f, 0xff]) || bytes.starts_with(&[0xff, 0x1f]);
    let plain = unpacked.as_deref().unwrap_or(bytes);
    if let Some(core) = Core::read(plain) {
        return Some(if is_packed {
            // 14 bits of each 16.
            core.length * 8 / 14 * 2
        } else {
            core.length
        });
    }
    Substream::length(plain)
}

/// Returns samples and nominal bits a second of the core frame that begins here.
pub(crate) fn core_time(bytes: &[u8]) -> Option<(u32, u32, u64)> {
    let unpacked = unpack(bytes.get(..bytes.len().min(64))?);
    let core = Core::read(unpacked.as_deref().unwrap_or(bytes))?;
    Some((core.samples, core.rate_hz, core.bitrate_bps))
}

const RATES_HZ: [u32; 16] = [
    0, 8_000, 16_000, 32_000, 0, 0, 11_025, 22_050, 44_100, 0, 0, 12_000, 24_000, 48_000, 96_000,
    192_000,
];

/// Bits a second by `RATE`; 0 where the code says open, variable or lossless.
const BITS_PER_SECOND: [u32; 32] = [
    32_000, 56_000, 64_000, 96_000, 112_000, 128_000, 192_000, 224_000, 256_000, 320_000, 384_000,
    448_000, 512_000, 576_000, 640_000, 768_000, 896_000, 1_024_000, 1_152_000, 1_280_000,
    1_344_000, 1_408_000, 1_411_200, 1_472_000, 1_536_000, 1_920_000, 2_048_000, 3_072_000,
    3_840_000, 0, 0, 0,
];

/// Speakers by `AMODE`.
const MODES: [u32; 16] = {
    const TWO: u32 = FL | FR;
    const THREE: u32 = TWO | FC;
    const SIDES: u32 = SL | SR;
    [
        FC,
        TWO,
        TWO,
        TWO,
        TWO,
        THREE,
        TWO | BC,
        THREE | BC,
        TWO | SIDES,
        THREE | SIDES,
        TWO | SIDES | FLC | FRC,
        THREE | BL | BR | BC,
        THREE | TC | BC | SIDES,
        THREE | SIDES | FLC | FRC,
        TWO | SIDES | FLC | FRC | BL | BR,
        THREE | SIDES | FLC | FRC | BC,
    ]
};

/// The frame every decoder understands.
struct Core {
    length: usize,
    samples: u32,
    rate_hz: u32,
    bitrate_bps: u64,
    mask: u32,
    /// `EXT_AUDIO_ID` where there is extended sound inside the core frame.
    extension: Option<u8>,
}

impl Core {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        if bits.u32(32)? != 0x7ffe_8001 {
            return None;
        }
        bits.skip(1 + 5 + 1)?;
        let blocks = bits.u32(7)? + 1;
        let length = usize::try_from(bits.u32(14)?).ok()? + 1;
        let mode = bits.u8(6)?;
        let rate_hz = *RATES_HZ.get(usize::from(bits.u8(4)?))?;
        let bitrate = *BITS_PER_SECOND.get(usize::from(bits.u8(5)?))?;
        bits.skip(1 + 1 + 1 + 1 + 1)?;
        let extension = bits.u8(3)?;
        let is_extended = bits.bit()?;
        bits.skip(1)?;
        let low = bits.u8(2)?;
        if rate_hz == 0 || length < 96 || blocks < 6 || low == 3 {
            return None;
        }
        let main = *MODES.get(usize::from(mode))?;
        Some(Self {
            length,
            samples: blocks * 32,
            rate_hz,
            bitrate_bps: u64::from(bitrate),
            mask: if low == 0 { main } else { main | LFE },
            extension: is_extended.then_some(extension),
        })
    }

    fn note(&self, stream: &mut Stream, has_substream: bool) {
        let (profile, rate_hz, mask) = match self.extension {
            Some(0) => ("DTS-ES", self.rate_hz, self.mask | BC),
            Some(6) => ("DTS-ES", self.rate_hz, self.mask | BL | BR),
            Some(2) => ("DTS 96/24", self.rate_hz.saturating_mul(2), self.mask),
            _ => ("DTS", self.rate_hz, self.mask),
        };
        stream.profile = Some(profile.to_owned());
        let audio = stream.audio_mut();
        audio.sample_rate_hz = Some(rate_hz);
        layout::note_mask(audio, mask);
        if stream.bitrate_bps.is_none() && !has_substream && self.bitrate_bps != 0 {
            stream.bitrate_bps = Some(self.bitrate_bps);
        }
    }
}

/// What follows the core, or stands alone.
#[derive(Default)]
struct Substream {
    static_fields: Static,
    profile: Option<&'static str>,
    lossless: Option<Lossless>,
    has_objects: bool,
}

/// Fields of an asset that are not repeated in every frame.
#[derive(Default)]
struct Static {
    rate_hz: Option<u32>,
    mask: u32,
}

/// The header of the lossless part.
struct Lossless {
    depth: u8,
    rate_hz: Option<u32>,
}

impl Substream {
    /// Returns header and whole length in bytes.
    fn sizes(bytes: &[u8]) -> Option<(usize, usize, Bits<'_>)> {
        let mut bits = Bits::new(bytes);
        if bits.u32(32)? != 0x6458_2025 {
            return None;
        }
        bits.skip(8 + 2)?;
        let (header, length) = if bits.bit()? { (12, 20) } else { (8, 16) };
        let header = usize::try_from(bits.u32(header)?).ok()? + 1;
        let length = usize::try_from(bits.u32(length)?).ok()? + 1;
        (header < length).then_some((header, length, bits))
    }

    fn length(bytes: &[u8]) -> Option<usize> {
        Self::sizes(bytes).map(|(_, length, _)| length)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (header, length, bits) = Self::sizes(bytes)?;
        let mut substream = Self::default();
        // A list that is cut short leaves what the core said.
        if let Some(fields) = Static::read(bits, bytes) {
            substream.static_fields = fields;
        }
        let payload = bytes.get(header..bytes.len().min(length))?;
        substream.search(payload);
        Some(substream)
    }

    /// Looks for what the assets begin with. Lossless beats all others.
    fn search(&mut self, payload: &[u8]) {
        for (at, window) in payload.windows(4).enumerate() {
            match window {
                [0x41, 0xa2, 0x95, 0x47] if self.lossless.is_none() => {
                    self.profile = Some("DTS-HD MA");
                    self.lossless = Lossless::read(payload.get(at..).unwrap_or_default());
                }
                [0x0a, 0x80, 0x19, 0x21] => self.profile = self.profile.or(Some("DTS Express")),
                [0x65, 0x5e, 0x31, 0x5e] | [0x1d, 0x95, 0xf2, 0x62] | [0x47, 0x00, 0x4a, 0x03] => {
                    self.profile = self.profile.or(Some("DTS-HD HRA"));
                }
                [0x02, 0x00, 0x08, 0x50] | [0xf1, 0x40, 0x00, 0xd0 | 0xd1]
                    if self.lossless.is_some() =>
                {
                    self.has_objects = true;
                }
                _ => {}
            }
        }
    }

    fn note(&self, stream: &mut Stream) {
        if let Some(profile) = self.profile {
            stream.profile = Some(profile.to_owned());
        }
        let fields = &self.static_fields;
        let has_audio = stream.audio_mut().channels.is_some();
        let audio = stream.audio_mut();
        if let Some(lossless) = &self.lossless {
            audio.bit_depth = Some(lossless.depth);
        }
        let rate_hz = self
            .lossless
            .as_ref()
            .and_then(|lossless| lossless.rate_hz)
            .or(fields.rate_hz);
        // High-resolution extensions may leave the core as it is: then the list describes a sound nobody decodes.
        if self.profile.is_some() || !has_audio {
            audio.sample_rate_hz = rate_hz.or(audio.sample_rate_hz);
            layout::note_mask(audio, fields.mask);
        }
        if self.has_objects {
            audio.extension = Some("DTS:X".to_owned());
        }
    }
}

impl Static {
    /// Reads on after the sizes, to the first asset's description.
    fn read(mut bits: Bits<'_>, bytes: &[u8]) -> Option<Self> {
        let index = Bits::new(bytes.get(5..)?).u32(2)?;
        let wide = Bits::new(bytes.get(5..)?).u8(3)? & 1 == 1;
        if !bits.bit()? {
            return None;
        }
        bits.skip(2 + 3)?;
        if bits.bit()? {
            bits.skip(36)?;
        }
        let presentations = bits.u8(3)? + 1;
        let assets = usize::from(bits.u8(3)?) + 1;
        let mut masks = [0_u32; 8];
        for mask in masks.iter_mut().take(presentations.into()) {
            *mask = bits.u32(index + 1)?;
        }
        for mask in masks {
            bits.skip(8 * mask.count_ones() as usize)?;
        }
        if bits.bit()? {
            bits.skip(2)?;
            let width = (usize::from(bits.u8(2)?) + 1) * 4;
            let sets = usize::from(bits.u8(2)?) + 1;
            bits.skip(width * sets)?;
        }
        bits.skip(assets * if wide { 20 } else { 16 })?;
        Self::asset(&mut bits)
    }

    fn asset(bits: &mut Bits<'_>) -> Option<Self> {
        bits.skip(9 + 3)?;
        if bits.bit()? {
            bits.skip(4)?;
        }
        if bits.bit()? {
            bits.skip(24)?;
        }
        if bits.bit()? {
            let text = usize::try_from(bits.u32(10)?).ok()? + 1;
            bits.skip(text * 8)?;
        }
        bits.skip(5)?;
        let rate_hz = rate_of(bits.u8(4)?);
        let channels = bits.u32(8)? + 1;
        let mut mask = 0;
        if bits.bit()? {
            if channels > 2 {
                bits.skip(1)?;
            }
            if channels > 6 {
                bits.skip(1)?;
            }
            if bits.bit()? {
                let width = (u32::from(bits.u8(2)?) + 1) * 4;
                mask = speakers(bits.u32(width)?);
            }
        }
        Some(Self { rate_hz, mask })
    }
}

impl Lossless {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(bytes);
        bits.skip(32 + 4)?;
        let header = usize::from(bits.u8(8)?) + 1;
        // The first set of channels is described right after the header.
        let mut bits = Bits::new(bytes.get(header..)?);
        bits.skip(10)?;
        let channels = usize::from(bits.u8(4)?) + 1;
        bits.skip(channels + 5)?;
        let depth = bits.u8(5)? + 1;
        let rate_hz = rate_of(bits.u8(4)?);
        Some(Self { depth, rate_hz })
    }
}

/// Rates of extension substreams.
fn rate_of(code: u8) -> Option<u32> {
    const RATES_HZ: [u32; 16] = [
        8_000, 16_000, 32_000, 64_000, 128_000, 22_050, 44_100, 88_200, 176_400, 352_800, 12_000,
        24_000, 48_000, 96_000, 192_000, 384_000,
    ];
    RATES_HZ.get(usize::from(code)).copied()
}

/// Speakers of an activity mask, least significant bit first. Speakers around the listener that have no bit here are left out.
fn speakers(mask: u32) -> u32 {
    // With speakers both beside and behind, "surround" means beside.
    [
        FC,
        FL | FR,
        SL | SR,
        LFE,
        BC,
        TFL | TFR,
        BL | BR,
        TFC,
        TC,
        FLC | FRC,
        0,
        SL | SR,
    ]
    .iter()
    .enumerate()
    .filter(|(bit, _)| mask >> bit & 1 == 1)
    .fold(0, |sum, (_, speakers)| sum | speakers)
}
