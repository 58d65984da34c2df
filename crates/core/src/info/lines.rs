//! What is known of a file in lines for people.

use serde_json::Value;

use super::Info;
use crate::catalog::drives::Drive;
use crate::human;
use crate::media::{Facts, Level};

impl Info {
    /// Returns what people want to know of the file: what each thing is called, and what it is, as stored.
    pub fn lines(&self, drive: &Drive, is_online: bool) -> Vec<(&'static str, String)> {
        let mut lines = Lines::default();
        lines.add_all(self, drive, is_online);
        lines.0
    }
}

/// Lines that say something.
#[derive(Default)]
struct Lines(Vec<(&'static str, String)>);

impl Lines {
    fn row(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.0.push((name, value.to_owned()));
        }
    }

    fn add_all(&mut self, info: &Info, drive: &Drive, online: bool) {
        self.row("name", &info.name);
        self.row("path", &info.path);
        let state = if online { "online" } else { "offline" };
        let notes = drive.notes.as_deref().unwrap_or_default();
        let place = if notes.is_empty() {
            format!("{} ({state})", info.drive_label)
        } else {
            format!("{} ({state}; {notes})", info.drive_label)
        };
        self.row("drive", &place);
        if let Some(bytes) = info.size_bytes {
            let bytes = bytes.unsigned_abs();
            self.row(
                "size",
                &format!("{} ({} bytes)", human::size(bytes), human::count(bytes)),
            );
        }
        self.row("modified", info.mtime_utc.as_deref().unwrap_or_default());
        let kind = match &info.mime {
            Some(mime) => format!("{} ({mime})", info.category),
            None => info.category.clone(),
        };
        self.row("kind", &kind);
        self.row("blake3", info.hash_blake3.as_deref().unwrap_or_default());
        self.row("verified", info.verified_utc.as_deref().unwrap_or_default());
        for found in info.verify_findings.iter().filter(|found| found.open) {
            self.row("DAMAGED", &format!("{} since {}", found.outcome, found.utc));
        }
        self.row("deleted", info.deleted_ts.as_deref().unwrap_or_default());
        self.row(
            "first seen",
            info.first_seen_utc.as_deref().unwrap_or_default(),
        );
        if let Some(facts) = &info.media {
            self.add_facts(facts);
        }
        self.add_streams(info);
        self.add_integrity(info);
        for sidecar in &info.sidecars {
            let language = sidecar.sidecar.language.as_deref().unwrap_or_default();
            self.row(
                "beside it",
                format!("{} {language}", sidecar.rel_path).trim_end(),
            );
        }
        for subtitles in &info.subtitles {
            let language = subtitles
                .language
                .as_deref()
                .map(|language| format!(" ({language})"))
                .unwrap_or_default();
            self.row(
                "subtitles",
                &format!("{}{language}: {} lines", subtitles.from, subtitles.lines),
            );
        }
        if let Some(transcript) = &info.transcript {
            let state = if transcript.is_complete {
                ""
            } else {
                ", not to its end"
            };
            self.row(
                "transcript",
                &format!(
                    "{} lines ({}), heard by {}{state}",
                    transcript.segments.len(),
                    transcript.languages().join(", "),
                    transcript.model
                ),
            );
        }
        for picture in &info.pictures {
            self.row(
                "picture",
                &format!(
                    "{} {} × {}, {}",
                    picture.kind.name(),
                    picture.width,
                    picture.height,
                    human::size(picture.bytes as u64)
                ),
            );
        }
        self.row(
            "no picture",
            info.pictures_missing.as_deref().unwrap_or_default(),
        );
    }

    fn add_facts(&mut self, facts: &Facts) {
        self.row("container", facts.container.as_deref().unwrap_or_default());
        self.row("title", facts.title.as_deref().unwrap_or_default());
        if let Some(seconds) = facts.duration_s {
            self.row("duration", &human::duration(seconds));
        }
        if let Some(bits) = facts.bitrate_bps {
            self.row(
                "bit rate",
                &format!("{} kbit/s", human::count(bits / 1_000)),
            );
        }
        self.row("recorded", facts.created.as_deref().unwrap_or_default());
    }

    /// One line a stream, from the document.
    fn add_streams(&mut self, info: &Info) {
        let tracks = info
            .media_json
            .as_ref()
            .and_then(|document| document.pointer("/media/track")?.as_array())
            .map(Vec::as_slice)
            .unwrap_or_default();
        for track in tracks {
            let text = |name: &str| track.get(name).and_then(Value::as_str).unwrap_or_default();
            let kind = match text("@type") {
                "Video" => "video",
                "Audio" => "audio",
                "Text" => "text",
                "Image" => "image",
                "Menu" => {
                    self.add_chapters(track);
                    continue;
                }
                _ => continue,
            };
            let size = match (text("Width"), text("Height")) {
                ("", _) | (_, "") => String::new(),
                (width, height) => format!("{width} × {height}"),
            };
            let unit = |value: &str, unit: &str| {
                if value.is_empty() {
                    String::new()
                } else {
                    format!("{value} {unit}")
                }
            };
            let parts = [
                text("Format").to_owned(),
                text("Format_Profile").to_owned(),
                size,
                unit(text("FrameRate"), "fps"),
                unit(text("BitDepth"), "bit"),
                text("ChromaSubsampling").to_owned(),
                text("HDR_Format").to_owned(),
                text("ChannelLayout").to_owned(),
                unit(text("SamplingRate"), "Hz"),
                text("Language").to_owned(),
                text("Title").to_owned(),
            ];
            let said: Vec<&str> = parts
                .iter()
                .map(String::as_str)
                .filter(|part| !part.is_empty())
                .collect();
            self.row(kind, &said.join(", "));
        }
    }

    /// The document names a chapter by its time, `_00_12_31_500`.
    fn add_chapters(&mut self, menu: &Value) {
        let chapters = menu.get("extra").and_then(Value::as_object);
        for (time, title) in chapters.into_iter().flatten() {
            let parts: Vec<&str> = time.trim_start_matches('_').split('_').take(3).collect();
            let title = title.as_str().unwrap_or_default();
            self.row("chapter", format!("{} {title}", parts.join(":")).trim_end());
        }
    }

    fn add_integrity(&mut self, info: &Info) {
        let Some(verdict) = &info.integrity else {
            return;
        };
        let how = match verdict.level {
            Level::None => return,
            Level::Structure => "structure checked",
            Level::Ends => "both ends decoded",
            Level::Full => "all decoded",
        };
        let text = match (verdict.ok, &verdict.reason) {
            (Some(false), Some(reason)) => format!("NOT SOUND: {reason}"),
            (Some(false), None) => "NOT SOUND".to_owned(),
            (Some(true), _) => format!("sound ({how})"),
            (None, _) => return,
        };
        self.row("integrity", &text);
    }
}
