//! From words to a meaning.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use regex::bytes::RegexBuilder;

use super::ast::{Condition, Expr, Health, Interval, Query, Text};
use super::fields::{self, Field};
use super::lexer::{Token, What, Word, cut};
use super::wildcard::Wildcard;
use super::{Context, QueryError, times, values};
use crate::media::Category;
use crate::search::fold::fold;

/// Brackets inside brackets.
const DEEPEST: usize = 100;

/// Conditions of one query.
const MOST_CONDITIONS: usize = 1_000;

/// Memory that a regular expression may take once it is compiled.
const REGEX_BYTES: usize = 4 << 20;

/// Returns what a query means; an empty one means everything.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse(text: &str, context: &Context) -> Result<Query, QueryError> {
    let mut parser = Parser {
        tokens: cut(text)?.into_iter().peekable(),
        context,
        end: text.len(),
        depth: 0,
        conditions: 0,
        mentions_deleted: false,
    };
    let expr = parser.either()?;
    if let Some(token) = parser.tokens.next() {
        return Err(QueryError::new(
            "this bracket closes none that is open",
            token.at,
            "take it away, or put it between quotation marks",
        ));
    }
    Ok(Query {
        expr,
        mentions_deleted: parser.mentions_deleted,
    })
}

struct Parser<'a> {
    tokens: Peekable<IntoIter<Token>>,
    context: &'a Context,
    /// Length of the query.
    end: usize,
    depth: usize,
    conditions: usize,
    mentions_deleted: bool,
}

impl Parser<'_> {
    fn next_is(&mut self, what: &What) -> bool {
        self.tokens.peek().is_some_and(|token| token.what == *what)
    }

    /// Parts with `OR` between them.
    fn either(&mut self) -> Result<Expr, QueryError> {
        let mut parts = vec![self.every()?];
        while self.next_is(&What::Or) {
            let at = self.tokens.next().map_or(0..0, |token| token.at);
            if matches!(parts.last(), Some(None)) {
                return Err(lonely(at));
            }
            let part = self.every()?;
            if part.is_none() {
                return Err(lonely(at));
            }
            parts.push(part);
        }
        let mut parts: Vec<Expr> = parts.into_iter().flatten().collect();
        Ok(match parts.len() {
            0 => Expr::Everything,
            1 => parts.remove(0),
            _ => Expr::OneOf(parts),
        })
    }

    /// Parts side by side: all of them. `None` if there is nothing.
    fn every(&mut self) -> Result<Option<Expr>, QueryError> {
        let mut parts = Vec::new();
        while let Some(part) = self.one()? {
            match part {
                Expr::All(inner) => parts.extend(inner),
                part => parts.push(part),
            }
        }
        Ok(match parts.len() {
            0 => None,
            1 => Some(parts.remove(0)),
            _ => Some(Expr::All(parts)),
        })
    }

    /// One part, perhaps with signs before it. `None` at `OR`, at a closing bracket and at the end.
    fn one(&mut self) -> Result<Option<Expr>, QueryError> {
        let mut is_negated = false;
        let mut sign = None;
        while self.next_is(&What::Not) {
            sign = self.tokens.next().map(|token| token.at);
            is_negated = !is_negated;
        }
        let part = match self.tokens.peek().map(|token| &token.what) {
            Some(What::Open) => Some(self.bracket()?),
            Some(What::Word(_)) => self
                .tokens
                .next()
                .map(|token| self.word(token))
                .transpose()?,
            _ => None,
        };
        match (part, sign) {
            (None, Some(at)) => Err(QueryError::new(
                "nothing follows to be left out",
                at,
                "write `-word`, `-\"two words\"` or `-field:value`",
            )),
            (Some(part), _) if is_negated => Ok(Some(Expr::Not(Box::new(part)))),
            (part, _) => Ok(part),
        }
    }

    fn bracket(&mut self) -> Result<Expr, QueryError> {
        let at = self.tokens.next().map_or(0..0, |token| token.at);
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::new(
                format!("more than {DEEPEST} brackets inside each other"),
                at,
                "write the query with fewer",
            ));
        }
        let inner = self.either()?;
        self.depth -= 1;
        if !self.next_is(&What::Close) {
            return Err(QueryError::new(
                "this bracket is never closed",
                at.start..at.end.min(self.end),
                "close it, or put it between quotation marks",
            ));
        }
        self.tokens.next();
        Ok(inner)
    }

    fn word(&mut self, token: Token) -> Result<Expr, QueryError> {
        let What::Word(word) = token.what else {
            return Ok(Expr::Everything);
        };
        self.conditions += 1;
        if self.conditions > MOST_CONDITIONS {
            return Err(QueryError::new(
                format!("more than {MOST_CONDITIONS} words and conditions"),
                token.at,
                "search for fewer at once",
            ));
        }
        match field_of(&word) {
            Some((name, value)) => match fields::find(&name) {
                Some(field) => self.field(field, &value, &token.at),
                None => Err(unknown_field(&name, &token.at)),
            },
            None => {
                Ok(text(&word).map_or(Expr::Everything, |text| Expr::Is(Condition::Path(text))))
            }
        }
    }

    fn field(
        &mut self,
        field: &Field,
        value: &Word,
        at: &Range<usize>,
    ) -> Result<Expr, QueryError> {
        let value_at = value.from.first().copied().unwrap_or(at.end)..at.end;
        let hint = || {
            format!(
                "{}: {}; such as `{}`",
                field.name, field.values, field.example
            )
        };
        if value.text.trim().is_empty() {
            return Err(QueryError::new(
                format!("`{}:` says nothing", field.name),
                at.clone(),
                hint(),
            ));
        }
        if field.name == "deleted" {
            self.mentions_deleted = true;
            if value.text.eq_ignore_ascii_case("any") {
                return Ok(Expr::Everything);
            }
        }
        condition(field.name, value, self.context).map_err(|wrong| {
            QueryError::new(
                wrong.message,
                wrong
                    .at
                    .map_or(value_at, |within| place(value, &within, at)),
                hint(),
            )
        })
    }
}

/// Where bytes of a value stand in the query.
fn place(value: &Word, within: &Range<usize>, at: &Range<usize>) -> Range<usize> {
    let start = value.from.get(within.start).copied().unwrap_or(at.end);
    let end = value.from.get(within.end).copied().unwrap_or(at.end);
    start..end.max(start)
}

fn lonely(at: Range<usize>) -> QueryError {
    QueryError::new(
        "something must stand on both sides of `OR`",
        at,
        "write `one OR other`, or `\"OR\"` to look for the word",
    )
}

fn unknown_field(name: &str, at: &Range<usize>) -> QueryError {
    let hint = match fields::suggest(name) {
        Some(near) => {
            format!("did you mean `{near}:`? To look for the text, put it between quotation marks")
        }
        None => "to look for the text, put it between quotation marks".to_owned(),
    };
    QueryError::new(
        format!("there is no field `{name}:`"),
        at.start..(at.start + name.len() + 1).min(at.end),
        hint,
    )
}

/// Splits a field's name from its value. Texts with a colon that can be no field are texts: `C:\films`, `http://…`, `12:30`,
/// a colon at the end.
pub(super) fn field_of(word: &Word) -> Option<(String, Word)> {
    let colon = word.text.find(':')?;
    if word.quoted.get(..=colon)?.contains(&true) {
        return None;
    }
    let name = word.text.get(..colon)?;
    let value = word.after(colon + 1);
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphabetic() || c == '_' || c.is_ascii_digit());
    let is_known = fields::find(name).is_some();
    let is_text = name.starts_with(|c: char| c.is_ascii_digit())
        || name.len() == 1
        || value.text.is_empty()
        || value.text.starts_with("//")
        || value.text.starts_with('\\');
    (is_name && (is_known || !is_text)).then(|| (name.to_owned(), value))
}

/// Returns the text that a word looks for: a pattern if a sign outside quotes makes it one. `None` if nothing is left.
fn text(word: &Word) -> Option<Text> {
    let is_pattern = word
        .text
        .bytes()
        .zip(&word.quoted)
        .any(|(byte, quoted)| !quoted && matches!(byte, b'*' | b'?'));
    let plain = word.text.replace('\\', "/");
    if is_pattern {
        return Some(Text::Matches(Wildcard::new(&plain, plain.contains('/'))));
    }
    let folded = fold(plain.as_bytes());
    (!folded.is_empty()).then_some(Text::Contains(folded))
}

/// What is wrong with a value, and perhaps where in it.
struct Wrong {
    message: String,
    at: Option<Range<usize>>,
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self { message, at: None }
    }
}

fn condition(name: &str, value: &Word, context: &Context) -> Result<Expr, Wrong> {
    let text_value = value.text.trim();
    let lower = text_value.to_lowercase();
    let words: Vec<&str> = lower
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    let all = |names: fn(&str) -> Vec<String>| {
        words
            .iter()
            .flat_map(|word| names(word))
            .collect::<Vec<_>>()
    };
    let yes_or_no = || {
        values::truth(&lower)
            .ok_or_else(|| Wrong::from(format!("`{text_value}` is neither yes nor no")))
    };
    let condition = match name {
        "name" => name_text(value),
        "path" => text(value).map(Condition::Path),
        "drive" => text(value).map(Condition::Drive),
        "ext" => Some(Condition::Extension(
            words
                .iter()
                .map(|word| word.trim_start_matches('.').to_owned())
                .collect(),
        )),
        "category" => Some(categories(&words)?),
        "size" => Some(Condition::SizeBytes(values::interval(
            text_value,
            values::size,
        )?)),
        "modified" => Some(Condition::ModifiedUs(modified(text_value, context)?)),
        "duration" => Some(Condition::DurationS(values::interval(
            text_value,
            values::duration,
        )?)),
        "res" => Some(resolution(&lower)?),
        "width" => Some(Condition::Width(values::interval(
            text_value,
            values::count,
        )?)),
        "height" => Some(Condition::Height(values::interval(
            text_value,
            values::count,
        )?)),
        "codec" => Some(Condition::VideoCodec(all(values::video_codecs))),
        "container" => Some(Condition::Container(all(values::containers))),
        "hdr" => Some(hdr(&lower, &words)?),
        "audio" => return Ok(audio(&words)),
        "channels" => Some(Condition::AudioChannels(values::interval(
            text_value,
            values::channels,
        )?)),
        "lang" => Some(Condition::AudioLanguage(all(values::languages))),
        "subs" => Some(
            match values::truth(&lower).filter(|_| lower != "no" || words.len() == 1) {
                Some(has_any) => Condition::HasSubtitles(has_any),
                None => Condition::SubtitleLanguage(all(values::languages)),
            },
        ),
        "bitrate" => Some(Condition::BitrateBps(values::interval(
            text_value,
            values::bitrate,
        )?)),
        "fps" => Some(Condition::FrameRate(values::interval(
            text_value,
            values::frame_rate,
        )?)),
        "online" => Some(Condition::Online(yes_or_no()?)),
        "deleted" => Some(Condition::Deleted(yes_or_no()?)),
        "dup" => Some(Condition::Duplicate(yes_or_no()?)),
        "hash" => Some(hash(&value.text)?),
        "health" => Some(health(&words)?),
        "regex" => Some(regex(value)?),
        _ => None,
    };
    Ok(condition.map_or(Expr::Everything, Expr::Is))
}

/// A pattern given for names is one over names, whatever it holds.
fn name_text(value: &Word) -> Option<Condition> {
    Some(Condition::Name(text(value)?))
}

fn categories(words: &[&str]) -> Result<Condition, Wrong> {
    let mut found = Vec::new();
    for word in words {
        match *word {
            "av" => found.extend([Category::Video, Category::Audio]),
            "pictures" | "images" | "photo" => found.push(Category::Image),
            word => found.push(
                word.trim_end_matches('s')
                    .parse()
                    .map_err(|()| format!("`{word}` is no category"))?,
            ),
        }
    }
    Ok(Condition::Category(found))
}

fn modified(text: &str, context: &Context) -> Result<Interval<i64>, Wrong> {
    let compared = text.trim_start_matches(['<', '>', '=']);
    if compared.len() < text.len() && times::is_ago(compared, context) {
        return Err(Wrong::from(format!(
            "`{text}` can be taken two ways; `modified:{compared}` is since then, `-modified:{compared}` before"
        )));
    }
    Ok(values::interval(text, |text| times::time(text, context))?)
}

fn resolution(text: &str) -> Result<Condition, Wrong> {
    let frame = text.split_once('x').and_then(|(width, height)| {
        Some(Condition::Frame(width.parse().ok()?, height.parse().ok()?))
    });
    match frame {
        Some(frame) => Ok(frame),
        None => Ok(Condition::Lines(values::interval(text, values::lines)?)),
    }
}

fn hdr(text: &str, words: &[&str]) -> Result<Condition, Wrong> {
    if let Some(has_any) = values::truth(text) {
        return Ok(Condition::HasHdr(has_any));
    }
    let known = words.iter().map(|word| {
        values::hdr(word)
            .map(str::to_owned)
            .ok_or_else(|| Wrong::from(format!("`{word}` is no kind of HDR")))
    });
    Ok(Condition::Hdr(known.collect::<Result<_, _>>()?))
}

/// Codecs and numbers of channels may stand side by side.
fn audio(words: &[&str]) -> Expr {
    let (mut codecs, mut parts) = (Vec::new(), Vec::new());
    for word in words {
        match values::interval(word, values::channels) {
            Ok(channels) => parts.push(Expr::Is(Condition::AudioChannels(channels))),
            Err(_) => codecs.extend(values::audio_codecs(word)),
        }
    }
    if !codecs.is_empty() {
        parts.push(Expr::Is(Condition::AudioCodec(codecs)));
    }
    match parts.len() {
        0 => Expr::Everything,
        1 => parts.remove(0),
        _ => Expr::OneOf(parts),
    }
}

fn hash(digits: &str) -> Result<Condition, Wrong> {
    if let Some(at) = digits.find(|c: char| !c.is_ascii_hexdigit()) {
        let length = digits
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8);
        return Err(Wrong {
            message: "a hash consists of the digits 0 to 9 and a to f".into(),
            at: Some(at..at + length),
        });
    }
    if !(4..=64).contains(&digits.len()) {
        return Err(Wrong::from(
            "a hash is looked for by 4 to 64 digits".to_owned(),
        ));
    }
    Ok(Condition::Hash(digits.to_lowercase()))
}

fn health(words: &[&str]) -> Result<Condition, Wrong> {
    let known = words.iter().map(|word| match *word {
        "ok" | "good" | "sound" => Ok(Health::Sound),
        "damaged" | "bad" | "broken" | "corrupt" => Ok(Health::Damaged),
        "unknown" | "unchecked" => Ok(Health::Unknown),
        word => Err(Wrong::from(format!(
            "`{word}` is none of ok, damaged, unknown"
        ))),
    });
    Ok(Condition::Health(known.collect::<Result<_, _>>()?))
}

/// Case does not count, as everywhere; `(?-i)` makes it count.
fn regex(value: &Word) -> Result<Condition, Wrong> {
    // Where the parser of expressions points at is known only from the syntax tree's error.
    if let Err(error) = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .build()
        .parse(&value.text)
    {
        let (message, span) = match &error {
            regex_syntax::Error::Parse(error) => (error.kind().to_string(), *error.span()),
            regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
            _ => {
                return Err(Wrong::from(
                    "the regular expression cannot be read".to_owned(),
                ));
            }
        };
        return Err(Wrong {
            message: format!("the regular expression is wrong here: {message}"),
            at: Some(span.start.offset..span.end.offset),
        });
    }
    RegexBuilder::new(&value.text)
        .case_insensitive(true)
        .size_limit(REGEX_BYTES)
        .build()
        .map(Condition::Regex)
        .map_err(|_| Wrong::from("the regular expression is too large".to_owned()))
}
