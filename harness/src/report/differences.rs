//! Two platforms beside each other: per scenario and step, what is the same, changed, or only in one.
//!
//! As text for a terminal, as Markdown for a comment, as JSON for programs. Pure.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::style::{self, FAINT, GOOD, NOTE, ODD, STRONG, paint};
use crate::survey::{Cell, Column, Difference, Side, State, StepDifference};

/// Two columns of a survey, compared.
pub struct Compared<'c> {
    /// The columns.
    pub columns: [&'c Column; 2],
    /// The claims in them, sorted by id.
    pub differences: &'c [Difference<'c>],
    /// Whether what is the same is shown too.
    pub all: bool,
}

impl Compared<'_> {
    fn shown(&self) -> impl Iterator<Item = &Difference<'_>> {
        let shown =
            |one: &&Difference<'_>| one.side.differs() || (self.all && one.side != Side::Neither);
        self.differences.iter().filter(shown)
    }

    fn names(&self) -> [&str; 2] {
        self.columns.map(|column| column.name.as_str())
    }

    /// The word for one side, with the platform's name where it has one.
    fn word(&self, side: Side) -> String {
        let [first, second] = self.names();
        match side {
            Side::Same => "same".to_owned(),
            Side::Changed => "changed".to_owned(),
            Side::OnlyFirst => format!("only on {first}"),
            Side::OnlySecond => format!("only on {second}"),
            Side::Neither => "on neither".to_owned(),
        }
    }

    fn counts(&self) -> Vec<(Side, usize)> {
        let count = |side| self.differences.iter().filter(|one| one.side == side).count();
        Side::ALL.into_iter().map(|side| (side, count(side))).filter(|(_, n)| *n > 0).collect()
    }

    /// `297 scenarios: 120 same, 40 changed, 137 only on linux`.
    fn summary(&self) -> String {
        let counts = self.counts();
        let words: Vec<String> =
            counts.iter().map(|(side, count)| format!("{count} {}", self.word(*side))).collect();
        let total = self.differences.len();
        let what = if total == 1 { "scenario" } else { "scenarios" };
        format!("{total} {what}: {}", words.join(", "))
    }
}

/// `linux 6.18.44`.
pub(super) fn title(column: &Column) -> String {
    format!("{} {}", column.name, column.release).trim_end().to_owned()
}

/// How a cell stands, with the reason where there is one: `known: …`.
fn standing(cell: &Cell) -> String {
    let reason = cell.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}{reason}", cell.state.name())
}

/// For a terminal: an area, its claims, and beneath each the steps that differ, the two answers
/// one beneath the other so that the eye compares them.
pub fn text(compared: &Compared<'_>) -> String {
    let [first, second] = compared.columns;
    let mut text = format!("{} beside {}\n", style::heading(&title(first)), title(second));
    let mut area = None;
    for one in compared.shown() {
        if area != Some(one.claim.area()) {
            area = Some(one.claim.area());
            let _ = writeln!(text, "\n{}", style::heading(one.claim.area()));
        }
        push_claim(&mut text, compared, one);
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, &compared.summary()));
    text
}

fn push_claim(text: &mut String, compared: &Compared<'_>, one: &Difference<'_>) {
    let id = one.claim.id.strip_prefix(one.claim.area()).unwrap_or(&one.claim.id);
    let word = paint(color(one.side), &compared.word(one.side));
    let _ = writeln!(text, "\n  {}  {word}", paint(STRONG, id.trim_start_matches('/')));
    let _ = writeln!(text, "  {}", one.claim.title);
    let width = compared.names().iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let ordinary = |cell: &Cell| cell.reason.is_none() && cell.answered();
    if one.side.differs() {
        for (name, cell) in compared.names().iter().zip(one.cells) {
            if !ordinary(cell) {
                let _ = writeln!(
                    text,
                    "  {}",
                    paint(FAINT, &format!("{name:<width$}  {}", standing(cell)))
                );
            }
        }
    }
    for step in one.steps.iter().filter(|step| shows(compared, one, step)) {
        push_step(text, compared.names(), width, step);
    }
}

/// Where only one side answered there is nothing beside it to compare.
fn shows(compared: &Compared<'_>, one: &Difference<'_>, step: &StepDifference<'_>) -> bool {
    compared.all || (one.side == Side::Changed && step.side().differs())
}

fn push_step(text: &mut String, names: [&str; 2], width: usize, step: &StepDifference<'_>) {
    let _ = writeln!(text, "    {}", step.call);
    if let (Side::Same, Some(answer)) = (step.side(), step.answers[0]) {
        let _ = writeln!(text, "      {:<width$}  {answer}", "");
        return;
    }
    for (name, answer) in names.iter().zip(step.answers) {
        let answer = answer.map_or_else(|| paint(FAINT, "not reached"), |it| paint(ODD, it));
        let _ = writeln!(text, "      {}  {answer}", paint(FAINT, &format!("{name:<width$}")));
    }
    if let Some(why) = step.why {
        let _ = writeln!(text, "      {}", paint(FAINT, &format!("# {why}")));
    }
}

fn color(side: Side) -> anstyle::Style {
    match side {
        Side::Same => GOOD,
        Side::Changed => ODD,
        Side::OnlyFirst | Side::OnlySecond | Side::Neither => NOTE,
    }
}

/// For a comment on a change, or a page: a table for each claim.
pub fn markdown(compared: &Compared<'_>) -> String {
    let [first, second] = compared.columns;
    let mut text =
        format!("# {} beside {}\n\n{}.\n", title(first), title(second), compared.summary());
    let mut area = None;
    for one in compared.shown() {
        if area != Some(one.claim.area()) {
            area = Some(one.claim.area());
            let _ = writeln!(text, "\n## {}", one.claim.area());
        }
        let claim = one.claim;
        let _ = writeln!(
            text,
            "\n**{}** – {}: {}\n",
            escape(&claim.id),
            compared.word(one.side),
            escape(&claim.title)
        );
        for (name, cell) in compared.names().iter().zip(one.cells) {
            if cell.reason.is_some() || !cell.answered() {
                let _ = writeln!(text, "- {name}: {}", escape(&standing(cell)));
            }
        }
        push_table(&mut text, compared, one);
    }
    text
}

fn push_table(text: &mut String, compared: &Compared<'_>, one: &Difference<'_>) {
    let steps: Vec<_> = one.steps.iter().filter(|step| shows(compared, one, step)).collect();
    if steps.is_empty() {
        return;
    }
    let [first, second] = compared.names();
    let _ = writeln!(text, "\n| step | {first} | {second} |\n|---|---|---|");
    for step in steps {
        let answers = step.answers.map(|answer| answer.map_or("*not reached*".to_owned(), code));
        let _ = writeln!(text, "| {} | {} | {} |", code(step.call), answers[0], answers[1]);
    }
}

/// As code in a table's cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// As words of Markdown.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "\\`*_[]<>|#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// For programs:
///
/// ```json
/// { "version": 1, "columns": [{ "name": "linux", "origin": "recorded", "release": "6.18" }, …],
///   "counts": { "same": 1 },
///   "scenarios": [{ "id": "…", "title": "…", "side": "changed", "states": ["pass", "known"],
///     "reasons": [null, "…"],
///     "steps": [{ "call": "…", "side": "changed", "answers": ["…", null] }] }] }
/// ```
///
/// `side` is `same`, `changed`, `only-first`, `only-second` or `neither`.
pub fn json(compared: &Compared<'_>) -> String {
    let step = |step: &StepDifference<'_>| json!({ "call": step.call, "side": side_name(step.side()), "answers": step.answers });
    let scenario = |one: &Difference<'_>| {
        json!({
            "id": one.claim.id,
            "title": one.claim.title,
            "side": side_name(one.side),
            "states": one.cells.map(|cell| state_name(cell.state)),
            "reasons": one.cells.map(|cell| cell.reason.as_deref()),
            "steps": one.steps.iter().map(step).collect::<Vec<Json>>(),
        })
    };
    let counts = compared.counts().into_iter().map(|(side, count)| (side_name(side), count.into()));
    let document = json!({
        "version": super::json::VERSION,
        "columns": compared.columns.map(column),
        "counts": counts.map(|(name, count): (&str, Json)| (name.to_owned(), count)).collect::<serde_json::Map<_, _>>(),
        "scenarios": compared.shown().map(scenario).collect::<Vec<Json>>(),
    });
    format!("{document:#}\n")
}

/// A column for programs.
pub(super) fn column(column: &Column) -> Json {
    json!({ "name": column.name, "origin": column.origin.name(), "release": column.release })
}

/// A state for programs.
pub(super) fn state_name(state: State) -> &'static str {
    match state {
        State::Came(verdict) => verdict.name(),
        State::Documented => "documented",
        State::Silent => "none",
    }
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Same => "same",
        Side::Changed => "changed",
        Side::OnlyFirst => "only-first",
        Side::OnlySecond => "only-second",
        Side::Neither => "neither",
    }
}
