//! Vorbis comments: tags of FLAC, Ogg Vorbis, Opus, Theora.
//!
//! Pictures inside comments are left to the container, which knows where they lie.

use crate::bytes::Bytes;
use crate::{Chapter, Tag, push_tag};

/// Comments looked at: more than any tagger writes.
const MOST_COMMENTS: usize = 4_096;

/// Notes the comments of a block (vendor text first), from FLAC or from after the packet type of an Ogg header. Names are
/// turned into ffprobe's: `TRACKNUMBER` is `track`, `ALBUMARTIST` is `album_artist`.
pub(crate) fn read(block: &[u8], tags: &mut Vec<Tag>) {
    let mut gathered: Vec<(String, String)> = Vec::new();
    let mut room = 256;
    for (name, value) in comments(block) {
        if name.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE")
            || name.eq_ignore_ascii_case("COVERART")
            || chapter_part(name).is_some()
        {
            continue;
        }
        let name = renamed(name);
        // Several artists are several comments of one name.
        match gathered.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.len() < 4_096 => {
                known.push(';');
                known.push_str(&value);
            }
            Some(_) => {}
            None if room > 0 => {
                room -= 1;
                gathered.push((name, value.into_owned()));
            }
            None => break,
        }
    }
    for (name, value) in gathered {
        push_tag(tags, &name, &value);
    }
}

/// Returns the chapters that comments `CHAPTER001=00:01:02.345` and `CHAPTER001NAME=…` make, in order of their numbers.
pub(crate) fn chapters(block: &[u8]) -> Vec<Chapter> {
    let mut found: Vec<(u16, Option<f64>, Option<String>)> = Vec::new();
    for (name, value) in comments(block) {
        let Some((number, part)) = chapter_part(name) else {
            continue;
        };
        let index = found.iter().position(|(known, ..)| *known == number);
        let index = index.unwrap_or_else(|| {
            found.push((number, None, None));
            found.len() - 1
        });
        match (part, found.get_mut(index)) {
            ("", Some((_, start, _))) => *start = clock(&value),
            ("NAME", Some((.., title))) => {
                *title = Some(value.into_owned()).filter(|title| !title.is_empty());
            }
            _ => {}
        }
    }
    found.sort_by_key(|(number, ..)| *number);
    found
        .into_iter()
        .filter_map(|(_, start, title)| {
            Some(Chapter {
                start_s: start?,
                end_s: None,
                title,
            })
        })
        .collect()
}

/// Returns the names and values of a block.
pub(crate) fn comments(block: &[u8]) -> impl Iterator<Item = (&str, std::borrow::Cow<'_, str>)> {
    let mut bytes = Bytes::new(block);
    let vendor = bytes.u32_le().and_then(|size| usize::try_from(size).ok());
    let skipped = vendor.and_then(|vendor| bytes.skip(vendor));
    let count = skipped.and_then(|()| bytes.u32_le()).unwrap_or(0);
    let count = usize::try_from(count)
        .unwrap_or(MOST_COMMENTS)
        .min(MOST_COMMENTS);
    std::iter::repeat_with(move || {
        let size = usize::try_from(bytes.u32_le()?).ok()?;
        bytes.take(size)
    })
    .take(count)
    .map_while(|comment| comment)
    .filter_map(|comment| {
        let at = comment.iter().position(|byte| *byte == b'=')?;
        let (name, value) = comment.split_at_checked(at)?;
        let name = std::str::from_utf8(name).ok()?;
        Some((name, String::from_utf8_lossy(value.get(1..)?)))
    })
}

fn renamed(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "albumartist" => "album_artist".to_owned(),
        "tracknumber" => "track".to_owned(),
        "discnumber" => "disc".to_owned(),
        "description" => "comment".to_owned(),
        _ => name,
    }
}

/// Splits `CHAPTER001NAME` into number and part.
fn chapter_part(name: &str) -> Option<(u16, &str)> {
    let (head, rest) = name.split_at_checked(7)?;
    let (number, part) = rest.split_at_checked(3)?;
    let is_chapter =
        head.eq_ignore_ascii_case("CHAPTER") && number.bytes().all(|byte| byte.is_ascii_digit());
    is_chapter.then_some((number.parse().ok()?, part))
}

/// Reads `hours:minutes:seconds`.
fn clock(text: &str) -> Option<f64> {
    let mut parts = text.trim().splitn(3, ':').map(str::parse::<f64>);
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let sum = hours.ok()? * 3_600.0 + minutes.ok()? * 60.0 + seconds.ok()?;
    (sum.is_finite() && sum >= 0.0).then_some(sum)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::cast_possible_truncation, reason = "tests have small numbers")]

    use super::*;

    fn block(comments: &[&str]) -> Vec<u8> {
        let mut out = b"\x02\0\0\0me".to_vec();
        out.extend((comments.len() as u32).to_le_bytes());
        for comment in comments {
            out.extend((comment.len() as u32).to_le_bytes());
            out.extend(comment.as_bytes());
        }
        out
    }

    #[test]
    fn names_are_ffprobes_and_repeated_ones_are_joined() {
        let mut tags = Vec::new();
        let block = block(&[
            "ARTIST=A",
            "artist=B",
            "TRACKNUMBER=3",
            "DESCRIPTION=words = words",
            "METADATA_BLOCK_PICTURE=AAAA",
            "nonsense",
            "CHAPTER002=00:01:02.500",
            "CHAPTER001NAME=First",
            "CHAPTER001=00:00:00.000",
        ]);
        read(&block, &mut tags);
        let tags: Vec<_> = tags
            .iter()
            .map(|tag| (tag.name.as_str(), tag.value.as_str()))
            .collect();
        assert_eq!(
            tags,
            [
                ("artist", "A;B"),
                ("track", "3"),
                ("comment", "words = words")
            ]
        );
        let chapters = chapters(&block);
        assert_eq!(chapters.len(), 2);
        assert_eq!(chapters[0].title.as_deref(), Some("First"));
        assert!((chapters[1].start_s - 62.5).abs() < 1e-9);
    }

    #[test]
    fn blocks_cut_short_give_what_is_whole() {
        let whole = block(&["ARTIST=A", "TITLE=B"]);
        for end in 0..whole.len() {
            let mut tags = Vec::new();
            read(&whole[..end], &mut tags);
            assert!(tags.len() < 2);
        }
    }
}
