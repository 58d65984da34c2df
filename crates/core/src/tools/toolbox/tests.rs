use std::time::Instant;

use videocatalog_testkit::program;

use super::*;

/// A machine of folders with scripts in place of tools.
struct Machine {
    folder: tempfile::TempDir,
    settings: Settings,
}

impl Machine {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            settings: Settings::default(),
        }
    }

    fn path(&self, rest: &str) -> PathBuf {
        self.folder.path().join(rest)
    }

    fn script(&self, rest: &str, text: &str) -> PathBuf {
        let path = self.path(rest);
        program::script(&path, text).unwrap();
        path
    }

    /// A tool that says it has a version.
    fn tool(&self, rest: &str, version: &str) -> PathBuf {
        self.script(rest, &format!("echo tool version {version}"))
    }

    fn set(&mut self, name: &str, place: impl Into<PathBuf>) {
        self.settings.tools.insert(name.to_owned(), place.into());
    }

    fn toolbox(&self) -> Toolbox {
        let environment = Environment {
            variables: [("PATH".into(), self.path("path").into_os_string())].into(),
            executable_dir: None,
            current_dir: self.folder.path().to_path_buf(),
            platform: Platform::Unix,
        };
        let workdir = WorkingDir::new(self.path("home"));
        Toolbox::new(&self.settings, &environment, &workdir)
    }

    fn version(&self, tool: Tool) -> String {
        let toolbox = self.toolbox();
        let found = toolbox.need(tool).unwrap();
        found.version.clone().unwrap().to_string()
    }
}

#[test]
fn settings_come_before_path_and_path_before_the_working_directory() {
    let mut machine = Machine::new();
    machine.tool("home/bin/mediainfo/bin/mediainfo", "5.0");
    assert_eq!(machine.version(Tool::MediaInfo), "5.0");
    machine.tool("home/bin/some folder/mediainfo", "4.0");
    assert_eq!(machine.version(Tool::MediaInfo), "4.0");
    machine.tool("home/bin/mediainfo.d/mediainfo", "3.5");
    assert_eq!(machine.version(Tool::MediaInfo), "3.5");
    machine.tool("path/mediainfo", "2.0");
    assert_eq!(machine.version(Tool::MediaInfo), "2.0");
    let place = machine.tool("elsewhere/mediainfo", "1.0");
    machine.set("mediainfo", place);
    assert_eq!(machine.version(Tool::MediaInfo), "1.0");
    machine.set("mediainfo", machine.path("elsewhere"));
    assert_eq!(machine.version(Tool::MediaInfo), "1.0", "a folder");
    machine.tool("apart/bin/mediainfo", "1.5");
    machine.set("mediainfo", machine.path("apart"));
    assert_eq!(machine.version(Tool::MediaInfo), "1.5", "its `bin`");
    machine.tool("home/own/mediainfo", "1.7");
    machine.set("mediainfo", "own");
    assert_eq!(machine.version(Tool::MediaInfo), "1.7", "relative");
    let toolbox = machine.toolbox();
    let found = toolbox.need(Tool::MediaInfo).unwrap();
    assert_eq!(
        found.source,
        Source::Setting("tools.mediainfo.path".to_owned())
    );
}

#[test]
fn ffprobe_is_taken_from_beside_ffmpeg() {
    let mut machine = Machine::new();
    machine.tool("path/ffprobe", "1.0");
    machine.tool("suite/ffprobe", "2.0");
    let ffmpeg = machine.tool("suite/ffmpeg", "2.0");
    assert_eq!(machine.version(Tool::Ffprobe), "1.0");
    machine.set("ffmpeg", ffmpeg);
    assert_eq!(machine.version(Tool::Ffprobe), "2.0");
    assert_eq!(
        machine.toolbox().need(Tool::Ffprobe).unwrap().source,
        Source::BesideFfmpeg
    );
    machine.set("ffprobe", machine.path("path/ffprobe"));
    assert_eq!(machine.version(Tool::Ffprobe), "1.0");
}

#[test]
fn tools_that_do_not_work_are_told_and_passed_over() {
    let mut machine = Machine::new();
    let failing = machine.script("bad/mediainfo", "echo no license >&2; exit 1");
    machine.set("mediainfo", failing);
    let plain = machine.path("path/mediainfo");
    fs_err::create_dir_all(machine.path("path")).unwrap();
    fs_err::write(&plain, "no program").unwrap();
    let toolbox = machine.toolbox();
    let probe = toolbox.probe(Tool::MediaInfo);
    assert_eq!(probe.state(), State::Broken);
    let missing = probe.result.clone().unwrap_err();
    let [from_setting, from_path] = missing.errors.as_slice() else {
        panic!("{missing:?}");
    };
    assert!(
        from_setting.starts_with("setting `tools.mediainfo.path`: `")
            && from_setting.ends_with("fails: exit status: 1 (no license)"),
        "{from_setting}"
    );
    assert!(from_path.ends_with("may not be executed"), "{from_path}");
    machine.tool("home/bin/mediainfo", "9.1");
    let toolbox = machine.toolbox();
    let probe = toolbox.probe(Tool::MediaInfo);
    assert_eq!(probe.state(), State::Found, "{probe:?}");
    assert_eq!(probe.errors.len(), 2);
    assert_eq!(probe.failed_settings.len(), 1);
}

#[test]
fn places_that_are_none_are_told() {
    let mut machine = Machine::new();
    for (place, expected) in [
        (machine.path("absent"), "does not exist"),
        (machine.path(""), "holds no `mediainfo`"),
        (
            PathBuf::from(r"C:\Tools\mediainfo.exe"),
            "is no path of this system",
        ),
    ] {
        machine.set("mediainfo", place);
        let toolbox = machine.toolbox();
        let missing = toolbox.need(Tool::MediaInfo).unwrap_err();
        let [error] = missing.errors.as_slice() else {
            panic!("{missing:?}");
        };
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_tool_that_hangs_is_given_up() {
    let machine = Machine::new();
    let path = machine.script("path/mediainfo", "sleep 100");
    let began = Instant::now();
    let error = ask_version_within(&path, Duration::from_millis(100));
    assert!(error.contains("did not finish within 0.1 s"), "{error}");
    assert!(began.elapsed() < VERSION_TIMEOUT);
}

fn ask_version_within(path: &Path, limit: Duration) -> String {
    ask_version(path, Tool::MediaInfo, "--version", limit).unwrap_err()
}

#[test]
fn each_tool_is_tried_once_until_a_refresh() {
    let machine = Machine::new();
    let log = machine.path("log");
    machine.script(
        "path/mediainfo",
        &format!("echo x >> '{}'; echo version 1.2", log.display()),
    );
    let calls = || {
        fs_err::read_to_string(&log)
            .unwrap_or_default()
            .lines()
            .count()
    };
    let mut toolbox = machine.toolbox();
    assert_eq!(calls(), 0, "not before it is asked for");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| toolbox.need(Tool::MediaInfo).unwrap());
        }
    });
    assert_eq!(calls(), 1);
    toolbox.refresh();
    toolbox.need(Tool::MediaInfo).unwrap();
    assert_eq!(calls(), 2);
}

#[test]
fn fingerprint_tools_are_not_swapped() {
    let mut machine = Machine::new();
    machine.tool("path/fpcalc", "1.0");
    assert_eq!(machine.version(Tool::Fpcalc), "1.0");
    machine.settings.fingerprints.fpcalc_path = Some("nowhere".into());
    let missing = machine.toolbox().need(Tool::Fpcalc).unwrap_err();
    assert!(
        missing.to_string().starts_with("Tool missing: fpcalc — "),
        "{missing}"
    );
    let place = machine.tool("mine/fpcalc", "2.0");
    machine.settings.fingerprints.fpcalc_path = place.parent().map(Path::to_path_buf);
    assert_eq!(machine.version(Tool::Fpcalc), "2.0");
    machine.script("tmk/tmk-hash-video", "echo Usage: tmk >&2; exit 1");
    machine.settings.fingerprints.tmk_bin_path = Some(machine.path("tmk"));
    let toolbox = machine.toolbox();
    assert_eq!(toolbox.need(Tool::Tmk).unwrap().version_line, None);
}

#[test]
fn libraries_are_not_loaded_but_looked_at() {
    let mut machine = Machine::new();
    let folder = machine.path("ort/lib");
    fs_err::create_dir_all(&folder).unwrap();
    fs_err::write(
        folder.join("libonnxruntime.so.1.17.1"),
        b"\x7fELF and so on",
    )
    .unwrap();
    machine.set("onnxruntime", machine.path("ort"));
    assert_eq!(machine.version(Tool::OnnxRuntime), "1.17.1");
    fs_err::write(folder.join("libonnxruntime.so"), b"INPUT(x)").unwrap();
    assert_eq!(
        machine.toolbox().probe(Tool::OnnxRuntime).errors.len(),
        1,
        "a text is no library"
    );
}

#[test]
fn what_is_missing_says_what_is_lost_and_what_to_do() {
    let toolbox = Toolbox::empty();
    let missing = toolbox.need(Tool::Ffmpeg).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "Tool missing: ffmpeg — pictures, decode checks, fingerprints and analysis of videos are skipped; `videocatalog tools install ffmpeg`"
    );
    assert!(toolbox.ffmpeg().is_err());
    assert_eq!(
        toolbox.need(Tool::Tmk).unwrap_err().remedy(),
        "videocatalog tools locate tmk PATH"
    );
}

#[test]
fn abilities_come_from_the_ffmpeg_that_was_found() {
    let machine = Machine::new();
    machine.script(
        "path/ffmpeg",
        r#"case "$*" in
-version) echo "ffmpeg version 9.9.9";;
*-hwaccels) printf 'Hardware acceleration methods:\nvaapi\n';;
*-decoders) printf 'Decoders:\n ------\n V....D av1 AV1\n';;
*) exit 1;;
esac"#,
    );
    let toolbox = machine.toolbox();
    let abilities = toolbox.ffmpeg().unwrap();
    assert_eq!(abilities.hwaccels, ["vaapi"]);
    assert!(abilities.decodes("av1") && !abilities.decodes("h264"));
    assert!(
        !abilities.encodes("libwebp"),
        "a list that is not given is empty"
    );
}
