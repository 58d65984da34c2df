//! From checked JSON values to the types of the settings.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

/// A type that a setting can have.
///
/// Values come from `Key::check`, so they have the right form; one that has not becomes the type's zero.
pub(super) trait Typed {
    /// Returns the value as this type.
    fn typed(value: &Value) -> Self;
}

/// A text that `{:?}` does not show, so that it gets into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the secret to keep.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Typed> Typed for Option<T> {
    fn typed(value: &Value) -> Self {
        (!value.is_null()).then(|| T::typed(value))
    }
}

impl Typed for bool {
    fn typed(value: &Value) -> Self {
        value.as_bool().unwrap_or_default()
    }
}

impl Typed for u64 {
    fn typed(value: &Value) -> Self {
        value.as_u64().unwrap_or_default()
    }
}

impl Typed for u32 {
    fn typed(value: &Value) -> Self {
        Self::try_from(u64::typed(value)).unwrap_or(Self::MAX)
    }
}

impl Typed for usize {
    fn typed(value: &Value) -> Self {
        usize::try_from(u64::typed(value)).unwrap_or(usize::MAX)
    }
}

impl Typed for u16 {
    fn typed(value: &Value) -> Self {
        u16::try_from(u64::typed(value)).unwrap_or(u16::MAX)
    }
}

impl Typed for f64 {
    fn typed(value: &Value) -> Self {
        value.as_f64().unwrap_or_default()
    }
}

impl Typed for String {
    fn typed(value: &Value) -> Self {
        value.as_str().unwrap_or_default().to_owned()
    }
}

impl Typed for Secret {
    fn typed(value: &Value) -> Self {
        Self(String::typed(value))
    }
}

impl Typed for PathBuf {
    fn typed(value: &Value) -> Self {
        Self::from(String::typed(value))
    }
}

impl Typed for Vec<String> {
    fn typed(value: &Value) -> Self {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().map(String::typed).collect()
    }
}
