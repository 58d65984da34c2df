//! Writes a model of `MobileNetV3-Small`'s architecture with weights from a seed: `make-model FILE`.

use std::process::ExitCode;

use videocatalog_testkit::onnx;

#[expect(clippy::print_stderr, reason = "a program of its own")]
fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: make-model FILE");
        return ExitCode::from(2);
    };
    match fs_err::write(path, onnx::mobilenet_v3_small(7)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
