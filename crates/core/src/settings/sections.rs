//! The one place where keys are declared: name, type, default, range and meaning.
//!
//! `section!` makes of each declaration a struct for the code, and [`Key`]s for everything that treats keys alike.
//! Upper limits that nobody will reach are there because a slip of the keyboard must not exhaust memory or time.

mod analysis;
mod scanning;
mod semantic;
mod services;

use super::key::{Key, Kind, Rule};

pub use analysis::{
    Fingerprints, Gpu, LightAnalysis, LightAnn, LightCaptions, LightSemantic, LightTranscription,
};
pub use scanning::{Maintenance, Media, Performance, Pictures, Robust};
pub use semantic::{Semantic, SemanticIndex, SemanticModels, SemanticTranscribe, SemanticVideo};
pub use services::{Api, Logs};

/// Stands in a key's path for any name.
pub(super) const ANY_NAME: &str = "<name>";

pub(super) const WORKING_DIR: Key = Key::new(
    "working_dir",
    "The working directory. Read from a settings file outside of it, to find it; in the working directory's own file \
     it only tells the reader where he is.",
    Rule::optional(Kind::File).kept_only(),
);

pub(super) const CATALOG_DB: Key = Key::new(
    "catalog_db",
    "The catalogue's file, when it is not `data/catalog.db` in the working directory. `~` and variables are expanded, a \
     relative path lies in the working directory.",
    Rule::optional(Kind::File).kept_only(),
);

pub(super) const TOOL_PATH: Key = Key::new(
    "tools.<name>.path",
    "The tool's program, or the folder it lies in, relative to the working directory; null to search for it. Tools are \
     `ffmpeg`, `ffprobe`, `mediainfo`, `smartctl`, `fpcalc`, `tmk` and `onnxruntime`.",
    Rule::optional(Kind::File).kept_only(),
);

/// Declares a section: a struct with one documented field per key, and after `;` one per section inside it.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident at $prefix:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty = $rule:expr, )*
            $( ; $( $(#[doc = $inner_doc:literal])+ $inner:ident: $inner_type:ident, )+ )?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )*
            $($( $(#[doc = $inner_doc])+ pub $inner: $inner_type, )+)?
        }

        impl $name {
            pub(in crate::settings) const KEYS: &'static [Key] = &[
                $( Key::new(concat!($prefix, stringify!($field)), concat!($($doc),+), $rule), )*
            ];

            pub(in crate::settings) fn read(reader: &mut crate::settings::Reader<'_>) -> Self {
                Self {
                    $( $field: reader.read(&Key::new(
                        concat!($prefix, stringify!($field)),
                        concat!($($doc),+),
                        $rule,
                    )), )*
                    $($( $inner: $inner_type::read(reader), )+)?
                }
            }
        }
    };
}
use section;

/// Every key, section by section.
const KEYS: &[&[Key]] = &[
    &[WORKING_DIR, CATALOG_DB],
    Performance::KEYS,
    Robust::KEYS,
    Media::KEYS,
    Pictures::KEYS,
    Maintenance::KEYS,
    &[TOOL_PATH],
    Fingerprints::KEYS,
    Semantic::KEYS,
    SemanticModels::KEYS,
    SemanticIndex::KEYS,
    SemanticVideo::KEYS,
    SemanticTranscribe::KEYS,
    LightAnalysis::KEYS,
    LightSemantic::KEYS,
    LightTranscription::KEYS,
    LightCaptions::KEYS,
    LightAnn::KEYS,
    Gpu::KEYS,
    Api::KEYS,
    Logs::KEYS,
];

/// Returns every known key, for completions and the reference.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().copied().flatten()
}

/// Returns the key at `path`; `tools.ffmpeg.path` finds the one for all tools.
pub fn find(path: &str) -> Option<&'static Key> {
    keys().find(|key| match key.path().split_once(ANY_NAME) {
        None => key.path() == path,
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|name| !name.is_empty() && !name.contains('.')),
    })
}
