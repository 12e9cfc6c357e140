//! Two columns of a survey beside each other: what is the same, what changed, what only one has.
//!
//! Pure.

use super::{Cell, Claim, Survey, one_name};

/// One claim in two columns.
#[derive(Clone, Debug)]
pub struct Difference<'s> {
    /// The claim.
    pub claim: &'s Claim,
    /// The two cells.
    pub cells: [&'s Cell; 2],
    /// Who answered.
    pub side: Side,
    /// The steps that either came to, and what ran beside them.
    pub steps: Vec<StepDifference<'s>>,
}

/// Which of two columns answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Both, the same.
    Same,
    /// Both, not the same.
    Changed,
    /// The first alone.
    OnlyFirst,
    /// The second alone.
    OnlySecond,
    /// Neither.
    Neither,
}

impl Side {
    /// Every side, in the order of a summary.
    pub const ALL: [Side; 5] =
        [Side::Same, Side::Changed, Side::OnlyFirst, Side::OnlySecond, Side::Neither];

    /// Whether there is something to see.
    pub fn differs(self) -> bool {
        match self {
            Side::Changed | Side::OnlyFirst | Side::OnlySecond => true,
            Side::Same | Side::Neither => false,
        }
    }
}

/// One step in two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDifference<'s> {
    /// The call.
    pub call: &'s str,
    /// Why systems act so.
    pub why: Option<&'s str>,
    /// The two answers; `None` where the step was not come to.
    pub answers: [Option<&'s str>; 2],
}

impl StepDifference<'_> {
    /// How the two stand to each other.
    pub fn side(&self) -> Side {
        match self.answers {
            [Some(one), Some(other)] if one_name(one) == one_name(other) => Side::Same,
            [Some(_), Some(_)] => Side::Changed,
            [Some(_), None] => Side::OnlyFirst,
            [None, Some(_)] => Side::OnlySecond,
            [None, None] => Side::Neither,
        }
    }
}

/// Each claim of `survey` in the columns `first` and `second`.
pub fn differences(survey: &Survey, first: usize, second: usize) -> Vec<Difference<'_>> {
    let of = |claim| difference(claim, first, second);
    survey.claims.iter().map(of).collect()
}

fn difference(claim: &Claim, first: usize, second: usize) -> Difference<'_> {
    let cells = [&claim.cells[first], &claim.cells[second]];
    let steps = claim.steps.iter().enumerate().map(|(at, step)| {
        let answers = cells.map(|cell| cell.answers.get(at).and_then(Option::as_deref));
        StepDifference { call: &step.call, why: step.why.as_deref(), answers }
    });
    let mut steps: Vec<StepDifference<'_>> = steps.collect();
    steps.extend(beside(cells));
    steps.retain(|step| step.side() != Side::Neither);
    let side = match cells.map(Cell::answered) {
        [true, true] if steps.iter().all(|step| step.side() == Side::Same) => Side::Same,
        [true, true] => Side::Changed,
        [true, false] => Side::OnlyFirst,
        [false, true] => Side::OnlySecond,
        [false, false] => Side::Neither,
    };
    Difference { claim, cells, side, steps }
}

/// What ran beside the steps: line by line, since both have the same script.
fn beside(cells: [&Cell; 2]) -> Vec<StepDifference<'_>> {
    let longest = cells.iter().map(|cell| cell.beside.len()).max().unwrap_or(0);
    let line = |call, answers| StepDifference { call, why: None, answers };
    let mut lines = Vec::new();
    for at in 0..longest {
        match cells.map(|cell| cell.beside.get(at)) {
            [Some((call, one)), Some((other_call, other))] if call == other_call => {
                lines.push(line(call.as_str(), [Some(one.as_str()), Some(other.as_str())]));
            }
            [first, second] => {
                let first = first.map(|(call, one)| line(call, [Some(one), None]));
                let second = second.map(|(call, other)| line(call, [None, Some(other)]));
                lines.extend(first.into_iter().chain(second));
            }
        }
    }
    lines
}
