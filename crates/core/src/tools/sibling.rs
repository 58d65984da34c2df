//! Programs of ours: found beside the running one, started to stand on their own or to serve as long as they are wanted.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::process;
use super::run::ToolError;
use crate::environment::{Environment, Platform};

/// How long a service may take to end by itself once nobody wants it.
const GRACE: Duration = Duration::from_secs(2);
/// Lines that wait to be taken; more make the service wait.
const LINES: usize = 256;
/// Bytes of a line that are read; the rest of it is another line.
const LONGEST_LINE: u64 = 1 << 16;

/// Returns where a program of ours is: beside the running one.
pub fn beside(environment: &Environment, name: &str) -> Option<PathBuf> {
    let file = if environment.platform == Platform::Windows {
        format!("{name}.exe")
    } else {
        name.to_owned()
    };
    let path = environment.executable_dir.as_ref()?.join(file);
    path.is_file().then_some(path)
}

/// Starts a program that goes on without this one, and waits for nothing.
///
/// # Errors
/// When it cannot be started.
pub fn start_alone(program: &Path, arguments: &[OsString]) -> Result<(), ToolError> {
    process::spawn_alone(program, arguments).map(drop)
}

/// A program that runs until it is stopped. It is told to stop by the end of its standard input, which also comes when this
/// process is killed.
struct Service {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Service {
    /// Starts it.
    fn start(program: &Path, arguments: &[OsString]) -> Result<Self, ToolError> {
        let mut child = process::spawn_service(program, arguments)?;
        let (said, lines) = sync_channel(LINES);
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|output| Box::new(output) as _),
            child.stderr.take().map(|output| Box::new(output) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let said = said.clone();
            let reader = thread::Builder::new().name("service output".into());
            let started = reader.spawn(move || read_lines(output, &said));
            if let Err(source) = started {
                process::kill(&mut child);
                let program = program.to_path_buf();
                return Err(ToolError::Start { program, source });
            }
        }
        Ok(Self {
            input: child.stdin.take(),
            child,
            lines,
        })
    }

    /// Returns a line that it printed, waiting for one a while.
    fn line(&self, patience: Duration) -> Option<String> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // Its output is closed: it is about to end.
                thread::sleep(patience.min(Duration::from_millis(20)));
                None
            }
        }
    }

    /// Returns how it ended, if it did.
    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Has it end by itself, and ends it if it does not.
    fn stop(mut self) {
        drop(self.input.take());
        let until = Instant::now().checked_add(GRACE);
        if process::await_exit(&mut self.child, until).is_err() {
            process::kill(&mut self.child);
        }
    }
}

fn read_lines(output: Box<dyn Read + Send>, said: &SyncSender<String>) {
    let mut reader = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        let read = reader
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if said.send(text).is_err() {
            return;
        }
    }
}

/// Runs a service until it ends or `is_wanted` says no more, handing on each line; returns how it ended by itself.
///
/// # Errors
/// When it cannot be started.
pub fn serve(
    program: &Path,
    arguments: &[OsString],
    is_wanted: impl Fn() -> bool,
    mut on_line: impl FnMut(&str),
) -> Result<Option<ExitStatus>, ToolError> {
    const TURN: Duration = Duration::from_millis(100);
    let mut service = Service::start(program, arguments)?;
    loop {
        if !is_wanted() {
            service.stop();
            return Ok(None);
        }
        if let Some(line) = service.line(TURN) {
            on_line(&line);
        } else if let Some(status) = service.ended() {
            return Ok(Some(status));
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use videocatalog_testkit::program;

    use super::*;

    fn script(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("service");
        program::script(&path, text).unwrap();
        path
    }

    #[test]
    fn it_ends_with_its_input() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(
            folder.path(),
            "echo ready; echo odd >&2; cat; echo bye > \"$0.bye\"",
        );
        let is_ready = AtomicBool::new(false);
        let began = Instant::now();
        let ended = serve(
            &path,
            &[],
            || !is_ready.load(Ordering::SeqCst),
            |line| is_ready.store(line == "ready", Ordering::SeqCst),
        );
        assert!(ended.unwrap().is_none());
        assert!(began.elapsed() < Duration::from_secs(20));
        assert!(
            folder.path().join("service.bye").exists(),
            "it was not killed"
        );
    }

    #[test]
    fn an_end_of_its_own_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = script(folder.path(), "echo no >&2; exit 4");
        let mut lines = Vec::new();
        let ended = serve(&path, &[], || true, |line| lines.push(line.to_owned()));
        assert_eq!(ended.unwrap().unwrap().code(), Some(4));
        assert_eq!(lines, ["no"]);
    }
}
