//! What tests and benchmarks of `VideoCatalog` work on, made on the spot.

pub mod legacy;
