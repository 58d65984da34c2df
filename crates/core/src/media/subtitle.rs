//! Texts of subtitles: SubRip, WebVTT, ASS and SSA become one line a cue, `00:12:31 words`, for search.

use std::fmt::Write;

/// The longest subtitle file that is read; a film's has some hundred KiB.
pub const LONGEST_BYTES: u64 = 8 << 20;

/// Extensions of subtitle files with text.
pub const EXTENSIONS: [&str; 4] = ["srt", "vtt", "ass", "ssa"];

/// Returns the lines of a subtitle file: times to the second, tags left out, repetitions of the line before left out.
/// A file that is none gives an empty text.
pub fn lines(bytes: &[u8]) -> String {
    let text = decoded(bytes);
    let mut lines = Lines::default();
    if text.contains("[Events]") {
        advanced(&text, &mut lines);
    } else {
        timed_blocks(&text, &mut lines);
    }
    lines.text
}

/// The lines so far.
#[derive(Default)]
struct Lines {
    text: String,
    last: String,
}

impl Lines {
    fn push(&mut self, seconds: u64, words: &str) {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() || words == self.last {
            return;
        }
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        // Writing to a text does not fail.
        let _ = writeln!(
            self.text,
            "{hours:02}:{minutes:02}:{:02} {words}",
            seconds % 60
        );
        self.last = words;
    }
}

/// Subtitles are UTF-8, UTF-16 with a byte-order mark, or of some older code page: then the letters that Latin-1 has are
/// right and the others are at least there.
fn decoded(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok())
            .map(unit)
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

/// SubRip and WebVTT: a line with `-->`, then words up to an empty line.
fn timed_blocks(text: &str, lines: &mut Lines) {
    let mut rest = text.lines();
    while let Some(line) = rest.next() {
        let Some((start, _)) = line.split_once("-->") else {
            continue;
        };
        let Some(seconds) = seconds(start) else {
            continue;
        };
        let words: Vec<&str> = rest
            .by_ref()
            .take_while(|line| !line.trim().is_empty())
            .collect();
        lines.push(seconds, &without_tags(&words.join(" "), '<', '>'));
    }
}

/// ASS and SSA: `Dialogue:` lines, their fields named by the `Format:` line before.
fn advanced(text: &str, lines: &mut Lines) {
    // Start and Text where no format is given.
    let (mut start_at, mut text_at) = (1, 9);
    let mut is_events = false;
    for line in text.lines() {
        if line.starts_with('[') {
            is_events = line.starts_with("[Events]");
        }
        if let Some(format) = line.strip_prefix("Format:").filter(|_| is_events) {
            let position = |name: &str| format.split(',').position(|field| field.trim() == name);
            start_at = position("Start").unwrap_or(start_at);
            text_at = position("Text").unwrap_or(text_at);
        }
        let Some(dialogue) = line.strip_prefix("Dialogue:") else {
            continue;
        };
        let fields: Vec<&str> = dialogue.splitn(text_at + 1, ',').collect();
        if let (Some(start), Some(words)) = (fields.get(start_at), fields.get(text_at))
            && let Some(seconds) = seconds(start)
        {
            let words = words
                .replace("\\N", " ")
                .replace("\\n", " ")
                .replace("\\h", " ");
            lines.push(seconds, &without_tags(&words, '{', '}'));
        }
    }
}

/// Returns the whole seconds of `1:02:03.45`, `01:02:03,450` or `02:03.450`.
fn seconds(time: &str) -> Option<u64> {
    let whole = time.trim().split([',', '.']).next()?;
    whole.split(':').try_fold(0_u64, |sum, part| {
        sum.checked_mul(60)?.checked_add(part.trim().parse().ok()?)
    })
}

fn without_tags(words: &str, open: char, close: char) -> String {
    let mut plain = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once(open) {
        plain.push_str(before);
        if let Some((_, after)) = after.split_once(close) {
            rest = after;
        } else {
            // No tag after all.
            plain.push(open);
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_becomes_lines() {
        for (bytes, expected) in [
            (
                "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Bonjour</i>,\r\nAmélie!\r\n\r\n2\r\n01:02:03,000 --> 01:02:04,000\r\nFin\r\n".as_bytes().to_vec(),
                "00:00:01 Bonjour, Amélie!\n01:02:03 Fin\n",
            ),
            (
                b"\xef\xbb\xbfWEBVTT\n\n00:05.000 --> 00:06.000 line:0\nHi\n\n00:07.000 --> 00:08.000\nHi\n".to_vec(),
                "00:00:05 Hi\n",
            ),
            (
                b"[Script Info]\n[V4+ Styles]\nFormat: Name, Text\n[Events]\nFormat: Layer, Start, End, Style, Text\nDialogue: 0,0:00:09.10,0:00:10.00,Default,{\\an8}One\\Ntwo, three\n".to_vec(),
                "00:00:09 One two, three\n",
            ),
            (
                b"00:00:01,000 --> 00:00:02,000\ncaf\xe9 < bar\n".to_vec(),
                "00:00:01 café < bar\n",
            ),
            (b"no subtitles at all".to_vec(), ""),
            (b"99999999999999999999:1 --> x\nwords\n".to_vec(), ""),
        ] {
            assert_eq!(lines(&bytes), expected);
        }
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(
                "00:00:01,0 --> x\nwide\n"
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes),
            )
            .collect();
        assert_eq!(lines(&wide), "00:00:01 wide\n");
    }
}
