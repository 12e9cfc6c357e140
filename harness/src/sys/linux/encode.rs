//! Option values to the bytes that Linux takes, and back.
//!
//! Refuses only what cannot be written down; what the kernel thinks of it is the kernel's answer.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::bytes::{array, i32_at, long_at, u32_at, u64_at};
use super::tcp_info;
use crate::errno::Errno;
use crate::option::{self, Field, Shape, Value};
use crate::platform::System;

/// `SK_MEMINFO_*` of `linux/sock_diag.h`, in order.
const MEMINFO: [&str; 9] = [
    "sk_meminfo_rmem_alloc",
    "sk_meminfo_rcvbuf",
    "sk_meminfo_wmem_alloc",
    "sk_meminfo_sndbuf",
    "sk_meminfo_fwd_alloc",
    "sk_meminfo_wmem_queued",
    "sk_meminfo_optmem",
    "sk_meminfo_backlog",
    "sk_meminfo_drops",
];

const LONG: usize = size_of::<libc::c_long>();

/// Bytes for setsockopt(2). The error says what a value of this shape is.
pub fn encode(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    option::accepts(shape, value)?;
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Record(_) => record(shape, value),
        Value::Bool(on) => Ok(scalar(shape, i64::from(*on))),
        Value::Int(number) => Ok(scalar(shape, *number)),
        Value::Text(text) => match shape {
            Shape::Timeout => Ok(timeval(option::duration(text).unwrap_or_default())),
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
        Shape::Linger => ints(&["l_onoff", "l_linger"], bytes),
        Shape::Timeout => timeout(bytes),
        Shape::Text => text(bytes),
        Shape::Ucred => ints(&["pid", "uid", "gid"], bytes),
        Shape::TcpInfo => Some(tcp_info::decode(bytes)),
        Shape::Meminfo => ints(&MEMINFO[..MEMINFO.len().min(bytes.len() / 4)], bytes),
        Shape::Address4 => array::<4>(bytes, 0).map(address4),
        // Linux gives no membership back; whatever came is shown.
        Shape::Membership4 | Shape::Membership6 | Shape::SourceMembership4 | Shape::Bytes => None,
    };
    read.unwrap_or_else(|| Value::Bytes(bytes.to_vec()))
}

/// How much room getsockopt(2) needs for a value of this shape.
pub fn value_len(shape: Shape) -> usize {
    match shape {
        Shape::Bool | Shape::Int | Shape::Error | Shape::Address4 => 4,
        Shape::Long | Shape::Linger | Shape::Membership4 => 8,
        Shape::Ucred | Shape::SourceMembership4 => 12,
        Shape::Timeout => 2 * LONG,
        Shape::Membership6 => 20,
        Shape::Meminfo => 4 * MEMINFO.len(),
        // The longest text is a security label; TCP_CONGESTION and IFNAMSIZ are 16.
        Shape::Text | Shape::Bytes => 256,
        Shape::TcpInfo => tcp_info::ROOM,
    }
}

/// A number or a bool in the layout of its shape.
fn scalar(shape: Shape, number: i64) -> Vec<u8> {
    match shape {
        Shape::Long => number.to_ne_bytes().to_vec(),
        // Seconds, or `false` for off.
        Shape::Linger => [int(i64::from(number != 0)), int(number)].concat(),
        // `accepts` lets only the zero through.
        Shape::Timeout => timeval(Duration::ZERO),
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

/// A record's fields, in the order in which Linux lays them out.
fn record(shape: Shape, value: &Value) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    // `struct ip_mreq_source` has its fields in the same order as the words for it, on Linux.
    for (name, kind) in option::fields(shape) {
        let given = value.field(name).ok_or_else(|| format!("has no {name}"))?;
        bytes.extend(field(*kind, given));
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

fn timeval(duration: Duration) -> Vec<u8> {
    // Too long for the kernel's time_t is for ever as far as a socket is concerned.
    let seconds = libc::c_long::try_from(duration.as_secs()).unwrap_or(libc::c_long::MAX);
    let micros = libc::c_long::from(duration.subsec_micros().cast_signed());
    [seconds.to_ne_bytes(), micros.to_ne_bytes()].concat()
}

fn timeout(bytes: &[u8]) -> Option<Value> {
    let seconds = u64::try_from(long_at(bytes, 0)?).ok()?;
    let micros = u64::try_from(long_at(bytes, LONG)?).ok()?;
    let whole = Duration::from_secs(seconds).checked_add(Duration::from_micros(micros))?;
    Some(Value::Text(option::duration_text(whole)))
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
        Value::Text(Errno::from_number(System::Linux, number).name().into_owned())
    }
}

fn ints(names: &[&str], bytes: &[u8]) -> Option<Value> {
    let field = |(index, name): (usize, &&str)| {
        Some(((*name).to_owned(), Value::Int(unsigned_or_int(name, bytes, index)?)))
    };
    names.iter().enumerate().map(field).collect::<Option<Vec<_>>>().map(Value::Record)
}

/// All are ints but the ids, whose -1 is the overflow id 4294967295.
fn unsigned_or_int(name: &str, bytes: &[u8], index: usize) -> Option<i64> {
    if name == "uid" || name == "gid" {
        u32_at(bytes, 4 * index).map(i64::from)
    } else {
        i32_at(bytes, 4 * index).map(i64::from)
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
