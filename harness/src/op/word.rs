//! The types of the operations' arguments, each with how it is written.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::argument::{Argument, Fields, Word};
use crate::address::Address;
use crate::flags;
use crate::frame::Framing;
use crate::kind::Kind;
use crate::option::{self, SocketOption, Value};
use crate::payload::{self, Payload};
use crate::scenario::{
    MAX_BYTES, MAX_ITEMS, Name, Node, Reader, Use, read_address, read_amount, read_duration,
    read_payload, read_value, valid_name,
};
use crate::tcp_state::TcpState;

/// A number of bytes or of things, at most [`MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

/// A whole number that may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub i32);

/// A name that the operation gives to a new socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName(pub Name);

/// A word the file chose, such as the name of a pending step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(pub String);

/// `MSG_*` flags by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFlags(pub Vec<&'static str>);

/// `POLL*` events by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events(pub Vec<&'static str>);

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

/// Which direction of a connection to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`.
    Write,
    /// `SHUT_RDWR`.
    Both,
}

/// A connection state; `none` where the system's table has no such connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateName(pub Option<TcpState>);

/// A socket option, by its own name or by numbers.
#[derive(Clone, Copy, Debug)]
pub enum OptionId {
    /// One of the table in `option`.
    Named(&'static SocketOption),
    /// Level and number as the platform has them.
    Numbered {
        /// For example 1, `SOL_SOCKET` on Linux.
        level: i32,
        /// For example 2, `SO_REUSEADDR` on Linux.
        number: i32,
    },
}

/// Options and the values to set them to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(pub Vec<(OptionId, Value)>);

fn words_schema(words: &[&str]) -> Json {
    json!({ "type": "string", "enum": words })
}

fn list_schema(item: &Json) -> Json {
    json!({ "type": "array", "items": item })
}

/// Reads each item of an array with `read`.
fn read_list<T>(
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
    items.map(|item| read(item, reader)).collect()
}

fn read_text<'n>(node: Node<'n>, reader: &mut Reader<'_>, form: &str) -> Option<&'n str> {
    let text = node.as_str();
    if text.is_none() {
        reader.wrong_type(node, form);
    }
    text
}

/// Reads one word out of a fixed list.
fn read_choice<T>(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
    accepted: &[&str],
    find: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let text = read_text(node, reader, &format!("the name of a {what}"))?;
    let found = find(text);
    if found.is_none() {
        reader.problems.add_unknown(node.span, what, text, accepted);
    }
    found
}

impl Word for Size {
    const FORM: &'static str = "a whole number, or text with a unit (\"64 KiB\")";

    fn schema() -> Json {
        json!({ "type": ["integer", "string"] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Size> {
        read_amount(node, reader, MAX_BYTES).map(Size)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Word for Number {
    const FORM: &'static str = "a whole number";

    fn schema() -> Json {
        json!({ "type": ["integer", "string"] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Number> {
        let number = node.as_integer().and_then(|number| i32::try_from(number).ok());
        if number.is_none() {
            reader.wrong_type(node, "a whole number of at most 31 bits");
        }
        number.map(Number)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Word for bool {
    const FORM: &'static str = "true or false";

    fn schema() -> Json {
        json!({ "type": ["boolean", "string"] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<bool> {
        let value = node.as_bool();
        if value.is_none() {
            reader.wrong_type(node, Self::FORM);
        }
        value
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for Duration {
    const FORM: &'static str = "a duration such as \"200us\", \"50ms\" or \"2s\"";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Duration> {
        read_duration(node, reader)
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl Word for Kind {
    const FORM: &'static str =
        "a kind of socket: tcp4, tcp6, udp4, udp6, unix-stream, unix-dgram or unix-seqpacket";

    fn schema() -> Json {
        let mut words: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        words.sort_unstable();
        json!({ "anyOf": [words_schema(&words), { "type": "string", "pattern": "^\\$" }] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Kind> {
        read_choice(node, reader, "kind", &Kind::ALL.map(Kind::name), Kind::from_name)
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Word for Address {
    const FORM: &'static str = "an address: a socket's name, \"loopback:0\", \"any:0\", \"any:NAME\" (the port of NAME), \
        \"127.0.0.2:0\", \"path:NAME\", \"abstract:NAME\", \"autobind\", \"unspec\"";

    fn schema() -> Json {
        crate::scenario::address_schema()
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Address> {
        read_address(node, reader)
    }

    fn show(&self) -> String {
        self.to_string()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        use crate::address::Port;
        match self {
            Address::Of(name) | Address::Inet(_, Port::Of(name)) => visitor(Use::Address(name)),
            Address::Inet(_, Port::Zero)
            | Address::Path { .. }
            | Address::Abstract { .. }
            | Address::Autobind
            | Address::Unspecified => {}
        }
    }
}

impl Word for NewName {
    const FORM: &'static str = "a new name: lower-case letters, digits and _";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$" })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<NewName> {
        let text = read_text(node, reader, Self::FORM)?;
        if let Err(why) = valid_name(text) {
            reader.problems.add(node.span, why, Some(Self::FORM.to_owned()));
            return None;
        }
        Some(NewName(reader.names.intern(text)))
    }

    fn show(&self) -> String {
        self.0.text.to_string()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        visitor(Use::Opens(&self.0));
    }
}

impl Word for Label {
    const FORM: &'static str = "a name";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Label> {
        read_text(node, reader, Self::FORM).map(|text| Label(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Word for MessageFlags {
    const FORM: &'static str = "message flags such as [\"MSG_PEEK\"]";

    fn schema() -> Json {
        list_schema(&words_schema(&flags::MESSAGE))
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
        list_schema(&words_schema(&flags::EVENTS))
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

impl Word for Payloads {
    const FORM: &'static str = "payloads: [\"text\", { fill = 3000 }, { hex = \"00ff\" }]";

    fn schema() -> Json {
        list_schema(&crate::scenario::payload_schema())
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Payloads> {
        read_list(node, reader, Self::FORM, read_payload).map(Payloads)
    }

    fn show(&self) -> String {
        let shown: Vec<String> = self.0.iter().map(|part| payload::show(&part.bytes())).collect();
        format!("[{}]", shown.join(", "))
    }
}

impl Word for Sizes {
    const FORM: &'static str = "sizes in bytes: [4, 1024]";

    fn schema() -> Json {
        list_schema(&Size::schema())
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
        list_schema(&NewName::schema())
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
        list_schema(&json!({ "type": "string" }))
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

impl How {
    const WORDS: [&'static str; 3] = ["SHUT_RD", "SHUT_WR", "SHUT_RDWR"];

    fn from_name(name: &str) -> Option<How> {
        match name {
            "SHUT_RD" | "SD_RECEIVE" => Some(How::Read),
            "SHUT_WR" | "SD_SEND" => Some(How::Write),
            "SHUT_RDWR" | "SD_BOTH" => Some(How::Both),
            _ => None,
        }
    }
}

impl Word for How {
    const FORM: &'static str = "SHUT_RD, SHUT_WR or SHUT_RDWR";

    fn schema() -> Json {
        words_schema(&How::WORDS)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<How> {
        read_choice(node, reader, "direction", &How::WORDS, How::from_name)
    }

    fn show(&self) -> String {
        let [read, write, both] = How::WORDS;
        match self {
            How::Read => read,
            How::Write => write,
            How::Both => both,
        }
        .to_owned()
    }
}

impl StateName {
    /// Every accepted word.
    pub fn words() -> Vec<&'static str> {
        TcpState::ALL.iter().map(|state| state.name()).chain(["none"]).collect()
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<StateName> {
        if name == "none" {
            Some(StateName(None))
        } else {
            TcpState::from_name(name).map(|s| StateName(Some(s)))
        }
    }
}

impl Word for StateName {
    const FORM: &'static str =
        "a TCP state such as \"TIME_WAIT\", or \"none\" for no such connection";

    fn schema() -> Json {
        words_schema(&StateName::words())
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<StateName> {
        read_choice(node, reader, "TCP state", &StateName::words(), StateName::from_name)
    }

    fn show(&self) -> String {
        crate::outcome::show_state(self.0).to_owned()
    }
}

impl Word for Framing {
    const FORM: &'static str = "a framing such as \"u16be\" or \"line\"";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Framing> {
        let text = read_text(node, reader, Self::FORM)?;
        Framing::parse(text).map_err(|why| reader.problems.add(node.span, why, None)).ok()
    }

    fn show(&self) -> String {
        self.name()
    }
}

impl PartialEq for OptionId {
    fn eq(&self, other: &OptionId) -> bool {
        self.name() == other.name()
    }
}

impl OptionId {
    /// As transcripts show it.
    pub fn name(self) -> String {
        match self {
            OptionId::Named(option) => option.name.to_owned(),
            OptionId::Numbered { level, number } => format!("option {number} at level {level}"),
        }
    }

    /// The numbered option under `level` and `number`, or the named one under `option`.
    fn read_from(fields: &mut Fields<'_, '_, '_>) -> Option<OptionId> {
        let (level, number) = (fields.take("level"), fields.take("number"));
        let (Some(level), Some(number)) = (level, number) else { return None };
        let level = <Number as Word>::read(level, fields.reader)?;
        let number = <Number as Word>::read(number, fields.reader)?;
        Some(OptionId::Numbered { level: level.0, number: number.0 })
    }
}

impl Argument for OptionId {
    const REQUIRED: bool = true;
    const WANTED: &'static str =
        "an option by its own name, or `level` and `number` as the platform has them";
    const KEYS: &'static [&'static str] = &["option", "level", "number"];

    fn schemas(_name: &str) -> Vec<(String, Json)> {
        let names: Vec<&str> = option::names().collect();
        let number = json!({ "type": "integer" });
        vec![
            ("option".into(), words_schema(&names)),
            ("level".into(), number.clone()),
            ("number".into(), number),
        ]
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<OptionId> {
        if let Some(numbered) = OptionId::read_from(fields) {
            return Some(numbered);
        }
        let Some(node) = fields.take(name) else {
            fields.missing(name, Self::WANTED);
            return None;
        };
        let names: Vec<&str> = option::names().collect();
        read_choice(node, fields.reader, "option", &names, option::find).map(OptionId::Named)
    }

    fn shown(&self, _name: &str, _shorthand: bool) -> Option<String> {
        Some(self.name())
    }

    fn visit_all(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

impl Argument for Settings {
    const REQUIRED: bool = true;
    const WANTED: &'static str =
        "`OPTION = value`, any number of them, or `level`, `number` and `value`";
    const KEYS: &'static [&'static str] = &["*"];

    fn schemas(_name: &str) -> Vec<(String, Json)> {
        let number = json!({ "type": "integer" });
        let mut keys: Vec<(String, Json)> =
            option::names().map(|name| (name.to_owned(), json!({}))).collect();
        keys.extend([
            ("level".into(), number.clone()),
            ("number".into(), number),
            ("value".into(), json!({})),
        ]);
        keys
    }

    fn take_from(fields: &mut Fields<'_, '_, '_>, _name: &'static str) -> Option<Settings> {
        if let Some(numbered) = OptionId::read_from(fields) {
            let Some(node) = fields.take("value") else {
                fields.missing("value", "a whole number, or bytes as { hex = \"…\" }");
                return None;
            };
            return read_value(node, fields.reader).map(|value| Settings(vec![(numbered, value)]));
        }
        let rest = fields.take_rest();
        if rest.is_empty() {
            fields.missing("OPTION", Self::WANTED);
            return None;
        }
        read_settings(rest.into_iter(), fields.reader).map(Settings)
    }

    fn shown(&self, _name: &str, _shorthand: bool) -> Option<String> {
        let shown: Vec<String> =
            self.0.iter().map(|(id, value)| format!("{}={value}", id.name())).collect();
        Some(shown.join(", "))
    }

    fn visit_all(&self, _visitor: &mut dyn FnMut(Use<'_>)) {}
}

/// Options by name with their values, each value of the option's own shape.
pub fn read_settings<'n>(
    entries: impl Iterator<Item = (&'n str, crate::scenario::Span, Node<'n>)>,
    reader: &mut Reader<'_>,
) -> Option<Vec<(OptionId, Value)>> {
    let mut settings = Some(Vec::new());
    for (key, span, node) in entries {
        let setting = read_setting(key, span, node, reader);
        settings = settings.zip(setting).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    settings
}

fn read_setting(
    key: &str,
    span: crate::scenario::Span,
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<(OptionId, Value)> {
    let Some(option) = option::find(key) else {
        let names: Vec<&str> = option::names().collect();
        reader.problems.add_unknown(span, "option", key, &names);
        return None;
    };
    let value = read_value(node, reader)?;
    if let Err(why) = option::accepts(option.shape, &value) {
        reader.problems.add(node.span, format!("{key} cannot be {value}"), Some(why));
        return None;
    }
    Some((OptionId::Named(option), value))
}
