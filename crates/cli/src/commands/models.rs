//! `models`.

use serde_json::json;
use videocatalog_core::inference;
use videocatalog_core::search::shown;

use super::print_json;
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::semantic_args::ModelsAction;
use crate::table::{self, Align};

pub(crate) fn models(context: &Context, action: &ModelsAction) -> Result<(), Failure> {
    let (runtime, warning) = inference::runtime(&context.toolbox(), 1);
    if let Some(warning) = &warning {
        context.warn(warning);
    }
    let (checks, output) = match action {
        ModelsAction::List { output } => (false, output),
        ModelsAction::Check { output } => (true, output),
    };
    let listed = inference::models(
        &context.workdir,
        &context.loaded.settings,
        checks.then_some(&runtime),
    );
    if output.json {
        print_json(&json!({
            "runtime": runtime.describe(),
            "folder": context.workdir.models(),
            "models": listed.models,
            "problems": listed.problems,
        }))?;
    } else {
        print(context, &runtime.describe(), &listed);
    }
    let broken = listed.problems.len()
        + listed
            .models
            .iter()
            .filter(|model| model.error.is_some())
            .count();
    if checks && broken > 0 {
        return Err(Failure::new(
            code::DAMAGED,
            format!("{broken} models cannot be used"),
            "take them out of the folder or the settings, or get them again from where they came from",
        ));
    }
    Ok(())
}

fn print(context: &Context, runtime: &str, listed: &inference::Listed) {
    table::line(format_args!("runtime: {runtime}"));
    table::line(format_args!(
        "folder: {}",
        shown(&context.workdir.models().to_string_lossy())
    ));
    for problem in &listed.problems {
        context.warn(problem);
    }
    if listed.models.is_empty() {
        table::line(format_args!(
            "no models; search by meaning uses the built-in embedder, see docs/guide/meaning.md"
        ));
        return;
    }
    let rows: Vec<Vec<String>> = listed
        .models
        .iter()
        .map(|model| {
            vec![
                shown(&model.name),
                model.role.to_owned(),
                table::size(model.size_bytes),
                model.licence.clone().unwrap_or_else(|| "?".into()),
                match (&model.error, &model.tried) {
                    (Some(error), _) => shown(error),
                    (None, Some(tried)) => tried.clone(),
                    (None, None) => String::new(),
                },
            ]
        })
        .collect();
    let headings = [
        ("MODEL", Align::Left),
        ("FOR", Align::Left),
        ("SIZE", Align::Right),
        ("LICENCE", Align::Left),
        ("CHECK", Align::Left),
    ];
    table::print(&headings, &rows);
}
