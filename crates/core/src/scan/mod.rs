//! Scanning a drive: find out which one it is, list it, read what is new, judge what is gone.

pub(crate) mod ask;
mod counting;
mod disks;
pub(crate) mod filter;
pub(crate) mod guard;
pub(crate) mod pacing;
mod plan;
pub(crate) mod pump;
pub(crate) mod read;
mod request;
mod retry;
mod run;
mod summary;
mod walk;

pub use filter::PatternError;
pub use plan::{Plan, plan, set_root};
pub use request::{MediaOptions, Mode, Refusal, ScanError, ScanOptions, ScanRequest};
pub use run::{Surroundings, run, run_on};
pub(crate) use run::{open_tree, refresh_index, start_below, tune};
pub use summary::{MediaCounts, Summary};
