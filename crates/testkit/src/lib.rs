//! What tests and benchmarks need besides the program: trees, media, odd files, file systems that misbehave, and
//! databases of the older program.
//!
//! Knows nothing of `videocatalog-core`, so that a mistake there cannot hide behind the same mistake here. Everything is
//! made from a seed or from nothing: no fixture is random, none is downloaded.

#[cfg(target_os = "linux")]
pub mod hang;
pub mod legacy;
pub mod media;
pub mod onnx;
pub mod program;
pub mod random;
pub mod tree;
