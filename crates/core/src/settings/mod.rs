//! `settings.json`: every key that is known, and how the file is read and saved.
//!
//! A key is declared once, in `sections`, with its type, default, range and meaning; the typed [`Settings`], the JSON
//! schema, the texts for `settings set` and the back-filling of missing keys all follow from there. The file belongs to
//! its user: keys that nobody here knows, and the order of all keys, survive a save, and a value that cannot be used is
//! reported by name and left as it is.

mod check;
mod choices;
mod document;
mod json_schema;
mod key;
mod sections;
mod store;
mod suggest;
mod tree;
mod typed;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

pub(crate) use self::suggest::closest;
pub use check::ValueError;
pub use choices::{
    AnnBackend, Gate, GpuPolicy, IntegrityLevel, LongPaths, MediaLevel, PhaseMode, ProfileChoice,
    SubtitleMode,
};
pub use document::{UnknownKey, back_fill, get, put};
pub use json_schema::json_schema;
pub use key::{Key, Kind};
pub use sections::{
    Api, Fingerprints, Gpu, LightAnalysis, LightAnn, LightCaptions, LightSemantic,
    LightTranscription, Logs, Maintenance, Media, Performance, Pictures, Robust, Semantic,
    SemanticIndex, SemanticModels, SemanticTranscribe, SemanticVideo, find, keys,
};
pub use store::{Loaded, SaveError, SetError, load, set, update};
pub use typed::Secret;

/// The variable that may hold the key of the local API.
pub const KEY_VARIABLE: &str = "VIDEOCATALOG_API_KEY";

/// A settings document: the object in the file, its keys in their order.
pub type Document = crate::json::Object;

/// Every setting, checked: what was missing or unusable has its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The working directory as the file names it; a hint that only other folders' settings give.
    pub working_dir: Option<PathBuf>,
    /// The catalogue, when it does not lie in the working directory; see [`crate::workdir::WorkingDir::locate`].
    pub catalog_db: Option<PathBuf>,
    /// How hard drives are worked.
    pub performance: Performance,
    /// How a scan walks, waits and saves.
    pub robust: Robust,
    /// What a scan learns of media files.
    pub media: Media,
    /// Pictures for when the drive is not there.
    pub pictures: Pictures,
    /// How the databases are looked after.
    pub maintenance: Maintenance,
    /// The places of tools that the user or an installation named, by tool.
    pub tools: BTreeMap<String, PathBuf>,
    /// Fingerprints for finding duplicates.
    pub fingerprints: Fingerprints,
    /// Search by meaning, and transcripts.
    pub semantic: Semantic,
    /// Light analysis of pictures and video frames.
    pub light_analysis: LightAnalysis,
    /// Use of the graphics card.
    pub gpu: Gpu,
    /// The local HTTP API.
    pub api: Api,
    /// The log.
    pub logs: Logs,
}

impl Default for Settings {
    fn default() -> Self {
        Self::from_document(&Document::new()).0
    }
}

impl Settings {
    /// Returns the settings in `document`, and a sentence for each value that could not be used as it stands.
    pub fn from_document(document: &Document) -> (Self, Vec<String>) {
        let mut reader = Reader::new(document);
        let mut settings = Self {
            working_dir: reader.read(&sections::WORKING_DIR),
            catalog_db: reader.read(&sections::CATALOG_DB),
            performance: Performance::read(&mut reader),
            robust: Robust::read(&mut reader),
            media: Media::read(&mut reader),
            pictures: Pictures::read(&mut reader),
            maintenance: Maintenance::read(&mut reader),
            tools: tools(&mut reader),
            fingerprints: Fingerprints::read(&mut reader),
            semantic: Semantic::read(&mut reader),
            light_analysis: LightAnalysis::read(&mut reader),
            gpu: Gpu::read(&mut reader),
            api: Api::read(&mut reader),
            logs: Logs::read(&mut reader),
        };
        let Api {
            default_limit,
            max_page_size,
            ..
        } = &mut settings.api;
        if *default_limit > *max_page_size {
            // The default stands in most files without anybody having wished for it.
            let default = find("api.default_limit").map(Key::default_value);
            if default != Some((*default_limit).into()) {
                reader.warnings.push(format!(
                    "`api.default_limit` is {default_limit}, above `api.max_page_size`; {max_page_size} is used"
                ));
            }
            *default_limit = *max_page_size;
        }
        (settings, reader.warnings)
    }
}

/// Reads typed values out of a document and gathers what was wrong with them.
struct Reader<'a> {
    document: &'a Document,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(document: &'a Document) -> Self {
        let mut reader = Self {
            document,
            warnings: Vec::new(),
        };
        reader.check_sections();
        reader
    }

    /// Warns of each section that is no object, since none of its keys can be found then.
    fn check_sections(&mut self) {
        let mut seen = Vec::new();
        for key in keys() {
            for (dot, _) in key.path().match_indices('.') {
                let section = key.path().get(..dot).unwrap_or_default();
                if seen.contains(&section) {
                    continue;
                }
                seen.push(section);
                if let Some(found) = tree::lookup(self.document, section)
                    && !found.is_object()
                    && !found.is_null()
                {
                    self.warnings.push(format!(
                        "`{section}` is {}, not an object; its defaults are used",
                        check::shown(found)
                    ));
                }
            }
        }
    }

    fn read<T: typed::Typed>(&mut self, key: &Key) -> T {
        self.read_at(key, key.path())
    }

    fn read_at<T: typed::Typed>(&mut self, key: &Key, path: &str) -> T {
        let Some(found) = tree::lookup(self.document, path) else {
            return T::typed(&key.default_value());
        };
        let (value, warning) = key.check(path, found);
        self.warnings.extend(warning);
        T::typed(&value)
    }
}

fn tools(reader: &mut Reader<'_>) -> BTreeMap<String, PathBuf> {
    let Some(Value::Object(tools)) = reader.document.get("tools") else {
        return BTreeMap::new();
    };
    let mut places = BTreeMap::new();
    for (name, entry) in tools {
        if !entry.is_object() && !entry.is_null() {
            reader.warnings.push(format!(
                "`tools.{name}` is {}, not an object with a `path`; it counts as not set",
                check::shown(entry)
            ));
        }
        let place: Option<PathBuf> =
            reader.read_at(&sections::TOOL_PATH, &format!("tools.{name}.path"));
        places.extend(place.map(|place| (name.clone(), place)));
    }
    places
}

#[cfg(test)]
mod tests;
