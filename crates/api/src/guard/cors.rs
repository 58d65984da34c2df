//! Which web pages may read answers: those of configured origins, and only with GET.

use std::time::Duration;

use axum::http::header::{ETAG, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use super::requests::ID_HEADER;

/// How long a browser may remember that it may ask.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Returns the layer for these origins; `None` if one of them cannot be one.
pub(crate) fn layer(origins: &[String]) -> Result<CorsLayer, &String> {
    let mut allowed = Vec::new();
    for origin in origins {
        let trimmed = origin.trim().trim_end_matches('/');
        allowed.push(HeaderValue::from_str(trimmed).map_err(|_| origin)?);
    }
    let origins = if allowed.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(allowed)
    };
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(AllowMethods::exact(Method::GET))
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([ETAG, RETRY_AFTER, HeaderName::from_static(ID_HEADER)])
        .max_age(REMEMBERED))
}
