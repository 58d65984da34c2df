//! Searching: what was found, page by page, and the table of it.

mod filter;
mod meaning;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use eframe::egui::{self, Key, Modifiers, RichText, Ui};
use videocatalog_core::human;
use videocatalog_core::path::RelPath;
use videocatalog_core::search::query::fields;
use videocatalog_core::search::{Hit, Order, shown};

use self::filter::Filter;
use self::meaning::Index;
use super::export::Export;
use super::gallery::Gallery;
use crate::backend::Trouble;
use crate::backend::browse::{Asked, Browse, Fit, How, Likeness, Page};
use crate::command::{Command, Tab};
use crate::job::Job;
use crate::latest::Latest;
use crate::news::{Level, News};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;
use crate::widgets::table::{Column, DataTable, Sorted, TableState};

/// Rows that are asked for at once.
const PAGE: usize = 200;
/// Pages that are kept; those farthest from what is in sight go first.
const PAGES_KEPT: usize = 50;
/// Paths that go onto the clipboard at most; an export has no bounds.
const MOST_COPIED: usize = 100_000;

const COLUMNS: [Column; 6] = [
    Column::text("Name", 420.0).sortable(),
    Column::text("Category", 84.0),
    Column::number("Size", 92.0).sortable(),
    Column::text("Modified", 132.0).sortable(),
    Column::text("Drive", 120.0),
    Column::text("Path", 300.0).sortable(),
];

/// The same where it is not searched by words: the best come first, and there is no other order.
const FITTING: [Column; 6] = [
    Column::number("Score", 60.0),
    Column::text("Name", 320.0),
    Column::text("Why", 380.0),
    Column::text("Category", 84.0),
    Column::text("Drive", 120.0),
    Column::text("Path", 300.0),
];

/// What is searched for, and what of the answer is here.
pub(crate) struct Search {
    /// What is in the field.
    pub(crate) text: String,
    /// The drive that is searched; none: all.
    pub(crate) within: Option<String>,
    how: How,
    order: Order,
    index: Index,
    /// How well the rows fit, where it was not searched by words.
    fits: Vec<Fit>,
    notes: Vec<String>,
    asking: Latest<Asked, Result<Page, Trouble>>,
    total: u64,
    elapsed_ms: f64,
    unsearched: Vec<String>,
    pages: BTreeMap<usize, Vec<Hit>>,
    trouble: Option<Trouble>,
    /// What the results are an answer to.
    answered: Option<Asked>,
    /// Whether an answer came since the start.
    is_answered: bool,
    is_focus_wanted: bool,
    /// Paths that are collected for the clipboard.
    copying: Option<Job<String>>,
    table: TableState,
    gallery: Gallery,
    /// Whether results are shown by their pictures.
    pub(crate) is_gallery: bool,
}

impl Search {
    pub(crate) fn new(shell: &Shell) -> Self {
        Self {
            text: String::new(),
            within: None,
            how: How::Words,
            index: Index::new(shell),
            fits: Vec::new(),
            notes: Vec::new(),
            order: Order::default(),
            asking: shell.latest(Browse::search),
            total: 0,
            elapsed_ms: 0.0,
            unsearched: Vec::new(),
            pages: BTreeMap::new(),
            trouble: None,
            answered: None,
            is_answered: false,
            is_focus_wanted: false,
            copying: None,
            table: TableState::of_many(),
            gallery: Gallery::new(shell),
            is_gallery: false,
        }
    }

    /// Asks from the first row on.
    pub(crate) fn ask_again(&mut self) {
        self.asking.ask(self.question(0));
    }

    /// Returns whether an answer is still to come.
    pub(crate) fn is_busy(&self) -> bool {
        self.asking.is_busy()
    }

    /// Returns the dialog that exports what is found, if that was found by words.
    pub(crate) fn export(&self) -> Option<Export> {
        (self.how == How::Words)
            .then(|| Export::new(self.text.clone(), self.within.clone(), self.total))
    }

    /// Asks for what is in the field, which was written anew: look-alikes are of no query.
    pub(crate) fn ask_for_text(&mut self) {
        if matches!(self.how, How::Like(_)) {
            self.how = How::Words;
        }
        self.ask_again();
    }

    /// Asks for what looks like a file.
    pub(crate) fn ask_for_similar(&mut self, hit: &Hit) {
        self.how = How::Like(Likeness {
            drive_label: hit.drive_label.clone(),
            path: RelPath::from_bytes(hit.relative_bytes()),
            name: hit.name.clone(),
        });
        self.ask_again();
    }

    /// Moves the keyboard to the results.
    pub(crate) fn focus_table(&mut self) {
        self.is_focus_wanted = true;
    }

    /// Returns the question for a page.
    fn question(&self, page: usize) -> Asked {
        Asked {
            text: self.text.clone(),
            how: self.how.clone(),
            labels: self.within.iter().cloned().collect(),
            order: self.order,
            offset: page * PAGE,
            limit: PAGE,
        }
    }

    /// Takes an answer; one to another question than the present is old.
    fn take(&mut self, asked: &Asked, answer: Result<Page, Trouble>) {
        let page = asked.offset / PAGE;
        if *asked != self.question(page) {
            return;
        }
        self.is_answered = true;
        match answer {
            Ok(answer) => {
                if page == 0 {
                    self.pages.clear();
                    // The same asked again stays where it was scrolled to.
                    if self.answered.as_ref() != Some(asked) {
                        self.table.rewind();
                    }
                    self.answered = Some(asked.clone());
                }
                self.trouble = None;
                self.total = answer.total;
                self.elapsed_ms = answer.elapsed_ms;
                self.unsearched = answer.unsearched;
                self.fits = answer.fits;
                self.notes = answer.notes;
                self.pages.insert(page, answer.hits);
                self.drop_far_pages(page);
            }
            Err(trouble) => self.trouble = Some(trouble),
        }
    }

    fn drop_far_pages(&mut self, near: usize) {
        while self.pages.len() > PAGES_KEPT {
            let farthest = self.pages.keys().max_by_key(|page| page.abs_diff(near));
            let Some(farthest) = farthest.copied() else {
                return;
            };
            self.pages.remove(&farthest);
        }
    }

    /// Returns a row, if it is here.
    fn hit(&self, row: usize) -> Option<&Hit> {
        self.pages.get(&(row / PAGE))?.get(row % PAGE)
    }

    /// Returns the wish to be told of a row.
    fn details(&self, row: usize) -> Option<Command> {
        let hit = self.hit(row)?.clone();
        let why = self.fits.get(row).map(|fit| fit.why.clone());
        Some(Command::Details(Box::new(hit), why))
    }

    /// Returns a page of these rows that is not here.
    fn missing(&self, rows: Range<usize>) -> Option<usize> {
        let pages = rows.start / PAGE..rows.end.div_ceil(PAGE);
        pages
            .into_iter()
            .find(|page| !self.pages.contains_key(page))
    }

    /// Returns whether what is shown was found by words; what was asked since may be another way.
    fn are_by_words(&self) -> bool {
        let answered = self.answered.as_ref();
        answered.is_none_or(|asked| asked.how == How::Words)
    }

    fn status(&self) -> String {
        let best = if self.are_by_words() || self.total == 0 {
            ""
        } else {
            "the best "
        };
        let files = human::files(self.total);
        let status = format!("{best}{files} · {:.0} ms", self.elapsed_ms);
        match self.table.chosen.count() {
            0 | 1 => status,
            chosen => format!("{status} · {} chosen", human::count(chosen as u64)),
        }
    }

    /// Collects the paths of all rows that are chosen, of which most are not here, and then copies them.
    fn copy(&mut self, shell: &mut Shell) {
        let rows = self.table.chosen.ranges().to_vec();
        if self.table.chosen.count() > MOST_COPIED {
            let most = human::count(MOST_COPIED as u64);
            let text = format!("More than {most} paths are too many to copy: export them instead");
            shell.news.toast(News::new(Level::Warning, text));
            return;
        }
        let asked = self.question(0);
        self.copying = Some(shell.start("Copying paths", move |backend, running| {
            let mut paths = Vec::new();
            for range in rows {
                let asked = Asked {
                    offset: range.start,
                    limit: range.len(),
                    ..asked.clone()
                };
                let page = backend.search(&asked, &running.cancel)?;
                paths.extend(page.hits.into_iter().map(|hit| hit.path));
            }
            Ok(paths.join("\n"))
        }));
    }
}

impl super::Page for Search {
    fn poll(&mut self, shell: &mut Shell) {
        self.gallery.poll();
        self.index.poll();
        if let Some((asked, page)) = self.asking.poll() {
            self.take(&asked, page);
        }
        if let Some(copied) = self.copying.as_ref().and_then(Job::poll) {
            self.copying = None;
            match copied {
                Ok(paths) => shell.wish(Command::Copy(paths)),
                Err(trouble) => shell.trouble(&trouble),
            }
        }
    }

    fn refresh(&mut self, _shell: &mut Shell) {
        self.gallery.refresh();
        self.index.refresh();
        self.ask_again();
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) {
        self.head(ui, shell);
        if let Some(trouble) = &self.trouble {
            widgets::trouble(ui, trouble);
        }
        if self.is_answered && self.total == 0 && self.trouble.is_none() {
            if self.how == How::Words {
                self.nothing(ui, shell);
            } else {
                meaning::nothing(ui, &self.how, &self.text);
            }
            return;
        }
        let missing = if self.is_gallery {
            self.tiles(ui, shell)
        } else {
            self.table(ui, shell)
        };
        // A page in sight waits for what was asked before it, so that scrolling does not stop a search.
        if let Some(page) = missing.filter(|_| !self.asking.is_busy()) {
            self.asking.ask(self.question(page));
        }
    }
}

impl Search {
    fn head(&mut self, ui: &mut Ui, shell: &mut Shell) {
        let palette = Palette::shown(ui);
        ui.horizontal_wrapped(|ui| {
            if meaning::ways(ui, &mut self.how) {
                self.ask_again();
            }
            ui.separator();
            if let Some(label) = &self.within {
                let only = format!("{} ×", shown(label));
                let button = ui.button(only).on_hover_text("Search all drives again");
                if button.clicked() {
                    shell.wish(Command::Within(None));
                }
            }
            for part in parts(&self.text) {
                let words = self.text.get(part.clone()).unwrap_or_default();
                let chip = ui.button(format!("{} ×", shown(words)));
                if chip.on_hover_text("Take this out of the query").clicked() {
                    shell.wish(Command::Query(without(&self.text, &part)));
                }
            }
            ui.menu_button("+ filter", |ui| {
                for (words, part) in FILTERS {
                    if ui.button(words).clicked() {
                        let text = format!("{} {part}", self.text.trim());
                        shell.wish(Command::Query(text.trim().to_owned()));
                        ui.close();
                    }
                }
                ui.separator();
                if ui.button("Another…").clicked() {
                    shell.ask(Filter::new(&self.text));
                    ui.close();
                }
            });
            let can_export = self.total > 0 && self.how == How::Words;
            if can_export && ui.button("Export…").clicked() {
                shell.wish(Command::Export);
            }
            let status = if self.is_answered {
                self.status()
            } else {
                "Searching…".into()
            };
            // On a line of its own rather than in two halves.
            let status = egui::Label::new(RichText::new(status).color(palette.dim));
            ui.add(status.extend());
        });
        if matches!(self.how, How::Meaning | How::Both) {
            self.index.show(ui, shell);
        }
        for note in &self.notes {
            ui.label(RichText::new(shown(note)).color(palette.warn));
        }
        for reason in &self.unsearched {
            let text = format!("Not searched: {}", shown(reason));
            ui.label(RichText::new(text).color(palette.warn));
        }
    }

    fn nothing(&self, ui: &mut Ui, shell: &mut Shell) {
        if self.text.trim().is_empty() && self.within.is_none() {
            let sentence = "Scan a drive, and its files are found here, plugged in or not.";
            if widgets::empty(ui, "Nothing is catalogued yet", sentence, "Scan a drive") {
                shell.wish(Command::Show(Tab::Scan));
            }
        } else {
            let sentence =
                "Fewer words find more; size:>1gb, ext:mkv and duration:>1h narrow it down.";
            if widgets::empty(ui, "Nothing found", sentence, "Search for everything") {
                shell.wish(Command::Within(None));
                shell.wish(Command::Query(String::new()));
            }
        }
    }

    /// Draws results by their pictures; returns a page of them that is in sight and not here.
    fn tiles(&mut self, ui: &mut Ui, shell: &mut Shell) -> Option<usize> {
        let rows = usize::try_from(self.total).unwrap_or(usize::MAX);
        let pages = &self.pages;
        let hit = |row: usize| pages.get(&(row / PAGE))?.get(row % PAGE);
        let touched = self.gallery.show(ui, rows, self.table.chosen.at(), hit);
        if let Some(row) = touched.chosen {
            self.table.chosen.alone(row);
            shell.wishes.extend(self.details(row));
        }
        if let Some(hit) = touched.opened.and_then(|row| self.hit(row)) {
            shell.wish(Command::Reveal((&hit.path).into()));
        }
        let chosen = self.table.chosen.at().filter(|_| touched.is_preview);
        if let Some(hit) = chosen.and_then(|row| self.hit(row)) {
            shell.wish(Command::Preview(Box::new(hit.clone())));
        }
        self.missing(touched.visible)
            .filter(|_| self.trouble.is_none())
    }

    /// Returns a page of rows that is in sight and not here.
    fn table(&mut self, ui: &mut Ui, shell: &mut Shell) -> Option<usize> {
        let rows = usize::try_from(self.total).unwrap_or(usize::MAX);
        let mut state = std::mem::take(&mut self.table);
        let is_by_words = self.are_by_words();
        let (name, columns) = if is_by_words {
            ("Results", &COLUMNS)
        } else {
            ("Best results", &FITTING)
        };
        let happened = DataTable {
            name,
            columns,
            rows,
            sorted: is_by_words.then(|| sorted(self.order)),
        }
        .show(ui, &mut state, |row, column| {
            let hit = self.hit(row)?;
            Some(match self.fits.get(row) {
                Some(fit) => fitting_cell(hit, fit, column),
                None => cell(hit, column),
            })
        });
        if std::mem::take(&mut self.is_focus_wanted) {
            happened.body.request_focus();
        }
        if let Some(order) = happened.sort.and_then(|column| order(column, self.order)) {
            self.order = order;
            self.ask_again();
        }
        let mut is_copy = false;
        if let Some(hit) = state.chosen.at().and_then(|row| self.hit(row)) {
            if happened.is_moved {
                let row = state.chosen.at();
                shell.wishes.extend(row.and_then(|row| self.details(row)));
            }
            if happened.opened.is_some() {
                shell.wish(Command::Reveal((&hit.path).into()));
            }
            if happened.body.has_focus() {
                let is_copied = |event: &egui::Event| matches!(event, egui::Event::Copy);
                is_copy = ui.input(|input| input.events.iter().any(is_copied));
                if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space)) {
                    shell.wish(Command::Preview(Box::new(hit.clone())));
                }
            }
            let many = state.chosen.count();
            happened.body.context_menu(|ui| {
                is_copy |= menu(hit, many, ui, shell);
            });
        }
        self.table = state;
        if is_copy {
            self.copy(shell);
        }
        let missing = self.missing(happened.visible);
        // What failed is not asked for again until the user wants it.
        missing.filter(|_| self.trouble.is_none())
    }
}

/// What the menu of filters adds to a query.
const FILTERS: [(&str, &str); 12] = [
    ("Films and clips", "category:video"),
    ("Sound", "category:audio"),
    ("Pictures", "category:image"),
    ("Larger than 1 GB", "size:>1gb"),
    ("Changed in the last 30 days", "modified:30d"),
    ("Longer than an hour", "duration:>1h"),
    ("4K and more", "height:>=2160"),
    ("HEVC", "codec:hevc"),
    ("There more than once", "dup:yes"),
    ("Damaged", "health:damaged"),
    ("On drives that are here", "online:yes"),
    ("Gone at the last scan", "deleted:yes"),
];

/// Returns where the parts of a query stand that are fields.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut is_quoted = false;
    let mut begin = 0;
    let mut parts = Vec::new();
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, character) in ends {
        is_quoted ^= character == '"';
        if at < text.len() && (is_quoted || !character.is_whitespace()) {
            continue;
        }
        let part = text.get(begin..at).unwrap_or_default();
        if part.split_once(':').is_some_and(|(name, _)| is_name(name)) {
            parts.push(begin..at);
        }
        begin = at + character.len_utf8();
    }
    parts
}

fn is_name(text: &str) -> bool {
    let name = text.trim_start_matches('-');
    fields::find(name).is_some()
}

/// Returns a query without one of its parts.
fn without(text: &str, part: &Range<usize>) -> String {
    let before = text.get(..part.start).unwrap_or_default().trim_end();
    let after = text.get(part.end..).unwrap_or_default().trim_start();
    let rest = format!("{before} {after}");
    rest.trim().to_owned()
}

/// Returns whether light analysis looks at such files.
pub(crate) fn can_look_like(hit: &Hit) -> bool {
    matches!(hit.category.as_str(), "image" | "video")
}

/// Draws what can be done with rows, of which this was chosen last; returns whether their paths are to be copied.
fn menu(hit: &Hit, many: usize, ui: &mut Ui, shell: &mut Shell) -> bool {
    let mut items = vec![
        ("Open folder", Command::Reveal((&hit.path).into())),
        ("Show picture", Command::Preview(Box::new(hit.clone()))),
        ("Export results…", Command::Export),
    ];
    if can_look_like(hit) {
        let similar = Command::FindSimilar(Box::new(hit.clone()));
        items.insert(2, ("Find similar", similar));
    }
    let copy = match many {
        0 | 1 => "Copy full path".to_owned(),
        many => format!("Copy {} paths", human::count(many as u64)),
    };
    let is_copy = ui.button(copy).clicked();
    if is_copy {
        ui.close();
    }
    for (text, wish) in items {
        if ui.button(text).clicked() {
            shell.wish(wish);
            ui.close();
        }
    }
    is_copy
}

fn cell(hit: &Hit, column: usize) -> Cow<'_, str> {
    match column {
        0 => Cow::Owned(shown(&hit.name)),
        1 => Cow::Borrowed(&hit.category),
        2 => Cow::Owned(
            hit.size_bytes
                .map_or_else(|| "?".into(), |bytes| human::size(bytes.unsigned_abs())),
        ),
        3 => Cow::Owned(
            hit.mtime_utc
                .as_deref()
                .map(human::minute)
                .unwrap_or_default(),
        ),
        4 => Cow::Owned(shown(&hit.drive_label)),
        _ => Cow::Owned(shown(&hit.path)),
    }
}

/// The same where it was not searched by words.
fn fitting_cell<'a>(hit: &'a Hit, fit: &'a Fit, column: usize) -> Cow<'a, str> {
    match column {
        0 => Cow::Owned(format!("{:.3}", fit.score)),
        1 => cell(hit, 0),
        2 => Cow::Borrowed(&fit.why),
        3 => cell(hit, 1),
        4 => cell(hit, 4),
        _ => cell(hit, 5),
    }
}

fn sorted(order: Order) -> Sorted {
    let (column, is_descending) = match order {
        Order::Name => (0, false),
        Order::Largest => (2, true),
        Order::Smallest => (2, false),
        Order::Newest => (3, true),
        Order::Oldest => (3, false),
        Order::Path => (5, false),
    };
    Sorted {
        column,
        is_descending,
    }
}

/// Returns the order that a click on a title brings.
fn order(column: usize, now: Order) -> Option<Order> {
    Some(match (column, now) {
        (0, _) => Order::Name,
        (2, Order::Largest) => Order::Smallest,
        (2, _) => Order::Largest,
        (3, Order::Newest) => Order::Oldest,
        (3, _) => Order::Newest,
        (5, _) => Order::Path,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_query_are_its_chips() {
        let text = "night size:>1gb -ext:mkv ext:mkv \"a:  b\" path:\"my  films\" 12:30 foo:bar";
        let found = parts(text);
        let words: Vec<&str> = found.iter().map(|part| &text[part.clone()]).collect();
        let fields = ["size:>1gb", "-ext:mkv", "ext:mkv", "path:\"my  films\""];
        assert_eq!(words, fields);
        let rest = without(text, &found[2]);
        assert_eq!(
            rest,
            "night size:>1gb -ext:mkv \"a:  b\" path:\"my  films\" 12:30 foo:bar"
        );
        assert_eq!(without("ext:mkv", &(0..7)), "");
    }

    #[test]
    fn every_filter_means_something() {
        let when = videocatalog_core::search::query::Context::new(0, || jiff::tz::TimeZone::UTC);
        for (words, part) in FILTERS {
            let parsed = videocatalog_core::search::query::parse(part, &when);
            assert!(parsed.is_ok(), "{words}: {part}: {:?}", parsed.err());
        }
    }
}
