//! Models as they come: run both ways, and broken ones refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod pictures;
#[cfg(feature = "whisper")]
mod speech;
mod texts;

use std::path::{Path, PathBuf};

use videocatalog_models::runtime::onnx::Library;
use videocatalog_models::runtime::{Provider, Runtime};

/// Returns a file or folder that `scripts/models` fetches, which `scripts/test` runs; `None`, said aloud, where it was not.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment"
)]
#[expect(clippy::print_stderr, reason = "a test that skips has to say so")]
fn fetched(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("VIDEOCATALOG_TEST_MODELS") else {
        eprintln!("skipped: VIDEOCATALOG_TEST_MODELS names no folder, see scripts/models");
        return None;
    };
    let path = Path::new(&folder).join(name);
    assert!(path.exists(), "{} is missing", path.display());
    Some(path)
}

/// Returns both ways of running models; the second only where an ONNX Runtime was fetched.
fn runtimes() -> Vec<Runtime> {
    let mut runtimes = vec![Runtime::embedded(1)];
    if let Some(path) = fetched("libonnxruntime.so") {
        let library = Library::open(&path.canonicalize().unwrap()).unwrap();
        assert!(library.version().starts_with("1."), "{}", library.version());
        runtimes.push(Runtime::onnx(library, Provider::Cpu, 1));
    }
    runtimes
}
