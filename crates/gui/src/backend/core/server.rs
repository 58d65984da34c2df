//! The local API as a process of its own.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};

use videocatalog_core::cancel::CancelToken;
use videocatalog_core::search::shown;
use videocatalog_core::settings::KEY_VARIABLE;
use videocatalog_core::tools::sibling;

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::server::{Server, ServerSetup};
use crate::backend::settings::Settings;

/// What it prints before its address.
const LISTENING: &str = "API listening on ";

/// What it prints before the reason why it ends.
const ERROR: &str = "error: ";

impl Server for CoreBackend {
    fn server(&self) -> ServerSetup {
        let home = self.home();
        let api = &home.loaded.settings.api;
        let host = match api.host.as_str() {
            bare if bare.contains(':') && !bare.starts_with('[') => format!("[{bare}]"),
            host => host.to_owned(),
        };
        ServerSetup {
            address: format!("http://{host}:{}", api.port),
            has_key: api.api_key.is_some()
                || home
                    .environment
                    .variables
                    .contains_key(OsStr::new(KEY_VARIABLE)),
            is_automatic: api.enabled_default,
        }
    }

    fn serve(&self, listening: &dyn Fn(&str), cancel: &CancelToken) -> Result<(), Trouble> {
        let home = self.home();
        let program = sibling::beside(&home.environment, "videocatalog").ok_or_else(|| {
            Trouble::new(
                "the program `videocatalog` is not beside this one",
                "install it into the same folder: `cargo install --path crates/cli`",
            )
        })?;
        let arguments: [OsString; 6] = [
            "serve".into(),
            "--until-stdin-closes".into(),
            "--home".into(),
            home.workdir.root().into(),
            "--catalog-db".into(),
            home.catalog_path().into(),
        ];
        let last = RefCell::new(String::new());
        let ended = sibling::serve(
            &program,
            &arguments,
            || !cancel.is_cancelled(),
            |line| {
                if let Some(address) = line.strip_prefix(LISTENING) {
                    listening(address);
                }
                home.log.line(&format!("API: {}", shown(line)));
                // After an error comes a hint, which would say less.
                if !last.borrow().starts_with(ERROR) {
                    last.replace(line.to_owned());
                }
            },
        )
        .map_err(|error| Trouble::new(error, "look whether it can be run by itself"))?;
        match ended {
            None => Ok(()),
            Some(status) => {
                home.log.line(&format!("[WARNING] API ended: {status}"));
                Err(Trouble::new(
                    format!("the local API ended ({status}): {}", last.into_inner()),
                    "the log says more; is the port free?",
                ))
            }
        }
    }

    fn make_key(&self) -> Result<String, Trouble> {
        let key = self.reading()?.random_key()?;
        self.set("api.api_key", &key)?;
        Ok(key)
    }
}
