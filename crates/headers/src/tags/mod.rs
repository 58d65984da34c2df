//! Tags of sound files, wherever they are stored.

pub mod ape;
pub mod id3;
pub mod picture;
pub mod riff;
pub mod vorbis;
