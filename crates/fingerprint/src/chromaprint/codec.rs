//! The text of a fingerprint: differences of items packed into three bits a step, in base64url.
//!
//! An item is the exclusive or with the one before. Of its set bits the distances are written, from the lowest, then a 0.
//! Distances from 7 on are written as 7, and what is left in a second list of five bits each, after the first.
//!
//! Texts come from strangers: memory is taken for as many items as the text can hold, not for as many as it claims.

use super::Fingerprint;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const NORMAL_BITS: usize = 3;
const EXCEPTION_BITS: usize = 5;

/// A distance of this or more continues in the second list.
const EXCEPTION: u8 = 7;

/// Items beyond which the text cannot count: 24 bits of them, 24 days.
const MOST_ITEMS: usize = (1 << 24) - 1;

/// Why a text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It has other characters than base64url.
    #[error("not a Chromaprint fingerprint: not base64url")]
    Base64,
    /// It ends before all items it claims.
    #[error("damaged Chromaprint fingerprint: it ends too early")]
    Short,
    /// It goes on after the last item.
    #[error("damaged Chromaprint fingerprint: it goes on after its end")]
    Long,
    /// An item has more than 32 bits.
    #[error("damaged Chromaprint fingerprint: an item is too large")]
    Item,
}

impl Fingerprint {
    /// Returns the text, as fpcalc prints it. Items after the 16,777,215th are left out.
    pub fn to_text(&self) -> String {
        let items = self.items.get(..MOST_ITEMS).unwrap_or(&self.items);
        let (mut normal, mut exceptions) = (Packed::new(NORMAL_BITS), Packed::new(EXCEPTION_BITS));
        let mut before = 0;
        for item in items {
            pack(item ^ before, &mut normal, &mut exceptions);
            before = *item;
        }
        let [.., high, middle, low] = u32::try_from(items.len()).unwrap_or_default().to_be_bytes();
        let mut bytes = vec![self.algorithm, high, middle, low];
        bytes.extend(normal.bytes());
        bytes.extend(exceptions.bytes());
        BASE64.encode(bytes)
    }

    /// Reads a text that fpcalc or [`Fingerprint::to_text`] wrote.
    ///
    /// # Errors
    /// When it is not one, or damaged. At most some ten times the memory of the text is taken.
    pub fn from_text(text: &str) -> Result<Self, DecodeError> {
        let bytes = BASE64
            .decode(text.trim())
            .map_err(|_| DecodeError::Base64)?;
        let [algorithm, high, middle, low, packed @ ..] = bytes.as_slice() else {
            return Err(DecodeError::Short);
        };
        let count = u32::from_be_bytes([0, *high, *middle, *low]);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let (normal, exceptions) = split(packed, count)?;
        let mut exceptions = Unpacked::new(exceptions, EXCEPTION_BITS);
        let mut items = Vec::with_capacity(count);
        let mut item = 0;
        let mut normal = Unpacked::new(normal, NORMAL_BITS);
        while items.len() < count {
            item ^= unpack(&mut normal, &mut exceptions)?;
            items.push(item);
        }
        // Less than a byte may be left over.
        if exceptions.position.div_ceil(8) < exceptions.bytes.len() {
            return Err(DecodeError::Long);
        }
        Ok(Self {
            algorithm: *algorithm,
            items,
        })
    }
}

/// Splits the two lists: the first ends with as many zeros as there are items.
fn split(packed: &[u8], count: usize) -> Result<(&[u8], &[u8]), DecodeError> {
    // Checked before looking: every item takes three bits at least.
    if packed.len().saturating_mul(8) / NORMAL_BITS < count {
        return Err(DecodeError::Short);
    }
    let mut values = Unpacked::new(packed, NORMAL_BITS);
    let mut zeros = 0;
    while zeros < count {
        zeros += usize::from(values.next().ok_or(DecodeError::Short)? == 0);
    }
    packed
        .split_at_checked(values.position.div_ceil(8))
        .ok_or(DecodeError::Short)
}

fn pack(mut bits: u32, normal: &mut Packed, exceptions: &mut Packed) {
    let mut last = 0;
    while bits != 0 {
        let place = u8::try_from(bits.trailing_zeros() + 1).unwrap_or_default();
        let distance = place - last;
        normal.push(distance.min(EXCEPTION));
        if distance >= EXCEPTION {
            exceptions.push(distance - EXCEPTION);
        }
        last = place;
        bits &= bits - 1;
    }
    normal.push(0);
}

fn unpack(normal: &mut Unpacked<'_>, exceptions: &mut Unpacked<'_>) -> Result<u32, DecodeError> {
    let (mut bits, mut place) = (0, 0);
    loop {
        let mut distance = u32::from(normal.next().ok_or(DecodeError::Short)?);
        if distance == 0 {
            return Ok(bits);
        }
        if distance == u32::from(EXCEPTION) {
            distance += u32::from(exceptions.next().ok_or(DecodeError::Short)?);
        }
        place += distance;
        bits |= 1_u32.checked_shl(place - 1).ok_or(DecodeError::Item)?;
    }
}

/// Small numbers written one after the other, the lowest bits first.
struct Packed {
    bits_each: usize,
    bytes: Vec<u8>,
    pending: u16,
    pending_bits: usize,
}

impl Packed {
    fn new(bits_each: usize) -> Self {
        Self {
            bits_each,
            bytes: Vec::new(),
            pending: 0,
            pending_bits: 0,
        }
    }

    fn push(&mut self, value: u8) {
        self.pending |= u16::from(value) << self.pending_bits;
        self.pending_bits += self.bits_each;
        if self.pending_bits >= 8 {
            let [low, high] = self.pending.to_le_bytes();
            self.bytes.push(low);
            self.pending = u16::from(high);
            self.pending_bits -= 8;
        }
    }

    fn bytes(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            let [low, _] = self.pending.to_le_bytes();
            self.bytes.push(low);
        }
        self.bytes
    }
}

/// Reads what [`Packed`] wrote.
struct Unpacked<'a> {
    bytes: &'a [u8],
    bits_each: usize,
    /// In bits.
    position: usize,
}

impl<'a> Unpacked<'a> {
    fn new(bytes: &'a [u8], bits_each: usize) -> Self {
        Self {
            bytes,
            bits_each,
            position: 0,
        }
    }
}

impl Iterator for Unpacked<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let end = self.position + self.bits_each;
        if end > self.bytes.len() * 8 {
            return None;
        }
        let low = self.bytes.get(self.position / 8).copied()?;
        let high = self
            .bytes
            .get(self.position / 8 + 1)
            .copied()
            .unwrap_or_default();
        let [value, _] = (u16::from_le_bytes([low, high]) >> (self.position % 8)).to_le_bytes();
        self.position = end;
        Some(value & ((1 << self.bits_each) - 1))
    }
}
