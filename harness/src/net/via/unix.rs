//! Sockets of `AF_UNIX` as std and tokio have them: on Unix, and nowhere else.

use std::io;
use std::os::unix::net;
use std::net::Shutdown;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::tokio::net as async_net;
use ::tokio::runtime::Runtime;

use super::std::{common, set_timeout};
use super::tokio::{Of, Tokio, datagrams, names, stream as async_stream};
use super::{Asked, Calls, Later, Maker, Making, New, asked, timeout, unsaid};
use crate::kind::Kind;
use crate::option::Value;
use crate::sys::{Address, Owned};

#[expect(clippy::needless_pass_by_value, reason = "what `Result::map` hands over")]
fn of_std(address: net::SocketAddr) -> Address {
    Address::from(&address)
}

fn of_tokio(address: async_net::unix::SocketAddr) -> Address {
    of_std(address.into())
}

/// A path for tokio; an abstract name is a path whose first byte is 0.
fn path(address: &Address) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let hidden = |name: Vec<u8>| std::ffi::OsString::from_vec([&[0], name.as_slice()].concat());
    let name = || address.abstract_name().map(hidden).unwrap_or_default();
    address.unix_path().unwrap_or_else(|| name().into())
}

impl Calls for net::UnixListener {
    common!(of_std);

    fn accept(&self) -> Asked<(New, Address)> {
        asked(self.accept().map(|(stream, from)| (New::of(stream), of_std(from))))
    }
}

impl Calls for net::UnixStream {
    super::std::stream!(of_std);

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        set_timeout!(self, option, value)
    }
}

impl Calls for net::UnixDatagram {
    common!(of_std);

    fn peer_addr(&self) -> io::Result<Address> {
        self.peer_addr().map(of_std)
    }

    fn connect(&self, to: &Address) -> Asked<()> {
        asked(to.to_unix().and_then(|to| self.connect_addr(&to)))
    }

    fn send(&self, data: &[u8], _flags: i32) -> Asked<usize> {
        asked(self.send(data))
    }

    fn send_to(&self, data: &[u8], to: &Address, _flags: i32) -> Asked<usize> {
        asked(to.to_unix().and_then(|to| self.send_to_addr(data, &to)))
    }

    fn recv(&self, buffer: &mut [u8], _flags: i32) -> Asked<usize> {
        asked(self.recv(buffer))
    }

    fn recv_from(&self, buffer: &mut [u8], _flags: i32) -> Asked<(usize, Option<Address>)> {
        asked(self.recv_from(buffer).map(|(len, from)| (len, Some(of_std(from)))))
    }

    fn shutdown(&self, how: Shutdown) -> Asked<()> {
        asked(self.shutdown(how))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        set_timeout!(self, option, value)
    }
}

impl Calls for Of<async_net::UnixListener> {
    fn local_addr(&self) -> io::Result<Address> {
        self.lock().local_addr().map(of_tokio)
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.lock().take_error()
    }

    fn accept(&self) -> Asked<(New, Address)> {
        let asked = self.look(self.lock().accept());
        asked.map_ok(|(stream, from)| (Of::made(stream, self.runtime()), of_tokio(from)))
    }
}

impl Calls for Of<async_net::UnixStream> {
    async_stream!(of_tokio);
}

impl Calls for Of<async_net::UnixDatagram> {
    datagrams!(of_tokio);

    fn connect(&self, to: &Address) -> Asked<()> {
        asked(self.lock().connect(path(to)))
    }

    fn send_to(&self, data: &[u8], to: &Address, _flags: i32) -> Asked<usize> {
        self.look(self.lock().send_to(data, path(to)))
    }

    fn shutdown(&self, how: Shutdown) -> Asked<()> {
        asked(self.lock().shutdown(how))
    }
}

/// How std makes sockets of `AF_UNIX`.
pub struct UnixStd;

impl Maker for UnixStd {
    fn open(&mut self, _kind: Kind) -> io::Result<New> {
        net::UnixDatagram::unbound().map(New::of)
    }

    fn listen(&mut self, at: &Address) -> io::Result<New> {
        net::UnixListener::bind_addr(&at.to_unix()?).map(New::of)
    }

    fn bind(&mut self, at: &Address) -> io::Result<New> {
        net::UnixDatagram::bind_addr(&at.to_unix()?).map(New::of)
    }

    fn connect(
        &mut self,
        to: &Address,
        _limit: Option<Duration>,
        _making: &mut Making,
    ) -> Poll<io::Result<New>> {
        asked(net::UnixStream::connect_addr(&to.to_unix()?).map(New::of))
    }

    fn pair(&mut self, kind: Kind) -> io::Result<(New, New)> {
        if kind == Kind::UnixDgram {
            return net::UnixDatagram::pair().map(|(one, two)| (New::of(one), New::of(two)));
        }
        net::UnixStream::pair().map(|(one, two)| (New::of(one), New::of(two)))
    }

    fn adopt(&mut self, socket: Owned) -> io::Result<New> {
        Ok(New::of(net::UnixStream::from(socket)))
    }
}

/// How tokio makes sockets of `AF_UNIX`.
pub struct UnixTokio(pub Tokio);

impl UnixTokio {
    fn runtime(&self) -> &Arc<Runtime> {
        &self.0.0
    }
}

impl Maker for UnixTokio {
    fn open(&mut self, _kind: Kind) -> io::Result<New> {
        let _inside = self.runtime().enter();
        async_net::UnixDatagram::unbound().map(|socket| Of::made(socket, self.runtime()))
    }

    fn listen(&mut self, at: &Address) -> io::Result<New> {
        let _inside = self.runtime().enter();
        async_net::UnixListener::bind(path(at)).map(|socket| Of::made(socket, self.runtime()))
    }

    fn bind(&mut self, at: &Address) -> io::Result<New> {
        let _inside = self.runtime().enter();
        async_net::UnixDatagram::bind(path(at)).map(|socket| Of::made(socket, self.runtime()))
    }

    fn connect(
        &mut self,
        to: &Address,
        _limit: Option<Duration>,
        making: &mut Making,
    ) -> Poll<io::Result<New>> {
        let to = path(to);
        self.0.make(making, |runtime| {
            Box::pin(async move {
                async_net::UnixStream::connect(to).await.map(|made| Of::made(made, &runtime))
            })
        })
    }

    fn pair(&mut self, kind: Kind) -> io::Result<(New, New)> {
        let runtime = self.runtime();
        let _inside = runtime.enter();
        if kind == Kind::UnixDgram {
            let (one, two) = async_net::UnixDatagram::pair()?;
            return Ok((Of::made(one, runtime), Of::made(two, runtime)));
        }
        let (one, two) = async_net::UnixStream::pair()?;
        Ok((Of::made(one, runtime), Of::made(two, runtime)))
    }

    fn adopt(&mut self, socket: Owned) -> io::Result<New> {
        let socket = net::UnixStream::from(socket);
        socket.set_nonblocking(true)?;
        let _inside = self.runtime().enter();
        let made = async_net::UnixStream::from_std(socket)?;
        Ok(Of::made(made, self.runtime()))
    }
}
