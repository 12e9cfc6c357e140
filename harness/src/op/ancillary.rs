//! Ancillary data as an argument: which control messages travel with what is sent.

use serde_json::{Map, Value as Json, json};

use super::argument::Word;
use super::form;
use crate::option::{self, SocketOption, Value};
use crate::scenario::{Node, Reader, read_value};

/// Control messages and what they carry, in the order written.
#[derive(Clone, Debug)]
pub struct ControlMessages(pub Vec<(&'static SocketOption, Value)>);

impl PartialEq for ControlMessages {
    fn eq(&self, other: &ControlMessages) -> bool {
        let named = |all: &ControlMessages| -> Vec<(&'static str, Value)> {
            all.0.iter().map(|(message, value)| (message.name, value.clone())).collect()
        };
        named(self) == named(other)
    }
}

impl Word for ControlMessages {
    const FORM: &'static str = "control messages and what they carry: { IP_TTL = 7 }";

    fn schema() -> Json {
        let named = option::control()
            .iter()
            .map(|message| (message.name.to_owned(), form::option_value(message)));
        let properties: Map<String, Json> = named.collect();
        let table = json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties });
        json!({ "anyOf": [table, form::refer("reference")] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<ControlMessages> {
        let Some(table) = node.as_table() else {
            reader.wrong_type(node, Self::FORM);
            return None;
        };
        let mut read = Some(Vec::new());
        for (key, span, node) in table.entries() {
            let Some(message) = option::find_control(key) else {
                let names: Vec<&str> = option::control().iter().map(|one| one.name).collect();
                reader.problems.add_unknown(span, "control message", key, &names);
                read = None;
                continue;
            };
            let value = read_value(node, reader);
            if let Some(Err(why)) =
                value.as_ref().map(|value| option::accepts(message.shape, value))
            {
                reader.problems.add(node.span, format!("{key} cannot carry this"), Some(why));
                read = None;
                continue;
            }
            read = read.zip(value).map(|(mut all, value)| {
                all.push((message, value));
                all
            });
        }
        read.map(ControlMessages)
    }

    fn show(&self) -> String {
        let shown: Vec<String> =
            self.0.iter().map(|(message, value)| format!("{}={value}", message.name)).collect();
        format!("[{}]", shown.join(", "))
    }
}
