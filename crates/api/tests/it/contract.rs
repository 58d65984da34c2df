//! The document that others write clients from: checked in, and what is answered keeps to it.

use std::path::Path;

use serde_json::Value;

use crate::lab::{Lab, OTHER};

const UPDATE: &str = "UPDATE_REFERENCE=1 cargo test -p videocatalog-api --test it contract";

#[test]
fn it_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let document = videocatalog_api::openapi();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, document).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == document,
        "docs/reference/openapi.json is not what the program says; run `{UPDATE}` and commit the result"
    );
}

#[test]
fn it_is_what_is_served() {
    let lab = Lab::new();
    let served = lab.serve();
    let reply = served.ask("GET", "/openapi.json", &[]);
    assert_eq!(
        String::from_utf8(reply.body).unwrap(),
        videocatalog_api::openapi()
    );
}

/// Returns what is wrong with a value, by the parts of JSON Schema that the document uses.
fn mistakes(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        let schema = document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{name}"));
        return mistakes(document, schema, value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices
            .iter()
            .any(|schema| mistakes(document, schema, value, place).is_empty());
        return if fits {
            Vec::new()
        } else {
            vec![format!("{place}: {value} fits none")]
        };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().map(|one| one.as_str().unwrap()).collect(),
        _ => return vec![format!("{place}: the schema has no type: {schema}")],
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = types.contains(&is) || (is == "integer" && types.contains(&"number"));
    if !fits {
        return vec![format!("{place}: {value} is no {types:?}")];
    }
    let mut wrong = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        wrong.extend(mistakes(
            document,
            &schema["items"],
            item,
            &format!("{place}[]"),
        ));
    }
    for (name, item) in value.as_object().into_iter().flatten() {
        let schema = match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Null) => {
                wrong.push(format!("{place}.{name} is not documented"));
                continue;
            }
            (Value::Null, others) => others,
            (own, _) => own,
        };
        wrong.extend(mistakes(document, schema, item, &format!("{place}.{name}")));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            wrong.push(format!("{place}.{name} is missing"));
        }
    }
    wrong
}

#[test]
fn answers_are_as_documented() {
    let lab = Lab::new();
    let served = lab.serve();
    let document: Value = serde_json::from_str(&videocatalog_api::openapi()).unwrap();
    let other = OTHER.replace(' ', "%20");
    let routes = document["paths"].as_object().unwrap();
    for (route, item) in routes.iter().filter(|(_, item)| item["get"].is_object()) {
        let answers = &item["get"]["responses"];
        let queries = [
            String::new(),
            "drive_label=Media&path=Movies/clip.mp4&q=clip".into(),
            format!("drive_label={other}&limit=1"),
            "drive_label=nobody&path=x&q=%22&limit=0".into(),
        ];
        for query in queries {
            let target = format!("{route}?{query}");
            let reply = served.get(&target);
            let answer = &answers[reply.status.to_string()];
            assert!(
                answer.is_object(),
                "{target}: {} is not documented",
                reply.status
            );
            let schema = &answer["content"]["application/json"]["schema"];
            let wrong = mistakes(&document, schema, &reply.json(), "");
            assert!(wrong.is_empty(), "{target}: {wrong:#?}");
        }
    }
}
