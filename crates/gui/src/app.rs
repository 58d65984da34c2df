//! The window itself: bars, panes and pages, and what the user's wishes lead to.

use std::sync::Arc;

use eframe::egui::{self, Id, RichText, Theme, ThemePreference, Ui, ViewportCommand};
use videocatalog_core::path::display::printable_path;
use videocatalog_core::search::shown;

use crate::backend::Backend;
use crate::command::{self, Command, Section, Tab};
use crate::dialog::{self, Confirm};
use crate::news::{Level, News};
use crate::pages::Page;
use crate::pages::details::Details;
use crate::pages::drives::Drives;
use crate::pages::duplicates::Duplicates;
use crate::pages::home::Home;
use crate::pages::jobs::Jobs;
use crate::pages::log::Log;
use crate::pages::preview::Preview;
use crate::pages::reports::Reports;
use crate::pages::scan::Scan;
use crate::pages::search::Search;
use crate::pages::tools::Tools;
use crate::pages::tools::graphics::Provision;
use crate::pages::tools::maintenance::catalogue;
use crate::pages::tools::server::Status;
use crate::palette;
use crate::shell::Shell;
use crate::theme::{self, Palette};
use crate::widgets;

/// What the field for queries is called by those who read it aloud.
const FIELD: &str = "Search every drive";

/// The window.
pub struct App {
    shell: Shell,
    tab: Tab,
    home: Home,
    search: Search,
    duplicates: Duplicates,
    reports: Reports,
    scan: Scan,
    jobs: Jobs,
    tools: Tools,
    drives: Drives,
    details: Details,
    log: Log,
    is_focus_wanted: bool,
    is_closing: bool,
}

impl App {
    /// Opens it, and asks for what it shows first.
    pub fn new(context: &egui::Context, backend: &Arc<dyn Backend>) -> Self {
        theme::install(context);
        let shell = Shell::new(context.clone(), Arc::clone(backend));
        let mut app = Self {
            tab: Tab::Home,
            home: Home::new(&shell),
            search: Search::new(&shell),
            duplicates: Duplicates::new(&shell),
            reports: Reports::new(&shell),
            scan: Scan::new(&shell),
            jobs: Jobs::new(&shell),
            tools: Tools::new(&shell),
            drives: Drives::new(&shell),
            details: Details::new(&shell),
            log: Log::new(&shell),
            is_focus_wanted: false,
            is_closing: false,
            shell,
        };
        app.carry_out(context, Command::Refresh);
        app
    }

    /// Returns whether results are still to come.
    pub fn is_searching(&self) -> bool {
        self.search.is_busy()
    }

    fn page(&mut self) -> (&mut dyn Page, &mut Shell) {
        let page: &mut dyn Page = match self.tab {
            Tab::Home => &mut self.home,
            Tab::Search | Tab::Gallery => &mut self.search,
            Tab::Duplicates => &mut self.duplicates,
            Tab::Reports => &mut self.reports,
            Tab::Scan => &mut self.scan,
            Tab::Jobs => &mut self.jobs,
            Tab::Tools => &mut self.tools,
        };
        (page, &mut self.shell)
    }

    fn open(&mut self, tab: Tab) {
        self.tab = tab;
        self.search.is_gallery = tab == Tab::Gallery;
        let (page, shell) = self.page();
        page.opened();
        page.refresh(shell);
    }

    /// Asks again for whatever is shown.
    fn ask_again(&mut self, of_page: impl FnOnce(&mut dyn Page, &mut Shell)) {
        self.drives.refresh(&mut self.shell);
        self.search.refresh(&mut self.shell);
        let (page, shell) = self.page();
        of_page(page, shell);
    }

    fn show_results(&mut self) {
        if !matches!(self.tab, Tab::Search | Tab::Gallery) {
            self.tab = Tab::Search;
            self.search.is_gallery = false;
        }
    }

    fn search_page(&mut self) {
        self.show_results();
        self.search.ask_again();
    }

    fn carry_out(&mut self, context: &egui::Context, wish: Command) {
        match wish {
            Command::Show(tab) => self.open(tab),
            Command::OpenTool(section) => {
                self.tools.open(section);
                self.open(Tab::Tools);
            }
            Command::Refresh => self.ask_again(|page, shell| page.look_again(shell)),
            Command::Reload => self.ask_again(|page, shell| page.refresh(shell)),
            Command::FocusSearch => {
                self.search_page();
                self.is_focus_wanted = true;
            }
            Command::Query(text) => {
                self.search.text = text;
                self.show_results();
                self.search.ask_for_text();
            }
            Command::FindSimilar(hit) => {
                self.show_results();
                self.search.ask_for_similar(&hit);
            }
            Command::Within(label) => {
                self.search.within = label;
                self.search_page();
            }
            Command::Details(hit, why) => self.details.ask(*hit, why),
            Command::Preview(hit) => {
                let dialog = Preview::new(*hit, &self.shell);
                self.shell.ask(dialog);
            }
            Command::Copy(text) => {
                context.copy_text(text);
                self.shell
                    .news
                    .toast(News::new(Level::Info, "Copied to the clipboard"));
            }
            Command::Reveal(path) => self.shell.quietly("Opening a folder", move |backend| {
                backend.reveal(&path)
            }),
            Command::RunReports => {
                self.open(Tab::Reports);
                self.reports.run(&mut self.shell);
            }
            Command::ScanDrive(label) => {
                self.scan.fill(&label, &self.drives);
                self.open(Tab::Scan);
            }
            Command::StartScan => {
                self.open(Tab::Scan);
                self.scan.begin(&mut self.shell);
            }
            Command::ScanWithoutTools => self.scan.begin_without_tools(&mut self.shell),
            Command::ScanSummary => self.scan.tell_last(&mut self.shell),
            Command::EditDrive(label) => self.drives.edit(&label, &mut self.shell),
            Command::AskForget(label) => self.shell.ask(Confirm {
                title: format!("Forget `{}`?", shown(&label)),
                text: "All that is known of its files is removed from the catalogue. The drive itself is not touched.".into(),
                go: "Forget".into(),
                command: Command::Forget(label),
            }),
            Command::Forget(label) => {
                let says = format!("`{}` is forgotten", shown(&label));
                self.shell.chore(
                    format!("Forgetting {}", shown(&label)),
                    move |backend, _| {
                        backend.forget(&label)?;
                        Ok(News::new(Level::Success, says))
                    },
                );
            }
            Command::Export => {
                if let Some(dialog) = self.search.export() {
                    self.shell.ask(dialog);
                } else {
                    let text = "Only what is found by words can be exported";
                    self.shell.news.toast(News::new(Level::Warning, text));
                }
            }
            Command::OpenExports => self.shell.quietly("Opening a folder", |backend| {
                backend.reveal(&backend.exports_folder()?)
            }),
            Command::SwitchTheme => context.set_theme(match context.theme() {
                Theme::Dark => Theme::Light,
                Theme::Light => Theme::Dark,
            }),
            Command::FollowSystemTheme => context.set_theme(ThemePreference::System),
            Command::Palette => self.shell.ask(palette::Palette::default()),
            Command::Shortcuts => self.shell.ask(palette::Sheet),
            Command::SwitchLog => self.log.switch(),
            Command::StopAll => self.stop_all(),
            Command::StopAndClose => {
                self.is_closing = true;
                self.stop_all();
            }
            wish => self.look_after(wish),
        }
    }

    /// Carries out what is wished for databases and the API.
    fn look_after(&mut self, wish: Command) {
        match wish {
            Command::Maintain(action, target) => {
                let databases = self.tools.maintenance();
                databases.begin(action, target, &mut self.shell);
            }
            Command::Salvage(target) => {
                self.shell.chore("Salvaging", move |backend, running| {
                    let says = backend.salvage(&target, running)?;
                    Ok(News::new(Level::Success, says))
                });
            }
            Command::ChooseCatalogue => self.shell.ask(catalogue::Choose::default()),
            Command::ExportCatalogue => {
                self.shell
                    .chore("Copying the catalogue", |backend, running| {
                        let path = backend.export_catalogue(running)?;
                        let says = format!("Written: {}", printable_path(&path));
                        let news = News::new(Level::Success, says);
                        Ok(news.with("Open exports folder", Command::OpenExports))
                    });
            }
            Command::AskReset => self.shell.ask(catalogue::reset()),
            Command::Reset => self
                .shell
                .chore("Forgetting all drives", |backend, running| {
                    let backups = backend.reset(running)?;
                    let says = format!(
                        "All drives are forgotten; backups lie in {}",
                        printable_path(&backups)
                    );
                    Ok(News::new(Level::Success, says))
                }),
            Command::BuildIndex => {
                self.shell.chore("Indexing by meaning", |backend, running| {
                    let says = backend.build_index(running)?;
                    Ok(News::new(Level::Success, says))
                });
            }
            Command::Transcribe => {
                self.shell
                    .chore("Listening to what is said", |backend, running| {
                        let says = backend.transcribe(running)?;
                        Ok(News::new(Level::Success, says))
                    });
            }
            Command::Provision => {
                let dialog = Provision::new(&self.shell);
                self.shell.ask(dialog);
            }
            Command::SwitchApi => self.tools.server().switch(&self.shell),
            _ => {}
        }
    }

    fn stop_all(&self) {
        for running in self.shell.running() {
            running.cancel.cancel();
        }
    }

    /// Closing while something runs asks first, then waits until all of it has stopped.
    fn mind_closing(&mut self, context: &egui::Context) {
        let is_busy = !self.shell.running().is_empty();
        if self.is_closing && !is_busy {
            context.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        if !is_busy || !context.input(|input| input.viewport().close_requested()) {
            return;
        }
        context.send_viewport_cmd(ViewportCommand::CancelClose);
        if !self.is_closing {
            let titles: Vec<&str> = self
                .shell
                .running()
                .iter()
                .map(|running| running.title.as_str())
                .collect();
            let text = format!(
                "Under way: {}. It is stopped cleanly; what was done is kept.",
                titles.join(", ")
            );
            self.shell.ask(Confirm {
                title: "Stop and close?".into(),
                text,
                go: "Stop and close".into(),
                command: Command::StopAndClose,
            });
        }
    }

    fn keys(&mut self, context: &egui::Context) {
        if !self.shell.dialogs.is_empty() {
            return;
        }
        for action in command::actions() {
            let is_pressed = action
                .shortcut
                .is_some_and(|keys| context.input_mut(|input| input.consume_shortcut(&keys)));
            if is_pressed {
                self.shell.wish(action.command);
            }
        }
    }

    fn top(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.label(RichText::new("VideoCatalog").strong().size(15.0));
            let right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(right, |ui| {
                let other = match ui.theme() {
                    Theme::Dark => "Light",
                    Theme::Light => "Dark",
                };
                let buttons = [
                    ("?", "Keyboard shortcuts (F1)", Command::Shortcuts),
                    (other, "Change the theme", Command::SwitchTheme),
                    ("Commands", "All commands (Ctrl+K)", Command::Palette),
                ];
                for (text, hover, wish) in buttons {
                    if ui.button(text).on_hover_text(hover).clicked() {
                        self.shell.wish(wish);
                    }
                }
                if let Status::Running(address) = self.tools.server().status() {
                    let port = address.rsplit(':').next().unwrap_or_default();
                    let palette = Palette::shown(ui);
                    let dot = RichText::new(format!("API :{port}")).color(palette.ok);
                    let hover = format!("The local API answers at {address}");
                    if ui.button(dot).on_hover_text(hover).clicked() {
                        self.shell.wish(Command::OpenTool(Section::Api));
                    }
                }
                let field = egui::TextEdit::singleline(&mut self.search.text)
                    .id(Id::unique(FIELD))
                    .hint_text(
                        "Search every drive: words, ext:mkv, size:>1gb, duration:>1h   (Ctrl+F)",
                    )
                    .margin(egui::Margin::symmetric(10, 6))
                    .desired_width(f32::INFINITY);
                let field = ui.add(field);
                widgets::named(ui, &field, FIELD);
                if std::mem::take(&mut self.is_focus_wanted) {
                    field.request_focus();
                }
                if field.changed() {
                    self.show_results();
                    self.search.ask_for_text();
                }
                let is_enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
                if field.lost_focus() && is_enter {
                    self.show_results();
                    self.search.focus_table();
                }
            });
        });
    }

    fn tabs(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            for tab in Tab::ALL {
                let button = egui::Button::selectable(self.tab == tab, tab.title());
                if ui.add(button).clicked() {
                    self.shell.wish(Command::Show(tab));
                }
            }
        });
        ui.add_space(8.0);
    }

    /// What runs, with its progress.
    fn bottom(&mut self, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        ui.horizontal(|ui| {
            let right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(right, |ui| {
                if ui
                    .button("Log")
                    .on_hover_text("Show or hide the log")
                    .clicked()
                {
                    self.shell.wish(Command::SwitchLog);
                }
                let left = egui::Layout::left_to_right(egui::Align::Center);
                let Some(running) = self.shell.running().first() else {
                    ui.with_layout(left, |ui| widgets::dim(ui, "Nothing is under way"));
                    return;
                };
                let is_stopping = running.cancel.is_cancelled();
                let stop = egui::Button::new(if is_stopping { "Stopping…" } else { "Stop" });
                let stop = ui.add_enabled(!is_stopping, stop);
                let hover = format!("Stop: {}", running.title);
                if stop.on_hover_text(hover).clicked() {
                    running.cancel.cancel();
                }
                let told = running.told();
                ui.with_layout(left, |ui| {
                    ui.label(&running.title);
                    if let Some(share) = told.share {
                        widgets::share(ui, share, 120.0, palette.accent);
                    }
                    let line = RichText::new(&told.line).color(palette.dim);
                    ui.add(egui::Label::new(line).truncate());
                });
            });
        });
    }

    fn draw(&mut self, ui: &mut Ui) {
        let panel = Palette::shown(ui).panel;
        let side = egui::Frame::new().fill(panel).inner_margin(12);
        let thin = egui::Frame::new()
            .fill(panel)
            .inner_margin(egui::Margin::symmetric(12, 6));
        egui::Panel::top("top")
            .frame(side)
            .show(ui, |ui| self.top(ui));
        egui::Panel::bottom("bottom")
            .frame(thin)
            .show(ui, |ui| self.bottom(ui));
        if self.log.is_open() {
            egui::Panel::bottom("log")
                .frame(side)
                .resizable(true)
                .default_size(180.0)
                .show(ui, |ui| self.log.show(ui, &mut self.shell));
        }
        egui::Panel::left("drives")
            .frame(side)
            .default_size(200.0)
            .size_range(140.0..=400.0)
            .show(ui, |ui| {
                self.drives.within.clone_from(&self.search.within);
                self.drives.show(ui, &mut self.shell);
            });
        if matches!(self.tab, Tab::Search | Tab::Gallery) {
            egui::Panel::right("details")
                .frame(side)
                .default_size(280.0)
                .size_range(200.0..=600.0)
                .show(ui, |ui| self.details.show(ui, &mut self.shell));
        }
        let ground = egui::Frame::central_panel(ui.style()).inner_margin(12);
        egui::CentralPanel::default().frame(ground).show(ui, |ui| {
            self.tabs(ui);
            // What is being written on a page goes on when a message comes above it.
            ui.push_id("banners", |ui| self.shell.show_banners(ui));
            let (page, shell) = self.page();
            ui.push_id("page", |ui| page.show(ui, shell));
        });
    }
}

impl App {
    /// Takes what came since the last frame.
    pub fn poll(&mut self, context: &egui::Context) {
        self.shell.poll();
        let pages: [&mut dyn Page; 10] = [
            &mut self.home,
            &mut self.search,
            &mut self.duplicates,
            &mut self.reports,
            &mut self.scan,
            &mut self.jobs,
            &mut self.tools,
            &mut self.drives,
            &mut self.details,
            &mut self.log,
        ];
        for page in pages {
            page.poll(&mut self.shell);
        }
        self.mind_closing(context);
    }

    /// Draws a frame, and carries out what the user wished for in it.
    pub fn show(&mut self, ui: &mut Ui) {
        let context = ui.ctx().clone();
        self.keys(&context);
        self.draw(ui);
        dialog::show(&context, &mut self.shell);
        self.shell.show_toasts(&context);
        for wish in std::mem::take(&mut self.shell.wishes) {
            self.carry_out(&context, wish);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, context: &egui::Context, _frame: &mut eframe::Frame) {
        self.poll(context);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }
}
