//! The page at `/`: files inside the program, which ask the API like any other client. They need no key; what they show does.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::state::Api;

/// Nothing from anywhere else, nothing written into the page itself, nobody else's page around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal $kind:expr, $file:literal;)*) => {
        &[$(File { path: $path, kind: $kind, text: include_str!(concat!("page/", $file)) }),*]
    };
}

struct File {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

static FILES: &[File] = files! {
    "/" HTML, "index.html";
    "/page/style.css" "text/css; charset=utf-8", "style.css";
    "/page/icon.svg" "image/svg+xml", "icon.svg";
    "/page/app.js" SCRIPT, "app.js";
    "/page/api.js" SCRIPT, "api.js";
    "/page/details.js" SCRIPT, "details.js";
    "/page/format.js" SCRIPT, "format.js";
    "/page/list.js" SCRIPT, "list.js";
    "/page/reports.js" SCRIPT, "reports.js";
};

/// Returns the routes of the page's files.
pub(crate) fn routes() -> Router<Api> {
    FILES.iter().fold(Router::new(), |router, file| {
        router.route(
            file.path,
            get(move |asked: HeaderMap| async move { answer(file, &asked) }),
        )
    })
}

fn answer(file: &File, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &blake3::hash(file.text.as_bytes()).to_hex()[..16]);
    let is_known = asked
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known == tag.as_str());
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value))
    };
    set(CONTENT_TYPE, file.kind);
    set(CONTENT_SECURITY_POLICY, POLICY);
    // Asked for again each time, and answered with nothing if it is the same.
    set(CACHE_CONTROL, "no-cache");
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if is_known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, file.text).into_response()
    }
}
