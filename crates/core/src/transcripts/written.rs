//! A transcript as people and players read it.

use std::fmt::Write;

use serde::Serialize;
use videocatalog_models::speech::Word;

use crate::catalog::drives::Drive;
use crate::catalog::learnt::{LearntDb, What};
use crate::catalog::store::{Catalog, StoreError};
use crate::human;

/// What is said in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transcript {
    /// With what it was heard.
    pub model: String,
    /// Whether the file was listened to, to its end.
    pub is_complete: bool,
    /// What is said, by time.
    pub segments: Vec<Spoken>,
}

/// Words that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// When they begin, milliseconds from the beginning of the file.
    pub start_ms: i64,
    /// When they end.
    pub end_ms: i64,
    /// Their language, as in `de`.
    pub language: Option<String>,
    /// The words.
    pub text: String,
    /// Each of them, where `semantic.transcribe.word_timestamps` asked for that.
    pub words: Vec<Word>,
}

/// Returns the transcript of a file, by its number in the drive's shard; `None` if nobody listened to it, or there is
/// nothing to be heard.
///
/// # Errors
/// When what is known cannot be read.
pub fn of_file(
    catalog: &Catalog,
    drive: &Drive,
    file_id: i64,
) -> Result<Option<Transcript>, StoreError> {
    let path = catalog.workdir().transcripts_db();
    let Some(db) = LearntDb::open_to_read(&path, What::Transcripts)? else {
        return Ok(None);
    };
    db.transcript(&drive.drive_uid, file_id)
        .map_err(|source| StoreError::Sqlite { path, source })
}

impl Transcript {
    /// Returns its languages, as they are first heard.
    pub fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = Vec::new();
        for language in self
            .segments
            .iter()
            .filter_map(|one| one.language.as_deref())
        {
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        languages
    }

    /// Returns it as lines: `00:12:31 words`.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for one in &self.segments {
            // Writing to a text cannot fail.
            let _written = writeln!(text, "{} {}", human::clock(one.start_ms), one.text);
        }
        text
    }

    /// Returns it as a subtitle file of the kind `SubRip`.
    pub fn srt(&self) -> String {
        let mut text = String::new();
        for (number, one) in (1..).zip(&self.segments) {
            let (from, until) = (stamp(one.start_ms, ','), stamp(one.end_ms, ','));
            let _written = write!(text, "{number}\n{from} --> {until}\n{}\n\n", one.text);
        }
        text
    }

    /// Returns it as a subtitle file of the kind `WebVTT`.
    pub fn vtt(&self) -> String {
        let mut text = String::from("WEBVTT\n\n");
        for one in &self.segments {
            let (from, until) = (stamp(one.start_ms, '.'), stamp(one.end_ms, '.'));
            // What would be a tag or an arrow.
            let words = one
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let _written = write!(text, "{from} --> {until}\n{words}\n\n");
        }
        text
    }
}

fn stamp(ms: i64, point: char) -> String {
    format!("{}{point}{:03}", human::clock(ms), ms.max(0) % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_written_as_subtitles() {
        let spoken = |start_ms, language: &str, text: &str| Spoken {
            start_ms,
            end_ms: start_ms + 1_500,
            language: Some(language.into()),
            text: text.into(),
            words: Vec::new(),
        };
        let transcript = Transcript {
            model: "tiny".into(),
            is_complete: true,
            segments: vec![
                spoken(1_000, "en", "Ask not"),
                spoken(3_723_004, "de", "<i> & --> so"),
                spoken(3_724_000, "en", "what"),
            ],
        };
        assert_eq!(transcript.languages(), ["en", "de"]);
        assert_eq!(
            transcript.lines(),
            "00:00:01 Ask not\n01:02:03 <i> & --> so\n01:02:04 what\n"
        );
        assert!(
            transcript
                .srt()
                .starts_with("1\n00:00:01,000 --> 00:00:02,500\nAsk not\n\n2\n")
        );
        assert!(
            transcript
                .vtt()
                .contains("01:02:03.004 --> 01:02:04.504\n&lt;i&gt; &amp; --&gt; so\n\n")
        );
    }
}
