//! Linux, macOS and other Unix systems.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, open, openat, statat};
use rustix::io::Errno;

use super::{DirEntry, EntryType, FileStat, Folder, OpenFile, Tree};
use crate::path::RelPath;

/// Paths longer than this are opened in several steps: the kernel takes less than 4,096 bytes at once (1,024 on macOS).
const LONGEST_STEP_BYTES: usize = if cfg!(target_os = "linux") {
    4_000
} else {
    1_000
};

/// A mounted folder, held open, so that another disk mounted over it meanwhile is not mixed in.
#[derive(Debug)]
pub struct SystemTree {
    path: PathBuf,
    root: OwnedFd,
    /// Reading need not move access times where we own the files; the first refusal turns the wish off.
    no_access_time: AtomicBool,
}

impl SystemTree {
    /// Opens `root`, which may be a link to the folder that is meant.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(root: &Path) -> io::Result<Self> {
        let path = root.to_path_buf();
        let root = open(
            root,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        Ok(Self {
            path,
            root,
            no_access_time: AtomicBool::new(cfg!(target_os = "linux")),
        })
    }

    fn open_below(&self, path: &RelPath, flags: OFlags) -> io::Result<OwnedFd> {
        let (folder, name) = self.open_parents(path)?;
        let folder = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
        let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK;
        #[cfg(target_os = "linux")]
        if self.no_access_time.load(Ordering::Relaxed) {
            match openat(folder, name, flags | OFlags::NOATIME, Mode::empty()) {
                Err(Errno::PERM) => self.no_access_time.store(false, Ordering::Relaxed),
                result => return Ok(result?),
            }
        }
        Ok(openat(folder, name, flags, Mode::empty())?)
    }

    /// Returns the folder from which the rest of `path` is short enough to be opened at once, and that rest.
    fn open_parents<'a>(&self, path: &'a RelPath) -> io::Result<(Option<OwnedFd>, &'a OsStr)> {
        let mut rest = path.as_bytes();
        let mut folder: Option<OwnedFd> = None;
        while rest.len() > LONGEST_STEP_BYTES {
            let step = rest.get(..LONGEST_STEP_BYTES).unwrap_or(rest);
            let slash = step
                .iter()
                .rposition(|&byte| byte == b'/')
                .ok_or(Errno::NAMETOOLONG)?;
            let (now, later) = rest.split_at(slash);
            let from = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            folder = Some(openat(from, OsStr::from_bytes(now), flags, Mode::empty())?);
            rest = later.get(1..).unwrap_or_default();
        }
        let name = if rest.is_empty() {
            OsStr::new(".")
        } else {
            OsStr::from_bytes(rest)
        };
        Ok((folder, name))
    }
}

impl Tree for SystemTree {
    fn open_folder(&self, path: &RelPath, follow_link: bool) -> io::Result<Box<dyn Folder>> {
        let nofollow = if follow_link {
            OFlags::empty()
        } else {
            OFlags::NOFOLLOW
        };
        let folder = self.open_below(path, OFlags::RDONLY | OFlags::DIRECTORY | nofollow)?;
        // `Dir` takes a descriptor of its own; the entries are asked for through this one.
        let listing = Dir::read_from(&folder)?;
        Ok(Box::new(UnixFolder { folder, listing }))
    }

    fn open_file(&self, path: &RelPath) -> io::Result<Box<dyn OpenFile>> {
        let file = UnixFile(self.open_below(path, OFlags::RDONLY | OFlags::NOFOLLOW)?);
        if file.stat()?.entry_type != EntryType::File {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "no longer a regular file",
            ));
        }
        #[cfg(target_os = "linux")]
        let _advice = rustix::fs::fadvise(&file.0, 0, None, rustix::fs::Advice::Sequential);
        Ok(Box::new(file))
    }

    fn stat(&self, path: &RelPath) -> io::Result<FileStat> {
        let (folder, name) = self.open_parents(path)?;
        let folder = folder.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
        Ok(file_stat(&statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    fn is_still_there(&self) -> bool {
        let device_and_inode = |stat: Stat| (stat.st_dev, stat.st_ino);
        match (fstat(&self.root), rustix::fs::stat(&self.path)) {
            (Ok(opened), Ok(now)) => device_and_inode(opened) == device_and_inode(now),
            _ => false,
        }
    }
}

struct UnixFolder {
    folder: OwnedFd,
    listing: Dir,
}

impl Folder for UnixFolder {
    fn next_entry(&mut self, entry: &mut DirEntry) -> io::Result<bool> {
        loop {
            let Some(next) = self.listing.read() else {
                return Ok(false);
            };
            let next = next?;
            let name = next.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            entry.name.clear();
            entry.name.extend_from_slice(name);
            entry.entry_type = entry_type(next.file_type());
            entry.stat = None;
            return Ok(true);
        }
    }

    fn stat(&self, name: &[u8], follow_link: bool) -> io::Result<FileStat> {
        let flags = if follow_link {
            AtFlags::empty()
        } else {
            AtFlags::SYMLINK_NOFOLLOW
        };
        Ok(file_stat(&statat(
            &self.folder,
            OsStr::from_bytes(name),
            flags,
        )?))
    }

    fn identity(&self) -> io::Result<Vec<u8>> {
        let stat = file_stat(&fstat(&self.folder)?);
        Ok([stat.device.to_le_bytes(), stat.inode.to_le_bytes()].concat())
    }

    fn is_pseudo(&self) -> bool {
        is_pseudo_file_system(self.folder.as_fd())
    }
}

struct UnixFile(OwnedFd);

impl OpenFile for UnixFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(&self.0, &mut *buffer) {
                Err(Errno::INTR) => {}
                result => return Ok(result?),
            }
        }
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::pread(&self.0, &mut *buffer, offset) {
                Err(Errno::INTR) => {}
                result => return Ok(result?),
            }
        }
    }

    fn stat(&self) -> io::Result<FileStat> {
        Ok(file_stat(&fstat(&self.0)?))
    }

    #[cfg(target_os = "linux")]
    fn drop_cached(&self) {
        let _advice = rustix::fs::fadvise(&self.0, 0, None, rustix::fs::Advice::DontNeed);
    }
}

fn entry_type(file_type: FileType) -> EntryType {
    match file_type {
        FileType::RegularFile => EntryType::File,
        FileType::Directory => EntryType::Folder,
        FileType::Symlink => EntryType::Link,
        FileType::Unknown => EntryType::Unknown,
        _ => EntryType::Special,
    }
}

#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    clippy::useless_conversion,
    reason = "the widths and signs of these fields differ between systems"
)]
fn file_stat(stat: &Stat) -> FileStat {
    FileStat {
        entry_type: entry_type(FileType::from_raw_mode(stat.st_mode as _)),
        size_bytes: stat.st_size as u64,
        mtime_us: (stat.st_mtime as i64)
            .saturating_mul(1_000_000)
            .saturating_add(stat.st_mtime_nsec as i64 / 1_000),
        inode: stat.st_ino as u64,
        device: stat.st_dev as u64,
        hidden: false,
    }
}

/// Returns whether the file system makes its files up: their sizes and contents mean nothing to a catalogue.
#[cfg(target_os = "linux")]
fn is_pseudo_file_system(folder: BorrowedFd<'_>) -> bool {
    // From linux/magic.h: proc, sysfs, devpts, debugfs, tracefs, cgroup, cgroup2, securityfs, pstore, bpf, configfs,
    // mqueue, hugetlbfs, binfmt_misc, fusectl.
    const PSEUDO: [i64; 15] = [
        0x9fa0,
        0x6265_6572,
        0x1cd1,
        0x6462_6720,
        0x7472_6163,
        0x0027_e0eb,
        0x6367_7270,
        0x7363_6673,
        0x6165_676c,
        0xcafe_4a11,
        0x6265_6570,
        0x1980_0202,
        0x9584_58f6,
        0x4249_4e4d,
        0x6573_5543,
    ];
    rustix::fs::fstatfs(folder).is_ok_and(|facts| {
        #[allow(
            clippy::useless_conversion,
            clippy::unnecessary_cast,
            reason = "the width differs between machines"
        )]
        let magic = facts.f_type as i64;
        PSEUDO.contains(&magic)
    })
}

#[cfg(not(target_os = "linux"))]
fn is_pseudo_file_system(_folder: BorrowedFd<'_>) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_longer_than_the_kernel_takes_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let tree = SystemTree::open(folder.path()).unwrap();
        let name = "n".repeat(250);
        let mut path = RelPath::root();
        let mut fd = rustix::io::dup(&tree.root).unwrap();
        for _ in 0..20 {
            rustix::fs::mkdirat(&fd, name.as_str(), Mode::RWXU).unwrap();
            fd = openat(
                &fd,
                name.as_str(),
                OFlags::RDONLY | OFlags::DIRECTORY,
                Mode::empty(),
            )
            .unwrap();
            path = path.child(name.as_bytes());
        }
        let file = openat(&fd, "deep.mp4", OFlags::CREATE | OFlags::WRONLY, Mode::RWXU).unwrap();
        rustix::io::write(&file, b"content").unwrap();

        let mut entry = DirEntry::default();
        let mut listing = tree.open_folder(&path, false).unwrap();
        assert!(listing.next_entry(&mut entry).unwrap());
        assert_eq!(entry.name, b"deep.mp4");
        let file = path.child(b"deep.mp4");
        assert!(file.as_bytes().len() > 5_000);
        assert_eq!(tree.stat(&file).unwrap().size_bytes, 7);
        let mut buffer = [0; 16];
        assert_eq!(tree.open_file(&file).unwrap().read(&mut buffer).unwrap(), 7);
    }

    // rustix has no mkfifoat on Apple's systems.
    #[cfg(target_os = "linux")]
    #[test]
    fn pipes_are_no_files_and_do_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let tree = SystemTree::open(folder.path()).unwrap();
        rustix::fs::mkfifoat(&tree.root, "pipe", Mode::RWXU).unwrap();
        let path = RelPath::from_bytes(b"pipe".to_vec());
        assert!(tree.open_file(&path).is_err());
        assert_eq!(tree.stat(&path).unwrap().entry_type, EntryType::Special);
    }
}
