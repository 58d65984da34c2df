//! The probe of Windows.
//!
//! Written without Windows at hand: it has been neither compiled nor run there. What can be judged elsewhere (shares, the
//! bytes of device descriptors) is in `share.rs` and `storage_descriptor.rs`, which are tested on every system. Volumes
//! mounted into folders answer when they are probed, but only drive letters are listed.
#![expect(
    unsafe_code,
    reason = "calls of the Windows API; each block says why its buffers are right"
)]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::NetworkManagement::WNet::WNetGetConnectionW;
use windows_sys::Win32::Storage::FileSystem::{
    GetDiskFreeSpaceExW, GetDriveTypeW, GetLogicalDrives, GetVolumeInformationW,
    GetVolumeNameForVolumeMountPointW, GetVolumePathNameW,
};
use windows_sys::Win32::System::IO::DeviceIoControl;

use super::storage_descriptor::{self, DEVICE_PROPERTY, SEEK_PENALTY_PROPERTY};
use super::{Identity, Tier, VolumeError, VolumeInfo, VolumeProbe, format, share};
use crate::path::{bytes_to_os, os_to_bytes};

/// Characters of the longest path that Windows gives.
const LONGEST_PATH: usize = 32_768;

/// Characters of the longest volume label and file system name, with the zero behind them.
const LONGEST_NAME: usize = 261;

// Answers of `GetDriveTypeW`.
const DRIVE_NO_ROOT_DIR: u32 = 1;
const DRIVE_REMOVABLE: u32 = 2;
const DRIVE_REMOTE: u32 = 4;

/// `IOCTL_STORAGE_QUERY_PROPERTY`; needs no right to read the device.
const QUERY_PROPERTY: u32 = 0x002D_1400;

/// `IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS`; needs no right to read the device either.
const DISK_EXTENTS: u32 = 0x0056_0000;

/// Asks the running system.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowsProbe;

impl VolumeProbe for WindowsProbe {
    fn probe(&self, path: &Path) -> Result<VolumeInfo, VolumeError> {
        let resolved = resolve(path)?;
        if let Some(share) = share::from_smb(&os_to_bytes(resolved.as_os_str())) {
            return Ok(on_share(share, &resolved));
        }
        let top = volume_path(&resolved)?;
        let info = match drive_type(&top) {
            DRIVE_REMOTE => mapped_share(&top, &resolved),
            kind => on_disk(&top, &resolved, kind),
        };
        Ok(info)
    }

    fn mounted(&self) -> Vec<PathBuf> {
        drives_where(|_kind| true)
    }

    fn candidates(&self, identity: &Identity) -> Vec<PathBuf> {
        let is_share = identity.tier == Tier::Share;
        drives_where(|kind| (kind == DRIVE_REMOTE) == is_share)
    }
}

/// Returns the path with links, mapped drives and substituted drives undone. Drivers that cannot say (RAM disks) leave
/// it as it was written.
fn resolve(path: &Path) -> Result<PathBuf, VolumeError> {
    let unresolved = |source| VolumeError::Path {
        path: path.to_path_buf(),
        source,
    };
    match fs_err::canonicalize(path) {
        Ok(resolved) => Ok(resolved),
        Err(error) if fs_err::metadata(path).is_err() => Err(unresolved(error)),
        Err(_) => std::path::absolute(path).map_err(unresolved),
    }
}

fn on_share(share: share::Share, resolved: &Path) -> VolumeInfo {
    let mut info = VolumeInfo::unknown(Identity::share(share.address), share_top(resolved));
    info.root_in_volume = share.folder;
    info.is_network = true;
    (info.total_bytes, info.free_bytes) = sizes(resolved);
    info
}

/// Returns `\\server\share` of a path in it.
fn share_top(resolved: &Path) -> PathBuf {
    resolved
        .components()
        .next()
        .map(|prefix| plain(Path::new(prefix.as_os_str())))
        .unwrap_or_default()
}

/// The share behind a mapped drive whose path the system would not resolve.
fn mapped_share(top: &Path, resolved: &Path) -> VolumeInfo {
    let connection = drive_letter(top).and_then(|letter| connection(&letter));
    let share = connection
        .as_deref()
        .and_then(|remote| share::from_smb(&os_to_bytes(remote)));
    let (total_bytes, free_bytes) = sizes(top);
    let (identity, folder) = match share {
        Some(share) => (Identity::share(share.address), share.folder),
        None => (Identity::weak("remote", total_bytes), Vec::new()),
    };
    let mut info = VolumeInfo::unknown(identity, plain(top));
    info.root_in_volume = [folder, below(top, resolved)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(&b'/');
    info.is_network = true;
    info.total_bytes = total_bytes;
    info.free_bytes = free_bytes;
    info
}

fn on_disk(top: &Path, resolved: &Path, kind: u32) -> VolumeInfo {
    let (total_bytes, free_bytes) = sizes(top);
    let header = volume_header(top);
    let fs_format = header
        .as_ref()
        .map(|header| format::canonical_name(&header.fs_format));
    let identity = header
        .as_ref()
        .filter(|header| header.serial != 0)
        .map_or_else(
            || Identity::weak(fs_format.as_deref().unwrap_or("unknown"), total_bytes),
            |header| Identity::serial(header.serial),
        );
    let device = open_device(top);
    let query = |property| {
        let device = device.as_ref()?;
        ask(device, QUERY_PROPERTY, &storage_descriptor::query(property))
    };
    let extents = device
        .as_ref()
        .and_then(|device| ask(device, DISK_EXTENTS, &[]))
        .unwrap_or_default();
    let disk = query(DEVICE_PROPERTY)
        .map(|answer| storage_descriptor::descriptor(&answer))
        .unwrap_or_default();
    let known_format = fs_format.as_deref().unwrap_or_default();
    VolumeInfo {
        identity,
        file_ids_are_stable: format::file_ids_are_stable(known_format),
        coarse_mtime: format::is_fat_family(known_format),
        fs_format,
        volume_label: header
            .map(|header| header.label)
            .filter(|label| !label.is_empty()),
        disk_serial: disk.serial,
        disk_model: disk.model,
        total_bytes,
        free_bytes,
        mount_point: plain(top),
        root_in_volume: below(top, resolved),
        is_network: false,
        is_removable: Some(kind == DRIVE_REMOVABLE || disk.is_removable == Some(true)),
        is_rotational: query(SEEK_PENALTY_PROPERTY)
            .and_then(|answer| storage_descriptor::incurs_seek_penalty(&answer)),
        bus: disk.bus,
        disks: storage_descriptor::disk_numbers(&extents)
            .into_iter()
            .map(|number| PathBuf::from(format!("/dev/pd{number}")))
            .collect(),
    }
}

/// Returns the folder below the volume's top, with `/` between names. Either may begin with `\\?\` and the other not.
fn below(top: &Path, path: &Path) -> Vec<u8> {
    let path = plain(path);
    let rest = path.strip_prefix(plain(top)).unwrap_or(Path::new(""));
    os_to_bytes(rest.as_os_str())
        .iter()
        .map(|byte| if *byte == b'\\' { b'/' } else { *byte })
        .collect()
}

/// Returns the path without the `\\?\` that resolving puts in front.
fn plain(path: &Path) -> PathBuf {
    let bytes = os_to_bytes(path.as_os_str());
    match bytes.strip_prefix(br"\\?\UNC\") {
        Some(share) => PathBuf::from(bytes_to_os(&[br"\\", share].concat())),
        None => match bytes.strip_prefix(br"\\?\") {
            Some([letter, b':', rest @ ..]) => {
                PathBuf::from(bytes_to_os(&[&[*letter, b':'], rest].concat()))
            }
            _ => path.to_path_buf(),
        },
    }
}

/// Returns `Z:` of the top of a drive.
fn drive_letter(top: &Path) -> Option<String> {
    let top = plain(top);
    let text = top.to_str()?;
    text.get(..2)
        .filter(|drive| drive.ends_with(':'))
        .map(str::to_owned)
}

fn drives_where(wanted: impl Fn(u32) -> bool) -> Vec<PathBuf> {
    // SAFETY: takes nothing and returns a bit for each letter.
    let letters = unsafe { GetLogicalDrives() };
    ('A'..='Z')
        .enumerate()
        .filter(|(index, _)| letters & (1 << index) != 0)
        .map(|(_, letter)| PathBuf::from(format!("{letter}:\\")))
        .filter(|top| {
            let kind = drive_type(top);
            kind > DRIVE_NO_ROOT_DIR && wanted(kind)
        })
        .collect()
}

/// Returns the path in UTF-16 with a zero behind it.
fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

/// Returns the text in a buffer up to its zero.
fn text_of(buffer: &[u16]) -> OsString {
    let length = buffer
        .iter()
        .position(|unit| *unit == 0)
        .unwrap_or(buffer.len());
    OsString::from_wide(buffer.get(..length).unwrap_or_default())
}

/// The length of a buffer as the calls want it.
fn length_of<T>(buffer: &[T]) -> u32 {
    u32::try_from(buffer.len()).unwrap_or(u32::MAX)
}

/// Returns the folder that the volume of a path is mounted at, with a backslash at its end.
fn volume_path(path: &Path) -> Result<PathBuf, VolumeError> {
    let name = wide(path);
    let mut buffer = vec![0_u16; LONGEST_PATH];
    // SAFETY: the name ends with a zero, and the buffer is as long as is said.
    let done =
        unsafe { GetVolumePathNameW(name.as_ptr(), buffer.as_mut_ptr(), length_of(&buffer)) };
    if done == 0 {
        return Err(VolumeError::System {
            path: path.to_path_buf(),
            call: "GetVolumePathNameW",
            source: io::Error::last_os_error(),
        });
    }
    Ok(PathBuf::from(text_of(&buffer)))
}

fn drive_type(top: &Path) -> u32 {
    let name = wide(top);
    // SAFETY: the name ends with a zero.
    unsafe { GetDriveTypeW(name.as_ptr()) }
}

/// What a volume's header says.
struct Header {
    serial: u32,
    label: String,
    fs_format: String,
}

fn volume_header(top: &Path) -> Option<Header> {
    let name = wide(top);
    let mut label = [0_u16; LONGEST_NAME];
    let mut fs_format = [0_u16; LONGEST_NAME];
    let mut serial = 0_u32;
    // SAFETY: the name ends with a zero, both buffers are as long as is said, and null pointers stand where the call
    // allows them.
    let done = unsafe {
        GetVolumeInformationW(
            name.as_ptr(),
            label.as_mut_ptr(),
            length_of(&label),
            &raw mut serial,
            ptr::null_mut(),
            ptr::null_mut(),
            fs_format.as_mut_ptr(),
            length_of(&fs_format),
        )
    };
    (done != 0).then(|| Header {
        serial,
        label: text_of(&label).to_string_lossy().into_owned(),
        fs_format: text_of(&fs_format).to_string_lossy().into_owned(),
    })
}

/// Returns the size of the volume and what the user may still write.
fn sizes(folder: &Path) -> (Option<u64>, Option<u64>) {
    let name = wide(folder);
    let (mut free, mut total) = (0_u64, 0_u64);
    // SAFETY: the name ends with a zero, and the numbers outlive the call.
    let done = unsafe {
        GetDiskFreeSpaceExW(
            name.as_ptr(),
            &raw mut free,
            &raw mut total,
            ptr::null_mut(),
        )
    };
    if done == 0 {
        (None, None)
    } else {
        (Some(total), Some(free))
    }
}

/// Returns `\\server\share` of a mapped drive such as `Z:`.
fn connection(drive: &str) -> Option<OsString> {
    let name = wide(Path::new(drive));
    let mut buffer = vec![0_u16; LONGEST_PATH];
    let mut length = length_of(&buffer);
    // SAFETY: the name ends with a zero, and the buffer is as long as is said.
    let error = unsafe { WNetGetConnectionW(name.as_ptr(), buffer.as_mut_ptr(), &raw mut length) };
    (error == 0).then(|| text_of(&buffer))
}

/// Opens the device below a volume, for questions only: no right to read it is asked for.
fn open_device(top: &Path) -> Option<File> {
    let name = wide(top);
    let mut buffer = [0_u16; LONGEST_NAME];
    // SAFETY: the name ends with a zero, and the buffer is as long as is said.
    let done = unsafe {
        GetVolumeNameForVolumeMountPointW(name.as_ptr(), buffer.as_mut_ptr(), length_of(&buffer))
    };
    if done == 0 {
        return None;
    }
    // With the backslash at its end it would be the top folder.
    let volume = text_of(&buffer).into_string().ok()?;
    OpenOptions::new()
        .access_mode(0)
        .open(volume.trim_end_matches('\\'))
        .ok()
}

/// Returns the answer of the device to a question.
fn ask(device: &File, code: u32, question: &[u8]) -> Option<Vec<u8>> {
    let mut answer = vec![0_u8; 4096];
    let mut length = 0_u32;
    // SAFETY: the handle is open, both buffers are as long as is said, and without an overlapped structure the call is
    // over when it returns.
    let done = unsafe {
        DeviceIoControl(
            device.as_raw_handle(),
            code,
            question.as_ptr().cast(),
            length_of(question),
            answer.as_mut_ptr().cast(),
            length_of(&answer),
            &raw mut length,
            ptr::null_mut(),
        )
    };
    answer.truncate(usize::try_from(length).unwrap_or_default());
    (done != 0).then_some(answer)
}
