//! The matrix for a terminal.

use std::fmt::Write as _;

use super::super::differences::title;
use super::super::style::{self, BAD, FAINT, NOTE, paint};
use super::{LEGEND, Row, rows, total};
use crate::survey::{State, Survey};

/// How wide the table would like to be.
const COLUMNS: usize = 100;

/// Between two columns.
const GAP: usize = 2;

/// The table: an area, its scenarios, a column for each platform; totals beneath.
pub fn text(survey: &Survey) -> String {
    let rows = rows(survey);
    let widths = widths(survey, &rows);
    let cells: usize = widths.iter().map(|width| width + GAP).sum();
    let longest = rows.iter().map(|row| row.name().chars().count()).max().unwrap_or(0);
    let names = longest.min(COLUMNS.saturating_sub(cells + GAP).max(20));
    let mut text = String::new();
    let mut area = None;
    for row in &rows {
        if area != Some(row.first().area()) {
            area = Some(row.first().area());
            push_heading(&mut text, survey, row.first().area(), names + GAP, &widths);
        }
        push_row(&mut text, row, names, &widths);
    }
    push_totals(&mut text, survey);
    text
}

fn plain_words(row: &Row<'_>, column: usize) -> String {
    row.words(column, |state| state.name().to_owned())
}

/// Each column as wide as what stands in it.
fn widths(survey: &Survey, rows: &[Row<'_>]) -> Vec<usize> {
    let columns = survey.columns.iter().enumerate();
    let width = |(at, column): (usize, &crate::survey::Column)| {
        let words = rows.iter().map(|row| plain_words(row, at).chars().count());
        words.chain([column.name.chars().count()]).max().unwrap_or(0)
    };
    columns.map(width).collect()
}

fn push_heading(text: &mut String, survey: &Survey, area: &str, indent: usize, widths: &[usize]) {
    if !text.is_empty() {
        text.push('\n');
    }
    let room = indent + GAP;
    text.push_str(&style::heading(&format!("{area:<room$}")));
    let last = widths.len().saturating_sub(1);
    for (at, (column, width)) in survey.columns.iter().zip(widths).enumerate() {
        let width = if at == last { 0 } else { width + GAP };
        text.push_str(&paint(FAINT, &format!("{:<width$}", column.name)));
    }
    text.push('\n');
}

fn push_row(text: &mut String, row: &Row<'_>, names: usize, widths: &[usize]) {
    let name = row.name();
    let _ = write!(text, "{:GAP$}{name:<names$}{:GAP$}", "", "");
    if name.chars().count() > names {
        let _ = write!(text, "\n{:1$}", "", names + 2 * GAP);
    }
    let last = widths.len().saturating_sub(1);
    for (at, width) in widths.iter().enumerate() {
        let words = plain_words(row, at);
        let pad = if at == last { 0 } else { width + GAP - words.chars().count() };
        let _ = write!(text, "{}{:pad$}", painted(row, at, &words), "");
    }
    text.push('\n');
}

/// The words in the colour of what matters most among them.
fn painted(row: &Row<'_>, column: usize, words: &str) -> String {
    let (states, differs) = row.states(column);
    let came = states.iter().filter_map(|(state, _)| match state {
        State::Came(verdict) => Some(*verdict),
        State::Documented | State::Silent => None,
    });
    match came.max_by_key(|verdict| verdict.is_red()) {
        Some(verdict) if verdict.is_red() => paint(BAD, words),
        Some(_) if differs => paint(style::ODD, words),
        Some(verdict) => paint(style::of(verdict), words),
        None => paint(
            if states.iter().any(|(state, _)| *state == State::Documented) { NOTE } else { FAINT },
            words,
        ),
    }
}

fn push_totals(text: &mut String, survey: &Survey) {
    let width = survey.columns.iter().map(|column| title(column).chars().count()).max();
    let width = width.unwrap_or(0);
    text.push('\n');
    for (at, column) in survey.columns.iter().enumerate() {
        let _ = writeln!(text, "{:<width$}  {}", title(column), total(survey, at));
    }
    for line in LEGEND {
        let _ = writeln!(text, "{}", paint(FAINT, line));
    }
}
