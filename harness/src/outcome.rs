//! What the system answered to one operation.
//!
//! An outcome is how the operation ended and the facts that came with it; both, because systems
//! combine them differently: a receive that cuts a datagram ends well on Linux and in an error on
//! Windows, and brings the same bytes on both.
//!
//! Pure values. Ports, descriptors and paths are already names here.

use std::time::Duration;

use crate::errno::Errno;
use crate::option::Value;
use crate::payload;
use crate::platform::System;
use crate::tcp_state::TcpState;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The call succeeded.
    Ok,
    /// The stream ended: a receive gave no byte where at least one was asked for.
    Eof,
    /// Not complete; it goes on and may be joined.
    Pending,
    /// Not complete within the time that the step gave it.
    Timeout,
    /// The call failed.
    Error(Errno),
}

/// What an outcome may tell, by the word that a claim uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// A number of bytes, as the call returned it.
    Len,
    /// The bytes received.
    Data,
    /// Who sent, or who connected.
    From,
    /// Whether part of the message was cut off (`MSG_TRUNC` on return, or the error of Windows).
    Truncated,
    /// An option's value, or a number asked for.
    Value,
    /// An address, by the name of the socket that has it.
    Address,
    /// The state of a TCP connection.
    State,
    /// What poll reported.
    Events,
    /// The sets in which select left the socket.
    Sets,
    /// What `epoll_wait` told, in its order: `conn EPOLLIN|EPOLLOUT`.
    Ready,
    /// Message flags on return.
    Flags,
    /// Whole frames.
    Frames,
    /// Ancillary data received.
    Control,
}

impl Field {
    /// Every field, in the order of a transcript.
    pub const ALL: [Field; 13] = [
        Field::Len,
        Field::Data,
        Field::From,
        Field::Truncated,
        Field::Value,
        Field::Address,
        Field::State,
        Field::Events,
        Field::Sets,
        Field::Ready,
        Field::Flags,
        Field::Frames,
        Field::Control,
    ];

    /// The word in a claim.
    pub fn name(self) -> &'static str {
        match self {
            Field::Len => "len",
            Field::Data => "data",
            Field::From => "from",
            Field::Truncated => "truncated",
            Field::Value => "value",
            Field::Address => "address",
            Field::State => "state",
            Field::Events => "events",
            Field::Sets => "sets",
            Field::Ready => "ready",
            Field::Flags => "flags",
            Field::Frames => "frames",
            Field::Control => "control",
        }
    }
}

/// One thing an outcome tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// See [`Field::Len`].
    Len(u64),
    /// See [`Field::Data`].
    Data(Vec<u8>),
    /// See [`Field::From`].
    From(String),
    /// See [`Field::Truncated`].
    Truncated(bool),
    /// See [`Field::Value`].
    Value(Value),
    /// See [`Field::Address`].
    Address(String),
    /// See [`Field::State`]; `None` where the system's table has no such connection.
    State(Option<TcpState>),
    /// See [`Field::Events`].
    Events(Vec<&'static str>),
    /// See [`Field::Sets`].
    Sets(Vec<&'static str>),
    /// See [`Field::Ready`].
    Ready(Vec<String>),
    /// See [`Field::Flags`].
    Flags(Vec<&'static str>),
    /// See [`Field::Frames`].
    Frames(Vec<Vec<u8>>),
    /// See [`Field::Control`].
    Control(Vec<String>),
}

impl Fact {
    /// Which field this is.
    pub fn field(&self) -> Field {
        match self {
            Fact::Len(_) => Field::Len,
            Fact::Data(_) => Field::Data,
            Fact::From(_) => Field::From,
            Fact::Truncated(_) => Field::Truncated,
            Fact::Value(_) => Field::Value,
            Fact::Address(_) => Field::Address,
            Fact::State(_) => Field::State,
            Fact::Events(_) => Field::Events,
            Fact::Sets(_) => Field::Sets,
            Fact::Ready(_) => Field::Ready,
            Fact::Flags(_) => Field::Flags,
            Fact::Frames(_) => Field::Frames,
            Fact::Control(_) => Field::Control,
        }
    }

    /// As a transcript shows it; `None` for what goes without saying.
    pub fn show(&self) -> Option<String> {
        match self {
            Fact::Len(len) => Some(len.to_string()),
            Fact::Data(data) => Some(payload::show(data)),
            Fact::From(name) => Some(format!("from {name}")),
            Fact::Truncated(cut) => cut.then(|| "truncated".to_owned()),
            Fact::Value(value) => Some(value.to_string()),
            Fact::Address(name) => Some(name.clone()),
            Fact::State(state) => Some(show_state(*state).to_owned()),
            Fact::Events(names) if names.is_empty() => Some("no event".to_owned()),
            Fact::Events(names) => Some(names.join("|")),
            Fact::Sets(names) => Some(names.join("|")),
            Fact::Ready(items) => Some(format!("[{}]", items.join(", "))),
            Fact::Flags(names) => (!names.is_empty()).then(|| names.join("|")),
            Fact::Frames(frames) => Some(show_frames(frames)),
            Fact::Control(items) => (!items.is_empty()).then(|| format!("[{}]", items.join(", "))),
        }
    }
}

/// The state's name, or `none` where the system knows no such connection (any more).
pub fn show_state(state: Option<TcpState>) -> &'static str {
    state.map_or("none", TcpState::name)
}

fn show_frames(frames: &[Vec<u8>]) -> String {
    let shown: Vec<String> = frames.iter().map(|frame| payload::show(frame)).collect();
    format!("[{}]", shown.join(", "))
}

/// The answer to one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What it told, in the order of [`Field::ALL`].
    pub facts: Vec<Fact>,
    /// From the first call to the answer. Never part of a record.
    pub elapsed: Duration,
}

impl Outcome {
    /// An outcome without facts.
    pub fn bare(end: End) -> Outcome {
        Outcome { end, facts: Vec::new(), elapsed: Duration::ZERO }
    }

    /// Success, with these facts.
    pub fn ok(facts: Vec<Fact>) -> Outcome {
        Outcome { end: End::Ok, facts, elapsed: Duration::ZERO }
    }

    /// The fact about `field`.
    pub fn fact(&self, field: Field) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.field() == field)
    }

    /// A length beside data of that very length: whoever shows the data need not show it.
    pub fn says_itself(&self, fact: &Fact) -> bool {
        match (fact, self.fact(Field::Data)) {
            (Fact::Len(len), Some(Fact::Data(data))) => *len == data.len() as u64,
            _ => false,
        }
    }

    /// As a transcript on `system` shows it, without times.
    pub fn show(&self, system: System) -> String {
        self.show_facts(system, |fact| if self.says_itself(fact) { None } else { fact.show() })
    }

    /// As [`Outcome::show`], with each fact in the words that `say` finds for it, or left out.
    pub fn show_facts(&self, system: System, say: impl Fn(&Fact) -> Option<String>) -> String {
        let facts: Vec<String> = self.facts.iter().filter_map(say).collect();
        join(&show_end(self.end, system), &facts.join(", "))
    }
}

/// How an end reads; empty for success, which its facts speak for.
pub fn show_end(end: End, system: System) -> String {
    match end {
        End::Ok => String::new(),
        End::Eof => "eof".to_owned(),
        End::Pending => "pending".to_owned(),
        End::Timeout => "timeout".to_owned(),
        End::Error(errno) => errno.spelling(system),
    }
}

fn join(end: &str, facts: &str) -> String {
    match (end, facts) {
        ("", "") => "ok".to_owned(),
        ("", facts) => facts.to_owned(),
        (end, "") => end.to_owned(),
        (end, facts) => format!("{end}, {facts}"),
    }
}
