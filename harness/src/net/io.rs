//! Opening, connecting, sending, receiving, closing: an arm each, one call each where the
//! operation is one call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::job::{Answer, Attempt, Interest, Job, Tools, message_bits};
use super::{Opened, via};
use crate::errno::Errno;
use crate::kind::{Kind, Type};
use crate::op::{
    Accept, Bind, Connect, Dup, FillQueue, How, Listen, MessageFlags, Nonblocking, Numbered, Op,
    Open, Pair, Peek, RecvExactly, RecvToEof, Send, SendAll, SendTo, Shutdown, Size, SocketOf,
};
use crate::option::Value;
use crate::outcome::{End, Fact};
use crate::payload;
use crate::run::CannotLook;
use crate::sys::{self, PollFd, Socket};

/// The backlog of a `listen` that gives none: what std asks for.
pub const DEFAULT_BACKLOG: i32 = 128;

/// The size of a call's buffer where none is given: what most programs use.
pub const DEFAULT_BUFFER: usize = 64 << 10;

/// No operation keeps more than this many bytes.
const MOST_RECEIVED: usize = crate::scenario::MAX_BYTES;

/// A socket alone, then what the operation says of it, as steps of their own would.
pub fn open(op: &Open, job: &mut Job, tools: &mut Tools) -> Result<Attempt, CannotLook> {
    if op.no_descriptor == Some(true) {
        return deprived(|| Socket::open(op.kind, false));
    }
    let to = || op.bind.clone().or(op.listen.clone());
    let mut rest = Vec::new();
    let new = match job.sofar.opened.take() {
        Some(new) => new,
        None => match via::bare(op, tools)? {
            Ok(new) => {
                job.socket = Some(Arc::clone(&new.socket));
                job.layer.clone_from(&new.layer);
                rest.extend(to().map(|to| Op::Bind(Bind { to })));
                rest.extend(op.listen.iter().map(|_| Op::Listen(Listen { backlog: op.backlog })));
                new
            }
            Err(errno) => return Ok(Attempt::error(errno)),
        },
    };
    rest.extend(op.connect.iter().map(|to| Op::Connect(Connect { to: to.clone() })));
    for step in rest {
        match job.make(&step, tools)? {
            Attempt::Done(answer) if answer.end == End::Ok => {}
            Attempt::Done(answer) => return Ok(Attempt::Done(answer)),
            waits @ Attempt::NotYet(..) => {
                job.sofar.opened = Some(new);
                return Ok(waits);
            }
        }
    }
    let remote = op.connect.as_ref().and(job.to);
    Ok(opened(vec![Opened { remote, ..new }]))
}

pub fn pair(op: &Pair) -> Result<Attempt, CannotLook> {
    let (kind, blocking) = (op.kind.unwrap_or(Kind::UnixStream), op.blocking.unwrap_or(false));
    if op.no_descriptor == Some(true) {
        return deprived(|| Socket::pair(kind, blocking));
    }
    let one = |socket| Opened::raw(socket, kind, blocking);
    Ok(match Socket::pair(kind, blocking) {
        Ok((first, second)) => opened(vec![one(first), one(second)]),
        Err(Errno::ENOSYS) => {
            return Err(CannotLook("this system has no socketpair".to_owned()));
        }
        Err(errno) => Attempt::error(errno),
    })
}

/// What socket(2) gave is asked what it is: any words may have been given.
pub fn socket_of(op: &SocketOf) -> Result<Attempt, CannotLook> {
    let number = |word: Numbered| match word {
        Numbered::Number(number) => Ok(number),
        Numbered::Named(name) => sys::socket_word(name)
            .ok_or_else(|| CannotLook(format!("{name} does not exist on this system"))),
    };
    let domain = number(op.domain.0)?;
    let socktype = op.socktype.map_or(Ok(0), |word| number(word.0))?;
    let protocol = op.protocol.map_or(Ok(0), |word| number(word.0))?;
    Ok(match Socket::open_any(domain, socktype, protocol) {
        Ok(socket) => {
            let kind = socket.kind();
            opened(vec![Opened::raw(socket, kind, false)])
        }
        Err(errno) => Attempt::error(errno),
    })
}

pub fn nonblocking(op: &Nonblocking, job: &Job) -> Result<Attempt, CannotLook> {
    Ok(Attempt::of(job.open_socket()?.set_nonblocking(op.on)))
}

pub fn opened(sockets: Vec<Opened>) -> Attempt {
    Attempt::Done(Answer { opened: sockets, ..Answer::ok(Vec::new()) })
}

pub fn listen(op: &Listen, job: &Job) -> Result<Attempt, CannotLook> {
    let backlog = op.backlog.map_or(DEFAULT_BACKLOG, |backlog| backlog.0);
    Ok(Attempt::of(job.open_socket()?.listen(backlog)))
}

/// The first call begins; once the socket is writable, `SO_ERROR` tells how it ended.
pub fn connect(job: &mut Job) -> Result<Attempt, CannotLook> {
    let socket = Arc::clone(job.open_socket()?);
    if job.sofar.begun {
        return connected(&socket);
    }
    job.sofar.begun = true;
    Ok(match socket.connect(job.target()?) {
        Err(sys::CONNECTING) => Attempt::NotYet(Interest::writable(), Some(sys::CONNECTING)),
        result => Attempt::of(result),
    })
}

fn connected(socket: &Socket) -> Result<Attempt, CannotLook> {
    let mut polled = [PollFd::new(socket.raw(), sys::POLLOUT)];
    match sys::poll(&mut polled, Some(Duration::ZERO)) {
        Ok(0) => return Ok(Attempt::NotYet(Interest::writable(), Some(sys::CONNECTING))),
        Ok(_) => {}
        Err(errno) => return Err(CannotLook(format!("poll: {}", errno.name()))),
    }
    let error =
        super::queries::so_error(socket).map_err(|errno| CannotLook(errno.name().into_owned()))?;
    Ok(Attempt::of(error.map_or(Ok(()), Err)))
}

pub fn accept(op: &Accept, job: &Job) -> Result<Attempt, CannotLook> {
    if op.no_descriptor == Some(true) {
        let listener = job.open_socket()?;
        return deprived(|| listener.accept(false));
    }
    if op.plain == Some(true) || op.room.is_some() {
        return accept_plain(op, job);
    }
    let blocking = op.blocking.unwrap_or(false);
    Ok(match job.open_socket()?.accept(blocking) {
        Ok((socket, from)) => {
            let new = Opened { remote: Some(from), ..Opened::raw(socket, job.kind, blocking) };
            Attempt::Done(accepted(new))
        }
        Err(errno) => Attempt::unless_ready(errno, Interest::readable()),
    })
}

/// accept(2), which may have cut the address: who connected is asked again.
fn accept_plain(op: &Accept, job: &Job) -> Result<Attempt, CannotLook> {
    let plain = op.plain == Some(true);
    let blocking = op.blocking.unwrap_or(plain);
    Ok(match job.open_socket()?.accept_plain(op.room.map_or(usize::MAX, |room| room.0)) {
        Ok((socket, len)) => {
            if !plain && let Err(errno) = socket.set_nonblocking(!blocking) {
                return Err(CannotLook(format!("FIONBIO: {}", errno.name())));
            }
            // Of a connection that was reset nobody knows it any more.
            let remote = socket.peer_addr().ok();
            let mut answer = accepted(Opened { remote, ..Opened::raw(socket, job.kind, blocking) });
            if op.room.is_some() {
                answer.from = None;
                answer.facts.push(Fact::Len(len as u64));
            }
            Attempt::Done(answer)
        }
        Err(errno) => Attempt::unless_ready(errno, Interest::readable()),
    })
}

fn accepted(new: Opened) -> Answer {
    Answer { from: new.remote, opened: vec![new], ..Answer::ok(Vec::new()) }
}

/// A datagram socket of `AF_UNIX` counts as writable while the receiver's queue is full.
pub fn send_interest(job: &Job) -> Interest {
    if job.kind == Kind::UnixDgram { Interest::tick() } else { Interest::writable() }
}

fn sent(result: Result<usize, Errno>, job: &Job) -> Attempt {
    match result {
        Ok(len) => Attempt::ok(vec![Fact::Len(len as u64)]),
        Err(errno) => Attempt::unless_ready(errno, send_interest(job)),
    }
}

/// The bytes of a payload, made once however often the call is repeated.
fn bytes_of(data: &payload::Payload, job: &mut Job) -> Vec<u8> {
    job.sofar.bytes.take().unwrap_or_else(|| data.bytes())
}

pub fn send(op: &Send, job: &mut Job) -> Result<Attempt, CannotLook> {
    let (bytes, flags) = (bytes_of(&op.data, job), message_bits(op.flags.as_ref())?);
    let socket = Arc::clone(job.open_socket()?);
    let (result, raised) = match op.sigpipe {
        Some(true) => sys::watching_sigpipe(|| socket.send(&bytes, flags)),
        Some(false) | None => (socket.send(&bytes, flags), false),
    };
    job.sofar.bytes = Some(bytes);
    let mut attempt = sent(result, job);
    if let (Some(true), Attempt::Done(answer)) = (op.sigpipe, &mut attempt) {
        answer.facts.push(Fact::Value(Value::Bool(raised)));
    }
    Ok(attempt)
}

pub fn send_to(op: &SendTo, job: &mut Job) -> Result<Attempt, CannotLook> {
    let (bytes, flags) = (bytes_of(&op.data, job), message_bits(op.flags.as_ref())?);
    let result = job.open_socket()?.send_to(&bytes, job.target()?, flags);
    job.sofar.bytes = Some(bytes);
    Ok(sent(result, job))
}

pub fn send_all(op: &SendAll, job: &mut Job) -> Result<Attempt, CannotLook> {
    let bytes = bytes_of(&op.data, job);
    send_rest(bytes, op.chunk, op.gap, job)
}

/// Sends what is left of `bytes`, in chunks; an error tells how many bytes had gone before.
pub fn send_rest(
    bytes: Vec<u8>,
    chunk: Option<Size>,
    gap: Option<Duration>,
    job: &mut Job,
) -> Result<Attempt, CannotLook> {
    let socket = Arc::clone(job.open_socket()?);
    let chunk = chunk.map_or(bytes.len(), |chunk| chunk.0).max(1);
    let attempt = loop {
        let rest = &bytes[job.sofar.sent..];
        if rest.is_empty() && job.sofar.begun {
            break Attempt::ok(vec![Fact::Len(bytes.len() as u64)]);
        }
        let wait = job.sofar.next.map(|next| next.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            break Attempt::NotYet(Interest { events: 0, tick: Some(wait) }, Some(Errno::EAGAIN));
        }
        job.sofar.begun = true;
        match socket.send(&rest[..rest.len().min(chunk)], 0) {
            Ok(len) => {
                job.sofar.sent += len;
                job.sofar.next = gap.filter(|_| len < rest.len()).map(|gap| Instant::now() + gap);
            }
            Err(Errno::EAGAIN) => break Attempt::NotYet(send_interest(job), Some(Errno::EAGAIN)),
            Err(errno) => {
                let facts = vec![Fact::Len(job.sofar.sent as u64)];
                break Attempt::Done(Answer::new(End::Error(errno), facts));
            }
        }
    };
    job.sofar.bytes = Some(bytes);
    Ok(attempt)
}

/// Sends until the system takes no more. What it took is its own affair: the queue's size.
pub fn fill(op: &FillQueue, job: &mut Job) -> Result<Attempt, CannotLook> {
    /// No queue of a loopback holds more; beyond it, somebody is reading.
    const MOST_SENT: usize = 256 << 20;
    let socket = Arc::clone(job.open_socket()?);
    let bytes = payload::fill(0, op.chunk.map_or(DEFAULT_BUFFER, |chunk| chunk.0.max(1)));
    let mut sent = 0;
    while sent < MOST_SENT {
        // A blocking socket would wait for a reader here, where no deadline reaches it.
        match socket.send_now(&bytes, job.blocking) {
            Ok(len) => sent += len,
            Err(Errno::EAGAIN) => return Ok(Attempt::ok(vec![Fact::Len(sent as u64)])),
            Err(errno) => {
                return Ok(Attempt::Done(Answer::new(
                    End::Error(errno),
                    vec![Fact::Len(sent as u64)],
                )));
            }
        }
    }
    Err(CannotLook(format!("the system took {MOST_SENT} bytes and would take more")))
}

/// 0 bytes are the end of a stream, and a datagram like any other.
pub fn end_of(len: usize, asked: usize, job: &Job) -> End {
    match job.kind.socket_type() {
        Type::Stream | Type::Seqpacket if len == 0 && asked > 0 => End::Eof,
        Type::Stream | Type::Seqpacket | Type::Dgram => End::Ok,
    }
}

pub fn recv(
    max: Size,
    flags: Option<&MessageFlags>,
    more: i32,
    job: &Job,
) -> Result<Attempt, CannotLook> {
    let mut buffer = vec![0; max.0];
    Ok(match job.open_socket()?.recv(&mut buffer, message_bits(flags)? | more) {
        Ok(len) => {
            // With MSG_TRUNC the length is the datagram's, which may exceed the buffer.
            buffer.truncate(len);
            match end_of(len, max.0, job) {
                End::Ok => Attempt::ok(vec![Fact::Len(len as u64), Fact::Data(buffer)]),
                end => Attempt::Done(Answer::new(end, Vec::new())),
            }
        }
        // An error *and* bytes: the buffer is full, the rest of the message is lost.
        Err(errno) if sys::CUT == Some(errno) => {
            let facts = vec![Fact::Len(buffer.len() as u64), Fact::Data(buffer)];
            Attempt::Done(Answer::new(End::Error(errno), facts))
        }
        Err(errno) => Attempt::unless_ready(errno, Interest::readable()),
    })
}

pub fn peek(op: &Peek, job: &Job) -> Result<Attempt, CannotLook> {
    let peek = sys::message_flag("MSG_PEEK")
        .ok_or_else(|| CannotLook("MSG_PEEK does not exist here".to_owned()))?;
    recv(op.max, op.flags.as_ref(), peek, job)
}

pub fn recv_exactly(op: &RecvExactly, job: &mut Job) -> Result<Attempt, CannotLook> {
    receive_until(op.len.0, op.max, job)
}

pub fn recv_to_eof(op: &RecvToEof, job: &mut Job) -> Result<Attempt, CannotLook> {
    receive_until(usize::MAX, Some(op.max.unwrap_or(Size(DEFAULT_BUFFER))), job)
}

/// Receives until `wanted` bytes are there, or the stream ends; either way the data is told.
fn receive_until(wanted: usize, max: Option<Size>, job: &mut Job) -> Result<Attempt, CannotLook> {
    let socket = Arc::clone(job.open_socket()?);
    let received = &mut job.sofar.received;
    while received.len() < wanted {
        let missing = wanted - received.len();
        let size = max.map_or(missing, |max| max.0.clamp(1, missing)).min(MOST_RECEIVED);
        let before = received.len();
        if before + size > MOST_RECEIVED + DEFAULT_BUFFER {
            return Err(CannotLook(format!("the stream goes on after {MOST_RECEIVED} bytes")));
        }
        received.resize(before + size, 0);
        let result = socket.recv(&mut received[before..], 0);
        received.truncate(before + result.unwrap_or(0));
        match result {
            Ok(0) => return Ok(told(End::Eof, received)),
            Ok(_) => {}
            Err(Errno::EAGAIN) => {
                return Ok(Attempt::NotYet(Interest::readable(), Some(Errno::EAGAIN)));
            }
            Err(errno) => return Ok(told(End::Error(errno), received)),
        }
    }
    Ok(told(End::Ok, received))
}

fn told(end: End, received: &mut Vec<u8>) -> Attempt {
    let data = std::mem::take(received);
    let facts = vec![Fact::Len(data.len() as u64), Fact::Data(data)];
    let nothing = matches!(&facts[..], [Fact::Len(0), _]) && end != End::Ok;
    Attempt::Done(Answer::new(end, if nothing { Vec::new() } else { facts }))
}

pub fn shutdown(op: &Shutdown, job: &Job) -> Result<Attempt, CannotLook> {
    let how = match op.how {
        How::Read => sys::Shutdown::Read,
        How::Write => sys::Shutdown::Write,
        How::Both => sys::Shutdown::Both,
        How::Number(number) => sys::Shutdown::Number(number),
    };
    Ok(Attempt::of(job.open_socket()?.shutdown(how)))
}

pub fn close(job: &Job) -> Result<Attempt, CannotLook> {
    Ok(Attempt::of(job.open_socket()?.close()))
}

pub fn dup(op: &Dup, job: &Job) -> Result<Attempt, CannotLook> {
    let socket = job.open_socket()?;
    if op.no_descriptor == Some(true) {
        return deprived(|| socket.duplicate());
    }
    Ok(match socket.duplicate() {
        Ok(socket) => opened(vec![Opened {
            remote: job.remote,
            ..Opened::raw(socket, job.kind, job.blocking)
        }]),
        Err(errno) => Attempt::error(errno),
    })
}

/// The child ends with its name: what stands for it is the socket that tells it so.
pub fn fork(job: &Job) -> Result<Attempt, CannotLook> {
    let name = sys::hold(job.open_socket()?)
        .map_err(|errno| CannotLook(format!("no child process: {}", errno.name())))?;
    Ok(opened(vec![Opened::raw(name, Kind::UnixStream, true)]))
}

/// A call that can only fail. What it opened all the same ended with the child.
fn deprived<T>(call: impl FnOnce() -> Result<T, Errno>) -> Result<Attempt, CannotLook> {
    match sys::without_descriptors(call) {
        Ok(()) => Err(CannotLook("a process without descriptors got one".to_owned())),
        Err(errno) => Ok(Attempt::error(errno)),
    }
}

pub fn unlink(job: &Job) -> Result<Attempt, CannotLook> {
    let path =
        job.path.as_deref().ok_or_else(|| CannotLook("the address is no path".to_owned()))?;
    Ok(Attempt::of(sys::unlink(path)))
}
