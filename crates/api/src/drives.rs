//! What most routes begin with: the drive that was asked about, and whether the client has the answer already.

use serde::Serialize;
use utoipa::IntoParams;
use videocatalog_core::catalog::drives::Drive;
use videocatalog_core::catalog::shard;
use videocatalog_core::catalog::store::Catalog;

use crate::answer::{Answer, Tag};
use crate::parameters::{Asked, Parameters, Read};
use crate::problem::Problem;
use crate::state::Api;
use crate::work::Work;

/// Parameters that name a drive.
pub(crate) trait OfDrive: Read + Send + 'static {
    fn drive_label(&self) -> &str;
}

/// The drive alone.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DriveOnly {
    /// The drive.
    drive_label: String,
}

impl Read for DriveOnly {
    fn read(query: &mut Parameters, _: &Api) -> Self {
        Self {
            drive_label: query.required_text("drive_label"),
        }
    }
}

impl OfDrive for DriveOnly {
    fn drive_label(&self) -> &str {
        &self.drive_label
    }
}

impl Api {
    /// Answers about one drive, with a tag that changes when anything known of the drive does.
    pub(crate) async fn of_drive<P: OfDrive, B: Serialize>(
        &self,
        asked: Asked<P>,
        answer: impl FnOnce(&Work<'_>, &Drive, &P) -> Result<B, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.work(move |work| {
            let drive = work.catalog.drive(asked.parameters.drive_label())?;
            let tag = tag(work, &drive, &asked.target)?;
            if tag.is_among(asked.known_tags.as_deref()) {
                return Ok(Answer::unchanged(tag));
            }
            let document = answer(work, &drive, &asked.parameters)?;
            work.unless_cancelled(Answer::json(&document)?.tagged(tag))
        })
        .await
    }

    /// Answers about anything, with a tag made from the answer itself.
    pub(crate) async fn of_all<P: Send + 'static, B: Serialize>(
        &self,
        asked: Asked<P>,
        answer: impl FnOnce(&Work<'_>, &P) -> Result<B, Problem> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.work(move |work| {
            let document = answer(work, &asked.parameters)?;
            let answer = Answer::json(&document)?.tagged_by_content(asked.known_tags.as_deref());
            work.unless_cancelled(answer)
        })
        .await
    }
}

impl Work<'_> {
    /// Fails where nothing can be known of a drive's files.
    pub(crate) fn readable(&self, drive: &Drive) -> Result<(), Problem> {
        version(self.catalog, drive).map(|_| ())
    }

    /// Returns an answer unless it may be a part of one.
    fn unless_cancelled(&self, answer: Answer) -> Result<Answer, Problem> {
        if self.cancel.is_cancelled() {
            Err(Problem::busy("it was stopped half-way"))
        } else {
            Ok(answer)
        }
    }
}

fn tag(work: &Work<'_>, drive: &Drive, target: &str) -> Result<Tag, Problem> {
    let config = &work.api.config;
    let of_program = (
        env!("CARGO_PKG_VERSION"),
        config.default_limit,
        config.max_page_size,
    );
    let of_drive = (
        &drive.drive_uid,
        &drive.label,
        &drive.mount_bytes,
        &drive.drive_type,
        &drive.scanned_at,
        version(work.catalog, drive)?,
    );
    Ok(Tag::of((of_program, of_drive, target)))
}

/// Returns what differs whenever the shard does. Fails where its files cannot be asked about at all.
fn version(catalog: &Catalog, drive: &Drive) -> Result<(i64, String), Problem> {
    let read = catalog.with_shard(drive, |shard| {
        let root = shard::root(shard)?;
        let change = root.map_or(0, |root| root.change_id);
        shard::change_utc(shard, change).map(|utc| (change, utc.unwrap_or_default()))
    })?;
    read.map_err(|error| {
        let text = format!("the shard of `{}` cannot be read: {error}", drive.label);
        Problem::busy(text)
    })
}
