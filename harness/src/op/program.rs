//! What says how a program under test is started: its command, its address, when it is ready.
//!
//! Never starts one: `program` does. What stands for live values in a command is in `command`.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use super::argument::Word;
use super::form;
use super::word::read_text;
use crate::payload::{self, Payload};
use crate::scenario::{Node, Reader, Table, read_payload};

/// A live address: an IP address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint(pub SocketAddr);

/// When a program counts as ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It accepts a connection.
    Accepts,
    /// A line of its output holds this.
    Prints(String),
    /// It answers this datagram with any other.
    Answers(Payload),
    /// At once.
    Started,
}

impl Word for Endpoint {
    const FORM: &'static str = "a live address such as \"127.0.0.1:6379\"";

    fn schema() -> Json {
        json!({
            "type": "string", "pattern": "^([0-9.]+|\\[[0-9a-fA-F:.]+\\]):[0-9]+$",
            "examples": ["127.0.0.1:6379", "[::1]:80"],
        })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Endpoint> {
        let text = read_text(node, reader, Self::FORM)?;
        match text.parse::<SocketAddr>() {
            Ok(address) if address.port() != 0 => Some(Endpoint(address)),
            Ok(_) | Err(_) => {
                let message = format!("`{text}` is no live address");
                let help = "an IP address and a port: \"127.0.0.1:6379\", \"[::1]:80\"";
                reader.problems.add_with_help(node.span, message, help);
                None
            }
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Ready {
    const ACCEPTED: [&'static str; 4] = ["accepts", "started", "prints", "answers"];

    fn read_table(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Ready> {
        let mut entries = node.as_table().into_iter().flat_map(Table::entries);
        let one = entries.next().filter(|_| entries.next().is_none());
        match one {
            Some(("prints", _, text)) => {
                let text = read_text(text, reader, "the text of a line, or part of it")?;
                Some(Ready::Prints(text.to_owned()))
            }
            Some(("answers", _, payload)) => read_payload(payload, reader).map(Ready::Answers),
            Some((key, span, _)) => {
                reader.problems.add_unknown(span, "condition", key, &Self::ACCEPTED);
                None
            }
            None => {
                reader.wrong_type(node, Self::FORM);
                None
            }
        }
    }
}

impl Word for Ready {
    const FORM: &'static str = "\"accepts\" (a connection), { prints = \"part of a line\" }, { answers = PAYLOAD } (a datagram), or \"started\"";

    fn schema() -> Json {
        let one = |key: &str, what: &str, schema: Json| {
            json!({
                "type": "object", "additionalProperties": false, "required": [key],
                "properties": { key: form::described(what, schema) },
            })
        };
        json!({ "anyOf": [
            form::words(&["accepts", "started"]),
            one("prints", "A line of its output holds this.", form::text()),
            one("answers", "It answers this datagram with any other.", form::payload()),
        ] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Ready> {
        match node.as_str() {
            Some("accepts") => Some(Ready::Accepts),
            Some("started") => Some(Ready::Started),
            Some(word) => {
                reader.problems.add_unknown(node.span, "condition", word, &Self::ACCEPTED);
                None
            }
            None => Ready::read_table(node, reader),
        }
    }

    fn show(&self) -> String {
        match self {
            Ready::Accepts => "accepts".to_owned(),
            Ready::Started => "started".to_owned(),
            Ready::Prints(text) => format!("prints {}", payload::quoted(text.as_bytes())),
            Ready::Answers(datagram) => format!("answers {}", payload::show(&datagram.bytes())),
        }
    }
}
