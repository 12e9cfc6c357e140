//! The verdicts, and what they mean for an exit code.

/// The judgement on one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Every claim held.
    Pass,
    /// Every claim held, and the record says otherwise.
    Drift,
    /// A claim is broken.
    Fail,
    /// A claim is broken, as a listed deviation says.
    Known,
    /// A listed deviation went away: the list is out of date.
    Fixed,
    /// Nothing, or not everything that is claimed elsewhere, is claimed for this platform.
    Info,
    /// The machine lacks what the scenario needs.
    Skip,
    /// The harness could not look.
    Broken,
    /// A claim about time, on a machine too busy to tell.
    Inconclusive,
}

impl Verdict {
    /// Every verdict, in the order of a summary.
    pub const ALL: [Verdict; 9] = [
        Verdict::Pass,
        Verdict::Known,
        Verdict::Info,
        Verdict::Skip,
        Verdict::Drift,
        Verdict::Inconclusive,
        Verdict::Fixed,
        Verdict::Broken,
        Verdict::Fail,
    ];

    /// The verdict of that word; `None` where there is none.
    pub fn from_name(name: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Drift => "drift",
            Verdict::Fail => "fail",
            Verdict::Known => "known",
            Verdict::Fixed => "fixed",
            Verdict::Info => "info",
            Verdict::Skip => "skip",
            Verdict::Broken => "broken",
            Verdict::Inconclusive => "inconclusive",
        }
    }

    /// Whether somebody has to act.
    pub fn is_red(self) -> bool {
        match self {
            Verdict::Fail
            | Verdict::Fixed
            | Verdict::Drift
            | Verdict::Broken
            | Verdict::Inconclusive => true,
            Verdict::Pass | Verdict::Known | Verdict::Info | Verdict::Skip => false,
        }
    }
}

/// The process's exit codes, one per class of outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// All as claimed.
    Success = 0,
    /// A claim failed, or a listed deviation went away.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A scenario file is wrong.
    BadFile = 3,
    /// Nothing was selected.
    NothingSelected = 4,
    /// Something could not be judged: broken, inconclusive, or stopped before its turn.
    Unjudged = 5,
    /// Every claim held; only records drifted.
    Drifted = 6,
    /// A bug of sockdrill itself.
    Internal = 70,
}

impl ExitCode {
    /// The code for these verdicts: the worst of them decides.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> ExitCode {
        let class = |verdict| match verdict {
            Verdict::Fail | Verdict::Fixed => (3, ExitCode::Failed),
            Verdict::Broken | Verdict::Inconclusive => (2, ExitCode::Unjudged),
            Verdict::Drift => (1, ExitCode::Drifted),
            Verdict::Pass | Verdict::Known | Verdict::Info | Verdict::Skip => {
                (0, ExitCode::Success)
            }
        };
        let worst = verdicts.into_iter().map(class).max_by_key(|(rank, _)| *rank);
        worst.map_or(ExitCode::Success, |(_, code)| code)
    }
}
