//! The schema of `expect` and `known`: outcomes, claims, platforms.

use serde_json::{Map, Value as Json, json};

use super::{described, systems};
use crate::errno::Errno;
use crate::op::form;
use crate::outcome::Field;
use crate::platform::NAMES;
use crate::scenario::{END_WORDS, RANGE_KEYS};

const VERSION: &str = "(<=|>=|<|>|=) *[0-9][0-9.]*";

/// The definitions that `#/definitions/expect` needs, and itself.
pub fn definitions() -> Vec<(String, Json)> {
    let refer = form::refer;
    let list = || {
        described(
            "Any of these outcomes will do.",
            json!({ "type": "array", "minItems": 1, "items": refer("alternative") }),
        )
    };
    let each = || {
        described(
            "Each of these outcomes is seen in at least one of the runs that `repeat` asks for, and no other.",
            json!({ "type": "array", "minItems": 1, "items": refer("alternative") }),
        )
    };
    let mut claims = claims();
    let alternative = json!({ "anyOf": [refer("word"), table(&claims)] });
    claims.insert("any_of".into(), list());
    claims.insert("each_of".into(), each());
    let outcome = json!({ "anyOf": [refer("word"), refer("claims"), list()] });
    let expect = json!({
        "description": "What a conforming system does: an outcome (`ok`, `eof`, `pending`, `timeout` or an error's name), a table of claims, a list of either, or one of these for each platform. Without it the operation has to succeed.",
        "anyOf": [refer("word"), refer("claims"), refer("platforms"), list()],
    });
    let named = [
        ("word", word()),
        ("error", error()),
        ("claims", table(&claims)),
        ("alternative", alternative),
        ("outcome", outcome),
        ("platforms", by_platform(&refer("outcome"))),
        ("expect", expect),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// `known`: listed deviations by platform.
pub fn known() -> Json {
    let text = |what: &str| described(what, json!({ "type": "string", "pattern": "\\S" }));
    let deviation = json!({
        "type": "object", "additionalProperties": false, "required": ["reason", "link"],
        "properties": {
            "reason": text("Why the platform breaks the claim."),
            "link": text("Where that can be read."),
        },
    });
    described(
        "Platforms known to break the claim. The step still runs; when the claim holds again, the verdict is `fixed`, which is red.",
        // A row of the matrix may say it.
        json!({ "anyOf": [form::refer("reference"), by_platform(&deviation)] }),
    )
}

/// A table of claims is never empty: plain success is `"ok"`.
fn table(properties: &Map<String, Json>) -> Json {
    json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties })
}

/// A table with a platform in each key, perhaps with versions: `"linux>=6.12"`.
fn by_platform(value: &Json) -> Json {
    let properties: Map<String, Json> =
        NAMES.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
    let versioned = format!("^({}) *{VERSION}( *, *{VERSION})*$", systems());
    json!({
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "properties": properties,
        "patternProperties": { versioned: value },
    })
}

/// An error by its POSIX or Winsock name.
fn error() -> Json {
    let names: Vec<String> = Errno::spellings().map(String::from).collect();
    json!({ "type": "string", "enum": names })
}

fn word() -> Json {
    let ends = END_WORDS.map(|(word, _)| word);
    json!({ "anyOf": [form::words(&ends), form::refer("error")] })
}

fn claims() -> Map<String, Json> {
    let mut claims: Map<String, Json> =
        Field::ALL.into_iter().map(|field| (field.name().to_owned(), claim(field))).collect();
    let more = [
        (
            "error",
            described(
                "The call fails with this error; success where neither `error` nor `end` is given.",
                form::refer("error"),
            ),
        ),
        (
            "end",
            described("How the operation ends, beside what else is claimed.", form::refer("word")),
        ),
        (
            "elapsed",
            described("The time from the call to its answer.", range(&form::refer("duration"))),
        ),
    ];
    claims.extend(more.into_iter().map(|(key, schema)| (key.to_owned(), schema)));
    claims
}

fn claim(field: Field) -> Json {
    let whole = || json!({ "type": "integer" });
    match field {
        Field::Len => described(
            "A number of bytes, as the call returned it: a number, or a range.",
            json!({ "anyOf": [whole(), range(&whole())] }),
        ),
        Field::Data => described("The bytes received.", form::payload()),
        Field::From => described("Who sent, or who connected: a socket's name.", form::text()),
        Field::Truncated => {
            described("Whether part of the message was cut off.", form::refer("truth"))
        }
        Field::Value => described(
            "A value asked for: itself, a range of numbers, or some fields of a record.",
            form::any_value(),
        ),
        Field::Address => {
            described("An address: the name of the socket that has it.", form::text())
        }
        Field::State => described(
            "The state of the TCP connection; `none` where the system has no such connection.",
            form::refer("state"),
        ),
        Field::Events => described(
            "What poll reported: just these events, or some.",
            names(&form::refer("events")),
        ),
        Field::Sets => described(
            "The sets in which select left the socket: just these, or some.",
            names(&form::refer("sets")),
        ),
        Field::Ready => described(
            "What epoll_wait told, in its order: the socket's name, then its events.",
            json!({ "type": "array", "items": form::text(), "examples": [["conn EPOLLIN|EPOLLOUT"]] }),
        ),
        Field::Flags => described(
            "Message flags on return, or a descriptor's own: just these, or some.",
            names(&form::refer("flags")),
        ),
        Field::Frames => described("Whole frames.", form::refer("payloads")),
        Field::Control => described(
            "Ancillary data received.",
            json!({ "type": "array", "items": form::text(), "examples": [["SCM_RIGHTS 1"]] }),
        ),
    }
}

/// `{ at_least = a }`, `{ at_most = b }` or `{ between = [a, b] }`.
fn range(end: &Json) -> Json {
    let [least, most, between] = RANGE_KEYS;
    json!({
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "properties": {
            least: described("The smallest that will do.", end.clone()),
            most: described("The largest that will do.", end.clone()),
            between: described("The smallest and the largest that will do.", json!({
                "type": "array", "items": end, "minItems": 2, "maxItems": 2,
            })),
        },
    })
}

/// A list of names, or `{ includes = […], excludes = […] }`.
fn names(list: &Json) -> Json {
    let some = json!({
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "properties": {
            "includes": described("These must be there, whatever else is.", list.clone()),
            "excludes": described("These must not be there.", list.clone()),
        },
    });
    json!({ "anyOf": [list, some] })
}
