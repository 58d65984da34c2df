//! What tests and benchmarks are made of: trees, media, broken file systems, and databases of the older program.

#[cfg(target_os = "linux")]
pub mod hang;
