//! The user's own kinds of drive: a list of words in a file that the older program's users may have edited.

use std::io;
use std::path::Path;

use super::WorkingDir;

/// What is offered while there is no such file.
const USUAL: [&str; 5] = [
    "HDD 3.5",
    "HDD 2.5",
    "SSD SATA",
    "NVMe",
    "USB 3.0 enclosure",
];

impl WorkingDir {
    /// Returns the kinds of drive that the user chooses from; the usual ones where the file is missing or no list of words.
    pub fn drive_types(&self) -> Vec<String> {
        read(&self.drive_types_file()).unwrap_or_else(|| USUAL.map(str::to_owned).to_vec())
    }

    /// Adds a kind of drive, if it is not there yet; the case of letters matters, as it always did.
    ///
    /// # Errors
    /// When the file cannot be written. One that holds something else is left alone.
    pub fn add_drive_type(&self, name: &str) -> io::Result<()> {
        let file = self.drive_types_file();
        let mut known = match read(&file) {
            Some(known) => known,
            None if file.exists() => {
                let other = format!("`{}` holds something else than a list", file.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, other));
            }
            None => USUAL.map(str::to_owned).to_vec(),
        };
        if known.iter().any(|one| one == name) {
            return Ok(());
        }
        known.push(name.to_owned());
        let text = serde_json::to_string_pretty(&known)?;
        let beside = file.with_extension("json.new");
        fs_err::write(&beside, text)?;
        fs_err::rename(&beside, &file)
    }
}

fn read(file: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(file).ok()?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_added_once_and_nothing_else_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let workdir = WorkingDir::new(folder.path());
        assert_eq!(workdir.drive_types(), USUAL);
        workdir.add_drive_type("Tape").unwrap();
        workdir.add_drive_type("Tape").unwrap();
        let kinds = workdir.drive_types();
        assert_eq!(kinds.len(), USUAL.len() + 1);
        assert_eq!(kinds.last().map(String::as_str), Some("Tape"));
        std::fs::write(workdir.drive_types_file(), "{\"not\": \"ours\"}").unwrap();
        assert_eq!(workdir.drive_types(), USUAL);
        assert!(workdir.add_drive_type("Disc").is_err());
        let kept = std::fs::read_to_string(workdir.drive_types_file()).unwrap();
        assert!(kept.contains("ours"));
    }
}
