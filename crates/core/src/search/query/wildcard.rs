//! Patterns with `*` and `?` over folded texts.

use crate::search::fold::fold_into;

/// A pattern. `*` stands for any number of characters, `?` for one. In a pattern over paths both stop at a `/`; `**` does
/// not, and `**/` also stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    parts: Vec<Part>,
    longest: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    One,
    Any,
    AnyWithinFolder,
    /// `**/`: nothing, or anything that ends with a `/`.
    Folders,
}

impl Wildcard {
    /// Returns the pattern that a text means, over names or over paths.
    pub fn new(text: &str, is_path: bool) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut left = text;
        while let Some(character) = left.chars().next() {
            let (part, length) = if is_path && left.starts_with("**/") {
                (Part::Folders, 3)
            } else if left.starts_with("**") {
                (Part::Any, 2)
            } else if character == '*' {
                let part = if is_path {
                    Part::AnyWithinFolder
                } else {
                    Part::Any
                };
                (part, 1)
            } else if character == '?' {
                (Part::One, 1)
            } else {
                literal.push(character);
                left = left.get(character.len_utf8()..).unwrap_or_default();
                continue;
            };
            push_literal(&mut parts, &mut literal);
            if parts.last() != Some(&part) || part == Part::One {
                parts.push(part);
            }
            left = left.get(length..).unwrap_or_default();
        }
        push_literal(&mut parts, &mut literal);
        let longest = parts
            .iter()
            .filter_map(Part::literal)
            .max_by_key(|text| text.len());
        Self {
            longest: longest.unwrap_or_default().to_vec(),
            parts,
        }
    }

    /// Returns the longest text without wildcards that every match holds; may be empty.
    pub fn longest_literal(&self) -> &[u8] {
        &self.longest
    }

    /// Returns whether the whole of a folded text matches, in time proportional to the product of both lengths at worst.
    pub fn matches(&self, text: &[u8]) -> bool {
        // `reached[at]`: the parts so far match the first `at` bytes.
        let mut reached = vec![false; text.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for part in &self.parts {
            reached = part.step(text, &reached);
            if !reached.contains(&true) {
                return false;
            }
        }
        reached.last() == Some(&true)
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        let mut folded = Vec::new();
        fold_into(literal.as_bytes(), &mut folded);
        parts.push(Part::Literal(folded));
        literal.clear();
    }
}

impl Part {
    fn literal(&self) -> Option<&[u8]> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// Returns where a match may end that could so far end in `reached`.
    fn step(&self, text: &[u8], reached: &[bool]) -> Vec<bool> {
        let mut next = vec![false; reached.len()];
        let mut mark = |at: usize| {
            if let Some(slot) = next.get_mut(at) {
                *slot = true;
            }
        };
        let mut is_open = false;
        for (at, is_reached) in reached.iter().enumerate() {
            let rest = text.get(at..).unwrap_or_default();
            match self {
                Self::Literal(literal) if *is_reached && rest.starts_with(literal) => {
                    mark(at + literal.len());
                }
                Self::One if *is_reached && !rest.is_empty() && !rest.starts_with(b"/") => {
                    mark(at + character_length(rest));
                }
                Self::Any => {
                    is_open |= is_reached;
                    if is_open {
                        mark(at);
                    }
                }
                Self::AnyWithinFolder => {
                    is_open |= is_reached;
                    if is_open {
                        mark(at);
                    }
                    is_open &= !rest.starts_with(b"/");
                }
                Self::Folders => {
                    if *is_reached || is_open && at > 0 && text.get(at - 1) == Some(&b'/') {
                        mark(at);
                    }
                    is_open |= is_reached;
                }
                Self::Literal(_) | Self::One => {}
            }
        }
        next
    }
}

/// Returns the length of the first character; a byte that is no UTF-8 is one by itself.
fn character_length(text: &[u8]) -> usize {
    text.utf8_chunks()
        .next()
        .and_then(|chunk| chunk.valid().chars().next())
        .map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::fold::fold;

    fn check(pattern: &str, is_path: bool, yes: &[&str], no: &[&str]) {
        let wildcard = Wildcard::new(pattern, is_path);
        for text in yes {
            assert!(wildcard.matches(&fold(text.as_bytes())), "{pattern} {text}");
        }
        for text in no {
            assert!(
                !wildcard.matches(&fold(text.as_bytes())),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn names_match_as_a_whole() {
        check("*.mkv", false, &["a.MKV", ".mkv"], &["a.mkv2", "mkv"]);
        check(
            "img_????.jpg",
            false,
            &["IMG_0001.jpg", "img_éàüö.jpg"],
            &["img_001.jpg"],
        );
        check("*a*b*", false, &["ab", "xaxbx"], &["ba"]);
        check("[x]*", false, &["[x]y"], &["xy"]);
    }

    #[test]
    fn paths_stop_at_folders() {
        check(
            "films/*.mkv",
            true,
            &["Films/a.mkv"],
            &["films/x/a.mkv", "x/films/a.mkv"],
        );
        check("**/*.mkv", true, &["a.mkv", "x/y/a.mkv"], &["x/a.avi"]);
        check("a/**/b", true, &["a/b", "a/x/y/b"], &["a/xb", "ab"]);
        check("a/**", true, &["a/b/c"], &["b/a/c"]);
        check("a?b/c", true, &["axb/c"], &["a/b/c"]);
    }

    #[test]
    fn no_pattern_takes_long() {
        let wildcard = Wildcard::new(&"*a".repeat(500), false);
        assert!(!wildcard.matches("a".repeat(255).as_bytes()));
    }

    proptest! {
        #[test]
        fn a_regular_expression_agrees(pattern in "[ab/?*]{0,8}", text in "[ab/]{0,10}") {
            let mut expression = String::from("(?s)^");
            let mut left = pattern.as_str();
            while let Some(first) = left.chars().next() {
                let (part, length) = if left.starts_with("**/") {
                    ("(?:.*/)?", 3)
                } else if left.starts_with("**") {
                    (".*", 2)
                } else {
                    match first {
                        '*' => ("[^/]*", 1),
                        '?' => ("[^/]", 1),
                        'a' => ("a", 1),
                        'b' => ("b", 1),
                        _ => ("/", 1),
                    }
                };
                expression.push_str(part);
                left = &left[length..];
            }
            expression.push('$');
            let regex = regex::Regex::new(&expression).unwrap();
            prop_assert_eq!(Wildcard::new(&pattern, true).matches(text.as_bytes()), regex.is_match(&text));
        }
    }
}
