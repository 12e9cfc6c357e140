//! Control messages that only Linux has; the calls and the others are in `sys/unix/message`.
//!
//! Never judges a message: one that is cut short is `None`.

use std::time::Duration;

use crate::errno::Errno;
use crate::platform::System;
use crate::sys::bytes::{array, i32_at, u32_at};
use crate::sys::unix::Socket;
use crate::sys::{Address, Control, Credentials};

/// The type of `cmsg_len`.
pub(in crate::sys) type CmsgLen = usize;

/// The flag by which descriptors arrive close-on-exec.
pub(in crate::sys) const CLOEXEC: libc::c_int = libc::MSG_CMSG_CLOEXEC;

/// The type of a message with credentials.
pub(in crate::sys) const CREDENTIALS: libc::c_int = libc::SCM_CREDENTIALS;

/// `linux/socket.h`, 6.5.
const SCM_PIDFD: libc::c_int = 4;

/// `struct ucred`.
pub(in crate::sys) fn credentials(of: Credentials) -> Vec<u8> {
    [of.pid.to_ne_bytes(), of.uid.to_ne_bytes(), of.gid.to_ne_bytes()].concat()
}

/// A descriptor that has just arrived.
pub(in crate::sys) fn received(raw: libc::c_int) -> Socket {
    Socket::from_raw(raw)
}

/// Those of Linux alone.
pub(in crate::sys) fn read_one(level: i32, kind: i32, data: &[u8]) -> Option<Control> {
    match (level, kind) {
        (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) => {
            read_credentials(data).map(Control::Credentials)
        }
        (libc::SOL_SOCKET, SCM_PIDFD) => i32_at(data, 0).map(Socket::from_raw).map(Control::Pidfd),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => timestamp_ns("SCM_TIMESTAMPNS", data),
        // Three of them, of which the first is the software's.
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING) => timestamp_ns("SCM_TIMESTAMPING", data),
        (libc::SOL_IP, libc::IP_ORIGDSTADDR) => original("IP_ORIGDSTADDR", data),
        (libc::SOL_IPV6, libc::IPV6_ORIGDSTADDR) => original("IPV6_ORIGDSTADDR", data),
        (libc::SOL_IP, libc::IP_RECVOPTS | libc::IP_RETOPTS) => Some(Control::Bytes {
            name: if kind == libc::IP_RECVOPTS { "IP_RECVOPTS" } else { "IP_RETOPTS" },
            data: data.to_vec(),
        }),
        (libc::SOL_IP, libc::IP_RECVERR) => recv_err("IP_RECVERR", data),
        (libc::SOL_IPV6, libc::IPV6_RECVERR) => recv_err("IPV6_RECVERR", data),
        _ => None,
    }
}

fn read_credentials(data: &[u8]) -> Option<Credentials> {
    Some(Credentials { pid: i32_at(data, 0)?, uid: u32_at(data, 4)?, gid: u32_at(data, 8)? })
}

/// A `timespec`.
fn timestamp_ns(name: &'static str, data: &[u8]) -> Option<Control> {
    let part = |at| array(data, at).map(libc::c_long::from_ne_bytes);
    let seconds = Duration::from_secs(u64::try_from(part(0)?).ok()?);
    let nanos = Duration::from_nanos(u64::try_from(part(size_of::<libc::c_long>())?).ok()?);
    let since_epoch = seconds.checked_add(nanos)?;
    Some(Control::Timestamp { name, since_epoch })
}

/// The address that the datagram was sent to, a `sockaddr_in` or `sockaddr_in6`.
fn original(name: &'static str, data: &[u8]) -> Option<Control> {
    let destination = Address::from_bytes(data);
    destination.family()?;
    Some(Control::Original { name, destination: Box::new(destination) })
}

/// `struct sock_extended_err`, and after it the address of who reported the error.
fn recv_err(name: &'static str, data: &[u8]) -> Option<Control> {
    /// `SO_EE_OFFENDER`.
    const OFFENDER: usize = 16;
    let number = i32_at(data, 0)?;
    let [origin, ty, code, _] = array::<4>(data, 4)?;
    let offender = data.get(OFFENDER..).map(Address::from_bytes);
    Some(Control::RecvErr {
        name,
        errno: (number != 0).then(|| Errno::from_number(System::Linux, number)),
        origin,
        ty,
        code,
        info: u32_at(data, 8)?,
        data: u32_at(data, 12)?,
        offender: offender.filter(|from| from.family().is_some()).map(Box::new),
    })
}
