//! What stands behind the `?`: decoded strictly and as bytes, so that names that are no UTF-8 can be asked for, and read
//! with every mistake noted, so that a client learns of all of them at once.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use percent_encoding::percent_decode;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use videocatalog_core::path::bytes_to_os;

use crate::problem::{Detail, Problem};
use crate::state::Api;

/// Longer values are not repeated in an answer.
const LONGEST_ECHO: usize = 200;

/// A path as a client names it: compared with what the catalogue knows, never opened.
pub(crate) type FilePath = std::path::PathBuf;

/// Documents a parameter that is one of these words, and what it is for.
pub(crate) fn one_of<T>(purpose: &str, choices: &[(&'static str, T)]) -> Schema {
    let words = choices.iter().map(|(word, _)| *word);
    let word = ObjectBuilder::new().schema_type(Type::String);
    let word = word.description(Some(purpose));
    word.enum_values(Some(words)).into()
}

/// A request with its parameters read.
pub(crate) struct Asked<P> {
    pub(crate) parameters: P,
    /// Path and parameters as they were sent.
    pub(crate) target: String,
    /// The tags that the client has an answer for.
    pub(crate) known_tags: Option<String>,
}

/// What a route asks for. The derived documentation names the same parameters; a test compares.
pub(crate) trait Read: Sized {
    /// Reads the parameters; what is missing or wrong is noted by `query`, and the value does not matter then.
    fn read(query: &mut Parameters, api: &Api) -> Self;
}

impl Read for () {
    fn read(_: &mut Parameters, _: &Api) -> Self {}
}

impl<P: Read + Send> FromRequestParts<Api> for Asked<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let mut query = Parameters::new(parts.uri.query().unwrap_or_default());
        let parameters = P::read(&mut query, api);
        if !query.wrong.is_empty() {
            return Err(Problem::parameters(query.wrong));
        }
        let known_tags = parts.headers.get(IF_NONE_MATCH);
        Ok(Self {
            parameters,
            target: parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            known_tags: known_tags
                .and_then(|tags| tags.to_str().ok())
                .map(str::to_owned),
        })
    }
}

/// The parameters of a request, and what is wrong with them.
pub(crate) struct Parameters {
    given: Vec<(String, Vec<u8>)>,
    pub(crate) wrong: Vec<Detail>,
    /// What was read, for the test that compares it with the documentation.
    pub(crate) names: Vec<&'static str>,
}

impl Parameters {
    /// Decodes what stands behind the `?`.
    pub(crate) fn new(query: &str) -> Self {
        let mut parameters = Self {
            given: Vec::new(),
            wrong: Vec::new(),
            names: Vec::new(),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = String::from_utf8_lossy(&decoded(name).unwrap_or_default()).into_owned();
            match decoded(value) {
                Some(value) => parameters.given.push((name, value)),
                None => parameters.note(
                    "percent_encoding",
                    &name,
                    "Input should have two hexadecimal digits after each `%`; a `%` itself is `%25`",
                    Some(value.as_bytes()),
                ),
            }
        }
        parameters
    }

    fn note(
        &mut self,
        kind: &'static str,
        name: &str,
        text: impl Into<String>,
        input: Option<&[u8]>,
    ) {
        self.wrong.push(Detail {
            r#type: kind,
            loc: ["query".into(), cut(name)],
            msg: text.into(),
            input: input.map(|input| cut(&String::from_utf8_lossy(input))),
        });
    }

    /// Returns a parameter's only value.
    pub(crate) fn bytes(&mut self, name: &'static str) -> Option<Vec<u8>> {
        self.names.push(name);
        let mut values = self.given.iter().filter(|(given, _)| given == name);
        let first = values.next().map(|(_, value)| value.clone());
        if let Some((_, second)) = values.next() {
            let second = second.clone();
            self.note(
                "duplicate",
                name,
                "Field given more than once",
                Some(&second),
            );
        }
        first
    }

    /// Returns the bytes of a parameter that must be there.
    pub(crate) fn required_bytes(&mut self, name: &'static str) -> Vec<u8> {
        let found = self.bytes(name);
        if found.is_none() {
            self.note("missing", name, "Field required", None);
        }
        found.unwrap_or_default()
    }

    /// Returns a path that must be there; its bytes may be any.
    pub(crate) fn required_path(&mut self, name: &'static str) -> FilePath {
        bytes_to_os(&self.required_bytes(name)).into()
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        let bytes = self.bytes(name)?;
        self.utf8(name, bytes)
    }

    pub(crate) fn required_text(&mut self, name: &'static str) -> String {
        let bytes = self.required_bytes(name);
        self.utf8(name, bytes).unwrap_or_default()
    }

    /// Returns all values of a parameter that may be given several times.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.names.push(name);
        let given = self.given.iter().filter(|(given, _)| given == name);
        let values: Vec<Vec<u8>> = given.map(|(_, value)| value.clone()).collect();
        values
            .into_iter()
            .filter_map(|value| self.utf8(name, value))
            .collect()
    }

    fn utf8(&mut self, name: &str, bytes: Vec<u8>) -> Option<String> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let text = "Input should be a valid string of UTF-8";
                self.note("string_unicode", name, text, Some(error.as_bytes()));
                None
            }
        }
    }

    /// Returns a whole number that must be there.
    pub(crate) fn required_number(&mut self, name: &'static str) -> usize {
        if !self.given.iter().any(|(given, _)| given == name) {
            self.note("missing", name, "Field required", None);
        }
        self.number(name, 0, 0)
    }

    /// Returns the number of something in a database, which must be there.
    pub(crate) fn required_id(&mut self, name: &'static str) -> i64 {
        i64::try_from(self.required_number(name)).unwrap_or(i64::MAX)
    }

    /// Returns a whole number of at least `least`. One that is too large to be any use counts as the largest there is.
    pub(crate) fn number(&mut self, name: &'static str, default: usize, least: usize) -> usize {
        let Some(bytes) = self.bytes(name) else {
            return default;
        };
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim();
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let text = "Input should be a valid integer, unable to parse string as an integer";
            self.note("int_parsing", name, text, Some(&bytes));
            return default;
        }
        let is_zero = digits.bytes().all(|digit| digit == b'0');
        let number = digits.parse().unwrap_or(usize::MAX);
        if number < least || (is_negative && !is_zero) {
            let text = format!("Input should be greater than or equal to {least}");
            self.note("greater_than_equal", name, text, Some(&bytes));
            return default;
        }
        number
    }

    /// Notes that a number is too large to be served.
    pub(crate) fn at_most(&mut self, name: &'static str, number: usize, most: usize, why: &str) {
        if number > most {
            let text = format!("Input should be less than or equal to {most}: {why}");
            self.note(
                "less_than_equal",
                name,
                text,
                Some(number.to_string().as_bytes()),
            );
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        let Some(bytes) = self.bytes(name) else {
            return false;
        };
        match &*bytes.to_ascii_lowercase() {
            b"true" | b"1" | b"yes" | b"on" | b"y" | b"t" => true,
            b"false" | b"0" | b"no" | b"off" | b"n" | b"f" => false,
            _ => {
                let text = "Input should be a valid boolean, unable to interpret input";
                self.note("bool_parsing", name, text, Some(&bytes));
                false
            }
        }
    }

    /// Returns the choice of that name, or the first.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let Some(bytes) = self.bytes(name) else {
            return choices.first().map(|(_, choice)| *choice);
        };
        let found = choices.iter().find(|(word, _)| word.as_bytes() == bytes);
        if found.is_none() {
            let words: Vec<String> = choices
                .iter()
                .map(|(word, _)| format!("'{word}'"))
                .collect();
            let text = format!("Input should be {}", words.join(", "));
            self.note("enum", name, text, Some(&bytes));
        }
        found.map(|(_, choice)| *choice)
    }
}

/// Decodes `+` and `%xx`; `None` where a `%` has no two digits behind it.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    let is_sound = text
        .as_bytes()
        .split(|byte| *byte == b'%')
        .skip(1)
        .all(|rest| {
            rest.get(..2)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        });
    is_sound.then(|| percent_decode(text.as_bytes()).collect())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ECHO) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(query: &Parameters) -> Vec<&str> {
        query.wrong.iter().map(|wrong| wrong.r#type).collect()
    }

    #[test]
    fn bytes_come_through() {
        let mut query = Parameters::new("path=a%FF%00b&q=x+y%2B%25&&=&empty");
        assert_eq!(query.required_bytes("path"), b"a\xff\0b");
        assert_eq!(query.text("q").unwrap(), "x y+%");
        assert_eq!(query.text("empty").unwrap(), "");
        assert_eq!(query.text("other"), None);
        assert!(query.wrong.is_empty());
    }

    #[test]
    fn mistakes_are_gathered() {
        let mut query = Parameters::new("a=%zz&b=%&c=1&c=2&d=%ff&e=x&f=maybe&g=-1&h=4%");
        query.number("c", 1, 1);
        query.text("d");
        query.number("e", 1, 1);
        query.flag("f");
        query.number("g", 1, 0);
        query.required_text("i");
        query.choice("e", &[("one", 1), ("two", 2)]);
        assert_eq!(
            kinds(&query),
            [
                "percent_encoding",
                "percent_encoding",
                "percent_encoding",
                "duplicate",
                "string_unicode",
                "int_parsing",
                "bool_parsing",
                "greater_than_equal",
                "missing",
                "enum",
            ]
        );
    }

    #[test]
    fn numbers_of_any_size_are_numbers() {
        for (text, expected) in [
            ("7", 7),
            ("+7", 7),
            ("%2B7", 7),
            ("007", 7),
            ("-0", 0),
            ("99999999999999999999999999", usize::MAX),
        ] {
            let mut query = Parameters::new(&format!("n={text}"));
            assert_eq!(query.number("n", 1, 0), expected, "{text}");
            assert!(query.wrong.is_empty(), "{text}");
        }
        for text in ["", "x", "1.5", "1e3", "-", "٣", "-99999999999999999999"] {
            let mut query = Parameters::new(&format!("n={text}"));
            query.number("n", 1, 0);
            assert_eq!(query.wrong.len(), 1, "{text}");
        }
    }

    #[test]
    fn long_values_are_not_repeated() {
        let mut query = Parameters::new(&format!("n={}", "é".repeat(10_000)));
        query.number("n", 1, 0);
        assert!(query.wrong[0].input.as_ref().unwrap().len() < 500);
    }
}
