//! A peer as a value: what it is and what it will do, before there is any socket.
//!
//! The one description behind all three front ends: `peers.NAME` of a scenario file, the builders
//! of [`peer`](crate::peer), and `sockdrill peer` on the command line. Addresses are not in it:
//! each front end has its own words for them. Pure, and says nothing about how a peer is run:
//! `schedule` decides what is sent when, `reads` when it reads.

use std::fmt;
use std::time::Duration;

use super::random::Random;
use crate::kind::Kind;
use crate::payload;

/// What a peer is to its other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Connects, as a client does.
    Connect,
    /// Listens and accepts; each connection runs the whole script.
    Listen {
        /// How many connections may wait to be accepted; 128 where not given.
        backlog: Option<i32>,
    },
    /// Sends and receives datagrams without a connection.
    Datagram,
}

/// A value that is fixed, or drawn anew each time from the peer's seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw<T> {
    /// Always this.
    Exactly(T),
    /// From the first to the second, both included.
    Between(T, T),
}

impl Draw<usize> {
    pub(super) fn size(self, random: &mut Random) -> usize {
        match self {
            Draw::Exactly(size) => size,
            Draw::Between(least, most) => {
                let drawn = random.within(least as u64..=most as u64);
                usize::try_from(drawn).unwrap_or(most)
            }
        }
    }
}

impl Draw<Duration> {
    pub(super) fn time(self, random: &mut Random) -> Duration {
        match self {
            Draw::Exactly(time) => time,
            Draw::Between(least, most) => random.time(least, most),
        }
    }
}

/// What a part of the script waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The part before it, and one gap.
    Next,
    /// This time since the connection was made; of a datagram peer, since it started.
    At(Duration),
    /// So many bytes have arrived on this connection.
    Received(u64),
    /// The other side has ended its stream.
    Eof,
}

/// Bytes that are sent when their time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it waits for.
    pub when: When,
    /// The bytes, framed already. A datagram peer sends them as one datagram, even none.
    pub bytes: Vec<u8>,
    /// The size of each send; all in one where not given.
    pub chunk: Option<Draw<usize>>,
    /// The time between two sends, and before the first where it waits for nothing else.
    pub gap: Draw<Duration>,
}

/// What arrives is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// The size of each send; as it was received where not given.
    pub chunk: Option<Draw<usize>>,
    /// The time between two sends.
    pub gap: Draw<Duration>,
}

/// How a peer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The buffer of each receive, in bytes.
    pub max: usize,
    /// The time before the first receive.
    pub delay: Duration,
    /// The time between two receives.
    pub gap: Duration,
    /// After each so many bytes, a rest of this time.
    pub pause: Option<(u64, Duration)>,
    /// At most so many bytes a second.
    pub rate: Option<u64>,
}

/// The buffer of a receive where none is given: what most programs use.
pub const DEFAULT_MAX: usize = 64 << 10;

impl Default for Reading {
    /// At once, whatever is there, up to 64 KiB.
    fn default() -> Reading {
        let none = Duration::ZERO;
        Reading { max: DEFAULT_MAX, delay: none, gap: none, pause: None, rate: None }
    }
}

/// What a peer does when all is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Stays connected, silent.
    Keep,
    /// Shuts down its sending direction.
    Shutdown,
    /// Closes.
    Close,
    /// Closes with `SO_LINGER` 0: the connection is reset.
    Reset,
}

impl Then {
    /// Every ending with its word.
    pub const ALL: [(&'static str, Then); 4] = [
        ("keep", Then::Keep),
        ("shutdown", Then::Shutdown),
        ("close", Then::Close),
        ("reset", Then::Reset),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Then::Keep => "keep",
            Then::Shutdown => "shutdown",
            Then::Close => "close",
            Then::Reset => "reset",
        }
    }

    /// Every word.
    pub const WORDS: [&'static str; 4] = ["keep", "shutdown", "close", "reset"];
}

/// A number of bytes of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// So many bytes were sent. What would be sent after them never is.
    Sent(u64),
    /// So many bytes were received.
    Received(u64),
}

/// The script cut short: at the mark nothing more is sent, and the peer ends so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where.
    pub mark: Mark,
    /// [`Then::Keep`] is a stall: connected, and silent for ever.
    pub then: Then,
}

/// Which datagrams a fault befalls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// None.
    #[default]
    None,
    /// Those of these numbers, counted from 1.
    Numbers(Vec<u64>),
    /// So many in a hundred, drawn from the seed.
    Percent(u8),
}

impl Pick {
    /// Whether it befalls the datagram of that number. Draws for every datagram, befallen or not.
    pub(super) fn takes(&self, number: u64, random: &mut Random) -> bool {
        match self {
            Pick::None => false,
            Pick::Numbers(numbers) => numbers.contains(&number),
            Pick::Percent(percent) => random.happens(*percent),
        }
    }
}

/// What goes wrong on the way from the peer, in Toxiproxy's words where it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// `latency`: every send is so much later, give or take the jitter; the order stays.
    pub latency: Option<(Duration, Duration)>,
    /// `bandwidth`: at most so many bytes a second.
    pub bandwidth: Option<u64>,
    /// `slow_close`: so much time between the last send and the end.
    pub slow_close: Duration,
    /// `reset_after`, `limit_data`, `half_close_after`, `stall_after`: the first that is reached.
    pub cuts: Vec<Cut>,
    /// Datagrams that are not sent.
    pub drop: Pick,
    /// Datagrams that are sent twice.
    pub duplicate: Pick,
    /// Datagrams that change places with the one after them.
    pub reorder: Pick,
}

/// A peer: what it is and what it will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it is to its other side.
    pub role: Role,
    /// Its address family and type.
    pub kind: Kind,
    /// `SO_RCVBUF`, in bytes; the system's where not given.
    pub rcvbuf: Option<usize>,
    /// `SO_SNDBUF`, in bytes; the system's where not given.
    pub sndbuf: Option<usize>,
    /// `TCP_NODELAY`. On, a send is a segment; off, Nagle's algorithm joins small ones.
    pub nodelay: bool,
    /// What it sends, in order.
    pub script: Vec<Part>,
    /// Whether it sends back whatever arrives, after the script, and in which pieces.
    pub echo: Option<Echo>,
    /// How it reads; `None` where it never does.
    pub reading: Option<Reading>,
    /// What goes wrong.
    pub faults: Faults,
    /// What it does when all is sent.
    pub then: Then,
    /// What everything drawn is drawn from.
    pub seed: u64,
}

impl Spec {
    /// A peer that sends nothing and reads nothing.
    pub fn new(role: Role, kind: Kind) -> Spec {
        Spec {
            role,
            kind,
            rcvbuf: None,
            sndbuf: None,
            nodelay: true,
            script: Vec::new(),
            echo: None,
            reading: None,
            faults: Faults::default(),
            then: Then::Keep,
            seed: 0,
        }
    }

    /// What it does once it is there, in words: a line for each part, each fault and the end.
    pub fn script(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.script.iter().map(ToString::to_string).collect();
        lines.extend(self.echo.map(|echo| format!("echo{}", show_pace(echo.chunk, echo.gap))));
        lines.extend(self.reading.map(|reading| reading.to_string()));
        lines.extend(self.faults.shown());
        if self.then != Then::Keep {
            lines.push(self.then.word().to_owned());
        }
        lines
    }

    /// Whether anything of it waits for bytes or the end from the other side.
    pub fn needs_to_read(&self) -> bool {
        let awaits = |part: &Part| match part.when {
            When::Received(_) | When::Eof => true,
            When::Next | When::At(_) => false,
        };
        let counts = |cut: &Cut| match cut.mark {
            Mark::Received(_) => true,
            Mark::Sent(_) => false,
        };
        self.echo.is_some() || self.script.iter().any(awaits) || self.faults.cuts.iter().any(counts)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Next => {}
            When::At(time) => write!(f, "at {time:?}, ")?,
            When::Received(bytes) => write!(f, "after {bytes} bytes, ")?,
            When::Eof => f.write_str("after the end, ")?,
        }
        let pace = show_pace(self.chunk, self.gap);
        write!(f, "send {}{pace}", payload::show(&self.bytes))
    }
}

fn show_pace(chunk: Option<Draw<usize>>, gap: Draw<Duration>) -> String {
    let chunk = chunk.map(|chunk| match chunk {
        Draw::Exactly(size) => format!(" in chunks of {size}"),
        Draw::Between(least, most) => format!(" in chunks of {least} to {most}"),
    });
    let gap = match gap {
        Draw::Exactly(time) if time.is_zero() => None,
        Draw::Exactly(time) => Some(format!(", {time:?} apart")),
        Draw::Between(least, most) => Some(format!(", {least:?} to {most:?} apart")),
    };
    format!("{}{}", chunk.unwrap_or_default(), gap.unwrap_or_default())
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read up to {} bytes at a time", self.max)?;
        if !self.delay.is_zero() {
            write!(f, ", first after {:?}", self.delay)?;
        }
        if !self.gap.is_zero() {
            write!(f, ", {:?} apart", self.gap)?;
        }
        if let Some((every, time)) = self.pause {
            write!(f, ", resting {time:?} after each {every} bytes")?;
        }
        self.rate.map_or(Ok(()), |rate| write!(f, ", {rate} bytes a second"))
    }
}

impl Faults {
    fn shown(&self) -> Vec<String> {
        let latency = self.latency.map(|(time, jitter)| format!("latency {time:?} ± {jitter:?}"));
        let bandwidth = self.bandwidth.map(|rate| format!("bandwidth {rate} bytes a second"));
        let slow = (!self.slow_close.is_zero()).then(|| format!("end {:?} late", self.slow_close));
        let cuts = self.cuts.iter().map(|cut| {
            let then = if cut.then == Then::Keep { "stall" } else { cut.then.word() };
            match cut.mark {
                Mark::Sent(bytes) => format!("{then} after {bytes} bytes sent"),
                Mark::Received(bytes) => format!("{then} after {bytes} bytes received"),
            }
        });
        let picks =
            [("drop", &self.drop), ("duplicate", &self.duplicate), ("reorder", &self.reorder)];
        let picks = picks.into_iter().filter_map(|(word, pick)| match pick {
            Pick::None => None,
            Pick::Numbers(numbers) => Some(format!("{word} datagrams {numbers:?}")),
            Pick::Percent(percent) => Some(format!("{word} {percent} % of the datagrams")),
        });
        latency.into_iter().chain(bandwidth).chain(slow).chain(cuts).chain(picks).collect()
    }
}
