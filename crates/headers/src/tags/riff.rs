//! The INFO list of RIFF files: AVI and WAV.

use crate::bytes::Bytes;
use crate::{Format, Media};

/// Chunks looked at in one list: more are noise.
const MOST_CHUNKS: usize = 256;

/// Notes the tags of an INFO list (what follows the list's type), by ffprobe's names: `INAM` is `title`.
pub(crate) fn read_info(list: &[u8], media: &mut Media) {
    let mut list = Bytes::new(list);
    for _ in 0..MOST_CHUNKS {
        let (Some(name), Some(size)) = (list.array::<4>(), list.u32_le()) else {
            return;
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(list.left());
        let value = list.take(size).unwrap_or_default();
        if size % 2 == 1 {
            list.skip(1);
        }
        note(name, &text(value), media);
    }
}

fn note(name: [u8; 4], value: &str, media: &mut Media) {
    if !name
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    {
        return;
    }
    if &name == b"IDIT" {
        note_moment(value, media);
        return;
    }
    match known(name, media.format == Format::Avi) {
        Some(known) => media.tag(known, value),
        None => media.tag(&String::from_utf8_lossy(&name), value),
    }
}

/// ffprobe has two names for two of them in AVI.
const fn known(name: [u8; 4], in_avi: bool) -> Option<&'static str> {
    Some(match &name {
        b"IPRD" if in_avi => "product",
        b"ISFT" if in_avi => "software",
        b"ISBJ" if in_avi => "subject",
        b"IART" => "artist",
        b"ICMT" => "comment",
        b"ICOP" => "copyright",
        b"ICRD" => "date",
        b"IGNR" => "genre",
        b"ILNG" => "language",
        b"INAM" => "title",
        b"IPRD" => "album",
        b"IPRT" | b"ITRK" => "track",
        b"ISFT" => "encoder",
        b"ISMP" => "timecode",
        b"ITCH" => "encoded_by",
        _ => return None,
    })
}

/// Returns a text up to its first zero byte: UTF-8, or Windows-1252 where it cannot be that.
pub(crate) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9f => HIGH
            .chars()
            .nth(usize::from(byte - 0x80))
            .unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    }
}

/// Notes when a camera made the file, by its own clock: no zone is written.
pub(crate) fn note_moment(value: &str, media: &mut Media) {
    let created = moment(value);
    let shown = created.as_ref().map(|time| time.replacen('T', " ", 1));
    media.tag("creation_time", shown.as_deref().unwrap_or(value));
    let created = created.unwrap_or_else(|| value.trim().to_owned());
    if !created.is_empty() {
        media.created.get_or_insert(created);
    }
}

/// Returns `2003-08-31T12:15:22` for a time as cameras write it: `Sun Aug 31 12:15:22 2003` or `2003/08/31 12:15`.
fn moment(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().take(8).collect();
    let (date, time) = match words.as_slice() {
        [_, month, day, time, year] => {
            let month = "JanFebMarAprMayJunJulAugSepOctNovDec"
                .as_bytes()
                .chunks(3)
                .position(|name| name.eq_ignore_ascii_case(month.as_bytes()))?;
            (format!("{year}-{:02}-{day:0>2}", month + 1), *time)
        }
        [date, time] => (date.replace(['/', ':'], "-"), *time),
        _ => return None,
    };
    let is_date = shape(&date, b"0000-00-00");
    match time.len() {
        8 if is_date && shape(time, b"00:00:00") => Some(format!("{date}T{time}")),
        5 if is_date && shape(time, b"00:00") => Some(format!("{date}T{time}:00")),
        _ => None,
    }
}

/// Returns whether a text has digits where the pattern has 0, and elsewhere the pattern's characters.
fn shape(text: &str, pattern: &[u8]) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern).all(|(byte, wanted)| {
            if *wanted == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == *wanted
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_ffprobe_and_sizes_may_lie() {
        let mut media = Media::new(Format::Avi, 0);
        let mut list = Vec::new();
        for (name, value) in [
            (b"INAM", b"odd".as_slice()),
            (b"IART", b"caf\xe9 \x80\0rest"),
            (b"IKEY", b"a; b\0"),
            (b"\0\0\x01\0", b"no"),
            (b"IDIT", b"Sun Aug  3 12:15:22 2003\n\0"),
        ] {
            list.extend_from_slice(name);
            list.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
            list.extend_from_slice(value);
            list.extend(std::iter::repeat_n(0, value.len() % 2));
        }
        list.extend_from_slice(b"ICMT\xff\xff\xff\xffcut");
        read_info(&list, &mut media);
        assert_eq!(media.tag_value("title"), Some("odd"));
        assert_eq!(media.tag_value("artist"), Some("café €"));
        assert_eq!(media.tag_value("ikey"), Some("a; b"));
        assert_eq!(media.tag_value("comment"), Some("cut"));
        assert_eq!(media.created.as_deref(), Some("2003-08-03T12:15:22"));
        assert_eq!(media.tags.len(), 5);
    }

    #[test]
    fn moments_in_several_hands() {
        for (written, expected) in [
            ("2005/08/17 11:42", Some("2005-08-17T11:42:00")),
            ("2005:08:17 11:42:43", Some("2005-08-17T11:42:43")),
            ("Thu FEB 05 00:00:01 2015", Some("2015-02-05T00:00:01")),
            ("yesterday", None),
            ("a b c d e", None),
            ("Thu Feb 555 00:00:01 2015", None),
        ] {
            assert_eq!(moment(written).as_deref(), expected, "{written}");
        }
    }
}
