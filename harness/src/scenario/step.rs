//! One step: an operation on a socket, and what is expected of it.

use super::expectation::{Subject, read_expectation, read_known};
use super::node::{Name, Node, Reader, Table};
use super::order::Part;
use super::possible::check_operation;
use super::problem::{Span, nearest};
use super::value::valid_name;
use super::{Expectation, Level, Step};
use crate::op::{Entry, TABLE};

/// The keys of a step besides its operation.
pub const STEP_KEYS: [&str; 4] = ["expect", "why", "level", "known"];

const STEP_HELP: &str =
    "one operation a step: { SOCKET.VERB = arguments, expect = …, why = \"…\" }";

const VERB_HELP: &str = "write SOCKET.VERB = arguments, such as conn.recv = 64";

/// Reads a step. One that cannot be read is a part without steps: order is still asked of the
/// others.
pub fn read_step<'a>(node: Node<'a>, level: Level, reader: &mut Reader<'_>) -> Part<'a> {
    let noted = reader.problems.noted();
    let step = if let Some(table) = node.as_table() {
        read_table(table, level, reader)
    } else {
        reader.wrong_type(node, "a step: { SOCKET.VERB = arguments }");
        None
    };
    Part {
        name: None,
        node,
        steps: step.into_iter().collect(),
        peer: None,
        complete: reader.problems.noted() == noted,
    }
}

fn read_table(table: Table<'_>, level: Level, reader: &mut Reader<'_>) -> Option<Step> {
    let known = table.get("known").map_or(Some(Vec::new()), |node| read_known(node, reader));
    let level = table.get("level").map_or(Some(level), |node| read_level(node, reader));
    let why = table.get("why").and_then(|node| read_why(node, reader));
    let (socket, span, verbs) = find_operation(table, reader)?;
    let socket = read_socket_name(socket, span, reader);
    let (verb, verb_span, arguments) = read_verb(verbs, span, reader)?;
    let Some(entry) = Entry::find(verb) else {
        unknown_verb(verb, verb_span, reader);
        return None;
    };
    let noted = reader.problems.noted();
    let read = entry.read(arguments, verb_span, reader);
    if reader.problems.noted() > noted {
        forgive_missing(entry, arguments, verb_span, reader);
    } else if let Some((op, patience)) = &read {
        check_operation(op, patience, arguments, reader);
    }
    let subject = Subject { entry, op: read.as_ref(), verb: verb_span };
    let (claim, expect) = match table.get("expect") {
        Some(node) => (node.span, read_expectation(node, &subject, reader)),
        None => (verb_span, subject.unwritten(reader)),
    };
    let (op, patience) = read?;
    // What could not be read is noted, and no scenario comes of it: only the order is still asked.
    Some(Step {
        socket: socket?,
        op,
        patience,
        expect: expect.unwrap_or(Expectation::Unwritten),
        why,
        level: level.unwrap_or_default(),
        known: known.unwrap_or_default(),
        span: verb_span,
        claim,
    })
}

/// The one entry of a step that is its operation.
fn find_operation<'a>(
    table: Table<'a>,
    reader: &mut Reader<'_>,
) -> Option<(&'a str, Span, Node<'a>)> {
    let mut operations = table.entries().filter(|(key, ..)| !STEP_KEYS.contains(key));
    match (operations.next(), operations.next()) {
        (Some(one), None) => Some(one),
        (None, _) => {
            let message = "a step without an operation";
            reader.problems.add_with_help(table.span, message, STEP_HELP);
            None
        }
        (Some(_), Some(second)) => find_among(table, second.1, reader),
    }
}

/// The operation among several keys, where the others are misspelt keys of a step.
fn find_among<'a>(
    table: Table<'a>,
    second: Span,
    reader: &mut Reader<'_>,
) -> Option<(&'a str, Span, Node<'a>)> {
    let operations: Vec<_> = table.entries().filter(|(key, ..)| !STEP_KEYS.contains(key)).collect();
    let (real, others): (Vec<_>, Vec<_>) =
        operations.iter().copied().partition(|(key, _, node)| is_operation(key, *node));
    let [only] = real.as_slice() else {
        let message = format!("a step with {} operations", operations.len());
        reader.problems.add_with_help(second, message, STEP_HELP);
        return None;
    };
    for (key, span, _) in others {
        reader.problems.add_unknown(span, "key", key, &STEP_KEYS);
    }
    Some(*only)
}

/// Whether this is a socket with a verb, or else looks more like one than like a step's key.
fn is_operation(key: &str, node: Node<'_>) -> bool {
    let verb = node.as_table().and_then(|table| table.entries().next());
    verb.is_some_and(|(verb, ..)| Entry::find(verb).is_some() || nearest(key, &STEP_KEYS).is_none())
}

fn unknown_verb(verb: &str, span: Span, reader: &mut Reader<'_>) {
    let verbs: Vec<&str> = TABLE.iter().map(|entry| entry.verb).collect();
    // Who knows the system call and not the verb.
    let call = format!("{verb}(");
    let made_by = TABLE.iter().find(|entry| entry.calls.starts_with(&call));
    match made_by.filter(|_| nearest(verb, &verbs).is_none()) {
        Some(entry) => {
            let help = format!("`{}` calls {}", entry.verb, entry.calls);
            reader.problems.add_with_help(span, format!("unknown verb `{verb}`"), help);
        }
        None => reader.problems.add_unknown(span, "verb", verb, &verbs),
    }
}

/// An argument is not missing where it is there and misspelt.
fn forgive_missing(entry: &Entry, arguments: Node<'_>, verb: Span, reader: &mut Reader<'_>) {
    let Some(table) = arguments.as_table().filter(|_| !reader.problems.is_full()) else { return };
    let keys = entry.keys();
    let misspelt = table.entries().filter(|(key, ..)| !keys.contains(key));
    for meant in misspelt.filter_map(|(key, ..)| nearest(key, &keys)) {
        reader.problems.take_back(verb, &format!("missing argument `{meant}`"));
    }
}

fn read_socket_name(key: &str, span: Span, reader: &mut Reader<'_>) -> Option<Name> {
    match valid_name(key) {
        Ok(()) => Some(reader.names.intern(key)),
        Err(why) => {
            reader.problems.add_told(span, &why);
            None
        }
    }
}

fn read_verb<'n>(
    node: Node<'n>,
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<(&'n str, Span, Node<'n>)> {
    let Some(table) = node.as_table() else {
        reader.problems.add_with_help(span, "a socket without a verb", VERB_HELP);
        return None;
    };
    let mut entries = table.entries();
    match (entries.next(), entries.next()) {
        (Some(one), None) => Some(one),
        (None, _) => {
            reader.problems.add_with_help(span, "a socket without a verb", VERB_HELP);
            None
        }
        (Some(_), Some((_, second, _))) => {
            reader.problems.add_with_help(second, "a second verb in one step", STEP_HELP);
            None
        }
    }
}

/// How binding a claim is.
pub fn read_level(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Level> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, "a level: must, should or info");
        return None;
    };
    let level = Level::ALL.iter().find(|(known, _)| *known == word).map(|(_, level)| *level);
    if level.is_none() {
        reader.problems.add_unknown(node.span, "level", word, &Level::ALL.map(|(word, _)| word));
    }
    level
}

fn read_why(node: Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let why = node.as_str();
    if why.is_none() {
        reader.wrong_type(node, "a sentence");
    }
    why.map(str::to_owned)
}
