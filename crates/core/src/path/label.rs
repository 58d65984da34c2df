//! Drive labels, and the names of the shard files that belong to them.
//!
//! A label is whatever the user calls a drive; the file name is derived from it, loses information on the way, and
//! therefore never serves to find out the label again: the catalogue records which file is whose.

/// The most characters a label may have.
pub const MAX_LABEL_CHARS: usize = 255;

/// The most bytes of a stem. With a counter and the longest suffix of a shard's companions the file name stays below
/// 200 bytes, which every file system takes.
const MAX_STEM_BYTES: usize = 180;

/// The names that Windows keeps for devices, whatever extension follows.
const DEVICE_NAMES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Why a text cannot be a drive label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing is left after trimming.
    #[error("a drive label cannot be blank")]
    Blank,
    /// It holds a character that would steer a terminal or end a line.
    #[error("a drive label cannot hold the control character {}", .0.escape_default())]
    ControlCharacter(char),
    /// It is longer than [`MAX_LABEL_CHARS`].
    #[error("a drive label has at most {MAX_LABEL_CHARS} characters, this one has {0}")]
    TooLong(usize),
}

impl LabelError {
    /// Returns what the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Blank => "name the drive, for example `Films 1`",
            Self::ControlCharacter(_) => "use a label without line breaks and control characters",
            Self::TooLong(_) => "use a shorter label",
        }
    }
}

/// Checks that `label` can name a drive.
///
/// # Errors
///
/// When it is blank, holds a control character, or is longer than [`MAX_LABEL_CHARS`] after trimming.
pub fn validate(label: &str) -> Result<(), LabelError> {
    let label = label.trim();
    if label.is_empty() {
        return Err(LabelError::Blank);
    }
    if let Some(control) = label.chars().find(|character| character.is_control()) {
        return Err(LabelError::ControlCharacter(control));
    }
    match label.chars().count() {
        count if count > MAX_LABEL_CHARS => Err(LabelError::TooLong(count)),
        _ => Ok(()),
    }
}

/// Returns the name, without extension, of the shard file for `label`: ASCII letters, digits, `_` and `-` stay, every
/// run of other characters becomes one `_`, a blank label becomes `drive`.
///
/// Different labels may have the same stem; [`unique_stem`] tells them apart.
pub fn shard_stem(label: &str) -> String {
    let label = label.trim();
    if label.is_empty() {
        return "drive".to_owned();
    }
    let mut stem = String::with_capacity(label.len().min(MAX_STEM_BYTES));
    let mut in_run = false;
    for character in label.chars() {
        let keeps = character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
        if keeps {
            stem.push(character);
        } else if !in_run {
            stem.push('_');
        }
        in_run = !keeps;
        if stem.len() == MAX_STEM_BYTES {
            break;
        }
    }
    stem
}

/// Returns the stem for `label` that no other shard has, with `-2`, `-3`… appended when needed.
///
/// `is_taken` is asked with the stem in lower case, because the file names of Windows and macOS ignore case; it compares
/// with the lower-cased stems in use.
pub fn unique_stem(label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let stem = shard_stem(label);
    let is_free = |stem: &str| !is_device_name(stem) && !is_taken(&stem.to_ascii_lowercase());
    if is_free(&stem) {
        return stem;
    }
    let mut number = 2_u64;
    loop {
        let numbered = format!("{stem}-{number}");
        if is_free(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

/// Returns whether Windows would open a device instead of the file.
fn is_device_name(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    DEVICE_NAMES.contains(&upper.as_str())
        || ["COM", "LPT"].iter().any(|device| {
            upper
                .strip_prefix(device)
                .is_some_and(|digit| digit.len() == 1 && digit.chars().all(|c| c.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        for (label, expected) in [
            ("Films 1", "Films_1"),
            ("  Films!  ", "Films_"),
            ("A  B", "A_B"),
            ("A_ _B", "A___B"),
            ("é", "_"),
            ("影片", "_"),
            ("a/b\\c", "a_b_c"),
            ("..", "_"),
            ("-", "-"),
            (" \t", "drive"),
            ("", "drive"),
        ] {
            assert_eq!(shard_stem(label), expected, "{label:?}");
        }
    }

    #[test]
    fn a_long_label_has_a_file_name_that_fits() {
        let label = "x".repeat(300);
        let stem = unique_stem(&label, |stem| !stem.ends_with("-17"));
        assert!(stem.ends_with("x-17"));
        assert!(stem.len() + ".db-journal".len() <= 200);
        assert!(shard_stem(&"é ".repeat(300)).len() == 1);
    }

    #[test]
    fn labels_are_checked() {
        for (label, expected) in [
            ("Films", Ok(())),
            ("..", Ok(())),
            ("影片 📀", Ok(())),
            (" \n ", Err(LabelError::Blank)),
            ("", Err(LabelError::Blank)),
            ("a\0b", Err(LabelError::ControlCharacter('\0'))),
            ("a\nb", Err(LabelError::ControlCharacter('\n'))),
            ("a\u{85}b", Err(LabelError::ControlCharacter('\u{85}'))),
        ] {
            assert_eq!(validate(label), expected, "{label:?}");
        }
        assert_eq!(validate(&"é".repeat(255)), Ok(()));
        assert_eq!(validate(&"é".repeat(256)), Err(LabelError::TooLong(256)));
    }

    #[test]
    fn collisions_get_a_number() {
        let taken = ["films_1", "films_1-2"];
        let is_taken = |stem: &str| taken.contains(&stem);
        assert_eq!(unique_stem("FILMS 1", is_taken), "FILMS_1-3");
        assert_eq!(unique_stem("Other", is_taken), "Other");
    }

    #[test]
    fn device_names_are_avoided() {
        for (label, expected) in [
            ("nul", "nul-2"),
            ("Com1", "Com1-2"),
            ("COM10", "COM10"),
            ("console", "console"),
        ] {
            assert_eq!(unique_stem(label, |_| false), expected);
        }
    }
}
