//! The known key that a mistyped one was meant to be.

use super::sections::keys;

/// Returns the path of the key nearest to `path`, or `None` when nothing is near.
///
/// A last name alone (`queue_max`) finds its key; else up to a third of the characters may be wrong.
pub(super) fn nearest(path: &str) -> Option<&'static str> {
    let wanted = path.to_ascii_lowercase();
    if wanted.starts_with("tools.") {
        return Some(super::sections::TOOL_PATH.path());
    }
    let by_last_name = keys().map(super::Key::path).find(|known| {
        known
            .rsplit_once('.')
            .is_some_and(|(_, name)| name == wanted)
    });
    by_last_name.or_else(|| closest(&wanted, keys().map(super::Key::path)))
}

/// Returns the candidate nearest to a mistyped word, if up to a third of its characters would have to change.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let (distance, known) = candidates
        .map(|known| (distance(word, known), known))
        .min()?;
    (distance <= known.len() / 3).then_some(known)
}

/// Returns how many characters must be inserted, removed or replaced to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, from) in a.chars().enumerate() {
        let (mut diagonal, mut left) = (index, index + 1);
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("été", "ete", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn nearest_keys() {
        for (path, expected) in [
            ("robust.quee_max", Some("robust.queue_max")),
            ("Robust.Queue_Max", Some("robust.queue_max")),
            ("queue_max", Some("robust.queue_max")),
            ("robust.batch_file", Some("robust.batch_files")),
            ("tools.ffmpeg", Some("tools.<name>.path")),
            ("something quite different", None),
            ("", None),
        ] {
            assert_eq!(nearest(path), expected, "{path}");
        }
    }
}
