//! The schema of `peers`: roles, what a peer sends and when, how it reads, what goes wrong.

use serde_json::{Value as Json, json};

use super::described;
use crate::op::form::{list, payload_keys, refer, words};
use crate::peer::spec::Then;

/// One value, or one drawn from the seed between two.
fn drawn(value: &str) -> Json {
    let between = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["between"],
        "properties": {
            "between": described(
                "From the first to the second, drawn anew each time from the peer's seed.",
                json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": refer(value) }),
            ),
        },
    });
    json!({ "anyOf": [refer(value), between] })
}

fn table(about: &str, properties: &Json) -> Json {
    json!({
        "description": about,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn chunk() -> Json {
    described("At most so many bytes a send; all at once where not given.", drawn("size"))
}

fn gap() -> Json {
    described("The time between two sends.", drawn("duration"))
}

/// A peer.
pub fn peer() -> Json {
    let mut properties = json!({
        "connect": described("Whom it connects to.", refer("address")),
        "listen": described("The address on which it listens. Every connection runs the whole script.", refer("address")),
        "bind": described("Its address, from which it sends datagrams and receives them.", refer("address")),
        "to": described("With `bind`: where its datagrams go. An echo goes back to the sender.", refer("address")),
        "kind": described("Its kind; that of the socket it connects to where not given, else `tcp4` or `udp4`.", refer("kind")),
        "backlog": described("With `listen`: how many connections may wait to be accepted.", refer("number")),
        "rcvbuf": described("`SO_RCVBUF`, set before it connects or listens.", refer("size")),
        "sndbuf": described("`SO_SNDBUF`, set before it connects or listens.", refer("size")),
        "nodelay": described("`TCP_NODELAY`: on where not given, so that each send is a segment.", refer("truth")),
        "framing": described("How its frames are marked. Goes with `frames`, or makes each item of `send` a frame.", refer("framing")),
        "frames": described("The frames it sends. Goes with `framing`.", refer("payloads")),
        "send": described("What it sends one after the other, each a payload or a table.", list(&json!({ "anyOf": [refer("payload"), refer("part")] }))),
        "chunk": chunk(),
        "gap": gap(),
        "echo": described("Whether it sends back whatever arrives, after the rest.", refer("truth")),
        "read": described("How it reads: not at all where not given, but where `echo`, `after` or a fault needs it.", json!({ "anyOf": [refer("truth"), refer("reading")] })),
        "faults": described("What goes wrong on the way from it.", refer("faults")),
        "then": described(
            "What it does when all is sent: keep the connection, shut down its sending side, close, or reset the connection.",
            words(&Then::WORDS),
        ),
        "seed": described("What everything drawn is drawn from; 0 where not given.", refer("number")),
    });
    for (key, form) in payload_keys() {
        properties[key] = form;
    }
    json!({
        "description": "A socket with a script of its own: it connects, listens or is bound, sends and reads on a schedule, and ends as `then` says.",
        "type": "object",
        "additionalProperties": false,
        "oneOf": [{ "required": ["connect"] }, { "required": ["listen"] }, { "required": ["bind"] }],
        "properties": properties,
        "dependencies": { "frames": ["framing"], "offset": ["fill"], "to": ["bind"], "backlog": ["listen"] },
    })
}

/// An item of `send`.
pub fn part() -> Json {
    let mut properties = json!({
        "at": described("It is sent so long after the connection was made.", refer("duration")),
        "after": described(
            "It is sent after so many bytes have arrived, or after the other side's end.",
            json!({ "anyOf": [refer("size"), words(&["eof"])] }),
        ),
        "chunk": chunk(),
        "gap": gap(),
    });
    for (key, form) in payload_keys() {
        properties[key] = form;
    }
    let about = "What is sent, and what for it waits for; only a wait where nothing is to be sent.";
    table(about, &properties)
}

/// How a peer reads, as a table.
pub fn reading() -> Json {
    let pause = table(
        "A rest of `time` after each `every` bytes.",
        &json!({
            "every": described("After so many bytes.", refer("size")),
            "time": described("How long.", refer("duration")),
        }),
    );
    table(
        "How it reads.",
        &json!({
            "max": described("The buffer of each receive; 64 KiB where not given.", refer("size")),
            "delay": described("The time before the first receive.", refer("duration")),
            "gap": described("The time between two receives.", refer("duration")),
            "pause": pause,
            "rate": described("At most so many bytes a second.", refer("size")),
        }),
    )
}

/// What goes wrong.
pub fn faults() -> Json {
    let mark = || {
        let received = table(
            "Where it is.",
            &json!({
                "sent": described("After so many bytes sent.", refer("size")),
                "received": described("After so many bytes received.", refer("size")),
            }),
        );
        json!({ "anyOf": [refer("size"), received] })
    };
    let pick = || {
        let numbers = json!({ "type": "array", "items": { "type": "integer", "minimum": 1 } });
        json!({ "anyOf": [numbers, { "type": "string", "pattern": "^(100|[0-9]{1,2})%$" }] })
    };
    let slice = table(
        "Chunks of `size` bytes, give or take the variation, with the delay between them.",
        &json!({
            "size": described("The size of a chunk.", refer("size")),
            "variation": described("How much more or less.", refer("size")),
            "delay": described("The time between two.", refer("duration")),
        }),
    );
    let latency = table(
        "How late.",
        &json!({
            "time": described("So much.", refer("duration")),
            "jitter": described("Give or take.", refer("duration")),
        }),
    );
    let latency = json!({ "anyOf": [refer("duration"), latency] });
    table(
        "What goes wrong on the way from it.",
        &json!({
            "slice": slice,
            "latency": described("Each send is so much later; their order stays.", latency),
            "bandwidth": described("At most so many bytes a second are sent.", refer("size")),
            "slow_close": described("The time from the last send to the end.", refer("duration")),
            "reset_after": described("The connection is reset after so many bytes.", mark()),
            "limit_data": described("It is closed after so many bytes.", mark()),
            "half_close_after": described("Its sending side is shut down after so many bytes.", mark()),
            "stall_after": described("It goes silent after so many bytes, and stays connected.", mark()),
            "drop": described("Datagrams that are not sent: their numbers from 1, or a part drawn from the seed.", pick()),
            "duplicate": described("Datagrams that are sent twice.", pick()),
            "reorder": described("Datagrams that change places with the one after them.", pick()),
        }),
    )
}
