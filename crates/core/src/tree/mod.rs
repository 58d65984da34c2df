//! A drive's root as a file system: the only calls that touch a scanned drive, all of them reading.
//!
//! Behind a trait, so that tests can inject faults, and so that what differs between systems is in two small files.
//! Every call may fail or hang; [`crate::watch`] sees to the latter.

use std::io;

use crate::path::RelPath;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::SystemTree;
#[cfg(windows)]
pub use windows::SystemTree;

/// What a directory entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntryType {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link or junction.
    Link,
    /// A socket, pipe or device.
    Special,
    /// The listing did not say; ask [`Folder::stat`].
    #[default]
    Unknown,
}

/// What the system knows of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    /// What it is.
    pub entry_type: EntryType,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Last modification in microseconds since 1970, rounded down.
    pub mtime_us: i64,
    /// Number of the file within its volume; 0 where the system has none.
    pub inode: u64,
    /// Number of the volume within the running system; 0 where the system has none.
    pub device: u64,
    /// Hidden or system attribute (Windows); names with a leading dot are the filter's business.
    pub hidden: bool,
}

/// One entry of a folder's listing.
#[derive(Clone, Debug, Default)]
pub struct DirEntry {
    /// The name as bytes, see [`crate::path`].
    pub name: Vec<u8>,
    /// What it is.
    pub entry_type: EntryType,
    /// Everything else, where the listing came with it (Windows).
    pub stat: Option<FileStat>,
}

/// An open folder.
pub trait Folder: Send {
    /// Fills `entry` with the next one and returns `true`, or returns `false` at the end. `.` and `..` are left out.
    ///
    /// # Errors
    /// What the system says; the listing is incomplete then.
    fn next_entry(&mut self, entry: &mut DirEntry) -> io::Result<bool>;

    /// Returns what the system knows of an entry of this folder, of the link itself or of what it leads to.
    ///
    /// # Errors
    /// What the system says.
    fn stat(&self, name: &[u8], follow_link: bool) -> io::Result<FileStat>;

    /// Returns bytes that are equal for the same folder however it was reached.
    ///
    /// # Errors
    /// What the system says.
    fn identity(&self) -> io::Result<Vec<u8>>;

    /// Returns whether the folder lies on a file system that has no real files (`/proc`, `/sys`, …).
    fn is_pseudo(&self) -> bool {
        false
    }
}

/// An open file.
pub trait OpenFile: Send {
    /// Reads some bytes; 0 is the end.
    ///
    /// # Errors
    /// What the system says.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Reads some bytes from `offset` on; 0 is the end. Where [`OpenFile::read`] goes on afterwards is not said.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Returns what the system knows of the open file.
    ///
    /// # Errors
    /// What the system says.
    fn stat(&self) -> io::Result<FileStat>;

    /// Asks the system to forget what it keeps in memory of the file, so that the drive is read; not every system can.
    fn drop_cached(&self) {}
}

/// A root and everything below it.
pub trait Tree: Send + Sync {
    /// Opens a folder for listing. A link is followed only if asked to.
    ///
    /// # Errors
    /// What the system says.
    fn open_folder(&self, path: &RelPath, follow_link: bool) -> io::Result<Box<dyn Folder>>;

    /// Opens a regular file for reading from its beginning to its end.
    ///
    /// # Errors
    /// What the system says; also if it is no regular file (any more).
    fn open_file(&self, path: &RelPath) -> io::Result<Box<dyn OpenFile>>;

    /// Returns what the system knows of a file or folder, not following a link.
    ///
    /// # Errors
    /// What the system says.
    fn stat(&self, path: &RelPath) -> io::Result<FileStat>;

    /// Returns whether the root is still what it was when it was opened: not unmounted, not mounted over.
    fn is_still_there(&self) -> bool;
}
