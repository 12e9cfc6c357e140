//! Option values to the bytes that Windows takes, and back.
//!
//! Refuses only what cannot be written down; what Winsock thinks of it is Winsock's answer.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::bytes::{array, i32_at, u16_at, u32_at};
use crate::errno::Errno;
use crate::option::{self, Field, Shape, Value};
use crate::platform::System;

/// Bytes for setsockopt(2). The error says what a value of this shape is.
pub fn encode(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    option::accepts(shape, value)?;
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Record(_) => record(shape, value),
        Value::Bool(on) => Ok(scalar(shape, i64::from(*on))),
        Value::Int(number) => Ok(scalar(shape, *number)),
        Value::Text(text) => match shape {
            Shape::Timeout => Ok(millis(option::duration(text).unwrap_or_default())),
            Shape::Address4 => Ok(field(Field::Address4, value)),
            Shape::Bool
            | Shape::Int
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
            | Shape::Bytes => Ok(text.clone().into_bytes()),
        },
    }
}

/// A value from what getsockopt(2) wrote. Lengths that fit no reading stay bytes.
pub fn decode(shape: Shape, bytes: &[u8]) -> Value {
    let read = match shape {
        Shape::Bool => integer(bytes).map(|number| Value::Bool(number != 0)),
        Shape::Int | Shape::Long => integer(bytes).map(Value::Int),
        Shape::Error => i32_at(bytes, 0).map(error),
        Shape::Linger => linger(bytes),
        Shape::Timeout => timeout(bytes),
        Shape::Text => text(bytes),
        Shape::Address4 => array::<4>(bytes, 0).map(address4),
        // Windows gives no membership back and has no option of the others; whatever came is shown.
        Shape::Ucred
        | Shape::TcpInfo
        | Shape::Meminfo
        | Shape::Membership4
        | Shape::Membership6
        | Shape::SourceMembership4
        | Shape::Bytes => None,
    };
    read.unwrap_or_else(|| Value::Bytes(bytes.to_vec()))
}

/// How much room getsockopt(2) needs for a value of this shape.
pub fn value_len(shape: Shape) -> usize {
    match shape {
        Shape::Bool | Shape::Int | Shape::Error | Shape::Address4 => 4,
        Shape::Linger | Shape::Timeout => 4,
        Shape::Long | Shape::Membership4 => 8,
        Shape::Ucred | Shape::SourceMembership4 => 12,
        Shape::Membership6 => 20,
        // WSAPROTOCOL_INFOW, the longest, is 628.
        Shape::Text | Shape::Bytes | Shape::Meminfo | Shape::TcpInfo => 1024,
    }
}

/// A number or a bool in the layout of its shape.
fn scalar(shape: Shape, number: i64) -> Vec<u8> {
    match shape {
        Shape::Long => number.to_ne_bytes().to_vec(),
        // Seconds, or `false` for off.
        Shape::Linger => [short(i64::from(number != 0)), short(number)].concat(),
        // `accepts` lets only the zero through.
        Shape::Timeout => millis(Duration::ZERO),
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
        | Shape::Bytes => int(number).to_vec(),
    }
}

/// A record's fields, in the order in which Windows lays them out.
fn record(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    let mut names: Vec<_> = option::fields(shape).to_vec();
    if shape == Shape::SourceMembership4 {
        // `struct ip_mreq_source` of ws2ipdef.h: group, source, interface.
        names.swap(1, 2);
    }
    let mut bytes = Vec::new();
    for (name, kind) in names {
        let given = value.field(name).ok_or_else(|| format!("has no {name}"))?;
        match (shape, given) {
            (Shape::Linger, Value::Int(number)) => bytes.extend(short(*number)),
            (Shape::Linger, Value::Bool(on)) => bytes.extend(short(i64::from(*on))),
            _ => bytes.extend(field(kind, given)),
        }
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

/// The low 16 bits: both fields of `struct linger` are `u_short` on Windows.
#[expect(clippy::cast_possible_truncation, reason = "what a C program's assignment does")]
fn short(number: i64) -> [u8; 2] {
    (number as u16).to_ne_bytes()
}

/// A DWORD of milliseconds, rounded up: 0 would be for ever.
fn millis(duration: Duration) -> Vec<u8> {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    u32::try_from(millis).unwrap_or(u32::MAX).to_ne_bytes().to_vec()
}

fn timeout(bytes: &[u8]) -> Option<Value> {
    let whole = Duration::from_millis(u32_at(bytes, 0)?.into());
    Some(Value::Text(option::duration_text(whole)))
}

fn linger(bytes: &[u8]) -> Option<Value> {
    let field = |name: &str, at| Some((name.to_owned(), Value::Int(u16_at(bytes, at)?.into())));
    Some(Value::Record(vec![field("l_onoff", 0)?, field("l_linger", 2)?]))
}

/// By its length: a byte, an int, a long.
fn integer(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        1 => bytes.first().map(|byte| i64::from(*byte)),
        4 => i32_at(bytes, 0).map(i64::from),
        8 => array(bytes, 0).map(i64::from_ne_bytes),
        _ => None,
    }
}

fn error(number: i32) -> Value {
    if number == 0 {
        Value::Int(0)
    } else {
        Value::Text(Errno::from_number(System::Windows, number).name().into_owned())
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
