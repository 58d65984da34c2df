//! Scanning a drive.

mod filter;
mod retry;
mod walk;
