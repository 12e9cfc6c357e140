//! Which scenarios a command is about.

use sockdrill::platform::Platform;
use sockdrill::report::problems;
use sockdrill::scenario::suggest;
use sockdrill::suite::{BadFile, Case, Project};
use sockdrill::verdict::ExitCode;

use super::Failure;
use super::args::Filters;
use super::output::Output;

/// What was selected.
pub struct Selection {
    /// Ready to run, in the order of their ids.
    pub cases: Vec<Case>,
    /// With mistakes, so that nothing of them runs.
    pub bad: Vec<BadFile>,
}

impl Filters {
    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Whether a case of that id is selected.
    pub fn select(&self, id: &str) -> bool {
        self.is_empty() || self.filters.iter().any(|filter| self.matches(filter, id))
    }

    fn matches(&self, filter: &str, id: &str) -> bool {
        if self.exact { id == filter || base(id) == filter } else { id.contains(filter) }
    }

    /// Whether any cell of a file may be selected, by the file's id alone.
    fn may_select(&self, file: &str) -> bool {
        !self.exact || self.is_empty() || self.filters.iter().any(|filter| base(filter) == file)
    }
}

/// The id without its cell.
pub fn base(id: &str) -> &str {
    id.split('[').next().unwrap_or(id)
}

/// The ids of all files. Fails where there is none.
pub fn file_ids(project: &Project) -> Result<Vec<String>, Failure> {
    let folder = project.root.join("scenarios");
    let ids = project.ids().map_err(|error| {
        Failure::new(ExitCode::BadFile, format!("{} cannot be read: {error}", folder.display()))
    })?;
    if ids.is_empty() {
        let message =
            format!("{} holds no scenario; begin one with `sockdrill new ID`", folder.display());
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    Ok(ids)
}

/// Reads the files that `filters` may mean and keeps what they mean. Every filter has to mean
/// something.
pub fn select(
    project: &Project,
    platform: &Platform,
    filters: &Filters,
) -> Result<Selection, Failure> {
    let ids = file_ids(project)?;
    let mut selection = Selection { cases: Vec::new(), bad: Vec::new() };
    for id in ids.iter().filter(|id| filters.may_select(id)) {
        match project.load(id, platform) {
            Ok(cases) => selection
                .cases
                .extend(cases.into_iter().filter(|case| filters.select(&case.plan.id))),
            Err(bad) if filters.select(id) || filters.exact => selection.bad.push(bad),
            Err(_) => {}
        }
    }
    let known: Vec<&str> = selection.ids().collect();
    for filter in &filters.filters {
        if !known.iter().any(|id| filters.matches(filter, id)) {
            return Err(nothing(filter, &ids));
        }
    }
    Ok(selection)
}

impl Selection {
    fn ids(&self) -> impl Iterator<Item = &str> {
        let bad = self.bad.iter().map(|bad| {
            let path = bad.file.strip_prefix("scenarios/").unwrap_or(&bad.file);
            path.strip_suffix(".toml").unwrap_or(path)
        });
        self.cases.iter().map(|case| case.plan.id.as_str()).chain(bad)
    }
}

/// A filter that means nothing.
pub fn nothing(filter: &str, ids: &[String]) -> Failure {
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let near = Some(suggest(base(filter), &known)).filter(|help| help.starts_with("did you mean"));
    let near = near.and_then(|help| help.split_once('?').map(|(near, _)| format!("{near}?")));
    let help = near.unwrap_or_else(|| "see `sockdrill list`".to_owned());
    Failure::new(ExitCode::NothingSelected, format!("no scenario matches `{filter}`; {help}"))
}

/// Shows the mistakes of files.
pub fn show_bad(bad: &[BadFile], output: &mut Output) {
    for file in bad {
        output.note(&problems::render(&file.file, &file.text, &file.problems, true));
        output.note("\n");
    }
}
