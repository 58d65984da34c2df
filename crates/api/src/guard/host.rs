//! Under which name the server was addressed. A web page can have its own name resolve to this machine (DNS rebinding) and
//! would then be of the same origin; it cannot change what the browser puts into `Host`.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;
use crate::state::Api;

/// Lets requests pass that name this server.
pub(crate) async fn check(State(api): State<Api>, request: Request, next: Next) -> Response {
    let config = &api.config;
    let own = std::iter::once(&config.host).chain(&config.allowed_hosts);
    match addressed(&request) {
        Some(host) if is_allowed(host, own) => next.run(request).await,
        Some(host) => {
            let text = format!("this server is not `{host}`");
            Problem::new(StatusCode::FORBIDDEN, text)
                .hint("address it by number or as `localhost`, or add the name to the setting `api.allowed_hosts`")
                .into_response()
        }
        None => Problem::bad("one `Host` header is needed").into_response(),
    }
}

/// Returns the name that a request is for, without a port.
fn addressed(request: &Request) -> Option<&str> {
    let mut headers = request.headers().get_all(HOST).iter();
    let header = headers.next().map(axum::http::HeaderValue::to_str);
    if headers.next().is_some() {
        return None;
    }
    match (request.uri().authority(), header) {
        (Some(authority), _) => Some(without_port(authority.as_str())),
        (None, Some(Ok(host))) => Some(without_port(host)),
        (None, _) => None,
    }
}

fn without_port(host: &str) -> &str {
    let host = host.trim();
    if host.starts_with('[') {
        let end = host.find(']').map_or(host.len(), |end| end + 1);
        return host.get(..end).unwrap_or(host);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn is_allowed<'a>(host: &str, mut own: impl Iterator<Item = &'a String>) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_address = match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok(),
    };
    let is_same =
        |own: &String| !own.is_empty() && own.trim_end_matches('.').eq_ignore_ascii_case(host);
    is_address || host.eq_ignore_ascii_case("localhost") || own.any(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_refused() {
        let own = [
            "nas.lan".to_owned(),
            "Catalog.home.arpa.".to_owned(),
            String::new(),
        ];
        for (host, expected) in [
            ("127.0.0.1:8756", true),
            ("127.0.0.1", true),
            ("192.168.1.9:1", true),
            ("[::1]:8756", true),
            ("[fe80::1]", true),
            ("localhost:8756", true),
            ("LOCALHOST", true),
            ("localhost.", true),
            ("nas.lan:8756", true),
            ("catalog.HOME.arpa", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("nas.lan.evil.example", false),
            ("[evil]", false),
            ("", false),
            (":8756", false),
        ] {
            assert_eq!(
                is_allowed(without_port(host), own.iter()),
                expected,
                "{host}"
            );
        }
    }
}
