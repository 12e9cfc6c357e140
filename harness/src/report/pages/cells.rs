//! The cells of a claim's own matrix beside each other: a line a cell, a column a platform, and in
//! each what tells the cells apart.

use std::fmt::Write as _;

use super::super::matrix::{DIFFERS, Row};
use super::text::code;
use crate::survey::{Cell, Claim, State, Survey, one_name};
use crate::verdict::Verdict;

/// Whether two answers are the same: errors by their one name on all systems.
pub fn alike(one: &str, other: &str) -> bool {
    one_name(one) == one_name(other)
}

/// Whether the cells differ in nothing but their names on any platform: then one speaks for all.
pub fn are_alike(row: &Row<'_>) -> bool {
    let first = row.first();
    let is_like_first = |claim: &&Claim| {
        claim.steps.len() == first.steps.len()
            && claim.cells.iter().zip(&first.cells).all(|(cell, first)| is_like(cell, first))
    };
    row.claims.iter().all(is_like_first)
}

fn is_like(one: &Cell, other: &Cell) -> bool {
    let said_alike = |(one, other): (&Option<String>, &Option<String>)| match (one, other) {
        (Some(one), Some(other)) => alike(one, other),
        (one, other) => one == other,
    };
    one.state == other.state && said(one).iter().zip(said(other)).all(said_alike)
}

/// The cells in one line: what each name of the matrix is, ``kind: `tcp4`, `tcp6` ``.
pub fn cell_names(row: &Row<'_>) -> String {
    let mut axes: Vec<(&str, Vec<&str>)> = Vec::new();
    let parts = row.claims.iter().flat_map(|claim| cell_name(claim).split(','));
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match axes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) if !values.contains(&value) => values.push(value),
            Some(_) => {}
            None => axes.push((name, vec![value])),
        }
    }
    let told = |(name, values): &(&str, Vec<&str>)| {
        let values: Vec<String> = values.iter().map(|value| code(value)).collect();
        format!("{name} {}", values.join(", "))
    };
    axes.iter().map(told).collect::<Vec<String>>().join("; ")
}

/// The table.
pub fn cell_table(text: &mut String, survey: &Survey, row: &Row<'_>) {
    let telling = telling(row);
    let names: Vec<&str> = survey.columns.iter().map(|column| column.name.as_str()).collect();
    let _ = writeln!(text, "| {} cells | {} |", row.claims.len(), names.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(names.len()));
    for claim in &row.claims {
        let shown = (0..names.len()).map(|at| entry(claim, at, &telling));
        let shown: Vec<String> = shown.collect();
        let _ = writeln!(text, "| {} | {} |", code(cell_name(claim)), shown.join(" | "));
    }
    text.push('\n');
}

/// `kind=tcp4,size=1`.
fn cell_name(claim: &Claim) -> &str {
    claim.id[claim.base().len()..].trim_matches(['[', ']'])
}

/// The steps whose claim is answered differently by any cell on any platform; none where the steps
/// of the cells are not the same ones.
fn telling(row: &Row<'_>) -> Vec<usize> {
    let first = row.first();
    if row.claims.iter().any(|claim| claim.steps.len() != first.steps.len()) {
        return Vec::new();
    }
    let claimed = |at: &usize| first.steps[*at].line.is_some();
    (0..first.steps.len()).filter(claimed).filter(|at| varies(row, *at)).collect()
}

/// Whether the cells that answered differ at a step, or those of which there are only claims.
fn varies(row: &Row<'_>, step: usize) -> bool {
    [true, false].into_iter().any(|answered| {
        let cells = row.claims.iter().flat_map(|claim| &claim.cells);
        let cells = cells.filter(|cell| cell.answered() == answered);
        let mut said = cells.filter_map(|cell| said(cell)[step].as_deref());
        said.next().is_some_and(|first| said.any(|other| !alike(first, other)))
    })
}

/// What a cell answered; where it was not run, what is claimed of it.
fn said(cell: &Cell) -> &[Option<String>] {
    if cell.answered() { &cell.answers } else { &cell.claims }
}

/// What one platform says of one cell.
fn entry(claim: &Claim, at: usize, telling: &[usize]) -> String {
    let cell = &claim.cells[at];
    let shown: Vec<String> =
        telling.iter().filter_map(|step| said(cell)[*step].as_deref()).map(code).collect();
    let sign = if claim.differs(at) { format!(" {DIFFERS}") } else { String::new() };
    match cell.state {
        State::Came(Verdict::Pass) if !shown.is_empty() => shown.join(", ") + &sign,
        State::Came(Verdict::Skip) | State::Silent => cell.state.name().to_owned(),
        state if shown.is_empty() => state.name().to_owned() + &sign,
        state => format!("{}: {}{sign}", state.name(), shown.join(", ")),
    }
}
