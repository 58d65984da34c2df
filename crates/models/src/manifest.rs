//! What models there are: files and folders in a folder of models, and what each is for.
//!
//! A model is recognised by its files. What those do not tell stands in a manifest: `manifest.json` in its folder, or
//! `<name>.json` beside a single file; every key of it may be left out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::picture::Preprocessing;
use crate::runtime::{ModelError, size_of};

/// The name of a manifest in a model's folder.
const MANIFEST: &str = "manifest.json";

/// The largest manifest that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Path, size and time of change of a file.
type State = (PathBuf, u64, SystemTime);

/// BLAKE3 of the files that this process has read; a model of gigabytes is read once, not for each drive again.
static HASHED: Mutex<Option<HashMap<State, blake3::Hash>>> = Mutex::new(None);

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Turns pictures into vectors: `*.onnx`.
    Picture,
    /// Turns texts into vectors: `model.onnx` and `tokenizer.json`.
    Text,
    /// Turns texts into vectors, by a table: `*.safetensors` and `tokenizer.json`.
    Table,
    /// Turns pictures and texts into vectors that can be compared: `vision.onnx`, `text.onnx`, `tokenizer.json` and, where
    /// there is one, `preprocessor.json`.
    TwoTower,
    /// Turns speech into text: `ggml-*.bin` of whisper.cpp.
    Speech,
    /// Tells speech from silence: `silero*.onnx`.
    VoiceActivity,
}

impl Role {
    /// Returns the word that is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Text => "text",
            Self::Table => "table",
            Self::TwoTower => "two-tower",
            Self::Speech => "speech",
            Self::VoiceActivity => "voice-activity",
        }
    }
}

/// What a manifest says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// What it is for, where its files do not tell.
    pub role: Option<Role>,
    /// Its name; the file's or folder's if there is none.
    pub name: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// BLAKE3 of its main file, hexadecimal; another one, and it is not used.
    pub blake3: Option<String>,
    /// What is done to a picture before the model sees it.
    pub preprocessing: Option<Preprocessing>,
    /// Tokens of a text that it sees; 256 if it does not say.
    pub max_tokens: Option<usize>,
    /// Of pictures and texts: the cosine of those that have nothing to do with one another, and of those that surely have.
    pub likeness: Option<[f32; 2]>,
    /// Put before what is looked for.
    pub query_prefix: String,
    /// Put before what is kept.
    pub text_prefix: String,
}

/// A model that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its main file.
    pub file: PathBuf,
    /// The other files that it needs, by their names.
    pub parts: Vec<PathBuf>,
    /// What its manifest says.
    pub manifest: Manifest,
}

impl Model {
    /// Recognises the model in a file or a folder; `None` if there is none.
    ///
    /// # Errors
    /// When its manifest cannot be read.
    pub fn at(path: &Path) -> Result<Option<Self>, ModelError> {
        let is_folder = path.is_dir();
        let recognised = if is_folder {
            in_folder(path)
        } else {
            of_file(path).map(|role| (role, path.to_path_buf(), Vec::new()))
        };
        let Some((role, file, parts)) = recognised else {
            return Ok(None);
        };
        let mut manifest = read_manifest(&if is_folder {
            path.join(MANIFEST)
        } else {
            path.with_extension("json")
        })?;
        if role == Role::TwoTower && manifest.preprocessing.is_none() {
            manifest.preprocessing = published_preprocessing(path)?;
        }
        let stem = if is_folder {
            path.file_name()
        } else {
            path.file_stem()
        };
        let stem = stem.unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(Self {
            name: manifest.name.clone().unwrap_or(stem),
            role: manifest.role.unwrap_or(role),
            file,
            parts,
            manifest,
        }))
    }

    /// Returns one of its other files.
    pub fn part(&self, name: &str) -> Option<&Path> {
        let is_it = |part: &&PathBuf| part.file_name().is_some_and(|found| found == name);
        self.parts.iter().find(is_it).map(PathBuf::as_path)
    }

    /// Returns BLAKE3 of its main file, and refuses one that is not what the manifest says.
    ///
    /// # Errors
    /// When it cannot be read, is too large to be loaded, or is another one.
    pub fn digest(&self) -> Result<blake3::Hash, ModelError> {
        let digest = hash_of(&self.file)?;
        match &self.manifest.blake3 {
            Some(wanted) if !digest.to_hex().eq_ignore_ascii_case(wanted.trim()) => {
                Err(ModelError::Unusable {
                    path: self.file.clone(),
                    message: format!("its BLAKE3 is {digest}, the manifest says {wanted}"),
                })
            }
            _ => Ok(digest),
        }
    }

    /// Returns what is written beside each vector that it makes.
    ///
    /// # Errors
    /// As [`Self::digest`].
    pub fn id(&self) -> Result<String, ModelError> {
        let digest = self.digest()?.to_hex();
        let Manifest {
            query_prefix: _,
            text_prefix,
            max_tokens,
            preprocessing,
            ..
        } = &self.manifest;
        // What is done before the model sees something belongs to it.
        let mut usage = serde_json::json!([text_prefix, max_tokens, preprocessing]).to_string();
        // Its other files as well; a model of a single file is known by what it always was.
        for part in &self.parts {
            usage.push_str(&hash_of(part)?.to_hex());
        }
        let usage = blake3::hash(usage.as_bytes()).to_hex();
        let short = |hex: &str| hex.get(..12).unwrap_or_default().to_owned();
        Ok(format!(
            "{}-{}-{}",
            self.role.name(),
            short(&digest),
            short(&usage)
        ))
    }
}

/// Returns BLAKE3 of a file, which is read once as long as its size and time of change stay the same.
fn hash_of(path: &Path) -> Result<blake3::Hash, ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_path_buf(),
        source,
    };
    let size_bytes = size_of(path)?;
    let mut file = fs_err::File::open(path).map_err(read)?;
    // A file system without times has every file read anew.
    let changed = file.metadata().and_then(|metadata| metadata.modified());
    let state = changed
        .ok()
        .map(|time| (path.to_path_buf(), size_bytes, time));
    let hashed = || HASHED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = |state: &State| hashed().as_ref()?.get(state).copied();
    if let Some(hash) = state.as_ref().and_then(known) {
        return Ok(hash);
    }
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut file, &mut hasher).map_err(read)?;
    let hash = hasher.finalize();
    if let Some(state) = state {
        hashed().get_or_insert_default().insert(state, hash);
    }
    Ok(hash)
}

/// Returns the models of a folder, by name; none if there is no such folder. What is there and cannot be read is told.
pub fn discover(folder: &Path, problems: &mut Vec<ModelError>) -> Vec<Model> {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut models = Vec::new();
    for path in paths {
        match Model::at(&path) {
            Ok(model) => models.extend(model),
            Err(error) => problems.push(error),
        }
    }
    models
}

/// What `preprocessor.json` says, as models are published with it.
#[derive(Deserialize)]
struct Published {
    size: Option<serde_json::Value>,
    crop_size: Option<serde_json::Value>,
    do_center_crop: Option<bool>,
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
    /// Pillow's numbers: 2 is linear, 3 cubic.
    resample: Option<u32>,
}

/// Returns what is done to a picture before a published model sees it; `None`: it says nothing.
fn published_preprocessing(folder: &Path) -> Result<Option<Preprocessing>, ModelError> {
    let found = ["preprocessor.json", "preprocessor_config.json"]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|path| path.is_file());
    let Some(path) = found else {
        return Ok(None);
    };
    let published: Published = read_json(&path)?.unwrap_or_else(|| Published {
        size: None,
        crop_size: None,
        do_center_crop: None,
        image_mean: None,
        image_std: None,
        resample: None,
    });
    let usual = Preprocessing::default();
    let side = |value: &serde_json::Value| {
        let side = value
            .as_u64()
            .or_else(|| value.get("shortest_edge")?.as_u64())
            .or_else(|| value.get("height")?.as_u64());
        side.and_then(|side| u32::try_from(side).ok())
    };
    let crop = published.do_center_crop.unwrap_or(false);
    let asked = if crop {
        published.crop_size.as_ref().or(published.size.as_ref())
    } else {
        published.size.as_ref()
    };
    Ok(Some(Preprocessing {
        size: asked.and_then(side).unwrap_or(usual.size),
        crop,
        cubic: published.resample == Some(3),
        mean: published.image_mean.unwrap_or(usual.mean),
        std: published.image_std.unwrap_or(usual.std),
    }))
}

fn read_manifest(path: &Path) -> Result<Manifest, ModelError> {
    Ok(read_json(path)?.unwrap_or_default())
}

/// Reads a short document; `None` if it is not there.
fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_path_buf(),
        source,
    };
    let size = match fs_err::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(read(error)),
    };
    if size > MOST_BYTES {
        return Err(read(std::io::Error::other("it is too long for a manifest")));
    }
    let text = fs_err::read(path).map_err(read)?;
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        read(std::io::Error::other(format!(
            "it is no manifest of a model: {error}"
        )))
    })
}

fn of_file(path: &Path) -> Option<Role> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if !path.is_file() {
        return None;
    }
    let is_ggml = name.starts_with("ggml-") && has_extension(&name, "bin");
    match () {
        // whisper.cpp's own form of the model that tells speech from silence: ours is ONNX.
        () if is_ggml && name.contains("silero") => None,
        () if is_ggml => Some(Role::Speech),
        () if has_extension(&name, "onnx") && name.contains("silero") => Some(Role::VoiceActivity),
        () if has_extension(&name, "onnx") => Some(Role::Picture),
        () => None,
    }
}

fn in_folder(folder: &Path) -> Option<(Role, PathBuf, Vec<PathBuf>)> {
    let file = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
    let tokenizer = file("tokenizer.json");
    if let (Some(vision), Some(text), Some(tokenizer)) =
        (file("vision.onnx"), file("text.onnx"), &tokenizer)
    {
        return Some((Role::TwoTower, vision, vec![text, tokenizer.clone()]));
    }
    if let (Some(model), Some(tokenizer)) = (file("model.onnx"), &tokenizer) {
        return Some((Role::Text, model, vec![tokenizer.clone()]));
    }
    if let Some(tokenizer) = tokenizer {
        let table = only(folder, |name| has_extension(name, "safetensors"))?;
        return Some((Role::Table, table, vec![tokenizer]));
    }
    let single = only(folder, |name| {
        has_extension(name, "onnx") || (name.starts_with("ggml-") && has_extension(name, "bin"))
    })?;
    Some((of_file(&single)?, single, Vec::new()))
}

/// Returns whether a name, in small letters, ends so.
fn has_extension(name: &str, wanted: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, found)| found == wanted)
}

/// Returns the only file of a folder with such a name.
fn only(folder: &Path, is_one: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let mut found = fs_err::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            is_one(&name.to_lowercase())
        });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_recognised_by_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, b"x").unwrap();
        };
        for name in [
            "mobilenetv3-small.onnx",
            "ggml-tiny.en.bin",
            "ggml-silero-v5.1.2.bin",
            "silero_vad.onnx",
            "minilm/model.onnx",
            "minilm/tokenizer.json",
            "words/table.safetensors",
            "words/tokenizer.json",
            "clip/vision.onnx",
            "clip/text.onnx",
            "clip/tokenizer.json",
            "notes.txt",
            "empty/readme.md",
        ] {
            put(name);
        }
        let mut problems = Vec::new();
        let found: Vec<(String, Role)> = discover(folder.path(), &mut problems)
            .into_iter()
            .map(|model| (model.name, model.role))
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
        let expected = [
            ("clip", Role::TwoTower),
            ("ggml-tiny.en", Role::Speech),
            ("minilm", Role::Text),
            ("mobilenetv3-small", Role::Picture),
            ("silero_vad", Role::VoiceActivity),
            ("words", Role::Table),
        ];
        let expected: Vec<_> = expected.map(|(name, role)| (name.to_owned(), role)).into();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_model_is_known_by_all_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let single = folder.path().join("a.onnx");
        fs_err::write(&single, b"bytes").unwrap();
        let id = |path: &Path| Model::at(path).unwrap().unwrap().id().unwrap();
        // Vectors that exist say this; another one, and they would all be made anew.
        let usage = blake3::hash(br#"["",null,null]"#).to_hex();
        let bytes = blake3::hash(b"bytes").to_hex();
        let expected = format!("picture-{}-{}", &bytes[..12], &usage[..12]);
        assert_eq!(id(&single), expected);

        let words = folder.path().join("words");
        fs_err::create_dir_all(&words).unwrap();
        fs_err::write(words.join("model.onnx"), b"bytes").unwrap();
        fs_err::write(words.join("tokenizer.json"), b"{}").unwrap();
        let before = id(&words);
        assert_eq!(before, id(&words));
        fs_err::write(words.join("tokenizer.json"), b"{ }").unwrap();
        assert_ne!(before, id(&words));
    }

    #[test]
    fn what_is_too_large_is_not_read_and_what_changed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("a.onnx");
        let digest = || Model::at(&model).unwrap().unwrap().digest();
        fs_err::write(&model, b"one").unwrap();
        assert_eq!(digest().unwrap(), blake3::hash(b"one"));
        fs_err::write(&model, b"three").unwrap();
        assert_eq!(digest().unwrap(), blake3::hash(b"three"));
        let file = fs_err::File::create(&model).unwrap();
        file.set_len(crate::runtime::MOST_BYTES + 1).unwrap();
        assert!(matches!(digest(), Err(ModelError::TooLarge { .. })));
    }

    #[test]
    fn a_manifest_is_obeyed_and_a_broken_one_told() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("a.onnx");
        fs_err::write(&model, b"bytes").unwrap();
        let manifest = folder.path().join("a.json");
        fs_err::write(&manifest, br#"{"name": "Net", "blake3": "00"}"#).unwrap();
        let found = Model::at(&model).unwrap().unwrap();
        assert_eq!(found.name, "Net");
        assert!(found.digest().unwrap_err().to_string().contains("manifest"));
        fs_err::write(&manifest, b"{").unwrap();
        assert!(Model::at(&model).is_err());
        let mut problems = Vec::new();
        assert!(discover(folder.path(), &mut problems).is_empty());
        assert_eq!(problems.len(), 1);
        assert!(discover(Path::new("/nowhere"), &mut problems).is_empty());
    }
}
