//! The builders: a peer of somebody else's test, in a few words.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::event::Event;
use super::handle::StartError;
use super::place::Place;
use super::seen::{MOST_KEPT, Watch};
use super::spec::{Cut, Draw, Echo, Faults, Mark, Part, Pick, Reading, Role, Spec, Then, When};
use super::timer::Timing;
use crate::frame::Framing;
use crate::kind::{Family, Kind};

/// How long a wait for a peer takes at most where nothing else is said.
pub const DEFAULT_WITHIN: Duration = Duration::from_secs(5);

/// A TCP peer, once its role is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Tcp(());

/// A UDP peer, once its role is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Udp(());

/// A TCP peer: it listens or connects.
pub fn tcp() -> Tcp {
    Tcp(())
}

/// A UDP peer: it is bound, or connected to one address.
pub fn udp() -> Udp {
    Udp(())
}

/// An `AF_UNIX` peer with connections, once its role is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Unix(Kind);

/// An `AF_UNIX` datagram peer, once its role is chosen.
#[derive(Clone, Copy, Debug)]
pub struct UnixDgram(());

/// An `AF_UNIX`, `SOCK_STREAM` peer: it listens or connects.
///
/// Where the system has no such sockets (Windows before 10), starting it says so.
pub fn unix_stream() -> Unix {
    Unix(Kind::UnixStream)
}

/// An `AF_UNIX`, `SOCK_SEQPACKET` peer: connections whose sends keep their boundaries.
///
/// Linux has them; macOS and Windows do not, and starting it says so.
pub fn unix_seqpacket() -> Unix {
    Unix(Kind::UnixSeqpacket)
}

/// An `AF_UNIX`, `SOCK_DGRAM` peer: it is bound to a path.
///
/// Windows has no such sockets, and starting it says so.
pub fn unix_dgram() -> UnixDgram {
    UnixDgram(())
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// How many connections may wait to be accepted: what Linux allows without being told otherwise
/// (`net.core.somaxconn`), and more than others do, which cut it down.
const BACKLOG: i32 = 4_096;

const LISTEN: Role = Role::Listen { backlog: Some(BACKLOG) };

impl Tcp {
    /// Listens on 127.0.0.1, on a port that the system chooses.
    pub fn listen(self) -> Builder {
        self.listen_on(loopback())
    }

    /// Listens on this address.
    pub fn listen_on(self, addr: SocketAddr) -> Builder {
        let kind = if addr.is_ipv6() { Kind::Tcp6 } else { Kind::Tcp4 };
        Builder::new(LISTEN, kind, Some(Place::Inet(addr)), None)
    }

    /// Connects to this address.
    pub fn connect(self, addr: SocketAddr) -> Builder {
        let kind = if addr.is_ipv6() { Kind::Tcp6 } else { Kind::Tcp4 };
        Builder::new(Role::Connect, kind, None, Some(Place::Inet(addr)))
    }
}

impl Udp {
    /// Is bound to 127.0.0.1, to a port that the system chooses.
    pub fn bind(self) -> Builder {
        self.bind_on(loopback())
    }

    /// Is bound to this address.
    pub fn bind_on(self, addr: SocketAddr) -> Builder {
        let kind = if addr.is_ipv6() { Kind::Udp6 } else { Kind::Udp4 };
        Builder::new(Role::Datagram, kind, Some(Place::Inet(addr)), None)
    }

    /// Is connected to this address: it hears nobody else.
    pub fn connect(self, addr: SocketAddr) -> Builder {
        let kind = if addr.is_ipv6() { Kind::Udp6 } else { Kind::Udp4 };
        Builder::new(Role::Connect, kind, None, Some(Place::Inet(addr)))
    }
}

impl Unix {
    /// Listens on a path of its own in the temporary folder: [`Peer::path`](super::Peer::path).
    pub fn listen(self) -> Builder {
        Builder::new(LISTEN, self.0, None, None)
    }

    /// Listens on this path, which nothing may stand at, and which is removed with the peer.
    pub fn listen_on(self, path: impl Into<PathBuf>) -> Builder {
        Builder::new(LISTEN, self.0, Some(Place::Path(path.into())), None)
    }

    /// Connects to this path, from a socket without a name.
    pub fn connect(self, path: impl Into<PathBuf>) -> Builder {
        Builder::new(Role::Connect, self.0, None, Some(Place::Path(path.into())))
    }
}

impl UnixDgram {
    /// Is bound to a path of its own in the temporary folder: [`Peer::path`](super::Peer::path).
    pub fn bind(self) -> Builder {
        Builder::new(Role::Datagram, Kind::UnixDgram, None, None)
    }

    /// Is bound to this path, which nothing may stand at, and which is removed with the peer.
    pub fn bind_on(self, path: impl Into<PathBuf>) -> Builder {
        Builder::new(Role::Datagram, Kind::UnixDgram, Some(Place::Path(path.into())), None)
    }

    /// Is connected to this path, and bound to one of its own, so that it can be answered.
    pub fn connect(self, path: impl Into<PathBuf>) -> Builder {
        Builder::new(Role::Connect, Kind::UnixDgram, None, Some(Place::Path(path.into())))
    }
}

/// A peer that is being described. What it sends, it sends in the order of the calls; it reads
/// whatever arrives unless it is told otherwise.
#[must_use = "a peer does nothing before `start`"]
#[derive(Debug)]
pub struct Builder {
    pub(super) spec: Spec,
    pub(super) local: Option<Place>,
    pub(super) to: Option<Place>,
    chunk: Option<Draw<usize>>,
    gap: Draw<Duration>,
    pub(super) timing: Timing,
    pub(super) times: bool,
    pub(super) most_kept: usize,
    remote: bool,
    pub(super) within: Duration,
    pub(super) watch: Option<Watch>,
    /// The first thing that was asked for and cannot be.
    mistake: Option<String>,
}

impl Builder {
    fn new(role: Role, kind: Kind, local: Option<Place>, to: Option<Place>) -> Builder {
        Builder {
            spec: Spec { reading: Some(Reading::default()), ..Spec::new(role, kind) },
            local,
            to,
            chunk: None,
            gap: Draw::Exactly(Duration::ZERO),
            timing: Timing::Precise,
            times: false,
            most_kept: MOST_KEPT,
            remote: false,
            within: DEFAULT_WITHIN,
            watch: None,
            mistake: None,
        }
    }

    fn part(mut self, when: When, bytes: impl Into<Vec<u8>>) -> Builder {
        let (chunk, gap) = (None, Draw::Exactly(Duration::ZERO));
        self.spec.script.push(Part { when, bytes: bytes.into(), chunk, gap });
        self
    }

    fn mistake(mut self, wrong: bool, why: &str) -> Builder {
        if wrong {
            self.mistake.get_or_insert_with(|| why.to_owned());
        }
        self
    }

    fn reading(mut self, change: impl FnOnce(&mut Reading)) -> Builder {
        change(self.spec.reading.get_or_insert_default());
        self
    }

    fn faults(mut self, change: impl FnOnce(&mut Faults)) -> Builder {
        change(&mut self.spec.faults);
        self
    }

    fn cut(self, mark: Mark, then: Then) -> Builder {
        self.faults(|faults| faults.cuts.push(Cut { mark, then }))
    }

    /// Sends these bytes; a datagram peer as one datagram.
    pub fn send(self, bytes: impl Into<Vec<u8>>) -> Builder {
        self.part(When::Next, bytes)
    }

    /// Sends these bytes so long after the connection was made.
    pub fn send_at(self, time: Duration, bytes: impl Into<Vec<u8>>) -> Builder {
        self.part(When::At(time), bytes)
    }

    /// Sends these bytes once so many have arrived on the connection.
    pub fn send_after(self, received: u64, bytes: impl Into<Vec<u8>>) -> Builder {
        self.part(When::Received(received), bytes)
    }

    /// Sends these bytes once the other side has ended its stream.
    pub fn send_at_eof(self, bytes: impl Into<Vec<u8>>) -> Builder {
        self.part(When::Eof, bytes)
    }

    /// Sends a frame, with the marks of this framing.
    pub fn send_frame(mut self, framing: &Framing, frame: &[u8]) -> Builder {
        let mut bytes = Vec::new();
        if let Err(error) = framing.encode(frame, &mut bytes) {
            self.mistake.get_or_insert_with(|| error.to_string());
        }
        self.part(When::Next, bytes)
    }

    /// Sends back whatever arrives, after all else; a datagram goes to its sender.
    pub fn echo(mut self) -> Builder {
        self.spec.echo = Some(Echo { chunk: None, gap: Draw::Exactly(Duration::ZERO) });
        self
    }

    /// Where its datagrams go that answer nobody.
    pub fn to(self, addr: SocketAddr) -> Builder {
        self.send_to(Place::Inet(addr))
    }

    /// The same of an `AF_UNIX` peer.
    pub fn to_path(self, path: impl Into<PathBuf>) -> Builder {
        self.send_to(Place::Path(path.into()))
    }

    fn send_to(mut self, place: Place) -> Builder {
        let wrong = self.spec.role != Role::Datagram;
        let unix = self.spec.kind.family() == Family::Unix;
        let odd = unix != matches!(place, Place::Path(_));
        self.to = Some(place);
        self.mistake(wrong, "`to` is of a peer that is bound; others have their connection")
            .mistake(odd, "an address of another family: AF_UNIX peers have paths, others ports")
    }

    /// At most so many bytes a send.
    pub fn chunk(mut self, bytes: usize) -> Builder {
        self.chunk = Some(Draw::Exactly(bytes));
        self.mistake(bytes == 0, "chunks of 0 bytes never end")
    }

    /// Sends of so many bytes, drawn from the seed.
    pub fn chunk_between(mut self, least: usize, most: usize) -> Builder {
        self.chunk = Some(Draw::Between(least, most));
        self.mistake(least == 0 || least > most, "chunks are at least 1 byte, and at most the most")
    }

    /// The time between two sends.
    pub fn gap(mut self, time: Duration) -> Builder {
        self.gap = Draw::Exactly(time);
        self
    }

    /// The time between two sends, drawn from the seed.
    pub fn gap_between(mut self, least: Duration, most: Duration) -> Builder {
        self.gap = Draw::Between(least, most);
        self.mistake(least > most, "the shortest gap is longer than the longest")
    }

    /// Never reads.
    pub fn never_read(mut self) -> Builder {
        self.spec.reading = None;
        self
    }

    /// The buffer of each receive.
    pub fn read_max(self, bytes: usize) -> Builder {
        self.reading(|reading| reading.max = bytes).mistake(bytes == 0, "a buffer of 0 bytes")
    }

    /// The time before the first receive.
    pub fn read_delay(self, time: Duration) -> Builder {
        self.reading(|reading| reading.delay = time)
    }

    /// The time between two receives.
    pub fn read_gap(self, time: Duration) -> Builder {
        self.reading(|reading| reading.gap = time)
    }

    /// A rest after each so many bytes.
    pub fn read_pause(self, every: u64, time: Duration) -> Builder {
        self.reading(|reading| reading.pause = Some((every, time)))
            .mistake(every == 0, "a pause after each 0 bytes")
    }

    /// At most so many bytes a second.
    pub fn read_rate(self, bytes: u64) -> Builder {
        self.reading(|reading| reading.rate = Some(bytes))
            .mistake(bytes == 0, "0 bytes a second never end")
    }

    /// `SO_RCVBUF`.
    pub fn rcvbuf(mut self, bytes: usize) -> Builder {
        self.spec.rcvbuf = Some(bytes);
        self
    }

    /// `SO_SNDBUF`.
    pub fn sndbuf(mut self, bytes: usize) -> Builder {
        self.spec.sndbuf = Some(bytes);
        self
    }

    /// Leaves Nagle's algorithm on: small sends may share a segment.
    pub fn nagle(mut self) -> Builder {
        self.spec.nodelay = false;
        self
    }

    /// Every send is so much later, give or take the jitter.
    pub fn latency(self, time: Duration, jitter: Duration) -> Builder {
        self.faults(|faults| faults.latency = Some((time, jitter)))
    }

    /// Sends at most so many bytes a second.
    pub fn bandwidth(self, bytes: u64) -> Builder {
        self.faults(|faults| faults.bandwidth = Some(bytes))
            .mistake(bytes == 0, "0 bytes a second never end")
    }

    /// The time between the last send and the end.
    pub fn slow_close(self, time: Duration) -> Builder {
        self.faults(|faults| faults.slow_close = time)
    }

    /// Resets the connection after so many bytes sent.
    pub fn reset_after(self, sent: u64) -> Builder {
        self.cut(Mark::Sent(sent), Then::Reset)
    }

    /// Resets the connection once so many bytes have arrived.
    pub fn reset_after_received(self, received: u64) -> Builder {
        self.cut(Mark::Received(received), Then::Reset)
    }

    /// Closes after so many bytes sent.
    pub fn limit_data(self, sent: u64) -> Builder {
        self.cut(Mark::Sent(sent), Then::Close)
    }

    /// Shuts down its sending side after so many bytes sent.
    pub fn half_close_after(self, sent: u64) -> Builder {
        self.cut(Mark::Sent(sent), Then::Shutdown)
    }

    /// Goes silent after so many bytes sent, and stays connected.
    pub fn stall_after(self, sent: u64) -> Builder {
        self.cut(Mark::Sent(sent), Then::Keep)
    }

    /// Does not send the datagrams of these numbers, counted from 1.
    pub fn drop_datagrams(self, numbers: impl Into<Vec<u64>>) -> Builder {
        self.faults(|faults| faults.drop = Pick::Numbers(numbers.into()))
    }

    /// Loses so many datagrams in a hundred, drawn from the seed.
    pub fn lose(self, percent: u8) -> Builder {
        self.faults(|faults| faults.drop = Pick::Percent(percent))
    }

    /// Sends the datagrams of these numbers twice.
    pub fn duplicate_datagrams(self, numbers: impl Into<Vec<u64>>) -> Builder {
        self.faults(|faults| faults.duplicate = Pick::Numbers(numbers.into()))
    }

    /// Lets the datagrams of these numbers change places with those after them.
    pub fn reorder_datagrams(self, numbers: impl Into<Vec<u64>>) -> Builder {
        self.faults(|faults| faults.reorder = Pick::Numbers(numbers.into()))
    }

    /// What it does when all is sent; it keeps the connection where nothing is said.
    pub fn then(mut self, then: Then) -> Builder {
        self.spec.then = then;
        self
    }

    /// What everything drawn is drawn from; 0 where nothing is said.
    pub fn seed(mut self, seed: u64) -> Builder {
        self.spec.seed = seed;
        self
    }

    /// How its times are kept; precisely where nothing is said. Of a peer in a group, the group says.
    pub fn timing(mut self, timing: Timing) -> Builder {
        self.timing = timing;
        self
    }

    /// Keeps the time of each send, in [`Connection::sends`](super::Connection::sends).
    pub fn keep_times(mut self) -> Builder {
        self.times = true;
        self
    }

    /// Keeps at most so many of the bytes that arrive on each connection, the first ones: 16 MiB where
    /// nothing is said. What comes after is counted.
    pub fn keep_received(mut self, bytes: usize) -> Builder {
        self.most_kept = bytes;
        self
    }

    /// How long its waits take at most: 5 s where nothing is said.
    pub fn within(mut self, time: Duration) -> Builder {
        self.within = time;
        self
    }

    /// Allows addresses that are not loopback.
    pub fn allow_remote(mut self) -> Builder {
        self.remote = true;
        self
    }

    /// Is told of everything as it happens, on the peer's thread, which waits meanwhile: the number
    /// of the connection, the time since it was made, and what happened. A connection that is made at
    /// once is told of on the thread that starts the peer.
    pub fn watch(
        mut self,
        watch: impl Fn(usize, Duration, &Event<'_>) + Send + Sync + 'static,
    ) -> Builder {
        self.watch = Some(Watch(Arc::new(watch)));
        self
    }

    /// Puts its parts together, and says what cannot be.
    pub(super) fn check(&mut self) -> Result<(), StartError> {
        let spec = &mut self.spec;
        for part in &mut spec.script {
            (part.chunk, part.gap) = (self.chunk, self.gap);
        }
        if let Some(echo) = &mut spec.echo {
            (echo.chunk, echo.gap) = (self.chunk, self.gap);
        }
        spec.script.shrink_to_fit();
        if spec.needs_to_read() && spec.reading.is_none() {
            let why = "it waits for what arrives and never reads";
            self.mistake.get_or_insert_with(|| why.to_owned());
        }
        if let Some(mistake) = self.mistake.take() {
            return Err(StartError::mistake(mistake));
        }
        let far = [&self.local, &self.to].into_iter().flatten().find_map(Place::far);
        match far.filter(|_| !self.remote) {
            Some(far) => Err(StartError::remote(far)),
            None => Ok(()),
        }
    }
}
