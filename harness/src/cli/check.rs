//! `sockdrill check`: every mistake of every file, and nothing run.

use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::args::Check;
use super::output::Output;
use super::select::{select, show_bad};
use super::{Done, Here};

/// Reads what is selected.
pub fn check(here: &Here<'_>, args: &Check, output: &mut Output) -> Done {
    let project = here.project()?;
    let selection = select(&project, &sys::identify(), &args.filters)?;
    show_bad(&selection.bad, output);
    let mistakes: usize = selection.bad.iter().map(|bad| bad.problems.len()).sum();
    let good = selection.cases.len();
    let scenarios = if good == 1 { "scenario" } else { "scenarios" };
    if selection.bad.is_empty() {
        output.note(&format!("{good} {scenarios} and no mistake\n"));
        return Ok(ExitCode::Success);
    }
    let files = if selection.bad.len() == 1 { "file" } else { "files" };
    let mistake = if mistakes == 1 { "mistake" } else { "mistakes" };
    output.note(&format!(
        "{mistakes} {mistake} in {} {files}; {good} {scenarios} could run\n",
        selection.bad.len()
    ));
    Ok(ExitCode::BadFile)
}
