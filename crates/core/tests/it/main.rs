//! Scans of real folders, mounts and file systems that misbehave.

mod faults;
mod guard;
mod identity;
mod kill;
mod lab;
mod oracle;
mod storage;
