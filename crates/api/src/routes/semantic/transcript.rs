//! What was heard in a file.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use videocatalog_core::transcripts;

use crate::answer::Answer;
use crate::parameters::{Asked, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;

/// Which file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfFile {
    /// The drive.
    drive_label: String,
    /// The file's number on its drive.
    #[param(minimum = 0)]
    file_id: i64,
}

impl Read for OfFile {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
            file_id: query.required_id("file_id"),
        }
    }
}

/// What was heard in a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeardTranscript {
    drive_label: String,
    file_id: i64,
    /// With what it was heard.
    model: String,
    /// Whether it was listened to, to its end.
    is_complete: bool,
    /// Its languages, as they are first heard.
    languages: Vec<String>,
    /// What is said, by time.
    segments: Vec<HeardSegment>,
}

/// Words that belong together.
#[derive(Serialize, ToSchema)]
struct HeardSegment {
    /// When they begin, milliseconds from the beginning of the file.
    start_ms: i64,
    /// When they end.
    end_ms: i64,
    language: Option<String>,
    text: String,
    /// Each of them, where the settings ask for that.
    words: Vec<HeardWord>,
}

/// A word.
#[derive(Serialize, ToSchema)]
struct HeardWord {
    /// When it begins, milliseconds from the beginning of the file.
    start_ms: i64,
    /// When it ends.
    end_ms: i64,
    text: String,
}

/// What was heard in a film or recording
#[utoipa::path(get, path = "/v1/semantic/transcript", params(OfFile), responses((status = 200, body = HeardTranscript)))]
pub(crate) async fn transcript(
    State(api): State<Api>,
    asked: Asked<OfFile>,
) -> Result<Answer, Problem> {
    api.of_all(asked, |work, asked| {
        let drive = work.catalog.drive(&asked.drive_label)?;
        let found = transcripts::of_file(work.catalog, &drive, asked.file_id)?;
        let found = found.ok_or_else(|| Problem::missing("transcript not found"))?;
        Ok(HeardTranscript {
            drive_label: drive.label,
            file_id: asked.file_id,
            languages: found.languages().into_iter().map(str::to_owned).collect(),
            model: found.model,
            is_complete: found.is_complete,
            segments: found.segments.into_iter().map(HeardSegment::from).collect(),
        })
    })
    .await
}

impl From<transcripts::Spoken> for HeardSegment {
    fn from(spoken: transcripts::Spoken) -> Self {
        let words = spoken.words.into_iter().map(|word| HeardWord {
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            text: word.text,
        });
        Self {
            start_ms: spoken.start_ms,
            end_ms: spoken.end_ms,
            language: spoken.language,
            text: spoken.text,
            words: words.collect(),
        }
    }
}
