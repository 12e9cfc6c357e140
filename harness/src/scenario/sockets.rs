//! Declared sockets: `sockets.NAME = { … }`, each turned into the steps that set it up.

use super::node::{Name, Node, Reader, Table};
use super::problem::Span;
use super::value::valid_name;
use super::{Expectation, Level, Step};
use crate::op::{Argument, Entry, Fields, Op, Open, Patience, Set, Settings};

/// The keys of a declared socket.
pub const SOCKET_KEYS: [&str; 9] =
    ["kind", "blocking", "options", "nodelay", "bind", "listen", "backlog", "connect", "pair"];

/// Reads all declared sockets, in the order of the file.
pub fn read_sockets(node: Node<'_>, reader: &mut Reader<'_>) -> Vec<Step> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a table of sockets: sockets.NAME = { kind = \"tcp4\" }");
        return Vec::new();
    };
    table.entries().flat_map(|(key, span, node)| read_socket(key, span, node, reader)).collect()
}

fn read_socket(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Vec<Step> {
    if let Err(why) = valid_name(key) {
        let help = "a name is lower-case letters, digits and _, beginning with a letter";
        reader.problems.add_with_help(span, why, help);
        return Vec::new();
    }
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a socket: { kind = \"tcp4\", … }");
        return Vec::new();
    };
    for (key, span, _) in table.entries().filter(|(key, ..)| !SOCKET_KEYS.contains(key)) {
        reader.problems.add_unknown(span, "key", key, &SOCKET_KEYS);
    }
    let mut setup = Setup { name: reader.names.intern(key), table, span, steps: Vec::new() };
    setup.read(reader);
    setup.steps
}

/// One socket while its declaration is read.
struct Setup<'n> {
    name: Name,
    table: Table<'n>,
    span: Span,
    steps: Vec<Step>,
}

impl Setup<'_> {
    /// The order is that of a program: open, options, bind, listen, connect.
    fn read(&mut self, reader: &mut Reader<'_>) {
        if self.table.get("pair").is_some() {
            self.pair(reader);
        } else {
            self.open(reader);
        }
        self.options(reader);
        let (bind, listen) = (self.table.get("bind"), self.table.get("listen"));
        if let (Some(_), Some(listen)) = (bind, listen) {
            let help = "`listen = \"loopback:0\"` binds as well; with `bind`, give a `listen` step";
            reader.problems.add_with_help(
                listen.span,
                "`bind` and `listen` both give the address",
                help,
            );
        }
        if let Some(address) = bind.or(listen) {
            self.step("bind", address, reader);
        }
        match (listen, self.table.get("backlog")) {
            (Some(_), Some(backlog)) => self.step("listen", backlog, reader),
            (Some(_), None) => self.push(Op::Listen(crate::op::Listen { backlog: None })),
            (None, Some(backlog)) => {
                reader.problems.add(backlog.span, "`backlog` goes with `listen`", None)
            }
            (None, None) => {}
        }
        if let Some(address) = self.table.get("connect") {
            self.step("connect", address, reader);
        }
    }

    /// The keys that `open` and `pair` take are the operation's own arguments.
    fn open(&mut self, reader: &mut Reader<'_>) {
        let Some(kind) = self.table.get("kind") else {
            let help = "tcp4, tcp6, udp4, udp6, unix-stream, unix-dgram or unix-seqpacket";
            reader.problems.add_with_help(
                self.span,
                format!("socket `{}` has no kind", self.name.text),
                help,
            );
            return;
        };
        let kind = <crate::kind::Kind as crate::op::Word>::read(kind, reader);
        let blocking = self.optional("blocking", reader);
        if let Some(kind) = kind {
            self.push(Op::Open(Open { kind, blocking }));
        }
    }

    fn pair(&mut self, reader: &mut Reader<'_>) {
        let Some(with) = self.table.get("pair") else { return };
        let with = <crate::op::NewName as crate::op::Word>::read(with, reader);
        let kind = self.optional("kind", reader);
        let blocking = self.optional("blocking", reader);
        if let Some(with) = with {
            self.push(Op::Pair(crate::op::Pair { with, kind, blocking }));
        }
    }

    fn optional<W: crate::op::Word>(&self, key: &str, reader: &mut Reader<'_>) -> Option<W> {
        self.table.get(key).and_then(|node| <W as crate::op::Word>::read(node, reader))
    }

    fn options(&mut self, reader: &mut Reader<'_>) {
        if let Some(node) = self.table.get("options") {
            let settings = Fields::new(node, node.span, None, reader)
                .and_then(|mut fields| <Settings as Argument>::take_from(&mut fields, "settings"));
            if let Some(settings) = settings {
                self.push(Op::Set(Set { settings }));
            }
        }
        if let Some(nodelay) = self.optional::<bool>("nodelay", reader) {
            let option = crate::option::find("TCP_NODELAY").map(crate::op::OptionId::Named);
            if let Some(option) = option {
                let settings = Settings(vec![(option, crate::option::Value::Bool(nodelay))]);
                self.push(Op::Set(Set { settings }));
            }
        }
    }

    fn step(&mut self, verb: &str, node: Node<'_>, reader: &mut Reader<'_>) {
        let read = Entry::find(verb).and_then(|entry| entry.read(node, node.span, reader));
        if let Some((op, _)) = read {
            self.push(op);
        }
    }

    fn push(&mut self, op: Op) {
        self.steps.push(Step {
            socket: self.name.clone(),
            op,
            patience: Patience::Default,
            expect: Expectation::Unwritten,
            why: None,
            level: Level::Must,
            known: Vec::new(),
            span: self.span,
            claim: self.span,
        });
    }
}
