//! Declared programs: `programs.NAME = { run = […] }`, each turned into the step that starts it.

use super::node::{Node, Reader, Table};
use super::order::Part;
use super::possible::check_operation;
use super::problem::Span;
use super::value::valid_name;
use super::{Expectation, Level, Step};
use crate::op::Entry;

/// The keys of a declared program.
pub const PROGRAM_KEYS: [&str; 4] = ["run", "at", "ready", "within"];

/// Reads all declared programs, in the order of the file.
pub fn read_programs<'a>(node: Node<'a>, reader: &mut Reader<'_>) -> Option<Vec<Part<'a>>> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a table of programs: programs.NAME = { run = [\"my-server\"] }");
        return None;
    };
    Some(table.entries().map(|(key, span, node)| read_program(key, span, node, reader)).collect())
}

fn read_program<'a>(key: &'a str, span: Span, node: Node<'a>, reader: &mut Reader<'_>) -> Part<'a> {
    let noted = reader.problems.noted();
    let mut steps = Vec::new();
    if let Err(why) = valid_name(key) {
        reader.problems.add_told(span, &why);
    } else if let Some(table) = node.as_table() {
        steps.extend(read_start(key, table, node, span, reader));
    } else {
        reader.wrong_type(node, "a program: { run = [\"my-server\", \"{port}\"] }");
    }
    let complete = reader.problems.noted() == noted;
    Part { name: Some((key, span)), node, steps, peer: None, complete }
}

/// The keys are the arguments of the operation.
fn read_start(
    key: &str,
    table: Table<'_>,
    node: Node<'_>,
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<Step> {
    let conductors: Vec<_> =
        table.entries().filter(|(key, ..)| matches!(*key, "nowait" | "start")).collect();
    for (key, span, _) in &conductors {
        reader.problems.add_unknown(*span, "key", key, &PROGRAM_KEYS);
    }
    if !conductors.is_empty() {
        return None;
    }
    let (op, patience) = Entry::find("start")?.read(node, span, reader)?;
    check_operation(&op, &patience, node, reader);
    Some(Step {
        socket: reader.names.intern(key),
        op,
        patience,
        expect: Expectation::Unwritten,
        why: None,
        level: Level::Must,
        known: Vec::new(),
        span,
        claim: span,
    })
}
