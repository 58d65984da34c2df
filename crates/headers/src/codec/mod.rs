//! One reader a codec: what a configuration record or the first packet says of a stream.
//!
//! Every function fills a [`crate::Stream`] as far as it gets and never takes back what is there. None of them reads a
//! file: they are given bytes. Functions that look for something in packets return whether they found it.

pub mod aac;
pub mod ac3;
pub mod alac;
pub mod av1;
pub mod cicp;
pub mod dolby_vision;
pub mod dts;
pub mod flac;
pub mod fourcc;
pub mod h264;
pub mod hevc;
pub mod layout;
pub mod mjpeg;
pub mod mpeg2;
pub mod mpeg4;
pub mod mpeg_audio;
pub mod nal;
pub mod opus;
pub mod prores;
pub(crate) mod sei;
#[cfg(test)]
pub(crate) mod testing;
pub mod theora;
pub mod truehd;
pub mod vc1;
pub mod vorbis;
pub mod vpx;
pub mod wave;

/// Returns how long so many samples last.
#[expect(
    clippy::cast_precision_loss,
    reason = "more samples than a float counts exactly are no sound anybody has"
)]
pub(crate) fn seconds(samples: u64, rate_hz: u32) -> f64 {
    samples as f64 / f64::from(rate_hz.max(1))
}

#[cfg(test)]
mod sound_tests;
