//! How a peer reads: the key `read`.

use std::time::Duration;

use super::optional;
use crate::op::{Size, Word};
use crate::peer::spec::{DEFAULT_MAX, Reading, Spec};
use crate::scenario::node::{Node, Reader, Table};

/// The keys of `read`.
pub const READ_KEYS: [&str; 5] = ["max", "delay", "gap", "pause", "rate"];

/// The keys of `pause`.
const PAUSE_KEYS: [&str; 2] = ["every", "time"];

/// A peer reads where it is told to, or where something of it waits for what arrives.
pub(super) fn read(table: Table<'_>, spec: &mut Spec, reader: &mut Reader<'_>) {
    let Some(node) = table.get("read") else {
        spec.reading = spec.needs_to_read().then(Reading::default);
        return;
    };
    spec.reading = read_reading(node, reader);
    if node.as_bool() == Some(false) && spec.needs_to_read() {
        let help = "`echo`, `after` and faults after `received` bytes need to read";
        reader.problems.add_with_help(node.span, "a peer that waits and never reads", help);
    }
}

fn read_reading(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Reading> {
    if let Some(reads) = node.as_bool() {
        return reads.then(Reading::default);
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a way to read: true, false, or { max = 512, delay = \"50ms\" }");
        return None;
    };
    reader.refuse_others(table, "key", &READ_KEYS);
    Some(Reading {
        max: amount(table, "max", reader).unwrap_or(DEFAULT_MAX),
        delay: optional::<Duration>(table, "delay", reader).unwrap_or_default(),
        gap: optional::<Duration>(table, "gap", reader).unwrap_or_default(),
        pause: table.get("pause").and_then(|node| read_pause(node, reader)),
        rate: amount(table, "rate", reader).map(|rate| rate as u64),
    })
}

fn read_pause(node: Node<'_>, reader: &mut Reader<'_>) -> Option<(u64, Duration)> {
    const HELP: &str = "{ every = 4096, time = \"10ms\" }";
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, &format!("a pause: {HELP}"));
        return None;
    };
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &PAUSE_KEYS);
    let every = amount(table, "every", reader);
    let pause = every.zip(optional::<Duration>(table, "time", reader));
    if pause.is_none() && reader.problems.noted() == noted {
        reader.problems.add_with_help(table.span, "a pause has both `every` and `time`", HELP);
    }
    pause.map(|(every, time)| (every as u64, time))
}

/// An amount that is not 0.
pub(super) fn amount(table: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<usize> {
    let node = table.get(key)?;
    let Size(amount) = <Size as Word>::read(node, reader)?;
    if amount == 0 {
        reader.problems.add(node.span, "0 bytes at a time never end", None);
    }
    Some(amount).filter(|amount| *amount > 0)
}
