//! The lists among the operations' arguments: flags, payloads, sizes, names.

use serde_json::Value as Json;

use super::argument::Word;
use super::form;
use super::word::{NewName, read_choice, read_text};
use crate::flags;
use crate::payload::{self, Payload};
use crate::scenario::{
    MAX_BYTES, MAX_ITEMS, Name, Node, Reader, Table, Use, read_all, read_amount, read_payload,
    within_limit,
};

/// No list of equal payloads is longer: beyond what systems gather into one message, 1024.
const MAX_COUNT: usize = 4_096;

/// `MSG_*` flags by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFlags(pub Vec<&'static str>);

/// `POLL*` events by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events(pub Vec<&'static str>);

/// Sets of select(2) by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FdSets(pub Vec<&'static str>);

/// Several payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payloads(pub Vec<Payload>);

/// Several sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes(pub Vec<usize>);

/// Several new names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNames(pub Vec<NewName>);

/// Several sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketNames(pub Vec<Name>);

/// One socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketName(pub Name);

/// Reads each item of an array with `read`.
pub(super) fn read_list<T>(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    form: &str,
    read: impl Fn(Node<'_>, &mut Reader<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, form);
        return None;
    };
    if items.len() > MAX_ITEMS {
        reader.problems.add(node.span, format!("more than {MAX_ITEMS} items"), None);
        return None;
    }
    read_all(items, |item| read(item, reader))
}

impl Word for MessageFlags {
    const FORM: &'static str = "message flags such as [\"MSG_PEEK\"]";

    fn schema() -> Json {
        form::refer("message-flags")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<MessageFlags> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| {
            read_choice(item, reader, "message flag", &flags::MESSAGE, flags::message)
        };
        read_list(node, reader, Self::FORM, read).map(MessageFlags)
    }

    fn show(&self) -> String {
        self.0.join("|")
    }
}

impl Word for Events {
    const FORM: &'static str = "poll events such as [\"POLLIN\", \"POLLOUT\"]";

    fn schema() -> Json {
        form::refer("events")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Events> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| {
            read_choice(item, reader, "poll event", &flags::EVENTS, flags::event)
        };
        read_list(node, reader, Self::FORM, read).map(Events)
    }

    fn show(&self) -> String {
        self.0.join("|")
    }
}

impl Word for FdSets {
    const FORM: &'static str = "sets of select such as [\"readfds\", \"exceptfds\"]";

    fn schema() -> Json {
        form::refer("sets")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<FdSets> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| {
            read_choice(item, reader, "set of select", &flags::SETS, flags::set)
        };
        read_list(node, reader, Self::FORM, read).map(FdSets)
    }

    fn show(&self) -> String {
        self.0.join("|")
    }
}

/// `{ count = 1025, data = "x" }`: so many of the same.
fn repeated(count: Node<'_>, table: Table<'_>, reader: &mut Reader<'_>) -> Option<Vec<Payload>> {
    reader.refuse_others(table, "key", &["count", "data"]);
    let count = read_amount(count, reader, MAX_COUNT);
    let Some(data) = table.get("data") else {
        let help = "{ count = 1025, data = \"x\" }";
        reader.problems.add_with_help(table.span, "`count` of what?", help);
        return None;
    };
    read_payload(data, reader).zip(count).map(|(payload, count)| vec![payload; count])
}

impl Word for Payloads {
    const FORM: &'static str = "a list of payloads: [\"text\", { fill = 3000 }, { hex = \"00ff\" }], or { count = 8, data = \"x\" }";

    fn schema() -> Json {
        form::refer("payloads")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Payloads> {
        let payloads = match node.as_table().and_then(|table| table.get("count").zip(Some(table))) {
            Some((count, table)) => repeated(count, table, reader)?,
            None => read_list(node, reader, Self::FORM, read_payload)?,
        };
        within_limit(&payloads, node.span, reader).then_some(Payloads(payloads))
    }

    fn show(&self) -> String {
        let shown = |part: &Payload| payload::show(&part.bytes());
        if let [first, .., last] = &self.0[..]
            && self.0.len() > MAX_ITEMS
            && first == last
        {
            return format!("{} of {}", self.0.len(), shown(first));
        }
        let all: Vec<String> = self.0.iter().map(shown).collect();
        format!("[{}]", all.join(", "))
    }
}

impl Word for Sizes {
    const FORM: &'static str = "sizes in bytes: [4, 1024]";

    fn schema() -> Json {
        form::list(&form::refer("size"))
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Sizes> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| read_amount(item, reader, MAX_BYTES);
        read_list(node, reader, Self::FORM, read).map(Sizes)
    }

    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

impl Word for NewNames {
    const FORM: &'static str = "new names: [\"a\", \"b\"]";

    fn schema() -> Json {
        form::refer("names")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<NewNames> {
        read_list(node, reader, Self::FORM, <NewName as Word>::read).map(NewNames)
    }

    fn show(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|name| &*name.0.text).collect();
        format!("[{}]", names.join(", "))
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        self.0.iter().for_each(|name| visitor(Use::Opens(&name.0)));
    }
}

impl Word for SocketNames {
    const FORM: &'static str = "names of open sockets: [\"a\", \"b\"]";

    fn schema() -> Json {
        form::refer("names")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<SocketNames> {
        let read = |item: Node<'_>, reader: &mut Reader<'_>| {
            read_text(item, reader, "a socket's name").map(|text| reader.names.intern(text))
        };
        read_list(node, reader, Self::FORM, read).map(SocketNames)
    }

    fn show(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|name| &*name.text).collect();
        format!("[{}]", names.join(", "))
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        self.0.iter().for_each(|name| visitor(Use::Socket(name)));
    }
}

impl Word for SocketName {
    const FORM: &'static str = "the name of an open socket";

    fn schema() -> Json {
        form::name()
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<SocketName> {
        read_text(node, reader, Self::FORM).map(|text| SocketName(reader.names.intern(text)))
    }

    fn show(&self) -> String {
        self.0.text.to_string()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        visitor(Use::Socket(&self.0));
    }
}
