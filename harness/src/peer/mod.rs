//! Peers: sockets with a script of their own, for somebody else's tests as well.
//!
//! A peer stands on the other side of the program under test. It listens, connects or exchanges
//! datagrams; it sends on a schedule, in chunks, with gaps, at times or when something has arrived;
//! it reads as slowly as it is told, or never; and it goes wrong in ways that networks do. When
//! [`start`](Builder::start) returns, it is ready: there is nothing to sleep for, and its port is
//! its own. Dropping it stops it.
//!
//! A server that reads lines, met by a client that types slowly:
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//! use std::net::TcpListener;
//! use std::time::Duration;
//!
//! use sockdrill::peer;
//!
//! // The server under test: answers the first line.
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let addr = listener.local_addr()?;
//! let server = std::thread::spawn(move || -> std::io::Result<()> {
//!     let (mut conn, _) = listener.accept()?;
//!     let mut line = String::new();
//!     BufReader::new(&conn).read_line(&mut line)?;
//!     conn.write_all(format!("you said {line}").as_bytes())
//! });
//!
//! let typist =
//!     peer::tcp().connect(addr).send("hello\n").chunk(1).gap(Duration::from_millis(1)).start()?;
//! assert_eq!(typist.wait_received(15)?, b"you said hello\n");
//! typist.wait_end()?;
//! # server.join().expect("no panic")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A client met by a server that dies in the middle of its answer:
//!
//! ```
//! use std::io::Read;
//! use std::net::TcpStream;
//!
//! use sockdrill::peer;
//!
//! let server = peer::tcp().listen().send("HTTP/1.1 200 OK\r\n\r\n").reset_after(8).start()?;
//!
//! let mut client = TcpStream::connect(server.addr())?;
//! let mut answer = [0; 8];
//! client.read_exact(&mut answer)?;
//! let error = client.read(&mut answer).expect_err("the connection is reset");
//! assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tasks wait with `start_async`, `until_received`, `until_sent` and `until_end`. Their futures are
//! woken by the peer's thread and need no runtime in particular: tokio's or any other will do.
//!
//! Inside: [`spec`] is the one description of a peer, of scenario files too; [`schedule`] decides
//! what is sent when and [`reads`] when it reads, pure functions of the time that is passed in;
//! [`random`] draws what a seed gives. [`live`] makes the calls that these ask for and never waits:
//! the conductor of a scenario gives it turns, or the thread of `engine` here.

mod build;
mod engine;
mod event;
mod group;
mod handle;
mod link;
pub mod live;
mod place;
pub mod random;
pub mod reads;
pub mod schedule;
mod seen;
pub mod spec;
mod timer;

pub use build::{
    Builder, DEFAULT_WITHIN, Tcp, Udp, Unix, UnixDgram, tcp, udp, unix_dgram, unix_seqpacket,
    unix_stream,
};
pub use event::{Call, Event};
pub use group::Group;
pub use handle::{Peer, PeerError, StartError};
pub use seen::{Connection, Ended, MOST_KEPT, Seen, Sent};
pub use spec::Then;
pub use timer::Timing;

/// The guide's examples, so that they compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/peers.md")]
struct Guide;
