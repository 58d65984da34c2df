//! The graphics card: what there is, who computes and why, and help with what is missing.

use eframe::egui::{self, OpenUrl, RichText, Ui};
use videocatalog_core::gpu::{CUDA_REQUIREMENTS, INSTALL_CUDA, Tried};
use videocatalog_core::human;
use videocatalog_core::search::shown;
use videocatalog_core::settings::GpuPolicy;

use crate::backend::graphics::{self, Card};
use crate::command::Command;
use crate::dialog::{Dialog, Stay};
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::pages::Page;
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Who may compute.
const POLICIES: [(GpuPolicy, &str, &str); 3] = [
    (
        GpuPolicy::Auto,
        "Automatic",
        "The card where models run on it, else the processor",
    ),
    (
        GpuPolicy::ForceGpu,
        "Insist on the card",
        "The same, and it is told where no card can be used",
    ),
    (GpuPolicy::CpuOnly, "Processor only", "No card is tried"),
];

/// The page of the graphics card.
pub(crate) struct Graphics {
    asking: Latest<bool, Card>,
    card: Option<Card>,
    was_helped: bool,
}

impl Graphics {
    pub(crate) fn new(shell: &Shell) -> Self {
        let mut asking = asking(shell);
        // Elsewhere help is not offered unasked, and trying a card takes a second.
        if cfg!(windows) {
            asking.ask(false);
        }
        Self {
            asking,
            card: None,
            was_helped: false,
        }
    }
}

/// Returns what looks at the card; asked with `true` it looks at everything anew.
fn asking(shell: &Shell) -> Latest<bool, Card> {
    shell.latest(|backend, anew, _| graphics::Graphics::card(backend, *anew))
}

impl Page for Graphics {
    fn poll(&mut self, shell: &mut Shell) {
        if let Some((_, card)) = self.asking.poll() {
            if card.wants_help && !std::mem::replace(&mut self.was_helped, true) {
                shell.wish(Command::Provision);
            }
            self.card = Some(card);
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.asking.ask(false);
    }

    fn look_again(&mut self, _shell: &mut Shell) {
        self.asking.ask(true);
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let Some(card) = &mut self.card else {
            widgets::dim(ui, "Looking for a graphics card…");
            return;
        };
        let mut is_retried = false;
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| {
                widgets::card(ui, |ui| {
                    widgets::title(ui, "Graphics card");
                    facts(card, ui);
                    ui.add_space(8.0);
                    ui.horizontal_wrapped(|ui| {
                        let retry = egui::Button::new("Try again");
                        let is_busy = self.asking.is_busy();
                        is_retried = ui.add_enabled(!is_busy, retry).clicked();
                        if ui.button("Troubleshoot…").clicked() {
                            shell.wish(Command::Provision);
                        }
                    });
                });
                ui.add_space(12.0);
                widgets::card(ui, |ui| {
                    widgets::title(ui, "Who may compute");
                    policies(card.policy, ui, shell);
                    ui.add_space(8.0);
                    decoding(card, ui, shell);
                });
            });
        if is_retried {
            self.asking.ask(true);
        }
    }
}

/// Draws what there is, and who computes.
fn facts(card: &Card, ui: &mut Ui) {
    let palette = Palette::shown(ui);
    let found = &card.found;
    let adapter = match &found.adapter {
        Some(adapter) => shown(&adapter.name),
        None => format!(
            "no NVIDIA card ({})",
            shown(found.adapter_error.as_deref().unwrap_or("none was found"))
        ),
    };
    let known = |bytes: Option<u64>| bytes.map_or_else(|| "?".into(), human::size);
    let mut rows = vec![
        ("Computing", format!("provider: {}", card.provider)),
        ("Card", adapter),
    ];
    if let Some(adapter) = &found.adapter {
        let memory = format!(
            "{}, {} of it free",
            known(adapter.total_bytes),
            known(adapter.free_bytes)
        );
        rows.push(("Memory", memory));
        let driver = adapter.driver.as_deref().unwrap_or("?");
        rows.push(("Driver", shown(driver)));
    }
    let runtime = found.runtime.as_deref().unwrap_or("none is found");
    rows.push(("ONNX Runtime", shown(runtime)));
    rows.push(("CUDA", state(&found.cuda)));
    rows.push(("DirectML", state(&found.directml)));
    let decoders = if found.ffmpeg_hwaccels.is_empty() {
        "the processor alone".to_owned()
    } else {
        found.ffmpeg_hwaccels.join(", ")
    };
    rows.push(("FFmpeg can decode on", decoders));
    let decodes = card.decodes_by.map_or_else(
        || "off".into(),
        |hwaccel| format!("on (-hwaccel {})", hwaccel.name()),
    );
    rows.push(("Decoding on the card", decodes));
    for (name, value) in rows {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(name).color(palette.dim));
            ui.add(egui::Label::new(value).wrap().selectable(true));
        });
    }
    for message in &card.messages {
        let message = RichText::new(message).color(palette.warn);
        ui.add(egui::Label::new(message).wrap());
    }
}

fn state(tried: &Tried) -> String {
    match (&tried.error, tried.works) {
        (_, true) => "works".into(),
        (Some(error), false) => shown(error),
        (None, false) => "was not tried".into(),
    }
}

fn policies(now: GpuPolicy, ui: &mut Ui, shell: &mut Shell) {
    for (policy, name, about) in POLICIES {
        ui.horizontal_wrapped(|ui| {
            if ui.radio(policy == now, name).clicked() && policy != now {
                set(policy, shell);
            }
            widgets::dim(ui, about);
        });
    }
}

/// Draws whether ffmpeg may decode on the card.
fn decoding(card: &mut Card, ui: &mut Ui, shell: &mut Shell) {
    let is_allowed = card.policy != GpuPolicy::CpuOnly;
    // Ticked at once, though what follows from it is told a moment later.
    let may = egui::Checkbox::new(&mut card.may_decode, "Use FFmpeg hwaccel when available");
    let may = ui.add_enabled(is_allowed, may);
    let why = "Everything is left to the processor";
    if may.on_disabled_hover_text(why).changed() {
        let value = if card.may_decode { "true" } else { "false" };
        save("gpu.allow_hwaccel_video", value, shell);
    }
}

fn set(policy: GpuPolicy, shell: &mut Shell) {
    save("gpu.policy", policy.name(), shell);
}

fn save(key: &'static str, value: &'static str, shell: &mut Shell) {
    shell.chore("Saving a setting", move |backend, _| {
        backend.set(key, value)?;
        let says = format!("`{key}` is {value} from now on");
        Ok(News::new(Level::Success, says))
    });
}

/// Helps with what keeps models from running on the card; it closes by itself once CUDA works.
pub(crate) struct Provision {
    asking: Latest<bool, Card>,
    card: Option<Card>,
}

impl Provision {
    pub(crate) fn new(shell: &Shell) -> Self {
        let mut asking = asking(shell);
        asking.ask(false);
        Self { asking, card: None }
    }

    fn checklist(card: &Card, ui: &mut Ui) {
        let palette = Palette::shown(ui);
        let list = &card.checklist;
        for (name, state) in [
            ("NVIDIA driver", list.driver),
            ("CUDA Toolkit", list.cuda_toolkit),
            ("cuDNN", list.cudnn),
            ("Microsoft Visual C++ runtime", list.msvc),
        ] {
            let (word, colour) = match state {
                Some(true) => ("OK", palette.ok),
                Some(false) => ("missing", palette.error),
                None => ("verify", palette.warn),
            };
            ui.horizontal(|ui| {
                ui.label(name);
                ui.label(RichText::new(word).color(colour).strong());
            });
        }
        ui.add_space(8.0);
        for (name, tried) in [
            ("CUDA", &card.found.cuda),
            ("DirectML", &card.found.directml),
        ] {
            let text = format!("{name}: {}", state(tried));
            ui.add(egui::Label::new(text).wrap().selectable(true));
        }
    }
}

impl Dialog for Provision {
    fn title(&self) -> String {
        "Models on the graphics card".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        if let Some((_, card)) = self.asking.poll() {
            if card.found.cuda.works {
                let says = "Models run on the graphics card (CUDA)";
                shell.news.toast(News::new(Level::Success, says));
                shell.wish(Command::Reload);
                return Stay::Closed;
            }
            self.card = Some(card);
        }
        let Some(card) = &self.card else {
            widgets::dim(ui, "Trying the graphics card…");
            return Stay::Open;
        };
        Self::checklist(card, ui);
        let (is_busy, dml) = (self.asking.is_busy(), card.found.directml.works);
        ui.add_space(12.0);
        let (mut stay, mut is_retried) = (Stay::Open, false);
        ui.horizontal_wrapped(|ui| {
            let install = egui::Button::new("Install CUDA Toolkit (winget)");
            let install = ui.add_enabled(cfg!(windows), install);
            if install.on_hover_text(INSTALL_CUDA).clicked() {
                shell.chore("Installing the CUDA Toolkit", |backend, running| {
                    graphics::Graphics::install_cuda(backend, running)?;
                    let says = "The CUDA Toolkit is installed; try the card again";
                    Ok(News::new(Level::Success, says))
                });
            }
            if ui.button("Open CUDA/cuDNN requirements").clicked() {
                ui.ctx().open_url(OpenUrl::new_tab(CUDA_REQUIREMENTS));
            }
            let retry = egui::Button::new("Retry CUDA provider");
            is_retried = ui.add_enabled(!is_busy, retry).clicked();
            let instead = ui.add_enabled(dml, egui::Button::new("Use DirectML instead"));
            if instead.clicked() {
                set(GpuPolicy::Auto, shell);
                stay = Stay::Closed;
            }
            if ui.button("Close").clicked() {
                stay = Stay::Closed;
            }
        });
        if is_retried {
            self.asking.ask(true);
        }
        stay
    }
}
