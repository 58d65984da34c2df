//! The graphics card: what there is, whether models run on it, what is missing if they do not, and who computes then.
//!
//! A library that tries a card may hang or take its process with it, so that each way onto a card is tried in a process of
//! its own, by [`try_provider`], which prints what came of it.

mod checklist;
mod decoding;
mod policy;

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nvml_wrapper::Nvml;
use serde::{Deserialize, Serialize};
use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::tensor::Tensor;

pub use self::checklist::{Checklist, checklist};
pub use self::decoding::{Hwaccel, hwaccel};
pub use self::policy::{
    Decision, FAILED_BEFORE, GpuWishes, NO_CUDA, NO_GPU, decide, too_little_memory,
};
use crate::settings::Settings;
use crate::tools::{Output, Tool, Toolbox, run};
pub use videocatalog_models::runtime::Provider;

/// How long a card may take to be tried: loading CUDA's libraries from a cold disk takes its time.
const TRY_LIMIT: Duration = Duration::from_mins(1);

/// What ONNX Runtime says that CUDA needs.
pub const CUDA_REQUIREMENTS: &str =
    "https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements";

/// Installs the CUDA Toolkit on Windows.
pub const INSTALL_CUDA: &str = "winget install -e --id Nvidia.CUDA";

/// A model that does next to nothing: `max(x, 0)` of four numbers.
const TINY: &[u8] = include_bytes!("tiny.onnx");

/// Letters kept of what a try said beside its answer: the end, where the reason stands.
const MOST_SAID: usize = 2_000;

/// Whether a card failed while it computed; it is left alone until somebody has it tried anew.
static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// A graphics card of NVIDIA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// Its memory.
    pub total_bytes: Option<u64>,
    /// What of it is free.
    pub free_bytes: Option<u64>,
    /// The version of its driver.
    pub driver: Option<String>,
}

/// What came of trying a way onto a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Whether a model ran.
    pub works: bool,
    /// Why not.
    pub error: Option<String>,
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// The first card of NVIDIA.
    pub adapter: Option<Adapter>,
    /// Why none was found.
    pub adapter_error: Option<String>,
    /// Whether models run by CUDA.
    pub cuda: Tried,
    /// Whether models run by DirectML.
    pub directml: Tried,
    /// The ONNX Runtime that was tried.
    pub runtime: Option<String>,
    /// Whether ffmpeg can decode by CUDA.
    pub ffmpeg_cuda: bool,
    /// Ways of decoding on a card that ffmpeg has.
    pub ffmpeg_hwaccels: Vec<String>,
}

impl GpuWishes {
    /// Returns what the settings say.
    pub fn from_settings(settings: &Settings) -> Self {
        Self {
            policy: settings.gpu.policy,
            min_free_vram_mb: settings.gpu.min_free_vram_mb,
            max_workers: settings.gpu.max_gpu_workers,
        }
    }
}

/// What was found by this process last.
static KNOWN: Mutex<Option<Capabilities>> = Mutex::new(None);

/// Returns what was found before in this process, else looks; the card's free memory is asked for each time.
pub fn known(tools: &Toolbox) -> Capabilities {
    let before = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match before {
        Some(before) => Capabilities {
            adapter: adapter().ok(),
            ..before
        },
        None => probe(tools),
    }
}

/// Returns how much of the card's memory is free now; `None`: there is no card, or it does not say.
pub fn free_bytes() -> Option<u64> {
    adapter().ok()?.free_bytes
}

/// Looks at everything anew, also at a card that failed before: takes a second, or more where there is a card.
pub fn probe(tools: &Toolbox) -> Capabilities {
    HAS_FAILED.store(false, Ordering::Relaxed);
    let (adapter, adapter_error) = match adapter() {
        Ok(adapter) => (Some(adapter), None),
        Err(error) => (None, Some(error)),
    };
    let hwaccels = tools
        .ffmpeg()
        .map(|ffmpeg| ffmpeg.hwaccels.clone())
        .unwrap_or_default();
    let library = tools.need(Tool::OnnxRuntime).ok();
    let tried = |provider: Provider| match library {
        None => Tried {
            works: false,
            error: Some("no ONNX Runtime is found; the embedded runtime uses no card".into()),
        },
        Some(found) => try_in_a_process(tools, &found.path, provider),
    };
    let found = Capabilities {
        cuda: if adapter.is_some() {
            tried(Provider::Cuda)
        } else {
            Tried {
                works: false,
                error: Some("there is no NVIDIA card, or no driver for it".into()),
            }
        },
        directml: if cfg!(windows) {
            tried(Provider::Dml)
        } else {
            Tried {
                works: false,
                error: Some("DirectML is a part of Windows".into()),
            }
        },
        runtime: library.map(crate::tools::Found::version_text),
        ffmpeg_cuda: hwaccels.iter().any(|name| name == "cuda"),
        ffmpeg_hwaccels: hwaccels,
        adapter,
        adapter_error,
    };
    *KNOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
    found
}

fn adapter() -> Result<Adapter, String> {
    let nvml = Nvml::init().map_err(|error| error.to_string())?;
    let card = nvml.device_by_index(0).map_err(|error| error.to_string())?;
    let memory = card.memory_info().ok();
    Ok(Adapter {
        name: card.name().unwrap_or_else(|_| "NVIDIA".into()),
        total_bytes: memory.as_ref().map(|memory| memory.total),
        free_bytes: memory.as_ref().map(|memory| memory.free),
        driver: nvml.sys_driver_version().ok(),
    })
}

fn try_in_a_process(tools: &Toolbox, library: &Path, provider: Provider) -> Tried {
    let failed = |error: String| Tried {
        works: false,
        error: Some(error),
    };
    let Some(program) = tools.beside("videocatalog") else {
        return failed(
            "the command line program is not beside this one, which would try it".into(),
        );
    };
    let arguments: [OsString; 4] = [
        "gpu".into(),
        "--try-provider".into(),
        provider.name().into(),
        library.into(),
    ];
    match run(&program, arguments, TRY_LIMIT) {
        Ok(output) => what_came_of(&output),
        Err(error) => failed(error.to_string()),
    }
}

/// Returns what a try says. The runtime itself answers no more than that a library cannot be loaded; which one is missing
/// its log says, on standard error.
fn what_came_of(output: &Output) -> Tried {
    let said = end_of(&String::from_utf8_lossy(&output.stderr));
    let Ok(tried) = serde_json::from_slice::<Tried>(&output.stdout) else {
        return Tried {
            works: false,
            error: Some(format!("trying it ended with {}: {said}", output.status)),
        };
    };
    if tried.works || said.is_empty() {
        return tried;
    }
    let error = tried.error.unwrap_or_default();
    Tried {
        works: false,
        error: Some(format!("{error}\n{said}").trim().to_owned()),
    }
}

/// Returns the end of what a program said, without its colours.
fn end_of(said: &str) -> String {
    let mut pieces = said.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        // `[1;31m` and the like.
        plain.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    let plain = plain.trim();
    let surplus = plain.chars().count().saturating_sub(MOST_SAID);
    plain.chars().skip(surplus).collect()
}

/// Loads a library and runs a tiny model on a provider and on nothing else. For a process of its own.
pub fn try_provider(library: &Path, provider: Provider) -> Tried {
    let ran = || -> Result<(), String> {
        let path = fs_err::canonicalize(library).map_err(|error| error.to_string())?;
        let library = Library::open(&path).map_err(|error| error.to_string())?;
        let mut session = library.load_bytes(TINY, provider, 1)?;
        let input = Tensor::floats(vec![4], vec![-1.0, 0.0, 1.0, 2.0]);
        let outputs = session
            .run(vec![("x".into(), input)])
            .map_err(|error| error.to_string())?;
        match outputs.first().and_then(Tensor::as_floats) {
            Some([0.0, 0.0, 1.0, 2.0]) => Ok(()),
            other => Err(format!("it computes wrongly: {other:?}")),
        }
    };
    let error = ran().err();
    Tried {
        works: error.is_none(),
        error,
    }
}

/// Returns whether a card failed while it computed, in this process, and was not looked at anew since.
pub fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

/// Remembers that a card failed while it computed.
pub fn note_failure() {
    HAS_FAILED.store(true, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn said_by(script: &str) -> Tried {
        let output = run(Path::new("/bin/sh"), ["-c", script], TRY_LIMIT).unwrap();
        what_came_of(&output)
    }

    #[cfg(unix)]
    #[test]
    fn what_is_missing_stands_in_the_log_of_the_try() {
        // As ONNX Runtime 1.24 answers and logs where CUDA's libraries are not there.
        let log = "\x1b[1;31m[E:onnxruntime:videocatalog, provider_bridge_ort.cc:2100] Failed to load library \
                   libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open shared object file\x1b[m";
        let tried = said_by(&format!(
            r#"printf '{{"works": false, "error": "Failed to load shared library"}}'; printf '{log}' >&2"#
        ));
        let error = tried.error.clone().unwrap();
        assert!(
            error.starts_with("Failed to load shared library\n[E:"),
            "{error}"
        );
        assert!(error.ends_with("cannot open shared object file"), "{error}");
        let found = Capabilities {
            cuda: tried,
            ..Capabilities::default()
        };
        let list = checklist(&found);
        assert_eq!((list.cuda_toolkit, list.cudnn), (Some(false), None));
    }

    #[cfg(unix)]
    #[test]
    fn a_try_that_works_or_breaks_off_is_told_as_it_is() {
        let works = said_by(r#"echo '{"works": true, "error": null}'; echo 'a warning' >&2"#);
        assert_eq!((works.works, works.error), (true, None));
        let broken = said_by("echo 'libcudnn.so.9 is missing' >&2; exit 3")
            .error
            .unwrap();
        assert!(
            broken.contains("libcudnn.so.9") && broken.contains('3'),
            "{broken}"
        );
        let flood = said_by("head -c 900000 /dev/zero | tr '\\0' x >&2; echo end >&2")
            .error
            .unwrap();
        assert!(
            flood.ends_with("xend") && flood.len() < MOST_SAID + 100,
            "{}",
            flood.len()
        );
    }

    #[test]
    fn looking_anew_forgets_that_a_card_failed() {
        note_failure();
        assert!(has_failed());
        probe(&Toolbox::empty());
        assert!(!has_failed());
    }
}
