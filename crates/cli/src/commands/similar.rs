//! `similar`.

use videocatalog_core::analysis::{self, Look, SimilarError};
use videocatalog_core::path::RelPath;
use videocatalog_core::search::shown;

use super::{info, print_json};
use crate::analysis_args::{SimilarArgs, SimilarKind};
use crate::context::Context;
use crate::failure::Failure;
use crate::signal::cancel_on_interrupt;
use crate::table::{self, Align};

pub(crate) fn similar(context: &Context, args: &SimilarArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_look_up()?;
    let (drive, known) = info::find(context, &catalog, &args.path, args.label.as_ref())?;
    let path = RelPath::from_bytes(known.rel_path.into_bytes());
    let drives = catalog.drives()?;
    let look = Look {
        drive: &drive,
        path: &path,
        among: &drives,
        kind: args.kind.map(|kind| match kind {
            SimilarKind::Image => "image",
            SimilarKind::Video => "video",
        }),
        least: args.min_score,
        most: args.limit,
    };
    let cancel = cancel_on_interrupt();
    let found = analysis::similar(&catalog, &look, &cancel);
    let (files, unread) = found.map_err(|error| match error {
        SimilarError::Store(error) => Failure::from(error),
        SimilarError::Failed { .. } => Failure::usage(
            error.to_string(),
            "`videocatalog analyze --again` tries it once more",
        ),
        SimilarError::NotAnalysed(_) => Failure::usage(
            error.to_string(),
            format!("`videocatalog analyze --label \"{}\"`", drive.label),
        ),
    })?;
    if cancel.is_cancelled() {
        return Err(Failure::stopped());
    }
    for reason in &unread {
        context.warn(&format!("not looked through: {reason}"));
    }
    if args.output.json {
        return print_json(&files);
    }
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            vec![
                format!("{:.3}", file.similarity),
                shown(&file.place.drive_label),
                file.kind.clone(),
                shown(&file.place.path),
            ]
        })
        .collect();
    let headings = [
        ("ALIKE", Align::Right),
        ("DRIVE", Align::Left),
        ("KIND", Align::Left),
        ("PATH", Align::Left),
    ];
    table::print(&headings, &rows);
    Ok(())
}
