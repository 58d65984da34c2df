//! Runs a program to its end and keeps what it printed.
//!
//! Every process gets no standard input, no console window, a time limit that really ends it, and a cap on what is kept
//! of its output. Nothing here knows what the tools are for; finding them is [`super::Toolbox`]'s business.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::process::{await_exit, kill};

/// Bytes kept of each of standard output and standard error; the rest is read and dropped, so that the tool never
/// stalls on a full pipe.
pub const OUTPUT_LIMIT: usize = 1 << 20;

/// What a tool left behind when it ended by itself.
#[derive(Debug)]
pub struct Output {
    /// How it ended; a failure is the caller's to judge.
    pub status: ExitStatus,
    /// The first [`OUTPUT_LIMIT`] bytes of its standard output.
    pub stdout: Vec<u8>,
    /// The first [`OUTPUT_LIMIT`] bytes of its standard error.
    pub stderr: Vec<u8>,
    /// Whether either stream was longer than what is kept.
    pub truncated: bool,
}

/// Why a tool gave no output.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The program does not exist, may not be run, or the system has no room for another process.
    #[error("`{}` could not be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The program was still running when its time was up, and was killed with everything it had started.
    #[error("`{}` did not finish within {:.1} s", program.display(), timeout.as_secs_f64())]
    Timeout {
        /// The program.
        program: PathBuf,
        /// The time it had.
        timeout: Duration,
    },
    /// The system could not say how the program ended, or its output could not be read.
    #[error("the end of `{}` could not be observed", program.display())]
    Wait {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Runs a program to its end and returns what it printed.
///
/// On Unix the program leads a process group of its own, and the whole group is killed when time is up; on Windows the
/// program alone is.
///
/// # Errors
///
/// [`ToolError`] says whether it did not start, did not end in time, or was lost sight of. A program that ran and failed
/// is no error here: its [`Output::status`] tells.
pub fn run<I, S>(program: &Path, args: I, timeout: Duration) -> Result<Output, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    // A limit too far away to be added to the clock is none.
    let deadline = Instant::now().checked_add(timeout);
    let mut child = super::process::spawn(program, args)?;
    let collected = collect(&mut child, deadline);
    let collected = collected.and_then(|streams| Ok((await_exit(&mut child, deadline)?, streams)));
    match collected {
        Ok((status, [stdout, stderr])) => Ok(Output {
            status,
            truncated: stdout.truncated || stderr.truncated,
            stdout: stdout.kept,
            stderr: stderr.kept,
        }),
        Err(error) => {
            kill(&mut child);
            Err(match error.kind() {
                io::ErrorKind::TimedOut => ToolError::Timeout {
                    program: program.to_path_buf(),
                    timeout,
                },
                _ => ToolError::Wait {
                    program: program.to_path_buf(),
                    source: error,
                },
            })
        }
    }
}

/// The kept beginning of one output stream.
#[derive(Default)]
pub(super) struct Stream {
    pub(super) kept: Vec<u8>,
    pub(super) truncated: bool,
}

/// Reads both streams to their end. The reading threads end with the pipes; they outlive this call only where the
/// process outlives its kill, which nothing can prevent.
fn collect(child: &mut Child, deadline: Option<Instant>) -> io::Result<[Stream; 2]> {
    let (sender, receiver) = crossbeam_channel::bounded(2);
    let mut streams = [Stream::default(), Stream::default()];
    if let Some(pipe) = child.stdout.take() {
        read_in_thread("tool-stdout", 0, pipe, sender.clone())?;
    }
    if let Some(pipe) = child.stderr.take() {
        read_in_thread("tool-stderr", 1, pipe, sender.clone())?;
    }
    drop(sender);
    loop {
        let received = match deadline {
            Some(deadline) => receiver.recv_deadline(deadline),
            None => receiver
                .recv()
                .map_err(|_| crossbeam_channel::RecvTimeoutError::Disconnected),
        };
        match received {
            Ok((index, stream)) => {
                if let Some(slot) = streams.get_mut(index) {
                    *slot = stream?;
                }
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return Ok(streams),
        }
    }
}

fn read_in_thread(
    name: &str,
    index: usize,
    pipe: impl Read + Send + 'static,
    sender: Sender<(usize, io::Result<Stream>)>,
) -> io::Result<()> {
    let reader = move || {
        // A receiver that hung up gave the tool up; there is nobody to tell.
        let _told = sender.send((index, read_bounded(pipe)));
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(reader)
        .map(drop)
}

pub(super) fn read_bounded(mut pipe: impl Read) -> io::Result<Stream> {
    let mut kept = Vec::new();
    let limit = u64::try_from(OUTPUT_LIMIT).unwrap_or(u64::MAX);
    pipe.by_ref().take(limit).read_to_end(&mut kept)?;
    let dropped = io::copy(&mut pipe, &mut io::sink())?;
    Ok(Stream {
        kept,
        truncated: dropped > 0,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn sh(script: &str, timeout: Duration) -> Result<Output, ToolError> {
        run(Path::new("/bin/sh"), ["-c", script], timeout)
    }

    #[test]
    fn output_and_status_come_back() {
        let output = sh("echo out; echo err >&2; exit 3", LONG).unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        assert_eq!(output.status.code(), Some(3));
        assert!(!output.truncated);
    }

    #[test]
    fn standard_input_is_empty() {
        assert_eq!(sh("cat; echo end", LONG).unwrap().stdout, b"end\n");
    }

    #[test]
    fn a_flood_is_cut_and_does_not_stall() {
        let output = sh("head -c 3000000 /dev/zero; echo done >&2", LONG).unwrap();
        assert_eq!(output.stdout.len(), OUTPUT_LIMIT);
        assert!(output.truncated);
        assert_eq!(output.stderr, b"done\n");
    }

    #[test]
    fn time_is_limited_for_children_of_the_tool_too() {
        let started = Instant::now();
        let error = sh("sleep 100 & sleep 100", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, ToolError::Timeout { .. }), "{error}");
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(
            error.to_string(),
            "`/bin/sh` did not finish within 0.1 s",
            "the limit is told"
        );
    }

    #[test]
    fn a_tool_that_closes_its_output_and_stays_is_ended() {
        let error = sh(
            "exec >/dev/null 2>/dev/null; sleep 100",
            Duration::from_millis(50),
        );
        assert!(matches!(error, Err(ToolError::Timeout { .. })));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(Path::new("/nonexistent/tool"), ["x"], LONG).unwrap_err();
        assert!(matches!(error, ToolError::Start { .. }));
        assert_eq!(
            error.to_string(),
            "`/nonexistent/tool` could not be started"
        );
    }

    #[test]
    fn no_limit_at_all_is_possible() {
        assert_eq!(sh("echo x", Duration::MAX).unwrap().stdout, b"x\n");
    }
}
