//! The matrix for programs, and for the page.
//!
//! ```json
//! {
//!   "version": 1, "harness": "0.1.0",
//!   "columns": [{ "name": "linux", "origin": "recorded", "release": "6.18.44" }],
//!   "scenarios": [{
//!     "id": "udp/recv/truncation", "title": "…", "about": "…", "area": "udp/recv",
//!     "file": "scenarios/udp/recv/truncation.toml", "see": ["udp(7)"],
//!     "steps": [{ "call": "rx.recv_from(1024)", "line": 18, "why": "…" }],
//!     "cells": [{
//!       "state": "pass", "differs": false, "reason": null, "link": null,
//!       "claims": ["fill 1024, truncated"], "answers": ["fill 1024, from tx, truncated"],
//!       "beside": [["peer.connect(rx)", "ok"]]
//!     }]
//!   }]
//! }
//! ```
//!
//! `cells` are in the order of `columns`; `claims` and `answers` in that of `steps`. `state` is a
//! verdict, `documented` or `none`; `origin` is `recorded`, `run` or `documented`.

use serde_json::{Value as Json, json};

use super::super::differences::{column, state_name};
use super::super::json::VERSION;
use crate::survey::{Claim, Step, Survey};

/// The document.
pub fn json(survey: &Survey) -> String {
    format!("{:#}\n", document(survey))
}

pub(super) fn document(survey: &Survey) -> Json {
    json!({
        "version": VERSION,
        "harness": env!("CARGO_PKG_VERSION"),
        "columns": survey.columns.iter().map(column).collect::<Vec<Json>>(),
        "scenarios": survey.claims.iter().map(claim).collect::<Vec<Json>>(),
    })
}

fn claim(claim: &Claim) -> Json {
    let step = |step: &Step| json!({ "call": step.call, "line": step.line, "why": step.why });
    let cells = claim.cells.iter().enumerate().map(|(at, cell)| {
        json!({
            "state": state_name(cell.state),
            "differs": claim.differs(at),
            "reason": cell.reason,
            "link": cell.link,
            "claims": cell.claims,
            "answers": cell.answers,
            "beside": cell.beside,
        })
    });
    json!({
        "id": claim.id,
        "title": claim.title,
        "about": claim.about,
        "area": claim.area(),
        "file": claim.file,
        "see": claim.see,
        "steps": claim.steps.iter().map(step).collect::<Vec<Json>>(),
        "cells": cells.collect::<Vec<Json>>(),
    })
}
