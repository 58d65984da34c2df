//! Before a long read: how are the disks below the drive? Whatever comes of it, the scan goes on.

use super::plan::Plan;
use super::run::Surroundings;
use crate::catalog::store::Catalog;
use crate::event::{Event, Sink};
use crate::health::{self, Report};

/// Asks the disks if that was not done lately, writes the answer down, and warns at once of a disk that is failing.
pub(super) fn ask(
    catalog: &Catalog,
    plan: &Plan,
    outside: &Surroundings,
    sink: &dyn Sink,
) -> Option<Report> {
    let uid = &plan.drive.drive_uid;
    let clock = outside.clock.as_ref();
    if !matches!(health::is_due(catalog, uid, clock.now_us()), Ok(true)) {
        return None;
    }
    let report = health::check(&outside.tools, &plan.volume, &outside.cancel)?;
    if let Some(warning) = report.warning() {
        sink.event(Event::Warning(warning));
    }
    if let Err(error) = health::record(catalog, uid, &report, &clock.now_utc()) {
        sink.event(Event::Warning(format!(
            "the health of the disk was not noted: {error}"
        )));
    }
    Some(report)
}
