//! Peers: sockets with a script of their own, which run beside the steps.

use std::time::Duration;

use super::file::MAX_FRAMED_BYTES;
use super::node::{Name, Node, Reader, Table, read_all};
use super::order::Part;
use super::problem::Span;
use super::value::{valid_name, within_limit};
use crate::address::Address;
use crate::frame::{FrameError, Framing};
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
pub fn read_peers<'a>(node: Node<'a>, reader: &mut Reader<'_>) -> Option<Vec<Part<'a>>> {
    let Some(table) = node.as_table() else {
        let wanted = "a table of peers: peers.NAME = { connect = \"server\", data = \"…\" }";
        reader.wrong_type(node, wanted);
        return None;
    };
    let part = |(key, span, node): (&'a str, Span, Node<'a>)| {
        let noted = reader.problems.noted();
        let peer = read_peer(key, span, node, reader);
        let complete = reader.problems.noted() == noted;
        Part { name: Some((key, span)), node, steps: Vec::new(), peer, complete }
    };
    Some(table.entries().map(part).collect())
}

fn read_peer(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Peer> {
    if let Err(why) = valid_name(key) {
        reader.problems.add_told(span, &why);
        return None;
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a peer: { connect = \"server\", data = \"…\" }");
        return None;
    };
    reader.refuse_others(table, "key", &PEER_KEYS);
    let name = reader.names.intern(key);
    let kind = optional::<Kind>(table, "kind", reader);
    let chunk = optional::<Size>(table, "chunk", reader).map(|size| size.0);
    if let (Some(0), Some(node)) = (chunk, table.get("chunk")) {
        reader.problems.add(node.span, "0 bytes at a time never end", None);
    }
    let gap = optional::<Duration>(table, "gap", reader);
    let then = table.get("then").map_or(Some(Then::Keep), |node| read_then(node, reader));
    let bytes = read_bytes(node, table, reader);
    let Some(connect) = table.get("connect") else {
        let help = "connect = \"server\", the socket that it talks to";
        reader.problems.add_with_help(span, "a peer without `connect`", help);
        return None;
    };
    let connect = <Address as Word>::read(connect, reader)?;
    Some(Peer { name, kind, connect, bytes: bytes?, chunk, gap, then: then?, span })
}

fn optional<W: Word>(table: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<W> {
    table.get(key).and_then(|node| W::read(node, reader))
}

fn read_then(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Then> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, "an ending: keep, shutdown, close or reset");
        return None;
    };
    let then = Then::ALL.iter().find(|(known, _)| *known == word).map(|(_, then)| *then);
    if then.is_none() {
        reader.problems.add_unknown(node.span, "ending", word, &Then::WORDS);
    }
    then
}

/// The bytes to send: frames with their framing, or a payload as it is.
fn read_bytes(node: Node<'_>, table: Table<'_>, reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let payload = ["data", "fill", "hex"].iter().find_map(|key| table.get(key));
    match (table.get("framing"), table.get("frames"), payload) {
        (Some(framing), Some(frames), None) => {
            let framing = <Framing as Word>::read(framing, reader);
            let payloads = <Payloads as Word>::read(frames, reader);
            encode(&framing?, &payloads?.0, frames, reader)
        }
        (None, None, Some(payload)) => {
            let mut fields = Fields::new(node, table.span, None, reader)?;
            let read = <Payload as Argument>::take_from(&mut fields, "data")?;
            spend(read.len(), payload.span, reader).then(|| read.bytes())
        }
        (None, None, None) => Some(Vec::new()),
        (_, Some(_), Some(payload)) => {
            let help = "a peer sends `frames` or one payload";
            reader.problems.add_with_help(payload.span, "a payload beside `frames`", help);
            None
        }
        (Some(lone), None, _) => {
            let help = "frames = [\"text\", { fill = 3000 }]";
            reader.problems.add_with_help(lone.span, "`framing` without `frames`", help);
            None
        }
        (None, Some(lone), None) => {
            let help = "framing = \"u16be\", or another way to mark them";
            reader.problems.add_with_help(lone.span, "`frames` without `framing`", help);
            None
        }
    }
}

/// Whether so many bytes may be made of what stands at `span`.
fn spend(bytes: usize, span: Span, reader: &mut Reader<'_>) -> bool {
    let left = reader.bytes_left.checked_sub(bytes);
    if left.is_none() {
        if reader.bytes_left == 0 {
            // Said of the one before it.
            reader.problems.settle(span);
        }
        let help = format!("at most {MAX_FRAMED_BYTES} bytes in all cells together");
        reader.problems.add_with_help(span, "too much to send", help);
    }
    reader.bytes_left = left.unwrap_or_default();
    left.is_some()
}

/// All frames, encoded one after the other; a frame that the framing cannot carry is a mistake.
/// `node` is the list of them.
pub fn encode(
    framing: &Framing,
    frames: &[Payload],
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<u8>> {
    let bytes = frames.iter().map(Payload::len).sum();
    if !within_limit(frames, node.span, reader) || !spend(bytes, node.span, reader) {
        return None;
    }
    let mut encoded = Vec::with_capacity(bytes);
    let mut places = node.as_array();
    let places = std::iter::from_fn(|| places.as_mut().and_then(Iterator::next));
    let encode = |(frame, place): (&Payload, Node<'_>)| {
        let result = framing.encode(&frame.bytes(), &mut encoded);
        if let Err(why) = &result {
            let why = match why {
                FrameError::Unencodable { why } => why.clone(),
                other => other.to_string(),
            };
            let message = format!("framing `{}` cannot carry this: {why}", framing.name());
            reader.problems.add(place.span, message, None);
        }
        result.ok()
    };
    read_all(frames.iter().zip(places), encode)?;
    Some(encoded)
}
