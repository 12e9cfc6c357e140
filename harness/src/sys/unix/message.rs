//! recvmsg(2) and sendmsg(2), and the control messages in both directions.
//!
//! Control messages are read and written as bytes: no pointer into the buffer is ever followed.
//! The types are in `sys/message.rs`.

use std::io::IoSliceMut;
use std::mem::offset_of;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Socket, count, time};
use crate::errno::Errno;
use crate::sys::bytes::{array, i32_at, u32_at};
use crate::sys::imp::message::{self as own, CLOEXEC, CREDENTIALS, CmsgLen};
use crate::sys::imp::options;
use crate::sys::{Address, Ancillary, Control, Message, Received};

/// `struct cmsghdr`: a length of the system's own width, then level and type.
const HEADER: usize = size_of::<libc::cmsghdr>();
const LEVEL_AT: usize = offset_of!(libc::cmsghdr, cmsg_level);
const KIND_AT: usize = offset_of!(libc::cmsghdr, cmsg_type);

/// `CMSG_ALIGN`: messages begin at multiples of the length's width.
fn aligned(len: usize) -> usize {
    len.next_multiple_of(size_of::<CmsgLen>())
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
        header.msg_iovlen = in_width(parts.len());
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = in_width(control.len());
        let asked = flags | CLOEXEC;
        // SAFETY: every pointer in the header has room for the length beside it, and IoSliceMut is
        // promised to have the layout of iovec.
        let len = count(unsafe { libc::recvmsg(self.raw(), &raw mut header, asked) })?;
        #[allow(clippy::unnecessary_cast, reason = "a socklen_t on musl and macOS")]
        let written = (header.msg_controllen as usize).min(control.len());
        // The kernel hands this flag back; who did not ask for it shall not see it.
        let added = CLOEXEC & !flags;
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
        header.msg_iovlen = in_width(message.parts.len());
        if !control.is_empty() {
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = in_width(control.len());
        }
        // SAFETY: every pointer in the header is readable for the length beside it, sendmsg writes
        // through none of them, and IoSlice is promised to have the layout of iovec.
        count(unsafe { libc::sendmsg(self.raw(), &raw const header, message.flags) })
    }
}

/// A length in the width that the system has for it, 31 bits or more: what is in memory fits.
fn in_width<T: TryFrom<usize> + Default>(len: usize) -> T {
    T::try_from(len).unwrap_or_default()
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
        Ancillary::Credentials(credentials) => {
            write_one(to, libc::SOL_SOCKET, CREDENTIALS, &own::credentials(*credentials));
        }
        Ancillary::Other { level, kind, data } => write_one(to, *level, *kind, data),
    }
}

fn write_one(to: &mut Vec<u8>, level: i32, kind: i32, data: &[u8]) {
    let start = to.len();
    let len = HEADER + data.len();
    to.resize(start + aligned(len), 0);
    let mut put = |at: usize, what: &[u8]| to[start + at..][..what.len()].copy_from_slice(what);
    put(0, &in_width::<CmsgLen>(len).to_ne_bytes());
    put(LEVEL_AT, &level.to_ne_bytes());
    put(KIND_AT, &kind.to_ne_bytes());
    put(HEADER, data);
}

fn read_control(mut rest: &[u8]) -> Vec<Control> {
    let mut found = Vec::new();
    while let Some(len) = array(rest, 0).map(CmsgLen::from_ne_bytes) {
        let (Some(level), Some(kind)) = (i32_at(rest, LEVEL_AT), i32_at(rest, KIND_AT)) else {
            break;
        };
        #[allow(clippy::useless_conversion, reason = "32 bits on macOS")]
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        // A length that lies about the buffer ends the walk, as CMSG_NXTHDR would.
        let Some(data) = rest.get(HEADER..len) else { break };
        found.push(read_one(level, kind, data));
        rest = rest.get(aligned(len)..).unwrap_or_default();
    }
    found
}

fn read_one(level: i32, kind: i32, data: &[u8]) -> Control {
    let read = match (level, kind) {
        (libc::SOL_SOCKET, libc::SCM_RIGHTS) => Some(rights(data)),
        (libc::SOL_SOCKET, libc::SCM_TIMESTAMP) => timestamp(data),
        (libc::IPPROTO_IP, libc::IP_PKTINFO) => pktinfo4(data),
        (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => pktinfo6(data),
        _ => own::read_one(level, kind, data)
            .or_else(|| options::control_number(level, kind).and_then(|name| number(name, data))),
    };
    read.unwrap_or(Control::Other { level, kind, len: data.len() })
}

fn rights(data: &[u8]) -> Control {
    let raw = data.chunks_exact(size_of::<libc::c_int>()).filter_map(|one| i32_at(one, 0));
    // The kernel has just opened these for this process, and nobody else knows of them.
    Control::Rights(raw.map(own::received).collect())
}

/// A `timeval`.
fn timestamp(data: &[u8]) -> Option<Control> {
    Some(Control::Timestamp { name: "SCM_TIMESTAMP", since_epoch: time::duration(data)? })
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

/// An int, or the single byte that `IP_TOS` is; not what was cut to fit.
fn number(name: &'static str, data: &[u8]) -> Option<Control> {
    let value = match data {
        [byte] => i32::from(*byte),
        _ => i32_at(data, 0)?,
    };
    Some(Control::Number { name, value: i64::from(value) })
}
