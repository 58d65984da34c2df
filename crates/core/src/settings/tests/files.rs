//! Loading and saving, in folders of their own.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::clock::TestClock;
use crate::environment::{Environment, Platform};
use crate::workdir::WorkingDir;

/// As an earlier version saved it.
const EARLIER: &str = include_str!("earlier.json");

struct World {
    folder: tempfile::TempDir,
    workdir: WorkingDir,
    environment: Environment,
    clock: TestClock,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workdir = WorkingDir::new(folder.path().join("w"));
        fs::create_dir(workdir.root()).unwrap();
        let program = folder.path().join("program");
        fs::create_dir(&program).unwrap();
        Self {
            workdir,
            environment: Environment {
                variables: HashMap::new(),
                executable_dir: Some(program),
                current_dir: folder.path().to_path_buf(),
                platform: Platform::Unix,
            },
            folder,
            clock: TestClock::at(0),
        }
    }

    fn with(text: &str) -> Self {
        let world = Self::new();
        fs::write(world.workdir.settings_file(), text).unwrap();
        world
    }

    fn load(&self) -> Loaded {
        load(&self.workdir, &self.environment)
    }

    fn update(&self, patch: impl FnOnce(&mut Document)) -> Result<Loaded, SaveError> {
        update(&self.workdir, &self.environment, &self.clock, patch)
    }

    fn set(&self, path: &str, text: &str) -> Result<Loaded, SetError> {
        set(&self.workdir, &self.environment, &self.clock, path, text)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.workdir.settings_file()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.workdir.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn program(&self) -> &Path {
        self.environment.executable_dir.as_deref().unwrap()
    }
}

#[test]
fn nothing_there_means_defaults() {
    let world = World::new();
    let loaded = world.load();
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.source, None);
    assert_eq!(loaded.warnings, [""; 0]);
    assert_eq!(world.names(), [""; 0]);
}

#[test]
fn an_earlier_file_is_read_whole_and_kept() {
    let world = World::with(EARLIER);
    let before = world.load();
    assert_eq!(before.warnings, [""; 0]);
    assert_eq!(
        before.settings.api.api_key.as_ref().map(Secret::expose),
        Some("fixture-key")
    );
    assert_eq!(before.settings.maintenance.last_integrity_ok, Some(true));
    assert_eq!(before.settings.working_dir, Some("/srv/homes/head".into()));

    let after = world.update(|_| {}).unwrap();
    assert_eq!(after.settings, before.settings);
    assert_eq!(after.document["working_dir"], "/srv/homes/head");
    let order: Vec<_> = after.document.keys().map(String::as_str).collect();
    assert_eq!(
        order,
        [
            "fingerprints",
            "semantic",
            "light_analysis",
            "gpu",
            "api",
            "working_dir",
            "maintenance",
            "performance",
            "robust",
            "media",
            "pictures",
            "logs"
        ]
    );
    for (name, section) in before.document {
        let Value::Object(section) = section else {
            continue;
        };
        for (key, value) in section {
            if !value.is_object() {
                assert_eq!(after.document[&name][&key], value, "{name}.{key}");
            }
        }
    }
}

#[test]
fn unknown_keys_and_the_order_survive() {
    let world = World::with(
        "\u{feff}{\"zebra\": [1, {\"é\": null}], \"robust\": {\"mine\": \"日本\", \"queue_max\": 5}, \"api\": {}, \"a\": 2.50}",
    );
    let loaded = world.set("robust.batch_files", "7").unwrap();
    assert_eq!(loaded.settings.robust.batch_files, 7);
    let text = world.text();
    assert!(
        text.starts_with(
            "{\n  \"zebra\": [\n    1,\n    {\n      \"é\": null\n    }\n  ],\n  \"robust\": {\n    \"mine\": \"日本\",\n    \"queue_max\": 5,\n    \"batch_files\": 7,"
        ),
        "{text}"
    );
    assert!(text.ends_with("}\n"));
    let order: Vec<_> = loaded.document.keys().take(4).collect();
    assert_eq!(order, ["zebra", "robust", "api", "a"]);
    // What cannot be used is reported and stays the user's.
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    assert_eq!(world.names(), ["settings.json", "settings.json.lock"]);

    assert_eq!(world.load().document, loaded.document);
    world.update(|_| {}).unwrap();
    assert_eq!(world.text(), text);
}

#[test]
fn a_corrupt_file_is_reported_and_kept_when_replaced() {
    let torn = "{\n  \"robust\": {\"queue_max\": 500\n";
    let world = World::with(torn);
    let loaded = world.load();
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.source, None);
    assert!(
        loaded.warnings[0].contains("line 3 column 0")
            && loaded.warnings[0].contains("settings.json"),
        "{:?}",
        loaded.warnings
    );
    assert_eq!(world.text(), torn);
    assert_eq!(world.names(), ["settings.json"]);

    fs::write(
        world
            .workdir
            .root()
            .join("settings.json.corrupt-19700101_000000Z"),
        "older",
    )
    .unwrap();
    let saved = world.set("robust.queue_max", "600").unwrap();
    assert_eq!(saved.settings.robust.queue_max, 600);
    assert!(
        saved.warnings[0].contains("settings.json.corrupt-19700101_000000Z.2"),
        "{:?}",
        saved.warnings
    );
    assert_eq!(
        world.names(),
        [
            "settings.json",
            "settings.json.corrupt-19700101_000000Z",
            "settings.json.corrupt-19700101_000000Z.2",
            "settings.json.lock"
        ]
    );
    let kept = world
        .workdir
        .root()
        .join("settings.json.corrupt-19700101_000000Z.2");
    assert_eq!(fs::read_to_string(kept).unwrap(), torn);
    assert_eq!(world.load().warnings, [""; 0]);
}

#[test]
fn other_forms_of_corruption() {
    for text in ["", "[]", "null", "\"x\"", "{\"a\": \u{feff}1}", "{} {}"] {
        let loaded = World::with(text).load();
        assert_eq!(loaded.warnings.len(), 1, "{text:?}");
        assert!(
            loaded.warnings[0].contains("line 1"),
            "{:?}",
            loaded.warnings
        );
    }
    let world = World::new();
    fs::write(world.workdir.settings_file(), b"{\"a\": \"\xe9\"}").unwrap();
    assert!(world.load().warnings[0].contains("line 1"));
}

#[test]
fn an_unreadable_file_is_never_replaced() {
    let world = World::new();
    fs::create_dir(world.workdir.settings_file()).unwrap();
    assert_eq!(world.load().warnings.len(), 1);
    let error = world.update(|_| {}).unwrap_err();
    assert!(matches!(error, SaveError::Unreadable(_)), "{error}");
    assert!(error.to_string().contains("settings.json"), "{error}");
    assert!(world.workdir.settings_file().is_dir());
}

#[test]
fn files_elsewhere_are_read_and_never_written() {
    let mut world = World::new();
    let shared = world.folder.path().join("shared");
    fs::create_dir_all(shared.join("VideoCatalog")).unwrap();
    world
        .environment
        .variables
        .insert("ProgramData".into(), (&shared).into());
    let beside = world.program().join("settings.json");
    let text = r#"{"working_dir": "/elsewhere", "mine": 1, "robust": {"queue_max": 700}}"#;
    fs::write(&beside, text).unwrap();
    let loaded = world.load();
    assert_eq!(loaded.source.as_ref(), Some(&beside));
    assert_eq!(loaded.settings.robust.queue_max, 700);

    // The shared one comes first, and one that is torn does not count.
    let in_shared = shared.join("VideoCatalog").join("settings.json");
    fs::write(&in_shared, "{").unwrap();
    let loaded = world.load();
    assert_eq!(loaded.source.as_ref(), Some(&beside));
    assert_eq!(loaded.warnings.len(), 1);
    fs::write(&in_shared, r#"{"robust": {"batch_files": 8}}"#).unwrap();
    let loaded = world.load();
    assert_eq!(loaded.source, Some(in_shared.clone()));
    assert_eq!(loaded.settings.robust.queue_max, 10_000);
    fs::remove_file(&in_shared).unwrap();

    // The first save takes over what was in force.
    let saved = world.set("robust.batch_files", "9").unwrap();
    assert_eq!(saved.source, Some(world.workdir.settings_file()));
    assert_eq!(saved.settings.robust.queue_max, 700);
    assert_eq!(saved.document["mine"], 1);
    assert_eq!(
        saved.document["working_dir"],
        world.workdir.root().to_str().unwrap()
    );
    assert_eq!(fs::read_to_string(&beside).unwrap(), text);
}

#[test]
fn refused_changes_write_nothing() {
    let world = World::new();
    let error = world.set("robust.quee_max", "500").unwrap_err();
    assert_eq!(
        error.hint().as_deref(),
        Some("did you mean `robust.queue_max`?")
    );
    let error = world.set("robust.queue_max", "5").unwrap_err();
    assert!(error.to_string().contains("100 to 1000000"), "{error}");
    let error = world.set("robust", "5").unwrap_err();
    assert!(matches!(error, SetError::Unknown(_)));
    assert_eq!(world.names(), [""; 0]);
}

#[test]
fn optional_keys_come_and_go() {
    let world = World::new();
    let present = |loaded: &Loaded, path: &str| tree::lookup(&loaded.document, path).is_some();
    for (path, text) in [
        ("semantic.hybrid_weight", "0"),
        ("tools.ffmpeg.path", "/opt/ff mpeg"),
        ("performance.gentle_io", "on"),
    ] {
        assert!(present(&world.set(path, text).unwrap(), path), "{path}");
        assert!(!present(&world.set(path, "null").unwrap(), path), "{path}");
    }
    let loaded = world.set("semantic.hybrid_weight", "0").unwrap();
    assert_eq!(loaded.settings.semantic.hybrid_weight, Some(0.0));
    let loaded = world.set("api.api_key", "hush").unwrap();
    assert_eq!(
        loaded
            .settings
            .api
            .api_key
            .map(|key| key.expose().to_owned()),
        Some("hush".to_owned())
    );
}

#[test]
fn updaters_at_the_same_time_lose_nothing() {
    const EACH: usize = 20;
    let world = World::new();
    std::thread::scope(|scope| {
        for name in ["a", "b", "c"] {
            let world = &world;
            scope.spawn(move || {
                for round in 0..EACH {
                    world
                        .update(|document| {
                            document.insert(format!("{name}{round}"), round.into());
                            let count = document.get("count").and_then(Value::as_u64);
                            document.insert("count".into(), (count.unwrap_or(0) + 1).into());
                        })
                        .unwrap();
                    // A reader sees a whole file at any moment.
                    assert_eq!(world.load().warnings, [""; 0]);
                }
            });
        }
    });
    let document = world.load().document;
    assert_eq!(document["count"], 3 * EACH);
    for name in ["a", "b", "c"] {
        for round in 0..EACH {
            assert_eq!(document[&format!("{name}{round}")], round);
        }
    }
    assert_eq!(world.names(), ["settings.json", "settings.json.lock"]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let world = World::new();
    let real = world.folder.path().join("dotfiles.json");
    fs::write(&real, "{}").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, world.workdir.settings_file()).unwrap();
    world.set("robust.queue_max", "600").unwrap();
    assert!(world.workdir.settings_file().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("600"));
    let mode = fs::metadata(&real).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);

    let world = World::new();
    world.set("api.api_key", "hush").unwrap();
    let mode = fs::metadata(world.workdir.settings_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "others must not read the key");
}
