//! Paths as the catalogue keeps them, and their ways to and from the system.
//!
//! A catalogued path is relative to its drive's root, a sequence of bytes with `/` between names, and lossless: on Unix
//! the bytes of the name, on Windows its WTF-8 (UTF-8 with lone surrogates kept). It is never normalised.

pub mod display;
pub mod label;
pub mod long;
mod os;
mod relative;

pub use os::{bytes_to_os, os_to_bytes};
pub use relative::{RelPath, absolute_text, join};
