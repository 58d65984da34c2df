//! Cutting a query into words, quoted texts, brackets and signs.

use std::ops::Range;

use super::QueryError;

/// Longest query, in bytes; longer ones are pasted by mistake.
const LONGEST: usize = 65_536;

/// A piece of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) what: What,
    /// Where it stands.
    pub(super) at: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Open,
    Close,
    /// `OR` or `|`.
    Or,
    /// `-` or `NOT`.
    Not,
    /// A word, perhaps with quoted parts.
    Word(Word),
}

/// A word: its text without quotes, and which bytes of the text were quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// For every byte of the text, where it stood in the query.
    pub(super) from: Vec<usize>,
    /// For every byte of the text, whether it was quoted.
    pub(super) quoted: Vec<bool>,
}

impl Word {
    fn push(&mut self, character: char, at: usize, quoted: bool) {
        self.text.push(character);
        for byte in 0..character.len_utf8() {
            self.from.push(at + byte);
            self.quoted.push(quoted);
        }
    }

    /// Returns whether nothing of it was quoted.
    pub(super) fn is_plain(&self) -> bool {
        !self.quoted.contains(&true)
    }

    /// Returns the part from a byte of the text on.
    pub(super) fn after(&self, start: usize) -> Self {
        Self {
            text: self.text.get(start..).unwrap_or_default().to_owned(),
            from: self.from.get(start..).unwrap_or_default().to_vec(),
            quoted: self.quoted.get(start..).unwrap_or_default().to_vec(),
        }
    }
}

/// Cuts a query.
pub(super) fn cut(query: &str) -> Result<Vec<Token>, QueryError> {
    if query.len() > LONGEST {
        return Err(QueryError::new(
            format!("the query is longer than {LONGEST} bytes"),
            0..0,
            "shorten it",
        ));
    }
    let mut tokens = Vec::new();
    let mut characters = query.char_indices().peekable();
    while let Some(&(at, character)) = characters.peek() {
        let single = match character {
            c if c.is_whitespace() => {
                characters.next();
                continue;
            }
            '(' => Some(What::Open),
            ')' => Some(What::Close),
            '|' => Some(What::Or),
            '-' if is_sign(query, at) => Some(What::Not),
            _ => None,
        };
        if let Some(what) = single {
            characters.next();
            tokens.push(Token {
                what,
                at: at..at + 1,
            });
            continue;
        }
        let word = word(query, &mut characters)?;
        let end = characters.peek().map_or(query.len(), |&(end, _)| end);
        let what = match word.text.as_str() {
            "OR" if word.is_plain() => What::Or,
            "NOT" if word.is_plain() => What::Not,
            "AND" if word.is_plain() => continue,
            _ => What::Word(word),
        };
        tokens.push(Token { what, at: at..end });
    }
    Ok(tokens)
}

/// A `-` right before something that can be left out; one that stands alone is a word.
fn is_sign(query: &str, at: usize) -> bool {
    query
        .get(at + 1..)
        .and_then(|rest| rest.chars().next())
        .is_some_and(|next| !next.is_whitespace() && next != '-' && next != ')')
}

/// Reads a word up to a space or a bracket outside quotes. A bracket that the word opened itself belongs to it, as in
/// `film(1999)` and in regular expressions.
fn word(
    query: &str,
    characters: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
) -> Result<Word, QueryError> {
    let mut word = Word::default();
    let mut opened = 0_usize;
    let mut quote = None;
    while let Some(&(at, character)) = characters.peek() {
        match (quote, character) {
            (Some(_), '"') => quote = None,
            (Some(_), '\\')
                if query
                    .get(at + 1..)
                    .is_some_and(|rest| rest.starts_with('"')) =>
            {
                characters.next();
                word.push('"', at, true);
            }
            (Some(_), character) => word.push(character, at, true),
            (None, '"') => quote = Some(at),
            (None, '|') if !word.text.to_ascii_lowercase().starts_with("regex:") => break,
            (None, character) if character.is_whitespace() => break,
            (None, ')') if opened == 0 => break,
            (None, character) => {
                match character {
                    '(' => opened += 1,
                    ')' => opened -= 1,
                    _ => {}
                }
                word.push(character, at, false);
            }
        }
        characters.next();
    }
    match quote {
        Some(at) => Err(QueryError::new(
            "the quotation mark is never closed",
            at..at + 1,
            "close it with another `\"`; to look for a quotation mark itself write `\\\"` between two",
        )),
        None => Ok(word),
    }
}
