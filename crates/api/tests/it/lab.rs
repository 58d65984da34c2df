//! A catalogue with some drives, and a server over it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use videocatalog_api::{Config, Limits, Server, Stop};
use videocatalog_core::catalog::Journal;
use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::clock::TestClock;
use videocatalog_core::duplicates::Thresholds;
use videocatalog_core::settings::Settings;
use videocatalog_core::tools::Toolbox;
use videocatalog_core::workdir::WorkingDir;
use videocatalog_testkit::legacy::{FileRow, InventoryRow, Layout, LegacyDb};

pub(crate) const KEY: &str = "correct horse";

/// 2023-11-14T22:13:20Z.
pub(crate) const NOW_US: i64 = 1_700_000_000_000_000;

/// Nothing that is waited for takes anywhere near as long.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Where `Media` was mounted.
pub(crate) const MOUNT: &str = "/mnt/media/lib";

/// A drive whose label has letters and signs.
pub(crate) const OTHER: &str = "Disk 2 (été)";

/// Files of `Media`: path below the root, bytes, time of change, extension, MIME type, category.
pub(crate) const FILES: [(&str, i64, &str, &str, &str, &str); 12] = [
    (
        "Archives/app.apk",
        140,
        "2021-06-15T12:34:56Z",
        "apk",
        "application/vnd.android.package-archive",
        "executable",
    ),
    (
        "Archives/backup.tar.gz",
        243,
        "2021-06-15T12:34:56Z",
        "gz",
        "application/gzip",
        "archive",
    ),
    (
        "Archives/100%_off.zip",
        99,
        "2021-06-15T12:34:56Z",
        "zip",
        "application/zip",
        "archive",
    ),
    (
        "Movies/Codecs/bars h264.mp4",
        33_834,
        "2021-06-15T12:34:56Z",
        "mp4",
        "video/mp4",
        "video",
    ),
    (
        "Movies/Codecs/bars hevc.mkv",
        40_000,
        "2021-06-15T12:34:56Z",
        "mkv",
        "video/x-matroska",
        "video",
    ),
    (
        "Movies/Re-encodes of chair/exact copy.mp4",
        2_591_827,
        "2021-06-15T12:34:56Z",
        "mp4",
        "video/mp4",
        "video",
    ),
    (
        "Movies/clip.mp4",
        5_000,
        "2021-06-15T12:34:56Z",
        "mp4",
        "video/mp4",
        "video",
    ),
    (
        "Music/song.flac",
        30_000,
        "2021-06-15T12:34:56Z",
        "flac",
        "audio/flac",
        "audio",
    ),
    (
        "Names/new\nline.mp4",
        193_517,
        "2021-06-15T12:34:56Z",
        "mp4",
        "video/mp4",
        "video",
    ),
    (
        "Names/éé.mp4",
        193_517,
        "2021-06-15T12:34:56Z",
        "mp4",
        "video/mp4",
        "video",
    ),
    (
        "Photos/IMG_0001.jpg",
        4_163,
        "2021-07-01T08:00:00Z",
        "jpg",
        "image/jpeg",
        "image",
    ),
    (
        "Times/y2038.txt",
        5,
        "2038-01-19T03:14:08Z",
        "txt",
        "text/plain",
        "document",
    ),
];

pub(crate) struct Lab {
    folder: TempDir,
}

impl Lab {
    /// Two drives that the older program catalogued, taken over.
    pub(crate) fn new() -> Self {
        let lab = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let data = lab.workdir().data();
        let catalog = LegacyDb::create(&data.join("catalog.db"), Layout::Catalog).unwrap();
        for (label, mount, file) in [
            ("Media", MOUNT, "Media"),
            (OTHER, "/mnt/media/lib2", "Disk_2_été"),
        ] {
            catalog.drive(label, mount, "2023-01-01T00:00:00Z").unwrap();
            catalog.job(label, "2023-01-01T00:00:00Z", "Done").unwrap();
            let shard = data.join(format!("shards/{file}.db"));
            let shard = LegacyDb::create(&shard, Layout::DialectA).unwrap();
            shard.drive(label, mount, "2023-01-01T00:00:00Z").unwrap();
            for (name, size, mtime, ext, mime, category) in FILES {
                let path = format!("{mount}/{name}");
                shard
                    .inventory(&inventory_row(
                        label,
                        &path,
                        size,
                        (mtime, ext, mime, category),
                    ))
                    .unwrap();
                let mut row = FileRow::new(label, &path, size);
                row.mtime = Some(mtime.to_owned());
                shard.file(&row).unwrap();
            }
            shard.add_enrichments().unwrap();
            shard.enrich(&format!("{mount}/Movies/clip.mp4")).unwrap();
        }
        drop(lab.catalog());
        lab
    }

    /// Adds so many files to a drive, in a folder of their own.
    pub(crate) fn add_files(&self, label: &str, files: usize) {
        let shard = rusqlite::Connection::open(self.shard(label)).unwrap();
        shard
            .execute_batch(&format!(
                "UPDATE root SET change_id = change_id + 1;
                 INSERT INTO changes SELECT change_id, '2023-11-14T00:00:00Z' FROM root;
                 INSERT INTO folders(path) VALUES('many');
                 INSERT INTO entries(folder_id, name, size_bytes, mtime_us, kind_id, first_change, change_id)
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {files})
                 SELECT (SELECT id FROM folders WHERE path = 'many'), printf('film %06d.mkv', i), i, i * 1000000,
                        (SELECT min(id) FROM kinds), change_id, change_id FROM n, root;"
            ))
            .unwrap();
    }

    pub(crate) fn workdir(&self) -> WorkingDir {
        WorkingDir::new(self.folder.path())
    }

    /// Opens the catalogue for writing, as other programs do.
    pub(crate) fn catalog(&self) -> Catalog {
        let clock = TestClock::at(NOW_US);
        let mut notices = Vec::new();
        Catalog::open(&self.workdir(), None, Journal::Wal, &clock, &mut notices).unwrap()
    }

    pub(crate) fn shard(&self, label: &str) -> PathBuf {
        let catalog = self.catalog();
        catalog.shard_path(&catalog.drive(label).unwrap())
    }

    pub(crate) fn serve(&self) -> Served {
        self.serve_with(|_| ())
    }

    /// Serves with another configuration.
    pub(crate) fn serve_with(&self, change: impl FnOnce(&mut Config)) -> Served {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&lines);
        let mut config = Config {
            workdir: self.workdir(),
            catalog_db: self.workdir().catalog_db(),
            host: "127.0.0.1".into(),
            port: 0,
            api_key: Some(KEY.into()),
            cors_origins: vec!["http://localhost".into()],
            allowed_hosts: vec!["nas.lan".into()],
            default_limit: 100,
            max_page_size: 500,
            thresholds: Thresholds::from_settings(&Settings::default().fingerprints),
            settings: Arc::default(),
            tools: Arc::new(Toolbox::empty()),
            limits: Limits::default(),
            clock: Arc::new(TestClock::at(NOW_US)),
            zone: jiff::tz::TimeZone::UTC,
            log: Arc::new(move |line: &str| log.lock().unwrap().push(line.to_owned())),
        };
        change(&mut config);
        let server = Server::bind(config).unwrap();
        let (url, stop) = (server.url(), server.stop());
        let thread = std::thread::Builder::new()
            .spawn(move || server.run())
            .unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        Served {
            url,
            stop,
            thread: Some(thread),
            agent,
            lines,
        }
    }
}

fn inventory_row(
    label: &str,
    path: &str,
    size: i64,
    kind: (&str, &str, &str, &str),
) -> InventoryRow {
    let (mtime, ext, mime, category) = kind;
    let mut row = InventoryRow::new(label, path, size);
    row.mtime = mtime.into();
    row.ext = Some(ext.into());
    row.mime = Some(mime.into());
    row.category = Some(category.into());
    row
}

/// A server at work; it ends with this.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) stop: Stop,
    pub(crate) thread: Option<JoinHandle<()>>,
    agent: ureq::Agent,
    lines: Arc<Mutex<Vec<String>>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns a field of every result.
    pub(crate) fn results(&self, field: &str) -> Vec<String> {
        let document = self.json();
        let results = document["results"]
            .as_array()
            .unwrap_or_else(|| panic!("{document}"));
        results
            .iter()
            .map(|row| row[field].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Served {
    /// Asks with the key.
    pub(crate) fn get(&self, target: &str) -> Reply {
        self.ask("GET", target, &[("X-API-Key", KEY)])
    }

    /// Asks with the key for what must be there.
    pub(crate) fn ok(&self, target: &str) -> Reply {
        let reply = self.get(target);
        assert_eq!(
            reply.status,
            200,
            "{target}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        reply
    }

    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::reply(self.agent.run(request.body(()).unwrap()).unwrap())
    }

    /// Sends a document, with the key.
    pub(crate) fn post(&self, target: &str, body: &str) -> Reply {
        let request = ureq::http::Request::builder()
            .method("POST")
            .uri(format!("{}{target}", self.url))
            .header("X-API-Key", KEY)
            .header("Content-Type", "application/json");
        Self::reply(self.agent.run(request.body(body).unwrap()).unwrap())
    }

    fn reply(mut response: ureq::http::Response<ureq::Body>) -> Reply {
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends bytes as they are on a connection of their own, and returns everything that comes back.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // The server may have heard enough before all of it was sent.
        let _refused = stream.write_all(request);
        read_all(&mut stream)
    }

    /// Sends a target as it is, with the key.
    pub(crate) fn raw_get(&self, target: &[u8]) -> String {
        let rest = format!(
            " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
        );
        self.raw(&[b"GET ", target, rest.as_bytes()].concat())
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

/// Reads until the other side closes; that it does so rudely is an end too.
pub(crate) fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => bytes.extend(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}"),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the status of an answer that was read as it came.
pub(crate) fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.now();
        if let Some(thread) = self.thread.take() {
            // A panic in it shows in what it did not answer.
            let _ended = thread.join();
        }
    }
}
