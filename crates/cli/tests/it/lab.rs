//! A working directory, a folder that is scanned, and the program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

/// No command of these tests takes anywhere near as long.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// 2020-09-13T12:26:40Z, what [`Lab::file`] gives its files.
pub(crate) const MODIFIED: &str = "2020-09-13T12:26:40Z";
const MODIFIED_S: u64 = 1_600_000_000;

/// What one run of the program left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the program where it finds ffmpeg.
pub(crate) fn with_tools(lab: &Lab, arguments: &[&str]) -> Ran {
    let mut command = lab.command();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.args(arguments);
    finish(command)
}

pub(crate) struct Lab {
    folder: TempDir,
    pub(crate) home: PathBuf,
    pub(crate) drive: PathBuf,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = std::fs::canonicalize(folder.path()).unwrap();
        let (home, drive) = (base.join("home"), base.join("drive"));
        std::fs::create_dir(&drive).unwrap();
        Self {
            folder,
            home,
            drive,
        }
    }

    /// A lab whose drive has five files: two videos, one song, one document, one of no kind.
    pub(crate) fn with_files() -> Self {
        let lab = Self::new();
        lab.file("Films/Amélie 1080p.mkv", b"film one");
        lab.file("Films/Brazil.mp4", b"film number two");
        lab.file("Music/song.mp3", b"la");
        lab.file("notes.pdf", b"%PDF-1.4 notes");
        lab.file("unknown", b"??");
        lab
    }

    /// The folder around working directory and drive.
    pub(crate) fn base(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        write(&self.drive, name, content)
    }

    /// The files of a drive that takes a while: `count` small ones in folders of fifty.
    pub(crate) fn many_files(&self, count: usize) {
        for number in 0..count {
            self.file(
                &format!("{:03}/{number:05}.mkv", number / 50),
                format!("content {number}").as_bytes(),
            );
        }
    }

    /// Returns the program with the working directory given, in no environment but this lab's.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.program(Path::new(env!("CARGO_BIN_EXE_videocatalog")));
        command.arg("--home").arg(&self.home);
        command
    }

    /// Returns a program in this lab's environment.
    pub(crate) fn program(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.base())
            .env("HOME", self.base())
            // Without the tools of this machine, so that a scan does the same everywhere.
            .env("PATH", self.base().join("no programs"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in [
            "VIDEOCATALOG_HOME",
            "XDG_DATA_HOME",
            "ProgramData",
            "LOCALAPPDATA",
            "NO_COLOR",
            "VIDEOCATALOG_API_KEY",
        ] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        let mut command = self.command();
        command.args(arguments);
        finish(command)
    }

    /// Runs a command that must end well.
    pub(crate) fn ok<S: AsRef<OsStr> + std::fmt::Debug>(&self, arguments: &[S]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran
    }

    /// Runs a command that must fail with that code, and returns what it said.
    pub(crate) fn fails<S: AsRef<OsStr> + std::fmt::Debug>(
        &self,
        code: i32,
        arguments: &[S],
    ) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "a failure is told on stderr");
        ran.stderr
    }

    /// Runs `scan` of the lab's drive as `Test`.
    pub(crate) fn scan(&self, more: &[&str]) -> Ran {
        self.ok(&self.scan_arguments(more))
    }

    pub(crate) fn scan_arguments(&self, more: &[&str]) -> Vec<String> {
        let mount = self.drive.to_str().unwrap();
        ["scan", "--label", "Test", "--mount", mount]
            .iter()
            .chain(more)
            .map(|text| (*text).to_owned())
            .collect()
    }

    /// Runs `search --json`.
    pub(crate) fn search(&self, words: &[&str]) -> Value {
        let mut arguments = vec!["search", "--json", "--sort", "path"];
        arguments.extend(words);
        self.ok(&arguments).json()
    }

    /// Opens the shard of `Test` beside the program.
    pub(crate) fn shard(&self) -> Connection {
        let path = self.home.join("data/shards/Test.db");
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        connection.busy_timeout(LIMIT).unwrap();
        connection
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.join("logs/scanner.log")).unwrap()
    }
}

/// Runs a command to its end, killing it if it never comes.
pub(crate) fn finish(command: Command) -> Ran {
    let mut command = assert_cmd::Command::from_std(command);
    command.timeout(LIMIT).output().unwrap().into()
}

/// Writes a file with a time long past.
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH + Duration::from_secs(MODIFIED_S))
        .unwrap();
    path
}

/// Returns the lines that are JSON objects, parsed; every line must be one.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// Returns an array's objects' field as texts.
pub(crate) fn texts(array: &Value, field: &str) -> Vec<String> {
    array
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value[field].as_str().unwrap().to_owned())
        .collect()
}

/// Returns a file that `scripts/models` fetches; `None`, said aloud, where it was not.
pub(crate) fn fetched(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("VIDEOCATALOG_TEST_MODELS") else {
        eprintln!("skipped: VIDEOCATALOG_TEST_MODELS names no folder, see scripts/models");
        return None;
    };
    Some(Path::new(&folder).join(name).canonicalize().unwrap())
}
