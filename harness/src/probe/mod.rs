//! Probing a server or a client: from an example exchange to plans that it has to survive.
//!
//! A [`Profile`] says whom to talk to and what a good exchange is; [`plans`] makes a scenario file of
//! each thing that may happen to such an exchange on a network: what probe does, a scenario file can
//! do. `table` lists the plans, `tcp` and `udp` hold their steps, `write` spells them. Pure, but for
//! `learn`, which runs the whole message to see what is answered.

pub mod client;
mod cuts;
pub mod file;
mod framed;
pub mod learn;
mod table;
mod tcp;
mod udp;
mod write;

use std::net::SocketAddr;
use std::time::Duration;

use crate::frame::Framing;
use crate::scenario::Level;

pub use table::{Entry, TABLES, find};

/// How bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream.
    Tcp,
    /// Datagrams.
    Udp,
}

impl Transport {
    /// The word in ids.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }
    }
}

/// What a good answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The bytes that it begins with, which are compared.
    pub bytes: Vec<u8>,
    /// How many bytes follow that are not compared; `None` where nobody knows.
    pub rest: Option<usize>,
}

impl Answer {
    /// All of it is compared.
    pub fn exact(bytes: Vec<u8>) -> Answer {
        Answer { bytes, rest: Some(0) }
    }

    /// Whether it is known byte by byte.
    pub fn is_exact(&self) -> bool {
        self.rest == Some(0)
    }
}

/// A message and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What is sent, framed.
    pub send: Vec<u8>,
    /// What a good server answers.
    pub answer: Answer,
}

/// What the server does with a connection once it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It answers the next message too.
    Keeps,
    /// It closes.
    Closes,
    /// It does neither: a second message gets no answer of its own.
    Silent,
}

/// All that plans are made of.
#[derive(Clone, Debug)]
pub struct Profile {
    /// How bytes travel.
    pub transport: Transport,
    /// Where the server is: that under test, or ours.
    pub at: SocketAddr,
    /// What is known of the client, where a client is under test.
    pub client: Option<client::Client>,
    /// What a server under test answers, at least one; of a client, its turns are spoken of.
    pub exchanges: Vec<Exchange>,
    /// How messages are marked, where that is known.
    pub framing: Option<Framing>,
    /// What the server does after an answer.
    pub manner: Manner,
    /// The time between two pieces of a message.
    pub gap: Duration,
    /// How long an answer may take.
    pub within: Duration,
    /// What is drawn is drawn from this.
    pub seed: u64,
    /// How many connections at once are many.
    pub connections: usize,
    /// What is otherwise of plans, by their names, for this protocol.
    pub changes: Vec<(String, Change)>,
}

/// What is otherwise of a plan, for a protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its claims are as binding as this.
    Level(Level),
    /// It is left out, for this reason.
    Skip(String),
}

impl Profile {
    /// The word before the names of its plans.
    pub fn table(&self) -> &'static str {
        match (&self.client, self.transport) {
            (Some(_), _) => "tcp-client",
            (None, transport) => transport.name(),
        }
    }
}

/// One plan as a scenario file, or why there is none.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The row of the table that it belongs to.
    pub entry: &'static Entry,
    /// How binding its claims are, for this protocol.
    pub level: Level,
    /// The scenario's id: the plan's, with its variant after it.
    pub id: String,
    /// The file, or the reason for which the plan cannot be made of this profile.
    pub text: Result<String, String>,
}

/// Every plan for this profile, in the order of the table.
pub fn plans(profile: &Profile) -> Vec<Planned> {
    let table = TABLES.iter().filter(|(table, _)| *table == profile.table());
    table.flat_map(|(_, entries)| entries.iter()).flat_map(|entry| made(entry, profile)).collect()
}

fn made(entry: &'static Entry, profile: &Profile) -> Vec<Planned> {
    let id = format!("{}/{}", profile.table(), entry.name);
    let change = profile.changes.iter().find(|(name, _)| name == entry.name);
    let (level, drafts) = match change.map(|(_, change)| change) {
        Some(Change::Skip(why)) => (entry.level, Err(why.clone())),
        Some(Change::Level(level)) => (*level, (entry.make)(profile)),
        None => (entry.level, (entry.make)(profile)),
    };
    match drafts {
        Err(why) => vec![Planned { entry, level, id, text: Err(why) }],
        Ok(drafts) => {
            let planned = |mut draft: write::Draft| {
                if let Some((_, Change::Level(level))) = change {
                    draft.as_binding_as(*level);
                }
                let text = Ok(draft.text(entry, profile));
                Planned { entry, level, id: draft.id(&id), text }
            };
            drafts.into_iter().map(planned).collect()
        }
    }
}

/// The word of a level.
pub fn level_name(level: Level) -> &'static str {
    Level::ALL.iter().find(|(_, known)| *known == level).map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests;
