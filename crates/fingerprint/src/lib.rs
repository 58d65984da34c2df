//! Fingerprints of pictures, films and sounds: numbers that stay nearly the same when a file is encoded anew, so that
//! copies are found although no byte of them is equal.
//!
//! | module | of what | what for |
//! |---|---|---|
//! | [`pdq`] | a picture | 256 bits, compared by counting the ones that differ |
//! | [`keyframes`] | a film, 8 to 16 pictures | what is worth a closer look, at a fraction of the cost; bars, mirrors and turns aside |
//! | [`tmk`] | a film, 15 pictures a second | TMK+PDQF, byte for byte as the reference writes it; whole films that are the same |
//! | [`timeline`] | a film, a picture about every half second | finds a part of a film in the whole, and where it is |
//! | [`chromaprint`] | a sound | the fingerprint of fpcalc, its text, and where two sounds agree |
//!
//! Pure arithmetic: no file, no process, no thread. Decoding is somebody else's work; each module says which pictures or
//! samples it wants. What comes out depends on nothing but what goes in: the same numbers on every system.

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        clippy::needless_for_each,
        clippy::print_stdout,
        reason = "tests"
    )
)]

pub mod chromaprint;
pub mod dihedral;
pub mod keyframes;
pub mod luma;
pub mod pdq;
pub mod timeline;
pub mod tmk;

#[cfg(test)]
mod testing;

pub use dihedral::Dihedral;
