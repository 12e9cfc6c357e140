//! The matrix as Markdown: what is committed, so that it can be read without running anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::differences::escape;
use super::{LEGEND, Row, rows, total};
use crate::survey::{Cell, Survey};

/// The whole document, with links to the scenario files relative to the project.
pub fn markdown(survey: &Survey) -> String {
    let rows = rows(survey);
    let mut text = "# What sockets do, by platform\n\n".to_owned();
    for line in LEGEND {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n| platform | release | claims |\n|---|---|---|\n");
    for (at, column) in survey.columns.iter().enumerate() {
        let release = if column.release.is_empty() { "not recorded yet" } else { &column.release };
        let _ = writeln!(text, "| {} | {} | {} |", column.name, escape(release), total(survey, at));
    }
    let mut notes = Notes::default();
    let mut area = None;
    for row in &rows {
        if area != Some(row.first().area()) {
            area = Some(row.first().area());
            push_heading(&mut text, survey, row.first().area());
        }
        push_row(&mut text, survey, row, &mut notes);
    }
    notes.push(&mut text);
    text
}

fn push_heading(text: &mut String, survey: &Survey, area: &str) {
    let names: Vec<&str> = survey.columns.iter().map(|column| column.name.as_str()).collect();
    let (names, rules) = (names.join(" | "), "---|".repeat(names.len()));
    let _ = writeln!(text, "\n## {area}\n\n| claim | {names} |\n|---|{rules}");
}

fn push_row(text: &mut String, survey: &Survey, row: &Row<'_>, notes: &mut Notes) {
    let first = row.first();
    let _ = write!(text, "| [{}]({}) |", escape(&first.title), first.file);
    for at in 0..survey.columns.len() {
        let words = row.words(at, |state| state.name().to_owned());
        let cells = row.claims.iter().map(|claim| &claim.cells[at]);
        let marks: Vec<String> = notes.marks(cells);
        let _ = write!(text, " {words}{} |", marks.concat());
    }
    text.push('\n');
}

/// The reasons, each once, by number.
#[derive(Default)]
struct Notes {
    numbers: BTreeMap<String, usize>,
    texts: Vec<String>,
}

impl Notes {
    /// A mark for each reason that these cells have.
    fn marks<'c>(&mut self, cells: impl Iterator<Item = &'c Cell>) -> Vec<String> {
        let mut marks = Vec::new();
        for cell in cells {
            let Some(reason) = &cell.reason else { continue };
            let link = cell.link.as_ref().map(|link| format!(" (<{link}>)")).unwrap_or_default();
            let note = format!("{}: {}{link}", cell.state.name(), escape(reason));
            let next = self.texts.len() + 1;
            let number = *self.numbers.entry(note.clone()).or_insert(next);
            if number == next {
                self.texts.push(note);
            }
            let mark = format!("<sup>[{number}](#reasons)</sup>");
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        marks
    }

    fn push(&self, text: &mut String) {
        if self.texts.is_empty() {
            return;
        }
        text.push_str("\n## Reasons\n\n");
        for (index, note) in self.texts.iter().enumerate() {
            let _ = writeln!(text, "{}. {note}", index + 1);
        }
    }
}
