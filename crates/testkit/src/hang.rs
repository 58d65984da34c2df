//! A file system some of whose calls never return: what a dead disk or server looks like.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    BackgroundSession, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, InitFlags, KernelConfig, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData,
    ReplyDirectory, ReplyEntry, ReplyOpen, ReplyStatfs, Request,
};

/// What the file that answers holds.
pub const FINE: &[u8] = b"this one answers";

const TTL: Duration = Duration::ZERO;
const ROOT: u64 = 1;
const FINE_INO: u64 = 2;
const HANG_STAT: u64 = 3;
const HANG_OPEN: u64 = 4;
const HANG_READ: u64 = 5;
const HANG_FOLDER: u64 = 6;
const BROKEN: u64 = 7;

/// Which calls never return.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hangs {
    /// Asking for the file system's size.
    pub statfs: bool,
    /// Asking for `hang-stat.mkv`.
    pub stat: bool,
    /// Opening `hang-open.mkv`.
    pub open: bool,
    /// Reading `hang-read.mkv`.
    pub read: bool,
    /// Listing `hang-folder`.
    pub folder: bool,
}

/// A mounted file system that hangs; dropping it lets go of everything that hangs and unmounts.
pub struct HangingMount {
    folder: PathBuf,
    session: Option<BackgroundSession>,
}

impl HangingMount {
    /// Mounts it at `folder`: `fine.mkv` answers, `broken.mkv` reports an I/O error when read, the others hang as asked.
    ///
    /// # Errors
    /// Where FUSE cannot be mounted.
    pub fn new(folder: &Path, hangs: Hangs) -> io::Result<Self> {
        let mut config = fuser::Config::default();
        config
            .mount_options
            .extend([MountOption::RO, MountOption::FSName("hanging".into())]);
        let session = fuser::spawn_mount(HangingFs { hangs }, folder, &config)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            session: Some(session),
        })
    }
}

impl Drop for HangingMount {
    fn drop(&mut self) {
        // A call that hangs in this very process would keep it from ever ending: `-f` makes the kernel give up on them.
        for flag in ["-f", "-l"] {
            #[expect(clippy::disallowed_methods, reason = "a test kit may start processes")]
            let _unmounted_already = Command::new("umount")
                .arg(flag)
                .arg(&self.folder)
                .stderr(Stdio::null())
                .status();
        }
        drop(self.session.take());
    }
}

struct HangingFs {
    hangs: Hangs,
}

impl HangingFs {
    fn entries(&self) -> Vec<(u64, FileType, &'static str)> {
        let mut entries = vec![
            (FINE_INO, FileType::RegularFile, "fine.mkv"),
            (BROKEN, FileType::RegularFile, "broken.mkv"),
        ];
        let hanging = [
            (
                self.hangs.stat,
                HANG_STAT,
                FileType::RegularFile,
                "hang-stat.mkv",
            ),
            (
                self.hangs.open,
                HANG_OPEN,
                FileType::RegularFile,
                "hang-open.mkv",
            ),
            (
                self.hangs.read,
                HANG_READ,
                FileType::RegularFile,
                "hang-read.mkv",
            ),
            (
                self.hangs.folder,
                HANG_FOLDER,
                FileType::Directory,
                "hang-folder",
            ),
        ];
        entries.extend(
            hanging
                .into_iter()
                .filter(|entry| entry.0)
                .map(|(_, ino, kind, name)| (ino, kind, name)),
        );
        entries
    }
}

fn attributes(ino: u64, kind: FileType) -> FileAttr {
    let size = FINE.len() as u64;
    let time = UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    FileAttr {
        ino: INodeNo(ino),
        size,
        blocks: 1,
        atime: time,
        mtime: time,
        ctime: time,
        crtime: time,
        kind,
        perm: 0o755,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 512,
        flags: 0,
    }
}

/// Never answers: dropping a reply would send an error.
fn never<R>(reply: R) {
    std::mem::forget(reply);
}

impl Filesystem for HangingFs {
    fn init(&mut self, _request: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // Else the kernel lets nobody into a folder while one entry of it hangs.
        config
            .add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS)
            .map_err(|_| io::Error::other("the kernel does not look up entries in parallel"))
    }

    fn lookup(&self, _request: &Request, _parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self
            .entries()
            .into_iter()
            .find(|entry| OsStr::new(entry.2) == name)
        {
            Some((HANG_STAT, ..)) => never(reply),
            Some((ino, kind, _)) => reply.entry(&TTL, &attributes(ino, kind), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _request: &Request, ino: INodeNo, _fh: Option<FileHandle>, reply: ReplyAttr) {
        let kind = if matches!(ino.0, ROOT | HANG_FOLDER) {
            FileType::Directory
        } else {
            FileType::RegularFile
        };
        reply.attr(&TTL, &attributes(ino.0, kind));
    }

    fn open(&self, _request: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        if ino.0 == HANG_OPEN {
            never(reply)
        } else {
            reply.opened(FileHandle(0), FopenFlags::empty())
        }
    }

    fn read(
        &self,
        _request: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        _size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match ino.0 {
            HANG_READ => never(reply),
            BROKEN => reply.error(Errno::EIO),
            _ => reply.data(
                usize::try_from(offset)
                    .ok()
                    .and_then(|offset| FINE.get(offset..))
                    .unwrap_or_default(),
            ),
        }
    }

    fn opendir(&self, _request: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        if ino.0 == HANG_FOLDER {
            never(reply)
        } else {
            reply.opened(FileHandle(0), FopenFlags::empty())
        }
    }

    fn readdir(
        &self,
        _request: &Request,
        _ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        for (index, (ino, kind, name)) in self.entries().into_iter().enumerate().skip(skip) {
            if reply.add(INodeNo(ino), index as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _request: &Request, _ino: INodeNo, reply: ReplyStatfs) {
        if self.hangs.statfs {
            never(reply)
        } else {
            reply.statfs(1_000, 500, 500, 10, 5, 512, 255, 512)
        }
    }
}
