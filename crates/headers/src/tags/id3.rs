//! ID3: tags before (version 2) or after (version 1) MPEG audio, and inside WAV, AIFF, DSF.
//!
//! Frames are read one by one, so that pictures are not read at all. Only a tag that is unsynchronised as a whole (version 2.3
//! and older) has to be taken into memory. Encrypted and compressed frames are skipped.

use crate::bytes::Bytes;
use crate::tags::picture::{self, Picture};
use crate::{Chapter, Media, Reader, Stop};

pub(crate) mod genre;
mod text;

/// Frames looked at: a tag with as many has chapters for every minute of a day.
const MOST_FRAMES: usize = 2_048;

/// Bytes of a frame of text that are read.
const LONGEST_TEXT: u64 = 16 << 10;

/// Returns the name of one of `ID3v1`'s numbers; iTunes counts the same, from 1.
pub(crate) fn genre_name(number: usize) -> Option<&'static str> {
    genre::name(number)
}

/// Reads a tag of version 2 at `offset` and returns where it ends, or `offset` if there is none.
pub(crate) fn read_v2(
    reader: &mut Reader<'_>,
    offset: u64,
    media: &mut Media,
) -> Result<u64, Stop> {
    let head = reader.up_to(offset, 10)?;
    let Some(header) = Header::read(&head) else {
        return Ok(offset);
    };
    let begin = offset.saturating_add(10);
    let end = begin.saturating_add(header.size);
    let mut body = Body {
        offset: begin,
        end: end.min(reader.length()),
        whole: None,
    };
    if header.is_unsynchronised && header.version < 4 {
        let raw = reader.up_to(begin, header.size.min(512 << 10))?;
        body.whole = Some(text::synchronised(&raw));
    }
    let mut tag = Found::default();
    let result = frames(reader, &header, &body, &mut tag, media);
    tag.note(media);
    result?;
    if end > reader.length() {
        return Err(Stop::End { expected: end });
    }
    Ok(if header.has_footer {
        end.saturating_add(10)
    } else {
        end
    })
}

/// Reads a tag of version 1 at the end of the file and returns where it begins, or the file's length if there is none.
pub(crate) fn read_v1(reader: &mut Reader<'_>, media: &mut Media) -> Result<u64, Stop> {
    let length = reader.length();
    let Some(at) = length.checked_sub(128) else {
        return Ok(length);
    };
    let tag: [u8; 128] = reader.array(at)?;
    if !tag.starts_with(b"TAG") {
        return Ok(length);
    }
    // Newer tags say the same in full.
    if media.tags.is_empty() {
        note_v1(&tag, media);
    }
    Ok(at)
}

fn note_v1(tag: &[u8; 128], media: &mut Media) {
    let field = |begin: usize, size: usize| {
        let field = tag.get(begin..begin + size).unwrap_or_default();
        text::until_zero(field)
    };
    media.tag("title", &field(3, 30));
    media.tag("artist", &field(33, 30));
    media.tag("album", &field(63, 30));
    media.tag("date", &field(93, 4));
    media.tag("comment", &field(97, 30));
    let [.., zero, track, number] = *tag;
    if zero == 0 && track != 0 {
        media.tag("track", &track.to_string());
    }
    note_genre(number, media);
}

fn note_genre(number: u8, media: &mut Media) {
    if let Some(name) = genre::name(number.into()) {
        media.tag("genre", name);
    }
}

struct Header {
    version: u8,
    is_unsynchronised: bool,
    is_extended: bool,
    has_footer: bool,
    size: u64,
}

impl Header {
    fn read(head: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(head.strip_prefix(b"ID3")?);
        let [version, revision, flags] = bytes.array()?;
        let size = safe(bytes.array()?)?;
        if !(2..=4).contains(&version) || revision == 0xff {
            return None;
        }
        Some(Self {
            version,
            is_unsynchronised: flags & 0x80 != 0,
            is_extended: version > 2 && flags & 0x40 != 0,
            has_footer: version == 4 && flags & 0x10 != 0,
            size: size.into(),
        })
    }

    /// Returns the length of a frame's header.
    const fn frame_header(&self) -> u64 {
        if self.version == 2 { 6 } else { 10 }
    }
}

/// Sizes that keep the topmost bit of every byte clear.
fn safe(bytes: [u8; 4]) -> Option<u32> {
    bytes.iter().all(|byte| *byte < 0x80).then(|| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 7 | u32::from(*byte))
    })
}

/// What lies between header and end: in the file, or synchronised in memory.
struct Body {
    offset: u64,
    end: u64,
    whole: Option<Vec<u8>>,
}

impl Body {
    /// Returns the length in bytes.
    fn length(&self) -> u64 {
        match &self.whole {
            Some(whole) => whole.len() as u64,
            None => self.end.saturating_sub(self.offset),
        }
    }

    /// Returns up to `count` bytes from `at` on.
    fn up_to(&self, reader: &mut Reader<'_>, at: u64, count: u64) -> Result<Vec<u8>, Stop> {
        let count = count.min(self.length().saturating_sub(at));
        match &self.whole {
            Some(whole) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                let rest = whole.get(from..).unwrap_or_default();
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                Ok(rest
                    .get(..count.min(rest.len()))
                    .unwrap_or_default()
                    .to_vec())
            }
            None => reader.up_to(self.offset.saturating_add(at), count),
        }
    }
}

/// What frames said that only makes sense together.
#[derive(Default)]
struct Found {
    year: Option<String>,
    day: Option<String>,
    time: Option<String>,
}

impl Found {
    /// Version 2.3 splits the date: `TYER`, `TDAT` (day and month), `TIME` (hour and minute).
    fn note(self, media: &mut Media) {
        let Some(year) = self.year else {
            return;
        };
        let mut date = year.clone();
        let pair = |text: Option<String>| {
            let text = text?;
            let (first, second) = text.trim().split_at_checked(2)?;
            (second.len() == 2).then(|| (first.to_owned(), second.to_owned()))
        };
        if year.len() == 4
            && let Some((day, month)) = pair(self.day)
        {
            date = format!("{year}-{month}-{day}");
            if let Some((hour, minute)) = pair(self.time) {
                date = format!("{date} {hour}:{minute}");
            }
        }
        media.tag("date", &date);
    }
}

/// One frame.
struct Frame {
    name: String,
    /// Where its payload begins in the body.
    at: u64,
    size: u64,
    is_unsynchronised: bool,
    /// Compressed or encrypted.
    is_opaque: bool,
}

fn frames(
    reader: &mut Reader<'_>,
    header: &Header,
    body: &Body,
    found: &mut Found,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut at = if header.is_extended {
        extended_header(reader, header, body)?
    } else {
        0
    };
    for _ in 0..MOST_FRAMES {
        let Some(frame) = next_frame(reader, header, body, at)? else {
            break;
        };
        at = frame.at.saturating_add(frame.size);
        read_frame(reader, header, body, &frame, found, media)?;
    }
    Ok(())
}

/// Returns the length of the extended header.
fn extended_header(reader: &mut Reader<'_>, header: &Header, body: &Body) -> Result<u64, Stop> {
    let bytes = body.up_to(reader, 0, 4)?;
    let Some(bytes) = bytes.first_chunk::<4>() else {
        return Ok(0);
    };
    // Version 2.3 does not count the size itself.
    Ok(if header.version == 4 {
        u64::from(safe(*bytes).unwrap_or(0))
    } else {
        u64::from(u32::from_be_bytes(*bytes)) + 4
    })
}

fn next_frame(
    reader: &mut Reader<'_>,
    header: &Header,
    body: &Body,
    at: u64,
) -> Result<Option<Frame>, Stop> {
    let bytes = body.up_to(reader, at, header.frame_header())?;
    let frame = match header.version {
        2 => short_frame(&bytes, at),
        _ => long_frame(reader, header, body, &bytes, at)?,
    };
    let left = body.length().saturating_sub(at);
    Ok(frame.filter(|frame| frame.size < left))
}

fn short_frame(bytes: &[u8], at: u64) -> Option<Frame> {
    let mut bytes = Bytes::new(bytes);
    let name = name_of(bytes.take(3)?)?;
    let size = bytes.u24_be()?;
    Some(Frame {
        name,
        at: at + 6,
        size: size.into(),
        is_unsynchronised: false,
        is_opaque: false,
    })
}

fn long_frame(
    reader: &mut Reader<'_>,
    header: &Header,
    body: &Body,
    bytes: &[u8],
    at: u64,
) -> Result<Option<Frame>, Stop> {
    let mut bytes = Bytes::new(bytes);
    let name = bytes.take(4).and_then(name_of);
    let (Some(name), Some(size), Some([_, flags])) = (name, bytes.array(), bytes.array()) else {
        return Ok(None);
    };
    let plain = u64::from(u32::from_be_bytes(size));
    let mut frame = Frame {
        name,
        at: at + 10,
        size: plain,
        is_unsynchronised: false,
        is_opaque: false,
    };
    let mut extra = 0;
    if header.version == 3 {
        frame.is_opaque = flags & 0xc0 != 0;
        extra += u64::from(flags & 0x20 != 0);
    } else {
        frame.size = size_of_four(reader, body, &frame, size)?;
        frame.is_opaque = flags & 0x0c != 0;
        frame.is_unsynchronised = header.is_unsynchronised || flags & 2 != 0;
        extra += u64::from(flags & 0x40 != 0) + if flags & 1 == 0 { 0 } else { 4 };
    }
    frame.at += extra;
    frame.size = frame.size.saturating_sub(extra);
    Ok(Some(frame))
}

/// Version 2.4 writes safe sizes; some taggers did not know. The one after which another frame follows is right.
fn size_of_four(
    reader: &mut Reader<'_>,
    body: &Body,
    frame: &Frame,
    size: [u8; 4],
) -> Result<u64, Stop> {
    let Some(safe) = safe(size).map(u64::from) else {
        return Ok(frame.size);
    };
    if safe == frame.size {
        return Ok(safe);
    }
    let mut follows = |size: u64| -> Result<bool, Stop> {
        let at = frame.at.saturating_add(size);
        let next = body.up_to(reader, at, 4)?;
        let is_end = at == body.length() || next.starts_with(&[0]);
        Ok(is_end || next.len() == 4 && name_of(&next).is_some())
    };
    if !follows(safe)? && follows(frame.size)? {
        return Ok(frame.size);
    }
    Ok(safe)
}

fn name_of(bytes: &[u8]) -> Option<String> {
    bytes
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        .then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn read_frame(
    reader: &mut Reader<'_>,
    header: &Header,
    body: &Body,
    frame: &Frame,
    found: &mut Found,
    media: &mut Media,
) -> Result<(), Stop> {
    if frame.is_opaque {
        return Ok(());
    }
    match frame.name.as_str() {
        "APIC" | "PIC" => return read_picture(reader, header, body, frame, media),
        name if name.starts_with('T') => {}
        "COMM" | "COM" | "USLT" | "ULT" | "CHAP" => {}
        _ => return Ok(()),
    }
    let mut payload = body.up_to(reader, frame.at, frame.size.min(LONGEST_TEXT))?;
    if frame.is_unsynchronised {
        payload = text::synchronised(&payload);
    }
    match frame.name.as_str() {
        "CHAP" => media.chapters.extend(chapter(header, &payload)),
        "COMM" | "COM" => comment(&payload, media),
        "USLT" | "ULT" => lyrics(&payload, media),
        "TXXX" | "TXX" => {
            let mut strings = text::Strings::new(&payload);
            if let (Some(name), Some(value)) = (strings.next(), strings.next()) {
                media.tag(text_name(&name), &value);
            }
        }
        name => read_text(name, &payload, found, media),
    }
    Ok(())
}

fn read_text(name: &str, payload: &[u8], found: &mut Found, media: &mut Media) {
    let Some(value) = text::Strings::new(payload).next() else {
        return;
    };
    let place = match name {
        "TYER" | "TYE" => &mut found.year,
        "TDAT" | "TDA" => &mut found.day,
        "TIME" | "TIM" => &mut found.time,
        "TCON" | "TCO" => {
            media.tag("genre", genre_of(&value));
            return;
        }
        _ => {
            media.tag(text_name(name), &value);
            return;
        }
    };
    *place = Some(value).filter(|value| !value.is_empty());
}

/// Genres may be written as `17`, `(17)` or `(17)Rock`.
fn genre_of(value: &str) -> &str {
    let digits = value.trim_start().trim_start_matches('(');
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    digits
        .get(..end)
        .and_then(|number| number.parse().ok())
        .and_then(genre::name)
        .unwrap_or(value)
}

/// Returns ffprobe's name of a frame.
fn text_name(frame: &str) -> &str {
    match frame {
        "TALB" | "TAL" => "album",
        "TCOM" => "composer",
        "TCOP" | "TCP" if frame.len() == 4 => "copyright",
        "TCP" | "TCMP" => "compilation",
        "TENC" | "TEN" => "encoded_by",
        "TIT1" => "grouping",
        "TIT2" | "TT2" => "title",
        "TLAN" => "language",
        "TPE1" | "TP1" => "artist",
        "TPE2" | "TP2" => "album_artist",
        "TPE3" | "TP3" => "performer",
        "TPOS" => "disc",
        "TPUB" => "publisher",
        "TRCK" | "TRK" => "track",
        "TSSE" => "encoder",
        "USLT" => "lyrics",
        "TDRC" | "TDRL" => "date",
        "TDEN" => "creation_time",
        "TSOA" => "album-sort",
        "TSOP" => "artist-sort",
        "TSOT" => "title-sort",
        other => other,
    }
}

/// Comments have a language and, for machines, a name.
fn comment(payload: &[u8], media: &mut Media) {
    let Some(mut strings) = text::Strings::after_language(payload) else {
        return;
    };
    if let (Some(name), Some(value)) = (strings.next(), strings.next()) {
        let name = if name.is_empty() { "comment" } else { &name };
        media.tag(name, &value);
    }
}

fn lyrics(payload: &[u8], media: &mut Media) {
    let Some(mut strings) = text::Strings::after_language(payload) else {
        return;
    };
    if let (Some(_), Some(value)) = (strings.next(), strings.next()) {
        media.tag("lyrics", &value);
    }
}

/// Reads a chapter: a name for machines, times in milliseconds, offsets, then frames of its own.
fn chapter(header: &Header, payload: &[u8]) -> Option<Chapter> {
    let name = payload.iter().position(|byte| *byte == 0)?;
    let mut bytes = Bytes::new(payload.get(name + 1..)?);
    let start = f64::from(bytes.u32_be()?) / 1_000.0;
    let end = f64::from(bytes.u32_be()?) / 1_000.0;
    bytes.skip(8)?;
    let mut title = None;
    // Title, subtitle, picture, link.
    for _ in 0..8 {
        let Some(size) = bytes
            .take(4)
            .filter(|_| bytes.left() >= 6)
            .map(<[u8]>::to_vec)
        else {
            break;
        };
        let stored: [u8; 4] = bytes.array()?;
        let length = if header.version == 4 {
            safe(stored)
        } else {
            Some(u32::from_be_bytes(stored))
        };
        bytes.skip(2)?;
        let Some(inner) = length
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| bytes.take(length))
        else {
            break;
        };
        if size == b"TIT2" {
            title = text::Strings::new(inner).next();
        }
    }
    Some(Chapter {
        start_s: start,
        end_s: Some(end),
        title: title.filter(|title| !title.is_empty()),
    })
}

/// Notes a picture: encoding, type of its bytes, kind, a name, the bytes.
fn read_picture(
    reader: &mut Reader<'_>,
    header: &Header,
    body: &Body,
    frame: &Frame,
    media: &mut Media,
) -> Result<(), Stop> {
    let mut head = body.up_to(reader, frame.at, frame.size.min(1_024))?;
    let in_file = body.whole.is_none() && !frame.is_unsynchronised;
    if frame.is_unsynchronised {
        head = text::synchronised(&body.up_to(reader, frame.at, frame.size.min(256 << 10))?);
    } else if !in_file {
        head = body.up_to(reader, frame.at, frame.size)?;
    }
    let Some((picture, at)) = picture_head(header, &head) else {
        return Ok(());
    };
    if in_file {
        let offset = body
            .offset
            .saturating_add(frame.at)
            .saturating_add(at as u64);
        let size = frame.size.saturating_sub(at as u64);
        return picture::note_in_file(reader, offset, size, &picture, media);
    }
    picture::note_in_memory(head.get(at..).unwrap_or_default(), &picture, media);
    Ok(())
}

/// Returns what precedes a picture's bytes and where those begin.
fn picture_head(header: &Header, head: &[u8]) -> Option<(Picture, usize)> {
    let mut bytes = Bytes::new(head);
    let encoding = bytes.u8()?;
    // The type of its bytes: three letters in version 2.2, later a name that ends in zero.
    let kind_bytes = if header.version == 2 {
        3
    } else {
        bytes.rest().iter().position(|byte| *byte == 0)? + 1
    };
    bytes.skip(kind_bytes)?;
    let kind = bytes.u8()?.into();
    let mut strings = text::Strings::encoded(encoding, bytes.rest());
    let title = strings.next()?;
    let at = head.len() - strings.rest().len();
    Some((Picture { kind, title }, at))
}

#[cfg(test)]
mod tests;
