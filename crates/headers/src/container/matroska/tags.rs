//! The Tags element: names and texts for the file, a track, a chapter or an attachment.

use super::ebml::Element;
use super::track::Track;
use crate::{Media, Reader, Stop, Stream};

/// Texts kept of a file.
const MOST_TEXTS: usize = 1_024;

/// How deep tags may lie in each other.
const DEEPEST: u32 = 8;

/// One Tag element.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    /// The tracks it speaks of; none: the whole file, unless `inner`.
    pub(super) tracks: Vec<u64>,
    /// Whether it speaks of chapters, attachments or editions.
    pub(super) inner: bool,
    /// Names and texts in order.
    pub(super) texts: Vec<(String, String)>,
}

/// Reads the Tags element.
pub(super) fn read(
    reader: &mut Reader<'_>,
    tags: &Element,
    found: &mut Vec<Tagged>,
) -> Result<(), Stop> {
    tags.children(reader, |reader, tag| {
        if tag.id != 0x7373 || found.len() >= MOST_TEXTS {
            return Ok(());
        }
        let mut tagged = Tagged::default();
        let mut level = String::new();
        let result = tag.children(reader, |reader, child| match child.id {
            0x63c0 => targets(reader, child, &mut tagged, &mut level),
            0x67c8 => simple(reader, child, &level, 0, &mut tagged.texts),
            _ => Ok(()),
        });
        found.push(tagged);
        result
    })
}

fn targets(
    reader: &mut Reader<'_>,
    targets: &Element,
    tagged: &mut Tagged,
    level: &mut String,
) -> Result<(), Stop> {
    targets.children(reader, |reader, child| {
        match child.id {
            0x63ca => {
                *level = child.text(reader)?;
                if !level.is_empty() {
                    level.push('/');
                }
            }
            0x63c5 => {
                let uid = child.number(reader)?;
                if uid != 0 && tagged.tracks.len() < 64 {
                    tagged.tracks.push(uid);
                }
            }
            0x63c4 | 0x63c6 => tagged.inner |= child.flag(reader)?,
            _ => {}
        }
        Ok(())
    })
}

/// Reads a `SimpleTag` and those in it. Names are built as ffmpeg builds them: `MOVIE/ACTOR/CHARACTER`, `comment-ger`.
fn simple(
    reader: &mut Reader<'_>,
    element: &Element,
    prefix: &str,
    depth: u32,
    texts: &mut Vec<(String, String)>,
) -> Result<(), Stop> {
    let (mut name, mut text, mut language, mut default) =
        (String::new(), String::new(), String::new(), false);
    let mut nested = Vec::new();
    element.children(reader, |reader, child| {
        match child.id {
            0x45a3 => name = child.text(reader)?,
            0x4487 => text = child.text(reader)?,
            0x447a => language = child.text(reader)?,
            0x4484 => default = child.flag(reader)?,
            0x67c8 if depth < DEEPEST && nested.len() < 64 => nested.push(*child),
            _ => {}
        }
        Ok(())
    })?;
    if name.is_empty() || texts.len() >= MOST_TEXTS {
        return Ok(());
    }
    let plain = format!("{prefix}{name}");
    let in_language = !language.is_empty() && language != "und";
    let mut keys = Vec::new();
    if default || !in_language {
        keys.push(plain.clone());
    }
    if in_language {
        keys.push(format!("{plain}-{language}"));
    }
    for key in keys {
        texts.push((key.clone(), text.clone()));
        for child in &nested {
            simple(reader, child, &format!("{key}/"), depth + 1, texts)?;
        }
    }
    Ok(())
}

/// Gives the file and its streams their tags. `told` says which stream each track is.
pub(super) fn apply(tags: &[Tagged], told: &[(&Track, usize)], media: &mut Media) {
    for tagged in tags.iter().filter(|tagged| !tagged.inner) {
        if tagged.tracks.is_empty() {
            for (name, text) in &tagged.texts {
                replace(media, name, text);
            }
        }
        for uid in &tagged.tracks {
            let stream = told
                .iter()
                .find(|(track, _)| track.uid == *uid)
                .and_then(|(_, index)| media.streams.get_mut(*index));
            if let Some(stream) = stream {
                statistics(&tagged.texts, stream);
            }
        }
    }
}

/// Sets a tag of the file; the last of a name counts.
fn replace(media: &mut Media, name: &str, text: &str) {
    let name = match name {
        "LEAD_PERFORMER" => "performer".to_owned(),
        "PART_NUMBER" => "track".to_owned(),
        other => other.to_lowercase(),
    };
    if text.trim().is_empty() {
        return;
    }
    media.tags.retain(|tag| tag.name != name);
    media.tag(&name, text);
}

/// Notes what writers count while they write. Names may end in a language for no reason: `BPS-eng`.
fn statistics(texts: &[(String, String)], stream: &mut Stream) {
    for (name, text) in texts {
        let text = text.trim();
        match name.strip_suffix("-eng").unwrap_or(name) {
            "BPS" if stream.bitrate_bps.is_none() => {
                stream.bitrate_bps = text.parse().ok().filter(|rate| *rate > 0);
            }
            "NUMBER_OF_FRAMES" => stream.frames = text.parse().ok().or(stream.frames),
            "DURATION" => stream.duration_s = seconds(text).or(stream.duration_s),
            name if name.eq_ignore_ascii_case("title") && !text.is_empty() => {
                stream.title = Some(text.to_owned());
            }
            _ => {}
        }
    }
}

/// Returns the seconds of `01:02:03.456000000`.
fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hours: u32 = parts.next()?.parse().ok()?;
    let minutes: u32 = parts.next()?.parse().ok()?;
    let rest: f64 = parts.next()?.parse().ok()?;
    (rest.is_finite() && rest >= 0.0 && parts.next().is_none())
        .then(|| f64::from(hours) * 3_600.0 + f64::from(minutes) * 60.0 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!(seconds("01:02:03.500000000"), Some(3_723.5));
        assert_eq!(seconds("00:00:00"), Some(0.0));
        assert_eq!(seconds("1:2"), None);
        assert_eq!(seconds("a:b:c"), None);
        assert_eq!(seconds("0:0:inf"), None);
    }
}
