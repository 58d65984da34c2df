//! `jobs`.

use super::print_json;
use crate::args::JobsArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::table::{self, Align};

pub(crate) fn jobs(context: &Context, args: &JobsArgs) -> Result<(), Failure> {
    let catalog = context.catalog_to_read()?;
    if let Some(label) = &args.label {
        catalog.drive(label)?;
    }
    let jobs = catalog.jobs(args.label.as_deref())?;
    if args.output.json {
        return print_json(&jobs);
    }
    let rows: Vec<Vec<String>> = jobs
        .into_iter()
        .map(|job| {
            vec![
                job.id.to_string(),
                videocatalog_core::search::shown(&job.drive_label),
                job.mode.unwrap_or_default(),
                job.status,
                job.started_at,
                job.duration_sec.map_or_else(String::new, |seconds| {
                    table::duration(f64::from(i32::try_from(seconds).unwrap_or(i32::MAX)))
                }),
                videocatalog_core::search::shown(&job.message.unwrap_or_default()),
            ]
        })
        .collect();
    let headings = [
        ("ID", Align::Right),
        ("DRIVE", Align::Left),
        ("MODE", Align::Left),
        ("STATUS", Align::Left),
        ("STARTED", Align::Left),
        ("TOOK", Align::Right),
        ("RESULT", Align::Left),
    ];
    table::print(&headings, &rows);
    Ok(())
}
