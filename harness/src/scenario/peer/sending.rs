//! What a peer sends and when: payloads, frames, a list of parts, chunks, gaps, echoes.

use std::time::Duration;

use super::optional;
use crate::frame::{FrameError, Framing};
use crate::op::{Argument, Fields, Payloads, Size, Word};
use crate::payload::Payload;
use crate::peer::spec::{Draw, Echo, Part, Spec, When};
use crate::scenario::file::MAX_FRAMED_BYTES;
use crate::scenario::node::{Node, Reader, Table, read_all};
use crate::scenario::problem::Span;
use crate::scenario::value::{MAX_ITEMS, read_payload, within_limit};

/// The keys of an item of `send`.
pub const SEND_KEYS: [&str; 8] = ["data", "fill", "hex", "offset", "at", "after", "chunk", "gap"];

/// The size of each send, and the time between two.
#[derive(Clone, Copy)]
struct Pace {
    chunk: Option<Draw<usize>>,
    gap: Draw<Duration>,
}

/// Reads all that a peer sends into `spec`.
pub(super) fn read(node: Node<'_>, table: Table<'_>, spec: &mut Spec, reader: &mut Reader<'_>) {
    let still = Pace { chunk: None, gap: Draw::Exactly(Duration::ZERO) };
    let pace = read_pace(table, still, reader);
    let Pace { chunk, gap } = pace;
    let echo = optional::<bool>(table, "echo", reader).unwrap_or(false);
    spec.echo = echo.then_some(Echo { chunk, gap });
    spec.script = if let Some(list) = table.get("send") {
        refuse_beside_send(table, reader);
        read_parts(list, table, pace, reader).unwrap_or_default()
    } else {
        let bytes = read_bytes(node, table, reader);
        bytes.map(|bytes| Part { when: When::Next, bytes, chunk, gap }).into_iter().collect()
    };
}

/// `chunk` and `gap`, those of `beside` where not given.
fn read_pace(table: Table<'_>, beside: Pace, reader: &mut Reader<'_>) -> Pace {
    let chunk = table.get("chunk").and_then(|node| {
        let drawn = read_draw::<Size>(node, reader).map(|drawn| match drawn {
            Draw::Exactly(size) => Draw::Exactly(size.0),
            Draw::Between(least, most) => Draw::Between(least.0, most.0),
        });
        if let Some(Draw::Exactly(0) | Draw::Between(0, _)) = drawn {
            reader.problems.add(node.span, "0 bytes at a time never end", None);
        }
        drawn
    });
    let gap = table.get("gap").and_then(|node| read_draw::<Duration>(node, reader));
    Pace { chunk: chunk.or(beside.chunk), gap: gap.unwrap_or(beside.gap) }
}

/// One value, or `{ between = [least, most] }`.
fn read_draw<W: Word + Copy + PartialOrdKey>(
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<Draw<W>> {
    let Some(table) = node.as_table() else { return W::read(node, reader).map(Draw::Exactly) };
    let help = "{ between = [least, most] }, drawn from the seed";
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &["between"]);
    let ends = table.get("between").and_then(Node::as_array);
    let ends: Vec<Node<'_>> = ends.into_iter().flatten().collect();
    let [least, most] = ends.as_slice() else {
        if reader.problems.noted() == noted {
            reader.problems.add_with_help(node.span, "a range has two ends", help);
        }
        return None;
    };
    let (least, most) = (W::read(*least, reader), W::read(*most, reader));
    let (least, most) = (least?, most?);
    if least.key() > most.key() {
        reader.problems.add_with_help(node.span, "the range is empty", help);
        return None;
    }
    Some(Draw::Between(least, most))
}

/// What can be drawn is compared by its size.
trait PartialOrdKey {
    fn key(&self) -> u128;
}

impl PartialOrdKey for Size {
    fn key(&self) -> u128 {
        self.0 as u128
    }
}

impl PartialOrdKey for Duration {
    fn key(&self) -> u128 {
        self.as_nanos()
    }
}

fn refuse_beside_send(table: Table<'_>, reader: &mut Reader<'_>) {
    for key in ["frames", "data", "fill", "hex"] {
        if let Some(node) = table.get(key) {
            let help = "put it into the list: send = [\"first\", { after = 10, data = \"then\" }]";
            reader.problems.add_with_help(node.span, format!("`{key}` beside `send`"), help);
        }
    }
}

/// The items of `send`; with a framing, each is a frame.
fn read_parts(
    list: Node<'_>,
    table: Table<'_>,
    pace: Pace,
    reader: &mut Reader<'_>,
) -> Option<Vec<Part>> {
    let framing = match table.get("framing") {
        Some(node) => Some(<Framing as Word>::read(node, reader)?),
        None => None,
    };
    let Some(items) = list.as_array() else {
        reader.wrong_type(list, "a list: [\"first\", { after = 10, data = \"then\" }]");
        return None;
    };
    if items.len() > MAX_ITEMS {
        reader.problems.add(list.span, format!("more than {MAX_ITEMS} items"), None);
        return None;
    }
    read_all(items, |item| read_part(item, framing.as_ref(), pace, reader))
}

fn read_part(
    node: Node<'_>,
    framing: Option<&Framing>,
    pace: Pace,
    reader: &mut Reader<'_>,
) -> Option<Part> {
    let (when, payload, Pace { chunk, gap }) = match node.as_table() {
        None => (Some(When::Next), Some(read_payload(node, reader)?), pace),
        Some(table) => {
            reader.refuse_others(table, "key", &SEND_KEYS);
            let pace = read_pace(table, pace, reader);
            let when = read_when(table, reader);
            let holds = ["data", "fill", "hex"].iter().any(|key| table.get(key).is_some());
            let payload = if holds { Some(read_payload_keys(node, table, reader)?) } else { None };
            if payload.is_none() && table.get("at").is_none() && table.get("after").is_none() {
                let help = "data = \"…\", or something to wait for: after = 10, at = \"20ms\"";
                reader.problems.add_with_help(node.span, "nothing to send or wait for", help);
                return None;
            }
            (when, payload, pace)
        }
    };
    let bytes = match (payload, framing) {
        (None, _) => Vec::new(),
        (Some(payload), Some(framing)) => encode_all(framing, &[payload], &[node], node, reader)?,
        (Some(payload), None) => {
            spend(payload.len(), node.span, reader).then(|| payload.bytes())?
        }
    };
    Some(Part { when: when?, bytes, chunk, gap })
}

/// `at` and `after`, of which one at most says what is waited for.
fn read_when(table: Table<'_>, reader: &mut Reader<'_>) -> Option<When> {
    match (table.get("at"), table.get("after")) {
        (None, None) => Some(When::Next),
        (Some(at), None) => <Duration as Word>::read(at, reader).map(When::At),
        (None, Some(after)) if after.as_str() == Some("eof") => Some(When::Eof),
        (None, Some(after)) => {
            if let Some(word) = after.as_str().filter(|word| word.starts_with(char::is_alphabetic))
            {
                reader.problems.add_unknown(after.span, "event", word, &["eof"]);
                return None;
            }
            <Size as Word>::read(after, reader).map(|size| When::Received(size.0 as u64))
        }
        (Some(_), Some(after)) => {
            let help = "write two items: one for each";
            reader.problems.add_with_help(after.span, "`after` beside `at`", help);
            None
        }
    }
}

fn read_payload_keys(node: Node<'_>, table: Table<'_>, reader: &mut Reader<'_>) -> Option<Payload> {
    let mut fields = Fields::new(node, table.span, None, reader)?;
    <Payload as Argument>::take_from(&mut fields, "data")
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
            let read = read_payload_keys(node, table, reader)?;
            spend(read.len(), payload.span, reader).then(|| read.bytes())
        }
        (None, None, None) => None,
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
    let places: Vec<Node<'_>> = node.as_array().into_iter().flatten().collect();
    encode_all(framing, frames, &places, node, reader)
}

/// The same, each frame with its place.
fn encode_all(
    framing: &Framing,
    frames: &[Payload],
    places: &[Node<'_>],
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<u8>> {
    let bytes = frames.iter().map(Payload::len).sum();
    if !within_limit(frames, node.span, reader) || !spend(bytes, node.span, reader) {
        return None;
    }
    let mut encoded = Vec::with_capacity(bytes);
    let encode = |(frame, place): (&Payload, &Node<'_>)| {
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
