//! Around every request: its number, its line in the log, the body of its failure, headers that keep browsers careful.

use std::any::Any;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::state::Api;

/// The header that carries a request's number.
pub(crate) const ID_HEADER: &str = "x-request-id";

/// Nothing here is to be shown inside a page, run, or taken for something else.
const CAREFUL: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) SocketAddr);

/// A request under way; it is logged when this is dropped, however that comes.
struct Logged {
    api: Api,
    began: Instant,
    id: String,
    client: String,
    method: Method,
    path: String,
    status: Option<StatusCode>,
}

impl Drop for Logged {
    fn drop(&mut self) {
        let level = match self.status {
            Some(StatusCode::INTERNAL_SERVER_ERROR) => "ERROR",
            _ => "INFO",
        };
        let status = match &self.status {
            Some(status) => status.as_str(),
            None => "given up",
        };
        let ms = self.began.elapsed().as_secs_f64() * 1e3;
        let Self {
            id,
            client,
            method,
            path,
            ..
        } = self;
        (self.api.config.log)(&format!(
            "[{level}] {method} {path} {status} {ms:.1} ms {client} {id}"
        ));
    }
}

/// Numbers a request, and logs how it ended.
pub(crate) async fn around(State(api): State<Api>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>();
    let mut logged = Logged {
        api,
        began: Instant::now(),
        id: next_id(),
        client: client.map_or_else(|| "-".into(), |Client(address)| address.ip().to_string()),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        status: None,
    };
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let headers = response.headers().clone();
        let body = Json(problem.body(&logged.path, &logged.id));
        response = (response.status(), body).into_response();
        response.headers_mut().extend(headers);
    }
    for (name, value) in CAREFUL {
        // A page has its own policy.
        let headers = response.headers_mut().entry(HeaderName::from_static(name));
        headers.or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&logged.id) {
        response.headers_mut().insert(ID_HEADER, id);
    }
    logged.status = Some(response.status());
    response
}

/// A bug in a route must not cost the connection.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a bug stopped this request; the server goes on").into_response()
}

/// Returns a number that no other request of this or another process is likely to have.
fn next_id() -> String {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let process = PROCESS.get_or_init(|| {
        let random = RandomState::new().build_hasher().finish();
        u32::try_from(random >> 32).unwrap_or_default()
    });
    format!("{process:08x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::state::tests::api;

    async fn bug() -> &'static str {
        panic!("a bug")
    }

    async fn bug_at_work(State(api): State<Api>) -> Result<(), Problem> {
        api.work(|_| panic!("a bug")).await
    }

    #[test]
    fn a_bug_is_a_500_with_a_body() {
        let folder = tempfile::tempdir().unwrap();
        let api = api(folder.path());
        let router = Router::new()
            .route("/bug", get(bug))
            .route("/work", get(bug_at_work))
            .with_state(api.clone())
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(api, around));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        for path in ["/bug", "/work"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let (status, body) = runtime.block_on(async {
                let response = router.clone().oneshot(request).await.unwrap();
                (
                    response.status(),
                    to_bytes(response.into_body(), 10_000).await.unwrap(),
                )
            });
            assert_eq!(status, 500);
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["instance"], path);
            assert!(body["error"].as_str().unwrap().contains("bug"));
        }
    }
}
