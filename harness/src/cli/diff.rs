//! `sockdrill diff`: two platforms, or result files, beside each other.

use sockdrill::report::differences::{self, Compared};
use sockdrill::suite::Project;
use sockdrill::survey::gather::{GatherError, Source, gather};
use sockdrill::survey::{self, Origin, Survey};
use sockdrill::verdict::ExitCode;

use super::args::{Diff, Document, Filters};
use super::output::Output;
use super::select::{file_ids, nothing, show_bad};
use super::{Done, Failure, Here};

/// Compares two.
pub fn diff(here: &Here<'_>, args: &Diff, output: &mut Output) -> Done {
    let project = here.project()?;
    let sources = [args.first.clone(), args.second.clone()];
    let survey = survey_of(&project, &sources, &args.filters, output)?;
    if let Some(column) = survey.columns.iter().find(|column| column.origin == Origin::Documented) {
        let name = &column.name;
        let message = format!(
            "nothing is recorded for {name} yet, so there is nothing to compare\n\
             what the documents say: sockdrill matrix --on {name}"
        );
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    let compared = Compared {
        columns: [&survey.columns[0], &survey.columns[1]],
        differences: &survey::differences(&survey, 0, 1),
        all: args.all,
    };
    output.data(&match args.format {
        Document::Text => differences::text(&compared),
        Document::Markdown => differences::markdown(&compared),
        Document::Json => differences::json(&compared),
    })?;
    Ok(ExitCode::Success)
}

/// What is known of the claims that `filters` select.
pub fn survey_of(
    project: &Project,
    sources: &[Source],
    filters: &Filters,
    output: &mut Output,
) -> Result<Survey, Failure> {
    let ids = file_ids(project)?;
    let survey =
        gather(project, sources, |id| filters.select(id)).map_err(|error| match error {
            GatherError::BadFile(bad) => {
                show_bad(std::slice::from_ref(&*bad), output);
                Failure::new(ExitCode::BadFile, "nothing is compared while a file has mistakes")
            }
            GatherError::Result { .. } => Failure::usage(error.to_string()),
            GatherError::Scenarios(_) | GatherError::Record(_) => {
                Failure::new(ExitCode::Unjudged, error.to_string())
            }
        })?;
    if survey.claims.is_empty() {
        return Err(nothing(&filters.filters.join(" "), &ids));
    }
    Ok(survey)
}
