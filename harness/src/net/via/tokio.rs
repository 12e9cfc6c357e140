//! tokio's sockets over IP, and what all of tokio's share. Those of `AF_UNIX` are in `unix`.
//!
//! The conductor waits for readiness and then polls, so no waker is needed: each look first lets
//! the runtime's driver see what the system reports, then polls the library's own future once.
//! Never a paused clock, never a second thread. A look that does not come back cannot be ended: under
//! Wine tokio's receive on a connected datagram socket spins once a port was unreachable, since the
//! end that Wine reports there is a readiness that tokio never clears.

use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use ::tokio::net::{TcpListener, TcpStream, UdpSocket};
use ::tokio::runtime::{Builder, Runtime};

use super::std::inet;
use super::{Asked, Calls, Later, Maker, Making, New, linger, number, truth, unsaid};
use crate::option::Value;
use crate::sys::{Address, AsRaw, Owned, Socket, where_std_has_unix};

/// A socket of tokio's and the runtime that it is registered with.
pub struct Of<S> {
    socket: Arc<Mutex<S>>,
    runtime: Arc<Runtime>,
}

impl<S> Clone for Of<S> {
    fn clone(&self) -> Of<S> {
        Of { socket: Arc::clone(&self.socket), runtime: Arc::clone(&self.runtime) }
    }
}

impl<S> Of<S> {
    pub fn lock(&self) -> MutexGuard<'_, S> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls a future of the library's once.
    pub fn look<T>(&self, future: impl Future<Output = io::Result<T>>) -> Asked<T> {
        look(&self.runtime, pin!(future))
    }

    /// Polls one that has to be the same until it is done.
    fn look_again(
        &self,
        later: &mut Later,
        begin: impl FnOnce() -> Later,
    ) -> Poll<(io::Result<()>, Vec<u8>)> {
        if later.is_none() {
            *later = begin();
        }
        later.as_mut().map_or(Poll::Pending, |future| look(&self.runtime, future.as_mut()))
    }
}

impl<S: AsRaw> Of<S>
where
    Of<S>: Calls,
    S: Send + 'static,
{
    pub fn made(socket: S, runtime: &Arc<Runtime>) -> New {
        let watch = Socket::watching(&socket);
        let socket = Arc::new(Mutex::new(socket));
        New { watch, calls: Box::new(Of { socket, runtime: Arc::clone(runtime) }) }
    }
}

/// One look at a future, with what the system reports by now.
fn look<T>(runtime: &Runtime, future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    // With nothing else to do the runtime parks on its driver, without waiting.
    runtime.block_on(::tokio::task::yield_now());
    let _inside = runtime.enter();
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// So that tokio's own `read_exact` and its like, which take the stream, can be polled while others
/// use it.
impl<S: AsyncRead + Unpin> AsyncRead for Of<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Of<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.lock()).poll_write(context, data)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_shutdown(context)
    }
}

/// What tokio's streams make of `AsyncRead` and `AsyncWrite`.
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Of<S> {
    pub fn write(&self, data: &[u8]) -> Asked<usize> {
        self.look(self.clone().write_owned(data))
    }

    async fn write_owned(mut self, data: &[u8]) -> io::Result<usize> {
        AsyncWriteExt::write(&mut self, data).await
    }

    pub fn read(&self, buffer: &mut [u8]) -> Asked<usize> {
        let mut own = self.clone();
        self.look(async move { AsyncReadExt::read(&mut own, buffer).await })
    }

    pub fn write_all(&self, data: &[u8], later: &mut Later) -> Asked<()> {
        let (mut own, data) = (self.clone(), data.to_vec());
        let ended = self.look_again(later, || {
            Some(Box::pin(
                async move { (AsyncWriteExt::write_all(&mut own, &data).await, Vec::new()) },
            ))
        });
        ended.map(|(result, _)| result)
    }

    pub fn read_exact(&self, len: usize, later: &mut Later) -> Asked<Vec<u8>> {
        let mut own = self.clone();
        let ended = self.look_again(later, || {
            Some(Box::pin(async move {
                let mut data = vec![0; len];
                (AsyncReadExt::read_exact(&mut own, &mut data).await.map(drop), data)
            }))
        });
        ended.map(|(result, data)| result.map(|()| data))
    }

    pub fn read_to_end(&self, received: &mut Vec<u8>, later: &mut Later) -> Asked<()> {
        let mut own = self.clone();
        let ended = self.look_again(later, || {
            Some(Box::pin(async move {
                let mut data = Vec::new();
                (AsyncReadExt::read_to_end(&mut own, &mut data).await.map(drop), data)
            }))
        });
        ended.map(|(result, data)| {
            *received = data;
            result
        })
    }

    pub fn shut_down(&self) -> Asked<()> {
        let mut own = self.clone();
        self.look(async move { AsyncWriteExt::shutdown(&mut own).await })
    }
}

/// What all that may be connected have; `$from` makes their addresses ours.
macro_rules! names {
    ($from:path) => {
        fn local_addr(&self) -> io::Result<Address> {
            self.lock().local_addr().map($from)
        }

        fn peer_addr(&self) -> io::Result<Address> {
            self.lock().peer_addr().map($from)
        }

        fn take_error(&self) -> io::Result<Option<io::Error>> {
            self.lock().take_error()
        }
    };
}

/// What all types of tokio's streams have.
macro_rules! stream {
    ($from:path) => {
        names!($from);

        fn send(&self, data: &[u8], _flags: i32) -> Asked<usize> {
            self.write(data)
        }

        fn send_all(&self, data: &[u8], later: &mut Later) -> Asked<()> {
            self.write_all(data, later)
        }

        fn recv(&self, buffer: &mut [u8], _flags: i32) -> Asked<usize> {
            self.read(buffer)
        }

        fn recv_exactly(&self, len: usize, later: &mut Later) -> Asked<Vec<u8>> {
            self.read_exact(len, later)
        }

        fn recv_to_eof(&self, received: &mut Vec<u8>, later: &mut Later) -> Asked<()> {
            self.read_to_end(received, later)
        }

        fn shutdown(&self, _how: Shutdown) -> Asked<()> {
            self.shut_down()
        }
    };
}

/// What the types of datagram sockets have in common.
macro_rules! datagrams {
    ($from:path) => {
        names!($from);

        fn send(&self, data: &[u8], _flags: i32) -> Asked<usize> {
            self.look(self.lock().send(data))
        }

        fn recv(&self, buffer: &mut [u8], _flags: i32) -> Asked<usize> {
            self.look(self.lock().recv(buffer))
        }

        fn recv_from(&self, buffer: &mut [u8], _flags: i32) -> Asked<(usize, Option<Address>)> {
            let asked = self.look(self.lock().recv_from(buffer));
            asked.map_ok(|(len, from)| (len, Some($from(from))))
        }
    };
}

where_std_has_unix! {
    pub(super) use {datagrams, names, stream};

    impl<S> Of<S> {
        pub fn runtime(&self) -> &Arc<Runtime> {
            &self.runtime
        }
    }
}

impl Calls for Of<TcpListener> {
    fn local_addr(&self) -> io::Result<Address> {
        self.lock().local_addr().map(Address::from)
    }

    fn accept(&self) -> Asked<(New, Address)> {
        let asked = self.look(self.lock().accept());
        asked.map_ok(|(stream, from)| (Of::made(stream, &self.runtime), from.into()))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "IP_TTL" => self.lock().set_ttl(number(value)?),
            _ => Err(unsaid()),
        }
    }
}

impl Calls for Of<TcpStream> {
    stream!(Address::from);

    fn peek(&self, buffer: &mut [u8]) -> Asked<usize> {
        self.look(self.lock().peek(buffer))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        match option {
            "TCP_NODELAY" => self.lock().set_nodelay(truth(value)),
            "IP_TTL" => self.lock().set_ttl(number(value)?),
            #[expect(deprecated, reason = "that it blocks a thread at close is what is looked at")]
            "SO_LINGER" => self.lock().set_linger(linger(value)?),
            _ => Err(unsaid()),
        }
    }
}

impl Calls for Of<UdpSocket> {
    datagrams!(Address::from);

    fn connect(&self, to: &Address) -> Asked<()> {
        let to = inet(to)?;
        self.look(self.lock().connect(to))
    }

    fn send_to(&self, data: &[u8], to: &Address, _flags: i32) -> Asked<usize> {
        let to = inet(to)?;
        self.look(self.lock().send_to(data, to))
    }

    fn peek(&self, buffer: &mut [u8]) -> Asked<usize> {
        self.look(self.lock().peek(buffer))
    }

    fn set(&self, option: &str, value: &Value) -> io::Result<()> {
        let socket = self.lock();
        match option {
            "SO_BROADCAST" => socket.set_broadcast(truth(value)),
            "IP_TTL" => socket.set_ttl(number(value)?),
            "IP_MULTICAST_TTL" => socket.set_multicast_ttl_v4(number(value)?),
            "IP_MULTICAST_LOOP" => socket.set_multicast_loop_v4(truth(value)),
            _ => Err(unsaid()),
        }
    }
}

/// The backend's own runtime, made when it is first asked for.
pub fn runtime(kept: &mut Option<Arc<Runtime>>) -> io::Result<Arc<Runtime>> {
    if let Some(runtime) = kept {
        return Ok(Arc::clone(runtime));
    }
    let runtime = Arc::new(Builder::new_current_thread().enable_io().build()?);
    Ok(Arc::clone(kept.insert(runtime)))
}

/// How tokio makes sockets.
pub struct Tokio(pub Arc<Runtime>);

impl Tokio {
    /// Brings a connection that is being made as far as it goes.
    pub fn make<F>(&self, making: &mut Making, begin: F) -> Poll<io::Result<New>>
    where
        F: FnOnce(Arc<Runtime>) -> super::Future<New>,
    {
        let future = making.get_or_insert_with(|| begin(Arc::clone(&self.0)));
        look(&self.0, future.as_mut())
    }
}

impl Maker for Tokio {
    fn listen(&mut self, at: &Address) -> io::Result<New> {
        let at: SocketAddr = inet(at)?;
        let listener = self.0.block_on(TcpListener::bind(at))?;
        Ok(Of::made(listener, &self.0))
    }

    fn bind(&mut self, at: &Address) -> io::Result<New> {
        let at: SocketAddr = inet(at)?;
        let socket = self.0.block_on(UdpSocket::bind(at))?;
        Ok(Of::made(socket, &self.0))
    }

    fn connect(
        &mut self,
        to: &Address,
        _limit: Option<Duration>,
        making: &mut Making,
    ) -> Poll<io::Result<New>> {
        let to: SocketAddr = inet(to)?;
        self.make(making, |runtime| {
            Box::pin(async move {
                TcpStream::connect(to).await.map(|stream| Of::made(stream, &runtime))
            })
        })
    }

    fn adopt(&mut self, socket: Owned) -> io::Result<New> {
        let socket = std::net::TcpStream::from(socket);
        socket.set_nonblocking(true)?;
        let _inside = self.0.enter();
        TcpStream::from_std(socket).map(|stream| Of::made(stream, &self.0))
    }
}
