//! recvmsg(2) and sendmsg(2), and the control messages in both directions.
//!
//! Control messages are read and written as bytes: no pointer into the buffer is ever followed.
//! The types are in `sys/message.rs`.

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::bytes::{array, i32_at, u32_at};
use super::{Address, Socket, count, layout, options};
use crate::errno::Errno;
use crate::platform::System;
use crate::sys::{Ancillary, Control, Credentials, Message, Received};

/// `struct cmsghdr`: a `size_t` length, then level and type.
const HEADER: usize = size_of::<libc::cmsghdr>();

/// `linux/socket.h`, 6.5.
const SCM_PIDFD: libc::c_int = 4;

/// `CMSG_ALIGN`: messages begin at multiples of a `size_t`.
fn aligned(len: usize) -> usize {
    len.next_multiple_of(size_of::<usize>())
}

impl Socket {
    /// recvmsg(2) into `parts`, with `control` as room for control messages (an empty slice gives
    /// none). Descriptors received are close-on-exec. A message that did not fit says so in
    /// `flags`.
    pub fn recv_msg(
        &self,
        parts: &mut [IoSliceMut<'_>],
        flags: i32,
        control: &mut [u8],
    ) -> Result<Received, Errno> {
        let mut from = Address::blank();
        let mut header = blank_header();
        header.msg_name = from.as_mut_ptr().cast();
        header.msg_namelen = from.raw_len();
        header.msg_iov = parts.as_mut_ptr().cast();
        header.msg_iovlen = parts.len() as _;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = control.len() as _;
        let asked = flags | libc::MSG_CMSG_CLOEXEC;
        // SAFETY: every pointer in the header has room for the length beside it, and IoSliceMut is
        // promised to have the layout of iovec.
        let len = count(unsafe { libc::recvmsg(self.raw(), &raw mut header, asked) })?;
        #[allow(clippy::unnecessary_cast, reason = "a socklen_t on musl")]
        let written = (header.msg_controllen as usize).min(control.len());
        // The kernel hands this flag back; who did not ask for it shall not see it.
        let added = libc::MSG_CMSG_CLOEXEC & !flags;
        Ok(Received {
            len,
            error: None,
            from: from.written(header.msg_namelen),
            flags: header.msg_flags & !added,
            control: read_control(&control[..written]),
        })
    }

    /// sendmsg(2).
    pub fn send_msg(&self, message: &Message<'_>) -> Result<usize, Errno> {
        let mut control = Vec::new();
        message.control.iter().for_each(|one| write_control(&mut control, one));
        let mut header = blank_header();
        if let Some(to) = message.to {
            header.msg_name = to.as_ptr().cast_mut().cast();
            header.msg_namelen = to.raw_len();
        }
        header.msg_iov = message.parts.as_ptr().cast_mut().cast();
        header.msg_iovlen = message.parts.len() as _;
        if !control.is_empty() {
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = control.len() as _;
        }
        // SAFETY: every pointer in the header is readable for the length beside it, sendmsg writes
        // through none of them, and IoSlice is promised to have the layout of iovec.
        count(unsafe { libc::sendmsg(self.raw(), &raw const header, message.flags) })
    }
}

fn blank_header() -> libc::msghdr {
    // SAFETY: all zeroes are a valid msghdr: null pointers with length 0. It has private padding
    // on musl, so that it cannot be written as a literal.
    unsafe { std::mem::zeroed() }
}

fn write_control(to: &mut Vec<u8>, one: &Ancillary<'_>) {
    match one {
        Ancillary::Rights(sockets) => {
            let data: Vec<u8> =
                sockets.iter().flat_map(|socket| socket.raw().to_ne_bytes()).collect();
            write_one(to, libc::SOL_SOCKET, libc::SCM_RIGHTS, &data);
        }
        Ancillary::Credentials(Credentials { pid, uid, gid }) => {
            let data = [pid.to_ne_bytes(), uid.to_ne_bytes(), gid.to_ne_bytes()].concat();
            write_one(to, libc::SOL_SOCKET, libc::SCM_CREDENTIALS, &data);
        }
        Ancillary::Other { level, kind, data } => write_one(to, *level, *kind, data),
    }
}

fn write_one(to: &mut Vec<u8>, level: i32, kind: i32, data: &[u8]) {
    let start = to.len();
    to.extend_from_slice(&(HEADER + data.len()).to_ne_bytes());
    to.extend_from_slice(&level.to_ne_bytes());
    to.extend_from_slice(&kind.to_ne_bytes());
    to.resize(start + HEADER, 0);
    to.extend_from_slice(data);
    to.resize(start + aligned(HEADER + data.len()), 0);
}

fn read_control(mut rest: &[u8]) -> Vec<Control> {
    let mut found = Vec::new();
    while let Some(len) = array(rest, 0).map(usize::from_ne_bytes) {
        let fields = (i32_at(rest, size_of::<usize>()), i32_at(rest, size_of::<usize>() + 4));
        let (Some(level), Some(kind)) = fields else { break };
        // A length that lies about the buffer ends the walk, as CMSG_NXTHDR would.
        let Some(data) = rest.get(HEADER..len) else { break };
        found.push(read_one(level, kind, data));
        rest = rest.get(aligned(len)..).unwrap_or_default();
    }
    found
}

fn read_one(level: i32, kind: i32, data: &[u8]) -> Control {
    let other = Control::Other { level, kind, len: data.len() };
    match (level, kind) {
        (libc::SOL_SOCKET, libc::SCM_RIGHTS) => rights(data),
        (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) => {
            credentials(data).map_or(other, Control::Credentials)
        }
        (libc::SOL_SOCKET, SCM_PIDFD) => {
            i32_at(data, 0).map_or(other, |raw| Control::Pidfd(Socket::from_raw(raw)))
        }
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMP) => timestamp(data).unwrap_or(other),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => timestamp_ns(data).unwrap_or(other),
        (libc::SOL_IP, libc::IP_PKTINFO) => pktinfo4(data).unwrap_or(other),
        (libc::SOL_IPV6, libc::IPV6_PKTINFO) => pktinfo6(data).unwrap_or(other),
        (libc::SOL_IP, libc::IP_RECVERR) => recv_err("IP_RECVERR", data).unwrap_or(other),
        (libc::SOL_IPV6, libc::IPV6_RECVERR) => recv_err("IPV6_RECVERR", data).unwrap_or(other),
        _ => options::control_number(level, kind)
            .and_then(|name| number(name, data))
            .unwrap_or(other),
    }
}

fn rights(data: &[u8]) -> Control {
    let raw = data.chunks_exact(size_of::<libc::c_int>()).filter_map(|one| i32_at(one, 0));
    // The kernel has just opened these for this process, and nobody else knows of them.
    Control::Rights(raw.map(Socket::from_raw).collect())
}

fn credentials(data: &[u8]) -> Option<Credentials> {
    Some(Credentials { pid: i32_at(data, 0)?, uid: u32_at(data, 4)?, gid: u32_at(data, 8)? })
}

/// A `timeval`.
fn timestamp(data: &[u8]) -> Option<Control> {
    Some(Control::Timestamp { name: "SCM_TIMESTAMP", since_epoch: layout::duration(data)? })
}

/// A `timespec`.
fn timestamp_ns(data: &[u8]) -> Option<Control> {
    let part = |at| array(data, at).map(libc::c_long::from_ne_bytes);
    let seconds = Duration::from_secs(u64::try_from(part(0)?).ok()?);
    let nanos = Duration::from_nanos(u64::try_from(part(size_of::<libc::c_long>())?).ok()?);
    let since_epoch = seconds.checked_add(nanos)?;
    Some(Control::Timestamp { name: "SCM_TIMESTAMPNS", since_epoch })
}

/// `struct in_pktinfo`.
fn pktinfo4(data: &[u8]) -> Option<Control> {
    Some(Control::Pktinfo4 {
        interface: u32_at(data, 0)?,
        local: Ipv4Addr::from(array::<4>(data, 4)?),
        destination: Ipv4Addr::from(array::<4>(data, 8)?),
    })
}

/// `struct in6_pktinfo`.
fn pktinfo6(data: &[u8]) -> Option<Control> {
    let destination = Ipv6Addr::from(array::<16>(data, 0)?);
    Some(Control::Pktinfo6 { interface: u32_at(data, 16)?, destination })
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

/// An int, or the single byte that `IP_TOS` is.
fn number(name: &'static str, data: &[u8]) -> Option<Control> {
    let value = i32_at(data, 0).or_else(|| data.first().map(|byte| i32::from(*byte)))?;
    Some(Control::Number { name, value: i64::from(value) })
}
