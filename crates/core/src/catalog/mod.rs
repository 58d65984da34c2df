//! All SQL of the program: opening, migrating, reading and writing the catalogue and its shards.
//!
//! `catalog.db` knows which drives there are and what was done to them; each drive has a shard of its own with its
//! folders and files. Nothing outside this module speaks SQL, and nothing inside it touches a scanned drive.

pub mod backup;
pub mod backups;
pub(crate) mod batch;
mod bits;
pub mod candidates;
pub mod changes;
pub mod contents;
pub mod drives;
mod events;
pub mod export;
pub mod features;
pub(crate) mod files;
pub mod fingerprints;
pub mod hashing;
pub mod health;
pub mod identify;
pub(crate) mod import;
pub mod indexing;
pub mod integrity;
pub(crate) mod interrupt;
pub mod jobs;
pub mod kept;
mod kinds;
pub mod learnt;
pub mod legacy;
pub mod listing;
pub mod lock;
pub mod lookup;
pub mod media;
pub mod migrate;
pub mod missing;
pub mod names;
pub(crate) mod open;
pub mod optimise;
mod peek;
pub mod pictures;
pub mod salvage;
pub mod semantic;
pub mod shard;
pub mod signatures;
pub mod sizes;
mod state;
pub mod store;
pub mod verify;

pub use state::{SchemaState, schema_state};

pub use open::{
    Access, Database, Journal, OpenError, is_damage, open, open_unchecked, sqlite_hint,
    tune_for_writing,
};
