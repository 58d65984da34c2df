//! A window on a catalogue of a test's own, and what tests do with it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{
    Event, Key, Modifiers, OutputCommand, PointerButton, Rect, Role, Theme, Vec2, ViewportId,
};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder, Node};
use tempfile::TempDir;
use videocatalog_core::environment::{Environment, Platform};
use videocatalog_gui::app::App;
use videocatalog_gui::backend::Backend;
use videocatalog_gui::backend::core::CoreBackend;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A working directory, a folder to be scanned, and a window.
pub(crate) struct Lab {
    pub(crate) folder: TempDir,
    pub(crate) window: Harness<'static, App>,
}

impl Lab {
    /// Opens a window on an empty catalogue.
    pub(crate) fn new() -> Self {
        Self::sized(1280.0, 820.0)
    }

    /// Opens a window of a size in points.
    pub(crate) fn sized(width: f32, height: f32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = environment(folder.path());
        Self::with(folder, environment, width, height)
    }

    /// Opens a window that finds no other program.
    pub(crate) fn without_programs() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut environment = environment(folder.path());
        environment.variables.remove(OsStr::new("PATH"));
        Self::with(folder, environment, 1280.0, 820.0)
    }

    /// Opens a window beside which other programs of ours lie.
    pub(crate) fn with_programs(put: impl FnOnce(&Path)) -> Self {
        Self::with_programs_and_settings(put, "{}")
    }

    /// The same with settings.
    pub(crate) fn with_programs_and_settings(put: impl FnOnce(&Path), settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("programs");
        std::fs::create_dir_all(&programs).unwrap();
        put(&programs);
        std::fs::create_dir_all(home(folder.path())).unwrap();
        std::fs::write(home(folder.path()).join("settings.json"), settings).unwrap();
        let mut environment = environment(folder.path());
        environment.executable_dir = Some(programs);
        Self::with(folder, environment, 1280.0, 820.0)
    }

    /// Opens a window that finds these other programs and no more.
    pub(crate) fn with_path(put: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("programs");
        std::fs::create_dir_all(&programs).unwrap();
        put(&programs);
        let mut environment = environment(folder.path());
        let path = programs.into_os_string();
        environment.variables.insert("PATH".into(), path);
        Self::with(folder, environment, 1280.0, 820.0)
    }

    /// Returns the folder of those programs.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.path().join("programs")
    }

    /// Opens a window where another was closed.
    pub(crate) fn reopened(folder: TempDir) -> Self {
        let environment = environment(folder.path());
        Self::with(folder, environment, 1280.0, 820.0)
    }

    /// Closes the window.
    pub(crate) fn close(self) -> TempDir {
        drop(self.window);
        self.folder
    }

    /// Opens a window that may draw boxes for letters that its fonts do not have.
    pub(crate) fn showing_every_script() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend =
            CoreBackend::new(environment(folder.path()), Some(&home(folder.path())), None);
        let backend: Arc<dyn Backend> = Arc::new(backend.unwrap());
        let builder = builder(Vec2::new(1280.0, 820.0)).allow_missing_glyphs();
        let window = builder.build_eframe(move |created| App::new(&created.egui_ctx, &backend));
        Self { folder, window }
    }

    /// Opens a window on a working directory that somebody else was in before.
    pub(crate) fn prepared(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home(folder.path())).unwrap();
        prepare(&home(folder.path()));
        let environment = environment(folder.path());
        Self::with(folder, environment, 1280.0, 820.0)
    }

    fn with(folder: TempDir, environment: Environment, width: f32, height: f32) -> Self {
        let backend = CoreBackend::new(environment, Some(&home(folder.path())), None);
        let backend: Arc<dyn Backend> = Arc::new(backend.unwrap());
        let window = window(&backend, Vec2::new(width, height));
        Self { folder, window }
    }

    /// Returns the folder that is scanned.
    pub(crate) fn drive(&self) -> PathBuf {
        let drive = self.folder.path().join("drive");
        std::fs::create_dir_all(&drive).unwrap();
        drive
    }

    /// Writes a file on the drive.
    pub(crate) fn write(&self, name: &str, bytes: usize) {
        let path = self.drive().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![b'x'; bytes]).unwrap();
    }

    /// Draws until something holds.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Harness<'static, App>) -> bool) {
        let began = Instant::now();
        loop {
            self.window.step();
            if holds(&self.window) {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "never came: {what}\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Draws until something with this text is there.
    pub(crate) fn sees(&mut self, text: &str) {
        self.until(text, |window| {
            window.query_all_by_label_contains(text).next().is_some()
        });
    }

    /// Draws until a field holds this.
    pub(crate) fn sees_value(&mut self, value: &str) {
        self.until(value, |window| {
            window.query_all_by_value(value).next().is_some()
        });
    }

    /// Draws until something with one of these texts is there.
    pub(crate) fn sees_one_of(&mut self, texts: &[&str]) {
        self.until(&texts.join(" or "), |window| {
            let mut texts = texts.iter();
            texts.any(|text| window.query_all_by_label_contains(text).next().is_some())
        });
    }

    /// Clicks on what has this label, waiting for it to be there and enabled.
    pub(crate) fn click(&mut self, label: &str) {
        let is_ready = |window: &Harness<'static, App>| {
            let mut all = window.query_all_by_label(label);
            all.any(|node| !node.accesskit_node().is_disabled())
        };
        self.until(label, is_ready);
        let find = |window: &Harness<'static, App>| {
            window
                .query_all_by_label(label)
                .find(|node| !node.accesskit_node().is_disabled())
                .map(|node| node.rect())
        };
        self.scroll_to(label, find);
        self.click_steadily(find);
        // A dialog that closes keeps the pointer for a frame more.
        self.window.run_steps(4);
    }

    /// Scrolls to what may have been pushed out of sight by what came above it.
    fn scroll_to(&mut self, label: &str, find: impl Fn(&Harness<'static, App>) -> Option<Rect>) {
        let screen = self.window.ctx.content_rect();
        if find(&self.window).is_some_and(|rect| screen.contains_rect(rect)) {
            return;
        }
        if let Some(node) = self
            .window
            .query_all_by_label(label)
            .find(|node| !node.accesskit_node().is_disabled())
        {
            node.scroll_to_me();
        }
        self.window.run_steps(2);
    }

    /// Clicks on a place once it stays where it is: messages that come and go move what is below them.
    fn click_steadily(&mut self, find: impl Fn(&Harness<'static, App>) -> Option<Rect>) {
        let mut place = None;
        for _ in 0..1_000 {
            let found = find(&self.window);
            if let Some(at) = found.filter(|_| found == place).map(|rect| rect.center()) {
                self.window.hover_at(at);
                for pressed in [true, false] {
                    self.window.event(Event::PointerButton {
                        pos: at,
                        button: PointerButton::Primary,
                        pressed,
                        modifiers: Modifiers::NONE,
                    });
                }
                return;
            }
            place = found;
            self.window.step();
        }
        panic!("it never stays where it is:\n{}", self.said());
    }

    /// Writes into a field.
    pub(crate) fn fill(&mut self, label: &str, text: &str) {
        self.sees(label);
        self.field(label).focus();
        self.window.step();
        self.field(label).type_text(text);
        self.window.run_steps(2);
    }

    fn field<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.window
            .query_all_by_label(label)
            .find(|node| {
                let role = node.accesskit_node().role();
                matches!(
                    role,
                    Role::TextInput | Role::MultilineTextInput | Role::PasswordInput
                )
            })
            .unwrap_or_else(|| panic!("no field {label} among:\n{}", self.said()))
    }

    /// Writes into a field in place of what is there.
    pub(crate) fn replace(&mut self, label: &str, text: &str) {
        self.sees(label);
        self.field(label).focus();
        self.window.run_steps(2);
        self.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.window.step();
        self.field(label).type_text(text);
        self.window.run_steps(2);
    }

    /// Chooses from the context menu of something.
    pub(crate) fn menu(&mut self, label: &str, item: &str) {
        self.sees(label);
        self.window.get_by_label(label).click_secondary();
        self.window.run_steps(3);
        self.click(item);
    }

    /// Clicks on a row among those of tables in sight.
    pub(crate) fn click_row(&mut self, row: usize) {
        self.until(&format!("row {row}"), |window| {
            window.query_all_by_role(Role::Row).nth(row).is_some()
        });
        self.click_steadily(|window| {
            let mut rows = window.query_all_by_role(Role::Row);
            rows.nth(row).map(|node| node.rect())
        });
        self.window.run_steps(3);
    }

    /// Draws until something is put on the clipboard, and returns it.
    pub(crate) fn copied(&mut self) -> String {
        let began = Instant::now();
        loop {
            self.window.step();
            let commands = &self.window.output().platform_output.commands;
            let copied = commands.iter().find_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            });
            if let Some(text) = copied {
                return text;
            }
            assert!(began.elapsed() < PATIENCE, "nothing was copied");
        }
    }

    /// Leaves the topmost dialog.
    pub(crate) fn close_dialog(&mut self) {
        self.window.key_press(Key::Escape);
        self.window.run_steps(3);
    }

    /// Fills the form of a scan with the drive.
    pub(crate) fn form(&mut self, label: &str) {
        let drive = self.drive();
        self.form_for(&drive, label);
    }

    fn form_for(&mut self, folder: &Path, label: &str) {
        self.click("Scan");
        self.replace("Folder", &folder.to_string_lossy());
        self.replace("Label", label);
    }

    /// Scans the drive through the window, as `Films B`, with the fingerprints that cost little.
    pub(crate) fn scan_with_fingerprints(&mut self) {
        self.form("Films B");
        self.click("Fingerprints");
        self.click("Films, quickly: a few keyframes of each");
        self.click("Sound, also of films: the first two minutes");
        self.start_scan("Films B");
    }

    /// Begins the scan of the form, with the tools that are here, and waits for its end.
    pub(crate) fn start_scan(&mut self, label: &str) {
        let done = format!("The scan of `{label}` is done");
        self.click("Start scan");
        self.sees_one_of(&["Continue without", &done]);
        if self.window.query_by_label("Continue without").is_some() {
            self.click("Continue without");
        }
        self.sees(&done);
    }

    /// Scans the drive through the window, as `label`.
    pub(crate) fn scan(&mut self, label: &str) {
        let drive = self.drive();
        self.scan_folder(&drive, label);
    }

    /// Scans a folder through the window, as `label`.
    pub(crate) fn scan_folder(&mut self, folder: &Path, label: &str) {
        self.form_for(folder, label);
        self.click("Inventory only");
        self.click("Start scan");
        self.sees(&format!("The scan of `{label}` is done"));
    }

    /// Returns the working directory.
    pub(crate) fn home(&self) -> PathBuf {
        home(self.folder.path())
    }

    /// Returns the databases of drives.
    pub(crate) fn shards(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.home().join("data/shards")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|ext| ext == "db"))
            .collect()
    }

    /// Everything that a screen reader would say.
    pub(crate) fn said(&self) -> String {
        let nodes = self.window.root().children_recursive();
        let labels = nodes.filter_map(|node| {
            let node = node.accesskit_node();
            Some(format!(
                "{:?} {}",
                node.role(),
                node.label().or_else(|| node.value())?
            ))
        });
        labels.collect::<Vec<_>>().join("\n")
    }

    /// Moves the window to a screen with so many pixels a point.
    pub(crate) fn scale(&mut self, scale: f32) {
        let viewports = &mut self.window.input_mut().viewports;
        let root = viewports.get_mut(&ViewportId::ROOT).unwrap();
        root.native_pixels_per_point = Some(scale);
        self.window.run_steps(3);
    }

    /// Shows a theme.
    pub(crate) fn theme(&mut self, theme: Theme) {
        self.window.ctx.set_theme(theme);
        self.window.run_steps(2);
    }
}

/// Returns a working directory below a folder.
pub(crate) fn home(folder: &Path) -> PathBuf {
    folder.join("home")
}

/// Returns surroundings without anything of this machine but its programs.
pub(crate) fn environment(folder: &Path) -> Environment {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Environment {
        variables: HashMap::from([
            ("HOME".into(), folder.as_os_str().to_owned()),
            ("PATH".into(), path),
        ]),
        executable_dir: None,
        current_dir: folder.to_path_buf(),
        platform: Platform::current(),
    }
}

/// Opens a window in front of something that answers.
pub(crate) fn window(backend: &Arc<dyn Backend>, size: Vec2) -> Harness<'static, App> {
    let backend = Arc::clone(backend);
    builder(size).build_eframe(move |created| App::new(&created.egui_ctx, &backend))
}

fn builder(size: Vec2) -> HarnessBuilder<App> {
    // As fast as a screen: a message that goes by itself does not go while something is being clicked.
    Harness::builder()
        .with_size(size)
        .with_max_steps(64)
        .with_step_dt(1.0 / 60.0)
}
