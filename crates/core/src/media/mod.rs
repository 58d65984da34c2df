//! What a file is: its category and MIME type.

mod kind;
mod sniff;

pub use kind::{Category, Kind, extension, kind_of_name};
pub use sniff::{SNIFF_BYTES, mime_of_content};
