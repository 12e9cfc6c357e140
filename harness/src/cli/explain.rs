//! `sockdrill explain`: one scenario, told to somebody who has not read its file.

use std::fmt::Write as _;

use sockdrill::capability::{Allowed, Capabilities};
use sockdrill::expect::Expect;
use sockdrill::finding::{Finding, transcript};
use sockdrill::net::Alone;
use sockdrill::normalise::push_line;
use sockdrill::plan::{Action, Plan};
use sockdrill::platform::{self, Platform, PlatformKey, System};
use sockdrill::report::{heading, label};
use sockdrill::run::{Cancel, Settings};
use sockdrill::scenario::{Expectation, Level, Need, Scenario, Step};
use sockdrill::suite::{self, Case, Options, Project};
use sockdrill::survey::State;
use sockdrill::survey::gather::Source;
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::args::{Explain, Filters, Stage};
use super::diff::survey_of;
use super::output::Output;
use super::select::{base, select, show_bad};
use super::{Done, Failure, Here, records};

/// Tells it.
pub fn explain(here: &Here<'_>, args: &Explain, output: &mut Output) -> Done {
    let project = here.project()?;
    let platform = sys::identify();
    let filters = Filters { filters: vec![args.id.clone()], exact: true };
    let selection = select(&project, &platform, &filters)?;
    if !selection.bad.is_empty() {
        show_bad(&selection.bad, output);
        return Ok(ExitCode::BadFile);
    }
    let cases = selection.cases;
    match args.value {
        None => {
            let scenarios = read(&project, &cases)?;
            let first = scenarios.first().zip(cases.first());
            let text =
                first.map(|(scenario, case)| story(scenario, case, &platform)).unwrap_or_default();
            output.data(&text)?;
            output.data(&cells(&cases))?;
            let platforms = platforms(&project, &cases, output)?;
            output.data(&platforms)?;
            output.data(&record(&project, &platform, &cases)?)?;
        }
        Some(Stage::Scenario) => {
            for scenario in read(&project, &cases)? {
                output.data(&format!("{scenario:#?}\n"))?;
            }
        }
        Some(Stage::Plan) => {
            for case in &cases {
                output.data(&plan(&case.plan))?;
            }
        }
        Some(Stage::Trace) => {
            for case in &cases {
                output.data(&trace(case, args.allow.into()))?;
            }
        }
    }
    Ok(ExitCode::Success)
}

/// The scenarios of the cases, as written.
fn read(project: &Project, cases: &[Case]) -> Result<Vec<Scenario>, Failure> {
    let Some(case) = cases.first() else { return Ok(Vec::new()) };
    let changed = |_| Failure::new(ExitCode::BadFile, format!("{} changed meanwhile", case.file));
    let (_, all) = project.scenarios(base(&case.plan.id)).map_err(changed)?;
    let is_wanted = |scenario: &Scenario| cases.iter().any(|case| case.plan.id == scenario.id);
    Ok(all.into_iter().filter(is_wanted).collect())
}

fn story(scenario: &Scenario, case: &Case, platform: &Platform) -> String {
    let mut text = format!("{}\n{}\n\n", heading(&scenario.title), case.file);
    for (index, source) in scenario.see.iter().enumerate() {
        let _ = writeln!(text, "{}{source}", label(if index == 0 { "see" } else { "" }));
    }
    for need in &case.plan.needs {
        let _ = writeln!(text, "{}{}", label("needs"), show_need(need));
    }
    if scenario.serial {
        let _ = writeln!(text, "{}the machine to itself", label("serial"));
    }
    if scenario.repeat > 1 {
        let _ = writeln!(text, "{}{} runs for one verdict", label("repeat"), scenario.repeat);
    }
    text.push('\n');
    for action in &case.plan.setup {
        let _ = writeln!(text, "{}", action.show());
    }
    for (step, planned) in scenario.steps.iter().zip(&case.plan.steps) {
        push_step(&mut text, step, platform.system, planned.place.line);
    }
    text
}

fn show_need(need: &Need) -> String {
    match need {
        Need::Capability(word) => (*word).to_owned(),
        Need::Setting { name, value } => format!("sysctl {name}={value}"),
    }
}

fn push_step(text: &mut String, step: &Step, here: System, line: usize) {
    let action = Action {
        socket: step.socket.clone(),
        op: step.op.clone().into(),
        patience: step.patience.clone(),
    };
    let level = match step.level {
        Level::Must => "",
        Level::Should => " (should)",
        Level::Info => " (info: nothing is claimed)",
    };
    match &step.expect {
        Expectation::Unwritten => {
            let _ = writeln!(text, "{}{level}", action.show());
        }
        Expectation::Everywhere(expect) => {
            push_line(text, &action.show(), &format!("{}{level}", expect.show(here)));
        }
        Expectation::ByPlatform(keys) => {
            let _ = writeln!(text, "{}{level}", action.show());
            for (key, expect) in keys {
                push_claim(text, key, expect, here);
            }
        }
    }
    for known in &step.known {
        let _ = writeln!(
            text,
            "{:<8}{} deviates: {} ({})",
            "", known.platform, known.reason, known.link
        );
    }
    if let Some(why) = &step.why {
        let _ = writeln!(text, "{:<8}# line {line}: {why}", "");
    }
}

fn push_claim(text: &mut String, key: &PlatformKey, expect: &Expect, here: System) {
    let systems = [System::Linux, System::Macos, System::Windows];
    let system = match key.name {
        "wine" => System::Windows,
        name => systems.into_iter().find(|system| system.name() == name).unwrap_or(here),
    };
    push_line(text, &format!("{:<8}{key}", ""), &expect.show(system));
}

/// The cells of a matrix, where there are several.
fn cells(cases: &[Case]) -> String {
    let [_, _, ..] = cases else { return String::new() };
    let mut text = format!("\n{}\n", heading(&format!("first of {} cells", cases.len())));
    for case in cases {
        let _ = writeln!(text, "{:<8}{}", "", case.plan.id);
    }
    text
}

/// How the claim stands on every platform: recorded there, or documented.
fn platforms(project: &Project, cases: &[Case], output: &mut Output) -> Result<String, Failure> {
    let Some(case) = cases.first() else { return Ok(String::new()) };
    let filters = Filters { filters: vec![case.plan.id.clone()], exact: true };
    let columns = platform::ALL.map(Source::Platform);
    let survey = survey_of(project, &columns, &filters, output)?;
    let mut text = format!("\n{}\n", heading("on each platform"));
    for (column, cell) in survey.columns.iter().zip(&survey.claims[0].cells) {
        let reason = cell.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let link = cell.link.as_ref().map(|link| format!(" ({link})")).unwrap_or_default();
        let (word, release) = match cell.state {
            State::Came(verdict) => (format!("{}, recorded on ", verdict.name()), &*column.release),
            State::Documented => ("documented, not recorded yet".to_owned(), ""),
            State::Silent => ("nothing is claimed".to_owned(), ""),
        };
        let _ = writeln!(text, "{:<8}{:<8} {word}{release}{reason}{link}", "", column.name);
    }
    Ok(text)
}

fn record(project: &Project, platform: &Platform, cases: &[Case]) -> Result<String, Failure> {
    let Some(case) = cases.first() else { return Ok(String::new()) };
    Ok(match records(project, platform).read(&case.plan.id)? {
        None => format!("\nno record for {}\n", platform.name()),
        Some(record) => {
            let heading = heading(&format!("record for {}", platform.name()));
            format!("\n{heading}\n{}\n", record.contents)
        }
    })
}

/// A plan, with the claims that hold here.
fn plan(plan: &Plan) -> String {
    let mut text = format!("{}\n", plan.id);
    let _ = writeln!(text, "limit {:?}, runs {}, serial {}", plan.limit, plan.repeat, plan.serial);
    for need in &plan.needs {
        let _ = writeln!(text, "needs {}", show_need(need));
    }
    for action in &plan.setup {
        push_line(&mut text, &action.show(), "has to be ok");
    }
    for step in &plan.steps {
        let claim =
            step.expect.as_ref().map_or("anything".to_owned(), |expect| expect.show(plan.system));
        push_line(&mut text, &step.action.show(), &claim);
    }
    for peer in &plan.peers {
        let _ = writeln!(text, "\n{} beside the steps", peer.name.text);
        for line in peer.script() {
            let _ = writeln!(text, "{line}");
        }
    }
    text.push('\n');
    text
}

/// What happens, with every time.
fn trace(case: &Case, allowed: Allowed) -> String {
    let settings = Settings { timeout_scale: 1.0, cancel: Cancel::default() };
    let options = Options { jobs: 1, isolate: false, settings };
    let judged = suite::judge(&case.plan, &Capabilities::allowing(allowed), &options, &Alone);
    let finding = Finding::of(case, &judged, judged.verdict, None);
    let reason = finding.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(
        "{}\n{}\n{}{reason}\n\n",
        finding.id,
        transcript(&finding, true),
        finding.verdict.name()
    )
}
