//! Too much, too slow, too many.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use videocatalog_api::Limits;
use videocatalog_core::clock::Clock;

use crate::lab::{KEY, LIMIT, Lab, NOW_US, read_all, status};

#[test]
fn a_query_of_a_megabyte_is_refused() {
    let lab = Lab::new();
    let served = lab.serve();
    for bytes in [70_000, 1_000_000] {
        let target = format!("/v1/search?q={}", "a".repeat(bytes));
        let answer = served.raw_get(target.as_bytes());
        // Nothing at all where the refusal was lost in what was still being sent.
        assert!(
            matches!(status(&answer), Some(414 | 431) | None),
            "{answer}"
        );
        served.ok("/v1/health");
    }
}

#[test]
fn more_headers_than_anybody_needs_are_refused() {
    let lab = Lab::new();
    let served = lab.serve();
    let headers = "A: b\r\n".repeat(5_000);
    let request =
        format!("GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n{headers}\r\n");
    let answer = served.raw(request.as_bytes());
    assert!(matches!(status(&answer), Some(431) | None), "{answer}");
    served.ok("/v1/health");
}

#[test]
fn who_does_not_say_what_it_wants_is_let_go() {
    let lab = Lab::new();
    let served = lab.serve_with(|config| config.limits.header = Duration::from_millis(200));
    for said in [
        "",
        "G",
        "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    ] {
        let mut stream = served.connect();
        stream.write_all(said.as_bytes()).unwrap();
        // It comes back because the server ends it; the reader waits far longer.
        let answer = read_all(&mut stream);
        assert!(matches!(status(&answer), Some(408) | None), "{answer}");
    }
    served.ok("/v1/health");
}

#[test]
fn a_thousand_idle_connections_are_nothing() {
    let lab = Lab::new();
    let served = lab.serve();
    let idle: Vec<_> = (0..1_000).map(|_| served.connect()).collect();
    for _ in 0..20 {
        served.ok("/v1/search?q=clip");
    }
    drop(idle);
    served.ok("/v1/health");
}

#[test]
fn connections_beyond_the_limit_wait_for_a_slot() {
    let lab = Lab::new();
    let served = lab.serve_with(|config| config.limits.connections = 2);
    let idle = [served.connect(), served.connect()];
    let mut third = served.connect();
    let request = format!(
        "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
    );
    third.write_all(request.as_bytes()).unwrap();
    drop(idle);
    assert_eq!(status(&read_all(&mut third)), Some(200));
}

/// A clock that stands still, with whoever asks it, until it is let go.
struct StuckClock {
    asked: SyncSender<()>,
    let_go: Mutex<Receiver<()>>,
}

impl StuckClock {
    /// Returns a clock, what tells that it was asked, and what lets everybody go when it is dropped.
    fn new() -> (Arc<Self>, Receiver<()>, SyncSender<()>) {
        let (asked, was_asked) = sync_channel(10);
        let (holds, let_go) = sync_channel(0);
        let let_go = Mutex::new(let_go);
        (Arc::new(Self { asked, let_go }), was_asked, holds)
    }
}

impl Clock for StuckClock {
    fn now_us(&self) -> i64 {
        // Nobody may listen any more.
        let _told = self.asked.try_send(());
        let _let_go = self.let_go.lock().unwrap().recv();
        NOW_US
    }
}

#[test]
fn what_takes_too_long_is_503() {
    let lab = Lab::new();
    let (clock, _, holds) = StuckClock::new();
    let served = lab.serve_with(|config| {
        config.clock = clock;
        config.limits.request = Duration::from_millis(50);
        config.limits.at_work = 1;
    });
    // The second does not even get its turn.
    for target in ["/v1/reports/recent?drive_label=Media", "/v1/drives"] {
        let reply = served.get(target);
        assert_eq!(reply.status, 503, "{target}");
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert!(reply.json()["error"].as_str().unwrap().contains("longer"));
    }
    drop(holds);
    assert!((0..1_000).any(|_| served.get("/v1/drives").status == 200));
}

#[test]
fn who_goes_away_is_not_waited_for() {
    let lab = Lab::new();
    let (clock, was_asked, holds) = StuckClock::new();
    let (tell, told) = sync_channel(10);
    let served = lab.serve_with(|config| {
        config.clock = clock;
        config.log = Arc::new(move |line: &str| tell.send(line.to_owned()).unwrap());
    });
    let mut stream = served.connect();
    let request = format!(
        "GET /v1/reports/recent?drive_label=Media HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    was_asked.recv_timeout(LIMIT).unwrap();
    drop(stream);
    let line = told.recv_timeout(LIMIT).unwrap();
    assert!(line.contains("/v1/reports/recent given up"), "{line}");
    drop(holds);
}

#[test]
fn many_at_once_are_all_answered() {
    let lab = Lab::new();
    let served = lab.serve_with(|config| {
        config.limits = Limits {
            at_work: 2,
            ..config.limits
        };
    });
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for target in [
                    "/v1/drives",
                    "/v1/search?q=mp4",
                    "/v1/stats?drive_label=Media",
                ] {
                    served.ok(target);
                }
            });
        }
    });
}

#[test]
fn long_answers_are_compressed_for_who_asks() {
    let lab = Lab::new();
    let served = lab.serve();
    let ask = |accepts: &str| {
        served.ask(
            "GET",
            "/v1/search?q=",
            &[("X-API-Key", KEY), ("Accept-Encoding", accepts)],
        )
    };
    let plain = ask("identity");
    assert_eq!(plain.header("content-encoding"), None);
    let gzip = ask("gzip");
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert!(gzip.body.starts_with(&[0x1f, 0x8b]));
    assert!(gzip.body.len() < plain.body.len() / 2);
    assert_eq!(gzip.header("etag"), plain.header("etag"));
}
