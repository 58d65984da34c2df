//! Values at dotted paths in nested objects.

use serde_json::Value;

use super::Document;

/// Returns the value at `path`, names joined by dots, if there is one.
pub(super) fn lookup<'a>(document: &'a Document, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => document.get(path),
        Some((name, rest)) => lookup(document.get(name)?.as_object()?, rest),
    }
}

/// Puts `value` at `path`. A value in the way that is no object is replaced by one.
pub(super) fn put(document: &mut Document, path: &str, value: Value) {
    let Some((name, rest)) = path.split_once('.') else {
        document.insert(path.to_owned(), value);
        return;
    };
    let inner = document.entry(name).or_insert(Value::Null);
    if !inner.is_object() {
        *inner = Document::new().into();
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// Puts `value` at `path` if nothing is there, not even a value in the way; null sections are filled.
pub(super) fn put_if_missing(document: &mut Document, path: &str, value: Value) {
    let is_blocked = path.match_indices('.').any(|(dot, _)| {
        path.get(..dot)
            .and_then(|section| lookup(document, section))
            .is_some_and(|found| !found.is_object() && !found.is_null())
    });
    if !is_blocked && lookup(document, path).is_none() {
        put(document, path, value);
    }
}

/// Removes the value at `path`; the order of the others stays.
pub(super) fn remove(document: &mut Document, path: &str) {
    match path.split_once('.') {
        None => {
            document.shift_remove(path);
        }
        Some((name, rest)) => {
            if let Some(Value::Object(inner)) = document.get_mut(name) {
                remove(inner, rest);
            }
        }
    }
}
