//! Fills a survey: reads scenario files, records and result files. The edge of `survey`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{Claim, Column, Origin, Survey, Told, about, cell, steps};
use crate::plan::{Plan, lower};
use crate::platform::{self, Platform, Version};
use crate::record::{RecordError, Records};
use crate::report::json;
use crate::scenario::Scenario;
use crate::suite::{BadFile, Project};
use crate::verdict::Verdict;

/// Where a column's answers are to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The records of that platform.
    Platform(&'static str),
    /// What `run --report json=FILE` wrote.
    File(PathBuf),
}

impl Source {
    /// A platform's name, or else a file. The error lists what is accepted.
    pub fn parse(text: &str) -> Result<Source, String> {
        if let Some(name) = platform::ALL.into_iter().find(|name| *name == text) {
            return Ok(Source::Platform(name));
        }
        let path = PathBuf::from(text);
        let looks_like_a_file = path.is_file() || text.contains(['/', '\\', '.']);
        if looks_like_a_file {
            return Ok(Source::File(path));
        }
        let platforms = platform::ALL.join(", ");
        Err(format!("accepted: {platforms}, or a file of `run --report json=FILE`"))
    }
}

/// Why a survey could not be made.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The scenarios cannot be listed.
    #[error("the scenarios cannot be read: {0}")]
    Scenarios(std::io::Error),
    /// A scenario file has mistakes.
    #[error("{} has mistakes", .0.file)]
    BadFile(Box<BadFile>),
    /// A record cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A result file cannot be read, or is none.
    #[error("{}: {why}", path.display())]
    Result {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The claims that `select` takes by their ids, with what each source says of them. Mistakes in
/// files that are not selected do not matter.
pub fn gather(
    project: &Project,
    sources: &[Source],
    select: impl Fn(&str) -> bool,
) -> Result<Survey, GatherError> {
    let mut scenarios = Vec::new();
    for id in project.ids().map_err(GatherError::Scenarios)? {
        let (text, cells) = match project.scenarios(&id) {
            Ok(read) => read,
            Err(bad) if select(&id) => return Err(GatherError::BadFile(Box::new(bad))),
            Err(_) => continue,
        };
        let wanted: Vec<Scenario> = cells.into_iter().filter(|one| select(&one.id)).collect();
        if !wanted.is_empty() {
            scenarios.push((Project::file_of(&id), text, wanted));
        }
    }
    let ids: Vec<&str> =
        scenarios.iter().flat_map(|(_, _, all)| all).map(|one| one.id.as_str()).collect();
    let answers: Vec<Answers> = sources
        .iter()
        .map(|source| Answers::read(project, source, &ids))
        .collect::<Result<_, _>>()?;
    let mut claims = Vec::new();
    for (file, text, all) in &scenarios {
        claims.extend(all.iter().map(|scenario| claim(scenario, file, text, &answers)));
    }
    Ok(Survey { columns: answers.into_iter().map(|one| one.column).collect(), claims })
}

fn claim(scenario: &Scenario, file: &str, text: &str, answers: &[Answers]) -> Claim {
    let plan = |platform: &Platform| lower(scenario.clone(), text, platform);
    let plans: Vec<Plan> = answers.iter().map(|one| plan(&one.platform)).collect();
    let told = answers.iter().map(|one| one.told.get(&scenario.id));
    Claim {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        about: about(text),
        see: scenario.see.clone(),
        file: file.to_owned(),
        steps: plans.first().map(steps).unwrap_or_default(),
        cells: plans.iter().zip(told).map(|(plan, told)| cell(plan, told)).collect(),
    }
}

/// What one source says, by id.
struct Answers {
    column: Column,
    platform: Platform,
    told: BTreeMap<String, Told>,
}

impl Answers {
    fn read(project: &Project, source: &Source, ids: &[&str]) -> Result<Answers, GatherError> {
        match source {
            Source::Platform(name) => Answers::recorded(project, name, ids),
            Source::File(path) => {
                let failed = |why| GatherError::Result { path: path.clone(), why };
                let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
                Answers::of_a_run(path, &text).map_err(failed)
            }
        }
    }

    fn recorded(project: &Project, name: &str, ids: &[&str]) -> Result<Answers, GatherError> {
        let records = Records::open(project, name, None);
        let mut told = BTreeMap::new();
        let mut releases = Vec::new();
        for id in ids {
            let Some(record) = records.read(id)? else { continue };
            releases.push(record.release);
            if let Some(verdict) = record.verdict {
                told.insert((*id).to_owned(), Told { verdict, transcript: record.contents });
            }
        }
        let by_version = |release: &String| Version::parse(release);
        let newest = releases.into_iter().max_by(|one, other| {
            by_version(one).partial_cmp(&by_version(other)).unwrap_or(std::cmp::Ordering::Equal)
        });
        let origin = if newest.is_some() { Origin::Recorded } else { Origin::Documented };
        let platform = match &newest {
            Some(release) => Platform::named(name, release),
            None => Platform::newest(name),
        };
        let platform = platform.expect("one of platform::ALL");
        let release = newest.unwrap_or_default();
        Ok(Answers { column: Column { name: name.to_owned(), origin, release }, platform, told })
    }

    fn of_a_run(path: &Path, text: &str) -> Result<Answers, String> {
        const WHAT: &str = "is no result of `run --report json=FILE`";
        let document: Json =
            serde_json::from_str(text).map_err(|error| format!("{WHAT}: {error}"))?;
        if document["version"] != json::VERSION {
            return Err(format!(
                "{WHAT} of this version: its `version` is {}",
                document["version"]
            ));
        }
        let word = |value: &Json| value.as_str().map(str::to_owned);
        let told = |scenario: &Json| {
            let verdict = Verdict::from_name(scenario["verdict"].as_str()?)?;
            Some((word(&scenario["id"])?, Told { verdict, transcript: word(&scenario["trace"])? }))
        };
        let scenarios = document["scenarios"].as_array();
        let told: Option<BTreeMap<_, _>> =
            scenarios.and_then(|scenarios| scenarios.iter().map(told).collect());
        let release = word(&document["platform"]["release"]);
        let platform = document["platform"]["name"]
            .as_str()
            .zip(release.as_deref())
            .and_then(|(name, release)| Platform::named(name, release));
        let (Some(told), Some(platform), Some(release)) = (told, platform, release) else {
            return Err(format!("{WHAT}: a field is missing"));
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Answers { column: Column { name, origin: Origin::Run, release }, platform, told })
    }
}
