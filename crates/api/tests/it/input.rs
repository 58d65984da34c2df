//! Requests that make no sense, for every parameter of every documented route.

use serde_json::Value;

use crate::lab::{KEY, Lab, Reply, Served, status};

/// Sound values, so that one parameter at a time is wrong.
fn sound(name: &str) -> &'static str {
    match name {
        "drive_label" => "Media",
        "path" => "Movies/clip.mp4",
        "file_id" => "1",
        _ => "",
    }
}

struct Parameter {
    route: String,
    name: String,
    kind: String,
    /// The others that must be there.
    others: Vec<(String, &'static str)>,
}

impl Parameter {
    fn target(&self, value: &str) -> String {
        let others = self
            .others
            .iter()
            .map(|(name, value)| format!("&{name}={value}"));
        format!(
            "{}?{}={value}{}",
            self.route,
            self.name,
            others.collect::<String>()
        )
    }
}

fn parameters() -> Vec<Parameter> {
    let document: Value = serde_json::from_str(&videocatalog_api::openapi()).unwrap();
    let mut found = Vec::new();
    for (route, item) in document["paths"].as_object().unwrap() {
        let all = item["get"]["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for parameter in &all {
            let name = parameter["name"].as_str().unwrap();
            let others = all
                .iter()
                .filter(|other| other["required"] == true && other["name"] != name)
                .map(|other| other["name"].as_str().unwrap())
                .map(|other| (other.to_owned(), sound(other)));
            found.push(Parameter {
                route: route.clone(),
                name: name.to_owned(),
                kind: parameter["schema"]["type"].as_str().unwrap().to_owned(),
                others: others.collect(),
            });
        }
    }
    assert!(found.len() > 20);
    found
}

fn is_problem(reply: &Reply, status: u16, target: &str) {
    assert_eq!(reply.status, status, "{target}");
    let said = reply.json();
    assert!(said["error"].is_string(), "{target}: {said}");
    assert_eq!(said["status"], status, "{target}: {said}");
}

#[test]
fn malformed_values_are_400() {
    let lab = Lab::new();
    let served = lab.serve();
    for parameter in parameters() {
        for value in ["%zz", "%", "%4"] {
            let target = parameter.target(value);
            let answer = served.raw_get(target.as_bytes());
            assert_eq!(status(&answer), Some(400), "{target}: {answer}");
            assert!(answer.contains("percent_encoding"), "{answer}");
        }
        if parameter.kind == "integer" {
            for value in ["", "x", "1.5", "-1", "1e9", "%00", "0x10", "NaN"] {
                let target = parameter.target(value);
                is_problem(&served.get(&target), 400, &target);
            }
        }
        if parameter.kind != "array" {
            let value = sound(&parameter.name);
            let target = format!("{}&{}={value}", parameter.target(value), parameter.name);
            is_problem(&served.get(&target), 400, &target);
        }
    }
}

#[test]
fn odd_values_are_answered() {
    let lab = Lab::new();
    let served = lab.serve();
    let long = "a".repeat(30_000);
    let deep = "(".repeat(20_000);
    let odd = [
        "%00",
        "%FF%FE",
        "%C3%A9",
        "..%2F..%2Fetc%2Fpasswd",
        "'%20OR%201=1--",
        "%25",
        "_",
        "99999999999999999999",
        "%F0%9F%8E%AC",
        "%0D%0AX-Injected:%20yes",
        "%22",
        "%5C",
        "*",
        "true",
        "null",
        &long,
        &deep,
    ];
    for parameter in parameters() {
        for value in odd {
            let target = parameter.target(value);
            let reply = served.get(&target);
            assert!(
                reply.status < 500,
                "{target}: {}",
                String::from_utf8_lossy(&reply.body)
            );
            assert!(reply.header("x-injected").is_none());
            if reply.status != 304 && reply.header("content-type") == Some("application/json") {
                reply.json();
            }
        }
    }
}

#[test]
fn limits_are_clamped_and_offsets_may_be_huge() {
    let lab = Lab::new();
    let served = lab.serve_with(|config| {
        config.default_limit = 3;
        config.max_page_size = 5;
    });
    let page = |target: &str| {
        let document = served.ok(target).json();
        let rows = document["results"].as_array().unwrap().len();
        (document["limit"].as_u64().unwrap(), rows)
    };
    for (target, limit, rows) in [
        ("/v1/search?q=", 3, 3),
        ("/v1/search?q=&limit=4", 4, 4),
        ("/v1/search?q=&limit=100000", 5, 5),
        ("/v1/search?q=&limit=99999999999999999999999", 5, 5),
        ("/v1/search?q=&offset=1000000", 3, 0),
        ("/v1/jobs?limit=1", 1, 1),
        ("/v1/jobs?offset=99999999999999999999999", 3, 0),
        (
            "/v1/reports/largest-files?drive_label=Media&limit=999",
            5,
            5,
        ),
        (
            "/v1/reports/recent?drive_label=Media&days=99999999999",
            5,
            5,
        ),
    ] {
        assert_eq!(page(target), (limit, rows), "{target}");
    }
    let refused = served.get("/v1/search?q=&offset=1000001").json();
    assert_eq!(refused["details"][0]["type"], "less_than_equal");
}

#[test]
fn mistakes_are_named_all_at_once() {
    let lab = Lab::new();
    let served = lab.serve();
    let said = served.get("/v1/reports/recent?days=x&limit=0").json();
    assert_eq!(said["error"], "invalid parameters");
    let wrong: Vec<&str> = said["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["loc"][1].as_str().unwrap())
        .collect();
    assert_eq!(wrong, ["days", "drive_label", "limit"]);
    let said = served.get("/v1/search?q=size:%3Ebig").json();
    assert_eq!(said["details"][0]["type"], "query");
    assert!(said["hint"].is_string(), "{said}");
}

#[test]
fn methods_and_routes_that_are_not_there() {
    let lab = Lab::new();
    let served = lab.serve();
    let key = [("X-API-Key", KEY)];
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = served.ask(method, "/v1/health", &key);
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.json()["detail"], "Method Not Allowed");
        assert_eq!(reply.header("allow"), Some("GET,HEAD"));
    }
    for target in [
        "/v1/nothing",
        "/v1",
        "/v1/",
        "/v1/health/",
        "//v1/health",
        "/v1/../v1/health",
        "/v1%2Fhealth",
        "/page",
        "/page/../Cargo.toml",
        "/page/nothing.js",
    ] {
        let answer = served.raw_get(target.as_bytes());
        assert_eq!(status(&answer), Some(404), "{target}: {answer}");
        assert!(answer.contains(r#""detail":"Not Found""#), "{answer}");
    }
    let head = served.ask("HEAD", "/v1/drives", &key);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

/// What is no HTTP at all, or is at odds with itself.
#[test]
fn malformed_requests_do_not_hurt() {
    let lab = Lab::new();
    let served = lab.serve();
    let key = format!("Host: localhost\r\nX-API-Key: {KEY}\r\n");
    for request in [
        "\r\n\r\n".to_owned(),
        "GET\r\n\r\n".into(),
        "GET /v1/health HTTP/9.9\r\n\r\n".into(),
        "\u{16}\u{3}\u{1}\0\u{1}\r\n\r\n".into(),
        format!("GET /v1/health\0 HTTP/1.1\r\n{key}\r\n"),
        format!("GET /v1/health HTTP/1.1\r\n{key}Content-Length: -1\r\n\r\n"),
        format!(
            "GET /v1/health HTTP/1.1\r\n{key}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345"
        ),
        format!("GET /v1/health HTTP/1.1\r\n{key}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        format!("POST /v1/semantic/index HTTP/1.1\r\n{key}Content-Length: 99999999999\r\n\r\n"),
        format!("GET /v1/search?q=\u{e9} HTTP/1.1\r\n{key}\r\n"),
    ] {
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        served.raw(request.as_bytes());
        still_answers(&served);
    }
}

fn still_answers(served: &Served) {
    served.ok("/v1/health");
}
