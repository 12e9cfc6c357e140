//! What came of a run, for people at a terminal of 80 columns.
//!
//! A case that went as claimed takes no line. One that did not is told whole: the transcript up to
//! the step that decided, the claim beside the outcome, why systems act so, where the claim stands
//! in its file, and the command that repeats it.

use std::fmt::Write as _;
use std::time::Duration;

use super::style::{self, BAD, FAINT, GOOD, ODD, STRONG, paint};
use super::{Tally, diff};
use crate::check::Standing;
use crate::finding::{Finding, Reached, Step, answer};
use crate::normalise::push_line;
use crate::record::Status;
use crate::verdict::Verdict;

/// How findings are told.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    /// Whether every step shows its time.
    pub timings: bool,
    /// The command that repeats a case, up to its id.
    pub repeat: String,
    /// The command that accepts what waits to become a record, up to its id.
    pub accept: String,
    /// Whether what happened waits to be accepted; else it has to be run again first.
    pub waits: bool,
}

/// How wide a terminal is taken to be.
const COLUMNS: usize = 80;

/// The column at which the text behind a label begins.
const INDENT: usize = 8;

/// What is told of one case; `None` where there is nothing to tell.
pub fn case(finding: &Finding, telling: &Telling) -> Option<String> {
    match finding.verdict {
        Verdict::Pass => None,
        Verdict::Skip => {
            Some(one_line(finding, finding.reason.as_deref().unwrap_or(&finding.title)))
        }
        Verdict::Info => Some(one_line(finding, &informative(finding))),
        Verdict::Known => Some(one_line(finding, &deviation(finding))),
        Verdict::Drift => Some(drifted(finding, telling)),
        Verdict::Fail | Verdict::Fixed | Verdict::Broken | Verdict::Inconclusive => {
            Some(in_full(finding, telling))
        }
    }
}

fn one_line(finding: &Finding, about: &str) -> String {
    format!("{}\n{}", heading(finding), wrapped("", about))
}

/// The verdict and the id, the title beneath.
fn heading(finding: &Finding) -> String {
    let word = format!("{:<INDENT$}", finding.verdict.name());
    let word = paint(style::of(finding.verdict), &word);
    format!("{word}{}", paint(STRONG, &finding.id))
}

fn informative(finding: &Finding) -> String {
    let broken = finding.steps.iter().find_map(|step| {
        let reached = step.reached.as_ref()?;
        (reached.standing == Standing::NotRecommended).then_some((step, reached))
    });
    match broken {
        Some((step, reached)) => {
            let claim = step.claim.as_deref().unwrap_or_default();
            format!("{} = {}, where {claim} is recommended", step.call, reached.answer)
        }
        None => "nothing is claimed for this platform".to_owned(),
    }
}

fn deviation(finding: &Finding) -> String {
    let deviates = |step: &&Step| {
        step.reached.as_ref().is_some_and(|it| it.standing == Standing::KnownDeviation)
    };
    let known = finding.steps.iter().find(deviates).and_then(|step| step.known.as_ref());
    known.map_or_else(|| finding.title.clone(), |(reason, link)| format!("{reason} ({link})"))
}

/// A case whose claims did not hold, or that could not be judged.
fn in_full(finding: &Finding, telling: &Telling) -> String {
    let mut text = format!("{}\n{}", heading(finding), wrapped("", &finding.title));
    text.push_str(&transcript(finding, telling));
    if let Some(reason) = &finding.reason {
        text.push_str(&wrapped("reason", reason));
    }
    if finding.verdict == Verdict::Inconclusive {
        let why = "the machine was too busy to tell: the step waited for a processor each time";
        text.push_str(&wrapped("reason", why));
    }
    if finding.runs > 1 {
        text.push_str(&wrapped("run", &format!("number {} of this scenario", finding.runs)));
    }
    if let Some(step) = finding.steps.iter().rev().find(|step| decided(step)) {
        text.push_str(&about(finding, step));
    }
    text.push_str(&labelled("again", &command(&telling.repeat, &finding.id)));
    text
}

/// Why the step is as it is, and where it stands.
fn about(finding: &Finding, step: &Step) -> String {
    let mut text = step.why.as_deref().map(|why| wrapped("why", why)).unwrap_or_default();
    if let (Verdict::Fixed, Some((reason, link))) = (finding.verdict, &step.known) {
        let news =
            format!("the listed deviation went away: {reason} ({link}); take it off the list");
        text.push_str(&wrapped("known", &news));
    }
    let place = format!("{}:{}:{}", finding.file, step.line, step.column);
    text.push_str(&labelled("claim", &place));
    text
}

fn decided(step: &Step) -> bool {
    step.reached.as_ref().is_some_and(|reached| match reached.standing {
        Standing::Broken
        | Standing::Untimely
        | Standing::HeldUnexpectedly
        | Standing::KnownDeviation => true,
        Standing::Unclaimed | Standing::Held | Standing::NotRecommended => false,
    })
}

/// The calls and their answers up to the last one made, and beneath a broken claim the claim.
fn transcript(finding: &Finding, telling: &Telling) -> String {
    let mut text = String::from("\n");
    if finding.last_reached().is_none() && finding.setup.is_empty() {
        return text;
    }
    for call in &finding.setup {
        push_indented(&mut text, ' ', &line(call, "ok"));
    }
    for step in &finding.steps {
        let Some(reached) = &step.reached else { break };
        push_step(&mut text, step, reached, telling);
    }
    for line in finding.peers.lines() {
        push_indented(&mut text, ' ', &paint(FAINT, line));
    }
    for (name, told) in &finding.programs {
        for (at, line) in told.lines().enumerate() {
            let line = if at == 0 { format!("{name}: {line}") } else { format!("  {line}") };
            push_indented(&mut text, ' ', &paint(FAINT, &line));
        }
    }
    if let Some(next) = finding.steps.iter().find(|step| step.reached.is_none())
        && finding.verdict == Verdict::Broken
    {
        push_indented(&mut text, '>', &paint(ODD, &line(&next.call, "not answered")));
    }
    text.push('\n');
    text
}

fn push_step(text: &mut String, step: &Step, reached: &Reached, telling: &Telling) {
    let shown = line(&step.call, &answer(step, reached, telling.timings));
    let claim = step.claim.as_deref().unwrap_or("nothing");
    match reached.standing {
        Standing::Unclaimed | Standing::Held => push_indented(text, ' ', &shown),
        Standing::NotRecommended | Standing::KnownDeviation => {
            push_indented(text, '~', &paint(ODD, &shown));
            push_beneath(text, FAINT, "claimed", claim);
        }
        Standing::HeldUnexpectedly => push_indented(text, '>', &paint(ODD, &shown)),
        Standing::Untimely | Standing::Broken => {
            push_indented(text, '>', &paint(BAD, &shown));
            push_beneath(text, GOOD, "claimed", claim);
            // Of one claim alone it goes without saying.
            if !reached.broken.is_empty() && claim != reached.broken.join(", ") {
                push_beneath(text, BAD, "broken", &reached.broken.join(", "));
            }
        }
    }
}

fn line(call: &str, answer: &str) -> String {
    let mut line = String::new();
    push_line(&mut line, call, answer);
    line.truncate(line.trim_end().len());
    line
}

/// What belongs to the answer above it, in the answer's column, in lines that fit where they can.
fn push_beneath(text: &mut String, style: anstyle::Style, label: &str, what: &str) {
    /// What stands before a line of a transcript.
    const MARK: usize = 2;
    let sign = line("", "").find('=').unwrap_or_default();
    let room = COLUMNS.saturating_sub(MARK + sign + 2);
    let mut label = format!("{label:>width$} :", width = sign.saturating_sub(1));
    for part in fold(what, ", ", room) {
        push_indented(text, ' ', &paint(style, &format!("{label} {part}")));
        label = " ".repeat(sign + 1);
    }
}

/// `text` in lines of at most `room` columns, broken behind `between`.
fn fold(text: &str, between: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(between) {
        match lines.last_mut() {
            Some(line) if line.is_empty() || columns(line) + columns(word.trim_end()) <= room => {
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

fn push_indented(text: &mut String, mark: char, line: &str) {
    let _ = writeln!(text, "{mark} {line}");
}

/// A case whose record says otherwise, or has none.
fn drifted(finding: &Finding, telling: &Telling) -> String {
    let mut text = format!("{}\n{}", heading(finding), wrapped("", &finding.title));
    match &finding.record {
        Some(Status::Drifted { recorded, now }) => {
            let _ = write!(text, "\n{}\n", diff::lines(recorded, now));
            text.push_str(&wrapped("drift", "every claim holds, and the record says otherwise"));
        }
        Some(Status::New) => {
            text.push_str(&wrapped("new", "every claim holds, and nothing is recorded yet"));
        }
        Some(Status::Same | Status::NoRecords) | None => {}
    }
    let again = command(&telling.repeat, &finding.id);
    let accept = command(&telling.accept, &finding.id);
    let accept = if telling.waits { accept } else { format!("{again}; {accept}") };
    text.push_str(&labelled("again", &again));
    text.push_str(&labelled("accept", &accept));
    text
}

/// A command with the id as a shell takes it.
pub fn command(command: &str, id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=,".contains(c);
    if id.chars().all(plain) { format!("{command} {id}") } else { format!("{command} '{id}'") }
}

fn labelled(label: &str, text: &str) -> String {
    format!("{}{text}\n", super::label(label))
}

/// Prose behind a label, in lines that fit.
fn wrapped(label: &str, text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let lines = fold(&words.join(" "), " ", COLUMNS - INDENT);
    let rest = format!("\n{}", " ".repeat(INDENT));
    format!("{}{}\n", super::label(label), lines.join(&rest))
}

/// The last line: how many, how long, and what came of them.
pub fn summary(tally: &Tally, bad_files: usize, not_run: usize, elapsed: Duration) -> String {
    let total = tally.total();
    let mut words: Vec<String> = tally
        .counts()
        .map(|(verdict, count)| paint(style::of(verdict), &format!("{count} {}", verdict.name())))
        .collect();
    if bad_files > 0 {
        let files = if bad_files == 1 { "file" } else { "files" };
        words.push(paint(BAD, &format!("{bad_files} bad {files}")));
    }
    if not_run > 0 {
        words.push(paint(ODD, &format!("{not_run} not run")));
    }
    let what = if total == 1 { "scenario" } else { "scenarios" };
    format!(
        "{} in {:.2} s: {}\n",
        paint(STRONG, &format!("{total} {what}")),
        elapsed.as_secs_f64(),
        words.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_quotes_what_a_shell_would_take_for_a_pattern() {
        assert_eq!(command("run", "udp/recv"), "run udp/recv");
        assert_eq!(command("run", "a/b[c=1]"), "run 'a/b[c=1]'");
    }

    #[test]
    fn prose_fits_eighty_columns() {
        let text = super::super::plain(&wrapped("why", &"four ".repeat(50)));
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        assert!(text.starts_with("why     four"), "{text}");
    }
}
