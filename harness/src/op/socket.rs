//! What socket(2) is given: domain, type and protocol, each by its name or as a number.

use serde_json::{Value as Json, json};

use super::argument::Word;
use super::form;
use crate::flags;
use crate::scenario::{Node, Reader};

/// A name that systems give their own numbers, or the number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// By its name.
    Named(&'static str),
    /// By its number.
    Number(i32),
}

/// `AF_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(pub Numbered);

/// `SOCK_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketType(pub Numbered);

/// `IPPROTO_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol(pub Numbered);

fn read(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
    form: &str,
    names: &[&'static str],
) -> Option<Numbered> {
    if let Some(number) = node.as_integer().and_then(|number| i32::try_from(number).ok()) {
        return Some(Numbered::Number(number));
    }
    let Some(text) = node.as_str() else {
        reader.wrong_type(node, form);
        return None;
    };
    let found = names.iter().find(|name| **name == text);
    if found.is_none() {
        reader.problems.add_unknown(node.span, what, text, names);
    }
    found.map(|name| Numbered::Named(name))
}

fn schema(names: &[&'static str]) -> Json {
    json!({ "anyOf": [form::words(names), form::refer("number")] })
}

fn show(word: Numbered) -> String {
    match word {
        Numbered::Named(name) => name.to_owned(),
        Numbered::Number(number) => number.to_string(),
    }
}

impl Word for Domain {
    const FORM: &'static str = "an address family such as \"AF_INET\", or a number";

    fn schema() -> Json {
        schema(&flags::DOMAINS)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Domain> {
        read(node, reader, "address family", Self::FORM, &flags::DOMAINS).map(Domain)
    }

    fn show(&self) -> String {
        show(self.0)
    }
}

impl Word for SocketType {
    const FORM: &'static str = "a socket type such as \"SOCK_STREAM\", or a number";

    fn schema() -> Json {
        schema(&flags::TYPES)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<SocketType> {
        read(node, reader, "socket type", Self::FORM, &flags::TYPES).map(SocketType)
    }

    fn show(&self) -> String {
        show(self.0)
    }
}

impl Word for Protocol {
    const FORM: &'static str = "a protocol such as \"IPPROTO_TCP\", or a number";

    fn schema() -> Json {
        schema(&flags::PROTOCOLS)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Protocol> {
        read(node, reader, "protocol", Self::FORM, &flags::PROTOCOLS).map(Protocol)
    }

    fn show(&self) -> String {
        show(self.0)
    }
}
