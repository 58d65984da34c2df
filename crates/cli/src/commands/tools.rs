//! `tools`: list, install, locate, recheck.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use serde_json::{Value, json};
use videocatalog_core::search::shown;
use videocatalog_core::tools::install::{self, Audience, InstallError, Plan};
use videocatalog_core::tools::portable::{self, Home};
use videocatalog_core::tools::{Found, Probe, State, Tool, Toolbox};

use super::print_json;
use crate::args::{Output, TOOL_NAMES, ToolsAction, ToolsArgs};
use crate::context::Context;
use crate::failure::{Failure, code};
use crate::signal;
use crate::table::{self, Align};

pub(crate) fn tools(context: &Context, args: ToolsArgs) -> Result<(), Failure> {
    let action = args.action.unwrap_or(ToolsAction::List {
        output: Output::default(),
    });
    match action {
        ToolsAction::List { output } => list(context, &context.toolbox(), &Tool::ALL, output.json),
        ToolsAction::Install {
            name,
            yes,
            portable: None,
            output,
        } => install(context, tool(&name)?, yes, output.json),
        ToolsAction::Install {
            name,
            portable: Some(folder),
            output,
            ..
        } => {
            let folder = context.environment.absolute(&folder);
            let found = portable::copy(tool(&name)?, &folder, home(context))?;
            brought(&found, output.json)
        }
        ToolsAction::Locate { name, path, output } => {
            let path = context.environment.absolute(&path);
            let found = portable::locate(tool(&name)?, &path, home(context))?;
            brought(&found, output.json)
        }
        ToolsAction::Recheck { name, output } => recheck(context, name.as_deref(), output.json),
    }
}

fn tool(name: &str) -> Result<Tool, Failure> {
    Tool::from_name(name).ok_or_else(|| {
        Failure::usage(
            format!("there is no tool `{name}`"),
            format!("one of {}", TOOL_NAMES.join(", ")),
        )
    })
}

fn home(context: &Context) -> Home<'_> {
    Home {
        workdir: &context.workdir,
        environment: &context.environment,
        clock: context.clock.as_ref(),
    }
}

fn list(
    context: &Context,
    toolbox: &Toolbox,
    tools: &[Tool],
    as_json: bool,
) -> Result<(), Failure> {
    if as_json {
        let documents: Vec<Value> = tools
            .iter()
            .map(|tool| document(context, toolbox.probe(*tool)))
            .collect();
        return print_json(&documents);
    }
    print(context, toolbox, tools);
    Ok(())
}

/// Prints a table of tools, and what is to be said of those that are missing or broken.
pub(crate) fn print(context: &Context, toolbox: &Toolbox, tools: &[Tool]) {
    let rows: Vec<Vec<String>> = tools.iter().map(|tool| row(toolbox.probe(*tool))).collect();
    let headings = [
        ("TOOL", Align::Left),
        ("STATE", Align::Left),
        ("VERSION", Align::Left),
        ("FROM", Align::Left),
        ("PATH", Align::Left),
    ];
    table::print(&headings, &rows);
    for tool in tools {
        let probe = toolbox.probe(*tool);
        for error in &probe.errors {
            let line = format!("{}: {}", tool.name(), shown(error));
            table::line(format_args!("{}", context.alarming(&line)));
        }
        if probe.result.is_err() {
            table::line(format_args!(
                "{}: without it {}; get it: {}",
                tool.name(),
                tool.lost_without(),
                install::how_to_get(*tool, &context.environment)
            ));
        }
    }
}

fn row(probe: &Probe) -> Vec<String> {
    let name = probe.tool.name().to_owned();
    match &probe.result {
        Ok(found) => vec![
            name,
            "found".into(),
            found.version_text(),
            found.source.describe(),
            shown(&found.path.to_string_lossy()),
        ],
        Err(_) => vec![name, probe.state().name().into()],
    }
}

/// Returns everything about a tool as JSON.
pub(crate) fn document(context: &Context, probe: &Probe) -> Value {
    let found = probe.result.as_ref().ok();
    let failed: Vec<Value> = probe
        .failed_settings
        .iter()
        .map(|(setting, place)| json!({ "setting": setting, "path": place.to_string_lossy() }))
        .collect();
    json!({
        "name": probe.tool.name(),
        "state": probe.state(),
        "version": found.and_then(|found| found.version.as_ref()),
        "version_line": found.and_then(|found| found.version_line.as_ref()),
        "path": found.map(|found| found.path.to_string_lossy()),
        "source": found.map(|found| found.source.describe()),
        "errors": probe.errors,
        "failed_settings": failed,
        "lost_without": probe.tool.lost_without(),
        "get": install::how_to_get(probe.tool, &context.environment),
    })
}

fn recheck(context: &Context, name: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let toolbox = context.toolbox();
    let Some(name) = name else {
        return list(context, &toolbox, &Tool::ALL, as_json);
    };
    let tool = tool(name)?;
    list(context, &toolbox, &[tool], as_json)?;
    match toolbox.need(tool) {
        Ok(_) => Ok(()),
        Err(missing) => Err(Failure::new(code::MISSING, missing.to_string(), "")),
    }
}

fn found_document(found: &Found) -> Value {
    json!({
        "name": found.tool.name(),
        "state": State::Found,
        "version": found.version,
        "version_line": found.version_line,
        "path": found.path.to_string_lossy(),
        "source": found.source.describe(),
    })
}

fn brought(found: &Found, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(&found_document(found));
    }
    table::line(format_args!(
        "{} {}: {}",
        found.tool.name(),
        found.version_text(),
        shown(&found.path.to_string_lossy())
    ));
    Ok(())
}

fn install(context: &Context, tool: Tool, yes: bool, as_json: bool) -> Result<(), Failure> {
    let mut toolbox = context.toolbox();
    if let Ok(found) = toolbox.need(tool) {
        eprintln!("{} is there already", tool.name());
        return brought(found, as_json);
    }
    let failed =
        |error: &InstallError| Failure::new(code::MISSING, error.to_string(), error.hint(tool));
    let is_terminal = std::io::stdin().is_terminal();
    let plan =
        install::plan(tool, &context.environment, is_terminal).map_err(|error| failed(&error))?;
    announce(&plan);
    if !yes {
        confirm(is_terminal)?;
    }
    context.log.line(&format!("installing {}", tool.name()));
    let cancel = signal::cancel_on_interrupt();
    let mut show = |chunk: &[u8]| {
        let _hung_up = std::io::stderr().lock().write_all(chunk);
    };
    let mut audience = if is_terminal {
        Audience::Terminal
    } else {
        Audience::Program(&mut show)
    };
    match install::run(&plan, &context.environment, &mut audience, &cancel) {
        Ok(()) => {}
        Err(InstallError::Cancelled) => return Err(Failure::stopped()),
        Err(error) => return Err(failed(&error)),
    }
    toolbox.refresh();
    let found = toolbox.need(tool).map_err(|missing| {
        Failure::new(
            code::MISSING,
            format!(
                "{} was installed, but no working one is found",
                missing.tool.name()
            ),
            format!(
                "say where it is: `videocatalog tools locate {} PATH`",
                tool.name()
            ),
        )
    })?;
    portable::remember(found, home(context))?;
    brought(found, as_json)
}

fn announce(plan: &Plan) {
    for (index, steps) in plan.attempts.iter().enumerate() {
        let when = if index == 0 {
            "This will be run:"
        } else {
            "And if that fails:"
        };
        eprintln!("{when} {}", install::typed(steps));
    }
}

fn confirm(is_terminal: bool) -> Result<(), Failure> {
    if !is_terminal {
        return Err(Failure::usage(
            "installing changes the system, and nobody is there to agree",
            "say `--yes` if that is meant, or run the command yourself",
        ));
    }
    eprint!("Go on? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_err() || !matches!(answer.trim(), "y" | "Y" | "yes") {
        return Err(Failure::usage("nothing was changed", ""));
    }
    Ok(())
}

/// Returns a path as text for people.
pub(crate) fn path_text(path: &Path) -> String {
    shown(&path.to_string_lossy())
}
