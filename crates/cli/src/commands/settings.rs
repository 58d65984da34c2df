//! `settings`.

use serde_json::Value;
use videocatalog_core::settings;

use super::print_json;
use crate::args::SettingsAction;
use crate::context::Context;
use crate::failure::Failure;
use crate::table;

pub(crate) fn settings(context: &Context, action: SettingsAction) -> Result<(), Failure> {
    match action {
        SettingsAction::Show => {
            let mut document = context.loaded.document.clone();
            settings::back_fill(&mut document, &context.workdir);
            for key in settings::keys().filter(|key| key.is_secret()) {
                if settings::get(&document, key.path()).is_ok_and(|value| value != Value::Null) {
                    settings::put(&mut document, key.path(), Value::String("********".into()));
                }
            }
            print_json(&document)
        }
        SettingsAction::Get { key } => {
            let value = settings::get(&context.loaded.document, &key)
                .map_err(|error| Failure::usage(error.to_string(), error.hint()))?;
            match value {
                Value::String(text) => table::line(format_args!("{text}")),
                value => table::line(format_args!("{value}")),
            }
            Ok(())
        }
        SettingsAction::Set { key, value } => {
            let saved = settings::set(
                &context.workdir,
                &context.environment,
                context.clock.as_ref(),
                &key,
                &value,
            )
            .map_err(|error| Failure::usage(error.to_string(), error.hint().unwrap_or_default()))?;
            for warning in &saved.warnings {
                context.warn(warning);
            }
            Ok(())
        }
        SettingsAction::Schema => print_json(&settings::json_schema()),
        SettingsAction::Path => {
            table::line(format_args!(
                "{}",
                context.workdir.settings_file().display()
            ));
            Ok(())
        }
    }
}
