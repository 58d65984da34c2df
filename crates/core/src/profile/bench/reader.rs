//! Reading chunks of a file from the drive rather than from the system's cache.

use std::fs::File;
use std::io;
use std::path::Path;

/// What offsets, lengths and buffers are multiples of, so that the drive can be read directly. Covers disks with
/// sectors of 512 and of 4,096 bytes.
const ALIGNMENT: usize = 4096;

/// An open file and a buffer for one chunk of it.
pub(super) struct Reader {
    file: File,
    buffer: Vec<u8>,
    chunk: usize,
    /// Whether the drive is read directly; where it is not, the cache is asked to let go before each read.
    is_direct: bool,
}

impl Reader {
    /// Opens a file for reading chunks of `chunk_bytes`, rounded down to the alignment; `None` if it cannot be opened.
    pub(super) fn open(path: &Path, chunk_bytes: u64) -> Option<Self> {
        let chunk = usize::try_from(chunk_bytes).ok()? / ALIGNMENT * ALIGNMENT;
        let (file, is_direct) = match open_direct(path) {
            Ok(file) => (file, true),
            Err(_) => (open_cached(path).ok()?, false),
        };
        Some(Self {
            file,
            buffer: vec![0; chunk + ALIGNMENT],
            chunk,
            is_direct,
        })
    }

    /// Reads a chunk that begins at `offset`, rounded down to the alignment, and returns how many bytes came; `None` if
    /// none did.
    pub(super) fn read_at(&mut self, offset: u64) -> Option<u64> {
        let alignment = u64::try_from(ALIGNMENT).ok()?;
        let offset = offset / alignment * alignment;
        if !self.is_direct {
            forget(&self.file);
        }
        let start = self.buffer.as_ptr().align_offset(ALIGNMENT);
        let chunk = self.buffer.get_mut(start..start.checked_add(self.chunk)?)?;
        let read = read_at(&self.file, chunk, offset).ok()?;
        u64::try_from(read).ok().filter(|read| *read > 0)
    }
}

/// Opens a file past the cache, and makes sure that reading it so works: some file systems refuse only then.
#[cfg(target_os = "linux")]
fn open_direct(path: &Path) -> io::Result<File> {
    let file = open_quietly(path, rustix::fs::OFlags::DIRECT)?;
    let mut buffer = vec![0; 2 * ALIGNMENT];
    let start = buffer.as_ptr().align_offset(ALIGNMENT);
    let page = buffer
        .get_mut(start..start.saturating_add(ALIGNMENT))
        .ok_or(io::ErrorKind::OutOfMemory)?;
    read_at(&file, page, 0)?;
    Ok(file)
}

/// Opens a file whose reads macOS does not keep.
#[cfg(target_os = "macos")]
fn open_direct(path: &Path) -> io::Result<File> {
    let file = open_cached(path)?;
    rustix::fs::fcntl_nocache(&file, true)?;
    Ok(file)
}

/// Left out elsewhere: on Windows it takes `FILE_FLAG_NO_BUFFERING`, and nobody has run it there yet.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn open_direct(_path: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn open_cached(path: &Path) -> io::Result<File> {
    open_quietly(path, rustix::fs::OFlags::empty())
}

/// Opens a file without moving its access time, which would be a write to the drive, as far as the system lets us.
#[cfg(target_os = "linux")]
fn open_quietly(path: &Path, flags: rustix::fs::OFlags) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
    let opened = match rustix::fs::open(path, flags | OFlags::NOATIME, Mode::empty()) {
        Err(rustix::io::Errno::PERM) => rustix::fs::open(path, flags, Mode::empty()),
        opened => opened,
    };
    Ok(File::from(opened?))
}

#[cfg(not(target_os = "linux"))]
fn open_cached(path: &Path) -> io::Result<File> {
    Ok(fs_err::File::open(path)?.into_parts().0)
}

/// Asks the system to drop what it keeps of the file; it may decline.
#[cfg(target_os = "linux")]
fn forget(file: &File) {
    let _declined = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn forget(_file: &File) {}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_whole_and_aligned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        fs_err::write(&path, &content).unwrap();
        let mut reader = Reader::open(&path, 131_073).unwrap();
        for offset in [0, 4096, 5000, 1_000_000] {
            assert_eq!(reader.read_at(offset), Some(131_072));
            let start = reader.buffer.as_ptr().align_offset(ALIGNMENT);
            let from = usize::try_from(offset).unwrap() / ALIGNMENT * ALIGNMENT;
            assert_eq!(
                reader.buffer[start..start + 131_072],
                content[from..from + 131_072]
            );
        }
        assert_eq!(reader.read_at(2_000_000), None, "behind the end");
        assert!(Reader::open(&folder.path().join("absent"), 131_072).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn both_ways_of_reading_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs_err::write(&path, vec![1; 200_000]).unwrap();
        let mut reader = Reader {
            file: open_cached(&path).unwrap(),
            ..Reader::open(&path, 131_072).unwrap()
        };
        reader.is_direct = false;
        assert_eq!(reader.read_at(4096), Some(131_072));
    }
}
