//! The programs that decode, and those of others that make fingerprints where settings name them.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use videocatalog_fingerprint::tmk::Tmk;

use super::Kinds;
use super::capture::Sound;
use crate::event::{Event, Sink};
use crate::gather::TakeError;
use crate::tools::{Found, Limits, Missing, Source, Tool, Toolbox, run_streaming};

/// More than fpcalc ever prints of two minutes.
const LONGEST_TEXT: usize = 1 << 20;

/// Which programs are used.
#[derive(Clone, Debug)]
pub struct Programs {
    pub(super) ffmpeg: PathBuf,
    /// `tmk-hash-video`, where a setting names one that works; else our own code does it.
    pub(super) tmk: Option<Found>,
    /// `fpcalc`, where a setting names one that works; else our own code does it.
    pub(super) fpcalc: Option<Found>,
}

impl Programs {
    /// Returns ffmpeg alone: fingerprints are made by our own code.
    pub fn native(ffmpeg: PathBuf) -> Self {
        Self {
            ffmpeg,
            tmk: None,
            fpcalc: None,
        }
    }

    /// Returns those that settings name. One that is named and not there is told of, and is no failure.
    ///
    /// # Errors
    /// When there is no ffmpeg.
    pub(super) fn of(tools: &Toolbox, wanted: Kinds, sink: &dyn Sink) -> Result<Self, Missing> {
        let mut programs = Self::native(tools.need(Tool::Ffmpeg)?.path.clone());
        let named = |tool: Tool| {
            let probe = tools.probe(tool);
            for (setting, place) in &probe.failed_settings {
                let name = match tool {
                    Tool::Tmk => "tmk-hash-video",
                    other => other.name(),
                };
                sink.event(Event::Warning(format!(
                    "Tool missing: {name}. The setting `{setting}` names `{}`, which does not work; our own code does it instead",
                    place.display()
                )));
            }
            let found = probe.result.as_ref().ok().cloned();
            found.filter(|found| matches!(found.source, Source::Setting(_)))
        };
        if wanted.video {
            programs.tmk = named(Tool::Tmk);
        }
        if wanted.sound {
            programs.fpcalc = named(Tool::Fpcalc);
        }
        Ok(programs)
    }
}

/// Lets `tmk-hash-video` make a signature; `None` if it makes none of this film.
pub(super) fn tmk(
    program: &Found,
    ffmpeg: &Path,
    film: &Path,
    limits: &Limits,
) -> Result<Option<Tmk>, TakeError> {
    let scratch = tempfile::tempdir()?;
    let made = scratch.path().join("film.tmk");
    let arguments: [(&str, &Path); 3] = [("-f", ffmpeg), ("-i", film), ("-o", &made)];
    let arguments = arguments
        .into_iter()
        .flat_map(|(flag, path)| [OsString::from(flag), path.as_os_str().to_owned()]);
    run_streaming(&program.path, arguments, limits, |_| {
        ControlFlow::Continue(())
    })?;
    match fs_err::read(&made) {
        Ok(bytes) => Ok(Tmk::from_bytes(&bytes)
            .ok()
            .filter(|tmk| tmk.frame_count() > 0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Lets `fpcalc` make a fingerprint; `None` if it hears nothing.
pub(super) fn fpcalc(
    program: &Found,
    file: &Path,
    limits: &Limits,
) -> Result<Option<Sound>, TakeError> {
    let mut said = Vec::new();
    let arguments = [OsString::from("-json"), file.as_os_str().to_owned()];
    // It ends with an error at the end of short files, though what it printed is right.
    run_streaming(&program.path, arguments, limits, |chunk| {
        if said.len() + chunk.len() > LONGEST_TEXT {
            return ControlFlow::Break(());
        }
        said.extend_from_slice(chunk);
        ControlFlow::Continue(())
    })?;
    Ok(of_fpcalc(&said))
}

fn of_fpcalc(said: &[u8]) -> Option<Sound> {
    let document: serde_json::Value = serde_json::from_slice(said).ok()?;
    let text = document.get("fingerprint")?.as_str()?;
    let items = videocatalog_fingerprint::chromaprint::Fingerprint::from_text(text).ok()?;
    let duration_s = document.get("duration").and_then(serde_json::Value::as_f64);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length; what is none becomes 0"
    )]
    let heard_ms = (duration_s.unwrap_or(0.0) * 1_000.0) as u64;
    (!items.items.is_empty()).then(|| Sound {
        text: text.to_owned(),
        heard_ms,
    })
}
