//! Option values to the bytes that the system takes, and back.
//!
//! Refuses only what cannot be written down; what the system thinks of it is the system's answer.
//! The layouts are the same everywhere but for what `imp::layout` has.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::bytes::{array, i32_at, u16_at, u64_at};
use super::imp::{SYSTEM, layout};
use crate::errno::Errno;
use crate::option::{self, Field, Shape, Value};

/// Bytes for setsockopt(2). The error says what a value of this shape is.
pub fn encode(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    option::accepts(shape, value)?;
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Record(_) => record(shape, value),
        Value::Bool(on) => Ok(scalar(shape, i64::from(*on))),
        Value::Int(number) => Ok(scalar(shape, *number)),
        Value::Text(text) => match shape {
            Shape::Timeout => Ok(layout::timeout(option::duration(text).unwrap_or_default())),
            Shape::Address4 => Ok(field(Field::Address4, value)),
            Shape::Bool
            | Shape::Int
            | Shape::Short
            | Shape::Long
            | Shape::Error
            | Shape::Linger
            | Shape::Text
            | Shape::Ucred
            | Shape::TcpInfo
            | Shape::Meminfo
            | Shape::Membership4
            | Shape::Membership6
            | Shape::SourceMembership4
            | Shape::Pktinfo4
            | Shape::Pktinfo6
            | Shape::Bytes => Ok(text.clone().into_bytes()),
        },
    }
}

/// A value from what getsockopt(2) wrote. Lengths that fit no reading stay bytes.
pub fn decode(shape: Shape, bytes: &[u8]) -> Value {
    let read = match shape {
        Shape::Bool => integer(bytes).map(|number| Value::Bool(number != 0)),
        Shape::Int | Shape::Short | Shape::Long => integer(bytes).map(Value::Int),
        Shape::Error => i32_at(bytes, 0).map(error),
        Shape::Linger => linger(bytes),
        Shape::Timeout => {
            layout::duration(bytes).map(|duration| Value::Text(option::duration_text(duration)))
        }
        Shape::Text => text(bytes),
        Shape::Ucred | Shape::TcpInfo | Shape::Meminfo => layout::record(shape, bytes),
        Shape::Address4 => array::<4>(bytes, 0).map(address4),
        // No system gives a membership back; whatever came is shown.
        Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Pktinfo4
        | Shape::Pktinfo6
        | Shape::Bytes => None,
    };
    read.unwrap_or_else(|| Value::Bytes(bytes.to_vec()))
}

/// How much room getsockopt(2) needs for a value of this shape.
pub fn value_len(shape: Shape) -> usize {
    match shape {
        Shape::Short => 2,
        Shape::Bool | Shape::Int | Shape::Error | Shape::Address4 => 4,
        Shape::Long | Shape::Membership4 => 8,
        Shape::Linger => 2 * layout::LINGER_FIELD,
        Shape::Timeout => layout::TIMEOUT_LEN,
        Shape::Ucred | Shape::SourceMembership4 | Shape::Pktinfo4 => 12,
        Shape::Membership6 | Shape::Pktinfo6 => 20,
        Shape::Text | Shape::Bytes | Shape::Meminfo | Shape::TcpInfo => layout::ROOM,
    }
}

/// A number or a bool in the layout of its shape.
fn scalar(shape: Shape, number: i64) -> Vec<u8> {
    match shape {
        Shape::Short => short(number).to_vec(),
        Shape::Long => number.to_ne_bytes().to_vec(),
        // Seconds, or `false` for off.
        Shape::Linger => [linger_field(i64::from(number != 0)), linger_field(number)].concat(),
        // `accepts` lets only the zero through.
        Shape::Timeout => layout::timeout(Duration::ZERO),
        Shape::Bool
        | Shape::Int
        | Shape::Error
        | Shape::Text
        | Shape::Ucred
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Address4
        | Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Pktinfo4
        | Shape::Pktinfo6
        | Shape::Bytes => int(number).to_vec(),
    }
}

/// A record's fields, in the order in which the system lays them out.
fn record(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    let mut fields: Vec<_> = option::fields(shape).to_vec();
    if shape == Shape::SourceMembership4 {
        let place =
            |(name, _): &(&str, Field)| layout::IP_MREQ_SOURCE.iter().position(|f| f == name);
        fields.sort_by_key(place);
    }
    if shape == Shape::Pktinfo4 && layout::IN_PKTINFO_LEN == 8 {
        // The address first, and no third field.
        fields.reverse();
    }
    let mut bytes = Vec::new();
    for (name, kind) in fields {
        let given = value.field(name).ok_or_else(|| format!("has no {name}"))?;
        match (shape, given) {
            (Shape::Linger, Value::Int(number)) => bytes.extend(linger_field(*number)),
            (Shape::Linger, Value::Bool(on)) => bytes.extend(linger_field(i64::from(*on))),
            _ => bytes.extend(field(kind, given)),
        }
    }
    if shape == Shape::Pktinfo4 {
        // `ipi_addr`, which is for what arrives.
        bytes.resize(layout::IN_PKTINFO_LEN, 0);
    }
    Ok(bytes)
}

fn field(kind: Field, value: &Value) -> Vec<u8> {
    match (kind, value) {
        (Field::Int, Value::Bool(on)) => int(i64::from(*on)).to_vec(),
        (Field::Int, Value::Int(number)) => int(*number).to_vec(),
        (Field::Address4, Value::Text(text)) => {
            text.parse().unwrap_or(Ipv4Addr::UNSPECIFIED).octets().to_vec()
        }
        (Field::Address6, Value::Text(text)) => {
            text.parse().unwrap_or(Ipv6Addr::UNSPECIFIED).octets().to_vec()
        }
        // `accepts` has refused all of these.
        (
            Field::Int | Field::Address4 | Field::Address6,
            Value::Bool(_) | Value::Int(_) | Value::Text(_) | Value::Bytes(_) | Value::Record(_),
        ) => Vec::new(),
    }
}

/// The low 32 bits: `accepts` has made sure that the rest is a sign or nothing.
#[expect(clippy::cast_possible_truncation, reason = "checked by option::accepts")]
fn int(number: i64) -> [u8; 4] {
    (number as i32).to_ne_bytes()
}

/// The low 16 bits: `accepts` has made sure that there are no others.
#[expect(clippy::cast_possible_truncation, reason = "checked by option::accepts")]
fn short(number: i64) -> [u8; 2] {
    (number as i16).to_ne_bytes()
}

/// A field of `struct linger`, of which Windows takes the low 16 bits.
#[expect(clippy::cast_possible_truncation, reason = "what a C program's assignment does")]
fn linger_field(number: i64) -> Vec<u8> {
    match layout::LINGER_FIELD {
        2 => (number as i16).to_ne_bytes().to_vec(),
        _ => int(number).to_vec(),
    }
}

fn linger(bytes: &[u8]) -> Option<Value> {
    let read = |at| match layout::LINGER_FIELD {
        2 => u16_at(bytes, at).map(i64::from),
        _ => i32_at(bytes, at).map(i64::from),
    };
    let field = |name: &str, at| Some((name.to_owned(), Value::Int(read(at)?)));
    Some(Value::Record(vec![field("l_onoff", 0)?, field("l_linger", layout::LINGER_FIELD)?]))
}

/// By its length: a byte, an int, a long.
fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        1 => bytes.first().map(|byte| i64::from(*byte)),
        4 => i32_at(bytes, 0).map(i64::from),
        // `~0`, which is "unlimited", becomes -1.
        8 => u64_at(bytes, 0).map(u64::cast_signed),
        _ => None,
    }
}

fn error(number: i32) -> Value {
    if number == 0 {
        Value::Int(0)
    } else {
        Value::Text(Errno::from_number(SYSTEM, number).name().into_owned())
    }
}

/// Up to the first NUL; not text where it is not UTF-8.
fn text(bytes: &[u8]) -> Option<Value> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok().map(|text| Value::Text(text.to_owned()))
}

fn address4(octets: [u8; 4]) -> Value {
    Value::Text(Ipv4Addr::from(octets).to_string())
}
