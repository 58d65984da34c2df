//! `~` and variables in paths that people write.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::environment::{Environment, Platform};

/// Returns `written` with a leading `~` and the variables `$NAME`, `${NAME}` and, on Windows, `%NAME%` replaced.
///
/// What is not set stays as it is written, so that the message about a useless path shows the mistake. A text that is
/// not Unicode is taken as it is.
pub fn expand(environment: &Environment, written: &OsStr) -> PathBuf {
    let Some(text) = written.to_str() else {
        return PathBuf::from(written);
    };
    expand_home(environment, expand_variables(environment, text))
}

fn expand_home(environment: &Environment, path: OsString) -> PathBuf {
    let path = PathBuf::from(path);
    match (path.strip_prefix("~"), environment.home_dir()) {
        (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => home,
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn expand_variables(environment: &Environment, text: &str) -> OsString {
    let mut expanded = OsString::new();
    let mut rest = text;
    while let Some(mark) = rest.find(['$', '%']) {
        let (plain, from_mark) = rest.split_at(mark);
        expanded.push(plain);
        // Both marks are one byte; one that begins no reference means itself.
        let (name, written) = reference(environment.platform, from_mark).unwrap_or(("", 1));
        let (reference, after) = from_mark.split_at(written);
        expanded.push(environment.var(name).unwrap_or(OsStr::new(reference)));
        rest = after;
    }
    expanded.push(rest);
    expanded
}

/// Returns the name that the reference at the start of `text` refers to, and how many bytes the reference has.
fn reference(platform: Platform, text: &str) -> Option<(&str, usize)> {
    if let Some(braced) = text.strip_prefix("${") {
        let name = braced.get(..braced.find('}')?)?;
        return Some((name, name.len() + 3));
    }
    if let Some(after) = text.strip_prefix('$') {
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(after.len());
        return (end > 0).then_some((after.get(..end)?, end + 1));
    }
    let after = text.strip_prefix('%')?;
    let name = after.get(..after.find('%')?)?;
    (platform == Platform::Windows && !name.is_empty()).then_some((name, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let mut environment = Environment {
            variables: [
                ("HOME", "/h"),
                ("USERPROFILE", "/w"),
                ("A_1", "/x"),
                ("E", ""),
            ]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
            executable_dir: None,
            current_dir: "/now".into(),
            platform: Platform::Unix,
        };
        for (written, expected) in [
            ("~", "/h"),
            ("~/a", "/h/a"),
            ("~a/b", "~a/b"),
            ("/a/~", "/a/~"),
            ("$A_1/b", "/x/b"),
            ("${A_1}b", "/xb"),
            ("$HOME$A_1", "/h/x"),
            ("$MISSING/b", "$MISSING/b"),
            ("${A_1", "${A_1"),
            ("$E/b", "$E/b"),
            ("cost$", "cost$"),
            ("%A_1%/b", "%A_1%/b"),
            ("é$A_1é", "é/xé"),
        ] {
            assert_eq!(
                expand(&environment, OsStr::new(written)),
                PathBuf::from(expected),
                "{written}"
            );
        }
        environment.platform = Platform::Windows;
        for (written, expected) in [
            ("%a_1%/b", "/x/b"),
            ("100%", "100%"),
            ("%%", "%%"),
            ("~/a", "/w/a"),
        ] {
            assert_eq!(
                expand(&environment, OsStr::new(written)),
                PathBuf::from(expected),
                "{written}"
            );
        }
    }
}
