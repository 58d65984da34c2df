//! All SQL of the program: opening, migrating, reading and writing the catalogue and its shards.
//!
//! `catalog.db` knows which drives there are and what was done to them; each drive has a shard of its own with its
//! folders and files. Nothing outside this module speaks SQL, and nothing inside it touches a scanned drive.

pub mod backup;
pub mod legacy;
pub mod lock;
mod open;

pub use open::{
    Access, Database, Journal, OpenError, is_damage, open, open_unchecked, sqlite_hint,
};
