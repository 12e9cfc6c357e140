//! Declared sockets: `sockets.NAME = { … }`, each turned into the steps that set it up.

use super::node::{Name, Node, Reader, Table};
use super::order::Part;
use super::problem::Span;
use super::value::valid_name;
use super::{Expectation, Level, Step, read_address, read_local_address};
use crate::kind::{Kind, Type};
use crate::op::{
    Argument, Bind, Connect, Fields, Listen, LocalAddress, NewName, Number, Op, Open, OptionId,
    Pair, Patience, Set, Settings, Word,
};
use crate::option::{self, Value};
use crate::via::Via;

/// The keys of a declared socket.
pub const SOCKET_KEYS: [&str; 10] = [
    "kind", "via", "blocking", "options", "nodelay", "bind", "listen", "backlog", "connect", "pair",
];

/// Reads all declared sockets, in the order of the file.
pub fn read_sockets<'a>(node: Node<'a>, reader: &mut Reader<'_>) -> Option<Vec<Part<'a>>> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a table of sockets: sockets.NAME = { kind = \"tcp4\" }");
        return None;
    };
    Some(table.entries().map(|(key, span, node)| read_socket(key, span, node, reader)).collect())
}

fn read_socket<'a>(key: &'a str, span: Span, node: Node<'a>, reader: &mut Reader<'_>) -> Part<'a> {
    let noted = reader.problems.noted();
    let mut steps = Vec::new();
    if let Err(why) = valid_name(key) {
        reader.problems.add_told(span, &why);
    } else if let Some(table) = node.as_table() {
        reader.refuse_others(table, "key", &SOCKET_KEYS);
        let mut setup = Setup { name: reader.names.intern(key), table, span, steps };
        setup.read(reader);
        steps = setup.steps;
    } else {
        reader.wrong_type(node, "a socket: { kind = \"tcp4\", … }");
    }
    let complete = reader.problems.noted() == noted;
    Part { name: Some((key, span)), node, steps, peer: None, complete }
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
    /// Where a library makes a socket bound or connected in one call, the options come after it.
    fn read(&mut self, reader: &mut Reader<'_>) {
        let noted = reader.problems.noted();
        let via = self.optional::<Via>("via", reader).unwrap_or_default();
        let whole = via.makes_whole() || reader.problems.noted() > noted;
        if self.table.get("pair").is_some() {
            self.pair(via, reader);
        } else {
            self.open(via, reader);
        }
        if !whole {
            self.options(reader);
        }
        self.bind_and_listen(reader);
        if let Some(node) = self.table.get("connect")
            && let Some(to) = read_address(node, reader)
        {
            self.push(Op::Connect(Connect { to }));
        }
        if whole {
            self.make_whole();
            self.options(reader);
        }
    }

    /// `open` and what follows it as the one call that such a library has: it binds and listens,
    /// binds, or connects. A datagram socket is bound first and connected then.
    fn make_whole(&mut self) {
        let steps = std::mem::take(&mut self.steps);
        let datagrams = |kind: Kind| kind.socket_type() == Type::Dgram;
        for mut step in steps {
            let Some(Op::Open(open)) = self.steps.last_mut().map(|step| &mut step.op) else {
                self.steps.push(step);
                continue;
            };
            match &mut step.op {
                Op::Bind(bind) => open.bind = Some(bind.to.clone()),
                Op::Listen(listen) => {
                    open.listen = open.bind.take();
                    open.backlog = listen.backlog;
                }
                Op::Connect(connect) if !datagrams(open.kind) => {
                    open.connect = Some(connect.to.clone());
                }
                _ => self.steps.push(step),
            }
        }
    }

    /// The keys that `open` and `pair` take are the operation's own arguments.
    fn open(&mut self, via: Via, reader: &mut Reader<'_>) {
        let Some(kind) = self.table.get("kind") else {
            let help = "kind = tcp4, tcp6, udp4, udp6, unix-stream, unix-dgram or unix-seqpacket";
            let message = format!("socket `{}` has no kind", self.name.text);
            reader.problems.add_with_help(self.span, message, help);
            return;
        };
        let kind = <Kind as Word>::read(kind, reader);
        let blocking = self.optional("blocking", reader);
        if let Some(kind) = kind {
            self.push(Op::Open(Open {
                kind,
                blocking,
                no_descriptor: None,
                via: layer(via),
                listen: None,
                bind: None,
                connect: None,
                backlog: None,
                timeout: None,
            }));
        }
    }

    fn pair(&mut self, via: Via, reader: &mut Reader<'_>) {
        let Some(with) = self.table.get("pair") else { return };
        let with = <NewName as Word>::read(with, reader);
        let kind = self.optional("kind", reader);
        let blocking = self.optional("blocking", reader);
        if let Some(with) = with {
            let via = layer(via);
            self.push(Op::Pair(Pair { with, kind, blocking, no_descriptor: None, via }));
        }
    }

    fn bind_and_listen(&mut self, reader: &mut Reader<'_>) {
        let (bind, listen) = (self.table.get("bind"), self.table.get("listen"));
        if let (Some(_), Some(listen)) = (bind, listen) {
            let help = "`listen = \"loopback:0\"` binds as well; with `bind`, give a `listen` step";
            let message = "`bind` and `listen` both give the address";
            reader.problems.add_with_help(listen.span, message, help);
        }
        let to = bind.or(listen).and_then(|node| read_local_address(node, reader));
        if let Some(to) = to {
            self.push(Op::Bind(Bind { to: LocalAddress(to) }));
        }
        let backlog = self.optional::<Number>("backlog", reader);
        match (listen, self.table.get("backlog")) {
            (Some(_), _) => self.push(Op::Listen(Listen { backlog })),
            (None, Some(backlog)) => {
                let help = "`listen = \"loopback:0\"` binds and listens";
                reader.problems.add_with_help(backlog.span, "`backlog` without `listen`", help);
            }
            (None, None) => {}
        }
    }

    fn optional<W: Word>(&self, key: &str, reader: &mut Reader<'_>) -> Option<W> {
        self.table.get(key).and_then(|node| <W as Word>::read(node, reader))
    }

    fn options(&mut self, reader: &mut Reader<'_>) {
        // None at all is well: one row of a matrix may set what another does not.
        let sets_any = |node: &Node<'_>| node.as_table().is_none_or(|table| !table.is_empty());
        if let Some(node) = self.table.get("options").filter(sets_any) {
            let settings = Fields::new(node, node.span, None, reader)
                .and_then(|mut fields| <Settings as Argument>::take_from(&mut fields, "settings"));
            if let Some(settings) = settings {
                self.push(Op::Set(Set { settings }));
            }
        }
        if let Some(nodelay) = self.optional::<bool>("nodelay", reader) {
            let option = option::find("TCP_NODELAY").map(OptionId::Named);
            if let Some(option) = option {
                let settings = Settings(vec![(option, Value::Bool(nodelay))]);
                self.push(Op::Set(Set { settings }));
            }
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

/// A layer as an operation has it: none where it is the raw call.
fn layer(via: Via) -> Option<Via> {
    (via != Via::Raw).then_some(via)
}
