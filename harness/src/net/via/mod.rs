//! Sockets whose calls go through a library: std, socket2 or tokio.
//!
//! [`attempt`] is the one seam: of a socket that a library made, the operation's call is the
//! library's own, and its answer is what is observed. What watches a socket (readiness, options, the
//! connection table) stays the raw call on the same descriptor. `std`, `socket2` and `tokio` are a
//! file each, `unix` what std and tokio have on Unix alone; `arms` turns their answers into outcomes.

mod arms;
mod making;
mod socket2;
mod std;
mod tokio;

use ::std::fmt;
use ::std::future;
use ::std::io::{self, IoSlice};
use ::std::net::Shutdown;
use ::std::pin::Pin;
use ::std::sync::Arc;
use ::std::task::Poll;
use ::std::time::Duration;

pub use arms::attempt;
pub use making::{bare, lacks, makes_on_thread};

use crate::kind::Kind;
use crate::option::Value;
use crate::sys::{Address, AsRaw, Owned, Socket, where_std_has_unix};
use crate::via::Via;

where_std_has_unix! {
    mod unix;
}

/// What a library answered: pending where it waits for the socket itself, an error of kind
/// `WouldBlock` where it says that the socket is not ready.
pub type Asked<T> = Poll<io::Result<T>>;

/// A library's own future, kept from look to look.
pub type Future<T> = Pin<Box<dyn future::Future<Output = io::Result<T>> + Send>>;

/// An operation of several calls, which has to be the same until it is done: what it has received
/// would be lost. Whatever its end, the bytes stay with the caller.
pub type Later = Option<Pin<Box<dyn future::Future<Output = (io::Result<()>, Vec<u8>)> + Send>>>;

/// A connection that is being made.
pub type Making = Option<Future<New>>;

/// The runtime that a worker keeps for tokio's sockets.
pub type Runtime = Option<Arc<::tokio::runtime::Runtime>>;

/// A socket that a library has just made.
pub struct New {
    calls: Box<dyn Calls>,
    /// The same descriptor, which the library owns.
    watch: Socket,
}

impl New {
    fn of<S: Calls + AsRaw + 'static>(socket: S) -> New {
        New { watch: Socket::watching(&socket), calls: Box::new(socket) }
    }
}

impl Drop for Layered {
    /// The library closes its descriptor: nobody may watch the number any longer.
    fn drop(&mut self) {
        self.watch.disown();
    }
}

/// A socket of a library, and the descriptor to watch it by.
pub struct Layered {
    /// Whose it is.
    pub via: Via,
    /// The same descriptor for the harness's own calls.
    pub watch: Arc<Socket>,
    calls: Box<dyn Calls>,
}

/// What a library's socket can be asked. Each method is one call of the library's; a type without
/// such a call leaves it out, and the parser refuses a file that asks for it (`crate::via`).
trait Calls: Send + Sync {
    fn bind(&self, _to: &Address) -> io::Result<()> {
        Err(unsaid())
    }

    fn listen(&self, _backlog: i32) -> io::Result<()> {
        Err(unsaid())
    }

    fn connect(&self, _to: &Address) -> Asked<()> {
        asked(Err(unsaid()))
    }

    fn accept(&self) -> Asked<(New, Address)> {
        asked(Err(unsaid()))
    }

    fn send(&self, _data: &[u8], _flags: i32) -> Asked<usize> {
        asked(Err(unsaid()))
    }

    fn send_all(&self, _data: &[u8], _later: &mut Later) -> Asked<()> {
        asked(Err(unsaid()))
    }

    fn send_to(&self, _data: &[u8], _to: &Address, _flags: i32) -> Asked<usize> {
        asked(Err(unsaid()))
    }

    fn send_msg(&self, _parts: &[IoSlice<'_>], _to: Option<&Address>, _flags: i32) -> Asked<usize> {
        asked(Err(unsaid()))
    }

    fn recv(&self, _buffer: &mut [u8], _flags: i32) -> Asked<usize> {
        asked(Err(unsaid()))
    }

    fn recv_exactly(&self, _len: usize, _later: &mut Later) -> Asked<Vec<u8>> {
        asked(Err(unsaid()))
    }

    fn recv_to_eof(&self, _received: &mut Vec<u8>, _later: &mut Later) -> Asked<()> {
        asked(Err(unsaid()))
    }

    fn recv_from(&self, _buffer: &mut [u8], _flags: i32) -> Asked<(usize, Option<Address>)> {
        asked(Err(unsaid()))
    }

    /// Also whether the message was cut.
    fn recv_msg(
        &self,
        _buffers: &mut [Vec<u8>],
        _flags: i32,
    ) -> Asked<(usize, bool, Option<Address>)> {
        asked(Err(unsaid()))
    }

    fn peek(&self, _buffer: &mut [u8]) -> Asked<usize> {
        asked(Err(unsaid()))
    }

    fn shutdown(&self, _how: Shutdown) -> Asked<()> {
        asked(Err(unsaid()))
    }

    fn local_addr(&self) -> io::Result<Address>;

    fn peer_addr(&self) -> io::Result<Address> {
        Err(unsaid())
    }

    fn set(&self, _option: &str, _value: &Value) -> io::Result<()> {
        Err(unsaid())
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Err(unsaid())
    }

    /// tokio's sockets are, and there is no call for it.
    fn set_nonblocking(&self, _on: bool) -> io::Result<()> {
        Ok(())
    }

    fn duplicate(&self) -> io::Result<New> {
        Err(unsaid())
    }
}

/// How a library makes sockets of one family.
trait Maker {
    fn open(&mut self, _kind: Kind) -> io::Result<New> {
        Err(unsaid())
    }

    fn listen(&mut self, _at: &Address) -> io::Result<New> {
        Err(unsaid())
    }

    fn bind(&mut self, _at: &Address) -> io::Result<New> {
        Err(unsaid())
    }

    fn connect(
        &mut self,
        to: &Address,
        limit: Option<Duration>,
        making: &mut Making,
    ) -> Poll<io::Result<New>>;

    fn pair(&mut self, _kind: Kind) -> io::Result<(New, New)> {
        Err(unsaid())
    }

    /// Takes over a connected stream.
    fn adopt(&mut self, socket: Owned) -> io::Result<New>;
}

/// A call that answers at once.
fn asked<T>(answer: io::Result<T>) -> Asked<T> {
    Poll::Ready(answer)
}

/// That a library has no such call. No answer of a system: the harness cannot look.
#[derive(Debug)]
struct Unsaid;

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the layer has no such call")
    }
}

impl ::std::error::Error for Unsaid {}

fn unsaid() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, Unsaid)
}

/// What a file's value is to a library's setter.
fn truth(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || matches!(value, Value::Int(number) if *number != 0)
}

fn number(value: &Value) -> io::Result<u32> {
    match value {
        Value::Int(number) => {
            u32::try_from(*number).map_err(|_| io::ErrorKind::InvalidInput.into())
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn size(value: &Value) -> io::Result<usize> {
    match value {
        Value::Int(number) => {
            usize::try_from(*number).map_err(|_| io::ErrorKind::InvalidInput.into())
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn timeout(value: &Value) -> Duration {
    match value {
        Value::Text(text) => crate::option::duration(text).unwrap_or_default(),
        // `option::accepts` lets only the zero through.
        _ => Duration::ZERO,
    }
}

/// `{ l_onoff, l_linger }`, seconds or false.
fn linger(value: &Value) -> io::Result<Option<Duration>> {
    let seconds = |value: Option<&Value>| match value {
        Some(Value::Int(number)) => u64::try_from(*number).map_err(|_| io::ErrorKind::InvalidInput),
        _ => Ok(0),
    };
    Ok(match value {
        Value::Record(_) if !value.field("l_onoff").is_some_and(truth) => None,
        Value::Record(_) => Some(Duration::from_secs(seconds(value.field("l_linger"))?)),
        Value::Bool(_) => None,
        value => Some(Duration::from_secs(seconds(Some(value))?)),
    })
}
