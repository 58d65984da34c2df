//! What was done with a database, in a line.

use super::{Outcome, Status, Step};
use crate::human;
use crate::path::display::printable_path;

impl Step {
    /// Returns what is being done, to stand behind the name of a database.
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Backup => "making a backup",
            Self::Check => "checking",
            Self::Index => "making indexes and statistics anew",
            Self::Compact => "compacting",
            Self::Restore => "putting the backup in its place",
            Self::Salvage => "reading what can be read",
        }
    }
}

impl Outcome {
    /// Returns it in one line.
    pub fn sentence(&self) -> String {
        let mut parts = vec![match self.status {
            Status::Done => format!("{} done", self.action.name()),
            Status::Damaged => "integrity: damaged".into(),
            Status::Failed => format!("{} failed", self.action.name()),
            Status::Refused => format!("{} refused: it is in use", self.action.name()),
            Status::Missing => "there is no such file".into(),
            Status::Stopped => format!("{} stopped", self.action.name()),
        }];
        if let Some(found) = &self.integrity {
            parts = vec![if found.ok {
                "integrity ok".into()
            } else {
                format!("integrity: {} issues", human::count(found.issue_count))
            }];
        }
        if let Some(indexes) = self.indexes {
            parts.push(format!("{indexes} indexes made anew"));
        }
        match &self.vacuum {
            Some(vacuum) if vacuum.done => parts.push(format!(
                "reclaimed {} ({} → {})",
                human::size(vacuum.reclaimed_bytes()),
                human::size(vacuum.before_bytes),
                human::size(vacuum.after_bytes)
            )),
            Some(vacuum) => parts.push(format!(
                "VACUUM skipped (threshold): {} free",
                human::size(vacuum.free_bytes)
            )),
            None => {}
        }
        if let Some(name) = self.backup.as_deref().and_then(std::path::Path::file_name) {
            parts.push(format!("backup {}", printable_path(name.as_ref())));
        }
        if !self.removed_backups.is_empty() {
            let removed = self.removed_backups.len();
            parts.push(format!("{removed} older backups removed"));
        }
        let (database, seconds) = (&self.database, self.seconds);
        format!("{database}: {} in {seconds:.1} s", parts.join(", "))
    }
}
