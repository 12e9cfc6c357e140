//! Receives and sends with buffers, addresses and control messages: `WSARecvFrom`, `WSARecvMsg`,
//! `WSASendTo`, `WSASendMsg`, and for streams `WSARecv` and `WSASend`.
//!
//! What did not fit is an error *and* bytes: both are given. Control messages are read and written
//! as bytes: no pointer into the buffer is ever followed. The types are in `sys/message.rs`.

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, Ipv6Addr};

use windows_sys::Win32::Networking::WinSock as ws;

use super::bytes::{array, i32_at, u32_at};
use super::socket::int;
use super::{Address, CUT, Socket, answer, options};
use crate::errno::Errno;
use crate::sys::{Ancillary, Control, Message, Received};

/// `WSACMSGHDR`: a `SIZE_T` length, then level and type.
const HEADER: usize = size_of::<ws::CMSGHDR>();

/// `WSA_CMSG_ALIGN`: messages begin at multiples of a `SIZE_T`.
fn aligned(len: usize) -> usize {
    len.next_multiple_of(size_of::<usize>())
}

/// What a receiving call left behind.
struct Raw {
    returned: i32,
    len: u32,
    flags: u32,
    from: Option<Address>,
    /// Bytes of control messages.
    written: usize,
}

impl Socket {
    /// Receives into `parts`, with `control` as room for control messages. Streams take
    /// `WSARecv`; datagrams `WSARecvFrom` where there is no such room and `WSARecvMsg` where there
    /// is. A message that did not fit has its error in the answer, beside the bytes that did.
    pub fn recv_msg(
        &self,
        parts: &mut [IoSliceMut<'_>],
        flags: i32,
        control: &mut [u8],
    ) -> Result<Received, Errno> {
        let room: usize = parts.iter().map(|part| part.len()).sum();
        // IoSliceMut is promised to have the layout of WSABUF.
        let buffers = parts.as_mut_ptr().cast::<ws::WSABUF>();
        let (buffers, flags) = ((buffers, parts.len()), flags.cast_unsigned());
        let raw = if self.is_stream() {
            self.wsa_recv(buffers, flags)
        } else if control.is_empty() {
            self.wsa_recv_from(buffers, flags)
        } else {
            self.wsa_recv_msg(buffers, flags, control)?
        };
        let error = answer(raw.returned).err();
        if error.is_some() && error != CUT {
            return error.map_or(Err(Errno::EINVAL), Err);
        }
        // Cut off means that the buffers are full; not every system fills in the length then.
        let len = if error.is_some() { room } else { usize::try_from(raw.len).unwrap_or(room) };
        Ok(Received {
            len,
            error,
            from: raw.from,
            flags: raw.flags.cast_signed(),
            control: read_control(&control[..raw.written.min(control.len())]),
        })
    }

    /// `SO_TYPE`: datagrams and streams have different calls.
    fn is_stream(&self) -> bool {
        let ty = self.get_option(ws::SOL_SOCKET, ws::SO_TYPE, size_of::<i32>());
        ty.is_ok_and(|ty| i32_at(&ty, 0) == Some(ws::SOCK_STREAM))
    }

    fn wsa_recv(&self, (at, parts): (*mut ws::WSABUF, usize), mut flags: u32) -> Raw {
        let mut len = 0;
        let parts = int(parts).cast_unsigned();
        let (len_at, flags_at) = (&raw mut len, &raw mut flags);
        // SAFETY: `at` points to `parts` buffers with room for the lengths beside them, and the
        // call is not overlapped, so that nothing is written after it.
        let returned = unsafe {
            ws::WSARecv(self.raw(), at, parts, len_at, flags_at, std::ptr::null_mut(), None)
        };
        Raw { returned, len, flags, from: None, written: 0 }
    }

    fn wsa_recv_from(&self, (at, parts): (*mut ws::WSABUF, usize), mut flags: u32) -> Raw {
        let mut len = 0;
        let mut from = Address::blank();
        let mut from_len = from.raw_len();
        let parts = int(parts).cast_unsigned();
        // SAFETY: as above, and `from` has room for `from_len` bytes.
        let returned = unsafe {
            ws::WSARecvFrom(
                self.raw(),
                at,
                parts,
                &raw mut len,
                &raw mut flags,
                from.as_mut_ptr(),
                &raw mut from_len,
                std::ptr::null_mut(),
                None,
            )
        };
        Raw { returned, len, flags, from: from.written(from_len), written: 0 }
    }

    fn wsa_recv_msg(
        &self,
        (at, parts): (*mut ws::WSABUF, usize),
        flags: u32,
        control: &mut [u8],
    ) -> Result<Raw, Errno> {
        let call = self.extension()?;
        let mut len = 0;
        let mut from = Address::blank();
        let mut message = ws::WSAMSG {
            name: from.as_mut_ptr(),
            namelen: from.raw_len(),
            lpBuffers: at,
            dwBufferCount: int(parts).cast_unsigned(),
            Control: ws::WSABUF {
                len: int(control.len()).cast_unsigned(),
                buf: control.as_mut_ptr(),
            },
            dwFlags: flags,
        };
        // SAFETY: every pointer in the message has room for the length beside it, and the call is
        // not overlapped, so that nothing is written after it.
        let returned =
            unsafe { call(self.raw(), &raw mut message, &raw mut len, std::ptr::null_mut(), None) };
        let written = usize::try_from(message.Control.len).unwrap_or(0);
        let from = from.written(message.namelen);
        // After a failure the room is as it was given.
        let told = returned == 0 || answer(returned).err() == CUT;
        let written = if told { written } else { 0 };
        Ok(Raw { returned, len, flags: message.dwFlags, from, written })
    }

    /// `WSARecvMsg` is no export: its address is asked of the socket's provider.
    fn extension(&self) -> Result<RecvMsg, Errno> {
        let id = ws::WSAID_WSARECVMSG;
        let mut call: Option<RecvMsg> = None;
        let mut len = 0;
        // SAFETY: the request reads a GUID and writes a function's address, which is what an
        // Option of a function pointer is.
        let returned = unsafe {
            ws::WSAIoctl(
                self.raw(),
                ws::SIO_GET_EXTENSION_FUNCTION_POINTER,
                (&raw const id).cast(),
                int(size_of_val(&id)).cast_unsigned(),
                (&raw mut call).cast(),
                int(size_of_val(&call)).cast_unsigned(),
                &raw mut len,
                std::ptr::null_mut(),
                None,
            )
        };
        answer(returned)?;
        call.ok_or(Errno::EOPNOTSUPP)
    }

    /// `WSASend` on a stream, `WSASendMsg` where something travels beside the bytes, else
    /// `WSASendTo`. Descriptors and credentials cannot travel: `WSAEOPNOTSUPP`.
    pub fn send_msg(&self, message: &Message<'_>) -> Result<usize, Errno> {
        let mut control = Vec::new();
        for one in message.control {
            write_control(&mut control, one)?;
        }
        // IoSlice is promised to have the layout of WSABUF, which these calls only read.
        let at = message.parts.as_ptr().cast::<ws::WSABUF>().cast_mut();
        let parts = int(message.parts.len()).cast_unsigned();
        let flags = message.flags.cast_unsigned();
        let (to, to_len) =
            message.to.map_or((std::ptr::null(), 0), |to| (to.as_ptr(), to.raw_len()));
        let mut len = 0;
        let (raw, none) = (self.raw(), std::ptr::null_mut());
        let returned = if control.is_empty() && to.is_null() {
            // SAFETY: `at` points to `parts` buffers readable for the lengths beside them.
            unsafe { ws::WSASend(raw, at, parts, &raw mut len, flags, none, None) }
        } else if control.is_empty() {
            // SAFETY: as above, and `to` is readable for `to_len` bytes.
            unsafe { ws::WSASendTo(raw, at, parts, &raw mut len, flags, to, to_len, none, None) }
        } else {
            let message = ws::WSAMSG {
                name: to.cast_mut(),
                namelen: to_len,
                lpBuffers: at,
                dwBufferCount: parts,
                Control: ws::WSABUF {
                    len: int(control.len()).cast_unsigned(),
                    buf: control.as_mut_ptr(),
                },
                dwFlags: 0,
            };
            // SAFETY: every pointer in the message is readable for the length beside it.
            unsafe { ws::WSASendMsg(raw, &raw const message, flags, &raw mut len, none, None) }
        };
        answer(returned)?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }
}

/// `LPFN_WSARECVMSG`.
type RecvMsg = unsafe extern "system" fn(
    ws::SOCKET,
    *mut ws::WSAMSG,
    *mut u32,
    *mut windows_sys::Win32::System::IO::OVERLAPPED,
    ws::LPWSAOVERLAPPED_COMPLETION_ROUTINE,
) -> i32;

fn write_control(to: &mut Vec<u8>, one: &Ancillary<'_>) -> Result<(), Errno> {
    let Ancillary::Other { level, kind, data } = one else { return Err(Errno::EOPNOTSUPP) };
    let start = to.len();
    to.extend_from_slice(&(HEADER + data.len()).to_ne_bytes());
    to.extend_from_slice(&level.to_ne_bytes());
    to.extend_from_slice(&kind.to_ne_bytes());
    to.extend_from_slice(data);
    to.resize(start + aligned(HEADER + data.len()), 0);
    Ok(())
}

fn read_control(mut rest: &[u8]) -> Vec<Control> {
    let mut found = Vec::new();
    while let Some(len) = array(rest, 0).map(usize::from_ne_bytes) {
        let fields = (i32_at(rest, size_of::<usize>()), i32_at(rest, size_of::<usize>() + 4));
        let (Some(level), Some(kind)) = fields else { break };
        // A length that lies about the buffer ends the walk, as WSA_CMSG_NXTHDR would.
        let Some(data) = rest.get(HEADER..len) else { break };
        found.push(read_one(level, kind, data));
        rest = rest.get(aligned(len)..).unwrap_or_default();
    }
    found
}

fn read_one(level: i32, kind: i32, data: &[u8]) -> Control {
    let read = match (level, kind) {
        (ws::IPPROTO_IP, ws::IP_PKTINFO) => pktinfo4(data),
        (ws::IPPROTO_IPV6, ws::IPV6_PKTINFO) => pktinfo6(data),
        _ => options::control_number(level, kind)
            .zip(i32_at(data, 0))
            .map(|(name, value)| Control::Number { name, value: value.into() }),
    };
    read.unwrap_or(Control::Other { level, kind, len: data.len() })
}

/// `IN_PKTINFO`: the destination, then the interface; there is no third field.
fn pktinfo4(data: &[u8]) -> Option<Control> {
    let destination = Ipv4Addr::from(array::<4>(data, 0)?);
    Some(Control::Pktinfo4 { interface: u32_at(data, 4)?, local: destination, destination })
}

/// `IN6_PKTINFO`.
fn pktinfo6(data: &[u8]) -> Option<Control> {
    let destination = Ipv6Addr::from(array::<16>(data, 0)?);
    Some(Control::Pktinfo6 { interface: u32_at(data, 16)?, destination })
}
