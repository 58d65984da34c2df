//! Who may ask, under which name, from which page, and how.

use crate::lab::{KEY, Lab, status};

/// Every documented route, the key's absence noticed before anything else.
const PRIVATE: [&str; 8] = [
    "/v1/health",
    "/v1/drives",
    "/v1/inventory",
    "/v1/search?q=x",
    "/v1/thumb",
    "/v1/semantic/search?q=x",
    "/v1/nothing",
    "/nothing",
];

#[test]
fn nothing_is_told_without_the_key() {
    let lab = Lab::new();
    let served = lab.serve();
    for target in PRIVATE {
        for headers in [
            &[][..],
            &[("X-API-Key", "wrong")],
            &[("X-API-Key", "")],
            &[("Authorization", KEY)],
        ] {
            let reply = served.ask("GET", target, headers);
            assert_eq!(reply.status, 401, "{target} {headers:?}");
            assert_eq!(reply.json()["error"], "Invalid or missing API key.");
            assert!(reply.header("www-authenticate").is_some());
        }
    }
    assert_eq!(served.ask("DELETE", "/v1/health", &[]).status, 401);
    assert_eq!(served.ask("POST", "/v1/semantic/index", &[]).status, 401);
    assert_eq!(
        served
            .ask("GET", "/v1/health", &[("X-API-Key", KEY)])
            .status,
        200
    );
    let twice = [("X-API-Key", KEY), ("X-API-Key", KEY)];
    assert_eq!(served.ask("GET", "/v1/health", &twice).status, 401);
}

#[test]
fn without_a_key_of_its_own_it_refuses_everybody() {
    let lab = Lab::new();
    for own in [None, Some(""), Some(" \n")] {
        let served = lab.serve_with(|config| config.api_key = own.map(str::to_owned));
        for shown in ["", " ", "anything"] {
            let reply = served.ask("GET", "/v1/health", &[("X-API-Key", shown)]);
            assert_eq!(reply.status, 401);
            let said = reply.json();
            assert_eq!(said["error"], "API key not configured on the server.");
            assert!(said["hint"].as_str().unwrap().contains("api.api_key"));
        }
    }
}

#[test]
fn the_contract_is_public() {
    let lab = Lab::new();
    let served = lab.serve();
    let reply = served.ask("GET", "/openapi.json", &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["openapi"], "3.1.0");
    assert_eq!(served.ask("DELETE", "/openapi.json", &[]).status, 405);
}

#[test]
fn names_of_others_are_refused() {
    let lab = Lab::new();
    let served = lab.serve();
    let ask = |host: &str| {
        let request = format!(
            "GET /v1/health HTTP/1.1\r\n{host}X-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
        );
        status(&served.raw(request.as_bytes())).unwrap()
    };
    for (host, expected) in [
        ("Host: 127.0.0.1:1\r\n", 200),
        ("Host: [::1]\r\n", 200),
        ("Host: localhost\r\n", 200),
        ("Host: NAS.lan:8756\r\n", 200),
        ("Host: evil.example\r\n", 403),
        ("Host: evil.example:8756\r\n", 403),
        ("Host: \r\n", 403),
        ("", 400),
        ("Host: localhost\r\nHost: evil.example\r\n", 400),
    ] {
        assert_eq!(ask(host), expected, "{host}");
    }
    let absolute = format!(
        "GET http://evil.example/v1/health HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(status(&served.raw(absolute.as_bytes())), Some(403));
}

#[test]
fn pages_of_configured_origins_may_read() {
    let lab = Lab::new();
    let served = lab.serve();
    let ask = |origin: &str| {
        served.ask(
            "GET",
            "/v1/health",
            &[("X-API-Key", KEY), ("Origin", origin)],
        )
    };
    let own = ask("http://localhost");
    assert_eq!(
        own.header("access-control-allow-origin"),
        Some("http://localhost")
    );
    for origin in [
        "http://evil.example",
        "http://localhost:3000",
        "https://localhost",
        "null",
    ] {
        assert_eq!(
            ask(origin).header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
    let preflight = [
        ("Origin", "http://localhost"),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "x-api-key"),
    ];
    let reply = served.ask("OPTIONS", "/v1/health", &preflight);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-methods"), Some("GET"));
    assert_eq!(
        reply.header("access-control-allow-headers"),
        Some("x-api-key")
    );
    // A page must be able to read that its key is wrong.
    let refused = served.ask("GET", "/v1/health", &[("Origin", "http://localhost")]);
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("http://localhost")
    );
}

#[test]
fn answers_keep_browsers_careful_and_are_numbered() {
    let lab = Lab::new();
    let served = lab.serve();
    for target in ["/v1/health", "/v1/nothing", "/v1/stats"] {
        let reply = served.get(target);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        assert!(
            reply
                .header("content-security-policy")
                .unwrap()
                .contains("default-src 'none'")
        );
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let id = reply.header("x-request-id").unwrap().to_owned();
        let line = served
            .log()
            .into_iter()
            .find(|line| line.ends_with(&id))
            .unwrap();
        assert!(
            line.contains(&format!(" {target} {} ", reply.status)),
            "{line}"
        );
        assert!(line.contains(" 127.0.0.1 "), "{line}");
        if reply.status >= 400 {
            assert_eq!(reply.json()["request_id"], id);
        }
    }
    assert!(served.log().iter().all(|line| !line.contains(KEY)));
}
