//! Whether it works.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::problem::Problem;
use crate::state::Api;

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always true.
    ok: bool,
    /// The version of the program.
    version: &'static str,
    /// The server's time.
    time_utc: String,
}

/// Says that the server works and the key is right
#[utoipa::path(get, path = "/v1/health", responses((status = 200, body = Health)))]
pub(crate) async fn health(State(api): State<Api>) -> Result<Answer, Problem> {
    Answer::json(&Health {
        ok: true,
        version: env!("CARGO_PKG_VERSION"),
        time_utc: api.config.clock.now_utc(),
    })
}
