//! After every scenario nothing is left: no thread, no descriptor, no temporary path.
//!
//! A binary of its own with one test: it counts what the whole process holds.

use std::path::Path;
use std::time::{Duration, Instant};

use sockdrill::capability::Capabilities;
use sockdrill::run::{Cancel, Settings};
use sockdrill::suite::{Case, Options, Project, run};
use sockdrill::sys;
use sockdrill::verdict::Verdict;

/// Every scenario of the project, over and over.
const RUNS: usize = 1_000;

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root");
    let project = Project { root: root.to_owned() };
    let platform = sys::identify();
    let ids = project.ids().expect("the scenarios can be listed");
    let load = |id: &String| project.load(id, &platform).unwrap_or_else(|bad| panic!("{bad:?}"));
    ids.iter().flat_map(load).collect()
}

/// The folders of this process's runs that are there now.
fn folders() -> Vec<String> {
    let prefix = format!("sockdrill-{}-", std::process::id());
    let entries =
        std::fs::read_dir(std::env::temp_dir()).expect("the temporary folder can be read");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.starts_with(&prefix)).collect()
}

/// What the process holds, once it is `wanted`, or after seconds: the kernel takes a thread off its
/// list a moment after whoever joined it goes on.
fn held_at_last(wanted: (usize, usize)) -> (usize, usize) {
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        let held = (sys::open_descriptors(), sys::thread_count());
        if held == wanted || Instant::now() >= limit {
            return held;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_thousand_runs_leave_nothing_behind() {
    let suite = cases();
    assert!(suite.len() >= 50, "{} cases are not the suite", suite.len());
    let all: Vec<Case> = suite.iter().cycle().take(RUNS.max(suite.len() * 2)).cloned().collect();
    let capabilities = Capabilities::default();
    let settings = Settings { timeout_scale: 4.0, cancel: Cancel::default() };
    let options = Options { jobs: 8, isolate: false, settings };
    // Probes open what they keep, if anything, before the count.
    assert!(capabilities.all().count() > 0);
    let before = (sys::open_descriptors(), sys::thread_count());
    let mut broken = Vec::new();
    let mut done = 0;
    run(&all, &capabilities, &options, |index, judged| {
        done += 1;
        if judged.verdict == Verdict::Broken {
            broken.push(format!("{}: {:?}", all[index].plan.id, judged.reason));
        }
    });
    assert_eq!(done, all.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert_eq!(held_at_last(before), before, "descriptors and threads");
    assert_eq!(folders(), Vec::<String>::new(), "temporary folders");
}
