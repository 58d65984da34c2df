//! Ogg: Vorbis, Opus, Theora, FLAC, Speex.
//!
//! The first packets of each logical stream describe it; the last page of each, found in the last bytes of the file, tells how
//! long it is. Pages between are not read.

use crate::tags::{self, picture};
use crate::{Chapter, Media, Reader, Stop, StreamKind, Structure, Tag, push_tag};

mod page;
mod stream;

use page::{Packets, Page};
use stream::Logical;

/// Pages read at the beginning: comments with a picture take a few.
const MOST_PAGES: usize = 96;

/// Logical streams kept.
const MOST_STREAMS: usize = 64;

/// Bytes at the end in which last pages are looked for: a page has at most 65,307.
const TAIL: u64 = 66 << 10;

/// Reads the headers.
pub(crate) fn read(reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
    let mut file = File::default();
    let first = file.beginning(reader);
    let last = match first {
        Ok(()) => file.end(reader, media),
        Err(_) => Ok(()),
    };
    file.note(media);
    first.and(last)
}

/// Gives chapters that have only a beginning their end.
pub(crate) fn close_chapters(chapters: &mut [Chapter], duration_s: Option<f64>) {
    let starts: Vec<f64> = chapters.iter().map(|chapter| chapter.start_s).collect();
    for (index, chapter) in chapters.iter_mut().enumerate() {
        if chapter.end_s.is_none() {
            let next = starts.get(index + 1).copied().or(duration_s);
            chapter.end_s = next.filter(|end| *end >= chapter.start_s);
        }
    }
}

#[derive(Default)]
struct File {
    streams: Vec<(u32, Logical, Packets)>,
}

impl File {
    /// Reads pages until all streams have said what they are.
    fn beginning(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let mut at = 0;
        for _ in 0..MOST_PAGES {
            let Some(page) = Page::read(reader, at)? else {
                return Err(Stop::Damaged {
                    what: "no page where one should begin",
                    at,
                });
            };
            if page.is_first && self.streams.len() < MOST_STREAMS {
                let logical = Logical::default();
                self.streams
                    .push((page.serial, logical, Packets::default()));
            } else if !page.is_first && self.streams.iter().all(|(_, stream, _)| stream.is_ready())
            {
                self.note_start(&page);
                return Ok(());
            }
            self.take(reader, &page)?;
            at = page.end();
            if at >= reader.length() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Hands the packets of a page to its stream.
    fn take(&mut self, reader: &mut Reader<'_>, page: &Page) -> Result<(), Stop> {
        let serial = page.serial;
        let Some((_, logical, packets)) =
            self.streams.iter_mut().find(|(known, ..)| *known == serial)
        else {
            return Ok(());
        };
        if logical.is_ready() {
            return Ok(());
        }
        let payload = reader.up_to(page.payload, page.size)?;
        packets.add(page, &payload, |packet| logical.packet(packet));
        Ok(())
    }

    /// Recordings of broadcasts do not begin at zero.
    fn note_start(&mut self, page: &Page) {
        for (serial, logical, _) in &mut self.streams {
            if *serial == page.serial {
                logical.starts_at(page.granule, page.packets());
            }
        }
    }

    /// Looks for the last page of each stream.
    fn end(&mut self, reader: &mut Reader<'_>, media: &mut Media) -> Result<(), Stop> {
        let length = reader.length();
        let begin = length.saturating_sub(TAIL);
        let bytes = reader.up_to(begin, TAIL)?;
        let mut at = 0;
        let (mut end, mut is_last) = (0, false);
        while let Some(skip) = find(bytes.get(at..).unwrap_or_default()) {
            at += skip;
            let rest = bytes.get(at..).unwrap_or_default();
            let page = Page::parse(rest, begin + at as u64);
            let known = page.as_ref().and_then(|page| {
                let of_page = |(serial, ..): &&mut (u32, _, _)| *serial == page.serial;
                self.streams.iter_mut().find(of_page)
            });
            let (Some(page), Some((_, logical, _))) = (page, known) else {
                at += 4;
                continue;
            };
            if page.end() <= length {
                logical.ends_at(page.granule);
            }
            end = page.end();
            is_last = page.is_last;
            at += usize::try_from(page.end() - page.offset).unwrap_or(4);
        }
        media.structure = match end {
            end if end > length => Structure::Truncated {
                expected_bytes: Some(end),
            },
            end if end == length && is_last => Structure::Complete,
            _ => Structure::Unchecked,
        };
        Ok(())
    }

    fn note(self, media: &mut Media) {
        let mut pictures = Vec::new();
        for (_, logical, packets) in self.streams {
            let mut tags = Vec::new();
            // Comments longer than what is kept still begin with the words.
            let comments = logical.comments(packets.unfinished());
            if let Some(block) = &comments {
                tags::vorbis::read(block, &mut tags);
                media.chapters.extend(tags::vorbis::chapters(block));
                pictures.extend(pictures_of(block));
            }
            let mut stream = logical.finish();
            name(&tags, &mut stream);
            for tag in &tags {
                push_tag(&mut media.tags, &tag.name, &tag.value);
            }
            media.streams.push(stream);
        }
        for block in pictures {
            if let Some((picture, at, _)) = picture::flac_block(&block) {
                picture::note_in_memory(block.get(at..).unwrap_or_default(), &picture, media);
            }
        }
        let duration = media
            .streams_of(StreamKind::Audio)
            .find_map(|stream| stream.duration_s);
        close_chapters(&mut media.chapters, duration);
    }
}

fn name(tags: &[Tag], stream: &mut crate::Stream) {
    if let Some(language) = crate::tag_value(tags, "language") {
        stream.set_language(language);
    }
    stream.title = crate::tag_value(tags, "title").map(str::to_owned);
}

/// Returns the picture blocks that comments hold as text.
fn pictures_of(block: &[u8]) -> Vec<Vec<u8>> {
    tags::vorbis::comments(block)
        .filter(|(name, _)| name.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE"))
        .take(8)
        .map(|(_, value)| base64(value.as_bytes()))
        .collect()
}

/// Decodes base64 (RFC 4648) up to the first letter that is none.
fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        held = (held << 6 | u32::from(value)) & 0xfff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    out
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"OggS")
}

#[cfg(test)]
mod tests;
