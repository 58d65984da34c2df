//! Everything of `VideoCatalog` that is not a user interface.
//!
//! One library that knows every file on every drive, plugged in or not; the command line, the HTTP API and the window
//! are thin faces on it. It never prints, reads the environment or exits: a face passes an [`environment::Environment`]
//! in and receives progress and problems through an [`event::Sink`].
//!
//! The layers, each using only those above it, are listed in `ARCHITECTURE.md`.

pub mod analysis;
pub mod browse;
pub mod cancel;
pub mod catalog;
pub mod clock;
pub mod diagnose;
pub mod duplicates;
pub mod environment;
pub mod event;
pub mod export;
pub mod fingerprint;
pub mod gather;
pub mod gpu;
pub mod health;
pub mod home;
pub mod human;
pub mod import;
pub mod inference;
pub mod info;
mod json;
pub mod logfile;
pub mod maintain;
pub mod media;
pub mod online;
pub mod path;
pub mod problem;
pub mod profile;
pub mod report;
pub mod scan;
pub mod search;
pub mod semantic;
pub mod settings;
pub mod sight;
pub mod tools;
pub mod transcripts;
pub mod tree;
pub mod verify;
pub mod volume;
pub mod watch;
pub mod workdir;
