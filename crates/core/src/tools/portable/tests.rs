use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::clock::TestClock;

struct Lab {
    folder: tempfile::TempDir,
    workdir: WorkingDir,
    environment: Environment,
    clock: TestClock,
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            workdir: WorkingDir::new(folder.path().join("home")),
            environment: Environment {
                variables: std::collections::HashMap::new(),
                executable_dir: None,
                current_dir: folder.path().to_path_buf(),
                platform: Platform::Unix,
            },
            clock: TestClock::at(0),
            folder,
        }
    }

    fn file(&self, rest: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(rest);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn home(&self) -> Home<'_> {
        Home {
            workdir: &self.workdir,
            environment: &self.environment,
            clock: &self.clock,
        }
    }

    fn saved(&self, name: &str) -> Option<PathBuf> {
        let loaded = settings::load(&self.workdir, &self.environment);
        loaded.settings.tools.get(name).cloned()
    }

    fn in_bin(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.workdir.bin()];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(self.workdir.bin()).unwrap();
                    found.push(inside.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }
}

const WORKS: &str = "#!/bin/sh\necho version 1.2.3\n";

#[test]
fn a_copy_has_its_companions_and_libraries() {
    let lab = Lab::new();
    for name in ["ffmpeg", "ffprobe", "libx.so", "libx.so.1.2"] {
        lab.file(&format!("from/{name}"), WORKS);
    }
    lab.file("from/readme.txt", "text");
    let found = copy(Tool::Ffmpeg, &lab.folder.path().join("from"), lab.home()).unwrap();
    assert_eq!(found.path, lab.workdir.bin().join("ffmpeg/ffmpeg"));
    assert_eq!(
        lab.in_bin(),
        [
            "ffmpeg/ffmpeg",
            "ffmpeg/ffprobe",
            "ffmpeg/libx.so",
            "ffmpeg/libx.so.1.2"
        ]
    );
    assert_eq!(lab.saved("ffmpeg"), Some(found.path));
}

#[test]
fn folders_beside_each_other_stay_so_and_replace_an_earlier_copy() {
    let lab = Lab::new();
    lab.file("home/bin/ffmpeg/old", "old");
    lab.file("from/bin/ffmpeg", WORKS);
    lab.file("from/lib/libavcodec.so.60", "lib");
    lab.file("from/lib/notes", "text");
    let found = copy(Tool::Ffmpeg, &lab.folder.path().join("from"), lab.home()).unwrap();
    assert_eq!(found.path, lab.workdir.bin().join("ffmpeg/bin/ffmpeg"));
    assert_eq!(
        lab.in_bin(),
        ["ffmpeg/bin/ffmpeg", "ffmpeg/lib/libavcodec.so.60"]
    );
}

#[test]
fn a_copy_that_does_not_work_changes_nothing() {
    let lab = Lab::new();
    lab.file("home/bin/ffmpeg/ffmpeg", WORKS);
    lab.file("from/ffmpeg", "#!/bin/sh\nexit 1\n");
    let from = lab.folder.path().join("from");
    let error = copy(Tool::Ffmpeg, &from, lab.home()).unwrap_err();
    assert!(
        error.to_string().contains("fails: exit status: 1"),
        "{error}"
    );
    assert_eq!(lab.in_bin(), ["ffmpeg/ffmpeg"]);
    assert_eq!(lab.saved("ffmpeg"), None);
    let error = copy(Tool::Smartctl, &from, lab.home()).unwrap_err();
    assert!(error.to_string().contains("holds no `smartctl`"), "{error}");
}

#[test]
fn a_whole_system_is_no_portable_copy() {
    let lab = Lab::new();
    lab.file("usr/bin/ffmpeg", WORKS);
    for number in 0..=MOST_LIBRARIES {
        lab.file(&format!("usr/lib/lib{number}.so"), "");
    }
    let error = copy(Tool::Ffmpeg, &lab.folder.path().join("usr"), lab.home()).unwrap_err();
    assert!(matches!(error, BringError::NotPortable { .. }), "{error}");
}

#[test]
fn windows_takes_all_its_libraries_along() {
    let lab = Lab::new();
    for name in ["ffmpeg.exe", "ffprobe.exe", "avcodec-60.DLL", "ffplay.exe"] {
        lab.file(&format!("from/bin/{name}"), "x");
    }
    let from = lab.folder.path().join("from");
    let parts = parts(Tool::Ffmpeg, &from, Platform::Windows).unwrap();
    let names: Vec<_> = parts
        .files
        .iter()
        .map(|(_, to)| to.to_str().unwrap())
        .collect();
    assert_eq!(names, ["avcodec-60.DLL", "ffmpeg.exe", "ffprobe.exe"]);
    assert_eq!(parts.program, Path::new("ffmpeg.exe"));
}

#[test]
fn a_located_tool_is_tried_and_remembered() {
    let lab = Lab::new();
    let place = lab.file("there/fpcalc", WORKS);
    let found = locate(Tool::Fpcalc, &lab.folder.path().join("there"), lab.home()).unwrap();
    assert_eq!(found.path, place);
    assert_eq!(lab.saved("fpcalc"), Some(place.clone()));
    // Another program that runs will do: people rename them.
    let renamed = lab.file("there/fpcalc-1.5", WORKS);
    assert!(locate(Tool::Fpcalc, &renamed, lab.home()).is_ok());
    let broken = lab.file("there/broken", "no program");
    assert!(locate(Tool::Fpcalc, &broken, lab.home()).is_err());
    assert_eq!(lab.saved("fpcalc"), Some(renamed));
}
