//! Whole-process measurements, each beside its raw counterpart in the same run: throughput,
//! isolation, waits that overlap, memory over many runs.
//!
//! `cargo bench -p sockdrill --bench whole`. Prints ratios; asserts nothing but that every run
//! came out as claimed.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sockdrill::capability::Capabilities;
use sockdrill::suite::{Case, Options, run};
use sockdrill::sys;
use sockdrill::verdict::Verdict;

fn main() {
    // cargo bench passes --bench; a filter or --test has no meaning here.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    throughput(1, 10_000);
    throughput(cores, 10_000);
    isolated(cores, 2_000);
    overlapping(200);
    memory(cores, 100_000);
}

fn cases(text: &str, count: usize) -> Vec<Case> {
    let plan = common::plan(text);
    let file: Arc<str> = "bench.toml".into();
    (0..count).map(|_| Case { file: Arc::clone(&file), plan: plan.clone() }).collect()
}

/// Runs all, and how long that took.
fn timed(cases: &[Case], jobs: usize, isolate: bool) -> Duration {
    let options = Options { jobs, isolate, settings: common::settings() };
    let (since, mut passed) = (Instant::now(), 0);
    run(cases, &Capabilities::default(), &options, |_, judged| {
        assert_eq!(judged.verdict, Verdict::Pass, "{:?}", judged.reason);
        passed += 1;
    });
    assert_eq!(passed, cases.len());
    since.elapsed()
}

fn per_second(count: usize, elapsed: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / elapsed.as_secs_f64()
}

fn throughput(jobs: usize, count: usize) {
    let since = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| (0..count / jobs).for_each(|_| common::raw_minimal()));
        }
    });
    let raw = per_second(count, since.elapsed());
    let ours = per_second(count, timed(&cases(common::MINIMAL, count), jobs, false));
    println!(
        "minimal scenarios a second, {jobs} at once: raw {raw:.0}, sockdrill {ours:.0}, ratio {:.2}",
        raw / ours
    );
}

fn isolated(jobs: usize, count: usize) {
    if let Err(why) = sys::can_isolate() {
        println!("isolated: skipped, {why}");
        return;
    }
    let since = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                for _ in 0..count / jobs {
                    sys::isolate_thread().expect("a network namespace");
                    common::raw_minimal();
                }
            });
        }
    });
    let raw = per_second(count, since.elapsed());
    let ours = per_second(count, timed(&cases(common::MINIMAL, count), jobs, true));
    println!(
        "the same, a network namespace each: raw {raw:.0}, sockdrill {ours:.0}, ratio {:.2}",
        raw / ours
    );
}

fn overlapping(count: usize) {
    let since = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| sys::poll(&mut [], Some(Duration::from_millis(100))));
        }
    });
    let raw = since.elapsed();
    let ours = timed(&cases(common::WAITING, count), 2, false);
    let ratio = ours.as_secs_f64() / raw.as_secs_f64();
    println!("{count} waits of 100 ms: raw {raw:.0?}, sockdrill {ours:.0?}, ratio {ratio:.2}");
}

fn memory(jobs: usize, count: usize) {
    let batch = cases(common::MINIMAL, count / 100);
    let mut resident = Vec::new();
    for _ in 0..100 {
        timed(&batch, jobs, false);
        resident.push(sys::resident_memory().unwrap_or(0) / 1024);
    }
    let (after_ten, last) = (resident[9], resident[99]);
    println!(
        "resident memory in KiB: after {} runs {after_ten}, after {count} runs {last}",
        count / 10
    );
    println!("descriptors open: {}, threads: {}", sys::open_descriptors(), sys::thread_count());
}
