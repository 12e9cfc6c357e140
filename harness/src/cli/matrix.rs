//! `sockdrill matrix`: every claim on every platform.

use sockdrill::platform;
use sockdrill::report::matrix;
use sockdrill::survey::gather::Source;
use sockdrill::survey::{Claim, Survey};
use sockdrill::verdict::ExitCode;

use super::args::{Matrix, Page};
use super::diff::survey_of;
use super::output::Output;
use super::{Done, Failure, Here};

/// Shows it.
pub fn matrix(here: &Here<'_>, args: &Matrix, output: &mut Output) -> Done {
    let project = here.project()?;
    let every = || platform::ALL.into_iter().map(Source::Platform).collect();
    let columns = if args.columns.is_empty() { every() } else { args.columns.clone() };
    let mut survey = survey_of(&project, &columns, &args.filters, output)?;
    if args.different {
        keep_different(&mut survey)?;
    }
    output.data(&match args.format {
        Page::Text => matrix::text(&survey),
        Page::Markdown => matrix::markdown(&survey),
        Page::Json => matrix::json(&survey),
        Page::Html => matrix::html(&survey),
    })?;
    Ok(ExitCode::Success)
}

fn keep_different(survey: &mut Survey) -> Result<(), Failure> {
    let columns = survey.columns.len();
    let differs = |claim: &Claim| (0..columns).any(|column| claim.differs(column));
    survey.claims.retain(differs);
    if survey.claims.is_empty() {
        let message = "every platform that answers answers the same";
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    Ok(())
}
