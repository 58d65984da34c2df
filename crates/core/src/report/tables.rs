//! Each report beyond the five documented ones as rows, for files.

use super::changes::ChangesReport;
use super::duplicates::DuplicatesReport;
use super::files::Table;
use super::media::{MediaEntry, MediaReport};
use super::singles::{SinglesReport, SinglesSums};
use super::space::SpaceReport;

fn heading(names: &[&str]) -> Vec<Vec<String>> {
    vec![names.iter().map(|name| (*name).to_owned()).collect()]
}

fn known<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl MediaReport {
    /// Returns the lists and what each is by.
    pub fn lists(&self) -> [(&'static str, &[MediaEntry]); 5] {
        [
            ("video_codec", &self.video_codecs),
            ("resolution", &self.resolutions),
            ("hdr", &self.hdr),
            ("audio_codec", &self.audio_codecs),
            ("container", &self.containers),
        ]
    }

    /// Returns all lists below each other.
    pub fn table(&self) -> Table {
        let mut rows = heading(&["by", "name", "files", "bytes", "hours"]);
        for (by, entries) in self.lists() {
            rows.extend(entries.iter().map(|entry| {
                vec![
                    by.to_owned(),
                    entry.name.clone(),
                    entry.files.to_string(),
                    entry.bytes.to_string(),
                    entry.hours.to_string(),
                ]
            }));
        }
        Table {
            section: "media",
            rows,
        }
    }
}

impl DuplicatesReport {
    /// Returns a row a file, those of a group below each other.
    pub fn table(&self) -> Table {
        let mut rows = heading(&["hash", "size_bytes", "copies", "drive_label", "path"]);
        for group in &self.groups {
            rows.extend(group.places.iter().map(|place| {
                vec![
                    group.hash.clone(),
                    group.size_bytes.to_string(),
                    group.copies.to_string(),
                    place.drive_label.clone(),
                    place.path.clone(),
                ]
            }));
        }
        Table {
            section: "duplicates",
            rows,
        }
    }
}

impl SinglesReport {
    /// Returns a row a drive and category, and one of all categories.
    pub fn table(&self) -> Table {
        let mut rows = heading(&[
            "drive_label",
            "category",
            "single_files",
            "single_bytes",
            "elsewhere_files",
            "elsewhere_bytes",
            "unknown_files",
            "unknown_bytes",
        ]);
        let row = |label: &str, category: &str, sums: &SinglesSums| {
            let mut row = vec![label.to_owned(), category.to_owned()];
            let numbers = [
                sums.single_files,
                sums.single_bytes,
                sums.elsewhere_files,
                sums.elsewhere_bytes,
                sums.unknown_files,
                sums.unknown_bytes,
            ];
            row.extend(numbers.map(|number| number.to_string()));
            row
        };
        for drive in &self.drives {
            rows.push(row(&drive.drive_label, "all", &drive.total));
            let categories = drive.categories.iter();
            rows.extend(categories.map(|one| row(&drive.drive_label, &one.category, &one.sums)));
        }
        Table {
            section: "single_copies",
            rows,
        }
    }
}

impl SpaceReport {
    /// Returns a row a drive.
    pub fn table(&self) -> Table {
        let mut rows = heading(&[
            "drive_label",
            "scanned_at",
            "total_bytes",
            "free_bytes",
            "catalogued_files",
            "catalogued_bytes",
        ]);
        rows.extend(self.drives.iter().map(|drive| {
            vec![
                drive.drive_label.clone(),
                known(drive.scanned_at.as_ref()),
                known(drive.total_bytes),
                known(drive.free_bytes),
                known(drive.catalogued_files),
                known(drive.catalogued_bytes),
            ]
        }));
        Table {
            section: "space",
            rows,
        }
    }
}

impl ChangesReport {
    /// Returns a row a file.
    pub fn table(&self) -> Table {
        let mut rows = heading(&[
            "job_id",
            "drive_label",
            "started_at",
            "what",
            "path",
            "before_path",
            "size_bytes",
            "before_size_bytes",
        ]);
        for job in &self.jobs {
            rows.extend(job.did.iter().flat_map(|did| &did.files).map(|file| {
                vec![
                    job.job_id.to_string(),
                    job.drive_label.clone(),
                    job.started_at.clone(),
                    file.what.clone(),
                    file.place.path.clone(),
                    known(file.before_path.as_ref()),
                    known(file.size_bytes),
                    known(file.before_size_bytes),
                ]
            }));
        }
        Table {
            section: "changes",
            rows,
        }
    }
}
