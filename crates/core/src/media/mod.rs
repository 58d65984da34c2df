//! What a file is and holds: category and MIME type, headers, soundness, pictures, subtitles.

pub mod check;
pub mod document;
pub mod documented;
pub mod embedded;
mod facts;
pub mod fallback;
pub mod frames;
mod headers;
mod kind;
mod names;
pub mod pictures;
pub mod sidecar;
mod sniff;
pub mod subtitle;
mod verdict;

pub use facts::Facts;
pub use headers::{READER_VERSION, Reader, Understanding, probe_file, read_headers};
pub use kind::{Category, Kind, extension, kind_of_name};
pub use sniff::{SNIFF_BYTES, mime_of_content};
pub use verdict::{Level, Verdict};
