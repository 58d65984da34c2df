//! The one place where a process begins and is made to end.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::run::ToolError;

/// How long a killed process may take to disappear before it is left behind. A process inside a system call that the
/// kernel cannot interrupt (a dead disk) survives even a kill.
const KILL_GRACE: Duration = Duration::from_secs(1);

/// The longest pause between two looks at a process that closed its output but has not ended.
const LONGEST_POLL: Duration = Duration::from_millis(20);

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that starts processes"
)]
fn command<I, S>(program: &Path, args: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Starts it, patiently: a program that was just written may still be open for writing in a process that another thread
/// of ours is about to start.
fn start(mut command: Command, program: &Path) -> Result<Child, ToolError> {
    let mut patience = 20;
    loop {
        match command.spawn() {
            Err(busy) if busy.kind() == io::ErrorKind::ExecutableFileBusy && patience > 0 => {
                patience -= 1;
                thread::sleep(LONGEST_POLL);
            }
            started => {
                return started.map_err(|source| ToolError::Start {
                    program: program.to_path_buf(),
                    source,
                });
            }
        }
    }
}

/// Starts a program without input, its output on pipes, in a process group of its own.
pub(super) fn spawn<I, S>(program: &Path, args: I) -> Result<Child, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    spawn_apart(program, args, Stdio::null(), Stdio::piped)
}

/// Starts a program that nobody waits for, without input and output, in a process group of its own.
pub(super) fn spawn_alone<I, S>(program: &Path, args: I) -> Result<Child, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    spawn_apart(program, args, Stdio::null(), Stdio::null)
}

/// Starts a program with input and output on pipes, in a process group of its own.
pub(super) fn spawn_service<I, S>(program: &Path, args: I) -> Result<Child, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    spawn_apart(program, args, Stdio::piped(), Stdio::piped)
}

/// Starts a program in a process group of its own, and without a window of a terminal.
fn spawn_apart<I, S>(
    program: &Path,
    args: I,
    input: Stdio,
    output: fn() -> Stdio,
) -> Result<Child, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = command(program, args);
    command.stdin(input).stdout(output()).stderr(output());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    start(command, program)
}

/// Starts a program at the user's terminal, for those that ask him something, such as a password. It stays in the
/// terminal's process group, for others may not read from it; what it prints goes to standard error.
pub(super) fn spawn_attached<I, S>(program: &Path, args: I) -> Result<Child, ToolError>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = command(program, args);
    command
        .stdin(Stdio::inherit())
        .stdout(Stdio::from(io::stderr()))
        .stderr(Stdio::inherit());
    start(command, program)
}

/// Lets others go first: nice 10 on Unix, best effort. The priority of disk accesses follows it on most Linux
/// schedulers; setting that by itself would need a system call that no safe library offers. On Windows the program runs
/// at normal priority.
pub(super) fn make_gentle(child: &Child) {
    #[cfg(unix)]
    {
        // Whoever is gentler already stays so.
        let own = rustix::process::getpriority_process(None).unwrap_or_default();
        let group = Some(rustix::process::Pid::from_child(child));
        let _as_it_is = rustix::process::setpriority_pgrp(group, own.max(10));
    }
    #[cfg(not(unix))]
    let _as_it_is = child;
}

/// Lets others go before the calling thread and the threads that it starts from now on: nice 10 on Linux, best effort.
/// Elsewhere a priority is the whole process's, and stays as it is.
pub fn make_thread_gentle() {
    #[cfg(target_os = "linux")]
    {
        let own = rustix::process::getpriority_process(None).unwrap_or_default();
        let _as_it_is = rustix::process::setpriority_process(None, own.max(10));
    }
}

/// Waits for a process whose output has ended, which nearly always means that it has ended too.
pub(super) fn await_exit(child: &mut Child, deadline: Option<Instant>) -> io::Result<ExitStatus> {
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_POLL);
    }
}

/// Kills the process and what it started, and collects its end if that comes soon.
pub(super) fn kill(child: &mut Child) {
    // Both fail only for a process that is already gone.
    #[cfg(unix)]
    let _gone = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _gone = child.kill();
    let _late = await_exit(child, Instant::now().checked_add(KILL_GRACE));
}

/// Asks a process that shares the terminal to end, and kills it if it does not within `grace`.
pub(super) fn terminate(child: &mut Child, grace: Duration) {
    #[cfg(unix)]
    let _gone = rustix::process::kill_process(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::TERM,
    );
    #[cfg(not(unix))]
    let _gone = child.kill();
    if await_exit(child, Instant::now().checked_add(grace)).is_err() {
        let _gone = child.kill();
        let _late = await_exit(child, Instant::now().checked_add(KILL_GRACE));
    }
}
