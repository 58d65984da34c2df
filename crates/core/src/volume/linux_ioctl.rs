//! The one question to a Linux file system that has no safe wrapper: its UUID.
#![expect(
    unsafe_code,
    reason = "an ioctl; what it writes and where is stated by its definition in linux/fs.h"
)]

use std::os::fd::AsFd;

use rustix::ioctl::{self, Getter, Opcode};

/// `struct fsuuid2` of linux/fs.h.
#[repr(C)]
struct FsUuid2 {
    len: u8,
    uuid: [u8; 16],
}

/// `FS_IOC_GETFSUUID`, `_IOR(0x15, 0, struct fsuuid2)`; since Linux 6.9.
const GET_FS_UUID: Opcode = ioctl::opcode::read::<FsUuid2>(0x15, 0);

/// Returns the UUID of the file system that an open file or folder lies on; `None` on older kernels and for file
/// systems that have none of 16 bytes.
pub(super) fn fs_uuid(file: impl AsFd) -> Option<[u8; 16]> {
    // SAFETY: the opcode is a valid one that only reads, and its answer is exactly this structure.
    let getter = unsafe { Getter::<GET_FS_UUID, FsUuid2>::new() };
    // SAFETY: the kernel writes at most `size_of::<FsUuid2>()` bytes, all of them on success, and any bytes are valid.
    let answer = unsafe { ioctl::ioctl(file, getter) }.ok()?;
    (usize::from(answer.len) == answer.uuid.len()).then_some(answer.uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opcode_is_that_of_the_header() {
        assert_eq!(GET_FS_UUID, 0x8011_1500);
    }

    #[test]
    fn what_is_no_file_system_has_no_uuid() {
        assert_eq!(fs_uuid(fs_err::File::open("/proc/self").unwrap()), None);
    }
}
