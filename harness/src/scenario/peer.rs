//! Peers: sockets with a script of their own, which run beside the steps.

use std::time::Duration;

use super::node::{Name, Node, Reader, Table};
use super::problem::Span;
use super::value::valid_name;
use crate::address::Address;
use crate::frame::Framing;
use crate::kind::Kind;
use crate::op::{Argument, Fields, Payloads, Size, Word};
use crate::payload::Payload;

/// The keys of a peer.
pub const PEER_KEYS: [&str; 11] = [
    "kind", "connect", "framing", "frames", "data", "fill", "hex", "offset", "chunk", "gap", "then",
];

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
    const ALL: [(&'static str, Then); 4] = [
        ("keep", Then::Keep),
        ("shutdown", Then::Shutdown),
        ("close", Then::Close),
        ("reset", Then::Reset),
    ];

    /// Every word.
    pub const WORDS: [&'static str; 4] = ["keep", "shutdown", "close", "reset"];
}

/// One peer, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Peer {
    /// Its name.
    pub name: Name,
    /// Its kind; that of the socket it connects to where not given.
    pub kind: Option<Kind>,
    /// Whom it connects to.
    pub connect: Address,
    /// The bytes it sends, framed already.
    pub bytes: Vec<u8>,
    /// At most so many bytes a send; all at once where not given.
    pub chunk: Option<usize>,
    /// The time between two sends.
    pub gap: Option<Duration>,
    /// What it does when all is sent.
    pub then: Then,
    /// Where it stands.
    pub span: Span,
}

/// Reads all peers, in the order of the file.
pub fn read_peers(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<Peer> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(
            node,
            "a table of peers: peers.NAME = { connect = \"server\", data = \"…\" }",
        );
        return Vec::new();
    };
    table.entries().filter_map(|(key, span, node)| read_peer(key, span, node, reader)).collect()
}

fn read_peer(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Peer> {
    if let Err(why) = valid_name(key) {
        reader.problems.add(span, why, None);
        return None;
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a peer: { connect = \"server\", data = \"…\" }");
        return None;
    };
    for (key, span, _) in table.entries().filter(|(key, ..)| !PEER_KEYS.contains(key)) {
        reader.problems.add_unknown(span, "key", key, &PEER_KEYS);
    }
    let name = reader.names.intern(key);
    let kind = optional::<Kind>(table, "kind", reader);
    let chunk = optional::<Size>(table, "chunk", reader);
    let gap = optional::<Duration>(table, "gap", reader);
    let then = table.get("then").map_or(Some(Then::Keep), |node| read_then(node, reader));
    let bytes = read_bytes(node, table, reader);
    let Some(connect) = table.get("connect") else {
        reader.problems.add_with_help(span, "a peer without `connect`", "`connect = \"server\"`");
        return None;
    };
    let connect = <Address as Word>::read(connect, reader)?;
    if chunk == Some(Size(0)) {
        reader.problems.add(span, "a chunk of 0 bytes never ends", None);
        return None;
    }
    let chunk = chunk.map(|size| size.0);
    Some(Peer { name, kind, connect, bytes: bytes?, chunk, gap, then: then?, span })
}

fn optional<W: Word>(table: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<W> {
    table.get(key).and_then(|node| W::read(node, reader))
}

fn read_then(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Then> {
    let word = node.as_str().unwrap_or("?");
    let then = Then::ALL.iter().find(|(known, _)| *known == word).map(|(_, then)| *then);
    if then.is_none() {
        reader.problems.add_unknown(node.span, "ending", word, &Then::WORDS);
    }
    then
}

/// The bytes to send: frames with their framing, or a payload as it is.
fn read_bytes(node: Node<'_>, table: Table<'_>, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    match (table.get("framing"), table.get("frames")) {
        (Some(framing), Some(frames)) => {
            let framing = <Framing as Word>::read(framing, reader)?;
            let payloads = <Payloads as Word>::read(frames, reader)?;
            encode(&framing, &payloads.0, frames.span, reader)
        }
        (None, None) if ["data", "fill", "hex"].iter().any(|key| table.get(key).is_some()) => {
            let mut fields = Fields::new(node, table.span, None, reader)?;
            <Payload as Argument>::take_from(&mut fields, "data").map(|payload| payload.bytes())
        }
        (None, None) => Some(Vec::new()),
        (Some(lone), None) | (None, Some(lone)) => {
            reader.problems.add(lone.span, "`framing` and `frames` go together", None);
            None
        }
    }
}

/// All frames, encoded one after the other; a frame that the framing cannot carry is a mistake.
pub fn encode(
    framing: &Framing,
    frames: &[Payload],
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for frame in frames {
        if let Err(why) = framing.encode(&frame.bytes(), &mut bytes) {
            reader.problems.add(
                span,
                format!("{} cannot carry a frame: {why}", framing.name()),
                None,
            );
            return None;
        }
    }
    Some(bytes)
}
