//! Where the layout of an option's value is Windows' own; what all systems share is in
//! `sys/encode`.
//!
//! Never judges a value: bytes that are too short are `None`.

use std::time::Duration;

use super::tcp_info;
use crate::option::{Shape, Value};
use crate::sys::bytes::u32_at;

/// Bytes of a field of `struct linger`, a `u_short`.
pub(in crate::sys) const LINGER_FIELD: usize = 2;

/// The fields of `struct ip_mreq_source` of ws2ipdef.h, in order.
pub(in crate::sys) const IP_MREQ_SOURCE: [&str; 3] =
    ["imr_multiaddr", "imr_sourceaddr", "imr_interface"];

/// Bytes of `IN_PKTINFO`: address, index.
pub(in crate::sys) const IN_PKTINFO_LEN: usize = 8;

/// Bytes for the longest value: `WSAPROTOCOL_INFOW` is 628.
pub(in crate::sys) const ROOM: usize = 1024;

/// Bytes of a timeout.
pub(in crate::sys) const TIMEOUT_LEN: usize = 4;

/// A DWORD of milliseconds, rounded up: 0 would be for ever.
pub(in crate::sys) fn timeout(duration: Duration) -> Vec<u8> {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    u32::try_from(millis).unwrap_or(u32::MAX).to_ne_bytes().to_vec()
}

/// A duration as `SO_RCVTIMEO` gives it.
pub(in crate::sys) fn duration(bytes: &[u8]) -> Option<Duration> {
    u32_at(bytes, 0).map(|millis| Duration::from_millis(millis.into()))
}

/// The structures that a socket gives and never takes: of them Windows has only `TCP_INFO`.
pub(in crate::sys) fn record(shape: Shape, bytes: &[u8]) -> Option<Value> {
    (shape == Shape::TcpInfo).then(|| tcp_info::decode(bytes))
}
