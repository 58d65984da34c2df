//! What films and sound are made of: codecs, sizes of pictures, HDR, containers.

use std::collections::HashMap;

use serde::Serialize;

use super::read::Source;
use crate::catalog::drives::Drive;
use crate::media::Category;

const SECONDS_OF_HOUR: f64 = 3_600.0;

/// What nobody could say.
const UNKNOWN: &str = "unknown";

/// Classes of pictures: the first whose lines are not reached. The bounds lie between what people name, as cropped films
/// have fewer lines than their name says.
const RESOLUTIONS: [(u32, &str); 5] = [
    (670, "sd"),
    (900, "720p"),
    (1_260, "1080p"),
    (1_800, "1440p"),
    (3_240, "2160p"),
];

/// The largest class.
const LARGEST: &str = "4320p";

/// Files by what they are made of, each list with most bytes first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MediaReport {
    /// Films by the codec of their picture.
    pub video_codecs: Vec<MediaEntry>,
    /// Films by lines of their picture.
    pub resolutions: Vec<MediaEntry>,
    /// Films by HDR; one with several kinds counts under all of them together, such as `hdr10,dv`.
    pub hdr: Vec<MediaEntry>,
    /// Films and sound by the codec of their sound.
    pub audio_codecs: Vec<MediaEntry>,
    /// Films and sound by container.
    pub containers: Vec<MediaEntry>,
    /// Drives that could not be read, and why.
    pub unread: Vec<String>,
}

/// Files that are alike in something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MediaEntry {
    /// In what; `unknown` where no header says.
    pub name: String,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Hours they play; files of unknown length add none.
    pub hours: f64,
}

#[derive(Clone, Copy, Default)]
struct Played {
    files: u64,
    bytes: u64,
    seconds: f64,
}

#[derive(Default)]
struct Table<'a>(HashMap<&'a str, Played>);

impl<'a> Table<'a> {
    fn add(&mut self, name: &'a str, one: Played) {
        let sum = self.0.entry(name).or_default();
        sum.files += 1;
        sum.bytes = sum.bytes.saturating_add(one.bytes);
        sum.seconds += one.seconds;
    }
}

/// Returns what films and sound of some drives are made of; `None` if it was cancelled.
pub fn media(source: Source<'_>, drives: &[Drive]) -> Option<MediaReport> {
    let mut report = MediaReport::default();
    let mut all: [HashMap<String, Played>; 5] = Default::default();
    for read in source.read(drives, &mut report.unread) {
        let mut tables: [Table<'_>; 5] = Default::default();
        read.files.each_live(source.cancel, |file| {
            let category = file.category();
            let is_film = category == Category::Video.name();
            if !is_film && category != Category::Audio.name() {
                return;
            }
            let media = file.media().unwrap_or_default();
            let one = Played {
                files: 1,
                bytes: file.size().unwrap_or(0),
                seconds: media.duration_s.unwrap_or(0.0).max(0.0),
            };
            let [video, resolution, hdr, audio, container] = &mut tables;
            if is_film {
                video.add(media.video_codec.unwrap_or(UNKNOWN), one);
                resolution.add(media.lines.map_or(UNKNOWN, class), one);
                let without = if media.lines.is_some() {
                    "sdr"
                } else {
                    UNKNOWN
                };
                hdr.add(media.hdr.unwrap_or(without), one);
            }
            audio.add(media.audio_codec.unwrap_or(UNKNOWN), one);
            container.add(media.container.unwrap_or(UNKNOWN), one);
        });
        for (all, table) in all.iter_mut().zip(tables) {
            for (name, one) in table.0 {
                let sum = all.entry(name.to_owned()).or_default();
                sum.files += one.files;
                sum.bytes = sum.bytes.saturating_add(one.bytes);
                sum.seconds += one.seconds;
            }
        }
    }
    let [video, resolution, hdr, audio, container] = all.map(entries);
    report.video_codecs = video;
    report.resolutions = resolution;
    report.hdr = hdr;
    report.audio_codecs = audio;
    report.containers = container;
    source.unless_cancelled(report)
}

fn class(lines: u32) -> &'static str {
    let found = RESOLUTIONS.iter().find(|(bound, _)| lines < *bound);
    found.map_or(LARGEST, |(_, name)| name)
}

fn entries(table: HashMap<String, Played>) -> Vec<MediaEntry> {
    let mut entries: Vec<MediaEntry> = table
        .into_iter()
        .map(|(name, sum)| MediaEntry {
            name,
            files: sum.files,
            bytes: sum.bytes,
            hours: sum.seconds / SECONDS_OF_HOUR,
        })
        .collect();
    entries.sort_by(|a, b| (b.bytes, b.files, &a.name).cmp(&(a.bytes, a.files, &b.name)));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_as_people_do() {
        for (lines, name) in [
            (480, "sd"),
            (576, "sd"),
            (720, "720p"),
            (1_080, "1080p"),
            (1_440, "1440p"),
            (2_160, "2160p"),
            (4_320, "4320p"),
        ] {
            assert_eq!(class(lines), name);
        }
    }
}
