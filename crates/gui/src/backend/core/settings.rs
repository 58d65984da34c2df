//! Settings from the working directory's file.

use serde_json::Value;
use videocatalog_core::settings::{self, Key};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::settings::{AllSettings, Setting, Settings};

impl Settings for CoreBackend {
    fn settings(&self) -> AllSettings {
        let home = self.home();
        let loaded = settings::load(&home.workdir, &home.environment);
        let entry = |key: &'static Key| {
            let value = settings::get(&loaded.document, key.path()).unwrap_or_default();
            let text = match value {
                value if key.is_secret() && !value.is_null() => "set".into(),
                value => typed(&value),
            };
            Setting {
                key: key.clone(),
                text,
                default: typed(&key.default_value()),
            }
        };
        AllSettings {
            // What holds for any name has no one value.
            settings: settings::keys()
                .filter(|key| !key.path().contains('<'))
                .map(entry)
                .collect(),
            file: loaded.source.clone(),
            warnings: loaded.warnings,
        }
    }

    fn set(&self, path: &str, text: &str) -> Result<(), Trouble> {
        let home = self.home();
        settings::set(
            &home.workdir,
            &home.environment,
            home.clock.as_ref(),
            path,
            text,
        )
        .map_err(|error| Trouble::new(&error, error.hint().unwrap_or_default()))?;
        self.reload();
        Ok(())
    }
}

/// Returns a value as it is typed.
fn typed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let words: Vec<String> = values.iter().map(typed).collect();
            let is_plain = words.iter().all(|word| !word.contains(','));
            if is_plain {
                words.join(", ")
            } else {
                value.to_string()
            }
        }
        value => value.to_string(),
    }
}
