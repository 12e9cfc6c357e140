//! The file as a whole: its keys, its cells, every mistake in it.

use toml::Spanned;
use toml::de::{DeTable, Error};

use super::alone::forks;
use super::layers;
use super::matrix::{MAX_DEPTH, References, cell_names, dismantle, read_matrix, too_deep};
use super::node::{Cell, MAX_SOCKETS, Names, Node, Reader, Table, read_all};
use super::order::{self, Part};
use super::peer::read_peers;
use super::problem::{Gathered, Problem, Problems, Span, short};
use super::program::read_programs;
use super::sockets::read_sockets;
use super::step::{read_level, read_step};
use super::value::{check_id, read_amount, read_duration};
use super::{Level, Need, Scenario, Step};

/// A scenario is a page that somebody reads; what is longer is no scenario.
pub const MAX_FILE_BYTES: usize = 256 << 10;

/// A matrix beyond this is a typing error, or a test nobody waits for.
pub const MAX_CELLS: usize = 1_000;

/// Cells times bytes of the file: each cell is read from the whole file, and kept.
pub const MAX_EXPANDED_BYTES: usize = 8 << 20;

/// What peers may send and steps may frame in all cells together: those bytes are made when the
/// file is read.
pub const MAX_FRAMED_BYTES: usize = 64 << 20;

/// More steps than anybody writes; what writes files for itself may talk over a thousand connections.
pub const MAX_STEPS: usize = 4_000;

/// `repeat` beyond this belongs into a shell loop.
pub const MAX_REPEAT: usize = 1_000;

/// The keys of a file.
pub const TOP_KEYS: [&str; 12] = [
    "title", "see", "level", "needs", "serial", "limit", "repeat", "matrix", "programs", "sockets",
    "peers", "step",
];

/// The capabilities that `needs` may name.
pub const NEEDS: [&str; 17] = [
    "ipv6",
    "unix-stream",
    "unix-dgram",
    "unix-seqpacket",
    "abstract",
    "autobind",
    "accept-queue",
    "send-queue",
    "connection-table",
    "recverr",
    "tcp-info",
    "udp-segment",
    "urgent",
    "root",
    "netns",
    "programs",
    "remote",
];

/// Reads a file: one scenario per cell of its matrix, or every mistake.
pub fn parse(id: &str, text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    let mut problems = Problems::default();
    if let Err(why) = check_id(id) {
        problems.add_told(Span::default(), &why);
    }
    if text.len() > MAX_FILE_BYTES {
        let bytes = text.len();
        let message =
            format!("the file has {bytes} bytes; a scenario has at most {MAX_FILE_BYTES}");
        problems.add(Span::default(), message, None);
        return Err(problems.into_sorted());
    }
    let Some(root) = toml(text, &mut problems) else { return Err(problems.into_sorted()) };
    read_file(id, &root, text.len(), problems).map_err(Problems::into_sorted)
}

/// Reads another file of ours, without a matrix, with the means of scenario files: what `read` makes of
/// it, or every mistake.
pub fn parse_with<T>(
    text: &str,
    read: impl FnOnce(Table<'_>, &mut Reader<'_>) -> T,
) -> Result<T, Vec<Problem>> {
    let mut problems = Problems::default();
    let Some(root) = toml(text, &mut problems) else { return Err(problems.into_sorted()) };
    let no_cell = Cell::default();
    let mut reader = Reader {
        problems: &mut problems,
        names: Names::default(),
        bytes_left: MAX_FRAMED_BYTES,
        repeats: false,
    };
    let made = read(Table::root(&root, &no_cell), &mut reader);
    if problems.is_empty() { Ok(made) } else { Err(problems.into_sorted()) }
}

/// The file as TOML; where it is none, or too deep, every such mistake is noted.
fn toml<'t>(text: &'t str, problems: &mut Problems) -> Option<Spanned<DeTable<'t>>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let deep = too_deep(root.get_ref());
    note_errors(text, &errors, deep, problems);
    if errors.is_empty() && deep.is_none() {
        return Some(root);
    }
    dismantle(root);
    None
}

/// Notes what the TOML parser says: of each line the first, since the rest follows from it.
fn note_errors(text: &str, errors: &[Error], deep: Option<Span>, problems: &mut Problems) {
    let recursion = errors.iter().find(|error| error.message().starts_with("cannot recurse"));
    if let Some(span) = recursion.and_then(Error::span).map(Span::from).or(deep) {
        problems.add(span, format!("nested deeper than {MAX_DEPTH} levels"), None);
        return;
    }
    let mut line_end = 0;
    for error in errors {
        let span = error.span().map(Span::from).unwrap_or_default();
        if span.start < line_end {
            continue;
        }
        let rest = text.get(span.start..).unwrap_or_default();
        line_end = span.start + rest.find('\n').unwrap_or(rest.len());
        let word = text.get(span.start..span.end).unwrap_or_default();
        let (what, help) = reword(error.message(), word);
        problems.add(span, format!("not TOML: {what}"), help);
    }
}

/// What the TOML parser says of `word`, with what would be right apart.
fn reword(message: &str, word: &str) -> (String, Option<String>) {
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, "nothing")) => (what, None),
        Some((what, expected)) => (what, Some(format!("expected {expected}"))),
        None => (message, None),
    };
    match what {
        "duplicate key" if word == "step" => {
            let help = "`step = [ … ]` and `[[step]]` are two ways to say one thing; choose one";
            ("duplicate key `step`".to_owned(), Some(help.to_owned()))
        }
        "duplicate key" => (format!("duplicate key `{}`", short(word)), None),
        "string values must be quoted" if !word.is_empty() => {
            (what.to_owned(), Some(format!("\"{}\"", short(word))))
        }
        _ => (what.to_owned(), expected),
    }
}

fn read_file(
    id: &str,
    root: &Spanned<DeTable<'_>>,
    bytes: usize,
    mut problems: Problems,
) -> Result<Vec<Scenario>, Problems> {
    let no_cell = Cell::default();
    let whole = Table::root(root, &no_cell);
    let references = References::of(whole, &mut problems);
    let cells = read_matrix(root, bytes, &references, &mut problems);
    let names = cell_names(&cells, &mut problems);
    let mut gathered = Gathered::new(problems);
    let mut bytes_left = MAX_FRAMED_BYTES;
    let mut scenarios = Vec::with_capacity(cells.len());
    for (cell, name) in cells.iter().zip(&names) {
        if gathered.is_full() {
            break;
        }
        let mut problems = gathered.of_cell();
        let id = if name.is_empty() { id.to_owned() } else { format!("{id}[{name}]") };
        let mut reader =
            Reader { problems: &mut problems, names: Names::default(), bytes_left, repeats: false };
        scenarios.extend(read_cell(id, Table::root(root, cell), &mut reader));
        bytes_left = reader.bytes_left;
        gathered.add(problems, name, |span| references.value_place(span, cell));
    }
    let problems = gathered.finish();
    if problems.is_empty() { Ok(scenarios) } else { Err(problems) }
}

fn read_cell(id: String, root: Table<'_>, reader: &mut Reader<'_>) -> Option<Scenario> {
    reader.refuse_others(root, "key", &TOP_KEYS);
    let title = read_title(root, reader);
    let repeat = root.get("repeat").map_or(1, |node| read_repeat(node, reader));
    reader.repeats = repeat > 1;
    let level = root.get("level").map_or(Some(Level::Must), |node| read_level(node, reader));
    let programs =
        root.get("programs").map_or(Some(Vec::new()), |node| read_programs(node, reader));
    let sockets = root.get("sockets").map_or(Some(Vec::new()), |node| read_sockets(node, reader));
    let peers = root.get("peers").map_or(Some(Vec::new()), |node| read_peers(node, reader));
    let steps = read_steps(root, level.unwrap_or_default(), reader);
    let see = root.get("see").map(|node| read_strings(node, reader)).unwrap_or_default();
    let needs = root.get("needs").map(|node| read_needs(node, reader)).unwrap_or_default();
    let serial = root.get("serial").is_some_and(|node| read_flag(node, reader));
    let limit = root.get("limit").and_then(|node| {
        let limit = read_duration(node, reader)?;
        if limit.is_zero() {
            reader.problems.add(node.span, "in no time nothing can be done", None);
        }
        Some(limit)
    });
    if reader.names.is_full() {
        let message = format!("more than {MAX_SOCKETS} names of sockets");
        reader.problems.add(Span::default(), message, None);
        return None;
    }
    let (mut sockets, peers, steps) = (sockets?, peers?, steps?);
    // Whom a socket connects to has to be there.
    sockets.splice(..0, programs?);
    order::check(&sockets, &peers, &steps, &reader.names, reader.problems);
    layers::check(&sockets, &steps, &reader.names, reader.problems);
    let steps: Vec<Step> = steps.into_iter().flat_map(|part| part.steps).collect();
    Some(Scenario {
        id,
        title: title?,
        see,
        needs,
        serial: serial || steps.iter().any(forks),
        limit,
        repeat,
        setup: sockets.into_iter().flat_map(|part| part.steps).collect(),
        peers: peers.into_iter().filter_map(|part| part.peer).collect(),
        steps,
        names: std::mem::take(&mut reader.names),
    })
}

fn read_title(root: Table<'_>, reader: &mut Reader<'_>) -> Option<String> {
    const HELP: &str = "title = \"The claim, as a sentence\"";
    let Some(node) = root.get("title") else {
        reader.problems.add_with_help(Span::default(), "the scenario has no title", HELP);
        return None;
    };
    let Some(title) = node.as_str() else {
        reader.wrong_type(node, "the claim, as a sentence");
        return None;
    };
    if title.trim().is_empty() {
        reader.problems.add_with_help(node.span, "the title is empty", HELP);
    } else if title.contains('\n') {
        let help = "what takes more goes into `why` of a step, or a comment";
        reader.problems.add_with_help(node.span, "the title has more than one line", help);
    }
    Some(title.to_owned())
}

fn read_flag(node: Node<'_>, reader: &mut Reader<'_>) -> bool {
    let flag = node.as_bool();
    if flag.is_none() {
        reader.wrong_type(node, "true or false");
    }
    flag.unwrap_or(false)
}

/// A scenario that is run no time would pass.
fn read_repeat(node: Node<'_>, reader: &mut Reader<'_>) -> usize {
    let repeat = read_amount(node, reader, MAX_REPEAT).unwrap_or(1);
    if repeat == 0 {
        let help = format!("1 to {MAX_REPEAT}, or leave it out");
        reader.problems.add_with_help(node.span, "a scenario that is never run", help);
    }
    repeat
}

fn read_strings(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<String> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "a list of texts: [\"POSIX recv()\", \"udp(7)\"]");
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
        reader.wrong_type(node, "a list of capabilities: [\"ipv6\"]");
        return Vec::new();
    };
    read_all(items, |item| read_need(item, reader)).unwrap_or_default()
}

fn read_need(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Need> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, "a capability's name");
        return None;
    };
    if let Some(setting) = word.strip_prefix("sysctl ") {
        let pair = setting.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let pair = pair.filter(|(name, value)| !name.is_empty() && !value.is_empty());
        let Some((name, value)) = pair else {
            let help = "\"sysctl NAME=VALUE\", such as \"sysctl net.ipv4.tcp_tw_reuse=2\"";
            reader.problems.add_with_help(node.span, "a setting without its value", help);
            return None;
        };
        return Some(Need::Setting { name: name.to_owned(), value: value.to_owned() });
    }
    let known = NEEDS.into_iter().find(|known| *known == word);
    if known.is_none() {
        let accepted: Vec<&str> = NEEDS.into_iter().chain(["sysctl NAME=VALUE"]).collect();
        reader.problems.add_unknown(node.span, "need", word, &accepted);
    }
    known.map(Need::Capability)
}

fn read_steps<'a>(root: Table<'a>, level: Level, reader: &mut Reader<'_>) -> Option<Vec<Part<'a>>> {
    const HELP: &str = "step = [ { server.accept = \"conn\" }, … ] or [[step]] tables";
    let Some(node) = root.get("step") else {
        reader.problems.add_with_help(Span::default(), "the scenario has no steps", HELP);
        return None;
    };
    let Some(items) = node.as_array() else {
        let message = format!("expected a list of steps, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, HELP);
        return None;
    };
    if items.len() == 0 || items.len() > MAX_STEPS {
        let message = format!("{} steps; a scenario has 1 to {MAX_STEPS}", items.len());
        reader.problems.add(node.span, message, None);
        return None;
    }
    Some(items.map(|item| read_step(item, level, reader)).collect())
}
