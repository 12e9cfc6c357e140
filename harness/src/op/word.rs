//! The single values among the operations' arguments, each with how it is written.
//!
//! To add one: a type, and what it is in words, in JSON schema, in a file and in a transcript.
//! Lists are in `lists`, options in `settings`.

use std::time::Duration;

use serde_json::Value as Json;

use super::argument::Word;
use super::form;
use crate::address::Address;
use crate::frame::Framing;
use crate::kind::Kind;
use crate::scenario::{
    MAX_BYTES, Name, Node, Reader, Use, read_address, read_amount, read_duration,
    read_local_address, valid_name,
};
use crate::tcp_state::TcpState;
use crate::via::Via;

/// A number of bytes or of things, at most [`MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

/// A whole number that may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub i32);

/// An address that a socket asks for itself, which need not be of this machine: nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAddress(pub Address);

/// A name that the operation gives to a new socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName(pub Name);

/// A word the file chose, such as the name of a pending step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(pub String);

/// Which direction of a connection to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`.
    Write,
    /// `SHUT_RDWR`.
    Both,
    /// A number as it is, to see what the system makes of one that means nothing.
    Number(i32),
}

/// A connection state; `none` where the system's table has no such connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateName(pub Option<TcpState>);

/// Reads text; notes what was wanted where there is something else.
pub(super) fn read_text<'n>(
    node: Node<'n>,
    reader: &mut Reader<'_>,
    form: &str,
) -> Option<&'n str> {
    let text = node.as_str();
    if text.is_none() {
        reader.wrong_type(node, form);
    }
    text
}

/// Reads one word out of a fixed list.
pub(super) fn read_choice<T>(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
    accepted: &[&str],
    find: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let Some(text) = node.as_str() else {
        reader.wrong_type(node, &format!("the name of a {what}"));
        return None;
    };
    let found = find(text);
    if found.is_none() {
        reader.problems.add_unknown(node.span, what, text, accepted);
    }
    found
}

impl Word for Size {
    const FORM: &'static str = "a whole number, or text with a unit (\"64 KiB\")";

    fn schema() -> Json {
        form::refer("size")
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
        form::refer("number")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Number> {
        if !node.is_integer() {
            reader.wrong_type(node, Self::FORM);
            return None;
        }
        let number = node.as_integer().and_then(|number| i32::try_from(number).ok());
        if number.is_none() {
            let message = format!("the number is not between {} and {}", i32::MIN, i32::MAX);
            reader.problems.add(node.span, message, None);
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
        form::refer("truth")
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
        form::refer("duration")
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
        form::refer("kind")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Kind> {
        read_choice(node, reader, "kind", &Kind::ALL.map(Kind::name), Kind::from_name)
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Word for Via {
    const FORM: &'static str = "a layer: raw, std, socket2 or tokio";

    fn schema() -> Json {
        form::refer("layer")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Via> {
        read_choice(node, reader, "layer", &Via::ALL.map(Via::name), Via::from_name)
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Word for Address {
    const FORM: &'static str = "an address: a socket's name, \"loopback:0\", \"any:0\", \"any:NAME\" (the port of NAME), \
        \"127.0.0.2:0\", \"path:NAME\", \"abstract:NAME\", \"autobind\", \"unspec\"";

    fn schema() -> Json {
        form::refer("address")
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
            Address::Altered { of, .. } => Word::visit(&**of, visitor),
            Address::Inet(_, Port::Zero)
            | Address::Path { .. }
            | Address::Abstract { .. }
            | Address::Autobind
            | Address::Unspecified => {}
        }
    }
}

impl Word for LocalAddress {
    const FORM: &'static str = <Address as Word>::FORM;

    fn schema() -> Json {
        form::refer("address")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<LocalAddress> {
        read_local_address(node, reader).map(LocalAddress)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        Word::visit(&self.0, visitor);
    }
}

impl Word for NewName {
    const FORM: &'static str = "a new name: lower-case letters, digits and _";

    fn schema() -> Json {
        form::name()
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<NewName> {
        let text = read_text(node, reader, Self::FORM)?;
        if let Err(why) = valid_name(text) {
            reader.problems.add_told(node.span, &why);
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
        form::text()
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Label> {
        read_text(node, reader, Self::FORM).map(|text| Label(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl How {
    /// Every word, those of POSIX first and then Winsock's.
    const WORDS: [(&'static str, How); 6] = [
        ("SHUT_RD", How::Read),
        ("SHUT_WR", How::Write),
        ("SHUT_RDWR", How::Both),
        ("SD_RECEIVE", How::Read),
        ("SD_SEND", How::Write),
        ("SD_BOTH", How::Both),
    ];

    fn words() -> [&'static str; 6] {
        How::WORDS.map(|(word, _)| word)
    }

    fn from_name(name: &str) -> Option<How> {
        How::WORDS.iter().find(|(word, _)| *word == name).map(|(_, how)| *how)
    }
}

impl Word for How {
    const FORM: &'static str = "SHUT_RD, SHUT_WR or SHUT_RDWR, or any whole number";

    fn schema() -> Json {
        serde_json::json!({ "anyOf": [form::words(&How::words()), form::refer("number")] })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<How> {
        if node.is_integer() {
            return Number::read(node, reader).map(|number| How::Number(number.0));
        }
        read_choice(node, reader, "direction", &How::words(), How::from_name)
    }

    fn show(&self) -> String {
        let word = match self {
            How::Read => "SHUT_RD",
            How::Write => "SHUT_WR",
            How::Both => "SHUT_RDWR",
            How::Number(number) => return number.to_string(),
        };
        word.to_owned()
    }
}

impl StateName {
    /// Every word, as RFC 9293 spells the states.
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
        form::refer("state")
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
        form::refer("framing")
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Framing> {
        let text = read_text(node, reader, Self::FORM)?;
        Framing::parse(text).map_err(|why| reader.problems.add_told(node.span, &why)).ok()
    }

    fn show(&self) -> String {
        self.name()
    }
}
