//! The file as a whole: its keys, its matrix, its steps.

use toml::de::DeTable;

use super::expectation::{Subject, read_expectation, read_known};
use super::node::{Cell, Name, Names, Node, Reader, Table};
use super::peer::read_peers;
use super::problem::{Problem, Problems, Span, short};
use super::sockets::read_sockets;
use super::value::{check_id, read_amount, read_duration, valid_name};
use super::{Expectation, Level, Need, Scenario, Step, order};
use crate::op::{Entry, TABLE};

/// A scenario is a page that somebody reads; what is longer is no scenario.
pub const MAX_FILE_BYTES: usize = 256 << 10;

/// A matrix beyond this is a typing error, or a test nobody waits for.
pub const MAX_CELLS: usize = 1_000;

/// More steps than anybody reads.
pub const MAX_STEPS: usize = 1_000;

/// `repeat` beyond this belongs into a shell loop.
pub const MAX_REPEAT: usize = 1_000;

/// The keys of a file.
pub const TOP_KEYS: [&str; 11] = [
    "title", "see", "level", "needs", "serial", "limit", "repeat", "matrix", "sockets", "peers",
    "step",
];

/// The keys of a step besides its operation.
pub const STEP_KEYS: [&str; 4] = ["expect", "why", "level", "known"];

/// The capabilities that `needs` may name.
pub const NEEDS: [&str; 7] =
    ["ipv6", "unix-stream", "unix-dgram", "unix-seqpacket", "abstract", "root", "netns"];

/// Reads a file: one scenario per cell of its matrix, or every mistake.
pub fn parse(id: &str, text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    let mut problems = Problems::default();
    if let Err(why) = check_id(id) {
        problems.add(Span::default(), why, None);
    }
    if text.len() > MAX_FILE_BYTES {
        let message =
            format!("the file has {} bytes; a scenario has at most {MAX_FILE_BYTES}", text.len());
        problems.add(Span::default(), message, None);
        return Err(problems.into_sorted());
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let span = error.span().map(Span::from).unwrap_or_default();
            problems.add(span, format!("not TOML: {}", error.message().replace('\n', ", ")), None);
        }
        return Err(problems.into_sorted());
    }
    let no_cell = Cell::default();
    let whole = Table::root(&root, &no_cell);
    let cells = read_matrix(root.get_ref(), whole, &mut problems);
    let scenarios: Vec<Option<Scenario>> = cells
        .iter()
        .map(|cell| read_cell(id, Table::root(&root, cell), cell, &mut problems))
        .collect();
    match scenarios.into_iter().collect::<Option<Vec<Scenario>>>() {
        Some(scenarios) if problems.is_empty() => Ok(scenarios),
        _ => Err(problems.into_sorted()),
    }
}

/// The cells of the matrix: one without values where there is none.
fn read_matrix<'a>(
    root: &'a DeTable<'a>,
    whole: Table<'_>,
    problems: &mut Problems,
) -> Vec<Cell<'a>> {
    check_references(whole, problems);
    let Some(matrix) = root.get("matrix") else { return vec![Cell::default()] };
    let Some(table) = matrix.get_ref().as_table() else {
        let help = "matrix.NAME = [value, value]";
        problems.add_with_help(matrix.span().into(), "the matrix is no table", help);
        return Vec::new();
    };
    let mut cells = vec![Cell::default()];
    for (name, values) in table {
        let Some(values) = values.get_ref().as_array().filter(|values| !values.is_empty()) else {
            let message = format!("matrix `{}` has no list of values", name.get_ref());
            problems.add(values.span().into(), message, None);
            continue;
        };
        if cells.len().saturating_mul(values.len()) > MAX_CELLS {
            let message = format!("the matrix has more than {MAX_CELLS} cells");
            problems.add(matrix.span().into(), message, None);
            return Vec::new();
        }
        cells = cells
            .iter()
            .flat_map(|cell| {
                values.iter().map(|value| {
                    let mut cell = cell.clone();
                    cell.values.push((name.get_ref().as_ref(), value));
                    cell
                })
            })
            .collect();
    }
    cells
}

/// Every `"$name"` has to be a name of the matrix.
fn check_references(root: Table<'_>, problems: &mut Problems) {
    let names: Vec<&str> = root
        .get("matrix")
        .and_then(Node::as_table)
        .map(|matrix| matrix.entries().map(|(name, ..)| name).collect())
        .unwrap_or_default();
    for (_, _, node) in root.entries() {
        check_reference(node, &names, problems);
    }
}

fn check_reference(node: Node<'_>, names: &[&str], problems: &mut Problems) {
    if let Some(items) = node.as_array() {
        items.for_each(|item| check_reference(item, names, problems));
    } else if let Some(table) = node.as_table() {
        table.entries().for_each(|(_, _, node)| check_reference(node, names, problems));
    } else if let Some(name) = node.as_reference()
        && !names.contains(&name)
    {
        let help = format!("{}; `$$` stands for a dollar sign", super::suggest(name, names));
        problems.add_with_help(node.span, format!("no matrix is named `{}`", short(name)), help);
    }
}

fn read_cell(
    id: &str,
    root: Table<'_>,
    cell: &Cell<'_>,
    problems: &mut Problems,
) -> Option<Scenario> {
    for (key, span, _) in root.entries().filter(|(key, ..)| !TOP_KEYS.contains(key)) {
        problems.add_unknown(span, "key", key, &TOP_KEYS);
    }
    let mut reader = Reader { problems, names: Names::default() };
    let title = read_title(root, &mut reader);
    let level = root.get("level").map_or(Some(Level::Must), |node| read_level(node, &mut reader));
    let setup = root.get("sockets").map(|node| read_sockets(node, &mut reader)).unwrap_or_default();
    let peers = root.get("peers").map(|node| read_peers(node, &mut reader)).unwrap_or_default();
    let steps = read_steps(root, level.unwrap_or_default(), &mut reader);
    let scenario = Scenario {
        id: cell_id(id, cell),
        title: title.unwrap_or_default(),
        see: root.get("see").map(|node| read_strings(node, &mut reader)).unwrap_or_default(),
        needs: root.get("needs").map(|node| read_needs(node, &mut reader)).unwrap_or_default(),
        serial: root.get("serial").is_some_and(|node| read_flag(node, &mut reader)),
        limit: root.get("limit").and_then(|node| read_duration(node, &mut reader)),
        repeat: root
            .get("repeat")
            .and_then(|node| read_amount(node, &mut reader, MAX_REPEAT))
            .unwrap_or(1),
        setup,
        peers,
        steps: steps?,
        names: reader.names,
    };
    // Out of order only means something where every step could be read.
    if problems.is_empty() {
        order::check(&scenario, problems);
    }
    Some(scenario)
}

fn cell_id(id: &str, cell: &Cell<'_>) -> String {
    let shown: Vec<String> = cell
        .values
        .iter()
        .map(|(name, value)| format!("{name}={}", show_value(value.get_ref())))
        .collect();
    if shown.is_empty() { id.to_owned() } else { format!("{id}[{}]", shown.join(",")) }
}

/// A matrix value as ids show it. Values that are tables or lists are shown as TOML shows them.
fn show_value(value: &toml::de::DeValue<'_>) -> String {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(items) => {
            let shown: Vec<String> = items.iter().map(|item| show_value(item.get_ref())).collect();
            shown.join("+")
        }
        DeValue::Table(table) => {
            let shown: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{}:{}", key.get_ref(), show_value(value.get_ref())))
                .collect();
            shown.join("+")
        }
    }
}

fn read_title(root: Table<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let Some(node) = root.get("title") else {
        let help = "title = \"The claim, as a sentence\"";
        reader.problems.add_with_help(Span::default(), "the scenario has no title", help);
        return None;
    };
    let title = node.as_str().filter(|title| !title.trim().is_empty());
    if title.is_none() {
        reader.wrong_type(node, "the claim, as a sentence");
    }
    title.map(str::to_owned)
}

fn read_level(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Level> {
    let word = node.as_str().unwrap_or("?");
    let level = Level::ALL.iter().find(|(known, _)| *known == word).map(|(_, level)| *level);
    if level.is_none() {
        reader.problems.add_unknown(node.span, "level", word, &Level::ALL.map(|(word, _)| word));
    }
    level
}

fn read_flag(node: Node<'_>, reader: &mut Reader<'_>) -> bool {
    let flag = node.as_bool();
    if flag.is_none() {
        reader.wrong_type(node, "true or false");
    }
    flag.unwrap_or(false)
}

fn read_strings(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "a list of texts");
        return Vec::new();
    };
    items
        .filter_map(|item| {
            let text = item.as_str();
            if text.is_none() {
                reader.wrong_type(item, "text");
            }
            text.map(str::to_owned)
        })
        .collect()
}

fn read_needs(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<Need> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "a list of capabilities");
        return Vec::new();
    };
    items.filter_map(|item| read_need(item, reader)).collect()
}

fn read_need(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Need> {
    let word = node.as_str().unwrap_or("?");
    if let Some((name, value)) = word.strip_prefix("sysctl ").and_then(|rest| rest.split_once('='))
    {
        return Some(Need::Setting {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        });
    }
    let known = NEEDS.into_iter().find(|known| *known == word);
    if known.is_none() {
        let accepted: Vec<&str> = NEEDS.into_iter().chain(["sysctl NAME=VALUE"]).collect();
        reader.problems.add_unknown(node.span, "need", word, &accepted);
    }
    known.map(Need::Capability)
}

fn read_steps(root: Table<'_>, level: Level, reader: &mut Reader<'_>) -> Option<Vec<Step>> {
    let Some(node) = root.get("step") else {
        let help = "step = [ { server.accept = \"conn\" }, … ] or [[step]] tables";
        reader.problems.add_with_help(Span::default(), "the scenario has no steps", help);
        return None;
    };
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "a list of steps");
        return None;
    };
    if items.len() == 0 || items.len() > MAX_STEPS {
        let message = format!("{} steps; a scenario has 1 to {MAX_STEPS}", items.len());
        reader.problems.add(node.span, message, None);
        return None;
    }
    // Collected before the verdict: a bad step does not hide the mistakes of the next.
    let steps: Vec<Option<Step>> = items.map(|item| read_step(item, level, reader)).collect();
    steps.into_iter().collect()
}

fn read_step(node: Node<'_>, level: Level, reader: &mut Reader<'_>) -> Option<Step> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a step: { SOCKET.VERB = arguments }");
        return None;
    };
    let operations: Vec<_> = table.entries().filter(|(key, ..)| !STEP_KEYS.contains(key)).collect();
    let [(socket, span, verbs)] = operations.as_slice() else {
        let help = "one operation a step: { SOCKET.VERB = arguments, expect = …, why = \"…\" }";
        let message = format!("a step with {} operations", operations.len());
        let place = operations.get(1).map_or(node.span, |(_, span, _)| *span);
        reader.problems.add_with_help(place, message, help);
        return None;
    };
    let socket = read_socket_name(socket, *span, reader);
    let (verb, verb_span, arguments) = read_verb(*verbs, *span, reader)?;
    let Some(entry) = Entry::find(verb) else {
        let verbs: Vec<&str> = TABLE.iter().map(|entry| entry.verb).collect();
        reader.problems.add_unknown(verb_span, "verb", verb, &verbs);
        return None;
    };
    let read = entry.read(arguments, verb_span, reader);
    let subject = Subject { entry, op: read.as_ref() };
    let expect =
        table.get("expect").map(|node| (node.span, read_expectation(node, &subject, reader)));
    let known = table.get("known").map_or(Some(Vec::new()), |node| read_known(node, reader));
    let level = table.get("level").map_or(Some(level), |node| read_level(node, reader));
    let why = table.get("why").map(|node| read_why(node, reader));
    let (claim, expect) = expect.unwrap_or((verb_span, Some(Expectation::Unwritten)));
    let (op, patience) = read?;
    Some(Step {
        socket: socket?,
        op,
        patience,
        expect: expect?,
        why: why.flatten(),
        level: level?,
        known: known?,
        span: verb_span,
        claim,
    })
}

fn read_why(node: Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let why = node.as_str();
    if why.is_none() {
        reader.wrong_type(node, "a sentence");
    }
    why.map(str::to_owned)
}

fn read_socket_name(key: &str, span: Span, reader: &mut Reader<'_>) -> Option<Name> {
    match valid_name(key) {
        Ok(()) => Some(reader.names.intern(key)),
        Err(why) => {
            let help =
                "a step is { SOCKET.VERB = arguments }, with the keys expect, why, level and known";
            reader.problems.add_with_help(span, why, help);
            None
        }
    }
}

fn read_verb<'n>(
    node: Node<'n>,
    span: Span,
    reader: &mut Reader<'_>,
) -> Option<(&'n str, Span, Node<'n>)> {
    let help = "write SOCKET.VERB = arguments, such as conn.recv = 64";
    let Some(table) = node.as_table() else {
        reader.problems.add_with_help(span, "a socket without a verb", help);
        return None;
    };
    let mut entries = table.entries();
    let first = entries.next();
    if first.is_none() || entries.next().is_some() {
        reader.problems.add_with_help(span, "expected just one verb", help);
        return None;
    }
    first
}
