//! What a media file says of itself, read from its headers.
//!
//! Pure: knows no file system, process or database. [`probe`] is given a [`Source`] of bytes and returns a [`Media`]; how
//! much it reads is bounded by [`Limits`], whatever the file claims. Bytes come from strangers: nothing here panics, loops
//! without end or allocates what a length field asks for, and what was read before a fault is kept.

mod bits;
mod bytes;
pub mod codec;
pub mod container;
mod detect;
mod image;
mod model;
mod read;
pub mod tags;
mod zeros;

pub use model::*;
pub use read::{Limits, Reader, Source, Stop};

use std::io;

/// Why nothing at all is known of a file.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It begins with nothing but zeros: space that was reserved and never written.
    #[error("the file begins with zeros, as if it had never been written")]
    Zeros,
    /// Its beginning matches no known format.
    #[error("the beginning matches no known media format")]
    Unknown,
    /// It could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Reads the headers of a media file.
///
/// `extension` (lower case, no dot) decides only between formats whose beginnings look alike. A file that is damaged or
/// cut off still gives what could be read; [`Media::structure`] says what is wrong.
///
/// # Errors
/// When nothing at all can be said: see [`ProbeError`].
pub fn probe(
    source: &mut dyn Source,
    extension: Option<&str>,
    limits: Limits,
) -> Result<Media, ProbeError> {
    if source.is_empty() {
        return Err(ProbeError::Empty);
    }
    let mut reader = Reader::new(source, limits);
    let format = match detect::detect(&mut reader, extension) {
        Ok(Some(format)) => format,
        Ok(None) if reader.begins_with_zeros() => return Err(ProbeError::Zeros),
        Err(Stop::Io(error)) => return Err(error.into()),
        Ok(None) | Err(_) => return Err(ProbeError::Unknown),
    };
    Ok(read_as(format, reader)?)
}

/// Reads the headers of a file as those of this format, whatever it begins with: for tests that try one reader.
///
/// # Errors
/// When it cannot be read.
pub fn probe_as(format: Format, source: &mut dyn Source, limits: Limits) -> io::Result<Media> {
    read_as(format, Reader::new(source, limits))
}

fn read_as(format: Format, mut reader: Reader<'_>) -> io::Result<Media> {
    let mut media = Media::new(format, reader.length());
    note(container::read(format, &mut reader, &mut media), &mut media)?;
    media.complete();
    media.bytes_read = reader.bytes_read();
    Ok(media)
}

/// What stops the reading of a file is noted in what was read, unless the system failed.
fn note(read: Result<(), Stop>, media: &mut Media) -> io::Result<()> {
    match read {
        Ok(()) => {}
        Err(Stop::Io(error)) => return Err(error),
        Err(stop) => media.stopped(&stop),
    }
    Ok(())
}

/// Looks at a few places of a film whose headers were read for payload that was never written, and notes it in
/// [`Media::structure`]: the headers of such a file are as good as any other's.
///
/// # Errors
/// What the system says.
pub fn look_for_zeros(
    source: &mut dyn Source,
    limits: Limits,
    media: &mut Media,
) -> io::Result<()> {
    let mut reader = Reader::new(source, limits);
    let looked = zeros::check(&mut reader, media);
    media.bytes_read = media.bytes_read.saturating_add(reader.bytes_read());
    note(looked, media)
}
