use std::collections::HashMap;
use std::ffi::OsString;

use super::*;

/// A home, a folder for everything else, and an environment that names nothing but the home.
struct World {
    folder: tempfile::TempDir,
    environment: Environment,
}

impl World {
    fn new(platform: Platform) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let mut world = Self {
            environment: Environment {
                variables: HashMap::new(),
                executable_dir: Some(folder.path().join("program")),
                current_dir: folder.path().join("now"),
                platform,
            },
            folder,
        };
        world.set("HOME", &home);
        world.set("USERPROFILE", &home);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.variables.insert(name.into(), value.into());
    }

    /// Writes a settings file into `folder`.
    fn settings(&self, folder: &str, text: &str) {
        fs::create_dir_all(self.path(folder)).unwrap();
        fs::write(self.path(folder).join("settings.json"), text).unwrap();
    }

    /// Puts a file where a folder would have to be: unusable even for root.
    fn block(&self, name: &str) -> PathBuf {
        fs::write(self.path(name), "").unwrap();
        self.path(name).join("below")
    }

    #[track_caller]
    fn check(&self, expected: &str, warnings: usize) {
        let resolved = resolve(&self.environment, None).unwrap();
        assert_eq!(resolved.dir.root(), self.path(expected));
        assert_eq!(resolved.warnings.len(), warnings, "{:?}", resolved.warnings);
        assert!(resolved.dir.data().is_dir());
        let entries = fs::read_dir(resolved.dir.root()).unwrap();
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(!name.starts_with(".write_test"), "{name}");
        }
    }
}

#[test]
fn the_flag_is_binding() {
    let mut world = World::new(Platform::Unix);
    world.set("VIDEOCATALOG_HOME", world.path("variable"));
    let flag = |path: &Path| resolve(&world.environment, Some(path));
    let resolved = flag(Path::new("./relative")).unwrap();
    assert_eq!(resolved.dir.root(), world.path("now/relative"));
    assert_eq!(
        flag(Path::new("~/x")).unwrap().dir.root(),
        world.path("home/x")
    );
    let blocked = world.block("file");
    let error = flag(&blocked).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(blocked.to_str().unwrap()) && text.contains("--home"),
        "{text}"
    );
    assert!(text.contains("cannot create"), "{text}");
    assert!(!error.hint().is_empty());
    assert!(!world.path("variable").exists());
}

#[test]
fn the_variable_is_expanded_and_preferred() {
    let mut world = World::new(Platform::Unix);
    world.settings("program", r#"{"working_dir": "/nowhere"}"#);
    world.set("BASE", world.path("base"));
    for (value, expected) in [
        ("$BASE/v", "base/v"),
        ("~/v", "home/v"),
        ("v/./w", "now/v/w"),
    ] {
        world.set("VIDEOCATALOG_HOME", value);
        world.check(expected, 0);
    }
}

#[test]
fn an_unusable_variable_warns() {
    let mut world = World::new(Platform::Unix);
    let blocked = world.block("file");
    world.set("VIDEOCATALOG_HOME", &blocked);
    world.check("home/.local/share/videocatalog", 1);
    let warnings = resolve(&world.environment, None).unwrap().warnings;
    assert!(warnings[0].contains("VIDEOCATALOG_HOME"), "{warnings:?}");
    assert!(
        warnings[0].contains(blocked.to_str().unwrap()),
        "{warnings:?}"
    );
}

#[test]
fn settings_elsewhere_name_the_folder() {
    for (text, expected) in [
        (r#"{"working_dir": "ROOT/w"}"#, "w"),
        (
            "\u{feff}{\"working_dir\": \"ROOT/w\", \"catalog_db\": \"ROOT/c/catalog.db\"}",
            "w",
        ),
        (r#"{"catalog_db": "ROOT/c/catalog.db"}"#, "c"),
        (r#"{"catalog_db": "ROOT/c/data/catalog.db"}"#, "c"),
        (
            r#"{"working_dir": " ", "catalog_db": "ROOT/c/other.db"}"#,
            "c",
        ),
        (r#"{"working_dir": "near"}"#, "program/near"),
        // These say nothing.
        (
            r#"{"catalog_db": "catalog.db"}"#,
            "home/.local/share/videocatalog",
        ),
        (
            r#"{"working_dir": "C:\\VC", "catalog_db": "C:/Users/x/VideoCatalog/catalog.db"}"#,
            "home/.local/share/videocatalog",
        ),
        (
            r#"{"working_dir": "\\\\nas\\vc"}"#,
            "home/.local/share/videocatalog",
        ),
        (r#"{"working_dir": 7}"#, "home/.local/share/videocatalog"),
        ("{ torn", "home/.local/share/videocatalog"),
        ("[]", "home/.local/share/videocatalog"),
    ] {
        let world = World::new(Platform::Unix);
        let root = world.folder.path().to_str().unwrap().replace('\\', "/");
        world.settings("program", &text.replace("ROOT", &root));
        world.check(expected, 0);
        assert!(
            fs::read_to_string(world.path("program/settings.json"))
                .unwrap()
                .len()
                > 1
        );
    }
}

#[test]
fn a_named_folder_that_is_gone_warns() {
    let world = World::new(Platform::Unix);
    let blocked = world.block("file");
    world.settings(
        "program",
        &format!(r#"{{"working_dir": {:?}}}"#, blocked.to_str().unwrap()),
    );
    world.check("home/.local/share/videocatalog", 1);
}

#[test]
fn customary_folders_of_windows() {
    let mut world = World::new(Platform::Windows);
    world.check("home/AppData/Local/VideoCatalog", 0);
    world.set("LOCALAPPDATA", world.path("local"));
    world.check("local/VideoCatalog", 0);
    world.set("PROGRAMDATA", world.path("shared"));
    world.check("shared/VideoCatalog", 0);
    world.settings("shared/VideoCatalog", r#"{"working_dir": "elsewhere"}"#);
    world.check("shared/VideoCatalog/elsewhere", 0);
    let blocked = world.block("file");
    world.set("PROGRAMDATA", blocked);
    world.check("local/VideoCatalog", 0);
}

#[test]
fn a_catalogue_left_behind_is_mentioned() {
    let mut world = World::new(Platform::Windows);
    world.settings("shared/VideoCatalog", "{}");
    fs::write(world.path("shared/VideoCatalog/data"), "").unwrap();
    world.set("ProgramData", world.path("shared"));
    world.set("LOCALAPPDATA", world.path("local"));
    world.check("local/VideoCatalog", 1);
}

#[test]
fn customary_folders_elsewhere() {
    let mut world = World::new(Platform::Unix);
    if cfg!(unix) {
        world.set("ProgramData", "C:\\ProgramData");
    }
    world.check("home/.local/share/videocatalog", 0);
    world.set("XDG_DATA_HOME", "relative");
    world.check("home/.local/share/videocatalog", 0);
    world.set("XDG_DATA_HOME", world.path("xdg"));
    world.check("xdg/videocatalog", 0);

    let world = World::new(Platform::MacOs);
    world.check("home/Library/Application Support/VideoCatalog", 0);
}

#[test]
fn an_earlier_catalogue_is_found_again() {
    for (mark, old, expected) in [
        ("settings.json", "home/VideoCatalog", "home/VideoCatalog"),
        ("catalog.db", "home/VideoCatalog", "home/VideoCatalog"),
        (
            "data",
            "home/.videocatalog/VideoCatalog",
            "home/.videocatalog/VideoCatalog",
        ),
        (
            "notes.txt",
            "home/VideoCatalog",
            "home/.local/share/videocatalog",
        ),
    ] {
        let world = World::new(Platform::Unix);
        let old = world.path(old);
        fs::create_dir_all(&old).unwrap();
        if mark.contains('.') {
            fs::write(old.join(mark), "{}").unwrap();
        } else {
            fs::create_dir(old.join(mark)).unwrap();
        }
        world.check(expected, 0);
    }
}

#[test]
fn nowhere_to_go() {
    let mut world = World::new(Platform::Unix);
    let blocked = world.block("file");
    world.set("HOME", &blocked);
    let error = resolve(&world.environment, None).unwrap_err();
    assert!(
        error.to_string().contains(blocked.to_str().unwrap()),
        "{error}"
    );
    assert!(error.hint().contains("--home"));
    world.environment.variables.clear();
    let error = resolve(&world.environment, None).unwrap_err();
    assert!(error.to_string().contains("home folder"), "{error}");
}

#[test]
fn layout_and_located_files() {
    let mut world = World::new(Platform::Unix);
    let dir = WorkingDir::new(world.path("w"));
    dir.create_layout().unwrap();
    for folder in ["data", "data/shards", "logs", "exports"] {
        assert!(dir.root().join(folder).is_dir(), "{folder}");
    }
    assert!(!dir.backups().exists());
    assert!(
        WorkingDir::new(world.block("file"))
            .create_layout()
            .is_err()
    );

    let located =
        |environment: &Environment, named: &str| dir.locate(environment, Path::new(named));
    let (inside, outside) = (world.path("w/bin/x"), world.path("x"));
    assert_eq!(located(&world.environment, "bin/x"), Some(inside));
    if cfg!(unix) {
        let named = outside.to_str().unwrap();
        assert_eq!(located(&world.environment, named), Some(outside.clone()));
    }
    assert_eq!(located(&world.environment, "C:/x"), None);
    assert_eq!(located(&world.environment, " "), None);
    world.environment.platform = Platform::Windows;
    assert!(located(&world.environment, "C:/x").is_some());
}

#[test]
fn paths_of_windows() {
    for (path, expected) in [
        ("C:\\x", true),
        ("c:/x", true),
        ("C:", true),
        ("\\\\host\\share", true),
        ("C:x", false),
        ("/c:/x", false),
        ("x", false),
        ("1:/x", false),
        ("", false),
    ] {
        assert_eq!(is_windows_path(path), expected, "{path}");
    }
}
