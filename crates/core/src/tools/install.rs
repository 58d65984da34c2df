//! Installing tools with the system's own package manager, when the user asks for it.
//!
//! What would be run is a plain value, so that it can be shown and tested; running it is a separate step. Nothing is
//! downloaded here by ourselves.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde::Serialize;

use super::stream::{Limits, StreamError, run_attached, run_showing};
use super::{Tool, search};
use crate::cancel::CancelToken;
use crate::environment::{Environment, Platform};

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// Windows.
    Winget,
    /// Debian, Ubuntu and their kin.
    AptGet,
    /// Fedora and its kin.
    Dnf,
    /// Arch and its kin.
    Pacman,
    /// openSUSE.
    Zypper,
    /// macOS, and Linux where somebody chose it.
    Brew,
}

impl Manager {
    /// Returns the program's name.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Winget => "winget",
            Self::AptGet => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Brew => "brew",
        }
    }

    /// Returns those of a platform, in the order in which they are looked for.
    const fn of(platform: Platform) -> &'static [Self] {
        match platform {
            Platform::Windows => &[Self::Winget],
            Platform::MacOs => &[Self::Brew],
            Platform::Unix => &[
                Self::AptGet,
                Self::Dnf,
                Self::Pacman,
                Self::Zypper,
                Self::Brew,
            ],
        }
    }

    /// Returns whether it changes the system and so needs its administrator.
    const fn needs_root(self) -> bool {
        matches!(self, Self::AptGet | Self::Dnf | Self::Pacman | Self::Zypper)
    }
}

/// Returns the names of a tool's package; on Windows those that are tried one after the other.
const fn packages(tool: Tool, manager: Manager) -> &'static [&'static str] {
    use Manager::{AptGet, Brew, Dnf, Pacman, Winget, Zypper};
    match (tool, manager) {
        (Tool::Ffmpeg | Tool::Ffprobe, Winget) => &["Gyan.FFmpeg", "FFmpeg.FFmpeg"],
        // Fedora's own repositories have the free build under this name.
        (Tool::Ffmpeg | Tool::Ffprobe, Dnf) => &["ffmpeg-free"],
        (Tool::Ffmpeg | Tool::Ffprobe, _) => &["ffmpeg"],
        (Tool::MediaInfo, Winget) => &["MediaArea.MediaInfo", "MediaInfo.MediaInfo"],
        (Tool::MediaInfo, Brew) => &["media-info"],
        (Tool::MediaInfo, _) => &["mediainfo"],
        (Tool::Smartctl, Winget) => &["smartmontools.smartmontools"],
        (Tool::Smartctl, _) => &["smartmontools"],
        (Tool::Fpcalc, AptGet) => &["libchromaprint-tools"],
        (Tool::Fpcalc, Dnf) => &["chromaprint-tools"],
        (Tool::Fpcalc, Zypper) => &["chromaprint-fpcalc"],
        (Tool::Fpcalc, Pacman | Brew) => &["chromaprint"],
        (Tool::OnnxRuntime, Brew | Dnf) => &["onnxruntime"],
        (Tool::OnnxRuntime, Pacman) => &["onnxruntime-cpu"],
        (Tool::Fpcalc | Tool::OnnxRuntime | Tool::Tmk, _) => &[],
    }
}

/// Returns whether some package manager has the tool.
pub(super) fn is_packaged(tool: Tool) -> bool {
    Manager::of(Platform::current())
        .iter()
        .any(|manager| !packages(tool, *manager).is_empty())
}

/// How the administrator's rights are had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// They are there, or none are needed.
    Own,
    /// By `sudo`; it may ask for a password only where somebody can type one.
    Sudo {
        /// Whether somebody can.
        may_ask: bool,
    },
    /// Not at all; the user has to see to it.
    None,
}

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The program's name, looked for in `PATH`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        for argument in &self.args {
            write!(f, " {argument}")?;
        }
        Ok(())
    }
}

/// Steps that must all succeed; if one does not, the next attempt is made.
pub type Attempt = Vec<Step>;

/// How a tool would be installed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Which tool.
    pub tool: Tool,
    /// By whom.
    pub manager: Manager,
    /// What is tried, in this order, until one succeeds.
    pub attempts: Vec<Attempt>,
}

impl Plan {
    /// Returns what is tried first, as one would type it.
    pub fn command(&self) -> String {
        self.attempts
            .first()
            .map(|steps| typed(steps))
            .unwrap_or_default()
    }
}

/// Returns steps as one would type them.
pub fn typed(steps: &[Step]) -> String {
    let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
    steps.join(" && ")
}

/// Returns the command that installs a tool here, or the page to get it from.
pub fn how_to_get(tool: Tool, environment: &Environment) -> String {
    match plan(tool, environment, true) {
        Ok(plan) => plan.command(),
        Err(InstallError::NeedsRoot { command }) => format!("{command} (as root)"),
        Err(_) => tool.home_page().to_owned(),
    }
}

/// Why a tool cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// No package manager that has it is there.
    #[error("no package manager here has {}", tool.name())]
    NoPackage {
        /// The tool.
        tool: Tool,
    },
    /// The administrator's rights are needed.
    #[error("installing needs the administrator's rights: `{command}`")]
    NeedsRoot {
        /// What the administrator would run.
        command: String,
    },
    /// Every attempt failed.
    #[error("`{command}` failed{}", detail)]
    Failed {
        /// The last command.
        command: String,
        /// How, with a colon before it.
        detail: String,
    },
    /// The user stopped it.
    #[error("the installation was stopped")]
    Cancelled,
}

impl InstallError {
    /// Returns what to do about it.
    pub fn hint(&self, tool: Tool) -> String {
        let name = tool.name();
        match self {
            Self::NoPackage { .. } | Self::Failed { .. } => format!(
                "get it from {}, then `videocatalog tools install {name} --portable FOLDER` or `videocatalog tools locate {name} PATH`",
                tool.home_page()
            ),
            Self::NeedsRoot { .. } => "run that as root, then `videocatalog tools recheck`".into(),
            Self::Cancelled => String::new(),
        }
    }
}

/// Returns how a tool is installed by a manager; empty if the manager does not have it.
pub fn attempts(tool: Tool, manager: Manager, rights: &Rights) -> Vec<Attempt> {
    let names = packages(tool, manager);
    let Some(first) = names.first().copied() else {
        return Vec::new();
    };
    let step = |args: &[&str]| step(manager, rights, args);
    match manager {
        Manager::Winget => names
            .iter()
            .flat_map(|id| {
                let with = |more: &[&str]| {
                    let agreed = [
                        "install",
                        "--id",
                        id,
                        "--exact",
                        "--accept-package-agreements",
                        "--accept-source-agreements",
                    ];
                    vec![step(&[agreed.as_slice(), more].concat())]
                };
                [with(&["--silent"]), with(&[])]
            })
            .collect(),
        Manager::AptGet => {
            let install = step(&["install", "-y", first]);
            // Lists that are old or were never fetched are the usual reason to fail.
            vec![vec![install.clone()], vec![step(&["update"]), install]]
        }
        Manager::Dnf => vec![vec![step(&["install", "-y", first])]],
        Manager::Pacman => vec![vec![step(&["-S", "--noconfirm", "--needed", first])]],
        Manager::Zypper => vec![vec![step(&["--non-interactive", "install", first])]],
        Manager::Brew => vec![vec![step(&["install", first])]],
    }
}

fn step(manager: Manager, rights: &Rights, args: &[&str]) -> Step {
    let mut words: Vec<&str> = match rights {
        Rights::Sudo { may_ask } if manager.needs_root() => {
            if *may_ask {
                vec!["sudo"]
            } else {
                vec!["sudo", "-n"]
            }
        }
        _ => Vec::new(),
    };
    words.push(manager.program());
    words.extend(args);
    let mut words = words.into_iter().map(str::to_owned);
    Step {
        program: words.next().unwrap_or_default(),
        args: words.collect(),
    }
}

/// Returns how a tool would be installed on this machine; `may_ask` says whether somebody can type a password.
///
/// # Errors
/// When no manager here has it, or the rights are missing.
pub fn plan(tool: Tool, environment: &Environment, may_ask: bool) -> Result<Plan, InstallError> {
    let manager = Manager::of(environment.platform)
        .iter()
        .copied()
        .find(|manager| {
            !packages(tool, *manager).is_empty()
                && program(manager.program(), environment).is_some()
        })
        .ok_or(InstallError::NoPackage { tool })?;
    let rights = if !manager.needs_root() || super::is_privileged() == Some(true) {
        Rights::Own
    } else if program("sudo", environment).is_some() {
        Rights::Sudo { may_ask }
    } else {
        Rights::None
    };
    let attempts = attempts(tool, manager, &rights);
    if rights == Rights::None {
        return Err(InstallError::NeedsRoot {
            command: attempts
                .first()
                .and_then(|steps| steps.last())
                .map(ToString::to_string)
                .unwrap_or_default(),
        });
    }
    Ok(Plan {
        tool,
        manager,
        attempts,
    })
}

/// Who sees what the installer prints.
pub enum Audience<'a> {
    /// It runs at the user's terminal and may ask him.
    Terminal,
    /// It may ask nothing; what it prints is handed on.
    Program(&'a mut dyn FnMut(&[u8])),
}

/// Does what a plan says; the first attempt that succeeds ends it.
///
/// # Errors
/// When all attempts fail, or the user stops it.
pub fn run(
    plan: &Plan,
    environment: &Environment,
    audience: &mut Audience<'_>,
    cancel: &CancelToken,
) -> Result<(), InstallError> {
    let mut failure = InstallError::NoPackage { tool: plan.tool };
    for attempt in &plan.attempts {
        let outcome = attempt
            .iter()
            .try_for_each(|step| run_step(step, environment, audience, cancel));
        match outcome {
            Ok(()) => return Ok(()),
            Err(InstallError::Cancelled) => return Err(InstallError::Cancelled),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Runs a command that installs something which is no tool of ours, such as CUDA's toolkit.
///
/// # Errors
/// When its program is not there or fails, or the user stops it.
pub fn run_command(
    command: &str,
    environment: &Environment,
    audience: &mut Audience<'_>,
    cancel: &CancelToken,
) -> Result<(), InstallError> {
    let mut words = command.split_whitespace().map(str::to_owned);
    let step = Step {
        program: words.next().unwrap_or_default(),
        args: words.collect(),
    };
    run_step(&step, environment, audience, cancel)
}

fn run_step(
    step: &Step,
    environment: &Environment,
    audience: &mut Audience<'_>,
    cancel: &CancelToken,
) -> Result<(), InstallError> {
    let failed = |detail: String| InstallError::Failed {
        command: step.to_string(),
        detail: format!(": {detail}"),
    };
    let program = program(&step.program, environment)
        .ok_or_else(|| failed(format!("there is no `{}`", step.program)))?;
    let status = match audience {
        Audience::Terminal => run_attached(&program, &step.args, cancel).map(Some),
        Audience::Program(show) => {
            let limits = Limits {
                timeout: Duration::MAX,
                cancel: cancel.clone(),
                is_gentle: false,
            };
            run_showing(&program, &step.args, &limits, *show).map(|ran| ran.status)
        }
    };
    match status {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) if cancel.is_cancelled() || was_interrupted(status) => {
            Err(InstallError::Cancelled)
        }
        Ok(Some(status)) => Err(failed(status.to_string())),
        Ok(None) | Err(StreamError::Cancelled { .. }) => Err(InstallError::Cancelled),
        Err(StreamError::Tool(error)) => Err(failed(error.to_string())),
    }
}

/// Ctrl+C reaches a program at the terminal by itself, perhaps before we hear of it.
fn was_interrupted(status: ExitStatus) -> bool {
    const INTERRUPT: i32 = 2;
    #[cfg(unix)]
    let by_signal = std::os::unix::process::ExitStatusExt::signal(&status) == Some(INTERRUPT);
    #[cfg(not(unix))]
    let by_signal = false;
    by_signal || status.code() == Some(128 + INTERRUPT)
}

/// Returns where a program of the system is.
fn program(name: &str, environment: &Environment) -> Option<PathBuf> {
    let file = if environment.platform == Platform::Windows {
        format!("{name}.exe")
    } else {
        name.to_owned()
    };
    let customary: &[&str] = match environment.platform {
        Platform::MacOs => &["/opt/homebrew/bin", "/usr/local/bin"],
        Platform::Unix => &["/usr/bin", "/bin", "/usr/local/bin"],
        Platform::Windows => &[],
    };
    // What winget is started by is a link that is no ordinary file.
    search::path_folders(environment)
        .into_iter()
        .chain(
            customary
                .iter()
                .map(|folder| Path::new(folder).to_path_buf()),
        )
        .map(|folder| folder.join(&file))
        .find(|path| path.symlink_metadata().is_ok_and(|facts| !facts.is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tool: Tool, manager: Manager, rights: &Rights) -> Vec<String> {
        attempts(tool, manager, rights)
            .iter()
            .map(|steps| {
                steps
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" && ")
            })
            .collect()
    }

    #[test]
    fn every_system_has_its_command() {
        let sudo = Rights::Sudo { may_ask: true };
        let quiet = Rights::Sudo { may_ask: false };
        for (tool, manager, rights, expected) in [
            (
                Tool::Ffmpeg,
                Manager::AptGet,
                &Rights::Own,
                &[
                    "apt-get install -y ffmpeg",
                    "apt-get update && apt-get install -y ffmpeg",
                ][..],
            ),
            (
                Tool::Smartctl,
                Manager::AptGet,
                &sudo,
                &[
                    "sudo apt-get install -y smartmontools",
                    "sudo apt-get update && sudo apt-get install -y smartmontools",
                ],
            ),
            (
                Tool::Ffprobe,
                Manager::Dnf,
                &quiet,
                &["sudo -n dnf install -y ffmpeg-free"],
            ),
            (
                Tool::MediaInfo,
                Manager::Pacman,
                &sudo,
                &["sudo pacman -S --noconfirm --needed mediainfo"],
            ),
            (
                Tool::Fpcalc,
                Manager::Zypper,
                &sudo,
                &["sudo zypper --non-interactive install chromaprint-fpcalc"],
            ),
            (
                Tool::MediaInfo,
                Manager::Brew,
                &sudo,
                &["brew install media-info"],
            ),
            (Tool::Tmk, Manager::AptGet, &Rights::Own, &[]),
            (Tool::Fpcalc, Manager::Winget, &Rights::Own, &[]),
        ] {
            assert_eq!(
                shown(tool, manager, rights),
                expected,
                "{tool:?} {manager:?}"
            );
        }
    }

    #[test]
    fn winget_tries_each_id_twice() {
        let agreed = "--exact --accept-package-agreements --accept-source-agreements";
        assert_eq!(
            shown(Tool::Ffmpeg, Manager::Winget, &Rights::Own),
            [
                format!("winget install --id Gyan.FFmpeg {agreed} --silent"),
                format!("winget install --id Gyan.FFmpeg {agreed}"),
                format!("winget install --id FFmpeg.FFmpeg {agreed} --silent"),
                format!("winget install --id FFmpeg.FFmpeg {agreed}"),
            ]
        );
        let first = |tool| shown(tool, Manager::Winget, &Rights::Own).remove(0);
        assert!(first(Tool::MediaInfo).contains("--id MediaArea.MediaInfo "));
        assert!(first(Tool::Smartctl).contains("--id smartmontools.smartmontools "));
    }

    #[cfg(unix)]
    mod running {
        use videocatalog_testkit::program;

        use super::*;

        fn environment(folder: &Path) -> Environment {
            Environment {
                variables: [("PATH".into(), folder.as_os_str().to_owned())].into(),
                executable_dir: None,
                current_dir: folder.to_path_buf(),
                platform: Platform::Unix,
            }
        }

        fn script(folder: &Path, name: &str, text: &str) {
            program::script(&folder.join(name), text).unwrap();
        }

        fn plan_of(steps: &[&[&str]]) -> Plan {
            let step = |program: &&str| Step {
                program: (*program).to_owned(),
                args: vec!["x".into()],
            };
            Plan {
                tool: Tool::Ffmpeg,
                manager: Manager::AptGet,
                attempts: steps
                    .iter()
                    .map(|attempt| attempt.iter().map(step).collect())
                    .collect(),
            }
        }

        #[test]
        fn attempts_follow_each_other_until_one_succeeds() {
            let folder = tempfile::tempdir().unwrap();
            script(folder.path(), "vc-bad", "echo bad $1; exit 1");
            script(folder.path(), "vc-good", "echo good $1");
            let environment = environment(folder.path());
            let attempt = |plan: &Plan, cancel: &CancelToken| {
                let mut shown = Vec::new();
                let mut show = |chunk: &[u8]| shown.extend_from_slice(chunk);
                let result = run(
                    plan,
                    &environment,
                    &mut Audience::Program(&mut show),
                    cancel,
                );
                (result, String::from_utf8(shown).unwrap())
            };
            let go = CancelToken::new();
            let (result, shown) = attempt(
                &plan_of(&[&["vc-bad", "vc-good"], &["vc-good", "vc-good"], &["vc-bad"]]),
                &go,
            );
            result.unwrap();
            assert_eq!(shown, "bad x\ngood x\ngood x\n");
            let (result, _) = attempt(&plan_of(&[&["vc-bad"], &["vc-absent"]]), &go);
            assert_eq!(
                result.unwrap_err().to_string(),
                "`vc-absent x` failed: there is no `vc-absent`"
            );
            script(folder.path(), "vc-stopped", "kill -INT $$");
            let (result, shown) = attempt(&plan_of(&[&["vc-stopped"], &["vc-good"]]), &go);
            assert!(matches!(result, Err(InstallError::Cancelled)));
            assert_eq!(shown, "", "nothing else was tried");
            let stop = CancelToken::new();
            stop.cancel();
            let (result, _) = attempt(&plan_of(&[&["vc-good"]]), &stop);
            assert!(matches!(result, Err(InstallError::Cancelled)));
        }
    }
}
