//! `sockdrill snapshots`: this platform's records, and those that other machines made of theirs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sockdrill::platform::Platform;
use sockdrill::record::{self, Records};
use sockdrill::suite::Project;
use sockdrill::sys;
use sockdrill::verdict::ExitCode;

use super::args::{Accept, Filters, Snapshots, SnapshotsAction};
use super::output::Output;
use super::select::{Selection, select, show_bad};
use super::{Done, Failure, Here, program, records};

/// Does what is asked.
pub fn snapshots(here: &Here<'_>, args: &Snapshots, output: &mut Output) -> Done {
    let project = here.project()?;
    let platform = sys::identify();
    let records = records(&project, &platform);
    match &args.action {
        SnapshotsAction::Status => status(&project, &platform, &records, here, output),
        SnapshotsAction::Accept(accept) => match &accept.from {
            None => accept_waiting(&[records], accept, output),
            Some(folder) => accept_from(&project, folder, accept, output),
        },
        SnapshotsAction::Prune => prune(&project, &platform, &records, output),
    }
}

/// Everything there is, read.
fn all(project: &Project, platform: &Platform) -> Result<Selection, Failure> {
    select(project, platform, &Filters { filters: Vec::new(), exact: false })
}

fn status(
    project: &Project,
    platform: &Platform,
    records: &Records,
    here: &Here<'_>,
    output: &mut Output,
) -> Done {
    let selection = all(project, platform)?;
    let (accepted, waiting) = (records.accepted()?, records.waiting()?);
    let missing = selection.cases.iter().filter(|case| !records.path(&case.plan.id).exists());
    let mut text = format!(
        "{}: {} records for {} scenarios\n",
        platform.name(),
        accepted.len(),
        selection.cases.len()
    );
    for file in &waiting {
        let _ = writeln!(text, "waiting  {}", records.short_name(file));
    }
    for case in missing.filter(|case| !waiting.contains(&records.pending_path(&case.plan.id))) {
        let _ = writeln!(text, "missing  {}", case.plan.id);
    }
    if selection.bad.is_empty() {
        for file in orphans(&selection, records, &[accepted, waiting.clone()].concat()) {
            let _ = writeln!(text, "orphan   {}", records.short_name(&file));
        }
    }
    output.data(&text)?;
    if !waiting.is_empty() {
        output.note(&format!(
            "to look at what waits: cargo insta review; to accept it: {} snapshots accept\n",
            program(here.root)
        ));
    }
    show_bad(&selection.bad, output);
    Ok(if selection.bad.is_empty() { ExitCode::Success } else { ExitCode::BadFile })
}

/// Those of `files` that belong to no scenario and cell.
fn orphans(selection: &Selection, records: &Records, files: &[PathBuf]) -> Vec<PathBuf> {
    let ids = || selection.cases.iter().map(|case| case.plan.id.as_str());
    let known: BTreeSet<PathBuf> =
        ids().map(|id| records.path(id)).chain(ids().map(|id| records.pending_path(id))).collect();
    files.iter().filter(|file| !known.contains(*file)).cloned().collect()
}

/// Accepts what waits in a folder that was filled elsewhere.
fn accept_from(project: &Project, folder: &Path, args: &Accept, output: &mut Output) -> Done {
    let folder = std::path::absolute(folder)?;
    let all = Records::waiting_in(project, &folder)?;
    if all.is_empty() {
        let message = format!(
            "nothing waits in {}: it would be {}/{}/PLATFORM/ID.snap.new",
            folder.display(),
            folder.display(),
            record::FOLDER
        );
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    accept_waiting(&all, args, output)
}

/// Accepts what waits for these platforms: all of it, or what the filters mean.
fn accept_waiting(all: &[Records], args: &Accept, output: &mut Output) -> Done {
    let mut waiting = Vec::new();
    for records in all {
        waiting.extend(records.waiting()?.into_iter().map(|file| (records, file)));
    }
    let matches = |filter: &str, (records, file): &(&Records, PathBuf)| {
        records.short_name(file).contains(filter)
    };
    let nothing = |filter: &&String| !waiting.iter().any(|one| matches(filter, one));
    if let Some(filter) = args.filters.iter().find(nothing) {
        let platforms: Vec<&str> = all.iter().map(Records::platform).collect();
        let platforms = platforms.join(", ");
        let message =
            format!("nothing waits to be accepted for {platforms} that matches `{filter}`");
        return Err(Failure::new(ExitCode::NothingSelected, message));
    }
    let selected = |one: &&(&Records, PathBuf)| {
        args.filters.is_empty() || args.filters.iter().any(|filter| matches(filter, one))
    };
    let selected: Vec<_> = waiting.iter().filter(selected).collect();
    for (records, file) in &selected {
        records.accept(file)?;
        output.data(&format!("accepted {}\n", records.short_name(file)))?;
    }
    for records in all {
        let of = |one: &&&(&Records, PathBuf)| one.0.platform() == records.platform();
        let count = selected.iter().filter(of).count();
        output.note(&format!("{count} accepted for {}\n", records.platform()));
    }
    Ok(ExitCode::Success)
}

/// Which records are nobody's is known only where every file can be read.
fn prune(project: &Project, platform: &Platform, records: &Records, output: &mut Output) -> Done {
    let selection = all(project, platform)?;
    if !selection.bad.is_empty() {
        show_bad(&selection.bad, output);
        let message =
            "nothing was removed: whose records are whose is told only by files without mistakes";
        return Err(Failure::new(ExitCode::BadFile, message));
    }
    let files = [records.accepted()?, records.waiting()?].concat();
    let orphans = orphans(&selection, records, &files);
    for file in &orphans {
        records.remove(file)?;
        output.data(&format!("removed  {}\n", records.short_name(file)))?;
    }
    output.note(&format!("{} removed for {}\n", orphans.len(), platform.name()));
    Ok(ExitCode::Success)
}
