//! What is missing where CUDA does not work, guessed from what the runtime says.

use serde::Serialize;

use super::Capabilities;

/// What CUDA needs: there, missing, or (`None`) nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// NVIDIA's driver.
    pub driver: Option<bool>,
    /// The CUDA Toolkit: `cudart`, `cublas` and others.
    pub cuda_toolkit: Option<bool>,
    /// cuDNN.
    pub cudnn: Option<bool>,
    /// The runtime of Microsoft's compiler, on Windows.
    pub msvc: Option<bool>,
}

/// Files of each part, as the system names them where one is missing.
const DRIVER: [&str; 4] = [
    "nvcuda",
    "libcuda.so",
    "driver version",
    "no cuda-capable device",
];
const TOOLKIT: [&str; 7] = [
    "cudart", "cublas", "cufft", "curand", "cusparse", "nvrtc", "cusolver",
];
const CUDNN: [&str; 1] = ["cudnn"];
const MSVC: [&str; 3] = ["vcruntime", "msvcp", "visual c++"];

/// Returns what is there and what is missing.
pub fn checklist(found: &Capabilities) -> Checklist {
    if found.cuda.works {
        return Checklist {
            driver: Some(true),
            cuda_toolkit: Some(true),
            cudnn: Some(true),
            msvc: cfg!(windows).then_some(true),
        };
    }
    let error = found
        .cuda
        .error
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| error.contains(word));
    let missing = |words: &[&str]| named(words).then_some(false);
    Checklist {
        driver: match &found.adapter {
            // Its own library found the card.
            Some(_) => missing(&DRIVER).or(Some(true)),
            None => Some(false),
        },
        cuda_toolkit: missing(&TOOLKIT),
        cudnn: missing(&CUDNN),
        msvc: missing(&MSVC),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Adapter, Tried};
    use super::*;

    #[test]
    fn errors_name_what_is_missing() {
        let check = |error: &str, has_card: bool, expected: [Option<bool>; 4]| {
            let found = Capabilities {
                adapter: has_card.then(|| Adapter {
                    name: "GeForce".into(),
                    total_bytes: None,
                    free_bytes: None,
                    driver: None,
                }),
                cuda: Tried {
                    works: error.is_empty(),
                    error: Some(error.to_owned()),
                },
                ..Capabilities::default()
            };
            let list = checklist(&found);
            let seen = [list.driver, list.cuda_toolkit, list.cudnn, list.msvc];
            assert_eq!(seen, expected, "{error}");
        };
        let (no, yes) = (Some(false), Some(true));
        check("", true, [yes, yes, yes, cfg!(windows).then_some(true)]);
        check(
            "libcublasLt.so.12: cannot open shared object file: No such file or directory",
            true,
            [yes, no, None, None],
        );
        check(
            "Error loading \"onnxruntime_providers_cuda.dll\" which depends on \"cudnn64_9.dll\" which is missing.",
            true,
            [yes, None, no, None],
        );
        check(
            "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version",
            true,
            [no, None, None, None],
        );
        check("VCRUNTIME140_1.dll is missing", true, [yes, None, None, no]);
        check(
            "there is no NVIDIA card, or no driver for it",
            false,
            [no, None, None, None],
        );
        check("something else", true, [yes, None, None, None]);
    }
}
