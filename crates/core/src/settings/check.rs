//! Whether a value suits its key, and what is used when it does not.

use serde_json::Value;

use super::key::{Key, Kind, Outside};
use crate::path::display::printable;

/// The most characters of an unusable value that a message shows.
const SHOWN_CHARS: usize = 60;

/// A text that a key does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be {found}: it takes {expected}")]
pub struct ValueError {
    path: String,
    found: String,
    expected: String,
}

/// What became of a value.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// It suits, perhaps in another spelling.
    Suits(Value),
    /// Another one is used, for a reason that continues "`key` is 5, …".
    Instead(Value, String),
}

use Verdict::{Instead, Suits};

impl Key {
    /// Returns the value to use for the one found at `path`, and a warning if that differs.
    ///
    /// `null` counts as missing.
    pub(super) fn check(&self, path: &str, found: &Value) -> (Value, Option<String>) {
        match self.verdict(found) {
            Suits(value) => (value, None),
            Instead(value, why) => {
                let found = if self.is_secret() {
                    kind_of(found).to_owned()
                } else {
                    shown(found)
                };
                let used = if value.is_null() {
                    "it counts as not set".to_owned()
                } else if self.is_secret() {
                    "that is used as text".to_owned()
                } else {
                    format!("{} is used", shown(&value))
                };
                let warning = format!("`{path}` is {found}, {why}; {used}");
                (value, Some(warning))
            }
        }
    }

    /// Returns the value that `text`, typed by a user for `path`, stands for.
    ///
    /// Lists are JSON arrays, or texts separated by commas; `null` unsets what may be unset.
    ///
    /// # Errors
    ///
    /// When the key does not take it; the message names what it takes.
    pub fn parse(&self, path: &str, text: &str) -> Result<Value, ValueError> {
        let refused = || ValueError {
            path: path.to_owned(),
            found: if self.is_secret() {
                "this text".to_owned()
            } else {
                format!("`{}`", shortened(text))
            },
            expected: self.kind().to_string(),
        };
        let text = text.trim();
        if text == "null" && self.is_optional() {
            return Ok(Value::Null);
        }
        let value = typed_text(self.kind(), text).ok_or_else(refused)?;
        match self.verdict(&value) {
            Suits(value) => Ok(value),
            Instead(..) => Err(refused()),
        }
    }

    fn verdict(&self, found: &Value) -> Verdict {
        if found.is_null() {
            return Suits(self.default_value());
        }
        match self.kind() {
            Kind::Boolean { words } => self.boolean(found, words),
            Kind::Integer { min, max, outside } => self.integer(found, (min, max), outside),
            Kind::Number { min, max } => self.number(found, min, max),
            Kind::Choice { names, otherwise } => self.choice(found, names, otherwise),
            Kind::Text => self.text(found, str::trim),
            Kind::File => self.text(found, |name| if name.trim().is_empty() { "" } else { name }),
            Kind::Texts => self.texts(found),
        }
    }

    fn boolean(&self, found: &Value, words: bool) -> Verdict {
        let meant = match found {
            Value::Bool(_) => return Suits(found.clone()),
            Value::String(text) => boolean_word(text),
            Value::Number(number) => boolean_word(&number.to_string()),
            _ => None,
        };
        match meant {
            Some(value) if words => Suits(value.into()),
            Some(value) => Instead(value.into(), format!("not {}", self.kind())),
            None => self.default_because(format!("not {}", self.kind())),
        }
    }

    fn integer(&self, found: &Value, (min, max): (i64, i64), outside: Outside) -> Verdict {
        let Some((number, note)) = whole_number(found) else {
            return self.default_because("not a whole number".to_owned());
        };
        let why = if number < min {
            format!("below the least value {min}")
        } else if number > max {
            format!("above the greatest value {max}")
        } else {
            return match note {
                None => Suits(number.into()),
                Some(note) => Instead(number.into(), note.to_owned()),
            };
        };
        match outside {
            Outside::Default => self.default_because(why),
            Outside::DefaultIfNotPositive if number <= 0 => self.default_because(why),
            _ => Instead(number.clamp(min, max).into(), why),
        }
    }

    fn number(&self, found: &Value, min: f64, max: f64) -> Verdict {
        let (number, is_text) = match found {
            Value::String(text) => (text.trim().parse().ok(), true),
            _ => (found.as_f64(), false),
        };
        match number.filter(|number| number.is_finite()) {
            None => self.default_because("not a number".to_owned()),
            Some(number) if number < min => {
                Instead(min.into(), format!("below the least value {min}"))
            }
            Some(number) if number > max => {
                Instead(max.into(), format!("above the greatest value {max}"))
            }
            Some(number) if is_text => Instead(number.into(), "a text, not a number".to_owned()),
            Some(_) => Suits(found.clone()),
        }
    }

    fn choice(&self, found: &Value, names: &[&'static str], otherwise: &str) -> Verdict {
        let why = || format!("not {}", self.kind());
        let Some(text) = found.as_str() else {
            return Instead(otherwise.into(), why());
        };
        match names
            .iter()
            .find(|name| name.eq_ignore_ascii_case(text.trim()))
        {
            Some(name) => Suits((*name).into()),
            None => Instead(otherwise.into(), why()),
        }
    }

    fn text(&self, found: &Value, tidied: impl Fn(&str) -> &str) -> Verdict {
        match found.as_str().map(tidied) {
            None => self.default_because("not a text".to_owned()),
            Some("") if self.is_optional() => Suits(Value::Null),
            Some("") => self.default_because("blank".to_owned()),
            Some(text) => Suits(text.into()),
        }
    }

    fn texts(&self, found: &Value) -> Verdict {
        let tidied = |items: &[Value]| -> Value {
            items
                .iter()
                .filter_map(Value::as_str)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(Value::from)
                .collect()
        };
        match found {
            Value::Array(items) if items.iter().all(Value::is_string) => Suits(tidied(items)),
            Value::Array(items) => Instead(
                tidied(items),
                "a list with items that are not text".to_owned(),
            ),
            Value::String(_) => Instead(
                tidied(std::slice::from_ref(found)),
                "a text, not a list".to_owned(),
            ),
            _ => self.default_because("not a list".to_owned()),
        }
    }

    fn default_because(&self, why: String) -> Verdict {
        Instead(self.default_value(), why)
    }
}

/// Returns the value that a text typed by a user stands for, as far as the kind's form goes.
fn typed_text(kind: Kind, text: &str) -> Option<Value> {
    Some(match kind {
        Kind::Boolean { .. } => boolean_word(text)?.into(),
        Kind::Integer { .. } => text.parse::<i64>().ok()?.into(),
        Kind::Number { .. } => {
            let number: f64 = text.parse().ok()?;
            number.is_finite().then_some(number)?.into()
        }
        Kind::Choice { .. } | Kind::Text | Kind::File => text.into(),
        Kind::Texts => match serde_json::from_str(text) {
            Ok(list @ Value::Array(_)) => list,
            _ => comma_separated(text).map(Value::from).collect(),
        },
    })
}

/// Returns the parts of `text` between commas; commas inside `{…}` and `[…]` belong to a pattern.
fn comma_separated(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    text.split(move |character| {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    })
}

fn boolean_word(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Returns the whole number that a value comes closest to, and what is odd about the value.
fn whole_number(found: &Value) -> Option<(i64, Option<&'static str>)> {
    if let Some(text) = found.as_str() {
        return Some((text.trim().parse().ok()?, Some("a text, not a number")));
    }
    if let Some(number) = found.as_i64() {
        return Some((number, None));
    }
    let number = found.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and every range ends long before"
    )]
    let whole = number as i64;
    let is_whole = number.fract() == 0.0;
    Some((whole, (!is_whole).then_some("not a whole number")))
}

/// Returns a value as a message shows it: its JSON, shortened.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind_of(value).to_owned(),
        _ => format!("`{}`", shortened(&value.to_string())),
    }
}

fn shortened(text: &str) -> String {
    let mut start: String = text.chars().take(SHOWN_CHARS).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    printable(start.as_bytes()).into_owned()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
