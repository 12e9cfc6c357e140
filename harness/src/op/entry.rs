//! An operation's row in the table, and how long it may wait.

use std::time::Duration;

use serde_json::Value as Json;

use super::{Fields, Op};
use crate::outcome::Field;
use crate::scenario::{Node, Reader, Span, read_duration};

/// One operation as the table describes it.
pub struct Entry {
    /// The word after the dot.
    pub verb: &'static str,
    /// What it does; the first line is the contract.
    pub summary: &'static str,
    /// The system call it makes, on Unix.
    pub calls: &'static str,
    /// Whether it may take time, and so takes `within`, `nowait` and `start`.
    pub waits: bool,
    /// Whether it may end in end of file.
    pub eof: bool,
    /// The facts its outcome may tell.
    pub gives: &'static [Field],
    /// The argument that may stand without a table around it.
    pub shorthand: Option<&'static str>,
    /// Steps that show it, each a line of `step = […]`.
    pub example: &'static [&'static str],
    /// Its arguments.
    pub arguments: &'static [ArgumentEntry],
    pub(super) read: fn(&mut Fields<'_, '_, '_>) -> Option<Op>,
}

/// One argument as the table describes it.
pub struct ArgumentEntry {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Whether the operation cannot do without.
    pub required: bool,
    /// What may stand there.
    pub form: &'static str,
    /// The keys it stands under, where not under its name; `*` for all that are left.
    pub keys: &'static [&'static str],
    /// The JSON schema of each key.
    pub schema: fn(&str) -> Vec<(String, Json)>,
}

/// What happens where the system does not answer at once.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Patience {
    /// Wait, as long as the scenario's own limit lets it: the outcome may then be `timeout`.
    #[default]
    Default,
    /// Wait so long: the outcome may then be `timeout`.
    Within(Duration),
    /// Do not wait: the outcome is the call's own answer (`EAGAIN`, `EINPROGRESS`).
    NoWait,
    /// Go on: the outcome is `pending`, and `join` finds the operation under this name.
    Start(String),
}

/// The arguments that every operation takes which may wait.
pub const PATIENCE_KEYS: [&str; 3] = ["within", "nowait", "start"];

pub(super) const fn first(list: &[&'static str]) -> Option<&'static str> {
    match list {
        [] => None,
        [one, ..] => Some(*one),
    }
}

impl Entry {
    /// The operation of that verb.
    pub fn find(verb: &str) -> Option<&'static Entry> {
        super::TABLE.iter().copied().find(|entry| entry.verb == verb)
    }

    /// Every key that may stand among the arguments.
    pub fn keys(&self) -> Vec<&'static str> {
        let own = self.arguments.iter().flat_map(|argument| {
            let lone = std::slice::from_ref(&argument.name);
            if argument.keys.is_empty() { lone } else { argument.keys }.iter().copied()
        });
        let patience = self.waits.then_some(PATIENCE_KEYS).into_iter().flatten();
        own.chain(patience).filter(|key| *key != "*").collect()
    }

    /// Reads the operation's arguments and its patience.
    pub fn read(
        &self,
        node: Node<'_>,
        verb: Span,
        reader: &mut Reader<'_>,
    ) -> Option<(Op, Patience)> {
        let mut fields = Fields::new(node, verb, self.shorthand, reader)?;
        let patience =
            if self.waits { read_patience(&mut fields) } else { Some(Patience::Default) };
        let op = (self.read)(&mut fields);
        fields.finish(&self.keys());
        op.zip(patience)
    }
}

fn read_patience(fields: &mut Fields<'_, '_, '_>) -> Option<Patience> {
    let within = fields.take("within");
    let nowait = fields.take("nowait");
    let start = fields.take("start");
    let given = [within, nowait, start].into_iter().flatten();
    if given.clone().count() > 1 {
        let second = given.last().map(|node| node.span).unwrap_or_default();
        let help = "`within` waits, `nowait` does not, `start` goes on to the next step";
        fields.problems().add_with_help(
            second,
            "only one of `within`, `nowait` and `start` can hold",
            help,
        );
        return None;
    }
    if let Some(node) = within {
        return read_duration(node, fields.reader).map(Patience::Within);
    }
    if let Some(node) = start {
        let label = node.as_str();
        if label.is_none() {
            fields.reader.wrong_type(node, "a name by which `join` finds the operation");
        }
        return label.map(|label| Patience::Start(label.to_owned()));
    }
    match nowait.map(|node| (node, node.as_bool())) {
        None | Some((_, Some(false))) => Some(Patience::Default),
        Some((_, Some(true))) => Some(Patience::NoWait),
        Some((node, None)) => {
            fields.reader.wrong_type(node, "true or false");
            None
        }
    }
}
