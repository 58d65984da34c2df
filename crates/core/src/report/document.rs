//! Every report as a document: the five documented ones are one together, each other one is its own.

use serde::Serialize;

use super::changes::{self, ChangesReport, Most};
use super::duplicates::{self, DuplicatesReport};
use super::files::{self, Table};
use super::media::{self, MediaReport};
use super::read::Source;
use super::singles::{self, SinglesReport};
use super::space::{self, SpaceReport};
use super::{Bundle, Params};
use crate::catalog::store::StoreError;

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The five documented reports.
    Five,
    /// What films and sound are made of.
    Media,
    /// Files with the same content.
    Duplicates,
    /// What is on no other drive.
    SingleCopies,
    /// How full drives are.
    Space,
    /// What scans did.
    Changes,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Five,
        Self::Media,
        Self::Duplicates,
        Self::SingleCopies,
        Self::Space,
        Self::Changes,
    ];
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The drives by their labels; none: all together.
    pub labels: Vec<String>,
    /// How long lists are. Of [`Subject::Changes`], `top_n` scans are told of, and `largest_limit` files of each.
    pub params: Params,
    /// Of [`Subject::Space`]: how many bytes should fit.
    pub fit_bytes: Option<u64>,
    /// When it is asked, in microseconds after 1970.
    pub now_us: i64,
}

/// A document, as `report --json` prints it.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "named as their subjects")]
pub enum Document {
    Five(Bundle),
    Media(MediaReport),
    Duplicates(DuplicatesReport),
    SingleCopies(SinglesReport),
    Space(SpaceReport),
    Changes(ChangesReport),
}

impl Document {
    /// Makes one; `None` if it was cancelled.
    ///
    /// # Errors
    /// When the catalogue cannot be read, or does not know a label.
    pub fn make(
        source: Source<'_>,
        subject: Subject,
        wanted: &Wanted,
    ) -> Result<Option<Self>, StoreError> {
        let drives = source.catalog.select(&wanted.labels)?;
        let params = wanted.params;
        Ok(match subject {
            Subject::Five => super::bundle(
                source.searcher,
                source.catalog,
                &drives,
                params,
                wanted.now_us,
                source.cancel,
            )
            .map(Self::Five),
            Subject::Media => media::media(source, &drives).map(Self::Media),
            Subject::Duplicates => {
                duplicates::duplicates(source, &drives, params.top_n).map(Self::Duplicates)
            }
            Subject::SingleCopies => {
                let all = source.catalog.drives()?;
                singles::single_copies(source, &drives, &all).map(Self::SingleCopies)
            }
            Subject::Space => space::space(source, &drives, wanted.fit_bytes).map(Self::Space),
            Subject::Changes => {
                let most = Most {
                    jobs: params.top_n,
                    files: params.largest_limit,
                };
                changes::changes(source, &drives, most).map(Self::Changes)
            }
        })
    }

    /// Returns the drives that could not be read, and why.
    pub fn unread(&self) -> &[String] {
        match self {
            Self::Five(report) => &report.unread,
            Self::Media(report) => &report.unread,
            Self::Duplicates(report) => &report.unread,
            Self::SingleCopies(report) => &report.unread,
            Self::Space(report) => &report.unread,
            Self::Changes(report) => &report.unread,
        }
    }

    /// Returns it as rows.
    pub fn tables(&self) -> Vec<Table> {
        match self {
            Self::Five(report) => files::sections(report).into(),
            Self::Media(report) => vec![report.table()],
            Self::Duplicates(report) => vec![report.table()],
            Self::SingleCopies(report) => vec![report.table()],
            Self::Space(report) => vec![report.table()],
            Self::Changes(report) => vec![report.table()],
        }
    }
}
