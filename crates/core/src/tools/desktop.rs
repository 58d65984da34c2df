//! Showing files in the system's file manager.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process;
use super::run::{ToolError, run};
use super::search::path_folders;
use crate::environment::{Environment, Platform};

/// The program that asks the desktop's file manager to mark a file.
const ASKS: &str = "gdbus";
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// It is not there.
    #[error("`{}` is not there", path.display())]
    Gone {
        /// What was to be shown.
        path: PathBuf,
    },
    /// No program that shows folders is there.
    #[error("there is no file manager: none of {tried} was found")]
    NoManager {
        /// Programs that were looked for.
        tried: &'static str,
    },
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] ToolError),
}

/// Opens a folder, or the folder of a file with the file marked where the system can. Takes a few seconds at most.
///
/// # Errors
/// When it is not there, or there is no file manager.
pub fn show(path: &Path, environment: &Environment) -> Result<(), ShowError> {
    let Ok(facts) = std::fs::metadata(path) else {
        return Err(ShowError::Gone {
            path: path.to_path_buf(),
        });
    };
    let candidates = commands(path, facts.is_dir(), environment.platform);
    for (program, arguments) in candidates {
        let Some(found) = find(program, environment) else {
            continue;
        };
        if program != ASKS {
            process::spawn_alone(&found, &arguments).map(drop)?;
            return Ok(());
        }
        // It only asks the file manager, which may not be there.
        if run(&found, &arguments, PATIENCE).is_ok_and(|output| output.status.success()) {
            return Ok(());
        }
    }
    Err(ShowError::NoManager {
        tried: match environment.platform {
            Platform::Windows => "explorer",
            Platform::MacOs => "open",
            Platform::Unix => "gdbus and xdg-open",
        },
    })
}

/// Returns what may show it, the best first.
fn commands(
    path: &Path,
    is_folder: bool,
    platform: Platform,
) -> Vec<(&'static str, Vec<OsString>)> {
    let folder = if is_folder {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    let itself = || vec![folder.as_os_str().to_owned()];
    match (platform, is_folder) {
        (Platform::Windows, true) => vec![("explorer.exe", itself())],
        (Platform::Windows, false) => {
            // Explorer reads its command line in its own way: the path is an argument of its own, so that it alone is quoted.
            let marked = vec!["/select,".into(), path.as_os_str().to_owned()];
            vec![("explorer.exe", marked)]
        }
        (Platform::MacOs, true) => vec![("open", itself())],
        (Platform::MacOs, false) => {
            vec![("open", vec!["-R".into(), path.as_os_str().to_owned()])]
        }
        (Platform::Unix, true) => vec![("xdg-open", itself())],
        (Platform::Unix, false) => {
            let marked: Vec<OsString> = [
                "call",
                "--session",
                "--dest=org.freedesktop.FileManager1",
                "--object-path=/org/freedesktop/FileManager1",
                "--method=org.freedesktop.FileManager1.ShowItems",
            ]
            .map(OsString::from)
            .into_iter()
            .chain([OsString::from(format!("['{}']", uri(path))), "".into()])
            .collect();
            vec![(ASKS, marked), ("xdg-open", itself())]
        }
    }
}

/// Returns the address of a file: everything but letters, digits and a few marks is written as its bytes, so that nothing
/// in it means something to whoever takes it apart.
fn uri(path: &Path) -> String {
    let mut text = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(*byte));
            }
            byte => {
                // Writing into a text cannot fail.
                let _written = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

fn find(program: &str, environment: &Environment) -> Option<PathBuf> {
    path_folders(environment)
        .into_iter()
        .map(|folder| folder.join(OsStr::new(program)))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_marked_where_the_system_can() {
        let path = Path::new("/media/films/a 'b'\n.mkv");
        let of = |platform| commands(path, false, platform).remove(0);
        let (program, arguments) = of(Platform::Windows);
        assert_eq!(program, "explorer.exe");
        assert_eq!(arguments, ["/select,", "/media/films/a 'b'\n.mkv"]);
        assert_eq!(of(Platform::MacOs).1[0], "-R");
        let (program, arguments) = of(Platform::Unix);
        assert_eq!(program, "gdbus");
        assert_eq!(arguments[5], "['file:///media/films/a%20%27b%27%0A.mkv']");
        let folder = commands(path, true, Platform::Unix);
        assert_eq!(folder, [("xdg-open", vec![path.as_os_str().to_owned()])]);
    }
}
