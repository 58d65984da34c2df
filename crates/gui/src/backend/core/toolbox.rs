//! Tools, found and brought by core.

use std::path::{Path, PathBuf};

use videocatalog_core::diagnose;
use videocatalog_core::home::Home;
use videocatalog_core::search::shown;
use videocatalog_core::tools::install::{self, Audience, InstallError};
use videocatalog_core::tools::portable::{self, BringError};
use videocatalog_core::tools::{FfmpegAbilities, Found, OF_INTEREST_DECODERS, Probe, Tool};

use super::CoreBackend;
use crate::backend::Trouble;
use crate::backend::toolbox::{Diagnosis, ToolLine, Toolbox};
use crate::job::Running;

impl Toolbox for CoreBackend {
    fn diagnose(&self) -> Diagnosis {
        let home = self.home();
        self.forget_tools();
        let toolbox = self.tools();
        let tools = Tool::ALL;
        Diagnosis {
            tools: tools
                .iter()
                .map(|tool| line(&home, toolbox.probe(*tool)))
                .collect(),
            ffmpeg: toolbox.ffmpeg().map(abilities).unwrap_or_default(),
            workdir: home.workdir.root().to_path_buf(),
            room: diagnose::room(home.workdir.root()),
            smartctl: diagnose::smartctl_note(&toolbox),
            databases: diagnose::databases(&home.workdir, home.catalog_path()),
        }
    }

    fn install(&self, tool: &str, running: &Running) -> Result<PathBuf, Trouble> {
        let (home, tool) = (self.home(), named(tool)?);
        let failed = |error: InstallError| Trouble::new(&error, error.hint(tool));
        let plan = install::plan(tool, &home.environment, false).map_err(failed)?;
        home.log.line(&format!("installing {}", tool.name()));
        let mut show = |chunk: &[u8]| {
            let text = String::from_utf8_lossy(chunk);
            if let Some(line) = text.lines().rev().find(|line| !line.trim().is_empty()) {
                running.tell(shown(line), None);
            }
        };
        let mut audience = Audience::Program(&mut show);
        install::run(&plan, &home.environment, &mut audience, &running.cancel).map_err(failed)?;
        let toolbox = home.toolbox();
        let found = toolbox.need(tool).map_err(|missing| {
            Trouble::new(
                format!("{} was installed, but no working one is found", tool.name()),
                missing.remedy(),
            )
        })?;
        portable::remember(found, bring(&home))?;
        let path = found.path.clone();
        self.reload();
        Ok(path)
    }

    fn locate(&self, tool: &str, path: &Path) -> Result<PathBuf, Trouble> {
        let (home, tool) = (self.home(), named(tool)?);
        let found = if path.is_dir() {
            portable::copy(tool, path, bring(&home))?
        } else {
            portable::locate(tool, path, bring(&home))?
        };
        self.reload();
        Ok(found.path)
    }
}

fn named(tool: &str) -> Result<Tool, Trouble> {
    Tool::from_name(tool).ok_or_else(|| Trouble::new(format!("there is no tool `{tool}`"), ""))
}

fn bring(home: &Home) -> portable::Home<'_> {
    portable::Home {
        workdir: &home.workdir,
        environment: &home.environment,
        clock: home.clock.as_ref(),
    }
}

fn line(home: &Home, probe: &Probe) -> ToolLine {
    let found = probe.result.as_ref().ok();
    ToolLine {
        name: probe.tool.name(),
        state: probe.state().name(),
        version: found.map(Found::version_text).unwrap_or_default(),
        path: found.map(|found| found.path.clone()),
        source: found
            .map(|found| found.source.describe())
            .unwrap_or_default(),
        errors: probe.errors.clone(),
        lost_without: probe.tool.lost_without(),
        how_to_get: install::how_to_get(probe.tool, &home.environment),
    }
}

fn abilities(abilities: &FfmpegAbilities) -> String {
    let decoders = OF_INTEREST_DECODERS.iter();
    let known: Vec<&str> = decoders
        .copied()
        .filter(|name| abilities.decodes(name))
        .collect();
    let hardware = if abilities.hwaccels.is_empty() {
        "none".to_owned()
    } else {
        abilities.hwaccels.join(", ")
    };
    format!("decodes {}; hardware: {hardware}", known.join(", "))
}

impl From<BringError> for Trouble {
    fn from(error: BringError) -> Self {
        Self::new(&error, error.hint())
    }
}
