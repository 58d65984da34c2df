//! Reading a file's headers natively, and what is kept of them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use videocatalog_headers::{Limits, Media, ProbeError, Source, look_for_zeros, probe};

use super::{Facts, Verdict, document};
use crate::tree::OpenFile;
use crate::watch::{Abandoned, Post};

/// Version of our reader; rows of lower versions are read again. Raise it when it learns something.
pub const READER_VERSION: i64 = 1;

/// Who could read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// This program.
    Native,
    /// ffprobe.
    Ffprobe,
    /// MediaInfo.
    MediaInfo,
}

impl Reader {
    /// Returns the bit that says that this program was asked; 0 for our own reader.
    pub const fn asked_bit(self) -> i64 {
        match self {
            Self::Native => 0,
            Self::Ffprobe => 1,
            Self::MediaInfo => 2,
        }
    }

    /// Returns the word that is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ffprobe => "ffprobe",
            Self::MediaInfo => "mediainfo",
        }
    }
}

/// What is kept of a file's headers.
#[derive(Clone, Debug, Default)]
pub struct Understanding {
    /// Who could read it; `None`: nobody so far.
    pub reader: Option<Reader>,
    /// What people filter by.
    pub facts: Facts,
    /// Everything, shaped as MediaInfo writes it.
    pub document: Option<String>,
    /// Whether it is sound.
    pub verdict: Verdict,
}

impl Understanding {
    /// Returns what is kept of what `reader` read of the file called `name`.
    pub fn of(media: &Media, reader: Reader, name: &str) -> Self {
        Self {
            reader: Some(reader),
            facts: Facts::of(media),
            document: Some(document::of(media, name).to_string()),
            verdict: Verdict::of_structure(media),
        }
    }
}

/// An open file on a scanned drive; every read may hang.
struct Watched<'a> {
    file: &'a mut dyn OpenFile,
    post: &'a Post,
    length: u64,
    abandoned: Option<Abandoned>,
}

impl Source for Watched<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.post.call(|| self.file.read_at(offset, buffer)) {
            Ok(answer) => answer,
            Err(abandoned) => {
                self.abandoned = Some(abandoned);
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

/// Reads the headers of an open file of `length` bytes. A file nobody understands is no error.
///
/// # Errors
/// [`Abandoned`] when a read hung; inside, what the system said.
pub fn read_headers(
    file: &mut dyn OpenFile,
    post: &Post,
    length: u64,
    name: &str,
    extension: Option<&str>,
) -> Result<io::Result<Understanding>, Abandoned> {
    Ok(match probe_file(file, post, length, extension)? {
        Ok(media) => Ok(Understanding::of(&media, Reader::Native, name)),
        Err(ProbeError::Io(error)) => Err(error),
        Err(error) => Ok(Understanding {
            verdict: Verdict::of_error(&error),
            ..Understanding::default()
        }),
    })
}

/// Reads the headers of an open file of `length` bytes.
///
/// # Errors
/// [`Abandoned`] when a read hung; inside, why nothing is known of it.
pub fn probe_file(
    file: &mut dyn OpenFile,
    post: &Post,
    length: u64,
    extension: Option<&str>,
) -> Result<Result<Media, ProbeError>, Abandoned> {
    let mut source = Watched {
        file,
        post,
        length,
        abandoned: None,
    };
    // Tried with a great many broken files; should one break the reader all the same, it is one file that is not
    // understood, and not the end of the scan.
    let probed = catch_unwind(AssertUnwindSafe(|| {
        let mut media = probe(&mut source, extension, Limits::default())?;
        look_for_zeros(&mut source, Limits::default(), &mut media)?;
        Ok(media)
    }));
    match source.abandoned {
        Some(abandoned) => Err(abandoned),
        None => Ok(probed.unwrap_or(Err(ProbeError::Unknown))),
    }
}
