//! What is known of every claim on every platform: the values behind `diff` and `matrix`.
//!
//! A [`Survey`] has a row for each claim and a column for each platform or result file. What a
//! column answers comes from its records, from the result file of a run, or, where nothing was
//! recorded yet, from the claims alone: that is *documented*, and never more.
//!
//! Pure: who reads records and result files is [`gather`].

mod difference;
pub mod gather;

pub use difference::{Difference, Side, StepDifference, differences};

use crate::errno::Errno;
use crate::normalise::split_line;
use crate::plan::Plan;
use crate::record::SKIPPED;
use crate::verdict::Verdict;

/// Every claim beside every platform.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The platforms and result files, in the order asked for.
    pub columns: Vec<Column>,
    /// The claims, sorted by id; each with a cell for each column.
    pub claims: Vec<Claim>,
}

/// One platform, or one run of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The platform's name, or the result file's without its folder and ending.
    pub name: String,
    /// Where its answers come from.
    pub origin: Origin,
    /// The platform's release as it was told: the newest, where its records tell of several.
    pub release: String,
}

/// Where a column's answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The platform's accepted records.
    Recorded,
    /// The result file of one run.
    Run,
    /// Nothing was recorded: its claims are all there is.
    Documented,
}

impl Origin {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Recorded => "recorded",
            Origin::Run => "run",
            Origin::Documented => "documented",
        }
    }
}

/// One scenario, or one cell of its matrix.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The scenario's id, with the cell in brackets.
    pub id: String,
    /// The claim as a sentence.
    pub title: String,
    /// What the file says of it at its head, for who learns.
    pub about: String,
    /// Its sources.
    pub see: Vec<String>,
    /// The scenario's file, relative to the project.
    pub file: String,
    /// What is done: what sets the sockets up, and the steps.
    pub steps: Vec<Step>,
    /// What is known of it in each column.
    pub cells: Vec<Cell>,
}

/// What is done in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The call, as a transcript shows it.
    pub call: String,
    /// The line of its claim in the file; `None` where it only sets a socket up.
    pub line: Option<usize>,
    /// Why systems act so.
    pub why: Option<String>,
}

/// What is known of one claim in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How the claim stands.
    pub state: State,
    /// Why it was skipped, is known to deviate, or says nothing.
    pub reason: Option<String>,
    /// Where the reason can be read.
    pub link: Option<String>,
    /// What is claimed of each step; `None` where nothing is written.
    pub claims: Vec<Option<String>>,
    /// What each step answered; `None` where it was not come to.
    pub answers: Vec<Option<String>>,
    /// What ran beside the steps: calls and answers.
    pub beside: Vec<(String, String)>,
}

/// How a claim stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It was run, and this came of it.
    Came(Verdict),
    /// It was not run there; what ought to come is written, with its source.
    Documented,
    /// It was not run there, and nothing is claimed.
    Silent,
}

impl State {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Came(verdict) => verdict.name(),
            State::Documented => "documented",
            State::Silent => "–",
        }
    }

    /// Every state, in the order of a summary.
    pub fn all() -> impl Iterator<Item = State> {
        let came = Verdict::ALL.into_iter().map(State::Came);
        came.chain([State::Documented, State::Silent])
    }
}

impl Claim {
    /// The id without its cell.
    pub fn base(&self) -> &str {
        self.id.split('[').next().unwrap_or(&self.id)
    }

    /// The folder of the file under `scenarios/`: what the claim is about.
    pub fn area(&self) -> &str {
        self.base().rsplit_once('/').map_or("", |(area, _)| area)
    }

    /// Whether the same was done and something else answered than in the first column that
    /// answers. `false` for that one, and for one that does not answer.
    pub fn differs(&self, column: usize) -> bool {
        let answers = |cell: &&Cell| cell.answered();
        let first = self.cells.iter().find(answers);
        let here = self.cells.get(column).filter(answers);
        first.zip(here).is_some_and(|(first, here)| !first.answers_like(here))
    }
}

impl Cell {
    /// Whether anything happened.
    pub fn answered(&self) -> bool {
        self.answers.iter().any(Option::is_some)
    }

    /// Whether the same was answered: errors by their one name on all systems.
    fn answers_like(&self, other: &Cell) -> bool {
        let name = |answer: &Option<String>| answer.as_deref().map(one_name);
        let beside = |(call, answer): &(String, String)| (one_name(call), one_name(answer));
        self.answers.iter().map(name).eq(other.answers.iter().map(name))
            && self.beside.iter().map(beside).eq(other.beside.iter().map(beside))
    }
}

/// An answer with each error by its one name on all systems: `WSAEMSGSIZE (10040)` of a Windows
/// transcript becomes `EMSGSIZE`.
pub fn one_name(answer: &str) -> String {
    let mut text = String::new();
    let mut rest = answer;
    while let Some(start) = rest.find(|c: char| c.is_ascii_uppercase()) {
        let word = rest[start..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        let word = word.unwrap_or_default();
        let (before, after) = (&rest[..start], &rest[start + word.len()..]);
        text.push_str(before);
        rest = after;
        let numbered = after.strip_prefix(" (").and_then(|after| after.split_once(')'));
        let number = numbered.filter(|(number, _)| number.parse::<u32>().is_ok());
        match (Errno::from_name(word), number) {
            (Some(errno), Some((_, after))) => {
                text.push_str(&errno.name());
                rest = after;
            }
            (Some(_) | None, _) => text.push_str(word),
        }
    }
    text + rest
}

/// What a record or a result file says of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What came of it.
    pub verdict: Verdict,
    /// The transcript as a record has it; of a skip, the reason.
    pub transcript: String,
}

/// The comment at the head of a scenario file, as one paragraph; `#:schema` is none.
fn about(text: &str) -> String {
    let comments = text.lines().map_while(|line| line.strip_prefix('#'));
    let words = comments.filter(|line| !line.starts_with(':')).flat_map(str::split_whitespace);
    words.collect::<Vec<&str>>().join(" ")
}

/// The steps of a plan, those that set it up first.
fn steps(plan: &Plan) -> Vec<Step> {
    let setup = plan.setup.iter().map(|action| Step { call: action.show(), line: None, why: None });
    let steps = plan.steps.iter().map(|step| Step {
        call: step.action.show(),
        line: Some(step.place.line),
        why: step.why.clone(),
    });
    setup.chain(steps).collect()
}

/// What is known of `plan` where it was lowered for a column that says `told` of it.
fn cell(plan: &Plan, told: Option<&Told>) -> Cell {
    let claims = plan.steps.iter().map(|step| {
        let expect = step.expect.as_ref().filter(|_| step.written);
        expect.map(|expect| expect.show(plan.system))
    });
    let known = plan.steps.iter().find_map(|step| step.known.as_ref());
    let mut cell = Cell {
        state: State::Silent,
        reason: None,
        link: None,
        claims: plan.setup.iter().map(|_| None).chain(claims).collect(),
        answers: vec![None; plan.setup.len() + plan.steps.len()],
        beside: Vec::new(),
    };
    match told {
        None => cell.reason = plan.needs.iter().find_map(|need| need.not_of(plan.system)),
        Some(told) => read_told(&mut cell, plan, told),
    }
    match cell.state {
        State::Silent if cell.reason.is_none() && plan.is_judged() => {
            cell.state = State::Documented;
        }
        State::Came(Verdict::Known | Verdict::Fixed) => {
            cell.reason = known.map(|known| known.reason.clone());
            cell.link = known.map(|known| known.link.clone());
        }
        State::Came(_) | State::Documented | State::Silent => {}
    }
    cell
}

fn read_told(cell: &mut Cell, plan: &Plan, told: &Told) {
    cell.state = State::Came(told.verdict);
    if let Some(reason) = told.transcript.strip_prefix(SKIPPED) {
        cell.reason = Some(reason.trim_end().to_owned());
        return;
    }
    let (transcript, beside) = told.transcript.split_once("\n\n").unwrap_or((&told.transcript, ""));
    let mut lines = transcript.lines().map(split_line).peekable();
    for (step, answer) in steps(plan).iter().zip(&mut cell.answers) {
        if let Some((_, said)) = lines.next_if(|(call, _)| *call == step.call) {
            *answer = Some(said.to_owned());
        }
    }
    if lines.peek().is_some() {
        cell.state = State::Came(Verdict::Drift);
        cell.reason = Some("the record is of other steps than the file has now".to_owned());
    }
    let beside = beside.lines().filter(|line| !line.is_empty()).map(split_line);
    cell.beside = beside.map(|(call, answer)| (call.to_owned(), answer.to_owned())).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_at_its_head_what_it_is_about() {
        let text =
            "#:schema ../schema.json\n# One claim.\n#   Two  lines.\ntitle = \"A\"\n# Not this.\n";
        assert_eq!(about(text), "One claim. Two lines.");
        assert_eq!(about("title = \"A\"\n"), "");
    }

    #[test]
    fn an_error_has_one_name() {
        assert_eq!(one_name("WSAEMSGSIZE (10040), fill 8"), "EMSGSIZE, fill 8");
        assert_eq!(one_name("EMSGSIZE, fill 8"), "EMSGSIZE, fill 8");
        assert_eq!(one_name("WSAEWOULDBLOCK (10035)"), "EAGAIN");
        assert_eq!(one_name("\"HELLO (1)\", from tx"), "\"HELLO (1)\", from tx");
        assert_eq!(one_name("any of WSAEACCES (10013) | ok"), "any of EACCES | ok");
        assert_eq!(one_name("é ok"), "é ok");
    }
}
