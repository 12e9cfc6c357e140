//! After every scenario, and after every peer of the library, nothing is left: no thread, no
//! descriptor, no temporary path.
//!
//! A binary of its own with one test: it counts what the whole process holds.

use std::path::Path;
use std::time::{Duration, Instant};

use sockdrill::capability::Capabilities;
use sockdrill::peer::{Group, Timing, tcp};
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

/// Peers that talk to each other, on threads of their own and on a shared one.
fn a_hundred_peers() {
    let group = Group::start(Timing::Economy).expect("a thread");
    for _ in 0..25 {
        let server = tcp().listen().echo().start().expect("a peer");
        let client = tcp().connect(server.addr()).send("ping").start_in(&group).expect("a peer");
        assert_eq!(client.wait_received(4).expect("the echo"), b"ping");
        let server = tcp().listen().send("ping").start_in(&group).expect("a peer");
        let client = tcp().connect(server.addr()).start().expect("a peer");
        assert_eq!(client.wait_received(4).expect("what was sent"), b"ping");
    }
}

#[test]
fn a_thousand_runs_and_a_hundred_peers_leave_nothing_behind() {
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
    a_hundred_peers();
    assert_eq!(held_at_last(before), before, "descriptors and threads of peers");
    assert_eq!(folders(), Vec::<String>::new(), "temporary folders");
}
