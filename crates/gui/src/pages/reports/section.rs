//! The tabs of the page.

use videocatalog_core::report::document::{Document, Subject};

use super::leaf::Leaf;
use super::{five, more};
use crate::backend::reporting::Report;

/// A report as a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Overview,
    TopExtensions,
    LargestFiles,
    HeaviestFolders,
    Recent,
    Media,
    Duplicates,
    SingleCopies,
    Space,
    Changes,
}

impl Section {
    /// All, in the order of the page.
    pub(super) const ALL: [Self; 10] = [
        Self::Overview,
        Self::TopExtensions,
        Self::LargestFiles,
        Self::HeaviestFolders,
        Self::Recent,
        Self::Media,
        Self::Duplicates,
        Self::SingleCopies,
        Self::Space,
        Self::Changes,
    ];

    /// Returns its title.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::TopExtensions => "Top extensions",
            Self::LargestFiles => "Largest files",
            Self::HeaviestFolders => "Heaviest folders",
            Self::Recent => "Recent changes",
            Self::Media => "Media",
            Self::Duplicates => "Exact duplicates",
            Self::SingleCopies => "Single copies",
            Self::Space => "Space",
            Self::Changes => "What scans did",
        }
    }

    /// Returns the document that it is in.
    pub(super) const fn subject(self) -> Subject {
        match self {
            Self::Media => Subject::Media,
            Self::Duplicates => Subject::Duplicates,
            Self::SingleCopies => Subject::SingleCopies,
            Self::Space => Subject::Space,
            Self::Changes => Subject::Changes,
            _ => Subject::Five,
        }
    }
}

/// Returns what tabs show of a report: each has one leaf, or several to choose from.
pub(super) fn leaves(report: &Report) -> Vec<(Section, Vec<Leaf>)> {
    match &report.document {
        Document::Five(bundle) => vec![
            (Section::Overview, vec![five::overview(bundle)]),
            (Section::TopExtensions, vec![five::extensions(bundle)]),
            (Section::LargestFiles, vec![five::largest(bundle)]),
            (Section::HeaviestFolders, vec![five::folders(bundle)]),
            (Section::Recent, vec![five::recent(bundle, &report.days)]),
        ],
        Document::Media(report) => vec![(Section::Media, more::media(report))],
        Document::Duplicates(report) => vec![(Section::Duplicates, vec![more::duplicates(report)])],
        Document::SingleCopies(report) => {
            vec![(Section::SingleCopies, vec![more::singles(report)])]
        }
        Document::Space(report) => vec![(Section::Space, vec![more::space(report)])],
        Document::Changes(report) => vec![(Section::Changes, vec![more::changes(report)])],
    }
}
