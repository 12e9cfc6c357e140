//! The same for programs: one JSON document a run, or one object a line.
//!
//! A document is
//!
//! ```json
//! {
//!   "version": 1, "harness": "0.1.0",
//!   "platform": { "name": "linux", "system": "linux", "version": "6.18.44", "release": "6.18.44" },
//!   "elapsed_us": 1240000, "counts": { "pass": 51, "fail": 1 },
//!   "scenarios": [], "bad_files": [], "not_run": []
//! }
//! ```
//!
//! and `scenarios` holds, sorted by id, objects of this shape:
//!
//! ```json
//! {
//!   "id": "udp/recv/truncation", "title": "…", "file": "scenarios/udp/recv/truncation.toml",
//!   "verdict": "fail", "record": null, "reason": null, "elapsed_us": 312, "runs": 1,
//!   "steps": [{
//!     "call": "rx.recv_from(max=1024)", "line": 12, "column": 18,
//!     "claim": "data = fill 1024, truncated = true", "standing": "broken",
//!     "broken": ["truncated = true"], "answer": "fill 1024, from tx",
//!     "outcome": {
//!       "end": "ok", "elapsed_us": 9,
//!       "facts": { "len": 1024, "data": { "len": 1024, "hex": "0001…", "cut": true }, "from": "tx" }
//!     }
//!   }],
//!   "trace": "rx.open(udp4) = ok\n…"
//! }
//! ```
//!
//! `verdict` is a word of [`Verdict::ALL`](crate::verdict::Verdict::ALL); `record` is `same`,
//! `drifted` (then `record_diff` holds the lines), `new` or `none`, and null where no record was
//! asked for. A step that the run did not come to has no `outcome`. `end` is `ok`, `eof`, `pending`,
//! `timeout` or `error`, the latter with `error` (one name on all systems) and `number` (this
//! system's). Received bytes are `text` where they are UTF-8 and short, else `hex`, of which no more
//! than the first 256 bytes are given (`cut`). With `repeat`, a step has `seen`: each answer and how
//! often it came.
//!
//! On lines (`--format json-lines`), each object has `event` first: `scenario` with the fields
//! above and `platform`, in the order of completion; `bad_file`; `not_run`. A field that is added
//! leaves `version` as it is; one that changes its meaning does not.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::{Run, Tally, diff, plain};
use crate::check::Standing;
use crate::finding::{Finding, Reached, Step};
use crate::option::Value;
use crate::outcome::{End, Fact, Outcome, show_state};
use crate::platform::{Platform, System};
use crate::record::Status;
use crate::suite::BadFile;

/// The version of the shape above.
pub const VERSION: u32 = 1;

/// The document of a whole run.
pub fn document(run: &Run<'_>) -> String {
    let mut tally = Tally::default();
    run.findings.iter().for_each(|finding| tally.add(finding.verdict));
    let counts: Map<String, Json> =
        tally.counts().map(|(verdict, count)| (verdict.name().to_owned(), count.into())).collect();
    let document = json!({
        "version": VERSION,
        "harness": env!("CARGO_PKG_VERSION"),
        "platform": platform(run.platform),
        "elapsed_us": micros(run.elapsed),
        "counts": counts,
        "scenarios": run.findings.iter().map(scenario).collect::<Vec<_>>(),
        "bad_files": run.bad_files.iter().map(bad_file).collect::<Vec<_>>(),
        "not_run": run.not_run,
    });
    format!("{document:#}\n")
}

/// One case, on a line of its own.
pub fn scenario_line(finding: &Finding, on: &Platform) -> String {
    line("scenario", &[("platform", platform(on))], scenario(finding))
}

/// One file with mistakes, on a line of its own.
pub fn bad_file_line(bad: &BadFile) -> String {
    line("bad_file", &[], bad_file(bad))
}

/// One case that was not run, on a line of its own.
pub fn not_run_line(id: &str) -> String {
    line("not_run", &[("id", id.into())], Map::new())
}

fn line(event: &str, fields: &[(&str, Json)], object: Map<String, Json>) -> String {
    let mut all = Map::new();
    all.insert("event".to_owned(), event.into());
    all.extend(object);
    all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    format!("{}\n", Json::Object(all))
}

fn object(fields: impl IntoIterator<Item = (&'static str, Json)>) -> Map<String, Json> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn platform(platform: &Platform) -> Json {
    json!({
        "name": platform.name(),
        "system": platform.system.name(),
        "version": platform.version.to_string(),
        "release": platform.release,
    })
}

fn scenario(finding: &Finding) -> Map<String, Json> {
    let steps = finding.steps.iter().map(|it| step(it, finding.system));
    let mut fields = object([
        ("id", finding.id.as_str().into()),
        ("title", finding.title.as_str().into()),
        ("file", finding.file.as_str().into()),
        ("verdict", finding.verdict.name().into()),
        ("record", finding.record.as_ref().map(Status::name).into()),
        ("reason", finding.reason.as_deref().into()),
        ("elapsed_us", micros(finding.elapsed)),
        ("runs", finding.runs.into()),
        ("steps", steps.collect()),
        ("trace", finding.trace.as_str().into()),
    ]);
    if !finding.programs.is_empty() {
        let told = finding.programs.iter().map(|(name, told)| (name.clone(), told.as_str().into()));
        fields.insert("programs".to_owned(), Json::Object(told.collect()));
    }
    if let Some(Status::Drifted { recorded, now }) = &finding.record {
        let lines = plain(&diff::lines(recorded, now));
        fields.insert("record_diff".to_owned(), lines.lines().collect());
    }
    fields
}

fn step(step: &Step, system: System) -> Json {
    let mut fields = object([
        ("call", step.call.as_str().into()),
        ("line", step.line.into()),
        ("column", step.column.into()),
        ("claim", step.claim.as_deref().into()),
    ]);
    if let Some(reached) = &step.reached {
        fields.extend(answered(reached, system));
    }
    if !step.seen.is_empty() {
        let seen =
            step.seen.iter().map(|(answer, times)| json!({ "answer": answer, "times": times }));
        fields.insert("seen".to_owned(), seen.collect());
    }
    Json::Object(fields)
}

fn answered(reached: &Reached, system: System) -> Map<String, Json> {
    let mut fields = object([("standing", standing(reached.standing).into())]);
    if !reached.broken.is_empty() {
        fields.insert("broken".to_owned(), reached.broken.as_slice().into());
    }
    fields.insert("answer".to_owned(), reached.answer.as_str().into());
    fields.insert("outcome".to_owned(), outcome(&reached.outcome, system));
    fields
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Unclaimed => "unclaimed",
        Standing::Held => "held",
        Standing::HeldUnexpectedly => "held-unexpectedly",
        Standing::KnownDeviation => "known-deviation",
        Standing::NotRecommended => "not-recommended",
        Standing::Untimely => "untimely",
        Standing::Broken => "broken",
    }
}

fn outcome(outcome: &Outcome, system: System) -> Json {
    let mut fields = match outcome.end {
        End::Ok => object([("end", "ok".into())]),
        End::Eof => object([("end", "eof".into())]),
        End::Pending => object([("end", "pending".into())]),
        End::Timeout => object([("end", "timeout".into())]),
        End::Error(errno) => object([
            ("end", "error".into()),
            ("error", errno.name().into()),
            ("number", errno.number(system).into()),
        ]),
    };
    fields.insert("elapsed_us".to_owned(), micros(outcome.elapsed));
    let facts = outcome.facts.iter().map(|it| (it.field().name().to_owned(), fact(it)));
    fields.insert("facts".to_owned(), Json::Object(facts.collect()));
    Json::Object(fields)
}

fn fact(fact: &Fact) -> Json {
    match fact {
        Fact::Len(len) => (*len).into(),
        Fact::Data(data) => bytes(data),
        Fact::From(name) | Fact::Address(name) => name.as_str().into(),
        Fact::Truncated(cut) => (*cut).into(),
        Fact::Value(it) => value(it),
        Fact::State(state) => show_state(*state).into(),
        Fact::Events(names) | Fact::Sets(names) | Fact::Flags(names) => names.as_slice().into(),
        Fact::Frames(frames) => frames.iter().map(|frame| bytes(frame)).collect(),
        Fact::Control(items) | Fact::Ready(items) => items.as_slice().into(),
    }
}

fn value(it: &Value) -> Json {
    match it {
        Value::Bool(on) => (*on).into(),
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(data) => bytes(data),
        Value::Record(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), value(field))).collect()
        }
    }
}

/// Reports are read by people too: nobody reads more than this of a payload.
const SHOWN_BYTES: usize = 256;

fn bytes(data: &[u8]) -> Json {
    let cut = data.len() > SHOWN_BYTES;
    let text = std::str::from_utf8(data).ok().filter(|text| !cut && !text.contains('\0'));
    if let Some(text) = text {
        return json!({ "len": data.len(), "text": text });
    }
    let mut hex = String::new();
    for byte in data.iter().take(SHOWN_BYTES) {
        let _ = write!(hex, "{byte:02x}");
    }
    json!({ "len": data.len(), "hex": hex, "cut": cut })
}

fn bad_file(bad: &BadFile) -> Map<String, Json> {
    let problems = bad.problems.iter().map(|problem| {
        let before = bad.text.get(..problem.span.start).unwrap_or(&bad.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        json!({ "line": line, "column": column, "message": problem.message, "help": problem.help })
    });
    object([("file", bad.file.as_str().into()), ("problems", problems.collect())])
}

fn micros(time: Duration) -> Json {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).into()
}
