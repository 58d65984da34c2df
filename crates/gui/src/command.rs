//! What the user can want, and how it is called and reached from the keyboard.

use std::path::PathBuf;

use eframe::egui::{Key, KeyboardShortcut, Modifiers};
use videocatalog_core::maintain::Action as Maintenance;
use videocatalog_core::search::Hit;

/// A page of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// How things stand.
    Home,
    /// Finding files, in a table.
    Search,
    /// Finding files, by their pictures.
    Gallery,
    /// Copies that are not the same byte for byte.
    Duplicates,
    /// Reports.
    Reports,
    /// Scanning a drive.
    Scan,
    /// What was scanned.
    Jobs,
    /// Diagnostics, maintenance, the local API, settings.
    Tools,
}

impl Tab {
    /// All, in the order of the window.
    pub const ALL: [Self; 8] = [
        Self::Home,
        Self::Search,
        Self::Gallery,
        Self::Duplicates,
        Self::Reports,
        Self::Scan,
        Self::Jobs,
        Self::Tools,
    ];

    /// Returns its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Search => "Search",
            Self::Gallery => "Gallery",
            Self::Duplicates => "Duplicates",
            Self::Reports => "Reports",
            Self::Scan => "Scan",
            Self::Jobs => "Jobs",
            Self::Tools => "Tools",
        }
    }
}

/// A page of the tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The other programs that this one uses.
    Diagnostics,
    /// Looking after databases.
    Maintenance,
    /// The graphics card.
    Graphics,
    /// The local API.
    Api,
    /// Every setting.
    Settings,
}

impl Section {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Diagnostics,
        Self::Maintenance,
        Self::Graphics,
        Self::Api,
        Self::Settings,
    ];

    /// Returns its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Diagnostics => "Diagnostics",
            Self::Maintenance => "Maintenance",
            Self::Graphics => "GPU",
            Self::Api => "Local API",
            Self::Settings => "Settings",
        }
    }
}

/// A wish; [`crate::app::App`] carries it out.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show a page.
    Show(Tab),
    /// Show a page of the tools.
    OpenTool(Section),
    /// Ask for everything that is shown again.
    Refresh,
    /// Asks again for what is shown, as something was changed from here.
    Reload,
    /// Begin to write a query.
    FocusSearch,
    /// Search for something else.
    Query(String),
    /// Search one drive, by its label, or all.
    Within(Option<String>),
    /// Show what is known of a file, and why it was found, where there is more to it than words.
    Details(Box<Hit>, Option<String>),
    /// Show a file's picture as large as there is room.
    Preview(Box<Hit>),
    /// Find what looks like a file.
    FindSimilar(Box<Hit>),
    /// Bring the index of search by meaning up to date.
    BuildIndex,
    /// Listen to what is said on the drives that are there.
    Transcribe,
    /// Help with what keeps models from running on the graphics card.
    Provision,
    /// Put a text on the clipboard.
    Copy(String),
    /// Open a folder, or a file's with the file marked, in the system's file manager.
    Reveal(PathBuf),
    /// Make all reports.
    RunReports,
    /// Fill the form of a scan with what is known of a drive.
    ScanDrive(String),
    /// Begin the scan that the form describes.
    StartScan,
    /// Begin it though tools are missing.
    ScanWithoutTools,
    /// Show what the last scan found.
    ScanSummary,
    /// Change what is known of a drive.
    EditDrive(String),
    /// Ask whether a drive is to be forgotten.
    AskForget(String),
    /// Forget a drive and its files.
    Forget(String),
    /// Write what was found into a file.
    Export,
    /// Open the folder of the exports.
    OpenExports,
    /// Do something with a database: `catalog` or `shard:LABEL`.
    Maintain(Maintenance, String),
    /// Read out a damaged shard, and put what was read in its place.
    Salvage(String),
    /// Ask for another catalogue.
    ChooseCatalogue,
    /// Copy the catalogue into the exports.
    ExportCatalogue,
    /// Ask whether all drives are to be forgotten.
    AskReset,
    /// Forget all drives, after backups.
    Reset,
    /// Start the local API, or stop it.
    SwitchApi,
    /// Change between dark and light.
    SwitchTheme,
    /// Follow the system's theme again.
    FollowSystemTheme,
    /// List all commands.
    Palette,
    /// List all shortcuts.
    Shortcuts,
    /// Show or hide the log.
    SwitchLog,
    /// Stop what runs.
    StopAll,
    /// Stop what runs, and close the window.
    StopAndClose,
}

/// A command as it stands in the palette and on the sheet of shortcuts.
pub struct Action {
    /// What it does, in words.
    pub title: &'static str,
    /// What it is.
    pub command: Command,
    /// How it is reached from the keyboard.
    pub shortcut: Option<KeyboardShortcut>,
}

const NUMBERS: [Key; 8] = [
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
];

/// Returns everything that can be done from anywhere.
pub fn actions() -> Vec<Action> {
    let ctrl = Modifiers::COMMAND;
    let none = Modifiers::NONE;
    let keys = |modifiers, key| Some(KeyboardShortcut::new(modifiers, key));
    let pages = Tab::ALL.into_iter().zip(NUMBERS);
    let mut actions: Vec<Action> = pages
        .map(|(tab, number)| Action {
            title: tab.title(),
            command: Command::Show(tab),
            shortcut: Some(KeyboardShortcut::new(ctrl, number)),
        })
        .collect();
    actions.extend(Section::ALL.map(|section| Action {
        title: section.title(),
        command: Command::OpenTool(section),
        shortcut: None,
    }));
    let more = [
        (
            "Search every drive",
            Command::FocusSearch,
            keys(ctrl, Key::F),
        ),
        ("All commands", Command::Palette, keys(ctrl, Key::K)),
        (
            "Look again which drives are there",
            Command::Refresh,
            keys(none, Key::F5),
        ),
        ("Start the scan", Command::StartScan, keys(ctrl, Key::Enter)),
        ("Export results", Command::Export, keys(ctrl, Key::E)),
        ("Open the exports folder", Command::OpenExports, None),
        (
            "Show or hide the log",
            Command::SwitchLog,
            keys(ctrl, Key::L),
        ),
        ("Make all reports", Command::RunReports, None),
        ("Another catalogue", Command::ChooseCatalogue, None),
        (
            "Compact the catalogue",
            Command::Maintain(Maintenance::Vacuum, "catalog".into()),
            None,
        ),
        (
            "Copy the catalogue into exports",
            Command::ExportCatalogue,
            None,
        ),
        (
            "Bring the index of search by meaning up to date",
            Command::BuildIndex,
            None,
        ),
        (
            "Listen to what is said on the drives that are here",
            Command::Transcribe,
            None,
        ),
        ("Help with the graphics card", Command::Provision, None),
        ("Forget all drives", Command::AskReset, None),
        ("Start or stop the local API", Command::SwitchApi, None),
        ("Dark or light", Command::SwitchTheme, None),
        (
            "Follow the system's theme",
            Command::FollowSystemTheme,
            None,
        ),
        ("Stop what runs", Command::StopAll, None),
        (
            "Keyboard shortcuts",
            Command::Shortcuts,
            keys(none, Key::F1),
        ),
    ];
    actions.extend(more.map(|(title, command, shortcut)| Action {
        title,
        command,
        shortcut,
    }));
    actions
}

/// Shortcuts that belong to a place, or to egui: for the sheet.
pub const ELSEWHERE: [(&str, &str); 12] = [
    ("Next and previous row", "Up, Down"),
    (
        "A page, the first and the last row",
        "PgUp, PgDn, Home, End",
    ),
    ("Open the folder of a result", "Enter"),
    (
        "Several rows",
        "Shift+arrows, Shift+click, Ctrl+click, Ctrl+A",
    ),
    ("Copy the paths of results", "Ctrl+C"),
    ("The picture of a result, large", "Space"),
    ("Keep a copy, or plan that it goes", "1 to 9"),
    ("Say that a file is no duplicate", "Shift+1 to 9"),
    ("Larger and smaller", "Ctrl+Plus, Ctrl+Minus"),
    ("As large as at first", "Ctrl+0"),
    ("Next and previous control", "Tab, Shift+Tab"),
    ("Close a dialog", "Esc"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_shortcut_means_two_things() {
        let actions = actions();
        for (index, action) in actions.iter().enumerate() {
            let others = actions.iter().skip(index + 1);
            let same = others.filter(|other| {
                other.title == action.title
                    || (action.shortcut.is_some() && other.shortcut == action.shortcut)
            });
            assert_eq!(same.count(), 0, "{}", action.title);
        }
    }
}
