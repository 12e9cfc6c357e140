//! One connection of a peer, or its datagram socket: the calls that its schedule asks for.
//!
//! Never waits: a call that would is tried again when [`Link::ready`] says that it may succeed.

use std::io::IoSliceMut;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Call, Event, Progress, Sink};
use super::live::set;
use super::reads::{ReadStep, Reads};
use super::schedule::{Schedule, Step};
use super::spec::{Role, Spec, Then};
use crate::errno::Errno;
use crate::kind::{Kind, Type};
use crate::option::Value;
use crate::sys::{self, Address, Shutdown, Socket};

/// How soon a datagram is tried again on a Unix socket, which counts as writable while the queue
/// of its receiver is full.
const UNIX_TICK: Duration = Duration::from_micros(200);

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Link {
    socket: Arc<Socket>,
    kind: Kind,
    role: Role,
    began: Instant,
    schedule: Schedule<Arc<Address>>,
    reads: Reads,
    open: bool,
    /// Whether its sending direction was ended because the run is over.
    hung_up: bool,
    /// Whether the last send or receive would have had to wait.
    send_blocked: bool,
    recv_blocked: bool,
    /// When there is something to do, where nothing can be done before.
    send_due: Option<Duration>,
    recv_due: Option<Duration>,
    /// Whether it stands among the runnable of its peer, and the due time that stands in its heap.
    pub(super) queued: bool,
    pub(super) noted_due: Option<Instant>,
    /// How far it was when its peer counted.
    pub(super) counted: Progress,
    /// What a thread of many peers waits for on its socket; `None` where it has not been told of it.
    pub(super) watched: Option<i16>,
}

impl Link {
    pub(super) fn new(spec: &Arc<Spec>, socket: Arc<Socket>, number: usize) -> Link {
        Link {
            socket,
            kind: spec.kind,
            role: spec.role,
            began: Instant::now(),
            schedule: Schedule::new(Arc::clone(spec), number as u64),
            reads: Reads::new(spec.reading),
            open: true,
            hung_up: false,
            send_blocked: false,
            recv_blocked: false,
            send_due: None,
            recv_due: None,
            queued: false,
            noted_due: None,
            counted: Progress::default(),
            watched: None,
        }
    }

    /// Its time begins anew: nothing was done yet, and whoever runs it has only now taken it.
    pub(super) fn begin(&mut self) {
        self.began = Instant::now();
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Does at most one thing; whether it did. `to` is where datagrams go that answer nobody.
    pub(super) fn turn(
        &mut self,
        number: usize,
        to: Option<&Arc<Address>>,
        buffer: &mut Vec<u8>,
        sink: &mut dyn Sink,
    ) -> bool {
        if !self.open {
            return false;
        }
        self.send_due = None;
        self.recv_due = None;
        let now = self.began.elapsed();
        if !self.send_blocked {
            let step = self.schedule.step(now);
            while let Some(len) = self.schedule.take_dropped() {
                sink.see(number, now, Event::Dropped(len));
            }
            match step {
                Step::Send if self.send(number, to, sink) => return true,
                Step::End(then) => {
                    self.end(number, then, sink);
                    return true;
                }
                Step::At(due) => self.send_due = Some(due),
                Step::Send | Step::Wait | Step::Done => {}
            }
        }
        if !self.open || self.recv_blocked || self.schedule.is_full() {
            return false;
        }
        match self.reads.step(now) {
            ReadStep::Recv(max) => self.recv(number, max, buffer, sink),
            ReadStep::At(due) => {
                self.recv_due = Some(due);
                false
            }
            ReadStep::Never => false,
        }
    }

    fn send(&mut self, number: usize, to: Option<&Arc<Address>>, sink: &mut dyn Sink) -> bool {
        let due = self.schedule.due().unwrap_or_default();
        let Some((bytes, from)) = self.schedule.piece() else { return false };
        let to = if self.role == Role::Datagram { from.or(to) } else { None };
        let at = self.began.elapsed();
        let result = match to {
            Some(to) => self.socket.send_to(bytes, to, 0),
            None => self.socket.send(bytes, 0),
        };
        match result {
            Ok(len) => {
                let taken = &bytes[..len.min(bytes.len())];
                let whole = (len >= bytes.len()).then(|| self.schedule.piece_len()).flatten();
                let (to, done) = (to.map(|to| &**to), self.began.elapsed());
                sink.see(number, at, Event::Sent { bytes: taken, whole, to, due, done });
                self.schedule.sent(at, len);
                true
            }
            Err(Errno::EAGAIN) if self.kind == Kind::UnixDgram => {
                self.send_due = Some(at + UNIX_TICK);
                false
            }
            Err(Errno::EAGAIN) => {
                self.send_blocked = true;
                false
            }
            Err(Errno::EINTR) => true,
            Err(errno) => {
                let call = Call::Send(self.schedule.piece_len().unwrap_or(bytes.len()));
                self.fail(number, at, call, errno, sink);
                true
            }
        }
    }

    fn recv(
        &mut self,
        number: usize,
        max: usize,
        buffer: &mut Vec<u8>,
        sink: &mut dyn Sink,
    ) -> bool {
        if buffer.len() < max {
            buffer.resize(max, 0);
        }
        let room = &mut buffer[..max];
        let result = match self.role {
            // A datagram that was cut has an error on Windows, beside the bytes that fit.
            Role::Datagram => {
                let received = self.socket.recv_msg(&mut [IoSliceMut::new(room)], 0, &mut []);
                received.map(|received| (received.len, received.from))
            }
            Role::Connect | Role::Listen { .. } => self.socket.recv(room, 0).map(|len| (len, None)),
        };
        let at = self.began.elapsed();
        match result {
            Ok((0, _)) if self.kind.is_connection_oriented() => {
                self.schedule.eof(at);
                self.reads.end();
                sink.see(number, at, Event::Eof);
                true
            }
            Ok((len, from)) => {
                // What a stream had is all taken: asking again would only cost a call.
                self.recv_blocked = len < max && self.kind.socket_type() == Type::Stream;
                self.received(number, at, &buffer[..len.min(max)], from.as_ref(), sink);
                true
            }
            Err(Errno::EAGAIN) => {
                self.recv_blocked = true;
                false
            }
            Err(Errno::EINTR) => true,
            Err(errno) if Some(errno) == sys::CUT => {
                self.received(number, at, &buffer[..max], None, sink);
                true
            }
            Err(errno) if self.role == Role::Datagram => {
                sink.see(number, at, Event::Failed(Call::Recv, errno));
                true
            }
            Err(errno) => {
                self.fail(number, at, Call::Recv, errno, sink);
                true
            }
        }
    }

    fn received(
        &mut self,
        number: usize,
        at: Duration,
        bytes: &[u8],
        from: Option<&Address>,
        sink: &mut dyn Sink,
    ) {
        sink.see(number, at, Event::Received(bytes, from));
        self.reads.received(at, bytes.len());
        // Only an echo has to know for long who it was.
        let from = from.filter(|_| self.schedule.is_echoing()).copied().map(Arc::new);
        self.schedule.received(at, bytes, from);
    }

    /// A connection that met an error is of no use: what it would do next means nothing.
    fn fail(&mut self, number: usize, at: Duration, call: Call, errno: Errno, sink: &mut dyn Sink) {
        sink.see(number, at, Event::Failed(call, errno));
        self.schedule.fail();
        self.reads.end();
    }

    /// The system cannot wait for its socket.
    pub(super) fn cannot_wait(&mut self, number: usize, errno: Errno, sink: &mut dyn Sink) {
        let call = if self.wants() & sys::POLLOUT != 0 { Call::Send(0) } else { Call::Recv };
        self.fail(number, self.began.elapsed(), call, errno, sink);
    }

    fn end(&mut self, number: usize, then: Then, sink: &mut dyn Sink) {
        let at = self.began.elapsed();
        if matches!(then, Then::Close | Then::Reset) {
            if self.watched.take().is_some() {
                sink.closing(&self.socket);
            }
            self.open = false;
            self.reads.end();
        }
        let result = match then {
            Then::Keep => Ok(()),
            Then::Shutdown => self.socket.shutdown(Shutdown::Write),
            Then::Close => self.socket.close(),
            Then::Reset => reset(&self.socket),
        };
        match result {
            Ok(()) => sink.see(number, at, Event::Ended(then)),
            Err(errno) => sink.see(number, at, Event::Failed(Call::End(then), errno)),
        }
    }

    /// What to wait for on its socket.
    pub(super) fn wants(&self) -> i16 {
        if !self.open {
            return 0;
        }
        let mut events = 0;
        if self.recv_blocked && self.reads.goes_on() && !self.schedule.is_full() {
            events |= sys::POLLIN;
        }
        if self.send_blocked {
            events |= sys::POLLOUT;
        }
        events
    }

    /// When it has something to do, where it knows.
    pub(super) fn due(&self) -> Option<Instant> {
        let due = [self.send_due, self.recv_due].into_iter().flatten().min();
        due.filter(|_| self.open).map(|due| self.began + due)
    }

    /// Whether the next thing to do is a send, whose time somebody may be watching.
    pub(super) fn is_exact(&self) -> bool {
        let reads_first = self.recv_due.is_some_and(|recv| self.send_due.is_none_or(|s| recv < s));
        let again = self.schedule.due().is_some_and(|due| Some(due) != self.send_due);
        self.send_due.is_some() && !reads_first && !again
    }

    /// A call may succeed that would have had to wait.
    pub(super) fn ready(&mut self, readable: bool, writable: bool) {
        self.recv_blocked &= !readable;
        self.send_blocked &= !writable;
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            over: self.schedule.is_over(),
            done: !self.open || self.schedule.is_done(),
            idle: !self.open || (self.schedule.is_done() && !self.reads.goes_on()),
        }
    }

    pub(super) fn is_reading(&self) -> bool {
        self.open && self.reads.goes_on()
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.schedule.bytes_received()
    }

    pub(super) fn hang_up(&mut self) {
        let silent = self.schedule.is_done() || self.schedule.is_waiting();
        if self.open && !self.hung_up && silent && self.kind.socket_type() != Type::Dgram {
            self.hung_up = true;
            // Where the other side is gone already there is nobody to tell.
            let _ = self.socket.shutdown(Shutdown::Write);
        }
    }
}

/// `SO_LINGER` 0, then close(2).
fn reset(socket: &Socket) -> Result<(), Errno> {
    let on = vec![("l_onoff".to_owned(), Value::Int(1)), ("l_linger".to_owned(), Value::Int(0))];
    set(socket, "SO_LINGER", &Value::Record(on)).map_err(|error| error.errno)?;
    socket.close()
}
