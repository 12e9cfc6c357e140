//! The claims as pages to read, one an area: for someone who never runs the tool.
//!
//! A claim is its sentence, what its file says of it, its steps with what the first platform
//! answered, and then what each platform does. Pure: who writes files is the command.

mod cells;
mod text;

use std::fmt::Write as _;

use super::differences::{escape, title};
use super::matrix::{LEGEND, Row, rows, total};
use crate::survey::{Cell, Claim, State, Survey};
use cells::{are_alike, cell_names, cell_table};
use text::{code, source_link, transcript};

/// What every page begins with: by it a page that is nobody's any more is known.
pub const MARK: &str =
    "<!-- Made by `sockdrill pages` from the scenario files and records. Do not edit. -->";

/// One page.
pub struct Page {
    /// Where it belongs, relative to the folder of all pages: `tcp/close.md`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The pages: a list of the areas, and one page for each. `root` leads from the folder of the pages
/// to that of the project: `../..`.
pub fn pages(survey: &Survey, root: &str) -> Vec<Page> {
    let rows = rows(survey);
    let areas: Vec<&[Row<'_>]> =
        rows.chunk_by(|one, other| one.first().area() == other.first().area()).collect();
    let mut pages = vec![Page { path: "README.md".to_owned(), text: index(survey, &areas) }];
    for (at, rows) in areas.iter().enumerate() {
        let beside = [at.checked_sub(1), Some(at + 1)]
            .map(|at| at.and_then(|at| areas.get(at)).map(|rows| rows[0].first().area()));
        let area = rows[0].first().area();
        pages.push(Page { path: format!("{area}.md"), text: page(survey, rows, root, beside) });
    }
    pages
}

fn index(survey: &Survey, areas: &[&[Row<'_>]]) -> String {
    let mut text = format!("{MARK}\n\n# What sockets do\n\n");
    let claims: usize = areas.iter().map(|rows| rows.len()).sum();
    let _ = writeln!(
        text,
        "{claims} claims about sockets, {} cells of them, each run on real sockets. A page an area: \
         the claim, its steps, what each platform answered, why, and the sources.\n",
        survey.claims.len()
    );
    for line in LEGEND {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n| platform | release | cells |\n|---|---|---|\n");
    for (at, column) in survey.columns.iter().enumerate() {
        let release = if column.release.is_empty() { "not recorded yet" } else { &column.release };
        let _ = writeln!(text, "| {} | {} | {} |", column.name, escape(release), total(survey, at));
    }
    for rows in areas {
        let area = rows[0].first().area();
        let _ = writeln!(text, "\n## [{area}]({area}.md)\n");
        for row in *rows {
            let link = format!("{area}.md#{}", row.name());
            let _ = writeln!(
                text,
                "- [{}]({link}){}",
                escape(&row.first().title),
                differing(survey, row)
            );
        }
    }
    text
}

/// ` – otherwise on gvisor, wine`.
fn differing(survey: &Survey, row: &Row<'_>) -> String {
    let names = survey.columns.iter().enumerate();
    let differ = |at: usize| row.claims.iter().any(|claim| claim.differs(at));
    let names: Vec<&str> =
        names.filter(|(at, _)| differ(*at)).map(|(_, column)| column.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" – otherwise on {}", names.join(", ")) }
}

fn page(survey: &Survey, rows: &[Row<'_>], root: &str, beside: [Option<&str>; 2]) -> String {
    let area = rows[0].first().area();
    let up = "../".repeat(area.matches('/').count());
    let mut text = format!("{MARK}\n\n# {area}\n\n[All areas]({up}README.md)");
    for (word, area) in ["before", "next"].into_iter().zip(beside) {
        if let Some(area) = area {
            let _ = write!(text, " · {word}: [{area}]({up}{area}.md)");
        }
    }
    text.push('\n');
    for row in rows {
        push_claim(&mut text, survey, row, &format!("{up}{root}"));
    }
    text
}

fn push_claim(text: &mut String, survey: &Survey, row: &Row<'_>, root: &str) {
    let first = row.first();
    let _ = writeln!(text, "\n<a id=\"{}\"></a>\n\n## {}\n", row.name(), escape(&first.title));
    if !first.about.is_empty() {
        let _ = writeln!(text, "{}\n", escape(&first.about));
    }
    push_transcript(text, survey, first);
    if row.claims.len() == 1 || are_alike(row) {
        if row.claims.len() > 1 {
            let _ =
                writeln!(text, "The same in {} cells – {}.\n", row.claims.len(), cell_names(row));
        }
        push_platforms(text, survey, first);
    } else {
        cell_table(text, survey, row);
    }
    push_reasons(text, survey, row);
    let sources: Vec<String> = first.see.iter().map(|source| source_link(source)).collect();
    if !sources.is_empty() {
        let _ = writeln!(text, "Sources: {}.\n", sources.join("; "));
    }
    let _ = writeln!(text, "File: [`{}`]({root}/{})", first.base(), first.file);
}

/// The steps with what the first platform answered that answers at all.
fn push_transcript(text: &mut String, survey: &Survey, claim: &Claim) {
    let shown = first_answering(claim);
    let whose = match shown {
        Some(at) => format!("On {}", title(&survey.columns[at])),
        None => "Not run yet".to_owned(),
    };
    let cell = claim.id.strip_prefix(claim.base()).map(|cell| cell.trim_matches(['[', ']']));
    let cell = cell.filter(|cell| !cell.is_empty()).map(|cell| format!(", {}", code(cell)));
    let _ = writeln!(text, "{whose}{}:\n", cell.unwrap_or_default());
    let _ = writeln!(text, "```text\n{}```\n", transcript(claim, shown.map(|at| &claim.cells[at])));
}

/// The column by which the others are told.
fn first_answering(claim: &Claim) -> Option<usize> {
    claim.cells.iter().position(Cell::answered)
}

/// A line for each platform: how the claim stands, and what is answered otherwise.
fn push_platforms(text: &mut String, survey: &Survey, claim: &Claim) {
    text.push_str("| platform | claim | answers |\n|---|---|---|\n");
    for (at, column) in survey.columns.iter().enumerate() {
        let state = claim.cells[at].state.name();
        let _ = writeln!(text, "| {} | {state} | {} |", column.name, otherwise(claim, at));
    }
    text.push('\n');
}

/// What a platform answers, or is said to answer, where the first one answers otherwise.
fn otherwise(claim: &Claim, at: usize) -> String {
    let here = &claim.cells[at];
    let Some(first) = first_answering(claim) else { return String::new() };
    let (answers, others) = match here.state {
        State::Silent => return String::new(),
        State::Documented => (&here.claims, &claim.cells[first].claims),
        State::Came(_) if !here.answered() => return String::new(),
        State::Came(_) if at == first => return "as above".to_owned(),
        State::Came(_) => (&here.answers, &claim.cells[first].answers),
    };
    let mut said = Vec::new();
    for (step, (answer, other)) in claim.steps.iter().zip(answers.iter().zip(others)) {
        match (answer, other) {
            (Some(answer), other)
                if !other.as_deref().is_some_and(|it| cells::alike(it, answer)) =>
            {
                said.push(format!("{} gives {}", code(&step.call), code(answer)));
            }
            _ => {}
        }
    }
    if said.is_empty() { "the same".to_owned() } else { said.join("<br>") }
}

/// Why cells were skipped, are known to deviate, or say nothing; each reason once.
fn push_reasons(text: &mut String, survey: &Survey, row: &Row<'_>) {
    let mut said: Vec<String> = Vec::new();
    for (at, column) in survey.columns.iter().enumerate() {
        for cell in row.claims.iter().map(|claim| &claim.cells[at]) {
            let Some(reason) = &cell.reason else { continue };
            let link = cell.link.as_ref().map(|link| format!(" (<{link}>)")).unwrap_or_default();
            let item =
                format!("- {}, {}: {}{link}", column.name, cell.state.name(), escape(reason));
            if !said.contains(&item) {
                said.push(item);
            }
        }
    }
    if !said.is_empty() {
        let _ = writeln!(text, "{}\n", said.join("\n"));
    }
}

#[cfg(test)]
mod tests;
