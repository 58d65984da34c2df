//! What the older program answered, as far as scripts rely on it: each of its requests, with the status and the fields that
//! ours has to answer with. Where it failed (500) or was wrong, the table says what is right. More fields may be there.

use serde_json::{Value, json};

use crate::lab::{KEY, Lab};

/// A document as it has to be: names of types in the place of values, `?` where null is allowed too.
fn fits(shape: &Value, value: &Value, place: &str) -> Result<(), String> {
    let wrong = || Err(format!("{place}: {value} is no {shape}"));
    match shape {
        Value::String(kind) => {
            let (kind, may_be_null) = match kind.strip_suffix('?') {
                Some(kind) => (kind, true),
                None => (kind.as_str(), false),
            };
            let is = match kind {
                "int" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                "text" => value.is_string(),
                "bool" => value.is_boolean(),
                "time" => value
                    .as_str()
                    .is_some_and(|text| text.len() == 20 && text.ends_with('Z')),
                "null" => value.is_null(),
                exact => value == exact,
            };
            if is || (may_be_null && value.is_null()) {
                Ok(())
            } else {
                wrong()
            }
        }
        Value::Array(items) => {
            let (Some(shape), Some(values)) = (items.first(), value.as_array()) else {
                return wrong();
            };
            let mut values = values.iter();
            values.try_for_each(|value| fits(shape, value, &format!("{place}[]")))
        }
        Value::Object(fields) => fields.iter().try_for_each(|(name, shape)| {
            let place = format!("{place}.{name}");
            let value = value
                .get(name)
                .ok_or_else(|| format!("{place} is missing"))?;
            fits(shape, value, &place)
        }),
        exact => {
            if exact == value {
                Ok(())
            } else {
                wrong()
            }
        }
    }
}

fn page(row: &Value) -> Value {
    json!({"limit": "int", "offset": "int", "next_offset": "int?", "total_estimate": "int?", "results": [row]})
}

fn report(list: &str, row: &Value) -> Value {
    json!({"drive_label": "Media", "limit": "int", list: [row]})
}

fn wrong(kind: &str) -> Value {
    let detail = json!({"type": kind, "loc": ["text"], "msg": "text", "input": "text?"});
    json!({"error": "invalid parameters", "details": [detail]})
}

/// Returns the shape of that name.
fn shape(name: &str) -> Value {
    match name {
        "health" => json!({"ok": true, "version": "text", "time_utc": "time"}),
        "drives" => json!({"results": [
            {"label": "text", "type": "text?", "last_scan_utc": "text?", "shard_path": "text"},
        ]}),
        "inventory" => page(&json!({
            "path": "text", "name": "text", "category": "text", "size_bytes": "int", "mtime_utc": "time",
            "drive_label": "text", "ext": "text?", "mime": "text?",
        })),
        "file" => json!({
            "path": "text", "size_bytes": "int", "mtime_utc": "time", "ext": "text?", "mime": "text?",
            "category": "text", "drive_label": "Media", "drive_type": "text?", "indexed_utc": "time",
        }),
        "stats" => json!({"drive_label": "text", "totals": {
            "total_files": 12,
            "by_category": {
                "video": 6, "audio": 1, "image": 1, "document": 1, "archive": 2, "executable": 1, "other": 0,
            },
            "scanned_at_utc": "text?",
        }}),
        "overview" => json!({
            "drive_label": "Media", "total_files": 12, "total_size": "int", "average_size": "int", "source": "text",
            "categories": [{"category": "text", "files": "int", "bytes": "int"}],
        }),
        "extensions" => report(
            "entries",
            &json!({
                "extension": "text", "files": "int", "bytes": "int", "rank_count": "int?", "rank_size": "int?",
            }),
        ),
        "folders" => {
            let mut folders = report(
                "results",
                &json!({"folder": "text", "files": "int", "bytes": "int"}),
            );
            folders["depth"] = json!("int");
            folders
        }
        "files" => report("results", &report_file()),
        "recent" => {
            let mut recent = report("results", &report_file());
            recent["days"] = json!("int");
            recent["total"] = json!("int");
            recent
        }
        "features" => page(&json!({
            "path": "text", "kind": "text", "dim": "int", "frames_used": "int", "updated_utc": "time",
        })),
        "vector" => json!({"path": "text", "dim": 2, "kind": "video", "vector": ["number"]}),
        "no_index" => json!({"documents": 0, "latest_updated_utc": null, "vector_dim": 256}),
        "index" => json!({"documents": "int", "latest_updated_utc": "time", "vector_dim": 256}),
        "built" => json!({"ok": true, "action": "build", "stats": {
            "processed": "int", "updated": "int", "skipped": "int", "shards": "int",
        }}),
        "transcribed" => {
            json!({"ok": true, "action": "transcribe", "stats": {"transcribed": "int"}})
        }
        "semantic" | "semantic_nothing" => {
            let mut found = page(&json!({
                "rank": "int", "path": "text", "drive_label": "text", "score": "number", "mode": "text",
                "snippet": "text?", "metadata": {
                    "category": "text", "mime": "text?", "extension": "text?", "size_bytes": "int?", "mtime_utc": "time?",
                },
            }));
            found["query"] = json!("text");
            found["mode"] = json!("text");
            found["hybrid"] = json!("bool");
            if name == "semantic_nothing" {
                found["total_estimate"] = json!(0);
            }
            found
        }
        "error" => json!({"error": "text"}),
        "no_file" => json!({"error": "file not found"}),
        "no_feature" => json!({"error": "feature not found"}),
        "no_route" => json!({"detail": "Not Found"}),
        "no_method" => json!({"detail": "Method Not Allowed"}),
        "out_of_range" => wrong("greater_than_equal"),
        "missing" => wrong("missing"),
        name => panic!("no shape `{name}`"),
    }
}

fn report_file() -> Value {
    json!({"path": "text", "size_bytes": "int", "mtime_utc": "time", "category": "text"})
}

#[test]
fn every_recorded_request_has_its_shape() {
    let lab = Lab::new();
    let served = lab.serve();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    let lines = include_str!("recorded.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let [method, target, status, name] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let reply = match target.split_once(' ') {
            Some((target, body)) => served.post(target, body),
            None => served.ask(method, target, &[("X-API-Key", KEY)]),
        };
        let document = reply.json();
        if reply.status.to_string() != status {
            wrong.push(format!("{line}: {document}"));
        } else if let Err(reason) = fits(&shape(name), &document, "") {
            wrong.push(format!("{line}: {reason}"));
        }
        asked += 1;
    }
    assert!(asked > 40);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn requests_without_the_key_are_as_they_were() {
    let lab = Lab::new();
    let served = lab.serve();
    for headers in [&[][..], &[("X-API-Key", "wrong")]] {
        let reply = served.ask("GET", "/v1/health", headers);
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["error"], "Invalid or missing API key.");
    }
    let preflight = [
        ("Origin", "http://localhost"),
        ("Access-Control-Request-Method", "GET"),
    ];
    assert_eq!(served.ask("OPTIONS", "/v1/health", &preflight).status, 200);
}
