//! Every claim on every platform as a table: for a terminal, as Markdown, as JSON, as a page.
//!
//! A row is a scenario file; the cells of its own matrix are counted where they differ. Pure.

mod html;
mod json;
mod markdown;
mod text;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::text;

use std::collections::BTreeMap;

use crate::survey::{Claim, State, Survey};

/// The sign of an answer other than the first column's.
pub(super) const DIFFERS: &str = "≠";

/// What the sign means, and the words.
pub(super) const LEGEND: [&str; 3] = [
    "≠: answers otherwise than the first column that answers",
    "documented: claimed with its source, and not recorded on that platform yet",
    "–: nothing is claimed",
];

/// One scenario file.
pub(super) struct Row<'s> {
    /// Its claims: one, or one for each cell of its matrix.
    pub(super) claims: Vec<&'s Claim>,
}

impl<'s> Row<'s> {
    /// What speaks for the file.
    pub(super) fn first(&self) -> &'s Claim {
        self.claims[0]
    }

    /// The file's name within its area.
    pub(super) fn name(&self) -> &'s str {
        let first = self.first();
        first.base().strip_prefix(first.area()).unwrap_or(first.base()).trim_start_matches('/')
    }

    /// How the claims stand in a column: each state and how many, with the sign where any of them
    /// is answered otherwise.
    pub(super) fn states(&self, column: usize) -> (Vec<(State, usize)>, bool) {
        let mut counts = BTreeMap::new();
        for claim in &self.claims {
            *counts.entry(claim.cells[column].state).or_insert(0) += 1;
        }
        let differs = self.claims.iter().any(|claim| claim.differs(column));
        (counts.into_iter().collect(), differs)
    }

    /// The states as words: `pass`, or `2 pass, 1 skip`; then the sign.
    fn words(&self, column: usize, word: impl Fn(State) -> String) -> String {
        let (states, differs) = self.states(column);
        let words: Vec<String> = match states.as_slice() {
            [(state, _)] => vec![word(*state)],
            several => {
                several.iter().map(|(state, count)| format!("{count} {}", word(*state))).collect()
            }
        };
        let sign = if differs { format!(" {DIFFERS}") } else { String::new() };
        words.join(", ") + &sign
    }
}

/// The rows, area by area: an area's own come before those of the areas within it.
pub(super) fn rows(survey: &Survey) -> Vec<Row<'_>> {
    let chunks = survey.claims.chunk_by(|one, other| one.base() == other.base());
    let rows = chunks.map(|claims| Row { claims: claims.iter().collect() });
    let mut rows: Vec<Row<'_>> = rows.collect();
    rows.sort_by_key(|row| row.first().area());
    rows
}

/// How many claims of a column stand how, in the order of a summary; then how many are answered
/// otherwise than in the first.
fn totals(survey: &Survey, column: usize) -> (Vec<(State, usize)>, usize) {
    let of = |state| survey.claims.iter().filter(|one| one.cells[column].state == state).count();
    let states = State::all().map(|state| (state, of(state))).filter(|(_, count)| *count > 0);
    let differ = survey.claims.iter().filter(|claim| claim.differs(column)).count();
    (states.collect(), differ)
}

/// `297 pass, 12 skip; 30 ≠`.
pub(super) fn total(survey: &Survey, column: usize) -> String {
    let (states, differ) = totals(survey, column);
    let words = states.iter().map(|(state, count)| format!("{count} {}", state.name()));
    let words: Vec<String> = words.collect();
    let sign = if differ > 0 { format!("; {differ} {DIFFERS}") } else { String::new() };
    words.join(", ") + &sign
}
