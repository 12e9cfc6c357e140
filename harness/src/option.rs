//! Socket options by their own names, and their values.
//!
//! The table says of each option which [`Shape`] its value has, so that a scenario can be refused
//! before anything runs. Level, number and layout are the system's: `sys::option_number`,
//! `sys::encode`, `sys::decode`. An option that has no row is given by its two numbers.
//!
//! Pure: never sets or reads an option.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

mod control;
mod table;

/// What an option is set to or was read as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// On or off.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A word: a name (`TCP_CONGESTION`), an address, a duration (`100ms`), an error name.
    Text(String),
    /// The bytes as they are, for options and lengths that no shape knows.
    Bytes(Vec<u8>),
    /// A structure, its fields by their C names, in the order of the structure.
    Record(Vec<(String, Value)>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(on) => write!(f, "{on}"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Value::Record(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    let comma = if index == 0 { " " } else { ", " };
                    write!(f, "{comma}{name} = {value}")?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl Value {
    /// The field of a record.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(fields) => {
                fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
            }
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Bytes(_) => None,
        }
    }
}

/// Which values an option takes and gives; the layout of each is the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// An int that is 0 or not.
    Bool,
    /// An int, signed or unsigned.
    Int,
    /// A 16-bit number, unsigned.
    Short,
    /// A 64-bit number.
    Long,
    /// An error number, given as its name; 0 where there is none.
    Error,
    /// `struct linger { l_onoff, l_linger }`, seconds.
    Linger,
    /// A `timeval` on Unix, a DWORD of milliseconds on Windows: a duration, `"100ms"`; 0 is none.
    Timeout,
    /// A string without its final NUL.
    Text,
    /// `struct ucred { pid, uid, gid }`.
    Ucred,
    /// `struct tcp_info`, as many fields as the system returned.
    TcpInfo,
    /// The counters of `SO_MEMINFO`, `sk_meminfo_*`.
    Meminfo,
    /// `struct in_addr`: `"127.0.0.1"`.
    Address4,
    /// `struct ip_mreq { imr_multiaddr, imr_interface }`.
    Membership4,
    /// `struct ipv6_mreq { ipv6mr_multiaddr, ipv6mr_interface }`.
    Membership6,
    /// `struct ip_mreq_source { imr_multiaddr, imr_interface, imr_sourceaddr }`.
    SourceMembership4,
    /// `struct in_pktinfo { ipi_ifindex, ipi_spec_dst }`, as it is sent: on Windows, `ipi_addr`.
    Pktinfo4,
    /// `struct in6_pktinfo { ipi6_addr, ipi6_ifindex }`.
    Pktinfo6,
    /// Bytes whose meaning the harness does not know.
    Bytes,
}

/// A row of the table.
#[derive(Debug)]
pub struct SocketOption {
    /// `SO_REUSEADDR`, as in the man page.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What it does, in one short line.
    pub doc: &'static str,
}

/// The option of that name; `None` where no system has it. Whether this system has it is
/// `sys::option_number`.
pub fn find(name: &str) -> Option<&'static SocketOption> {
    table::OPTIONS.iter().find(|option| option.name == name)
}

/// Every option, by level: socket, TCP, UDP, IPv4, IPv6; those of all systems first in each.
pub fn all() -> impl Iterator<Item = &'static SocketOption> {
    table::OPTIONS.iter()
}

/// The name of every option.
pub fn names() -> impl Iterator<Item = &'static str> {
    table::OPTIONS.iter().map(|option| option.name)
}

/// The control messages that a send may carry.
pub fn control() -> &'static [SocketOption] {
    control::MESSAGES
}

/// The control message of that name.
pub fn find_control(name: &str) -> Option<&'static SocketOption> {
    control::MESSAGES.iter().find(|message| message.name == name)
}

/// Whether an option of this shape can be set to `value`. The error says what it takes.
///
/// Bytes are accepted for every shape: a wrong length is a thing to try, and the system answers.
pub fn accepts(shape: Shape, value: &Value) -> Result<(), String> {
    let right = match shape {
        Shape::Bool | Shape::Int => is_number(value) || matches!(value, Value::Bool(_)),
        Shape::Error => is_number(value),
        Shape::Short => matches!(value, Value::Int(number) if u16::try_from(*number).is_ok()),
        Shape::Long => matches!(value, Value::Int(_)),
        Shape::Linger => is_number(value) || *value == Value::Bool(false),
        Shape::Timeout => match value {
            Value::Text(text) => duration(text).is_some(),
            Value::Bool(on) => !on,
            Value::Int(number) => *number == 0,
            Value::Bytes(_) | Value::Record(_) => false,
        },
        Shape::Text => matches!(value, Value::Text(_)),
        Shape::Address4 => fits(Field::Address4, value),
        Shape::Ucred
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Pktinfo4
        | Shape::Pktinfo6
        | Shape::Bytes => false,
    };
    let right = match value {
        Value::Bytes(_) => true,
        Value::Record(given) => has_fields(shape, given),
        Value::Bool(_) | Value::Int(_) | Value::Text(_) => right,
    };
    if right { Ok(()) } else { Err(format!("takes {}", wanted(shape))) }
}

/// What an option of this shape is set to, in words for a message.
pub fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Bool => "true or false",
        Shape::Int | Shape::Error => "a 32-bit number",
        Shape::Short => "a number below 65536",
        Shape::Long => "a number",
        Shape::Linger => "{ l_onoff, l_linger }, a number of seconds, or false",
        Shape::Timeout => "a duration such as \"100ms\", or false",
        Shape::Text => "a text",
        Shape::Ucred => "{ pid, uid, gid }",
        Shape::Address4 => "an IPv4 address",
        Shape::Membership4 => "{ imr_multiaddr, imr_interface }, IPv4 addresses",
        Shape::Membership6 => {
            "{ ipv6mr_multiaddr, ipv6mr_interface }, an IPv6 address and an index"
        }
        Shape::SourceMembership4 => {
            "{ imr_multiaddr, imr_interface, imr_sourceaddr }, IPv4 addresses"
        }
        Shape::Pktinfo4 => "{ ipi_ifindex, ipi_spec_dst }, an index and an IPv4 address",
        Shape::Pktinfo6 => "{ ipi6_addr, ipi6_ifindex }, an IPv6 address and an index",
        Shape::TcpInfo | Shape::Meminfo | Shape::Bytes => "bytes",
    }
}

/// Reads a duration: a whole number and `us`, `ms` or `s`. `None` for anything else.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        _ => None,
    }
}

/// Writes a duration in the largest unit that loses nothing above a microsecond: `2s`, `100ms`.
pub fn duration_text(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros.is_multiple_of(1_000_000) {
        format!("{}s", micros / 1_000_000)
    } else if micros.is_multiple_of(1_000) {
        format!("{}ms", micros / 1_000)
    } else {
        format!("{micros}us")
    }
}

/// The fields of a record of this shape and what each takes, in the order of the words above.
/// Empty where the shape is not a record one can set.
pub fn fields(shape: Shape) -> &'static [(&'static str, Field)] {
    match shape {
        Shape::Linger => &[("l_onoff", Field::Int), ("l_linger", Field::Int)],
        Shape::Ucred => &[("pid", Field::Int), ("uid", Field::Int), ("gid", Field::Int)],
        Shape::Membership4 => {
            &[("imr_multiaddr", Field::Address4), ("imr_interface", Field::Address4)]
        }
        Shape::Membership6 => {
            &[("ipv6mr_multiaddr", Field::Address6), ("ipv6mr_interface", Field::Int)]
        }
        Shape::SourceMembership4 => &[
            ("imr_multiaddr", Field::Address4),
            ("imr_interface", Field::Address4),
            ("imr_sourceaddr", Field::Address4),
        ],
        Shape::Pktinfo4 => &[("ipi_ifindex", Field::Int), ("ipi_spec_dst", Field::Address4)],
        Shape::Pktinfo6 => &[("ipi6_addr", Field::Address6), ("ipi6_ifindex", Field::Int)],
        Shape::Bool
        | Shape::Int
        | Shape::Short
        | Shape::Long
        | Shape::Error
        | Shape::Timeout
        | Shape::Text
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Address4
        | Shape::Bytes => &[],
    }
}

/// What a field of a record takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A 32-bit number, or a bool.
    Int,
    /// An IPv4 address.
    Address4,
    /// An IPv6 address.
    Address6,
}

fn has_fields(shape: Shape, given: &[(String, Value)]) -> bool {
    let wanted = fields(shape);
    !wanted.is_empty()
        && given.len() == wanted.len()
        && wanted.iter().all(|(name, field)| {
            given.iter().any(|(given, value)| given == name && fits(*field, value))
        })
}

fn fits(field: Field, value: &Value) -> bool {
    match field {
        Field::Int => is_number(value) || matches!(value, Value::Bool(_)),
        Field::Address4 => matches!(value, Value::Text(text) if text.parse::<Ipv4Addr>().is_ok()),
        Field::Address6 => matches!(value, Value::Text(text) if text.parse::<Ipv6Addr>().is_ok()),
    }
}

/// Whether an int holds it, taken as signed (-1 means "default" to many) or as unsigned.
fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(number)
        if i32::try_from(*number).is_ok() || u32::try_from(*number).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, Value)]) -> Value {
        Value::Record(
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        )
    }

    #[test]
    fn no_option_stands_twice() {
        let mut all: Vec<&str> = names().collect();
        let rows = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), rows);
        assert_eq!(find("SO_LINGER").map(|option| option.shape), Some(Shape::Linger));
        assert!(find("SO_LINGERS").is_none());
    }

    #[test]
    fn a_value_prints_as_in_a_scenario() {
        let linger = record(&[("l_onoff", Value::Int(1)), ("l_linger", Value::Int(0))]);
        assert_eq!(linger.to_string(), "{ l_onoff = 1, l_linger = 0 }");
        assert_eq!(linger.field("l_onoff"), Some(&Value::Int(1)));
        assert_eq!(Value::Bytes(vec![1, 0xff]).to_string(), "0x01ff");
        assert_eq!(Value::Text("bbr".into()).to_string(), "\"bbr\"");
        assert_eq!(record(&[]).to_string(), "{ }");
    }

    #[test]
    fn durations_are_read_and_written() {
        for text in ["200us", "100ms", "2s", "0s", "1500ms"] {
            assert_eq!(duration(text).map(duration_text).as_deref(), Some(text));
        }
        for text in ["", "5", "ms", "-1s", "1.5s", "5 ms", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_what_is_right() {
        let linger = record(&[("l_onoff", Value::Bool(true)), ("l_linger", Value::Int(3))]);
        for value in [&linger, &Value::Int(3), &Value::Bool(false), &Value::Bytes(vec![1])] {
            assert_eq!(accepts(Shape::Linger, value), Ok(()), "{value}");
        }
        let half = record(&[("l_onoff", Value::Int(1))]);
        for value in [&half, &Value::Bool(true), &Value::Text("3s".into())] {
            let told = accepts(Shape::Linger, value).expect_err("not a linger");
            assert_eq!(told, "takes { l_onoff, l_linger }, a number of seconds, or false");
        }
        assert!(accepts(Shape::Timeout, &Value::Text("100ms".into())).is_ok());
        assert!(accepts(Shape::Timeout, &Value::Int(100)).is_err());
        assert!(accepts(Shape::Int, &Value::Int(1 << 40)).is_err());
        assert!(accepts(Shape::Address4, &Value::Text("::1".into())).is_err());
    }
}
