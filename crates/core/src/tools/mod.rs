//! Programs of others: the only place that starts processes, and the one that knows where the tools are.
//!
//! [`run`] and [`run_streaming`] start a program with a time limit that holds; [`Toolbox`] finds the tools, says what
//! they can do and what is lost without them. No tool is required: whatever needs one asks [`Toolbox::need`] and goes
//! on without it if there is none. [`install`] and [`portable`] bring tools here, and only when the user asks.

pub mod desktop;
mod ffmpeg;
pub mod install;
pub mod portable;
mod process;
mod run;
mod search;
pub mod sibling;
mod stream;
mod tool;
mod toolbox;
mod version;

pub use ffmpeg::{FfmpegAbilities, OF_INTEREST_DECODERS, OF_INTEREST_ENCODERS};
pub use process::make_thread_gentle;
pub use run::{OUTPUT_LIMIT, Output, ToolError, run};
pub use search::Source;
pub use stream::{Limits, StreamError, Streamed, run_attached, run_showing, run_streaming};
pub use tool::Tool;
pub use toolbox::{Found, Missing, Probe, State, Toolbox};
pub use version::Version;

/// Returns whether this process may do everything (root); `None` where the system has no such simple answer.
pub fn is_privileged() -> Option<bool> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().is_root());
    #[cfg(not(unix))]
    None
}
