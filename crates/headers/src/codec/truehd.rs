//! Dolby TrueHD and MLP, Atmos included.

use crate::Stream;
use crate::bits::Bits;
use crate::codec::layout::{
    self, BC, BL, BR, FC, FL, FLC, FR, FRC, LFE, SL, SR, TC, TFC, TFL, TFR,
};

/// Looks for a major sync.
pub fn sync(bytes: &[u8], stream: &mut Stream) -> bool {
    bytes
        .windows(24)
        .find_map(Sync::read)
        .map(|sync| sync.note(stream))
        .is_some()
}

/// Returns the length in bytes of the access unit that begins here.
pub(crate) fn unit_length(bytes: &[u8]) -> Option<usize> {
    let [first, second, ..] = *bytes else {
        return None;
    };
    Some(usize::from(u16::from_be_bytes([first, second]) & 0xfff) * 2)
}

/// Returns the rate of the access unit with a major sync that begins here.
pub(crate) fn begins(bytes: &[u8]) -> Option<u32> {
    bytes.get(4..).and_then(Sync::read).map(|sync| sync.rate_hz)
}

/// A major sync: it begins at the fifth byte of an access unit, about every 40 to 128 units.
#[derive(Debug)]
struct Sync {
    is_truehd: bool,
    rate_hz: u32,
    mask: u32,
    depth: u8,
    has_objects: bool,
}

/// Speakers of the flags of an 8-channel presentation, least significant first.
const PRESENTATION: [u32; 13] = [
    FL | FR,
    FC,
    LFE,
    SL | SR,
    TFL | TFR,
    FLC | FRC,
    BL | BR,
    BC,
    TC,
    // Second side and wide speakers, and a second low one, have no bit here.
    0,
    0,
    TFC,
    0,
];

/// Speakers of MLP's channel arrangements.
const ARRANGEMENTS: [u32; 21] = {
    const TWO: u32 = FL | FR;
    const THREE: u32 = TWO | FC;
    [
        FC,
        TWO,
        TWO | BC,
        TWO | SL | SR,
        TWO | LFE,
        TWO | LFE | BC,
        TWO | LFE | SL | SR,
        THREE,
        THREE | BC,
        THREE | SL | SR,
        THREE | LFE,
        THREE | LFE | BC,
        THREE | LFE | SL | SR,
        THREE | BC,
        THREE | SL | SR,
        THREE | LFE,
        THREE | LFE | BC,
        THREE | LFE | SL | SR,
        TWO | SL | SR | LFE,
        THREE | SL | SR,
        THREE | LFE | SL | SR,
    ]
};

impl Sync {
    fn read(bytes: &[u8]) -> Option<Self> {
        let kind = match bytes.get(..4)? {
            [0xf8, 0x72, 0x6f, kind @ (0xba | 0xbb)] => *kind,
            _ => return None,
        };
        // A second word of sync follows the description.
        if bytes.get(8..10)? != [0xb7, 0x52] {
            return None;
        }
        let mut bits = Bits::new(bytes);
        bits.skip(32)?;
        if kind == 0xba {
            Self::truehd(&mut bits)
        } else {
            Self::mlp(&mut bits)
        }
    }

    fn truehd(bits: &mut Bits<'_>) -> Option<Self> {
        let rate_hz = rate_of(bits.u8(4)?)?;
        bits.skip(4 + 4)?;
        let six = bits.u32(5)?;
        bits.skip(2)?;
        let eight = bits.u32(13)?;
        bits.skip(16 * 3 + 16)?;
        let substreams = bits.u8(4)?;
        bits.skip(4)?;
        let information = bits.u8(8)?;
        Some(Self {
            is_truehd: true,
            rate_hz,
            mask: mask_of(if eight == 0 { six } else { eight }),
            depth: 24,
            // The presentation of 16 channels is what carries objects.
            has_objects: substreams == 4 && information >> 7 == 1,
        })
    }

    fn mlp(bits: &mut Bits<'_>) -> Option<Self> {
        let depth = match bits.u8(4)? {
            0 => 16,
            1 => 20,
            2 => 24,
            _ => return None,
        };
        bits.skip(4)?;
        let rate_hz = rate_of(bits.u8(4)?)?;
        bits.skip(4 + 11)?;
        let arrangement = usize::from(bits.u8(5)?);
        Some(Self {
            is_truehd: false,
            rate_hz,
            mask: ARRANGEMENTS.get(arrangement).copied().unwrap_or(0),
            depth,
            has_objects: false,
        })
    }

    fn note(&self, stream: &mut Stream) {
        let codec = if self.is_truehd { "truehd" } else { "mlp" };
        codec.clone_into(&mut stream.codec);
        let audio = stream.audio_mut();
        audio.sample_rate_hz = Some(self.rate_hz);
        audio.bit_depth = Some(self.depth);
        layout::note_mask(audio, self.mask);
        if self.has_objects {
            audio.extension = Some("Dolby Atmos".to_owned());
        }
    }
}

fn mask_of(flags: u32) -> u32 {
    PRESENTATION
        .iter()
        .enumerate()
        .filter(|(bit, _)| flags >> bit & 1 == 1)
        .fold(0, |mask, (_, speakers)| mask | speakers)
}

fn rate_of(code: u8) -> Option<u32> {
    let base = if code & 8 == 0 { 48_000 } else { 44_100 };
    (code & 7 <= 2).then(|| base << (code & 7))
}
