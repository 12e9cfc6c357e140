//! The standard library's sockets over IP. Those of `AF_UNIX` are in `unix`.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::task::Poll;
use std::time::Duration;

use super::{Asked, Calls, Later, Maker, New, asked, number, timeout, truth, unsaid};
use crate::option::Value;
use crate::sys::{Address, Owned, where_std_has_unix};

/// What all types of std have; `$from` makes their addresses ours.
macro_rules! common {
    ($from:path) => {
        fn local_addr(&self) -> io::Result<Address> {
            self.local_addr().map($from)
        }

        fn take_error(&self) -> io::Result<Option<io::Error>> {
            self.take_error()
        }

        fn set_nonblocking(&self, on: bool) -> io::Result<()> {
            self.set_nonblocking(on)
        }

        fn duplicate(&self) -> io::Result<New> {
            self.try_clone().map(New::of)
        }
    };
}

/// What the types of streams have: `Read` and `Write`, with what these make of them.
macro_rules! stream {
    ($from:path) => {
        super::std::common!($from);

        fn peer_addr(&self) -> io::Result<Address> {
            self.peer_addr().map($from)
        }

        fn send(&self, data: &[u8], _flags: i32) -> Asked<usize> {
            asked(io::Write::write(&mut &*self, data))
        }

        fn send_all(&self, data: &[u8], _later: &mut Later) -> Asked<()> {
            asked(io::Write::write_all(&mut &*self, data))
        }

        fn recv(&self, buffer: &mut [u8], _flags: i32) -> Asked<usize> {
            asked(io::Read::read(&mut &*self, buffer))
        }

        fn recv_exactly(&self, len: usize, _later: &mut Later) -> Asked<Vec<u8>> {
            let mut data = vec![0; len];
            asked(io::Read::read_exact(&mut &*self, &mut data).map(|()| data))
        }

        fn recv_to_eof(&self, received: &mut Vec<u8>, _later: &mut Later) -> Asked<()> {
            asked(io::Read::read_to_end(&mut &*self, received).map(drop))
        }

        fn shutdown(&self, how: Shutdown) -> Asked<()> {
            asked(self.shutdown(how))
        }
    };
}

pub(super) use common;

/// An address of IP, for libraries that take no other.
pub fn inet(address: &Address) -> io::Result<SocketAddr> {
    address.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// `SO_RCVTIMEO` and `SO_SNDTIMEO`, which every type but the listeners sets. 0 is what the file
/// says, and std refuses it.
macro_rules! set_timeout {
    ($socket:expr, $option:expr, $value:expr) => {
        match $option {
            "SO_RCVTIMEO" => $socket.set_read_timeout(Some(timeout($value))),
            "SO_SNDTIMEO" => $socket.set_write_timeout(Some(timeout($value))),
            _ => Err(unsaid()),
        }
    };
}

where_std_has_unix! {
    pub(super) use {set_timeout, stream};
}

impl Calls for TcpListener {
    common!(Address::from);

    fn accept(&self) -> Asked<(New, Address)> {
        asked(self.accept().map(|(stream, from)| (New::of(stream), from.into())))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "IP_TTL" => self.set_ttl(number(value)?),
            _ => Err(unsaid()),
        }
    }
}

impl Calls for TcpStream {
    stream!(Address::from);

    fn peek(&self, buffer: &mut [u8]) -> Asked<usize> {
        asked(self.peek(buffer))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "TCP_NODELAY" => self.set_nodelay(truth(value)),
            "IP_TTL" => self.set_ttl(number(value)?),
            _ => set_timeout!(self, option, value),
        }
    }
}

impl Calls for UdpSocket {
    common!(Address::from);

    fn peer_addr(&self) -> io::Result<Address> {
        self.peer_addr().map(Address::from)
    }

    /// `AF_UNSPEC` is no address that std knows.
    fn connect(&self, to: &Address) -> Asked<()> {
        asked(inet(to).and_then(|to| self.connect(to)))
    }

    fn send(&self, data: &[u8], _flags: i32) -> Asked<usize> {
        asked(self.send(data))
    }

    fn send_to(&self, data: &[u8], to: &Address, _flags: i32) -> Asked<usize> {
        asked(inet(to).and_then(|to| self.send_to(data, to)))
    }

    fn recv(&self, buffer: &mut [u8], _flags: i32) -> Asked<usize> {
        asked(self.recv(buffer))
    }

    fn recv_from(&self, buffer: &mut [u8], _flags: i32) -> Asked<(usize, Option<Address>)> {
        asked(self.recv_from(buffer).map(|(len, from)| (len, Some(from.into()))))
    }

    fn peek(&self, buffer: &mut [u8]) -> Asked<usize> {
        asked(self.peek(buffer))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "SO_BROADCAST" => self.set_broadcast(truth(value)),
            "IP_TTL" => self.set_ttl(number(value)?),
            "IP_MULTICAST_TTL" => self.set_multicast_ttl_v4(number(value)?),
            "IP_MULTICAST_LOOP" => self.set_multicast_loop_v4(truth(value)),
            _ => set_timeout!(self, option, value),
        }
    }
}

/// How std makes sockets.
pub struct Std;

impl Maker for Std {
    fn listen(&mut self, at: &Address) -> io::Result<New> {
        TcpListener::bind(inet(at)?).map(New::of)
    }

    fn bind(&mut self, at: &Address) -> io::Result<New> {
        UdpSocket::bind(inet(at)?).map(New::of)
    }

    fn connect(
        &mut self,
        to: &Address,
        limit: Option<Duration>,
        _making: &mut super::Making,
    ) -> Poll<io::Result<New>> {
        let made = match limit {
            Some(limit) => TcpStream::connect_timeout(&inet(to)?, limit),
            None => TcpStream::connect(inet(to)?),
        };
        asked(made.map(New::of))
    }

    fn adopt(&mut self, socket: Owned) -> io::Result<New> {
        Ok(New::of(TcpStream::from(socket)))
    }
}
