//! A minimal scenario beside the same calls made directly through socket2, and its round trip.
//!
//! `cargo bench -p sockdrill --bench minimal`; read the two lines of a group as a ratio.

mod common;

use criterion::{Criterion, criterion_group, criterion_main};
use sockdrill::net::{Alone, Net, Workshop};
use sockdrill::outcome::End;
use sockdrill::run::conduct;

fn minimal(c: &mut Criterion) {
    let mut group = c.benchmark_group("minimal");
    group.bench_function("socket2", |b| b.iter(common::raw_minimal));
    let plan = common::plan(common::MINIMAL);
    let settings = common::settings();
    let mut workshop = Workshop::default();
    group.bench_function("sockdrill", |b| {
        b.iter(|| {
            let trace = conduct(&plan, &mut Net::new(&plan, &mut workshop, &Alone), &settings);
            assert!(trace.events.iter().all(|event| event.outcome.end != End::Timeout));
            trace
        });
    });
    group.finish();
}

/// What a step costs beyond its calls: a hundred sends and receives of one byte, beside the same
/// calls made directly.
fn round_trips(c: &mut Criterion) {
    let mut group = c.benchmark_group("100 round trips");
    group.bench_function("socket2", |b| {
        let a = common::raw_alone();
        b.iter(|| common::raw_round_trips(&a, 100));
    });
    let plan = common::plan(&common::round_trips(100));
    let settings = common::settings();
    let mut workshop = Workshop::default();
    group.bench_function("sockdrill", |b| {
        b.iter(|| conduct(&plan, &mut Net::new(&plan, &mut workshop, &Alone), &settings));
    });
    group.finish();
}

criterion_group!(benches, minimal, round_trips);
criterion_main!(benches);
