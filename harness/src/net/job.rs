//! One operation with everything it needs: its socket, live addresses, and how far it has come.
//!
//! A job knows no names and shares nothing, so that it may be attempted on any thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::peers::PeerProgress;
use super::{Opened, conditions, epoll, io, messages, programs, queries, via};
use crate::errno::Errno;
use crate::frame::Decoder;
use crate::kind::Kind;
use crate::op::Op;
use crate::outcome::{End, Fact};
use crate::program::SharedProgram;
use crate::run::CannotLook;
use crate::sys::{self, Address, ConnectionTable, Socket};

/// What a job waits for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interest {
    /// Events of its socket.
    pub events: i16,
    /// When to look again where no event tells: the connection table and the send queue have none.
    pub tick: Option<Duration>,
}

impl Interest {
    pub fn readable() -> Interest {
        Interest { events: sys::POLLIN, tick: None }
    }

    pub fn writable() -> Interest {
        Interest { events: sys::POLLOUT, tick: None }
    }

    /// Between 200 µs, below which looking costs more than it finds, and what a person notices.
    pub fn tick() -> Interest {
        Interest { events: 0, tick: Some(Duration::from_micros(200)) }
    }
}

/// What an attempt came to.
#[expect(clippy::large_enum_variant, reason = "moved once, never kept: a box would cost more")]
pub enum Attempt {
    /// The operation is complete.
    Done(Answer),
    /// It waits for this; the call's own answer was that.
    NotYet(Interest, Option<Errno>),
}

/// What the system answered, in its own terms.
pub struct Answer {
    pub end: End,
    pub facts: Vec<Fact>,
    /// Who sent or connected.
    pub from: Option<Address>,
    /// The address asked for.
    pub address: Option<Address>,
    /// What epoll told: the numbers that its sockets were added under, and events.
    pub ready: Option<Vec<(u64, Vec<&'static str>)>>,
    /// New sockets, in the order of the names that the operation gives.
    pub opened: Vec<Opened>,
}

impl Answer {
    pub fn new(end: End, facts: Vec<Fact>) -> Answer {
        Answer { end, facts, from: None, address: None, ready: None, opened: Vec::new() }
    }

    pub fn ok(facts: Vec<Fact>) -> Answer {
        Answer::new(End::Ok, facts)
    }

    pub fn error(errno: Errno) -> Answer {
        Answer::new(End::Error(errno), Vec::new())
    }
}

impl Attempt {
    pub fn ok(facts: Vec<Fact>) -> Attempt {
        Attempt::Done(Answer::ok(facts))
    }

    pub fn error(errno: Errno) -> Attempt {
        Attempt::Done(Answer::error(errno))
    }

    /// The end of an operation that tells nothing.
    pub fn of(result: Result<(), Errno>) -> Attempt {
        match result {
            Ok(()) => Attempt::ok(Vec::new()),
            Err(errno) => Attempt::error(errno),
        }
    }

    /// An error, or a wait where the error says that the socket is not ready.
    pub fn unless_ready(errno: Errno, interest: Interest) -> Attempt {
        if errno == Errno::EAGAIN {
            Attempt::NotYet(interest, Some(errno))
        } else {
            Attempt::error(errno)
        }
    }
}

/// How far an operation of several calls has come.
#[derive(Default)]
pub struct Sofar {
    /// Whether the first call was made: of a connect, whose second call is another.
    pub begun: bool,
    /// The bytes to send, where they are not the operation's own.
    pub bytes: Option<Vec<u8>>,
    /// How many bytes are sent.
    pub sent: usize,
    /// What is received.
    pub received: Vec<u8>,
    /// The frames that are complete.
    pub frames: Vec<Vec<u8>>,
    /// Takes frames apart.
    pub decoder: Option<Decoder>,
    /// When the next call is due.
    pub next: Option<Instant>,
    /// The socket that is being opened and is not connected yet.
    pub opened: Option<Opened>,
    /// A layer's connection that is being made.
    pub making: via::Making,
    /// A layer's operation of several calls.
    pub later: via::Later,
}

/// What a worker lends to its operations.
#[derive(Default)]
pub struct Tools {
    pub table: Option<ConnectionTable>,
    pub runtime: via::Runtime,
}

/// One operation, ready to be attempted.
pub struct Job {
    pub op: Arc<Op>,
    /// The number of the name before the dot.
    pub socket_id: crate::scenario::SocketId,
    /// The socket before the dot, where it is open.
    pub socket: Option<Arc<Socket>>,
    /// The same socket of a library, where one makes its calls.
    pub layer: Option<Arc<via::Layered>>,
    pub kind: Kind,
    pub blocking: bool,
    /// The address that the operation names.
    pub to: Option<Address>,
    /// The path that the operation names.
    pub path: Option<std::path::PathBuf>,
    /// The addresses that the socket has or had.
    pub local: Option<Address>,
    pub remote: Option<Address>,
    /// Sockets whose descriptors are passed.
    pub passed: Vec<Arc<Socket>>,
    /// How far the peer of that name has come, where it is one.
    pub peer: Option<Arc<PeerProgress>>,
    /// The words of the command that the operation starts.
    pub command: Vec<String>,
    /// The program of that name, where it is one.
    pub program: Option<SharedProgram>,
    pub sofar: Sofar,
}

impl Job {
    /// The open socket before the dot.
    pub fn open_socket(&self) -> Result<&Arc<Socket>, CannotLook> {
        self.socket.as_ref().ok_or_else(|| CannotLook("the socket is not open".to_owned()))
    }

    /// The address that the operation names.
    pub fn target(&self) -> Result<&Address, CannotLook> {
        self.to.as_ref().ok_or_else(|| CannotLook("the operation has no address".to_owned()))
    }

    /// The answer where an error ends what has come some way: what it did is told beside it.
    pub fn cut_short(&mut self, errno: Errno) -> Answer {
        let sofar = &mut self.sofar;
        let facts = if matches!(&*self.op, Op::SendAll(_) | Op::SendFrames(_)) {
            vec![Fact::Len(sofar.sent as u64)]
        } else if matches!(&*self.op, Op::RecvFrames(_)) {
            vec![Fact::Frames(std::mem::take(&mut sofar.frames))]
        } else if sofar.received.is_empty() {
            Vec::new()
        } else {
            let data = std::mem::take(&mut sofar.received);
            vec![Fact::Len(data.len() as u64), Fact::Data(data)]
        };
        Answer::new(End::Error(errno), facts)
    }

    /// Makes the operation's next call.
    pub fn attempt(&mut self, tools: &mut Tools) -> Result<Attempt, CannotLook> {
        let op = Arc::clone(&self.op);
        self.make(&op, tools)
    }

    /// The arms: the library's where one makes the socket's calls, else the harness's own.
    pub fn make(&mut self, op: &Op, tools: &mut Tools) -> Result<Attempt, CannotLook> {
        if let Some(attempt) = via::attempt(op, self, tools) {
            return attempt;
        }
        match op {
            Op::Open(op) => io::open(op, self, tools),
            Op::Pair(op) => io::pair(op),
            Op::SocketOf(op) => io::socket_of(op),
            Op::Bind(_) => Ok(Attempt::of(self.open_socket()?.bind(self.target()?))),
            Op::Listen(op) => io::listen(op, self),
            Op::Connect(_) => io::connect(self),
            Op::Accept(op) => io::accept(op, self),
            Op::Send(op) => io::send(op, self),
            Op::SendAll(op) => io::send_all(op, self),
            Op::FillQueue(op) => io::fill(op, self),
            Op::SendTo(op) => io::send_to(op, self),
            Op::SendMsg(op) => messages::send_msg(op, self),
            Op::Recv(op) => io::recv(op.max, op.flags.as_ref(), 0, self),
            Op::RecvExactly(op) => io::recv_exactly(op, self),
            Op::RecvToEof(op) => io::recv_to_eof(op, self),
            Op::Peek(op) => io::peek(op, self),
            Op::RecvFrom(op) => messages::recv_from(op, self),
            Op::RecvMsg(op) => messages::recv_msg(op, self),
            Op::SendFrames(op) => messages::send_frames(op, self),
            Op::RecvFrames(op) => messages::recv_frames(op, self),
            Op::Shutdown(op) => io::shutdown(op, self),
            Op::Close(_) => io::close(self),
            Op::Dup(op) => io::dup(op, self),
            Op::Fork(_) => io::fork(self),
            Op::Nonblocking(op) => io::nonblocking(op, self),
            Op::Unlink(_) => io::unlink(self),
            Op::LocalAddr(op) => queries::local_addr(op, self),
            Op::PeerAddr(op) => queries::peer_addr(op, self),
            Op::Get(op) => queries::get(op, self),
            Op::FdFlags(_) => queries::fd_flags(self),
            Op::Set(op) => queries::set(op, self),
            Op::PendingError(_) => queries::pending_error(self),
            Op::Available(_) => queries::available(self),
            Op::Unsent(_) => queries::unsent(self),
            Op::AtMark(_) => queries::at_mark(self),
            Op::Poll(op) => conditions::poll(op, self),
            Op::Select(op) => conditions::select(op, self),
            Op::EpollCreate(_) => epoll::create(),
            Op::EpollCtl(op) => epoll::control(op, self),
            Op::EpollWait(op) => epoll::wait(op, self),
            Op::State(op) => conditions::state(op, self, &mut tools.table),
            Op::Wait(op) => conditions::wait(op, self, &mut tools.table),
            Op::StartProgram(op) => programs::start(op, self),
            Op::StopProgram(_) => programs::stop(self),
            Op::ProgramStatus(_) => programs::status(self),
            Op::ProgramExit(_) => programs::exit(self),
            Op::ProgramOutput(op) => programs::output(op, self),
            Op::Join(_) | Op::Interrupt(_) | Op::Pause(_) => {
                Err(CannotLook("the conductor does this".to_owned()))
            }
        }
    }
}

/// The bits of message flags.
pub fn message_bits(flags: Option<&crate::op::MessageFlags>) -> Result<i32, CannotLook> {
    let names = flags.map(|flags| flags.0.as_slice()).unwrap_or_default();
    names.iter().try_fold(0, |bits, name| {
        let bit = sys::message_flag(name)
            .ok_or_else(|| CannotLook(format!("{name} does not exist here")))?;
        Ok(bits | bit)
    })
}
