//! The plans, in the order of the report: what each does, how binding its claim is, and why.
//!
//! What is a `must` can be defended against any protocol's author: another answer than the whole
//! message gets, an end of the program, others who are no longer served. All else is `should` or
//! `info`.

use super::client::plans as client;
use super::write::Draft;
use super::{Profile, tcp, udp};
use crate::scenario::Level;

/// One plan.
pub struct Entry {
    /// Its name, after the transport.
    pub name: &'static str,
    /// How binding its claims are.
    pub level: Level,
    /// What happens to the exchange.
    pub what: &'static str,
    /// Why a server has to stand that.
    pub why: &'static str,
    /// Where that can be read.
    pub see: &'static str,
    /// Writes it, once for each variant; or says why this profile cannot have it.
    pub(super) make: fn(&Profile) -> Result<Vec<Draft>, String>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const STREAM: &str = "RFC 9293 section 2.2: TCP is a stream, the segments of which mean nothing";
const CLOSE: &str = "RFC 9293 section 3.6";
const DATAGRAM: &str = "RFC 768";

/// Every plan of each kind of subject, under the word before its names.
pub static TABLES: [(&str, &[Entry]); 3] = [("tcp", &TCP), ("udp", &UDP), ("tcp-client", &CLIENT)];

/// The plan of that name, such as `tcp/split`.
pub fn find(name: &str) -> Option<&'static Entry> {
    let (table, rest) = name.split_once('/')?;
    let (_, entries) = TABLES.iter().find(|(known, _)| *known == table)?;
    entries.iter().find(|entry| entry.name == rest)
}

macro_rules! entries {
    ($module:ident: $( $name:literal, $level:ident, $see:expr, $make:ident, $what:literal, $why:literal; )+) => {
        [$( Entry {
            name: $name, level: Level::$level, what: $what, why: $why, see: $see, make: $module::$make,
        } ),+]
    };
}

static TCP: [Entry; 21] = entries! { tcp:
    "whole", Must, STREAM, whole, "the message in one send, three times",
        "this is the exchange that all others are measured by";
    "again", Info, STREAM, again, "a second message on the same connection",
        "tells whether a connection takes more than one message";
    "bytes", Must, STREAM, bytes, "every byte alone",
        "one receive may give one byte";
    "split", Must, STREAM, split, "cut in two, at every place",
        "one receive may end anywhere in a message";
    "header", Must, STREAM, header, "the marks byte by byte, then the rest",
        "the length itself may arrive in pieces";
    "together", Must, STREAM, together, "several messages in one send",
        "one receive may give more than one message";
    "straddle", Must, STREAM, straddle, "one message and a part, then the rest",
        "one receive may give a message and the beginning of the next";
    "pipelined", Must, STREAM, pipelined, "several messages without waiting for answers",
        "a client need not wait";
    "slow-sender", Must, STREAM, slow_sender, "a message over a third of a second",
        "a network may be slow";
    "slow-reader", Must, STREAM, slow_reader, "answers that are read late, through a small buffer",
        "a client that does not read is that client's affair";
    "half-close", Should, CLOSE, half_close, "a message, then SHUT_WR",
        "the end of what a client sends is not the end of what it reads";
    "cut-end", Must, CLOSE, cut_end, "a part of a message, then the end of the stream",
        "what is not complete will never be";
    "cut-reset", Must, CLOSE, cut_reset, "a part of a message, then a reset",
        "a client may vanish at any byte";
    "cut-stall", Must, STREAM, cut_stall, "a part of a message, then nothing for a while",
        "one client that stalls may not stop the others";
    "unread", Must, CLOSE, unread, "a message, then a reset before the answer is read",
        "writing to who is gone fails, and is no reason to end";
    "nothing", Must, CLOSE, nothing, "a connection without a byte, closed and reset",
        "a client may have nothing to say";
    "empty", Must, STREAM, empty, "a message of no bytes",
        "a length of 0 is a length";
    "over-long", Must, STREAM, over_long, "a length beyond all measure",
        "a length that a peer announces is not to be believed";
    "garbage", Must, STREAM, garbage, "random bytes",
        "whoever connects may speak another protocol, or none";
    "many", Should, STREAM, many, "many connections at once, each with a message",
        "whoever serves one may be asked by many";
    "after", Must, STREAM, whole, "the message in one send, after all that",
        "what came before is over";
};

static UDP: [Entry; 12] = entries! { udp:
    "whole", Must, DATAGRAM, whole, "the datagram, three times",
        "this is the exchange that all others are measured by";
    "empty", Must, DATAGRAM, empty, "a datagram of no bytes",
        "a datagram may be empty, and its receipt is no end of anything";
    "longest", Must, DATAGRAM, longest, "a datagram as long as can be",
        "a receive cuts what is longer than its buffer, or fails, as the system likes";
    "longer", Must, DATAGRAM, longer, "the datagram with 8 KiB behind it",
        "a receive cuts what is longer than its buffer, or fails, as the system likes";
    "cut", Must, DATAGRAM, cut, "the beginning of the datagram",
        "whatever comes may be too short";
    "twice", Should, DATAGRAM, twice, "the datagram twice at once",
        "a network may duplicate";
    "reorder", Should, DATAGRAM, reorder, "the datagrams of all exchanges, the last first",
        "a network may reorder";
    "short-buffer", Must, DATAGRAM, short_buffer, "the answer read into one byte, then an exchange",
        "a client may read less than was sent";
    "gone", Must, DATAGRAM, gone, "the datagram from a socket that is closed at once",
        "an answer to nobody comes back as an ICMP error, which is no reason to end";
    "garbage", Must, DATAGRAM, garbage, "random bytes",
        "whoever sends may speak another protocol, or none";
    "many", Should, DATAGRAM, many, "many sockets, each with a datagram",
        "whoever serves one may be asked by many";
    "after", Must, DATAGRAM, whole, "the datagram, after all that",
        "what came before is over";
};

static CLIENT: [Entry; 21] = entries! { client:
    "whole", Must, STREAM, whole, "the answer in one send, three times",
        "this is what all others are measured by";
    "bytes", Must, STREAM, bytes, "the answer, every byte alone",
        "one receive may give one byte";
    "split", Must, STREAM, split, "the answer cut in two, at every place",
        "one receive may end anywhere in an answer";
    "header", Must, STREAM, header, "the answer's marks byte by byte, then the rest",
        "the length itself may arrive in pieces";
    "together", Must, STREAM, together, "answers that follow each other in one send",
        "one receive may give more than one answer";
    "straddle", Must, STREAM, straddle, "an answer and a part of the next, then the rest",
        "one receive may give an answer and the beginning of the next";
    "slow", Must, STREAM, slow, "the answer over a third of a second",
        "a network may be slow";
    "late", Must, STREAM, late, "a server that reads and answers late",
        "a server may be busy";
    "answer-end", Must, CLOSE, answer_end, "the answer, then SHUT_WR at once",
        "what came before the end is there to be read";
    "answer-reset", Must, CLOSE, answer_reset, "the answer, then a reset at once",
        "a reset is an error, and no reason for a crash";
    "cut-end", Must, CLOSE, cut_end, "a part of the answer, then the end of the stream",
        "what is not complete will never be";
    "cut-reset", Must, CLOSE, cut_reset, "a part of the answer, then a reset",
        "a server may vanish at any byte";
    "cut-stall", Should, STREAM, cut_stall, "a part of the answer, then nothing",
        "a server that stalls may not stop its client for ever";
    "silent", Should, STREAM, silent, "no answer at all",
        "a server that stalls may not stop its client for ever";
    "nothing", Must, CLOSE, nothing, "the end, or a reset, before any answer",
        "a server may have nothing to say";
    "refused", Must, CLOSE, refused, "nobody listens",
        "a server may not be there";
    "empty", Must, STREAM, empty, "an answer of no bytes",
        "a length of 0 is a length";
    "over-long", Must, STREAM, over_long, "an answer whose length is beyond all measure",
        "a length that a peer announces is not to be believed";
    "garbage", Must, STREAM, garbage, "random bytes for an answer",
        "whoever listens may speak another protocol, or none";
    "twice", Should, STREAM, twice, "the last answer twice in one send",
        "what comes behind an answer is not part of it";
    "after", Must, STREAM, after, "the answer in one send, after all that",
        "what came before is over";
};
