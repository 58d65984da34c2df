//! Chromaprint: a number of 32 bits for each eighth of a second of sound, and where two sounds agree.
//!
//! The numbers, and their text ([`Fingerprint::to_text`]), are those of fpcalc and `AcoustID` (algorithm 1, "TEST2"), given
//! the same samples. Chromaprint hears one channel at 11,025 samples a second; for the very samples of fpcalc let ffmpeg
//! resample, with [`FFMPEG_FILTER`]: `ffmpeg -nostdin -i INPUT -vn -af FILTER -f s16le pipe:1`. fpcalc hears
//! [`FPCALC_SECONDS`] of a file where nothing else is said.
//!
//! The transforms are done by the crate `rusty-chromaprint`; codec and matching are ours.

mod codec;
mod compare;

pub use codec::DecodeError;
pub use compare::{LARGEST_SHIFT_ITEMS, Match, compare};

use rusty_chromaprint::{Configuration, Fingerprinter};

/// Samples a second.
pub const SAMPLE_RATE: u32 = 11_025;

/// How much of a file fpcalc hears.
pub const FPCALC_SECONDS: u32 = 120;

/// Time from one item to the next: 1,365 samples.
pub const SECONDS_PER_ITEM: f64 = 1365.0 / 11_025.0;

/// What ffmpeg's `-af` has to be for samples like fpcalc's.
pub const FFMPEG_FILTER: &str = "aresample=11025:resampler=swr:filter_size=16:phase_shift=8:linear_interp=1:cutoff=0.8,\
     aformat=sample_fmts=s16:channel_layouts=mono:sample_rates=11025";

/// The item of silence.
pub const SILENCE: u32 = 627_964_279;

/// The algorithm that fpcalc uses by default, as the text of a fingerprint has it.
const ALGORITHM: u8 = 1;

/// The fingerprint of a sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The variant of Chromaprint; 1 where [`Builder`] or fpcalc made it. Different ones are not comparable.
    pub algorithm: u8,
    /// One for each [`SECONDS_PER_ITEM`], the first after 2.7 seconds.
    pub items: Vec<u32>,
}

impl Fingerprint {
    /// Tells for each item whether it says something: it is not silence, and not the same as the one before.
    fn telling(&self) -> impl Iterator<Item = bool> + '_ {
        let before = std::iter::once(None).chain(self.items.iter().map(Some));
        let pairs = self.items.iter().zip(before);
        pairs.map(|(item, before)| *item != SILENCE && Some(item) != before)
    }

    /// Returns how many items say something. A sound with few is not worth comparing.
    pub fn telling_items(&self) -> usize {
        self.telling().filter(|telling| *telling).count()
    }
}

/// Makes a fingerprint of the samples that are pushed.
pub struct Builder {
    fingerprinter: Fingerprinter,
    remaining_samples: u64,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new(FPCALC_SECONDS)
    }
}

impl Builder {
    /// Begins a sound of which the first `seconds` are heard; 0 hears all of it.
    pub fn new(seconds: u32) -> Self {
        let mut fingerprinter = Fingerprinter::new(&Configuration::preset_test2());
        // Fails only for rates below 1,000 and no channels.
        let started = fingerprinter.start(SAMPLE_RATE, 1);
        debug_assert!(started.is_ok());
        let limit = u64::from(seconds) * u64::from(SAMPLE_RATE);
        Self {
            fingerprinter,
            remaining_samples: if seconds == 0 { u64::MAX } else { limit },
        }
    }

    /// Adds samples of one channel at 11,025 a second. Returns whether more are wanted.
    pub fn push(&mut self, samples: &[i16]) -> bool {
        let wanted = usize::try_from(self.remaining_samples).unwrap_or(usize::MAX);
        let samples = samples.get(..wanted).unwrap_or(samples);
        self.remaining_samples -= samples.len() as u64;
        if !samples.is_empty() {
            self.fingerprinter.consume(samples);
        }
        self.remaining_samples > 0
    }

    /// Ends the sound. There are no items if it was shorter than 2.7 seconds.
    pub fn finish(mut self) -> Fingerprint {
        self.fingerprinter.finish();
        Fingerprint {
            algorithm: ALGORITHM,
            items: self.fingerprinter.fingerprint().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests;
