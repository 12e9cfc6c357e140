//! `sockdrill list`: the ids, one a line. Probes nothing and makes nothing ready to run.

use std::fmt::Write as _;

use sockdrill::scenario::Scenario;
use sockdrill::source;
use sockdrill::suite::{BadFile, Project};
use sockdrill::verdict::ExitCode;

use super::args::List;
use super::output::Output;
use super::select::{base, file_ids, nothing, show_bad};
use super::{Done, Here};

/// Lists what is selected.
pub fn list(here: &Here<'_>, args: &List, output: &mut Output) -> Done {
    let project = here.project()?;
    let ids = file_ids(&project)?;
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut bad = Vec::new();
    for id in &ids {
        if args.filters.exact && !args.filters.filters.iter().any(|filter| base(filter) == id) {
            continue;
        }
        match cells(&project, id, args.titles) {
            Ok(cells) => lines.extend(cells),
            Err(file) if args.filters.select(id) => bad.push(file),
            Err(_) => {}
        }
    }
    lines.retain(|(id, _)| args.filters.select(id));
    if lines.is_empty() && bad.is_empty() {
        return Err(nothing(&args.filters.filters.join(" "), &ids));
    }
    output.data(&text(&lines, args.titles))?;
    show_bad(&bad, output);
    Ok(if bad.is_empty() { ExitCode::Success } else { ExitCode::BadFile })
}

/// The ids and titles of a file's cells. A file without a matrix is one cell, and is read only for
/// its title: hundreds of files are to be listed at once.
fn cells(project: &Project, id: &str, titles: bool) -> Result<Vec<(String, String)>, BadFile> {
    if !titles {
        let text = source::read(&project.root.join(Project::file_of(id)));
        if text.is_ok_and(|text| !text.contains("matrix")) {
            return Ok(vec![(id.to_owned(), String::new())]);
        }
    }
    let line = |scenario: Scenario| (scenario.id, scenario.title);
    project.scenarios(id).map(|(_, scenarios)| scenarios.into_iter().map(line).collect())
}

fn text(lines: &[(String, String)], titles: bool) -> String {
    /// Longer ids push their title to the right.
    const WIDEST: usize = 40;
    let widest = lines.iter().map(|(id, _)| id.len()).filter(|width| *width <= WIDEST).max();
    let width = widest.unwrap_or(WIDEST);
    let mut text = String::new();
    for (id, title) in lines {
        let _ =
            if titles { writeln!(text, "{id:<width$}  {title}") } else { writeln!(text, "{id}") };
    }
    text
}
