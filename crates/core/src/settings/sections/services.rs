//! Settings of the local HTTP API and of the log.

use super::section;
use crate::settings::key::{Key, Kind, Rule, positive, strictly, within};
use crate::settings::typed::Secret;

section! {
    /// The local HTTP API.
    Api at "api." {
        /// Whether the window starts it.
        enabled_default: bool = Rule::boolean(false),
        /// The address it listens at.
        host: String = Rule::text("127.0.0.1"),
        /// The port it listens at; 0 lets the system choose.
        port: u16 = Rule::integer(8_756, strictly(0, 65_535)),
        /// The key that every request must show; without one, every request is refused.
        api_key: Option<Secret> = Rule::optional(Kind::Text).secret(),
        /// Origins of web pages that may use it.
        cors_origins: Vec<String> = Rule::texts(&["http://localhost", "http://127.0.0.1"]),
        /// Names besides its own under which it may be addressed.
        allowed_hosts: Vec<String> = Rule::texts(&[]),
        /// Rows of a page when a request names no number; never more than `api.max_page_size`.
        default_limit: usize = Rule::integer(100, positive(1, 1_000_000)),
        /// The most rows of a page.
        max_page_size: usize = Rule::integer(500, positive(1, 1_000_000)),
    }
}

section! {
    /// The log.
    Logs at "logs." {
        /// Bytes after which a new log is begun.
        max_bytes: u64 = Rule::integer(10_485_760, within(65_536, i64::MAX)),
        /// Finished logs that are kept.
        keep_files: usize = Rule::integer(5, within(0, 10_000)),
    }
}
