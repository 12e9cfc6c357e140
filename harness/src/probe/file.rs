//! A profile as a file: what the command line of `sockdrill probe` says, and what of the plans is
//! otherwise for this protocol.
//!
//! TOML, read as scenario files are: every mistake at once, each with its place. Pure.

use std::net::SocketAddr;
use std::time::Duration;

use super::learn::Said;
use super::{Change, TABLES};
use crate::frame::Framing;
use crate::op::{CommandLine, Endpoint, Ready, Word};
use crate::payload::Payload;
use crate::scenario::{
    MAX_BYTES, Node, Problem, Reader, Span, Table, parse_with, read_all, read_amount, read_level,
    read_payload,
};

/// What a profile says; what it leaves out is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The address of a server.
    pub connect: Option<SocketAddr>,
    /// Where a client is listened for.
    pub listen: Option<SocketAddr>,
    /// The command that starts what is probed.
    pub exec: Option<Vec<String>>,
    /// When a server counts as ready.
    pub ready: Option<Ready>,
    /// Whether it is about datagrams.
    pub udp: bool,
    /// How messages are marked.
    pub framing: Option<Framing>,
    /// What probe sends, each with what is said of what it gets for it, without marks.
    pub exchanges: Vec<(Vec<u8>, Said)>,
    /// The time between two pieces of a message.
    pub gap: Option<Duration>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How long a client's connection may take.
    pub wait: Option<Duration>,
    /// What is drawn is drawn from this.
    pub seed: Option<u64>,
    /// How many connections are many.
    pub connections: Option<u16>,
    /// What is otherwise of plans, by their names.
    pub changes: Vec<(String, Change)>,
}

/// The keys of a profile.
pub const KEYS: [&str; 13] = [
    "connect",
    "listen",
    "exec",
    "ready",
    "transport",
    "framing",
    "exchange",
    "gap",
    "timeout",
    "wait",
    "seed",
    "connections",
    "plans",
];

/// Reads a profile, or finds every mistake in it.
pub fn parse(text: &str) -> Result<File, Vec<Problem>> {
    parse_with(text, read)
}

fn read(root: Table<'_>, reader: &mut Reader<'_>) -> File {
    reader.refuse_others(root, "key", &KEYS);
    let udp = root.get("transport").and_then(|node| read_transport(node, reader));
    let listen = root.get("listen").map(|node| read_listen(node, reader));
    if let (Some(_), Some(true), Some(node)) = (&listen, udp, root.get("listen")) {
        let help = "a client over UDP cannot be answered yet: its address has no name";
        reader.problems.add_with_help(node.span, "`listen` is for TCP", help);
    }
    let table = match (&listen, udp) {
        (Some(_), _) => "tcp-client",
        (None, Some(true)) => "udp",
        (None, _) => "tcp",
    };
    let file = File {
        connect: one::<Endpoint>(root, "connect", reader).map(|at| at.0),
        exec: one::<CommandLine>(root, "exec", reader).map(|run| run.words),
        ready: one(root, "ready", reader),
        udp: udp == Some(true),
        framing: one(root, "framing", reader),
        exchanges: root
            .get("exchange")
            .map(|node| read_exchanges(node, reader))
            .unwrap_or_default(),
        gap: limit(root, "gap", reader),
        timeout: limit(root, "timeout", reader),
        wait: limit(root, "wait", reader),
        seed: root
            .get("seed")
            .and_then(|node| read_amount(node, reader, MAX_BYTES))
            .map(|n| n as u64),
        connections: root.get("connections").and_then(|node| read_connections(node, reader)),
        changes: root.get("plans").map(|node| read_plans(node, table, reader)).unwrap_or_default(),
        listen: listen.flatten(),
    };
    for (first, second) in [("connect", "listen"), ("ready", "listen"), ("connections", "listen")] {
        if let (Some(_), Some(node)) = (root.get(second), root.get(first)) {
            let message = format!("`{first}` is about servers, `listen` about clients");
            reader.problems.add(node.span, message, None);
        }
    }
    file
}

fn one<W: Word>(root: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<W> {
    root.get(key).and_then(|node| W::read(node, reader))
}

/// A time that is not 0.
fn limit(root: Table<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Duration> {
    /// What a plan waits for several times over, and somebody for the plan.
    const MOST: Duration = Duration::from_secs(60);
    let node = root.get(key)?;
    let time = <Duration as Word>::read(node, reader)?;
    if time.is_zero() || time > MOST {
        reader.problems.add(node.span, format!("`{key}` is at most 60s, and not 0"), None);
        return None;
    }
    Some(time)
}

/// Whether it is UDP.
fn read_transport(node: Node<'_>, reader: &mut Reader<'_>) -> Option<bool> {
    match node.as_str() {
        Some("tcp") => Some(false),
        Some("udp") => Some(true),
        Some(word) => {
            reader.problems.add_unknown(node.span, "transport", word, &["tcp", "udp"]);
            None
        }
        None => {
            reader.wrong_type(node, "a transport: \"tcp\" or \"udp\"");
            None
        }
    }
}

fn read_listen(node: Node<'_>, reader: &mut Reader<'_>) -> Option<SocketAddr> {
    match node.as_bool() {
        // Any port of loopback.
        Some(true) => Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        Some(false) => {
            reader.problems.add_with_help(node.span, "no listening", "leave `listen` out");
            None
        }
        None => <Endpoint as Word>::read(node, reader).map(|at| at.0),
    }
}

fn read_connections(node: Node<'_>, reader: &mut Reader<'_>) -> Option<u16> {
    /// As many as a scenario has names for, but for two.
    const MOST: usize = 998;
    let count = read_amount(node, reader, MOST)?;
    if count == 0 {
        reader.problems.add(node.span, "no connection is not many", None);
        return None;
    }
    u16::try_from(count).ok()
}

const EXCHANGE_KEYS: [&str; 3] = ["send", "expect", "expect_prefix"];

fn read_exchanges(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<(Vec<u8>, Said)> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "exchanges: [[exchange]] tables, or [{ send = \"PING\\r\\n\" }]");
        return Vec::new();
    };
    read_all(items, |item| read_exchange(item, reader)).unwrap_or_default()
}

fn read_exchange(node: Node<'_>, reader: &mut Reader<'_>) -> Option<(Vec<u8>, Said)> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "an exchange: { send = \"PING\\r\\n\", expect = \"+PONG\\r\\n\" }");
        return None;
    };
    reader.refuse_others(table, "key", &EXCHANGE_KEYS);
    let mut bytes = |key: &str| table.get(key).map(|node| (node.span, read_payload(node, reader)));
    let (send, expect, prefix) = (bytes("send"), bytes("expect"), bytes("expect_prefix"));
    let Some((_, send)) = send else {
        let help = "what probe sends: to a server the message, to a client the answer";
        reader.problems.add_with_help(table.span, "an exchange without `send`", help);
        return None;
    };
    let all = |payload: Option<Payload>| payload.map(|payload| payload.bytes());
    let said = match (expect, prefix) {
        (Some(_), Some((span, _))) => {
            let message = "`expect` is all of it, and `expect_prefix` its beginning";
            reader.problems.add(span, message, None);
            return None;
        }
        (Some((_, all_of_it)), None) => Said::Is(all(all_of_it)?),
        (None, Some((_, begins))) => Said::Begins(all(begins)?),
        (None, None) => Said::Nothing,
    };
    Some((all(send)?, said))
}

fn read_plans(
    node: Node<'_>,
    table: &'static str,
    reader: &mut Reader<'_>,
) -> Vec<(String, Change)> {
    let Some(plans) = node.as_table() else {
        reader.wrong_type(node, "plans by their names: plans.half-close = { level = \"info\" }");
        return Vec::new();
    };
    let entries = TABLES.iter().filter(|(known, _)| *known == table);
    let known: Vec<&str> =
        entries.flat_map(|(_, entries)| entries.iter()).map(|it| it.name).collect();
    let one = |(name, span, node): (&str, Span, Node<'_>)| {
        if !known.contains(&name) {
            reader.problems.add_unknown(span, "plan", name, &known);
            return None;
        }
        Some((name.to_owned(), read_change(node, reader)?))
    };
    read_all(plans.entries(), one).unwrap_or_default()
}

fn read_change(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Change> {
    let Some(table) = node.as_table() else {
        let wanted = "what is otherwise: { level = \"info\" }, or { skip = \"the reason\" }";
        reader.wrong_type(node, wanted);
        return None;
    };
    reader.refuse_others(table, "key", &["level", "skip"]);
    match (table.get("level"), table.get("skip")) {
        (Some(level), None) => read_level(level, reader).map(Change::Level),
        (None, Some(skip)) => match skip.as_str() {
            Some(why) if !why.trim().is_empty() => Some(Change::Skip(why.to_owned())),
            Some(_) => {
                let help = "why has this protocol no such thing?";
                reader.problems.add_with_help(skip.span, "a plan is left out for a reason", help);
                None
            }
            None => {
                reader.wrong_type(skip, "the reason");
                None
            }
        },
        (Some(_), Some(skip)) => {
            reader.problems.add(skip.span, "what is left out has no level", None);
            None
        }
        (None, None) => {
            let help = "{ level = \"info\" }, or { skip = \"the reason\" }";
            reader.problems.add_with_help(table.span, "nothing is otherwise", help);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::problems;

    #[test]
    fn a_profile_says_what_the_command_line_says() {
        let file = parse(
            "exec = ['redis-server', '--port', '{port}']\nframing = 'line'\ntimeout = '2s'\n\
             exchange = [{ send = \"PING\\r\", expect = \"+PONG\\r\" }]\n\
             plans.half-close.level = 'info'\nplans.many.skip = 'one client at a time'\n",
        );
        let file = file.expect("a profile");
        assert_eq!(file.exchanges, [(b"PING\r".to_vec(), Said::Is(b"+PONG\r".to_vec()))]);
        assert_eq!(file.timeout, Some(Duration::from_secs(2)));
        let skip = Change::Skip("one client at a time".to_owned());
        assert_eq!(file.changes[1], ("many".to_owned(), skip));
    }

    /// The guide's example, as it stands there.
    #[test]
    fn the_guide_shows_a_profile() {
        let guide = include_str!("../../../docs/probe.md");
        let shown = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let file = parse(shown.expect("an example")).expect("a profile");
        assert_eq!((file.exchanges.len(), file.changes.len()), (2, 2));
        let wrong = shown.expect("an example").replace("half-close", "halfclose");
        let found =
            problems::render("redis.toml", &wrong, &parse(&wrong).expect_err("a mistake"), false);
        assert!(guide.contains(found.trim_end()), "{found}");
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = "connect = '127.0.0.1'\nframming = 'line'\ntimeout = '0s'\n\
                    exchange = [{ expect = 'x' }]\nplans.halfclose.level = 'info'\n\
                    plans.many.skip = ''\nplans.split.level = 'shall'\n";
        let found = parse(text).expect_err("mistakes");
        let shown = problems::render("p.toml", text, &found, false);
        for (place, what) in [
            ("1:11", "`127.0.0.1` is no live address"),
            ("2:1", "unknown key `framming`"),
            ("3:11", "`timeout` is at most 60s, and not 0"),
            ("4:13", "an exchange without `send`"),
            ("5:7", "unknown plan `halfclose`"),
            ("6:19", "a plan is left out for a reason"),
            ("7:21", "unknown level `shall`"),
        ] {
            let told = format!("error: {what}\n --> p.toml:{place}\n");
            assert!(shown.contains(&told), "{told}{shown}");
        }
        assert_eq!(found.len(), 7, "{shown}");
        assert!(shown.contains("did you mean `half-close`?"), "{shown}");
    }
}
