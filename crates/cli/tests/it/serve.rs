//! `serve`: how it begins, where its key comes from, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::lab::{LIMIT, Lab, Ran, texts};

/// A server that was started, and killed if a test forgets it.
struct Served {
    child: Option<Child>,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Served {
    fn start(lab: &Lab, more: &[&str]) -> Self {
        let mut command = lab.command();
        command.args(["serve", "--port", "0"]).args(more);
        Self::of(command)
    }

    /// Starts it and waits until it says where it listens.
    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("API listening on ");
        let url = url.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self {
            child: Some(child),
            stdout,
            url,
        }
    }

    /// Asks, and returns status and document.
    fn get(&self, target: &str, key: &str) -> (u16, Value) {
        let mut response = ureq::get(format!("{}{target}", self.url))
            .config()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .build()
            .header("X-API-Key", key)
            .call()
            .unwrap();
        let body = response.body_mut().read_to_vec().unwrap();
        (
            response.status().as_u16(),
            serde_json::from_slice(&body).unwrap(),
        )
    }

    fn child(&mut self) -> &mut Child {
        self.child.as_mut().unwrap()
    }

    #[cfg(unix)]
    fn signal(&mut self, name: &str) {
        let pid = self.child().id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn end(mut self) -> Ran {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line is all it prints");
        self.child
            .take()
            .unwrap()
            .wait_with_output()
            .unwrap()
            .into()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be gone.
            let _gone = child.kill();
            let _ended = child.wait();
        }
    }
}

#[cfg(unix)]
#[test]
fn it_answers_until_it_is_asked_to_stop() {
    for signal in ["-INT", "-TERM"] {
        let lab = Lab::with_files();
        lab.scan(&[]);
        let mut served = Served::start(&lab, &["--api-key", "k"]);
        assert!(
            served.url.starts_with("http://127.0.0.1:"),
            "{}",
            served.url
        );
        let (status, health) = served.get("/v1/health", "k");
        assert_eq!((status, &health["ok"]), (200, &Value::Bool(true)));
        assert_eq!(served.get("/v1/health", "x").0, 401);
        let (_, found) = served.get("/v1/search?q=brazil", "k");
        assert_eq!(texts(&found["results"], "rel_path"), ["Films/Brazil.mp4"]);
        assert_eq!(found["results"][0]["online"], true);
        served.signal(signal);
        let ran = served.end();
        assert_eq!(ran.code, Some(0), "{signal}: {ran:?}");
        let log = lab.log();
        assert!(log.contains("GET /v1/search 200"), "{log}");
        assert!(log.contains("API stopped"), "{log}");
    }
}

#[test]
fn it_ends_with_the_program_that_started_it() {
    let lab = Lab::new();
    let mut command = lab.command();
    command
        .args(["serve", "--port", "0", "--until-stdin-closes"])
        .stdin(Stdio::piped());
    command.env("VIDEOCATALOG_API_KEY", "k");
    let mut served = Served::of(command);
    assert_eq!(served.get("/v1/health", "k").0, 200);
    let mut stdin = served.child().stdin.take().unwrap();
    stdin.write_all(b"what is said does not matter\n").unwrap();
    assert_eq!(served.get("/v1/health", "k").0, 200);
    drop(stdin);
    assert_eq!(served.end().code, Some(0));
}

#[test]
fn keys_come_from_flag_variable_file_and_settings() {
    let lab = Lab::new();
    lab.ok(&["settings", "set", "api.api_key", "of settings"]);
    let file = lab.base().join("key");
    std::fs::write(&file, "of file\n").unwrap();
    let flag = ["--api-key", "of flag"];
    let file = ["--api-key-file", file.to_str().unwrap()];
    for (arguments, variable, expected) in [
        ([&flag[..], &file].concat(), Some("of variable"), "of flag"),
        (file.to_vec(), Some("of variable"), "of variable"),
        (file.to_vec(), None, "of file"),
        (file.to_vec(), Some(""), "of file"),
        (Vec::new(), None, "of settings"),
    ] {
        let mut command = lab.command();
        command
            .args(["serve", "--port", "0"])
            .args(&arguments)
            .env_remove("VIDEOCATALOG_API_KEY");
        if let Some(variable) = variable {
            command.env("VIDEOCATALOG_API_KEY", variable);
        }
        let served = Served::of(command);
        for key in ["of flag", "of variable", "of file", "of settings"] {
            let status = if key == expected { 200 } else { 401 };
            assert_eq!(
                served.get("/v1/health", key).0,
                status,
                "{arguments:?} {variable:?} {key}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn without_a_key_it_warns_and_refuses_everybody() {
    let lab = Lab::new();
    let mut served = Served::start(&lab, &["--host", "0.0.0.0"]);
    let port = served
        .url
        .strip_prefix("http://0.0.0.0:")
        .unwrap()
        .to_owned();
    served.url = format!("http://127.0.0.1:{port}");
    assert_eq!(served.get("/v1/health", "").0, 401);
    served.signal("-TERM");
    let ran = served.end();
    assert!(ran.stderr.contains("no API key is set"), "{ran:?}");
    assert!(ran.stderr.contains("VIDEOCATALOG_API_KEY"), "{ran:?}");
    assert!(ran.stderr.contains("from other machines"), "{ran:?}");
}

#[test]
fn what_cannot_be_served_is_2_with_a_hint() {
    let lab = Lab::new();
    let served = Served::start(&lab, &["--api-key", "k"]);
    let port = served.url.rsplit(':').next().unwrap();
    let missing = lab.base().join("no file");
    let empty = lab.base().join("empty");
    std::fs::write(&empty, " \n").unwrap();
    for (arguments, said) in [
        (["--port", port], "another port"),
        (["--port", "70000"], "70000"),
        (["--host", "256.256.256.256"], "--host"),
        (["--cors", "no\u{7f}origin"], "origin"),
        (["--api-key-file", missing.to_str().unwrap()], "no file"),
        (["--api-key-file", empty.to_str().unwrap()], "one line"),
    ] {
        let mut command = vec!["serve"];
        if arguments[0] != "--port" {
            command.extend(["--port", "0"]);
        }
        command.extend(arguments);
        let stderr = lab.fails(2, &command);
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn flags_take_the_place_of_settings() {
    let lab = Lab::new();
    lab.ok(&["settings", "set", "api.port", "1"]);
    lab.ok(&["settings", "set", "api.host", "256.256.256.256"]);
    lab.ok(&["settings", "set", "api.default_limit", "2"]);
    lab.ok(&["settings", "set", "api.max_page_size", "3"]);
    let served = Served::start(&lab, &["--host", "localhost", "--api-key", "k"]);
    assert!(
        served.url.starts_with("http://localhost:"),
        "{}",
        served.url
    );
    assert_eq!(served.get("/v1/search", "k").1["limit"], 2);
    assert_eq!(served.get("/v1/search?limit=9", "k").1["limit"], 3);
}

/// The name of the older program has its flags, and does the same.
#[cfg(unix)]
#[test]
fn older_names_work() {
    let lab = Lab::new();
    let arguments = [
        "--port",
        "0",
        "--api-key",
        "k",
        "--cors",
        "http://a",
        "--cors",
        "http://b",
    ];
    for name in ["videocatalog_api", "videocatalog-api"] {
        let link = lab.base().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_videocatalog"), &link).unwrap();
        let mut command = lab.program(&link);
        command.env("VIDEOCATALOG_HOME", &lab.home).args(arguments);
        assert_eq!(Served::of(command).get("/v1/health", "k").0, 200);
    }
    let mut command = lab.command();
    command.arg("api").args(arguments);
    assert_eq!(
        Served::of(command).get("/v1/drives", "k").1["results"],
        serde_json::json!([])
    );
}

/// Names that are no UTF-8 can be asked for by their bytes.
#[cfg(target_os = "linux")]
#[test]
fn files_of_any_name_are_found() {
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::new();
    let name = std::ffi::OsStr::from_bytes(b"bad\xff name\n.mp4");
    std::fs::write(lab.drive.join(name), "x").unwrap();
    lab.scan(&[]);
    let served = Served::start(&lab, &["--api-key", "k"]);
    let (_, listed) = served.get("/v1/inventory?drive_label=Test", "k");
    assert_eq!(
        listed["results"][0]["path_b64"], "YmFk/yBuYW1lCi5tcDQ=",
        "{listed}"
    );
    let (status, file) = served.get("/v1/file?drive_label=Test&path=bad%FF%20name%0A.mp4", "k");
    assert_eq!(status, 200, "{file}");
    assert_eq!(file["file_id"], listed["results"][0]["file_id"]);
}

#[test]
fn it_can_be_killed_and_started_again() {
    let lab = Lab::with_files();
    lab.scan(&[]);
    let mut served = Served::start(&lab, &["--api-key", "k"]);
    assert_eq!(served.get("/v1/search?q=", "k").1["total_estimate"], 5);
    let url = served.url.clone();
    let mut kept = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    kept.write_all(b"GET /v1/search?q=a HTTP/1.1\r\n").unwrap();
    served.child().kill().unwrap();
    served.child().wait().unwrap();
    // The same port, though connections to it were cut.
    let port = url.rsplit(':').next().unwrap();
    let mut command = lab.command();
    command.args(["serve", "--port", port, "--api-key", "k"]);
    let again = Served::of(command);
    assert_eq!(again.url, url);
    assert_eq!(again.get("/v1/search?q=", "k").1["total_estimate"], 5);
    lab.ok(&["maintain", "integrity", "--target", "all"]);
}

#[test]
fn it_answers_while_a_scan_writes() {
    let lab = Lab::new();
    lab.many_files(3_000);
    lab.scan(&["--inventory-only"]);
    let served = Served::start(&lab, &["--api-key", "k"]);
    let total = || {
        served.get("/v1/search?q=&limit=1", "k").1["total_estimate"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(total(), 3_000);
    for number in 0..2_000 {
        lab.file(&format!("new/{number}.mkv"), b"new");
    }
    let mut scan = lab
        .command()
        .args(lab.scan_arguments(&["--batch-files", "10"]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut asked = 0;
    while scan.try_wait().unwrap().is_none() {
        for target in [
            "/v1/search?q=new&limit=500",
            "/v1/inventory?drive_label=Test&limit=500&offset=2800",
            "/v1/stats?drive_label=Test",
            "/v1/reports/overview?drive_label=Test",
            "/v1/reports/heaviest-folders?drive_label=Test",
            "/v1/jobs",
        ] {
            let (status, body) = served.get(target, "k");
            assert_eq!(status, 200, "{target}: {body}");
            asked += 1;
        }
        assert!((3_000..=5_000).contains(&total()));
    }
    assert!(scan.wait().unwrap().success());
    assert!(asked > 0);
    assert_eq!(total(), 5_000);
    let (_, stats) = served.get("/v1/stats?drive_label=Test", "k");
    assert_eq!(stats["totals"]["by_category"]["video"], 5_000);
}

#[test]
fn older_databases_are_taken_over_before_it_listens() {
    let lab = Lab::new();
    crate::legacy::write_databases(&lab);
    let served = Served::start(&lab, &["--api-key", "k"]);
    let (_, drives) = served.get("/v1/drives", "k");
    assert_eq!(texts(&drives["results"], "label"), ["Test", "Window"]);
    let (_, found) = served.get("/v1/search?q=seen+through", "k");
    assert_eq!(
        texts(&found["results"], "path"),
        ["/mnt/window/Films/seen through.mkv"]
    );
    assert!(Path::new(&lab.home).join("backups/sqlite").is_dir());
}
