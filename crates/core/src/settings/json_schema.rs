//! The JSON schema of `settings.json`, for editors and for the reference.

use serde_json::{Value, json};

use super::key::{Key, Kind};
use super::{Document, keys, sections};

/// Returns the schema (draft 2020-12) of a settings file. Unknown keys are allowed, since a save keeps them.
pub fn json_schema() -> Value {
    let mut schema = Document::new();
    schema.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("title".into(), "VideoCatalog settings".into());
    schema.insert("type".into(), "object".into());
    for key in keys() {
        insert(&mut schema, key.path(), key);
    }
    Value::Object(schema)
}

/// Puts the key at `path` into the schema of an object, making the objects on the way.
fn insert(object: &mut Document, path: &str, key: &Key) {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let place = if name == sections::ANY_NAME {
        object.entry("additionalProperties")
    } else {
        let properties = object.entry("properties").or_insert_with(|| json!({}));
        let Value::Object(properties) = properties else {
            return;
        };
        properties.entry(name)
    };
    match rest {
        None => {
            place.or_insert_with(|| leaf(key));
        }
        Some(rest) => {
            if let Value::Object(inner) =
                place.or_insert_with(|| json!({"type": ["object", "null"]}))
            {
                insert(inner, rest, key);
            }
        }
    }
}

fn leaf(key: &Key) -> Value {
    let mut schema = match key.kind() {
        Kind::Boolean { words: false } => json!({"type": ["boolean", "null"]}),
        Kind::Boolean { words: true } => json!({
            "enum": [true, false, null, 1, 0, "1", "0", "true", "false", "yes", "no", "on", "off"]
        }),
        Kind::Integer { min, max, .. } => {
            json!({"type": ["integer", "null"], "minimum": min, "maximum": max})
        }
        Kind::Number { min, max } => {
            json!({"type": ["number", "null"], "minimum": min, "maximum": max})
        }
        Kind::Choice { names, .. } => {
            let names = names.iter().copied().map(Value::from);
            json!({"enum": names.chain([Value::Null]).collect::<Value>()})
        }
        Kind::Text | Kind::File => json!({"type": ["string", "null"]}),
        Kind::Texts => json!({"type": ["array", "null"], "items": {"type": "string"}}),
    };
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".into(), key.doc().into());
        schema.insert("default".into(), key.default_value());
    }
    schema
}
