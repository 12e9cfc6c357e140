//! What goes wrong on the way from a peer: the key `faults`, in Toxiproxy's words where it has one.

use std::time::Duration;

use super::optional;
use super::reading::amount;
use crate::op::{Number, Size, Word};
use crate::peer::spec::{Cut, Draw, Faults, Mark, Pick, Spec, Then};
use crate::scenario::node::{Node, Reader, Table, read_all};

/// The keys of `faults`.
pub const FAULT_KEYS: [&str; 11] = [
    "slice",
    "latency",
    "bandwidth",
    "slow_close",
    "reset_after",
    "limit_data",
    "half_close_after",
    "stall_after",
    "drop",
    "duplicate",
    "reorder",
];

/// What cuts a script short, and how it ends then.
const CUTS: [(&str, Then); 4] = [
    ("reset_after", Then::Reset),
    ("limit_data", Then::Close),
    ("half_close_after", Then::Shutdown),
    ("stall_after", Then::Keep),
];

/// Reads all faults into `spec`, whose script is read already.
pub(super) fn read(table: Table<'_>, spec: &mut Spec, reader: &mut Reader<'_>) {
    let Some(node) = table.get("faults") else { return };
    let Some(faults) = node.as_table() else {
        reader.wrong_type(node, "a table of faults: { latency = \"5ms\", reset_after = 100 }");
        return;
    };
    reader.refuse_others(faults, "fault", &FAULT_KEYS);
    if let Some(node) = faults.get("slice") {
        read_slice(node, table, spec, reader);
    }
    let given = CUTS.iter().filter_map(|(key, then)| faults.get(key).map(|node| (node, *then)));
    let mut cuts = Vec::new();
    for (node, then) in given {
        cuts.extend(read_mark(node, reader).map(|mark| Cut { mark, then }));
    }
    let [drop, duplicate, reorder] = ["drop", "duplicate", "reorder"]
        .map(|key| faults.get(key).and_then(|node| read_pick(node, reader)).unwrap_or_default());
    spec.faults = Faults {
        latency: faults.get("latency").and_then(|node| read_latency(node, reader)),
        bandwidth: amount(faults, "bandwidth", reader).map(|rate| rate as u64),
        slow_close: optional::<Duration>(faults, "slow_close", reader).unwrap_or_default(),
        cuts,
        drop,
        duplicate,
        reorder,
    };
}

/// `{ size = 10, variation = 3, delay = "1ms" }`: chunks of 7 to 13 bytes and gaps of 1 ms.
fn read_slice(node: Node<'_>, peer: Table<'_>, spec: &mut Spec, reader: &mut Reader<'_>) {
    const HELP: &str = "{ size = 10, variation = 3, delay = \"1ms\" }";
    if peer.get("chunk").is_some() || peer.get("gap").is_some() {
        let help = "`slice` chooses the chunks and the gaps between them";
        reader.problems.add_with_help(node.span, "`slice` beside `chunk` or `gap`", help);
        return;
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, &format!("a slice: {HELP}"));
        return;
    };
    reader.refuse_others(table, "key", &["size", "variation", "delay"]);
    let variation = optional::<Size>(table, "variation", reader).map_or(0, |size| size.0);
    let delay = optional::<Duration>(table, "delay", reader).unwrap_or_default();
    let Some(size) = amount(table, "size", reader) else {
        if table.get("size").is_some() {
            return;
        }
        reader.problems.add_with_help(node.span, "a slice without `size`", HELP);
        return;
    };
    let (least, most) = (size.saturating_sub(variation).max(1), size + variation);
    for part in &mut spec.script {
        part.chunk = Some(Draw::Between(least, most));
        part.gap = Draw::Exactly(delay);
    }
    if let Some(echo) = &mut spec.echo {
        echo.chunk = Some(Draw::Between(least, most));
        echo.gap = Draw::Exactly(delay);
    }
}

/// `"5ms"`, or `{ time = "5ms", jitter = "2ms" }`.
fn read_latency(node: Node<'_>, reader: &mut Reader<'_>) -> Option<(Duration, Duration)> {
    let Some(table) = node.as_table() else {
        return <Duration as Word>::read(node, reader).map(|time| (time, Duration::ZERO));
    };
    reader.refuse_others(table, "key", &["time", "jitter"]);
    let time = optional::<Duration>(table, "time", reader);
    let jitter = optional::<Duration>(table, "jitter", reader).unwrap_or_default();
    if table.get("time").is_none() {
        let help = "{ time = \"5ms\", jitter = \"2ms\" }";
        reader.problems.add_with_help(node.span, "a latency without `time`", help);
    }
    time.map(|time| (time, jitter))
}

/// So many bytes sent, or `{ received = 10 }`.
fn read_mark(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Mark> {
    let Some(table) = node.as_table() else {
        return <Size as Word>::read(node, reader).map(|size| Mark::Sent(size.0 as u64));
    };
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &["sent", "received"]);
    let sent = optional::<Size>(table, "sent", reader).map(|size| Mark::Sent(size.0 as u64));
    let received = optional::<Size>(table, "received", reader);
    let received = received.map(|size| Mark::Received(size.0 as u64));
    let mark = match (sent, received) {
        (Some(mark), None) | (None, Some(mark)) => Some(mark),
        (Some(_), Some(_)) | (None, None) => None,
    };
    if mark.is_none() && reader.problems.noted() == noted {
        let help = "a number of bytes sent, or { received = 10 }";
        reader.problems.add_with_help(node.span, "one of `sent` and `received` says where", help);
    }
    mark
}

/// `[2, 5]`, counted from 1, or `"30%"`.
fn read_pick(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Pick> {
    const FORM: &str = "numbers of datagrams, or a part of all: [2, 5], counted from 1, or \"30%\"";
    if let Some(items) = node.as_array() {
        let numbers = read_all(items, |item| {
            let Number(number) = <Number as Word>::read(item, reader)?;
            let number = u64::try_from(number).ok().filter(|number| *number > 0);
            if number.is_none() {
                let help = "the first is number 1";
                reader.problems.add_with_help(item.span, "no datagram has this number", help);
            }
            number
        });
        return numbers.map(Pick::Numbers);
    }
    let percent = node.as_str().and_then(|text| text.strip_suffix('%')?.parse().ok());
    let percent = percent.filter(|percent: &u8| *percent <= 100);
    if percent.is_none() {
        reader.wrong_type(node, FORM);
    }
    percent.map(Pick::Percent)
}
