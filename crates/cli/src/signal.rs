//! Ctrl+C: the first asks to stop, the second ends the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use videocatalog_core::cancel::CancelToken;

use crate::failure::code;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Returns the token that Ctrl+C cancels: the same for every part of a command.
pub(crate) fn cancel_on_interrupt() -> CancelToken {
    static TOKEN: OnceLock<CancelToken> = OnceLock::new();
    TOKEN.get_or_init(install).clone()
}

fn install() -> CancelToken {
    let token = CancelToken::new();
    let cancelled = token.clone();
    let installed = ctrlc::set_handler(move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(code::STOPPED);
        }
        eprintln!("\nstopping; what was done is kept (once more ends it at once)");
        cancelled.cancel();
    });
    if let Err(error) = installed {
        eprintln!("warning: Ctrl+C cannot be handled gently: {error}");
    }
    token
}
