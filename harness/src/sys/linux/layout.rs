//! Where the layout of an option's value is Linux's own; what all systems share is in `sys/encode`.
//!
//! Never judges a value: bytes that are too short are `None`.

use super::tcp_info;
use crate::option::{Shape, Value};
use crate::sys::bytes::{i32_at, u32_at};

pub(in crate::sys) use crate::sys::unix::time::{TIMEOUT_LEN, duration, timeout};

/// Bytes of a field of `struct linger`.
pub(in crate::sys) const LINGER_FIELD: usize = 4;

/// The fields of `struct ip_mreq_source`, in order.
pub(in crate::sys) const IP_MREQ_SOURCE: [&str; 3] =
    ["imr_multiaddr", "imr_interface", "imr_sourceaddr"];

/// Bytes of `struct in_pktinfo`: index, source, destination.
pub(in crate::sys) const IN_PKTINFO_LEN: usize = 12;

/// Bytes for the longest value: `struct tcp_info`. The longest text is a security label, 255.
pub(in crate::sys) const ROOM: usize = tcp_info::ROOM;

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

/// The structures that a socket gives and never takes.
pub(in crate::sys) fn record(shape: Shape, bytes: &[u8]) -> Option<Value> {
    match shape {
        Shape::Ucred => ints(&["pid", "uid", "gid"], bytes),
        Shape::TcpInfo => Some(tcp_info::decode(bytes)),
        Shape::Meminfo => ints(&MEMINFO[..MEMINFO.len().min(bytes.len() / 4)], bytes),
        _ => None,
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
