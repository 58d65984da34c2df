//! The key that requests must show.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::state::Api;

/// The header that carries it.
pub(crate) const HEADER: &str = "x-api-key";

/// The server's key. Only its hash is kept: comparing hashes takes the same time wherever two keys differ.
pub(crate) struct Key(Option<blake3::Hash>);

impl Key {
    /// Returns the key; a blank one counts as none.
    pub(crate) fn new(text: Option<&str>) -> Self {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        Self(text.map(|text| blake3::hash(text.as_bytes())))
    }

    /// Says why a request may not pass.
    fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(own) = &self.0 else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "API key not configured on the server.",
            )
            .hint(
                "set one: `videocatalog settings set api.api_key …`, the variable VIDEOCATALOG_API_KEY, or `--api-key-file`",
            ));
        };
        let mut shown = headers.get_all(HEADER).iter();
        let first = shown
            .next()
            .map(|key| blake3::hash(key.as_bytes().trim_ascii()));
        // Two keys are one too many: somebody on the way may have looked at the other.
        if first.as_ref() == Some(own) && shown.next().is_none() {
            Ok(())
        } else {
            Err(
                Problem::new(StatusCode::UNAUTHORIZED, "Invalid or missing API key.")
                    .hint("send the key in the header `X-API-Key`"),
            )
        }
    }
}

/// Lets requests with the key pass.
pub(crate) async fn check(State(api): State<Api>, request: Request, next: Next) -> Response {
    match api.key.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(own: Option<&str>, shown: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for key in shown {
            headers.append(HEADER, key.parse().unwrap());
        }
        Key::new(own).check(&headers).is_ok()
    }

    #[test]
    fn only_the_key_passes() {
        for (own, shown, expected) in [
            (Some("secret"), &["secret"][..], true),
            (Some(" secret\n"), &["secret"], true),
            (Some("secret"), &["\tsecret "], true),
            (Some("secret"), &[], false),
            (Some("secret"), &[""], false),
            (Some("secret"), &["Secret"], false),
            (Some("secret"), &["secret1"], false),
            (Some("secret"), &["secret", "secret"], false),
            (None, &[""], false),
            (None, &["secret"], false),
            (Some(""), &[""], false),
            (Some("  "), &["  "], false),
        ] {
            assert_eq!(passes(own, shown), expected, "{own:?} {shown:?}");
        }
    }
}
