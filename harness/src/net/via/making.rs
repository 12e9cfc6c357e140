//! How a layer's socket comes into being: by one call of the library's, or out of a raw descriptor.

use std::io;
use std::sync::Arc;
use std::task::Poll;

use super::socket2::Socket2;
use super::std::Std;
use super::tokio::Tokio;
use super::{Layered, Maker, New, arms};
use crate::errno::Errno;
use crate::kind::{Family, Kind};
use crate::net::job::{Answer, Attempt, Interest, Job, Tools};
use crate::net::{Opened, io as raw};
use crate::op::{Accept, Op, Open, Pair};
use crate::run::CannotLook;
use crate::sys::{STD_HAS_UNIX, SYSTEM, Socket, where_std_has_unix};
use crate::via::Via;

/// Why no layer can make it here, known before anything runs.
pub fn lacks(op: &Op) -> Option<String> {
    let (via, kind) = match op {
        Op::Open(open) => (open.via, open.kind),
        Op::Pair(pair) => (pair.via, pair.kind.unwrap_or(Kind::UnixStream)),
        _ => return None,
    };
    let via = via.filter(|via| via.makes_whole())?;
    let lacks = kind.family() == Family::Unix && !STD_HAS_UNIX;
    lacks.then(|| format!("{via} has no Unix sockets on {}", SYSTEM.name()))
}

/// Whether the call may block where the harness has no deadline for it. One that has no descriptor
/// yet cannot be called back: it ends when the system ends it.
pub fn makes_on_thread(op: &Op) -> bool {
    let Op::Open(open) = op else { return false };
    let via = open.via.unwrap_or_default();
    let blocks = via == Via::Std || open.timeout.is_some() || open.blocking == Some(true);
    open.connect.is_some() && blocks && via != Via::Tokio
}

/// Whether a call of the library's makes the socket whole.
pub fn makes(open: &Open) -> bool {
    open.via.is_some_and(Via::makes_whole) || open.timeout.is_some()
}

fn maker(via: Via, family: Family, tools: &mut Tools) -> Result<Box<dyn Maker>, CannotLook> {
    Ok(match (via, family) {
        (Via::Socket2, _) => Box::new(Socket2),
        (Via::Std, Family::Inet4 | Family::Inet6) => Box::new(Std),
        (Via::Tokio, Family::Inet4 | Family::Inet6) => Box::new(tokio(tools)?),
        (Via::Std | Via::Tokio, Family::Unix) => unix(via, tools)?,
        (Via::Raw, _) => return Err(CannotLook("no layer makes raw sockets".to_owned())),
    })
}

fn tokio(tools: &mut Tools) -> Result<Tokio, CannotLook> {
    let runtime = super::tokio::runtime(&mut tools.runtime);
    runtime.map(Tokio).map_err(|error| CannotLook(format!("no runtime for tokio: {error}")))
}

where_std_has_unix! {
    {
        fn unix(via: Via, tools: &mut Tools) -> Result<Box<dyn Maker>, CannotLook> {
            if via == Via::Std {
                return Ok(Box::new(super::unix::UnixStd));
            }
            Ok(Box::new(super::unix::UnixTokio(tokio(tools)?)))
        }
    } else {
        fn unix(via: Via, _tools: &mut Tools) -> Result<Box<dyn Maker>, CannotLook> {
            Err(CannotLook(format!("{via} has no Unix sockets on {}", SYSTEM.name())))
        }
    }
}

/// What a library made, as the harness keeps it: non-blocking unless the file says otherwise, and
/// left as it was made where it does.
pub fn opened(new: New, (via, kind): (Via, Kind), blocking: bool) -> io::Result<Opened> {
    let New { calls, watch } = new;
    let watch = Arc::new(watch);
    let layer = Layered { via, watch: Arc::clone(&watch), calls };
    if !blocking {
        layer.calls.set_nonblocking(true)?;
    }
    Ok(Opened {
        socket: watch,
        layer: Some(Arc::new(layer)),
        kind: Some(kind),
        blocking,
        remote: None,
    })
}

fn told(result: io::Result<Vec<Opened>>) -> Result<Attempt, CannotLook> {
    Ok(match result {
        Ok(opened) => raw::opened(opened),
        Err(error) => Attempt::error(arms::errno(&error)?),
    })
}

/// `open` where one call of the library's makes the whole socket.
pub fn open(op: &Open, job: &mut Job, tools: &mut Tools) -> Result<Attempt, CannotLook> {
    let via = op.via.unwrap_or_default();
    let mut maker = maker(via, op.kind.family(), tools)?;
    let made = match (&op.listen, &op.bind, &op.connect) {
        (Some(_), ..) => Poll::Ready(maker.listen(job.target()?)),
        (_, Some(_), _) => Poll::Ready(maker.bind(job.target()?)),
        (.., Some(_)) => {
            let to = *job.target()?;
            maker.connect(&to, op.timeout, &mut job.sofar.making)
        }
        (None, None, None) => Poll::Ready(maker.open(op.kind)),
    };
    // No event tells of a connection whose descriptor is the library's alone.
    let Poll::Ready(made) = made else { return Ok(Attempt::NotYet(Interest::tick(), None)) };
    let remote = op.connect.as_ref().and(job.to);
    let blocking = op.blocking.unwrap_or(false);
    told(
        made.and_then(|new| opened(new, (via, op.kind), blocking))
            .map(|one| vec![Opened { remote, ..one }]),
    )
}

/// A socket alone, by a layer that has such a call.
pub fn bare(op: &Open, tools: &mut Tools) -> Result<Result<Opened, Errno>, CannotLook> {
    let (via, blocking) = (op.via.unwrap_or_default(), op.blocking.unwrap_or(false));
    if via == Via::Raw {
        return Ok(
            Socket::open(op.kind, blocking).map(|socket| Opened::raw(socket, op.kind, blocking))
        );
    }
    let new = maker(via, op.kind.family(), tools)?.open(op.kind);
    match new.and_then(|new| opened(new, (via, op.kind), blocking)) {
        Ok(opened) => Ok(Ok(opened)),
        Err(error) => arms::errno(&error).map(Err),
    }
}

/// `pair` by the library's own call.
pub fn pair(op: &Pair, via: Via, tools: &mut Tools) -> Result<Attempt, CannotLook> {
    let (kind, blocking) = (op.kind.unwrap_or(Kind::UnixStream), op.blocking.unwrap_or(false));
    let made = maker(via, kind.family(), tools)?.pair(kind);
    let ours = |new| opened(new, (via, kind), blocking);
    told(made.and_then(|(one, two)| Ok(vec![ours(one)?, ours(two)?])))
}

/// A raw listener's connection, handed to a library.
pub fn adopt(
    op: &Accept,
    via: Via,
    job: &mut Job,
    tools: &mut Tools,
) -> Result<Attempt, CannotLook> {
    let blocking = op.blocking.unwrap_or(false);
    let (socket, from) = match job.open_socket()?.accept(blocking) {
        Ok(accepted) => accepted,
        Err(errno) => return Ok(Attempt::unless_ready(errno, Interest::readable())),
    };
    let new = maker(via, job.kind.family(), tools)?.adopt(socket.into_owned());
    Ok(match new.and_then(|new| opened(new, (via, job.kind), blocking)) {
        Ok(one) => Attempt::Done(Answer {
            from: Some(from),
            opened: vec![Opened { remote: Some(from), ..one }],
            ..Answer::ok(Vec::new())
        }),
        Err(error) => Attempt::error(arms::errno(&error)?),
    })
}
