//! Routes whose part of the program is not built yet: they say so, and are not documented.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::problem::Problem;
use crate::state::Api;

pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/v1/semantic/search", get(semantic))
        .route("/v1/semantic/index", get(semantic).post(semantic))
        .route("/v1/semantic/transcribe", post(transcription))
}

async fn semantic() -> Problem {
    later("semantic search")
}

async fn transcription() -> Problem {
    later("speech recognition")
}

fn later(part: &str) -> Problem {
    let text = format!("this waits for a later part of the program ({part})");
    Problem::new(StatusCode::NOT_IMPLEMENTED, text)
        .hint("`/v1/search` and `/v1/reports` work; `/openapi.json` lists what there is")
}
