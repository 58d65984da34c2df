//! Ctrl+C: the first asks to stop, the second ends the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use videocatalog_core::cancel::CancelToken;

use crate::failure::code;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Returns the token that Ctrl+C cancels: the same for every part of a command.
pub(crate) fn cancel_on_interrupt() -> CancelToken {
    static TOKEN: OnceLock<CancelToken> = OnceLock::new();
    let install = || {
        let token = CancelToken::new();
        let cancelled = token.clone();
        on_interrupt("stopping; what was done is kept", move || {
            cancelled.cancel();
        });
        token
    };
    TOKEN.get_or_init(install).clone()
}

/// Does something at the first Ctrl+C, after saying so. Once for a process.
pub(crate) fn on_interrupt(says: &'static str, stop: impl Fn() + Send + 'static) {
    let installed = ctrlc::set_handler(move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(code::STOPPED);
        }
        eprintln!("\n{says} (once more ends it at once)");
        stop();
    });
    if let Err(error) = installed {
        eprintln!("warning: Ctrl+C cannot be handled gently: {error}");
    }
}
