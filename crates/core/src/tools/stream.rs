//! Runs a program whose output is used while it runs: decoded frames, long checks, installers.
//!
//! Whatever ends the run early (time, the user, the receiver who has enough), the program and all it started are killed
//! before the call returns.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::process::{await_exit, kill, make_gentle, spawn, spawn_attached, terminate};
use super::run::{OUTPUT_LIMIT, ToolError};
use crate::cancel::CancelToken;

/// Bytes handed on at once.
const CHUNK: usize = 64 * 1024;

/// Chunks that may wait for the receiver: enough to keep both sides busy, little enough to stay out of the memory.
const CHUNKS_AHEAD: usize = 4;

/// How soon the wish to stop and the end of the time are noticed.
const TICK: Duration = Duration::from_millis(50);

/// How long an installer may take to end after it was asked to.
const TERMINATE_GRACE: Duration = Duration::from_secs(5);

/// What holds for a streaming run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest it may take; [`Duration::MAX`] for as long as it likes.
    pub timeout: Duration,
    /// Ends it when cancelled.
    pub cancel: CancelToken,
    /// Whether it lets other programs go first.
    pub is_gentle: bool,
}

/// What a streaming run left.
#[derive(Debug)]
pub struct Streamed {
    /// How the program ended; `None` if the receiver had enough before that.
    pub status: Option<ExitStatus>,
    /// The first [`OUTPUT_LIMIT`] bytes of its standard error, unless they were handed on.
    pub stderr: Vec<u8>,
    /// Whether there was more on standard error.
    pub truncated: bool,
    /// Bytes that were handed on.
    pub bytes: u64,
}

/// Why a streaming run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It did not start, took too long, or was lost sight of.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The user stopped it.
    #[error("`{}` was stopped", program.display())]
    Cancelled {
        /// The program.
        program: PathBuf,
    },
}

/// Which of a program's two outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Stdout,
    Stderr,
}

type Piece = (Source, io::Result<Vec<u8>>);

/// Runs a program and hands its standard output on while it comes; standard error is kept, up to a cap.
///
/// # Errors
/// [`StreamError`]; a program that ran and failed is no error, see [`Streamed::status`].
pub fn run_streaming<I, S>(
    program: &Path,
    args: I,
    limits: &Limits,
    mut on_stdout: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Streamed, StreamError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let (mut stderr, mut truncated, mut bytes) = (Vec::new(), false, 0_u64);
    let status = follow(program, args, limits, |source, chunk| match source {
        Source::Stdout => {
            bytes = bytes.saturating_add(chunk.len() as u64);
            on_stdout(chunk)
        }
        Source::Stderr => {
            let room = OUTPUT_LIMIT.saturating_sub(stderr.len());
            let kept = chunk.get(..room.min(chunk.len())).unwrap_or_default();
            stderr.extend_from_slice(kept);
            truncated |= kept.len() < chunk.len();
            ControlFlow::Continue(())
        }
    })?;
    Ok(Streamed {
        status,
        stderr,
        truncated,
        bytes,
    })
}

/// Runs a program and hands both its outputs on as they come, mixed.
///
/// # Errors
/// As [`run_streaming`].
pub fn run_showing<I, S>(
    program: &Path,
    args: I,
    limits: &Limits,
    on_output: &mut dyn FnMut(&[u8]),
) -> Result<Streamed, StreamError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut bytes = 0_u64;
    let status = follow(program, args, limits, |_, chunk| {
        bytes = bytes.saturating_add(chunk.len() as u64);
        on_output(chunk);
        ControlFlow::Continue(())
    })?;
    Ok(Streamed {
        status,
        stderr: Vec::new(),
        truncated: false,
        bytes,
    })
}

/// Runs a program at the user's terminal, where it may ask him something; it prints to standard error.
///
/// # Errors
/// As [`run_streaming`].
pub fn run_attached<I, S>(
    program: &Path,
    args: I,
    cancel: &CancelToken,
) -> Result<ExitStatus, StreamError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut child = spawn_attached(program, args)?;
    loop {
        match await_exit(&mut child, Instant::now().checked_add(TICK)) {
            Ok(status) => return Ok(status),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(source) => {
                terminate(&mut child, TERMINATE_GRACE);
                return Err(lost(program, source));
            }
        }
        if cancel.is_cancelled() {
            terminate(&mut child, TERMINATE_GRACE);
            return Err(cancelled(program));
        }
    }
}

fn follow<I, S>(
    program: &Path,
    args: I,
    limits: &Limits,
    mut take: impl FnMut(Source, &[u8]) -> ControlFlow<()>,
) -> Result<Option<ExitStatus>, StreamError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let deadline = Instant::now().checked_add(limits.timeout);
    let mut child = spawn(program, args)?;
    if limits.is_gentle {
        make_gentle(&child);
    }
    let ended = read_pipes(&mut child)
        .map_err(|source| lost(program, source))
        .and_then(|pieces| {
            let flow = receive(program, &pieces, limits, deadline, &mut take)?;
            if flow.is_break() {
                return Ok(None);
            }
            wait(program, &mut child, limits, deadline).map(Some)
        });
    if !matches!(ended, Ok(Some(_))) {
        kill(&mut child);
    }
    ended
}

/// Hands on what comes until both pipes are closed.
fn receive(
    program: &Path,
    pieces: &Receiver<Piece>,
    limits: &Limits,
    deadline: Option<Instant>,
    take: &mut impl FnMut(Source, &[u8]) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StreamError> {
    loop {
        let received = pieces.recv_timeout(TICK);
        check(program, limits, deadline)?;
        match received {
            Ok((source, chunk)) => {
                let chunk = chunk.map_err(|source| lost(program, source))?;
                if take(source, &chunk).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(ControlFlow::Continue(())),
        }
    }
}

/// Waits for the end of a program that has closed its output.
fn wait(
    program: &Path,
    child: &mut Child,
    limits: &Limits,
    deadline: Option<Instant>,
) -> Result<ExitStatus, StreamError> {
    loop {
        match await_exit(child, Instant::now().checked_add(TICK)) {
            Ok(status) => return Ok(status),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                check(program, limits, deadline)?;
            }
            Err(source) => return Err(lost(program, source)),
        }
    }
}

fn check(program: &Path, limits: &Limits, deadline: Option<Instant>) -> Result<(), StreamError> {
    if limits.cancel.is_cancelled() {
        return Err(cancelled(program));
    }
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return Err(StreamError::Tool(ToolError::Timeout {
            program: program.to_path_buf(),
            timeout: limits.timeout,
        }));
    }
    Ok(())
}

fn cancelled(program: &Path) -> StreamError {
    StreamError::Cancelled {
        program: program.to_path_buf(),
    }
}

fn lost(program: &Path, source: io::Error) -> StreamError {
    StreamError::Tool(ToolError::Wait {
        program: program.to_path_buf(),
        source,
    })
}

/// Reads both pipes on threads of their own, which end with the pipes, or with the receiver.
fn read_pipes(child: &mut Child) -> io::Result<Receiver<Piece>> {
    let (sender, receiver) = bounded(CHUNKS_AHEAD);
    if let Some(pipe) = child.stdout.take() {
        read_pipe("tool-stdout", Source::Stdout, pipe, sender.clone())?;
    }
    if let Some(pipe) = child.stderr.take() {
        read_pipe("tool-stderr", Source::Stderr, pipe, sender)?;
    }
    Ok(receiver)
}

fn read_pipe(
    name: &str,
    source: Source,
    mut pipe: impl Read + Send + 'static,
    sender: Sender<Piece>,
) -> io::Result<()> {
    let reader = move || {
        let mut buffer = vec![0; CHUNK];
        loop {
            let piece = match pipe.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => Ok(buffer.get(..length).unwrap_or_default().to_vec()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            if sender.send((source, piece)).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(reader)
        .map(drop)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn limits(timeout: Duration) -> Limits {
        Limits {
            timeout,
            cancel: CancelToken::new(),
            is_gentle: false,
        }
    }

    fn sh(
        script: &str,
        limits: &Limits,
        take: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<Streamed, StreamError> {
        run_streaming(Path::new("/bin/sh"), ["-c", script], limits, take)
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn output_comes_whole_and_errors_are_kept() {
        let mut seen = 0_u64;
        let ran = sh(
            "head -c 5000000 /dev/zero; echo oops >&2; exit 4",
            &limits(LONG),
            |chunk| {
                seen += chunk.len() as u64;
                ControlFlow::Continue(())
            },
        )
        .unwrap();
        assert_eq!((seen, ran.bytes), (5_000_000, 5_000_000));
        assert_eq!(ran.status.and_then(|status| status.code()), Some(4));
        assert_eq!(ran.stderr, b"oops\n");
        assert!(!ran.truncated);
    }

    #[test]
    fn a_flood_of_errors_is_cut() {
        let ran = sh("head -c 3000000 /dev/zero >&2", &limits(LONG), |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(ran.stderr.len(), OUTPUT_LIMIT);
        assert!(ran.truncated);
    }

    #[test]
    fn who_has_enough_ends_it() {
        let ran = sh("cat /dev/zero", &limits(LONG), |_| ControlFlow::Break(())).unwrap();
        assert!(ran.status.is_none());
    }

    #[test]
    fn time_and_the_user_end_it_with_its_children() {
        let began = Instant::now();
        let short = limits(Duration::from_millis(80));
        let error = sh("sleep 100 & sleep 100", &short, |_| {
            ControlFlow::Continue(())
        })
        .unwrap_err();
        assert!(
            matches!(error, StreamError::Tool(ToolError::Timeout { .. })),
            "{error}"
        );
        let limits = limits(LONG);
        let cancel = limits.cancel.clone();
        let error = sh("echo begun; exec sleep 100", &limits, |_| {
            cancel.cancel();
            ControlFlow::Continue(())
        })
        .unwrap_err();
        assert!(matches!(error, StreamError::Cancelled { .. }), "{error}");
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_closes_its_output_and_stays_is_ended() {
        let short = limits(Duration::from_millis(80));
        let error = sh("exec >/dev/null 2>/dev/null; sleep 100", &short, |_| {
            ControlFlow::Continue(())
        });
        assert!(matches!(
            error,
            Err(StreamError::Tool(ToolError::Timeout { .. }))
        ));
    }

    #[test]
    fn gentle_programs_are_nice() {
        let mut limits = limits(LONG);
        limits.is_gentle = true;
        let mut text = Vec::new();
        // It is set right after the start, so the shell waits for it.
        let script = "while [ $(nice) -lt 10 ]; do :; done; echo gentle";
        sh(script, &limits, |chunk| {
            text.extend_from_slice(chunk);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(text, b"gentle\n");
    }

    #[test]
    fn both_outputs_are_shown() {
        let mut shown = Vec::new();
        run_showing(
            Path::new("/bin/sh"),
            ["-c", "echo a; echo b >&2"],
            &limits(LONG),
            &mut |chunk| shown.extend_from_slice(chunk),
        )
        .unwrap();
        shown.sort_unstable();
        assert_eq!(shown, b"\n\nab");
    }
}
