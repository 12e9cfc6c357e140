//! `struct timeval`: seconds and microseconds, whose widths are the system's.
//!
//! Never looks at a clock.

use std::mem::offset_of;
use std::time::Duration;

use crate::sys::bytes::array;

/// Bytes of a timeout.
pub(in crate::sys) const TIMEOUT_LEN: usize = size_of::<libc::timeval>();

const MICROS_AT: usize = offset_of!(libc::timeval, tv_usec);

/// A duration as `select` takes it.
pub(in crate::sys) fn timeval(duration: Duration) -> libc::timeval {
    libc::timeval {
        // Too long for a time_t is for ever as far as a socket is concerned.
        tv_sec: libc::time_t::try_from(duration.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_usec: libc::suseconds_t::from(duration.subsec_micros().cast_signed()),
    }
}

/// A duration as `SO_RCVTIMEO` takes it.
pub(in crate::sys) fn timeout(duration: Duration) -> Vec<u8> {
    let time = timeval(duration);
    let mut bytes = vec![0; TIMEOUT_LEN];
    bytes[..MICROS_AT].copy_from_slice(&time.tv_sec.to_ne_bytes());
    bytes[MICROS_AT..][..size_of::<libc::suseconds_t>()]
        .copy_from_slice(&time.tv_usec.to_ne_bytes());
    bytes
}

/// A duration as `SO_RCVTIMEO` and `SCM_TIMESTAMP` give it; `None` where it is negative.
pub(in crate::sys) fn duration(bytes: &[u8]) -> Option<Duration> {
    const MICROS: usize = size_of::<libc::suseconds_t>();
    let seconds = libc::time_t::from_ne_bytes(array(bytes, 0)?);
    let micros = libc::suseconds_t::from_ne_bytes(array::<MICROS>(bytes, MICROS_AT)?);
    let micros = Duration::from_micros(u64::try_from(micros).ok()?);
    Duration::from_secs(u64::try_from(seconds).ok()?).checked_add(micros)
}
