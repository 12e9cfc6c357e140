//! What came of a probe: a table, a line a plan, as conformance suites have it.
//!
//! Beneath a plan that is not as it should be stands why; what failed is told in full before the
//! table, by `human`.

use std::fmt::Write as _;
use std::time::Duration;

use super::Tally;
use super::style::{self, FAINT, STRONG, paint};
use crate::check::Standing;
use crate::finding::Finding;
use crate::verdict::Verdict;

/// One plan.
pub struct Row<'r> {
    /// Its id.
    pub id: String,
    /// How binding its claims are.
    pub level: &'static str,
    /// What happens to the exchange.
    pub what: &'static str,
    /// Why a server has to stand that.
    pub why: &'static str,
    /// What came of each variant.
    pub findings: Vec<&'r Finding>,
}

/// More variants that failed are counted.
const NAMED: usize = 6;

impl Row<'_> {
    /// The verdict that matters most; `None` where nothing was run.
    pub fn verdict(&self) -> Option<Verdict> {
        let rank = |verdict: &Verdict| Verdict::ALL.iter().position(|known| known == verdict);
        self.findings.iter().map(|finding| finding.verdict).max_by_key(rank)
    }

    /// How many variants are as they should be, of how many.
    fn counts(&self) -> String {
        let all = self.findings.len();
        let red = self.findings.iter().filter(|finding| finding.verdict.is_red()).count();
        if all > 1 { format!("{}/{all}", all - red) } else { String::new() }
    }

    /// What is to be said beneath the line.
    fn remark(&self) -> Option<String> {
        match self.verdict()? {
            Verdict::Pass | Verdict::Known => None,
            Verdict::Skip => self.findings.iter().find_map(|finding| finding.reason.clone()),
            Verdict::Info => self.findings.iter().find_map(|finding| missed(finding, self.why)),
            Verdict::Fail
            | Verdict::Broken
            | Verdict::Inconclusive
            | Verdict::Drift
            | Verdict::Fixed => Some(self.failed()),
        }
    }

    fn failed(&self) -> String {
        let red: Vec<&str> = self
            .findings
            .iter()
            .filter(|finding| finding.verdict.is_red())
            .filter_map(|finding| finding.id.strip_prefix(&self.id)?.strip_prefix('/'))
            .collect();
        let more = red.len().saturating_sub(NAMED);
        let named = red[..red.len() - more].join(", ");
        match (named.is_empty(), more) {
            (true, _) => self.why.to_owned(),
            (false, 0) => format!("{named}: {}", self.why),
            (false, more) => format!("{named} and {more} more: {}", self.why),
        }
    }
}

/// The recommendation that was not kept; what is information alone says nothing.
fn missed(finding: &Finding, why: &str) -> Option<String> {
    let missed = |standing| standing == Standing::NotRecommended;
    let step = finding
        .steps
        .iter()
        .find(|step| step.reached.as_ref().is_some_and(|reached| missed(reached.standing)));
    match (step, &finding.reason) {
        (Some(step), _) => {
            let answer = step.reached.as_ref().map(|reached| reached.answer.as_str());
            let why = step.why.as_deref().unwrap_or(why);
            Some(format!("{} = {}; {why}", step.call, answer.unwrap_or_default()))
        }
        (None, reason) => reason.clone(),
    }
}

/// The table.
pub fn table(rows: &[Row<'_>]) -> String {
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0).max(4);
    let head = format!("{:<width$}  {:<6}  {:<12}  {:>5}  what", "plan", "level", "verdict", "");
    let mut text = format!("{}\n", paint(FAINT, &head));
    for row in rows {
        let (word, style) = match row.verdict() {
            Some(verdict) => (verdict.name(), style::of(verdict)),
            None => ("not run", FAINT),
        };
        let verdict = paint(style, &format!("{word:<12}"));
        let counts = row.counts();
        let _ = writeln!(
            text,
            "{:<width$}  {:<6}  {verdict}  {counts:>5}  {}",
            row.id, row.level, row.what
        );
        if let Some(remark) = row.remark() {
            let _ = writeln!(text, "{:<width$}  {}", "", paint(FAINT, &remark));
        }
    }
    text
}

/// The last line.
pub fn summary(rows: &[Row<'_>], seed: u64, elapsed: Duration) -> String {
    let mut tally = Tally::default();
    rows.iter().filter_map(Row::verdict).for_each(|verdict| tally.add(verdict));
    let not_run = rows.len() - tally.total();
    let mut words: Vec<String> = tally
        .counts()
        .map(|(verdict, count)| paint(style::of(verdict), &format!("{count} {}", verdict.name())))
        .collect();
    words.extend((not_run > 0).then(|| format!("{not_run} not run")));
    let what = if rows.len() == 1 { "plan" } else { "plans" };
    format!(
        "{} in {:.2} s, seed {seed}: {}\n",
        paint(STRONG, &format!("{} {what}", rows.len())),
        elapsed.as_secs_f64(),
        words.join(", ")
    )
}
