//! Small programs that stand in for tools.
//!
//! They are written by a process of their own: a file that is open for writing cannot be started (`ETXTBSY`), and a test that
//! starts a program in another thread carries every descriptor of this process along for a moment.

use std::io;
use std::path::Path;

/// Writes a shell script that can be started, and the folders that lead to it.
///
/// # Errors
/// When it cannot be written.
#[cfg(unix)]
pub fn script(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let text = format!("#!/bin/sh\n{text}\n");
    shell(
        "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"",
        Path::new(&text),
        path,
    )
}

/// Copies a program, so that the copy can be started.
///
/// # Errors
/// When it cannot be copied.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return shell("cp \"$1\" \"$2\"", from, to);
    #[cfg(not(unix))]
    fs_err::copy(from, to).map(drop)
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "a process of its own")]
fn shell(text: &str, from: &Path, to: &Path) -> io::Result<()> {
    let mut command = std::process::Command::new("sh");
    let status = command
        .args(["-c", text, "sh"])
        .arg(from)
        .arg(to)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{}: {status}", to.display())))
    }
}
