//! The operations on a layer's socket: an arm each, one call of the library's each.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::{Asked, Layered, Unsaid, making};
use crate::errno::Errno;
use crate::net::job::{Answer, Attempt, Interest, Job, Tools, message_bits};
use crate::net::{Opened, io as raw};
use crate::op::{
    Accept, How, Listen, Op, Peek, Recv, RecvExactly, RecvFrom, RecvMsg, Send, SendAll, SendMsg,
    SendTo, Set,
};
use crate::option::Value;
use crate::outcome::{End, Fact};
use crate::payload::Payload;
use crate::run::CannotLook;
use crate::sys::{self, PollFd, SYSTEM};
use crate::via::{Via, asks_the_system};

type Attempted = Result<Attempt, CannotLook>;

/// The operation, where a library makes its call; `None` where the harness makes it.
pub fn attempt(op: &Op, job: &mut Job, tools: &mut Tools) -> Option<Attempted> {
    let layered = |via: Option<Via>| via.filter(|via| *via != Via::Raw);
    match op {
        Op::Open(open) => making::makes(open).then(|| making::open(open, job, tools)),
        Op::Pair(pair) => layered(pair.via).map(|via| making::pair(pair, via, tools)),
        Op::Accept(accept) if job.layer.is_none() => {
            layered(accept.via).map(|via| making::adopt(accept, via, job, tools))
        }
        op if asks_the_system(op) => None,
        op => {
            let layer = Arc::clone(job.layer.as_ref()?);
            Some(call(op, job, &layer))
        }
    }
}

fn call(op: &Op, job: &mut Job, layer: &Layered) -> Attempted {
    let calls = &layer.calls;
    match op {
        Op::Bind(_) => done(calls.bind(job.target()?), nothing),
        Op::Listen(op) => listen(op, layer),
        Op::Connect(_) => connect(job, layer),
        Op::Accept(op) => accept(op, job, layer),
        Op::Send(op) => send(op, job, layer),
        Op::SendAll(op) => send_all(op, job, layer),
        Op::SendTo(op) => send_to(op, job, layer),
        Op::SendMsg(op) => send_msg(op, job, layer),
        Op::Recv(op) => recv(op, job, layer),
        Op::RecvExactly(op) => recv_exactly(op, job, layer),
        Op::RecvToEof(_) => recv_to_eof(job, layer),
        Op::Peek(op) => peek(op, job, layer),
        Op::RecvFrom(op) => recv_from(op, job, layer),
        Op::RecvMsg(op) => recv_msg(op, job, layer),
        Op::Shutdown(op) => shutdown(op.how, job, layer),
        Op::Close(_) => Ok(close(job)),
        Op::Dup(_) => dup(job, layer),
        Op::Nonblocking(op) => done(calls.set_nonblocking(op.on), nothing),
        Op::LocalAddr(_) => named(calls.local_addr()),
        Op::PeerAddr(_) => named(calls.peer_addr()),
        Op::Set(op) => set(op, layer),
        Op::PendingError(_) => pending_error(layer),
        Op::Open(_)
        | Op::Pair(_)
        | Op::SocketOf(_)
        | Op::EpollCreate(_)
        | Op::EpollCtl(_)
        | Op::EpollWait(_)
        | Op::Fork(_)
        | Op::Interrupt(_)
        | Op::ProgramExit(_)
        | Op::ProgramOutput(_)
        | Op::FillQueue(_)
        | Op::SendFrames(_)
        | Op::RecvFrames(_)
        | Op::Unlink(_)
        | Op::Get(_)
        | Op::FdFlags(_)
        | Op::Available(_)
        | Op::Unsent(_)
        | Op::AtMark(_)
        | Op::Poll(_)
        | Op::Select(_)
        | Op::State(_)
        | Op::Wait(_)
        | Op::StartProgram(_)
        | Op::StopProgram(_)
        | Op::ProgramStatus(_)
        | Op::Join(_)
        | Op::Pause(_) => Err(CannotLook(Unsaid.to_string())),
    }
}

/// The system's number under its name, or else the kind under which a library made the error up.
pub fn errno(error: &io::Error) -> Result<Errno, CannotLook> {
    if error.get_ref().is_some_and(<dyn std::error::Error + std::marker::Send + Sync>::is::<Unsaid>)
    {
        return Err(CannotLook(error.to_string()));
    }
    if let Some(number) = error.raw_os_error() {
        return Ok(Errno::from_number(SYSTEM, number));
    }
    let kind = format!("{:?}", error.kind());
    Errno::from_name(&kind)
        .or_else(|| Errno::from_name("Other"))
        .ok_or_else(|| CannotLook(format!("an error without a name: {error}")))
}

/// The answer of a call that does not wait.
fn done<T>(result: io::Result<T>, tell: impl FnOnce(T) -> Answer) -> Attempted {
    Ok(match result {
        Ok(value) => Attempt::Done(tell(value)),
        Err(error) => Attempt::error(errno(&error)?),
    })
}

/// The answer of one call, or what to wait for before it is made again.
fn answer<T>(
    asked: Asked<T>,
    interest: Interest,
    job: &mut Job,
    tell: impl FnOnce(T) -> Answer,
) -> Attempted {
    match asked {
        Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
            Ok(Attempt::NotYet(interest, Some(errno(&error)?)))
        }
        asked => at_last(asked, interest, job, tell),
    }
}

/// The same where a second call would not be the first made again: that the socket is not ready is
/// the answer then.
fn at_last<T>(
    asked: Asked<T>,
    interest: Interest,
    job: &mut Job,
    tell: impl FnOnce(T) -> Answer,
) -> Attempted {
    match asked {
        Poll::Ready(result) => done(result, tell),
        Poll::Pending => {
            // The system reports an event and the library has not seen it: no second one comes.
            let seen = std::mem::replace(&mut job.sofar.begun, true);
            Ok(Attempt::NotYet(if seen { Interest::tick() } else { interest }, None))
        }
    }
}

fn nothing((): ()) -> Answer {
    Answer::ok(Vec::new())
}

fn sent(len: usize) -> Answer {
    Answer::ok(vec![Fact::Len(len as u64)])
}

fn told(data: Vec<u8>) -> Vec<Fact> {
    vec![Fact::Len(data.len() as u64), Fact::Data(data)]
}

fn named(result: io::Result<sys::Address>) -> Attempted {
    done(result.map(Some), |address| Answer { address, ..Answer::ok(Vec::new()) })
}

fn listen(op: &Listen, layer: &Layered) -> Attempted {
    let backlog = op.backlog.map_or(raw::DEFAULT_BACKLOG, |backlog| backlog.0);
    done(layer.calls.listen(backlog), nothing)
}

fn send(op: &Send, job: &mut Job, layer: &Layered) -> Attempted {
    let flags = message_bits(op.flags.as_ref())?;
    answer(layer.calls.send(&op.data.bytes(), flags), raw::send_interest(job), job, sent)
}

fn send_all(op: &SendAll, job: &mut Job, layer: &Layered) -> Attempted {
    let asked = layer.calls.send_all(&op.data.bytes(), &mut job.sofar.later);
    at_last(asked, raw::send_interest(job), job, |()| sent(op.data.len()))
}

fn send_to(op: &SendTo, job: &mut Job, layer: &Layered) -> Attempted {
    let flags = message_bits(op.flags.as_ref())?;
    let asked = layer.calls.send_to(&op.data.bytes(), job.target()?, flags);
    answer(asked, raw::send_interest(job), job, sent)
}

fn recv(op: &Recv, job: &mut Job, layer: &Layered) -> Attempted {
    let mut buffer = vec![0; op.max.0];
    let asked = layer.calls.recv(&mut buffer, message_bits(op.flags.as_ref())?);
    received(asked, buffer, job)
}

fn recv_exactly(op: &RecvExactly, job: &mut Job, layer: &Layered) -> Attempted {
    let asked = layer.calls.recv_exactly(op.len.0, &mut job.sofar.later);
    at_last(asked, Interest::readable(), job, |data| Answer::ok(told(data)))
}

fn peek(op: &Peek, job: &mut Job, layer: &Layered) -> Attempted {
    let mut buffer = vec![0; op.max.0];
    let asked = layer.calls.peek(&mut buffer);
    received(asked, buffer, job)
}

/// The last owner closes; a call that is still under way is one of them.
fn close(job: &mut Job) -> Attempt {
    drop(job.layer.take());
    Attempt::ok(Vec::new())
}

/// `len` bytes of `buffer`: 0 of a stream are its end.
fn received(asked: Asked<usize>, mut buffer: Vec<u8>, job: &mut Job) -> Attempted {
    let size = buffer.len();
    let ended = raw::end_of(0, size, job);
    answer(asked, Interest::readable(), job, |len| {
        if len == 0 && ended == End::Eof {
            return Answer::new(End::Eof, Vec::new());
        }
        buffer.truncate(len);
        Answer::ok(told(buffer))
    })
}

/// What came before stays with the caller, so that the call may be made again.
fn recv_to_eof(job: &mut Job, layer: &Layered) -> Attempted {
    let asked = layer.calls.recv_to_eof(&mut job.sofar.received, &mut job.sofar.later);
    let failed =
        matches!(&asked, Poll::Ready(Err(error)) if error.kind() != io::ErrorKind::WouldBlock);
    let data = match asked {
        Poll::Ready(_) if failed || matches!(asked, Poll::Ready(Ok(()))) => {
            std::mem::take(&mut job.sofar.received)
        }
        _ => Vec::new(),
    };
    let facts = if data.is_empty() { Vec::new() } else { told(data) };
    match asked {
        Poll::Ready(Err(error)) if failed => {
            Ok(Attempt::Done(Answer::new(End::Error(errno(&error)?), facts)))
        }
        asked => answer(asked, Interest::readable(), job, |()| Answer::new(End::Eof, facts)),
    }
}

fn accept(op: &Accept, job: &mut Job, layer: &Layered) -> Attempted {
    let (of, blocking) = ((layer.via, job.kind), op.blocking.unwrap_or(false));
    let opened = layer.calls.accept().map(|accepted| {
        let (new, from) = accepted?;
        making::opened(new, of, blocking).map(|one| (Opened { remote: Some(from), ..one }, from))
    });
    answer(opened, Interest::readable(), job, |(one, from)| Answer {
        from: Some(from),
        opened: vec![one],
        ..Answer::ok(Vec::new())
    })
}

/// As with the raw call: begun once, and `take_error` tells how it ended once the socket is
/// writable.
fn connect(job: &mut Job, layer: &Layered) -> Attempted {
    let waits = Attempt::NotYet(Interest::writable(), Some(sys::CONNECTING));
    if std::mem::replace(&mut job.sofar.begun, true) {
        let mut polled = [PollFd::new(layer.watch.raw(), sys::POLLOUT)];
        if sys::poll(&mut polled, Some(Duration::ZERO)) == Ok(0) {
            return Ok(waits);
        }
        let error = layer.calls.take_error().and_then(|error| error.map_or(Ok(()), Err));
        return done(error, nothing);
    }
    match layer.calls.connect(job.target()?) {
        Poll::Ready(Err(error)) if errno(&error)? == sys::CONNECTING => Ok(waits),
        asked => at_last(asked, Interest::writable(), job, nothing),
    }
}

fn shutdown(how: How, job: &mut Job, layer: &Layered) -> Attempted {
    let how = match how {
        How::Read => Shutdown::Read,
        How::Write => Shutdown::Write,
        How::Both => Shutdown::Both,
        How::Number(_) => return Err(CannotLook(Unsaid.to_string())),
    };
    let asked = layer.calls.shutdown(how);
    at_last(asked, raw::send_interest(job), job, nothing)
}

fn dup(job: &Job, layer: &Layered) -> Attempted {
    let new = layer.calls.duplicate();
    let new = new.and_then(|new| making::opened(new, (layer.via, job.kind), job.blocking));
    done(new, |one| Answer {
        opened: vec![Opened { remote: job.remote, ..one }],
        ..Answer::ok(Vec::new())
    })
}

fn recv_from(op: &RecvFrom, job: &mut Job, layer: &Layered) -> Attempted {
    let mut buffer = vec![0; op.max.0];
    let asked = layer.calls.recv_from(&mut buffer, message_bits(op.flags.as_ref())?);
    answer(asked, Interest::readable(), job, |(len, from)| {
        buffer.truncate(len);
        Answer { from, ..Answer::ok(told(buffer)) }
    })
}

fn send_msg(op: &SendMsg, job: &mut Job, layer: &Layered) -> Attempted {
    let buffers: Vec<Vec<u8>> = op.parts.0.iter().map(Payload::bytes).collect();
    let parts: Vec<IoSlice<'_>> = buffers.iter().map(|buffer| IoSlice::new(buffer)).collect();
    let flags = message_bits(op.flags.as_ref())?;
    let asked = layer.calls.send_msg(&parts, job.to.as_ref(), flags);
    answer(asked, raw::send_interest(job), job, sent)
}

fn recv_msg(op: &RecvMsg, job: &mut Job, layer: &Layered) -> Attempted {
    let mut buffers: Vec<Vec<u8>> = op.parts.0.iter().map(|size| vec![0; *size]).collect();
    let asked = layer.calls.recv_msg(&mut buffers, message_bits(op.flags.as_ref())?);
    let mut data = buffers.concat();
    let ended = raw::end_of(0, data.len(), job);
    answer(asked, Interest::readable(), job, |(len, truncated, from)| {
        if len == 0 && ended == End::Eof {
            return Answer::new(End::Eof, Vec::new());
        }
        data.truncate(len);
        let facts = told(data).into_iter().chain([Fact::Truncated(truncated)]).collect();
        Answer { from, ..Answer::ok(facts) }
    })
}

fn set(op: &Set, layer: &Layered) -> Attempted {
    for (option, value) in &op.settings.0 {
        if let Err(error) = layer.calls.set(&option.name(), value) {
            return Ok(Attempt::error(errno(&error)?));
        }
    }
    Ok(Attempt::ok(Vec::new()))
}

fn pending_error(layer: &Layered) -> Attempted {
    let name = match layer.calls.take_error() {
        Ok(None) => "none".into(),
        Ok(Some(error)) => errno(&error)?.name(),
        Err(error) => return Ok(Attempt::error(errno(&error)?)),
    };
    Ok(Attempt::ok(vec![Fact::Value(Value::Text(name.into_owned()))]))
}
