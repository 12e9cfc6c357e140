//! A scenario file as it was typed: read, checked for every mistake, nothing resolved.
//!
//! [`parse`] turns text into one [`Scenario`] per matrix cell, or into every mistake at once, each
//! with its place. It knows no plan, no platform and no socket; it reads no file and makes no call.
//! What a scenario means on this machine is `plan`.

mod address;
mod alone;
mod claim;
mod expectation;
mod file;
mod layers;
mod matrix;
mod node;
mod order;
mod peer;
mod possible;
mod problem;
mod program;
mod sockets;
mod step;
#[cfg(test)]
mod tests;
mod value;

use std::time::Duration;

pub use address::{read_address, read_local_address};
pub use alone::closes_under_a_call;
pub use claim::{CLAIM_KEYS, RANGE_KEYS};
pub use expectation::END_WORDS;
pub use file::{
    MAX_CELLS, MAX_EXPANDED_BYTES, MAX_FILE_BYTES, MAX_FRAMED_BYTES, MAX_REPEAT, MAX_STEPS, NEEDS,
    TOP_KEYS, parse, parse_with,
};
pub use matrix::{MAX_DEPTH, MAX_ID_BYTES, MAX_NAMES};
pub use node::{Cell, MAX_SOCKETS, Name, Names, Node, Reader, SocketId, Table, read_all};
pub use peer::{FAULT_KEYS, PEER_KEYS, Peer, READ_KEYS, SEND_KEYS};
pub use problem::{Problem, Problems, Span, suggest};
pub use program::PROGRAM_KEYS;
pub use sockets::SOCKET_KEYS;
pub use step::{STEP_KEYS, read_level};
pub use value::{
    MAX_BYTES, MAX_DURATION, MAX_ITEMS, MAX_NAME_BYTES, RESERVED, check_id, payload_from,
    read_amount, read_duration, read_payload, read_value, valid_name, within_limit,
};

use crate::expect::Expect;
use crate::op::{Op, Patience};
use crate::platform::{PlatformKey, System};

/// How binding a claim is, in the words of RFC 2119.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Level {
    /// A broken claim is a failure.
    #[default]
    Must,
    /// A broken claim is reported, and no failure.
    Should,
    /// Nothing is claimed: what happens is recorded.
    Info,
}

impl Level {
    /// Every level with its word.
    pub const ALL: [(&'static str, Level); 3] =
        [("must", Level::Must), ("should", Level::Should), ("info", Level::Info)];
}

/// How an operation uses a socket's name.
#[derive(Clone, Copy, Debug)]
pub enum Use<'n> {
    /// Gives the name to a new socket.
    Opens(&'n Name),
    /// Needs the socket itself, open.
    Socket(&'n Name),
    /// Needs the address that the name stands for, which outlives the socket.
    Address(&'n Name),
}

/// What a step claims, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// Nothing was written: the operation has to succeed.
    Unwritten,
    /// The same on every platform.
    Everywhere(Expect),
    /// By platform; a platform without a key has no claim.
    ByPlatform(Vec<(PlatformKey, Expect)>),
}

/// A listed deviation: a platform known to break the claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Which platform.
    pub platform: PlatformKey,
    /// Why it is so.
    pub reason: String,
    /// Where that can be read.
    pub link: String,
}

/// One operation on one socket, with what is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The socket before the dot.
    pub socket: Name,
    /// What is done.
    pub op: Op,
    /// What happens where the system does not answer at once.
    pub patience: Patience,
    /// What is claimed.
    pub expect: Expectation,
    /// Why systems act so.
    pub why: Option<String>,
    /// How binding the claim is.
    pub level: Level,
    /// Platforms known to break the claim.
    pub known: Vec<Known>,
    /// Where the operation stands.
    pub span: Span,
    /// Where the claim stands; the operation's place where none is written.
    pub claim: Span,
}

/// A condition of the machine without which a scenario is skipped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A capability by its word: `ipv6`, `root`.
    Capability(&'static str),
    /// A system setting and its value: `sysctl net.ipv4.tcp_tw_reuse=2`.
    Setting {
        /// The setting's name.
        name: String,
        /// The value it must have.
        value: String,
    },
}

impl Need {
    /// Why no machine of `system` can have it, by the documents; `None` where one may.
    ///
    /// What a machine really has is found out by `capability`, there and then. This is for who
    /// speaks of a system without having one.
    pub fn not_of(&self, system: System) -> Option<String> {
        let missing = match self {
            Need::Capability("abstract" | "autobind" | "netns" | "unix-seqpacket") => true,
            Need::Capability("unix-dgram") => system == System::Windows,
            Need::Capability(_) => false,
            Need::Setting { name, .. } => {
                name.starts_with("net.ipv") || name.starts_with("net.core")
            }
        };
        let what = match self {
            Need::Capability("abstract") => "abstract names".to_owned(),
            Need::Capability("netns") => "network namespaces".to_owned(),
            Need::Capability(word) if word.starts_with("unix-") => format!("{word} sockets"),
            Need::Capability(word) => (*word).to_owned(),
            Need::Setting { name, .. } => format!("setting {name}"),
        };
        (missing && system != System::Linux).then(|| format!("{} has no {what}", system.name()))
    }
}

/// One claim about socket behaviour, in one cell of its matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file's id, with the cell in brackets: `framing/length[framing=u16be,chunk=1]`.
    pub id: String,
    /// The claim as a sentence.
    pub title: String,
    /// Its sources.
    pub see: Vec<String>,
    /// What the machine must have.
    pub needs: Vec<Need>,
    /// Whether it must have the machine to itself.
    pub serial: bool,
    /// The limit on the whole run; a default where not given.
    pub limit: Option<Duration>,
    /// How often it is run for one verdict.
    pub repeat: usize,
    /// The sockets' names, by number.
    pub names: Names,
    /// The declared sockets, each with the steps that set it up.
    pub setup: Vec<Step>,
    /// The peers that run beside the steps.
    pub peers: Vec<Peer>,
    /// The steps.
    pub steps: Vec<Step>,
}
