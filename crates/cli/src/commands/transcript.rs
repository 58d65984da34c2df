//! `semantic transcript`.

use std::io::Write;

use videocatalog_core::search::shown;

use super::{info, print_json};
use crate::context::Context;
use crate::failure::Failure;
use crate::semantic_args::{TranscriptArgs, TranscriptFormat};

pub(crate) fn transcript(context: &Context, args: &TranscriptArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let (drive, file) = info::find(context, &catalog, &args.path, args.label.as_ref())?;
    let Some(transcript) = file.transcript else {
        let hint = if file.subtitles.is_empty() {
            format!(
                "`videocatalog semantic transcribe --label \"{}\"` listens to it",
                drive.label
            )
        } else {
            "it has subtitles, which are searched instead: `videocatalog info` shows them".into()
        };
        let path = shown(&file.path);
        return Err(Failure::usage(
            format!("there is no transcript of `{path}`"),
            hint,
        ));
    };
    if !transcript.is_complete {
        context
            .warn("it was not listened to, to its end; `videocatalog semantic transcribe` goes on");
    }
    if transcript.segments.is_empty() {
        context.warn("nobody was heard to speak in it");
    }
    let text = match args.format {
        TranscriptFormat::Text => shown_lines(&transcript.lines()),
        TranscriptFormat::Srt => transcript.srt(),
        TranscriptFormat::Vtt => transcript.vtt(),
        TranscriptFormat::Json => return print_json(&transcript),
    };
    // Whoever reads it may have had enough.
    let _written = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

/// Returns lines without what a terminal would take for a sign to it.
fn shown_lines(text: &str) -> String {
    text.lines().map(|line| shown(line) + "\n").collect()
}
