//! Parse, check and lower a file of 60 lines, beside toml's own reading of it; and what recording
//! an event costs.
//!
//! `cargo bench -p sockdrill --bench parse`

mod common;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sockdrill::outcome::Outcome;
use sockdrill::plan::{Action, PlannedPeer, lower};
use sockdrill::run::{Backend, CannotLook, Progress, TaskId, conduct};
use sockdrill::scenario::parse;
use sockdrill::sys;
use sockdrill::trace::PeerTrace;
use toml::de::DeTable;

/// A scenario of 60 lines.
fn sixty_lines() -> String {
    let head = concat!(
        "#:schema ../../schema/scenario.json\n",
        "# Verified: that a reader takes what there is.\n",
        "title = \"Sixty lines\"\n",
        "see = [\"RFC 9293 section 3.8\", \"recv(2)\"]\n\n",
        "sockets.server = { kind = \"tcp4\", listen = \"loopback:0\" }\n",
        "sockets.client = { kind = \"tcp4\", connect = \"server\", nodelay = true }\n\n",
        "[[step]]\nserver.accept = \"conn\"\n\n",
    );
    let step = concat!(
        "[[step]]\nclient.send = \"HELLO\"\n\n",
        "[[step]]\nconn.recv = { max = 64, within = \"2s\" }\n",
        "expect.linux = { data = \"HELLO\", len = 5 }\n",
        "why = \"One send, one receive.\"\n\n",
    );
    format!("{head}{}", step.repeat(6))
}

fn files(c: &mut Criterion) {
    let text = sixty_lines();
    assert!((58..=62).contains(&text.lines().count()), "{} lines", text.lines().count());
    let platform = sys::identify();
    let mut group = c.benchmark_group("a file of 60 lines");
    group.throughput(Throughput::Elements(1));
    group.bench_function("toml DeTable", |b| b.iter(|| DeTable::parse(&text).expect("TOML")));
    group.bench_function("parse, check, lower", |b| {
        b.iter(|| {
            let scenarios = parse("bench", &text).expect("a good file");
            scenarios.into_iter().map(|one| lower(one, &text, &platform)).collect::<Vec<_>>()
        });
    });
    group.finish();
}

/// A thousand steps without any call: two clock reads, a claim checked and a push each.
fn events(c: &mut Criterion) {
    let plan = common::plan(&common::round_trips(500));
    let settings = common::settings();
    let mut group = c.benchmark_group("recording");
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("1,000 events, no calls", |b| {
        b.iter(|| conduct(&plan, &mut Nothing, &settings));
    });
    group.bench_function("1,000 clock reads and pushes", |b| {
        b.iter(|| {
            let mut times = Vec::new();
            (0..1_000).for_each(|_| times.push(Instant::now()));
            times
        });
    });
    group.finish();
}

/// A backend that answers at once and does nothing.
struct Nothing;

impl Backend for Nothing {
    fn start(&mut self, _: &Action) -> Result<Progress, CannotLook> {
        Ok(Progress::Done(Outcome::ok(Vec::new())))
    }

    fn settle(&mut self, _: TaskId) -> Result<Progress, CannotLook> {
        Err(CannotLook("nothing is ever pending".to_owned()))
    }

    fn wait(&mut self, _: &[TaskId], _: Instant) -> Result<(), CannotLook> {
        Ok(())
    }

    fn interrupt(&mut self, _: TaskId, _: bool) -> Result<(), CannotLook> {
        Ok(())
    }

    fn abandon(&mut self, _: TaskId) {}

    fn open_peer(&mut self, _: &PlannedPeer) -> Result<(), CannotLook> {
        Ok(())
    }

    fn start_peers(&mut self) -> Result<(), CannotLook> {
        Ok(())
    }

    fn move_peers(&mut self) -> Result<bool, CannotLook> {
        Ok(false)
    }

    fn peers_due(&self) -> Option<Instant> {
        None
    }

    fn hang_up(&mut self) -> bool {
        false
    }

    fn end_peers(&mut self) -> Vec<PeerTrace> {
        Vec::new()
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn starved(&self) -> Option<Duration> {
        None
    }
}

criterion_group!(benches, files, events);
criterion_main!(benches);
