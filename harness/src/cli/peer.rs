//! `sockdrill peer`: one peer in the foreground, and everything that happens to it on stdout.
//!
//! What one would do with netcat and a stopwatch. The address comes first, for whoever starts it
//! and reads its output.

pub mod args;
mod lines;

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Wake, Waker};

use sockdrill::payload::fill;
use sockdrill::peer::{self, Builder, Peer, Timing};
use sockdrill::verdict::ExitCode;

use super::output::Output;
use super::{Done, Failure};
use args::{Bytes, Common, Datagrams, Protocol, Stream, Tcp, Udp, Unix, UnixDgram};
use lines::Lines;

/// What the main thread is told.
enum Message {
    /// Something happened: these lines tell it.
    Lines(String),
    /// The peer may be at its end.
    Look,
    /// Ctrl-C.
    Stop,
}

/// Tells the main thread to look.
struct Bell(Sender<Message>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Where the main thread is gone, nobody is to be told.
        let _ = self.0.send(Message::Look);
    }
}

/// When the command ends by itself.
enum Until {
    /// At the end of the connection, or of those there are.
    End,
    /// When all is sent.
    Sent,
    /// Never.
    Stopped,
}

/// Runs a peer until it is at its end, or stopped.
pub fn peer(peer: &args::Peer, output: &mut Output, leave: fn()) -> Done {
    let (common, role, until, builder) = match &peer.protocol {
        Protocol::Tcp(tcp) => tcp_peer(tcp)?,
        Protocol::Udp(udp) => udp_peer(udp)?,
        Protocol::Unix(unix) => unix_peer(unix)?,
        Protocol::UnixDgram(unix) => unix_dgram_peer(unix)?,
    };
    let (sender, messages) = channel();
    hear(&sender, leave);
    let lines = Lines { times: common.times, hex: common.hex };
    let told = sender.clone();
    let builder = builder.watch(move |connection, at, event| {
        // Where the main thread is gone, nobody is to be told.
        let _ = told.send(Message::Lines(lines.event(connection, at, event)));
    });
    let peer = builder.start().map_err(|error| match (error.far(), error.errno()) {
        (Some(far), _) => {
            Failure::usage(format!("{far} is not loopback: --allow-remote allows it"))
        }
        (None, Some(_)) => Failure::new(ExitCode::Unjudged, error.to_string()),
        (None, None) => Failure::usage(error.to_string()),
    })?;
    output.data_now(&match peer.endpoint() {
        Some(endpoint) => format!("{role} {endpoint}\n"),
        None => "connected\n".to_owned(),
    })?;
    let waker = Waker::from(Arc::new(Bell(sender)));
    follow(&peer, &until, &messages, &waker, output)?;
    let connections = peer.stop().connections;
    // What its thread did until then.
    while let Ok(message) = messages.try_recv() {
        if let Message::Lines(lines) = message {
            output.data_now(&lines)?;
        }
    }
    output.note(&summary(&connections, common.seed));
    Ok(ExitCode::Success)
}

/// Prints what happens until the peer is at its end, or somebody stops it.
fn follow(
    peer: &Peer,
    until: &Until,
    messages: &Receiver<Message>,
    waker: &Waker,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut end = pin!(async {
        // That it ended otherwise than it should is among the lines.
        match until {
            Until::End => drop(peer.until_end().await),
            Until::Sent => drop(peer.until_sent().await),
            Until::Stopped => pending().await,
        }
    });
    let mut context = Context::from_waker(waker);
    let mut end: Pin<&mut dyn Future<Output = ()>> = end.as_mut();
    while end.as_mut().poll(&mut context).is_pending() {
        match messages.recv() {
            Ok(Message::Lines(lines)) => output.data_now(&lines)?,
            Ok(Message::Look) => {}
            Ok(Message::Stop) | Err(_) => break,
        }
    }
    Ok(())
}

/// The first Ctrl-C ends the peer, the second leaves at once.
fn hear(sender: &Sender<Message>, leave: fn()) {
    let (sender, again) = (sender.clone(), AtomicBool::new(false));
    let heard = ctrlc::set_handler(move || {
        if again.swap(true, Ordering::Relaxed) || sender.send(Message::Stop).is_err() {
            leave();
        }
    });
    // Where the system does not let us listen, Ctrl-C ends the process as it always does.
    drop(heard);
}

fn summary(connections: &[peer::Connection], seed: u64) -> String {
    let sum = |of: fn(&peer::Connection) -> u64| connections.iter().map(of).sum::<u64>();
    let (sent, received) = (sum(|one| one.bytes_sent), sum(|one| one.bytes_received));
    let count = connections.len();
    format!("{count} connections, {sent} bytes sent, {received} received; seed {seed}\n")
}

/// A fault that cuts the script short at so many bytes.
type Cut = fn(Builder, u64) -> Builder;

const CONNECTED: &str = "connected from";
const BOUND: &str = "bound to";

type Described<'a> = (&'a Common, &'static str, Until, Builder);

fn tcp_peer(tcp: &Tcp) -> Result<Described<'_>, Failure> {
    let (listens, builder) = match (tcp.listen, tcp.connect) {
        (Some(addr), _) => (true, peer::tcp().listen_on(addr)),
        (None, Some(addr)) => (false, peer::tcp().connect(addr)),
        (None, None) => return Err(Failure::usage("--listen or --connect")),
    };
    let builder = if tcp.nagle { builder.nagle() } else { builder };
    Ok(stream_peer(&tcp.stream, listens, builder))
}

fn unix_peer(unix: &Unix) -> Result<Described<'_>, Failure> {
    let kind = if unix.seqpacket { peer::unix_seqpacket() } else { peer::unix_stream() };
    let (listens, builder) = match (&unix.listen, &unix.connect) {
        (Some(path), _) => (true, kind.listen_on(path)),
        (None, Some(path)) => (false, kind.connect(path)),
        (None, None) => return Err(Failure::usage("--listen or --connect")),
    };
    Ok(stream_peer(&unix.stream, listens, builder))
}

fn stream_peer(stream: &Stream, listens: bool, builder: Builder) -> Described<'_> {
    let Stream { common, framing, then, .. } = stream;
    let send = |builder: Builder, Bytes(bytes): &Bytes| match framing {
        None => builder.send(&**bytes),
        Some(framing) => builder.send_frame(framing, bytes),
    };
    let builder = common.send.iter().fold(builder, send).then(then.then());
    let cuts: [(Option<u64>, Cut); 5] = [
        (stream.reset_after, Builder::reset_after),
        (stream.reset_after_received, Builder::reset_after_received),
        (stream.limit_data, Builder::limit_data),
        (stream.half_close_after, Builder::half_close_after),
        (stream.stall_after, Builder::stall_after),
    ];
    let builder = cuts.into_iter().fold(builder, |builder, (at, cut)| with(builder, at, cut));
    let until = if listens && !common.once { Until::Stopped } else { Until::End };
    let role = if listens { "listening on" } else { CONNECTED };
    (common, role, until, described(common, builder))
}

fn udp_peer(udp: &Udp) -> Result<Described<'_>, Failure> {
    let (role, builder) = match (udp.bind, udp.connect) {
        (Some(addr), _) => (BOUND, with(peer::udp().bind_on(addr), udp.to, Builder::to)),
        (None, Some(addr)) => (CONNECTED, peer::udp().connect(addr)),
        (None, None) => return Err(Failure::usage("--bind or --connect")),
    };
    Ok(datagram_peer(&udp.datagrams, role, builder))
}

fn unix_dgram_peer(unix: &UnixDgram) -> Result<Described<'_>, Failure> {
    let (role, builder) = match (&unix.bind, &unix.connect) {
        (Some(path), _) => {
            (BOUND, with(peer::unix_dgram().bind_on(path), unix.to.as_ref(), Builder::to_path))
        }
        (None, Some(path)) => (CONNECTED, peer::unix_dgram().connect(path)),
        (None, None) => return Err(Failure::usage("--bind or --connect")),
    };
    Ok(datagram_peer(&unix.datagrams, role, builder))
}

fn datagram_peer<'a>(
    datagrams: &'a Datagrams,
    role: &'static str,
    builder: Builder,
) -> Described<'a> {
    let common = &datagrams.common;
    let builder = common.send.iter().fold(builder, |builder, Bytes(bytes)| builder.send(&**bytes));
    let builder = builder
        .drop_datagrams(&*datagrams.drop)
        .duplicate_datagrams(&*datagrams.duplicate)
        .reorder_datagrams(&*datagrams.reorder);
    let builder = with(builder, datagrams.lose, Builder::lose);
    let until = if common.once { Until::Sent } else { Until::Stopped };
    (common, role, until, described(common, builder))
}

/// What is said, said to the builder.
fn with<T>(builder: Builder, value: Option<T>, say: impl FnOnce(Builder, T) -> Builder) -> Builder {
    match value {
        Some(value) => say(builder, value),
        None => builder,
    }
}

/// What all peers have.
fn described(common: &Common, builder: Builder) -> Builder {
    let mut builder = with(builder, common.fill, |builder, len| builder.send(fill(0, len)));
    for (time, Bytes(bytes)) in &common.at {
        builder = builder.send_at(*time, &**bytes);
    }
    for (received, Bytes(bytes)) in &common.after {
        builder = builder.send_after(*received, &**bytes);
    }
    if common.echo {
        builder = builder.echo();
    }
    if common.allow_remote {
        builder = builder.allow_remote();
    }
    builder = with(builder, common.chunk, |builder, (a, b)| builder.chunk_between(a, b));
    builder = with(builder, common.gap, |builder, (a, b)| builder.gap_between(a, b));
    builder = with(builder, common.rcvbuf, Builder::rcvbuf);
    builder = with(builder, common.sndbuf, Builder::sndbuf);
    builder = with(builder, common.read_max, Builder::read_max);
    builder = with(builder, common.read_delay, Builder::read_delay);
    builder = with(builder, common.read_gap, Builder::read_gap);
    builder = with(builder, common.read_pause, |builder, (a, b)| builder.read_pause(a, b));
    builder = with(builder, common.read_rate, Builder::read_rate);
    builder = with(builder, common.latency, |builder, (a, b)| builder.latency(a, b));
    builder = with(builder, common.bandwidth, Builder::bandwidth);
    builder = with(builder, common.slow_close, Builder::slow_close);
    if common.no_read {
        builder = builder.never_read();
    }
    let timing = if common.economy { Timing::Economy } else { Timing::Precise };
    builder.seed(common.seed).timing(timing)
}
