//! The bytes of an index: a file mapped into memory, or memory.
#![expect(unsafe_code, reason = "mapping a file cannot be done without")]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Bytes that begin at a multiple of eight.
#[derive(Debug)]
pub(crate) enum Bytes {
    Mapped(Mmap),
    /// With the number of bytes that count.
    Owned(Vec<u64>, usize),
}

impl Bytes {
    /// Maps a file of the working directory.
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        // SAFETY: an index is never written in place: a new one is made beside it and takes its name, and the file that is
        // mapped stays until it is unmapped. Nothing maps a file on a scanned drive.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self::Mapped(map))
    }

    pub(crate) fn own(bytes: &[u8]) -> Self {
        let mut words = vec![0_u64; bytes.len().div_ceil(8)];
        let all: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        for (to, from) in all.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self::Owned(words, bytes.len())
    }

    pub(crate) fn get(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(words, length) => bytemuck::cast_slice(words)
                .get(..*length)
                .unwrap_or_default(),
        }
    }
}
