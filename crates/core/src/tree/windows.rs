//! Windows. Written against the documentation; compiled and tested by the hosted CI only.

use std::fs::{File, Metadata, ReadDir};
use std::io::{self, Read};
use std::os::windows::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{DirEntry, EntryType, FileStat, Folder, OpenFile, Tree};
use crate::clock::system_time_us;
use crate::path::{RelPath, bytes_to_os, join, os_to_bytes};

const FILE_ATTRIBUTE_HIDDEN: u32 = 0x2;
const FILE_ATTRIBUTE_SYSTEM: u32 = 0x4;

/// A folder and everything below it. The path carries the `\\?\` prefix already where the settings want it.
#[derive(Debug)]
pub struct SystemTree {
    root: PathBuf,
}

impl SystemTree {
    /// Opens `root`.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::read_dir(root)?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }
}

impl Tree for SystemTree {
    fn open_folder(&self, path: &RelPath, _follow_link: bool) -> io::Result<Box<dyn Folder>> {
        let path = join(&self.root, path);
        Ok(Box::new(WindowsFolder {
            listing: std::fs::read_dir(&path)?,
            path,
        }))
    }

    fn open_file(&self, path: &RelPath) -> io::Result<Box<dyn OpenFile>> {
        let file = File::open(join(&self.root, path))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no longer a regular file",
            ));
        }
        Ok(Box::new(WindowsFile(file)))
    }

    fn stat(&self, path: &RelPath) -> io::Result<FileStat> {
        Ok(file_stat(&std::fs::symlink_metadata(join(
            &self.root, path,
        ))?))
    }

    fn is_still_there(&self) -> bool {
        std::fs::read_dir(&self.root).is_ok()
    }
}

struct WindowsFolder {
    path: PathBuf,
    listing: ReadDir,
}

impl Folder for WindowsFolder {
    fn next_entry(&mut self, entry: &mut DirEntry) -> io::Result<bool> {
        let Some(next) = self.listing.next() else {
            return Ok(false);
        };
        let next = next?;
        entry.name.clear();
        entry
            .name
            .extend_from_slice(&os_to_bytes(&next.file_name()));
        // The listing came with all of it: no further call.
        let stat = next.metadata().map(|metadata| file_stat(&metadata))?;
        entry.entry_type = stat.entry_type;
        entry.stat = Some(stat);
        Ok(true)
    }

    fn stat(&self, name: &[u8], follow_link: bool) -> io::Result<FileStat> {
        let path = self.path.join(bytes_to_os(name));
        let metadata = if follow_link {
            std::fs::metadata(path)
        } else {
            std::fs::symlink_metadata(path)
        };
        metadata.map(|metadata| file_stat(&metadata))
    }

    fn identity(&self) -> io::Result<Vec<u8>> {
        Ok(os_to_bytes(std::fs::canonicalize(&self.path)?.as_os_str()).into_owned())
    }
}

struct WindowsFile(File);

impl OpenFile for WindowsFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use std::os::windows::fs::FileExt;
        // This moves the file's position too; whoever reads on says where from.
        self.0.seek_read(buffer, offset)
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(file_stat(&self.0.metadata()?))
    }
}

fn file_stat(metadata: &Metadata) -> FileStat {
    let file_type = metadata.file_type();
    let entry_type = if file_type.is_symlink() {
        EntryType::Link
    } else if file_type.is_dir() {
        EntryType::Folder
    } else if file_type.is_file() {
        EntryType::File
    } else {
        EntryType::Special
    };
    FileStat {
        entry_type,
        size_bytes: metadata.file_size(),
        mtime_us: metadata.modified().map_or(0, system_time_us),
        // File numbers need a handle each on Windows: moves are matched by size and hash there.
        inode: 0,
        device: 0,
        hidden: metadata.file_attributes() & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM) != 0,
    }
}
