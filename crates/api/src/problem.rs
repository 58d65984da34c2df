//! What went wrong with a request, and the body that says so: the documented `{"error": …}` with the members of RFC 9457.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use videocatalog_core::catalog::store::StoreError;
use videocatalog_core::catalog::{OpenError, is_damage};

/// Why a request has no other answer. [`body`](Problem::body) makes the answer of it, once the request's id is known.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    text: String,
    hint: Option<String>,
    details: Vec<Detail>,
}

/// What every failed request is answered with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// What is wrong, for people.
    error: String,
    /// The parameters that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Always `about:blank`: the status says it all.
    r#type: &'static str,
    /// The name of the status.
    title: &'static str,
    /// The status.
    status: u16,
    /// The same as `error`.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// The number of the request, as in the log.
    request_id: String,
}

/// A parameter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Detail {
    /// What kind of mistake it is.
    pub(crate) r#type: &'static str,
    /// `query`, and the parameter's name.
    pub(crate) loc: [String; 2],
    /// The mistake in words.
    pub(crate) msg: String,
    /// What was given.
    pub(crate) input: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            hint: None,
            details: Vec::new(),
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into()).filter(|hint: &String| !hint.is_empty());
        self
    }

    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub(crate) fn parameters(details: Vec<Detail>) -> Self {
        Self {
            details,
            ..Self::bad("invalid parameters")
        }
    }

    pub(crate) fn missing(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    pub(crate) fn busy(text: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, text).hint("ask again in a moment")
    }

    /// Returns what is wrong.
    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    /// Returns the body that tells of it.
    pub(crate) fn body(self, instance: &str, request_id: &str) -> ErrorBody {
        ErrorBody {
            detail: self.text.clone(),
            error: self.text,
            details: self.details,
            hint: self.hint,
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("X-API-Key realm=\"VideoCatalog\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        headers
    }
}

impl IntoResponse for Problem {
    /// Returns an answer without a body; [`crate::guard::requests`] writes it.
    fn into_response(self) -> Response {
        let mut response = (self.status, self.headers()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let hint = error.hint();
        let problem = match &error {
            StoreError::NoDrive { .. } => return Self::missing("unknown drive_label").hint(hint),
            StoreError::Open(OpenError::Missing { .. }) => {
                Self::missing("unknown drive_label: nothing is known of that drive's files")
            }
            StoreError::Sqlite { source, .. }
            | StoreError::Open(OpenError::Sqlite { source, .. })
                if !is_damage(source) =>
            {
                Self::busy(error.to_string())
            }
            _ => Self::internal(error.to_string()),
        };
        problem.hint(hint)
    }
}
