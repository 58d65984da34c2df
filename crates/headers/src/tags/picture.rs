//! Pictures inside tags: where they lie, what they are and how large.

use std::io;

use crate::image;
use crate::{Cover, Format, Limits, Media, Reader, Source, Stop, Stream, StreamKind};

/// Pictures noted of one file.
const MOST_PICTURES: usize = 64;

/// Bytes of a picture read for its size.
const LIMITS: Limits = Limits {
    bytes: 256 << 10,
    reads: 16,
};

/// What a tag says of a picture.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    /// 3 is the front cover, as ID3 and FLAC count.
    pub(crate) kind: u32,
    pub(crate) title: String,
}

/// Notes a picture that lies in one piece in the file: as a cover, and as a stream as ffprobe shows it.
pub(crate) fn note_in_file(
    reader: &mut Reader<'_>,
    offset: u64,
    size_bytes: u64,
    picture: &Picture,
    media: &mut Media,
) -> Result<(), Stop> {
    if media.covers.len() >= MOST_PICTURES || size_bytes == 0 {
        return Ok(());
    }
    let head = reader.up_to(offset, size_bytes.min(16))?;
    let Some(codec) = codec(&head) else {
        return Ok(());
    };
    let stream = {
        let mut part = Part {
            reader,
            offset,
            length: size_bytes,
        };
        stream(codec, &mut part, picture)
    };
    media.streams.push(stream);
    media.covers.push(Cover {
        offset,
        size_bytes,
        mime: Some(mime(codec).to_owned()),
        front: picture.kind == 3,
    });
    Ok(())
}

/// Notes a picture that had to be put together: only as a stream.
pub(crate) fn note_in_memory(mut bytes: &[u8], picture: &Picture, media: &mut Media) {
    if let Some(codec) = codec(bytes)
        && media.streams.len() < MOST_PICTURES
    {
        media.streams.push(stream(codec, &mut bytes, picture));
    }
}

/// Reads a FLAC picture block: what it says, where its bytes begin and how many they are.
pub(crate) fn flac_block(block: &[u8]) -> Option<(Picture, usize, u32)> {
    let mut bytes = crate::bytes::Bytes::new(block);
    let kind = bytes.u32_be()?;
    let size = usize::try_from(bytes.u32_be()?).ok()?;
    bytes.skip(size)?;
    let size = usize::try_from(bytes.u32_be()?).ok()?;
    let title = String::from_utf8_lossy(bytes.take(size)?).into_owned();
    bytes.skip(16)?;
    let length = bytes.u32_be()?;
    let picture = Picture { kind, title };
    Some((picture, block.len() - bytes.left(), length))
}

/// Reads a picture as a file of its own.
type Read = fn(&mut Reader<'_>, &mut Media) -> Result<(), Stop>;

fn codec(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [0xff, 0xd8, 0xff, ..] => "mjpeg",
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'B', b'M', ..] => "bmp",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "tiff",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => return None,
    })
}

fn mime(codec: &str) -> &'static str {
    match codec {
        "mjpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "tiff" => "image/tiff",
        _ => "image/webp",
    }
}

fn stream(codec: &str, source: &mut dyn Source, picture: &Picture) -> Stream {
    let mut shown = Stream::new(StreamKind::Video);
    codec.clone_into(&mut shown.codec);
    shown.flags.attached_picture = true;
    shown.title = Some(picture.title.trim().to_owned()).filter(|title| !title.is_empty());
    let _ = shown.video_mut();
    let (format, read): (_, Read) = match codec {
        "mjpeg" => (Format::Jpeg, image::jpeg::read),
        "png" => (Format::Png, image::png::read),
        "gif" => (Format::Gif, image::gif::read),
        "bmp" => (Format::Bmp, image::bmp::read),
        "tiff" => (Format::Tiff, image::tiff::read),
        _ => (Format::WebP, image::webp::read),
    };
    let mut inner = Media::new(format, source.len());
    // What a damaged picture still says of itself is enough.
    drop(read(&mut Reader::new(source, LIMITS), &mut inner));
    if let Some(found) = inner.streams.into_iter().next() {
        shown.profile = found.profile;
        shown.video = found.video.or(shown.video);
    }
    shown
}

/// A run of bytes in a file that is being read.
struct Part<'a, 'b> {
    reader: &'a mut Reader<'b>,
    offset: u64,
    length: u64,
}

impl Source for Part<'_, '_> {
    fn len(&self) -> u64 {
        let there = self.reader.length().saturating_sub(self.offset);
        self.length.min(there)
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let buffer = buffer.get_mut(..count).unwrap_or_default();
        match self
            .reader
            .read_exact(self.offset.saturating_add(offset), buffer)
        {
            Ok(()) => Ok(count),
            Err(Stop::Io(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
