//! Beginning and end.

use std::io::Write;

use videocatalog_api::Server;

use crate::lab::{KEY, Lab, read_all, status};

#[test]
fn the_port_it_says_is_the_real_one() {
    let lab = Lab::new();
    let served = lab.serve();
    assert!(served.url.starts_with("http://127.0.0.1:"));
    assert!(!served.url.ends_with(":0"));
    served.ok("/v1/health");
}

#[test]
fn addresses_of_the_newer_kind_are_in_brackets() {
    let lab = Lab::new();
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("not tested: this machine has no IPv6");
        return;
    }
    for host in ["::1", "[::1]"] {
        let served = lab.serve_with(|config| config.host = host.into());
        assert!(served.url.starts_with("http://[::1]:"), "{}", served.url);
        served.ok("/v1/health");
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let lab = Lab::new();
    let served = lab.serve();
    let port: u16 = served.url.rsplit(':').next().unwrap().parse().unwrap();
    let mut config = None;
    drop(lab.serve_with(|made| config = Some(made.clone())));
    let mut config = config.unwrap();
    config.port = port;
    let error = Server::bind(config.clone()).err().unwrap();
    assert!(error.to_string().contains(&port.to_string()));
    assert!(error.hint().contains("another port"), "{}", error.hint());
    config.port = 0;
    config.cors_origins = vec!["http://a\nb".into()];
    assert!(
        Server::bind(config)
            .err()
            .unwrap()
            .to_string()
            .contains("no origin")
    );
}

#[test]
fn stopping_ends_idle_connections_and_run_returns() {
    let lab = Lab::new();
    let mut served = lab.serve();
    let mut idle = served.connect();
    let mut kept = served.connect();
    let request = format!("GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n");
    kept.write_all(request.as_bytes()).unwrap();
    served.ok("/v1/health");
    served.stop.now();
    assert_eq!(status(&read_all(&mut kept)), Some(200));
    assert_eq!(read_all(&mut idle), "");
    served.thread.take().unwrap().join().unwrap();
    let address = served.url.trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(address).is_err());
}
