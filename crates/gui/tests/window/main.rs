//! A real window on a virtual screen, used with the keyboard as somebody would: scan, search, look, change the theme, close.
//! Its pictures are left in the folder that `VIDEOCATALOG_SCREENSHOTS` names.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use videocatalog_core::catalog::store::Catalog;
use videocatalog_core::workdir::WorkingDir;
use videocatalog_testkit::media::{image, video};

const PATIENCE: Duration = Duration::from_mins(1);

/// A screen with a window manager; both end with it.
struct Screen {
    display: String,
    children: Vec<Child>,
    shots: PathBuf,
}

impl Screen {
    fn open(folder: &Path) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x860x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is there (scripts/test installs it)");
        let mut number = String::new();
        let said = server.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let manager = Command::new("openbox")
            .env("DISPLAY", &display)
            .stderr(Stdio::null())
            .spawn()
            .expect("openbox is there (scripts/test installs it)");
        let named = std::env::var_os("VIDEOCATALOG_SCREENSHOTS").map(PathBuf::from);
        let shots = named.unwrap_or_else(|| folder.join("shots"));
        std::fs::create_dir_all(&shots).unwrap();
        Self {
            display,
            children: vec![server, manager],
            shots,
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).env("DISPLAY", &self.display);
        let output = command.output().unwrap();
        output.status.success()
    }

    /// Presses keys, and gives the window time to draw: of two presses within a frame, one may be lost.
    fn keys(&self, keys: &str) {
        std::thread::sleep(Duration::from_millis(400));
        assert!(
            self.run("xdotool", &["key", "--delay", "40", keys]),
            "{keys}"
        );
    }

    fn types(&self, text: &str) {
        std::thread::sleep(Duration::from_millis(400));
        assert!(
            self.run("xdotool", &["type", "--delay", "15", text]),
            "{text}"
        );
    }

    /// Chooses from the list of all commands.
    fn command(&self, title: &str) {
        self.keys("ctrl+k");
        self.types(title);
        self.keys("Return");
    }

    /// Takes a picture of the screen once things have come to rest, and returns how bright it is, 0 to 255.
    fn shot(&self, name: &str) -> f64 {
        let path = self.shots.join(format!("{name}.png"));
        let text = path.to_string_lossy().into_owned();
        std::thread::sleep(Duration::from_millis(900));
        assert!(self.run("import", &["-window", "root", &text]));
        let picture = ::image::open(&path).unwrap().into_luma8();
        let sum: u64 = picture.as_raw().iter().map(|&value| u64::from(value)).sum();
        sum as f64 / picture.as_raw().len() as f64
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "never came: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn somebody_scans_searches_and_looks() {
    let folder = tempfile::tempdir().unwrap();
    let (home, drive) = (folder.path().join("home"), folder.path().join("Films B"));
    std::fs::create_dir_all(&home).unwrap();
    // Without other programs nothing is asked about those that are missing.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let settings = format!(
        r#"{{"media": {{"level": "headers"}}, "api": {{"port": {port}, "api_key": "k"}}}}"#
    );
    std::fs::write(home.join("settings.json"), settings).unwrap();
    let films = drive.join("films");
    std::fs::create_dir_all(&films).unwrap();
    for (name, seconds) in [("Nosferatu (1922).mp4", 3), ("Metropolis (1927).mp4", 2)] {
        video(&films.join(name), seconds).unwrap();
    }
    image(&drive.join("poster.jpg")).unwrap();
    let screen = Screen::open(folder.path());
    let mut window = Command::new(env!("CARGO_BIN_EXE_videocatalog-gui"))
        .env("DISPLAY", &screen.display)
        .env("VIDEOCATALOG_HOME", &home)
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("WAYLAND_DISPLAY")
        .spawn()
        .unwrap();
    let is_visible = [
        "search",
        "--sync",
        "--onlyvisible",
        "--name",
        "^VideoCatalog$",
    ];
    assert!(screen.run("xdotool", &is_visible));
    screen.keys("super+Up");
    let dark = screen.shot("1-welcome");
    assert!(dark > 1.0, "something is drawn");

    screen.keys("ctrl+6");
    std::thread::sleep(Duration::from_secs(2));
    screen.types(&drive.to_string_lossy());
    screen.keys("Tab");
    screen.keys("Tab");
    screen.types("Films B");
    screen.shot("2-scan");
    screen.keys("ctrl+Return");
    let workdir = WorkingDir::new(&home);
    until("the scan is done", || {
        let catalog = Catalog::open_read_only(&workdir, None);
        let jobs = catalog.and_then(|catalog| catalog.jobs(None));
        jobs.is_ok_and(|jobs| jobs.iter().any(|job| job.status == "Done"))
    });
    screen.shot("3-scanned");

    screen.keys("ctrl+f");
    screen.types("category:video");
    screen.keys("Return");
    screen.keys("Down");
    screen.keys("Down");
    screen.shot("4-details");
    screen.command("make all reports");
    screen.shot("5-reports");
    let server = Path::new(env!("CARGO_BIN_EXE_videocatalog-gui")).with_file_name("videocatalog");
    let build = "build it first: cargo build -p videocatalog";
    assert!(server.exists(), "no {}; {build}", server.display());
    screen.command("start or stop the local");
    let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    until("the API answers", answers);
    screen.command("local api");
    screen.shot("6-api");
    screen.command("start or stop the local");
    until("the API is stopped", || !answers());
    screen.keys("ctrl+1");
    let before = screen.shot("7-home");
    screen.command("dark or light");
    let after = screen.shot("8-other-theme");
    assert!((before - after).abs() > 100.0, "{before} {after}");

    screen.keys("alt+F4");
    until("the window is closed", || {
        window.try_wait().unwrap().is_some()
    });
    assert!(window.wait().unwrap().success());
    let kept = std::fs::read_to_string(home.join("window.ron")).unwrap();
    assert!(kept.contains("window"), "size and place are kept: {kept}");
}
