//! A filter with a value of one's own.

use eframe::egui::{ComboBox, Ui};
use jiff::tz::TimeZone;
use videocatalog_core::search::query::fields::{FIELDS, Field};
use videocatalog_core::search::query::{self, QueryError};

use crate::command::Command;
use crate::dialog::{self, Dialog, Stay};
use crate::shell::Shell;
use crate::theme::Palette;
use crate::widgets;

/// Asks for a field and its value.
pub(super) struct Filter {
    /// What it is added to.
    query: String,
    field: Field,
    value: String,
    is_not: bool,
}

impl Filter {
    pub(super) fn new(query: &str) -> Self {
        let [first, ..] = FIELDS;
        Self {
            query: query.to_owned(),
            field: first,
            value: String::new(),
            is_not: false,
        }
    }

    /// Returns it as part of a query, or what is wrong with it.
    fn part(&self) -> Result<String, QueryError> {
        let value = self.value.trim();
        let is_bare = value.starts_with('"') || !value.contains(char::is_whitespace);
        let quote = if is_bare { "" } else { "\"" };
        let not = if self.is_not { "-" } else { "" };
        let part = format!("{not}{}:{quote}{value}{quote}", self.field.name);
        // When it is and where does not change what it means anything at all.
        query::parse(&part, &query::Context::new(0, || TimeZone::UTC))?;
        Ok(part)
    }
}

impl Dialog for Filter {
    fn title(&self) -> String {
        "Add a filter".into()
    }

    fn show(&mut self, ui: &mut Ui, shell: &mut Shell) -> Stay {
        let field = ComboBox::from_id_salt("field")
            .selected_text(self.field.name)
            .width(180.0)
            .show_ui(ui, |ui| {
                for field in FIELDS {
                    let words = format!("{}: {}", field.name, field.meaning);
                    ui.selectable_value(&mut self.field, field, words);
                }
            });
        widgets::named(ui, &field.response, "Field");
        widgets::dim(ui, format!("Is about {}", self.field.meaning));
        ui.add_space(8.0);
        let hint = self.field.values;
        let value = widgets::field(ui, "Value", &mut self.value, hint);
        widgets::dim(ui, format!("For example {}", self.field.example));
        ui.checkbox(&mut self.is_not, "Find all others");
        let part = self.part();
        if let Some(error) = part
            .as_ref()
            .err()
            .filter(|_| !self.value.trim().is_empty())
        {
            let text = format!("{}. {}", error.message, error.hint);
            let colour = Palette::shown(ui).error;
            ui.colored_label(colour, text);
        }
        let is_entered =
            value.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        match (dialog::buttons(ui, "Add filter", part.is_ok()), part) {
            (pressed, Ok(part)) if pressed == Some(true) || is_entered => {
                let query = format!("{} {part}", self.query.trim());
                shell.wish(Command::Query(query.trim().to_owned()));
                Stay::Closed
            }
            (Some(false), _) => Stay::Closed,
            _ => Stay::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use videocatalog_core::search::query::fields::find;

    use super::*;

    #[test]
    fn a_value_of_several_words_is_one() {
        let mut filter = Filter::new("night");
        filter.field = *find("path").unwrap();
        filter.value = " my films ".into();
        assert_eq!(filter.part().unwrap(), "path:\"my films\"");
        filter.is_not = true;
        filter.value = "old".into();
        assert_eq!(filter.part().unwrap(), "-path:old");
        filter.field = *find("size").unwrap();
        filter.value = "large".into();
        assert!(filter.part().is_err());
    }
}
