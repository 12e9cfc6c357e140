//! Probing a client: the harness listens, takes the client's request, and gives it answers as networks
//! and servers give them.
//!
//! A client is judged by what it does after the whole answer, which [`learn`] finds out: what it says
//! next, whether it ends the connection, its exit status, what it prints. After an answer that comes
//! in another way it has to do the same; after one that never comes whole, it has to come to an end
//! without a signal. Next: `plans`.

mod learn;
pub(super) mod plans;
mod writing;

use std::time::Duration;

use crate::option::Value;

use super::Answer;

pub use learn::{Asked, learn};

/// A client that is to be probed, and what is known of it.
#[derive(Clone, Debug)]
pub struct Client {
    /// The command that starts it, with `{addr:server}` where the harness listens; `None` where somebody
    /// else starts it, and it connects again and again.
    pub run: Option<Vec<String>>,
    /// How long its connection may take.
    pub wait: Duration,
    /// What is said on one connection, in its order.
    pub turns: Vec<Turn>,
    /// What it does once it has the whole answer.
    pub usual: Usual,
}

/// A request and what it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What the client sends; nothing where the server speaks first.
    pub request: Answer,
    /// What the server sends then, a message after the other.
    pub answers: Vec<Vec<u8>>,
}

/// What a client does with its connection once it has the whole answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It ends the connection.
    Ends,
    /// It ends it once the server has.
    EndsAfter,
    /// Neither: it goes on.
    #[default]
    Stays,
}

/// What a client does after the whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usual {
    /// What it still sends.
    pub tail: Vec<u8>,
    /// What becomes of its connection.
    pub ending: Ending,
    /// Its exit status; `None` where it goes on, or is not ours.
    pub exit: Option<Value>,
    /// What it prints; `None` where that differs from time to time, or nobody knows.
    pub printed: Option<Vec<u8>>,
}
