//! Answers with their tags: a client that has the newest answer is told so instead of being sent it again.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;

/// Names one answer of one request; a weak one, as compressing changes its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag(String);

impl Tag {
    pub(crate) fn of(parts: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        Self(format!("W/\"{:016x}\"", hasher.finish()))
    }

    /// Returns whether it is among what an `If-None-Match` header names.
    pub(crate) fn is_among(&self, known: Option<&str>) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        known.is_some_and(|known| {
            known
                .split(',')
                .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(&self.0))
        })
    }
}

/// A good answer.
pub(crate) struct Answer {
    tag: Option<Tag>,
    /// `None`: the client has it.
    body: Option<Vec<u8>>,
    content_type: &'static str,
    cache_control: &'static str,
}

impl Answer {
    /// Returns a document that is to be asked for anew each time.
    pub(crate) fn json(document: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(document)
            .map_err(|error| Problem::internal(format!("cannot write JSON: {error}")))?;
        Ok(Self {
            tag: None,
            body: Some(body),
            content_type: "application/json",
            cache_control: "private, no-cache",
        })
    }

    pub(crate) fn picture(webp: Vec<u8>) -> Self {
        Self {
            tag: None,
            body: Some(webp),
            content_type: "image/webp",
            cache_control: "private, max-age=3600",
        }
    }

    pub(crate) fn unchanged(tag: Tag) -> Self {
        Self {
            tag: Some(tag),
            body: None,
            content_type: "application/json",
            cache_control: "private, no-cache",
        }
    }

    pub(crate) fn tagged(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// Names the answer by its bytes, for what does not depend on a drive's version alone; leaves them out if the client
    /// has them.
    pub(crate) fn tagged_by_content(mut self, known: Option<&str>) -> Self {
        let tag = Tag::of(&self.body);
        if tag.is_among(known) {
            self.body = None;
        }
        self.tagged(tag)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let tag: Vec<(HeaderName, String)> =
            self.tag.map(|tag| (ETAG, tag.0)).into_iter().collect();
        let cache = [(CACHE_CONTROL, self.cache_control)];
        let mut response = match self.body {
            Some(body) => ([(CONTENT_TYPE, self.content_type)], cache, body).into_response(),
            None => (StatusCode::NOT_MODIFIED, cache).into_response(),
        };
        for (name, value) in tag {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_lists() {
        let tag = Tag("W/\"1a\"".into());
        for (known, expected) in [
            (None, false),
            (Some("W/\"1a\""), true),
            (Some("\"1a\""), true),
            (Some("\"x\", W/\"1a\" ,\"y\""), true),
            (Some("*"), true),
            (Some("\"1ab\""), false),
            (Some(""), false),
        ] {
            assert_eq!(tag.is_among(known), expected, "{known:?}");
        }
    }
}
