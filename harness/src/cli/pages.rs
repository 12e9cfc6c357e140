//! `sockdrill pages`: every claim on pages to read, one an area.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sockdrill::platform;
use sockdrill::report::pages::{MARK, Page};
use sockdrill::survey::gather::Source;
use sockdrill::verdict::ExitCode;

use super::args::{Filters, Pages};
use super::diff::survey_of;
use super::output::Output;
use super::{Done, Failure, Here};

/// Writes them, or tells which are out of date.
pub fn pages(here: &Here<'_>, args: &Pages, output: &mut Output) -> Done {
    let project = here.project()?;
    let within = within(&args.folder)?;
    let folder = within.iter().fold(project.root.clone(), |path, part| path.join(part));
    let every: Vec<Source> = platform::ALL.into_iter().map(Source::Platform).collect();
    let all = Filters { filters: Vec::new(), exact: false };
    let survey = survey_of(&project, &every, &all, output)?;
    let root = vec![".."; within.len()].join("/");
    let pages = sockdrill::report::pages::pages(&survey, &root);
    let cannot = |path: &Path, error: &io::Error| {
        Failure::new(ExitCode::Unjudged, format!("{}: {error}", path.display()))
    };
    let mut stale = 0;
    for page in &pages {
        let path = folder.join(&page.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == page.text) {
            continue;
        }
        stale += 1;
        if args.check {
            output.data(&format!("{} is out of date\n", path.display()))?;
        } else {
            write(&path, page).map_err(|error| cannot(&path, &error))?;
        }
    }
    for path in nobodys(&folder, &pages).map_err(|error| cannot(&folder, &error))? {
        stale += 1;
        if args.check {
            output.data(&format!("{} is nobody's\n", path.display()))?;
        } else {
            fs::remove_file(&path).map_err(|error| cannot(&path, &error))?;
        }
    }
    if args.check && stale > 0 {
        let message = format!("{stale} pages; to write them: sockdrill pages {}", args.folder);
        return Err(Failure::new(ExitCode::Drifted, message));
    }
    output.note(&format!("{} pages in {}\n", pages.len(), folder.display()));
    Ok(ExitCode::Success)
}

/// The parts of a folder within the project.
fn within(folder: &str) -> Result<Vec<String>, Failure> {
    let parts: Vec<String> = folder
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_owned)
        .collect();
    let leaves = folder.starts_with(['/', '\\']) || parts.iter().any(|part| part == "..");
    if leaves || parts.is_empty() || folder.contains(':') {
        return Err(Failure::usage(format!(
            "{folder} is no folder within the project, such as docs/behaviour"
        )));
    }
    Ok(parts)
}

fn write(path: &Path, page: &Page) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, &page.text)
}

/// The pages in `folder` that were made once and are not among `pages` now.
fn nobodys(folder: &Path, pages: &[Page]) -> io::Result<Vec<PathBuf>> {
    let known: BTreeSet<PathBuf> = pages.iter().map(|page| folder.join(&page.path)).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if !known.contains(&path)
                && path.extension().is_some_and(|ending| ending == "md")
                && fs::read_to_string(&path)?.starts_with(MARK)
            {
                found.push(path);
            }
        }
    }
    Ok(found)
}
