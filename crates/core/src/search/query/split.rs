//! Telling what is meant from the conditions of a query that is searched by meaning.

use super::fields;
use super::lexer::{Token, What, cut};
use super::parse::field_of;
use super::{QueryError, parse};

/// A query, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What is meant, in the user's words.
    pub meant: String,
    /// Conditions, in the query language; empty if there are none.
    pub conditions: String,
}

/// Takes a query apart that is searched by meaning: whatever is no condition is what is meant, signs and all, as people
/// write what they look for as they like. `ext:mkv`, `(ext:mkv OR ext:mp4)`, `NOT ext:mkv` and `-word` are conditions.
///
/// # Errors
/// When conditions and words are so mixed that neither can be told from the other, or a condition means nothing.
pub fn split(text: &str, context: &super::Context) -> Result<Split, QueryError> {
    let meant = |text: &str| Split {
        meant: text.trim().to_owned(),
        conditions: String::new(),
    };
    let Ok(tokens) = cut(text) else {
        return Ok(meant(text));
    };
    let has_conditions = tokens.iter().any(is_condition);
    if !has_conditions && !tokens.iter().any(|token| is_dash(text, token)) {
        return Ok(meant(text));
    }
    let split = apart(text, &tokens, has_conditions)?;
    parse(&split.conditions, context)?;
    Ok(split)
}

fn apart(text: &str, tokens: &[Token], has_conditions: bool) -> Result<Split, QueryError> {
    let mut split = Split::default();
    let mut rest = tokens;
    let mut either = None;
    while let Some((unit, others)) = unit(rest) {
        rest = others;
        let (first, last) = match unit {
            [first, .., last] => (first, last),
            [only] => (only, only),
            [] => break,
        };
        let at = first.at.start..last.at.end;
        let source = text.get(at.clone()).unwrap_or_default();
        let (words, conditions): (Vec<&Token>, Vec<&Token>) = unit
            .iter()
            .filter(|token| matches!(token.what, What::Word(_)))
            .partition(|token| !is_condition(token));
        if first.what == What::Or && has_conditions {
            either = Some(at);
            push(&mut split.conditions, source);
            continue;
        }
        match (words.is_empty(), conditions.is_empty()) {
            (false, false) => return Err(mixed(at)),
            (true, false) => push(&mut split.conditions, source),
            // `-word`; a `NOT` may be a word that is meant, as in "ask NOT what".
            _ if is_dash(text, first) && !words.is_empty() => {
                push(&mut split.conditions, source);
            }
            _ => push(&mut split.meant, source),
        }
    }
    match either {
        Some(at) if !split.meant.is_empty() => Err(mixed(at)),
        _ => Ok(split),
    }
}

/// Returns the first part of a query that stands for itself: a word or a bracket with the signs before it, or a sign alone.
fn unit(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let signs = tokens
        .iter()
        .take_while(|token| token.what == What::Not)
        .count();
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(signs) {
        match token.what {
            What::Open => depth += 1,
            What::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return tokens.split_at_checked(place + 1);
        }
    }
    (!tokens.is_empty()).then(|| tokens.split_at(tokens.len()))
}

fn is_condition(token: &Token) -> bool {
    let What::Word(word) = &token.what else {
        return false;
    };
    field_of(word).is_some_and(|(name, _)| fields::find(&name).is_some())
}

fn is_dash(text: &str, token: &Token) -> bool {
    token.what == What::Not && text.get(token.at.clone()) == Some("-")
}

fn push(to: &mut String, part: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(part);
}

fn mixed(at: std::ops::Range<usize>) -> QueryError {
    QueryError::new(
        "words that are meant and conditions stand in one bracket, or on both sides of `OR`",
        at,
        "put the conditions into a bracket of their own: `beach (ext:mkv OR ext:mp4)`",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Context;
    use super::*;

    #[test]
    fn conditions_are_told_from_what_is_meant() {
        let context = Context::new(0, || jiff::tz::TimeZone::UTC);
        let check = |text: &str, meant: &str, conditions: &str| {
            let expected = Split {
                meant: meant.to_owned(),
                conditions: conditions.to_owned(),
            };
            assert_eq!(split(text, &context), Ok(expected), "{text}");
        };
        check("beach holiday ext:mkv", "beach holiday", "ext:mkv");
        check("-ext:mkv size:>1gb dogs", "dogs", "-ext:mkv size:>1gb");
        check("NOT ext:mkv beach", "beach", "NOT ext:mkv");
        check(
            "beach (ext:mkv OR ext:mp4)",
            "beach",
            "(ext:mkv OR ext:mp4)",
        );
        check("ext:mkv OR ext:mp4", "", "ext:mkv OR ext:mp4");
        check("path:\"My Films/\" war", "war", "path:\"My Films/\"");
        check("-dogs beach", "beach", "-dogs");
        check("-(cat dog) beach", "beach", "-(cat dog)");
        check("star wars: a new hope", "star wars: a new hope", "");
        check("ASK NOT what (really)", "ASK NOT what (really)", "");
        check("cats OR dogs", "cats OR dogs", "");
        check("\"ask not\" AND (OR", "\"ask not\" AND (OR", "");
        check("\"never closed ext:mkv", "\"never closed ext:mkv", "");
        check("what is this?) ext:mkv", "what is this? )", "ext:mkv");
        check("  ", "", "");
        for mixed in [
            "beach ext:mkv OR ext:mp4",
            "(beach ext:mkv) x",
            "a OR ext:mkv",
        ] {
            assert!(split(mixed, &context).is_err(), "{mixed}");
        }
        assert!(split("ext:mkv size:>nonsense", &context).is_err());
    }
}
