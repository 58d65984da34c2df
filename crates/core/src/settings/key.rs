//! What is declared of one key.

use std::fmt;

use serde_json::Value;

/// One key of `settings.json`.
#[derive(Clone, Debug)]
pub struct Key {
    path: &'static str,
    doc: &'static str,
    rule: Rule,
}

/// The values a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// True or false.
    Boolean {
        /// Whether words and numbers such as `yes`, `off` and `1` are documented beside `true` and `false`.
        words: bool,
    },
    /// A whole number.
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
        /// What a value outside becomes.
        outside: Outside,
    },
    /// A number.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// One of a few names, in any case.
    Choice {
        /// The names.
        names: &'static [&'static str],
        /// The name that any other text counts as.
        otherwise: &'static str,
    },
    /// A text without the spaces around it.
    Text,
    /// A file or folder.
    File,
    /// A list of texts.
    Texts,
}

/// What a number outside its range becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The nearest one inside.
    Nearest,
    /// The default if it is zero or less, else the nearest one inside.
    DefaultIfNotPositive,
    /// The default.
    Default,
}

/// A default that can stand in a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Initial {
    /// No value: something else decides.
    Unset,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(&'static str),
    Texts(&'static [&'static str]),
}

/// Type, range and default of a key, and how it is treated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    kind: Kind,
    default: Initial,
    back_fill: bool,
    secret: bool,
}

impl Rule {
    const fn new(kind: Kind, default: Initial) -> Self {
        Self {
            kind,
            default,
            back_fill: true,
            secret: false,
        }
    }

    /// A key that is null until somebody sets it.
    pub(super) const fn optional(kind: Kind) -> Self {
        Self::new(kind, Initial::Unset)
    }

    pub(super) const fn boolean(default: bool) -> Self {
        Self::new(Kind::Boolean { words: false }, Initial::Boolean(default))
    }

    pub(super) const fn integer(default: i64, kind: Kind) -> Self {
        Self::new(kind, Initial::Integer(default))
    }

    pub(super) const fn number(default: f64, min: f64, max: f64) -> Self {
        Self::new(Kind::Number { min, max }, Initial::Number(default))
    }

    /// A choice in which any unknown name counts as the default.
    pub(super) const fn choice(default: &'static str, names: &'static [&'static str]) -> Self {
        Self::choice_or(default, names, default)
    }

    pub(super) const fn choice_or(
        default: &'static str,
        names: &'static [&'static str],
        otherwise: &'static str,
    ) -> Self {
        Self::new(Kind::Choice { names, otherwise }, Initial::Text(default))
    }

    pub(super) const fn text(default: &'static str) -> Self {
        Self::new(Kind::Text, Initial::Text(default))
    }

    pub(super) const fn texts(default: &'static [&'static str]) -> Self {
        Self::new(Kind::Texts, Initial::Texts(default))
    }

    /// The key is written only when somebody sets it, because its presence means something.
    pub(super) const fn kept_only(self) -> Self {
        Self {
            back_fill: false,
            ..self
        }
    }

    /// The value stands in no message.
    pub(super) const fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }
}

/// Whole numbers from `min` to `max`; others become the nearest.
pub(super) const fn within(min: i64, max: i64) -> Kind {
    Kind::Integer {
        min,
        max,
        outside: Outside::Nearest,
    }
}

/// Whole numbers from `min` to `max`; zero and less mean the default, others become the nearest.
pub(super) const fn positive(min: i64, max: i64) -> Kind {
    Kind::Integer {
        min,
        max,
        outside: Outside::DefaultIfNotPositive,
    }
}

/// Whole numbers from `min` to `max`; others become the default.
pub(super) const fn strictly(min: i64, max: i64) -> Kind {
    Kind::Integer {
        min,
        max,
        outside: Outside::Default,
    }
}

impl Key {
    pub(super) const fn new(path: &'static str, doc: &'static str, rule: Rule) -> Self {
        Self { path, doc, rule }
    }

    /// Returns the path of names from the top, joined by dots; `<name>` in it stands for any name.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns what the key is for, in a sentence or two.
    pub const fn doc(&self) -> &'static str {
        self.doc.trim_ascii()
    }

    /// Returns the values the key takes.
    pub const fn kind(&self) -> Kind {
        self.rule.kind
    }

    /// Returns the value in force while the key is missing or null; null when something else decides then.
    pub fn default_value(&self) -> Value {
        match self.rule.default {
            Initial::Unset => Value::Null,
            Initial::Boolean(value) => value.into(),
            Initial::Integer(value) => value.into(),
            Initial::Number(value) => value.into(),
            Initial::Text(value) => value.into(),
            Initial::Texts(values) => values.iter().copied().map(Value::from).collect(),
        }
    }

    /// Returns whether a save writes the default when the key is missing.
    pub const fn is_back_filled(&self) -> bool {
        self.rule.back_fill
    }

    /// Returns whether the value must stand in no message.
    pub const fn is_secret(&self) -> bool {
        self.rule.secret
    }

    /// Returns whether the key may have no value.
    pub fn is_optional(&self) -> bool {
        self.rule.default == Initial::Unset
    }
}

impl fmt::Display for Kind {
    /// Says which values the kind takes, as in "a whole number from 1 to 64".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean { .. } => f.write_str("`true` or `false`"),
            Self::Integer { min, max, .. } => write!(f, "a whole number from {min} to {max}"),
            Self::Number { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Choice { names, .. } => {
                for (index, name) in names.iter().enumerate() {
                    let separator = match index {
                        0 => "",
                        _ if index + 1 == names.len() => " or ",
                        _ => ", ",
                    };
                    write!(f, "{separator}`{name}`")?;
                }
                Ok(())
            }
            Self::Text => f.write_str("a text"),
            Self::File => f.write_str("a file or folder"),
            Self::Texts => f.write_str("a list of texts"),
        }
    }
}
