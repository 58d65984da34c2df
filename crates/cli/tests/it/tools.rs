//! `tools` and `diagnose`, with scripts in place of tools.

use std::path::PathBuf;

use serde_json::{Value, json};
use videocatalog_testkit::program;

use crate::lab::{Lab, Ran, finish, write};

/// A lab whose `PATH` is a folder of its own.
struct Machine {
    lab: Lab,
}

impl Machine {
    fn new() -> Self {
        Self {
            lab: Lab::with_files(),
        }
    }

    fn script(&self, place: &str, text: &str) -> PathBuf {
        let path = self.lab.base().join(place);
        program::script(&path, text).unwrap();
        path
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.lab.command();
        command
            .env("PATH", self.lab.base().join("path"))
            .args(arguments);
        finish(command)
    }

    fn ok(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran
    }

    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        ran.stderr
    }

    fn tool(&self, name: &str) -> Value {
        let list = self.ok(&["tools", "list", "--json"]).json();
        let found = list.as_array().unwrap().iter();
        found
            .clone()
            .find(|tool| tool["name"] == name)
            .unwrap()
            .clone()
    }
}

#[test]
fn tools_are_listed_located_and_rechecked() {
    let machine = Machine::new();
    assert_eq!(machine.tool("fpcalc")["state"], "missing");
    let said = machine.fails(3, &["tools", "recheck", "fpcalc"]);
    assert!(said.contains("Tool missing: fpcalc — "), "{said}");
    let place = machine.script("there/fpcalc", "echo fpcalc version 1.5.1");
    let located = machine
        .ok(&["tools", "locate", "fpcalc", "there", "--json"])
        .json();
    assert_eq!(located["path"], place.to_str().unwrap());
    assert_eq!(located["version"], "1.5.1");
    machine.ok(&["tools", "recheck", "fpcalc"]);
    let tool = machine.tool("fpcalc");
    assert_eq!(
        (&tool["state"], &tool["source"]),
        (&json!("found"), &json!("setting `tools.fpcalc.path`"))
    );
    let table = machine.ok(&["tools"]).stdout;
    assert!(table.starts_with("TOOL "), "{table}");
    assert!(table.contains("ffmpeg: without it pictures"), "{table}");
    let said = machine.fails(2, &["tools", "locate", "fpcalc", "nowhere"]);
    assert!(
        said.contains("does not exist") && said.contains("hint: "),
        "{said}"
    );
    let said = machine.fails(2, &["tools", "locate", "vlc", "there"]);
    assert!(
        said.contains("ffmpeg") && said.contains("smartctl"),
        "{said}"
    );
}

#[test]
fn a_configured_path_that_does_not_work_is_told() {
    let machine = Machine::new();
    machine.script("path/mediainfo", "echo MediaInfoLib - v23.04");
    machine.ok(&["settings", "set", "tools.mediainfo.path", "gone"]);
    let tool = machine.tool("mediainfo");
    assert_eq!(tool["state"], "found", "another one is");
    assert_eq!(
        tool["failed_settings"],
        json!([{"setting": "tools.mediainfo.path", "path": "gone"}])
    );
    let said = machine.ok(&["diagnose"]).stdout;
    assert!(
        said.contains("mediainfo: setting `tools.mediainfo.path`: `")
            && said.contains("gone`: does not exist"),
        "{said}"
    );
}

#[test]
fn installing_shows_the_command_and_wants_a_word() {
    let machine = Machine::new();
    let installed = machine.lab.base().join("path/mediainfo");
    machine.script(
        "path/apt-get",
        &format!(
            "echo \"ran: $*\"; [ \"$1\" = install ] && /bin/cp '{}' '{}'",
            machine
                .script("spare", "echo MediaInfoLib - v24.1")
                .display(),
            installed.display()
        ),
    );
    machine.script("path/sudo", "[ \"$1\" = -n ] && shift; exec \"$@\"");
    if !cfg!(target_os = "linux") {
        return;
    }
    let said = machine.fails(2, &["tools", "install", "mediainfo"]);
    assert!(said.contains("This will be run: "), "{said}");
    assert!(said.contains("apt-get install -y mediainfo\n"), "{said}");
    assert!(said.contains("hint: say `--yes`"), "{said}");
    assert!(!installed.exists());
    let ran = machine.ok(&["tools", "install", "mediainfo", "--yes", "--json"]);
    assert!(ran.stderr.contains("ran: install -y mediainfo"), "{ran:?}");
    assert_eq!(ran.json()["path"], installed.to_str().unwrap());
    assert_eq!(
        machine.tool("mediainfo")["source"],
        "setting `tools.mediainfo.path`",
        "remembered"
    );
    let ran = machine.ok(&["tools", "install", "mediainfo"]);
    assert!(ran.stderr.contains("there already"), "{ran:?}");
    let said = machine.fails(3, &["tools", "install", "tmk", "--yes"]);
    assert!(said.contains("--portable FOLDER"), "{said}");
}

#[test]
fn an_installer_that_fails_is_3() {
    let machine = Machine::new();
    if !cfg!(target_os = "linux") {
        return;
    }
    machine.script("path/apt-get", "echo no network >&2; exit 100");
    machine.script("path/sudo", "[ \"$1\" = -n ] && shift; exec \"$@\"");
    let said = machine.fails(3, &["tools", "install", "mediainfo", "--yes"]);
    assert!(
        said.contains("no network") && said.contains("apt-get update` failed"),
        "{said}"
    );
}

#[test]
fn a_portable_copy_is_made_and_used() {
    let machine = Machine::new();
    machine.script("from/bin/ffmpeg", "echo ffmpeg version 7.1");
    machine.script("from/bin/ffprobe", "echo ffprobe version 7.1");
    machine.script("from/lib/libavutil.so.59", "");
    let copied = machine
        .ok(&["tools", "install", "ffmpeg", "--portable", "from", "--json"])
        .json();
    let bin = machine.lab.home.join("bin/ffmpeg");
    assert_eq!(copied["path"], bin.join("bin/ffmpeg").to_str().unwrap());
    assert!(bin.join("lib/libavutil.so.59").exists());
    assert_eq!(machine.tool("ffprobe")["source"], "beside ffmpeg");
    let said = machine.fails(2, &["tools", "install", "smartctl", "--portable", "from"]);
    assert!(said.contains("holds no `smartctl`"), "{said}");
}

#[test]
fn diagnosis_sees_databases_and_changes_nothing() {
    let machine = Machine::new();
    let document = machine.ok(&["diagnose", "--json"]).json();
    assert_eq!(document["databases"][0]["state"], "missing");
    assert!(!machine.lab.home.join("data/catalog.db").exists());
    assert_eq!(document["ffmpeg"], Value::Null);
    machine.lab.scan(&[]);
    write(
        &machine.lab.home,
        "data/shards/odd.db",
        b"no database at all, but long enough to be one",
    );
    machine.script(
        "path/ffmpeg",
        "case \"$*\" in *-hwaccels) printf 'M:\\nvaapi\\n';; *) echo ffmpeg version 6.0;; esac",
    );
    let document = machine.ok(&["diagnose", "--json"]).json();
    let states: Vec<&Value> = document["databases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["state"])
        .collect();
    assert_eq!(states, ["current", "current", "unreadable"]);
    assert_eq!(document["ffmpeg"]["hwaccels"], json!(["vaapi"]));
    assert!(
        document["working_directory"]["free_bytes"]
            .as_u64()
            .unwrap()
            > 0
    );
    assert_eq!(document["tools"].as_array().unwrap().len(), 7);
    let page = machine.ok(&["diagnose"]).stdout;
    for part in [
        "TOOL ",
        "FFMPEG",
        "WORKING DIRECTORY",
        "DATABASE",
        "cannot be read",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn the_health_of_disks_is_shown() {
    let machine = Machine::new();
    let lab = &machine.lab;
    lab.scan(&[]);
    let shown = lab.ok(&["drives", "--json", "show", "Test"]).json();
    let uid = shown["drive_uid"].as_str().unwrap().to_owned();
    let catalog = rusqlite::Connection::open(lab.home.join("data/catalog.db")).unwrap();
    catalog.execute("DELETE FROM drive_health", []).unwrap();
    for (utc, reallocated) in [("2026-01-01T00:00:00Z", 2), ("2026-02-01T00:00:00Z", 8)] {
        catalog
            .execute(
                "INSERT INTO drive_health(drive_uid, utc, status, temperature_c, reallocated, reasons, device)
                 VALUES(?1, ?2, 'Warning', 40, ?3, '[\"sectors were replaced\"]', '/dev/sda')",
                rusqlite::params![uid, utc, reallocated],
            )
            .unwrap();
    }
    let page = lab.ok(&["drives", "show", "Test"]).stdout;
    assert!(
        page.contains(
            "health         Warning (/dev/sda, 2026-02-01T00:00:00Z): sectors were replaced"
        ),
        "{page}"
    );
    assert!(page.contains("reallocated 2 → 8"), "{page}");
    let shown = lab.ok(&["drives", "--json", "show", "Test"]).json();
    assert_eq!(shown["health"]["latest"][0]["reallocated"], 8);
    assert_eq!(shown["health"]["history"].as_array().unwrap().len(), 2);
}
