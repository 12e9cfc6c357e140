//! `sockdrill new`: a file to begin with, which runs as it is.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};

use sockdrill::scenario::check_id;
use sockdrill::suite::Project;
use sockdrill::verdict::ExitCode;

use super::args::New;
use super::output::Output;
use super::{Done, Failure, Here, program};

/// What stands in it.
const SKELETON: &str = include_str!("skeleton.toml");

/// Writes the file; never over another.
pub fn new(here: &Here<'_>, args: &New, output: &mut Output) -> Done {
    check_id(&args.id).map_err(Failure::usage)?;
    let project = here.project()?;
    let file = Project::file_of(&args.id);
    // Part by part, so that the path has the system's own separators when it is shown.
    let path = file.split('/').fold(project.root.clone(), |path, part| path.join(part));
    let refused = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("{file} is there already")),
        _ => Failure::usage(format!("{file} cannot be written: {error}")),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    let depth = args.id.split('/').count();
    let text = SKELETON.replace("SCHEMA", &format!("{}schema/scenario.json", "../".repeat(depth)));
    let mut new = OpenOptions::new().write(true).create_new(true).open(&path).map_err(refused)?;
    new.write_all(text.as_bytes()).map_err(refused)?;
    output.data(&format!("{}\n", path.display()))?;
    output.note(&format!("edit it, then: {} run --exact {}\n", program(here.root), args.id));
    Ok(ExitCode::Success)
}
