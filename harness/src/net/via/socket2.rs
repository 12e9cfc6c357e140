//! socket2's one type for every socket.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::task::Poll;
use std::time::Duration;

use ::socket2::{Domain, MaybeUninitSlice, SockAddr, Socket, Type};

use super::{
    Asked, Calls, Later, Maker, Making, New, asked, linger, number, size, timeout, truth, unsaid,
};
use crate::kind::{self, Family, Kind};
use crate::option::Value;
use crate::sys::{Address, Owned, through_uninit, to_socket2};

/// socket2 gives an address always; of a stream it is of no family at all.
fn from(address: &SockAddr) -> Option<Address> {
    let address = Address::from(address);
    (!address.is_empty() && address.family().is_some()).then_some(address)
}

impl Calls for Socket {
    super::std::common!(of_ours);

    fn peer_addr(&self) -> io::Result<Address> {
        self.peer_addr().map(of_ours)
    }

    fn bind(&self, to: &Address) -> io::Result<()> {
        self.bind(&to_socket2(to)?)
    }

    fn listen(&self, backlog: i32) -> io::Result<()> {
        self.listen(backlog)
    }

    fn connect(&self, to: &Address) -> Asked<()> {
        asked(to_socket2(to).and_then(|to| self.connect(&to)))
    }

    fn accept(&self) -> Asked<(New, Address)> {
        asked(self.accept().map(|(socket, from)| (New::of(socket), of_ours(from))))
    }

    fn send(&self, data: &[u8], flags: i32) -> Asked<usize> {
        asked(self.send_with_flags(data, flags))
    }

    fn send_all(&self, data: &[u8], _later: &mut Later) -> Asked<()> {
        asked((&mut &*self).write_all(data))
    }

    fn send_to(&self, data: &[u8], to: &Address, flags: i32) -> Asked<usize> {
        asked(to_socket2(to).and_then(|to| self.send_to_with_flags(data, &to, flags)))
    }

    fn send_msg(&self, parts: &[IoSlice<'_>], to: Option<&Address>, flags: i32) -> Asked<usize> {
        asked(match to {
            Some(to) => {
                to_socket2(to).and_then(|to| self.send_to_vectored_with_flags(parts, &to, flags))
            }
            None => self.send_vectored_with_flags(parts, flags),
        })
    }

    fn recv(&self, buffer: &mut [u8], flags: i32) -> Asked<usize> {
        asked(through_uninit(buffer, |buffer| self.recv_with_flags(buffer, flags)))
    }

    fn recv_exactly(&self, len: usize, _later: &mut Later) -> Asked<Vec<u8>> {
        let mut data = vec![0; len];
        asked((&mut &*self).read_exact(&mut data).map(|()| data))
    }

    fn recv_to_eof(&self, received: &mut Vec<u8>, _later: &mut Later) -> Asked<()> {
        asked((&mut &*self).read_to_end(received).map(drop))
    }

    fn recv_from(&self, buffer: &mut [u8], flags: i32) -> Asked<(usize, Option<Address>)> {
        let received = through_uninit(buffer, |buffer| self.recv_from_with_flags(buffer, flags));
        asked(received.map(|(len, address)| (len, from(&address))))
    }

    fn recv_msg(
        &self,
        buffers: &mut [Vec<u8>],
        flags: i32,
    ) -> Asked<(usize, bool, Option<Address>)> {
        let received = match buffers {
            [one] => through_uninit(one, |one| {
                self.recv_from_vectored_with_flags(&mut [MaybeUninitSlice::new(one)], flags)
            }),
            [one, two] => through_uninit(one, |one| {
                through_uninit(two, |two| {
                    let parts = &mut [MaybeUninitSlice::new(one), MaybeUninitSlice::new(two)];
                    self.recv_from_vectored_with_flags(parts, flags)
                })
            }),
            _ => Err(unsaid()),
        };
        let received =
            received.map(|(len, told, address)| (len, told.is_truncated(), from(&address)));
        asked(received)
    }

    fn peek(&self, buffer: &mut [u8]) -> Asked<usize> {
        asked(through_uninit(buffer, |buffer| self.peek(buffer)))
    }

    fn shutdown(&self, how: Shutdown) -> Asked<()> {
        asked(self.shutdown(how))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "IPV6_V6ONLY" => self.set_only_v6(truth(value)),
            "IP_MULTICAST_LOOP" => self.set_multicast_loop_v4(truth(value)),
            "IP_MULTICAST_TTL" => self.set_multicast_ttl_v4(number(value)?),
            "IP_TTL" => self.set_ttl_v4(number(value)?),
            "SO_BROADCAST" => self.set_broadcast(truth(value)),
            "SO_KEEPALIVE" => self.set_keepalive(truth(value)),
            "SO_LINGER" => self.set_linger(linger(value)?),
            "SO_OOBINLINE" => self.set_out_of_band_inline(truth(value)),
            "SO_RCVBUF" => self.set_recv_buffer_size(size(value)?),
            "SO_RCVTIMEO" => self.set_read_timeout(Some(timeout(value))),
            "SO_REUSEADDR" => self.set_reuse_address(truth(value)),
            "SO_SNDBUF" => self.set_send_buffer_size(size(value)?),
            "SO_SNDTIMEO" => self.set_write_timeout(Some(timeout(value))),
            "TCP_NODELAY" => self.set_tcp_nodelay(truth(value)),
            _ => Err(unsaid()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `Result::map` hands over")]
fn of_ours(address: SockAddr) -> Address {
    Address::from(&address)
}

/// How socket2 makes sockets: by its kind alone.
pub struct Socket2;

impl Maker for Socket2 {
    fn open(&mut self, kind: Kind) -> io::Result<New> {
        new(kind).map(New::of)
    }

    /// Only with a limit: without one it is a step of its own, of a socket that does not block.
    fn connect(
        &mut self,
        to: &Address,
        limit: Option<Duration>,
        _making: &mut Making,
    ) -> Poll<io::Result<New>> {
        let kind = match to.family() {
            Some(Family::Inet6) => Kind::Tcp6,
            Some(Family::Unix) => Kind::UnixStream,
            Some(Family::Inet4) | None => Kind::Tcp4,
        };
        let socket = new(kind)?;
        let limit = limit.unwrap_or(Duration::MAX);
        asked(socket.connect_timeout(&to_socket2(to)?, limit).map(|()| New::of(socket)))
    }

    fn adopt(&mut self, socket: Owned) -> io::Result<New> {
        Ok(New::of(Socket::from(socket)))
    }
}

fn new(kind: Kind) -> io::Result<Socket> {
    let domain = match kind.family() {
        Family::Inet4 => Domain::IPV4,
        Family::Inet6 => Domain::IPV6,
        Family::Unix => Domain::UNIX,
    };
    let ty = match kind.socket_type() {
        kind::Type::Stream => Type::STREAM,
        kind::Type::Dgram | kind::Type::Seqpacket => Type::DGRAM,
    };
    Socket::new(domain, ty, None)
}
