//! Events to wait for: readiness, the connection table, the queues.

use std::time::Duration;

use super::job::{Attempt, Interest, Job};
use super::peers::PeerProgress;
use crate::errno::Errno;
use crate::flags;
use crate::op::{Poll, Select, State, Wait};
use crate::outcome::Fact;
use crate::run::CannotLook;
use crate::sys::{
    self, CLOSED_ASKED, CLOSED_SIGNS, CLOSED_WAKES, ConnectionTable, POLLIN, POLLOUT, PollFd,
};
use crate::tcp_state::TcpState;

fn cannot(what: &str, errno: Errno) -> CannotLook {
    CannotLook(format!("{what}: {}", errno.name()))
}

/// How long poll and select themselves wait on a thread of their own: longer than any step, and not
/// for ever, should there be no way to interrupt them.
const ASLEEP: Duration = Duration::from_secs(60);

/// How long poll or select waits: not at all, but where a program that blocks would call it.
fn limit(job: &Job) -> Duration {
    if job.blocking { ASLEEP } else { Duration::ZERO }
}

/// What poll answers.
fn poll_once(events: i16, limit: Duration, job: &Job) -> Result<Result<i16, Errno>, CannotLook> {
    let mut polled = [PollFd::new(job.open_socket()?.raw(), events)];
    let answer = sys::poll(&mut polled, Some(limit));
    Ok(answer.map(|_| polled[0].revents))
}

/// What poll reports now.
fn polled(events: i16, job: &Job) -> Result<i16, CannotLook> {
    poll_once(events, Duration::ZERO, job)?.map_err(|errno| cannot("poll", errno))
}

fn event(name: &str) -> Result<i16, CannotLook> {
    sys::event(name).ok_or_else(|| CannotLook(format!("{name} does not exist on this system")))
}

pub fn poll(op: &Poll, job: &Job) -> Result<Attempt, CannotLook> {
    let events = op.events.0.iter().try_fold(0, |bits, name| Ok(bits | event(name)?))?;
    let reported = match poll_once(events, limit(job), job)? {
        Ok(reported) => reported,
        Err(errno) => return Ok(Attempt::error(errno)),
    };
    if reported != 0 {
        return Ok(Attempt::ok(vec![Fact::Events(sys::event_names(reported))]));
    }
    // A socket without events is asked for all the same: errors and hang-ups come unasked.
    Ok(Attempt::NotYet(Interest { events, tick: Interest::tick().tick }, Some(Errno::EAGAIN)))
}

pub fn select(op: &Select, job: &Job) -> Result<Attempt, CannotLook> {
    let asked = flags::SETS.map(|set| op.sets.0.contains(&set));
    let left = match sys::select(job.open_socket()?.raw(), asked, limit(job)) {
        Ok(left) => left,
        Err(errno) => return Ok(Attempt::error(errno)),
    };
    let names: Vec<_> =
        flags::SETS.into_iter().zip(left).filter_map(|(set, is_in)| is_in.then_some(set)).collect();
    if names.is_empty() {
        return Ok(Attempt::NotYet(Interest::tick(), Some(Errno::EAGAIN)));
    }
    Ok(Attempt::ok(vec![Fact::Sets(names)]))
}

/// The connection's state in the system's own table, by the addresses it has or had.
///
/// The peer's end is the same pair seen from the other side: it has a state before anybody accepts.
fn look_up(
    peer: bool,
    job: &Job,
    table: &mut Option<ConnectionTable>,
) -> Result<Option<TcpState>, CannotLook> {
    if !job.kind.is_tcp() {
        return Err(CannotLook(format!("{} has no connection states", job.kind)));
    }
    let table = match table {
        Some(table) => table,
        None => table.insert(ConnectionTable::open().map_err(CannotLook)?),
    };
    let (local, remote) = match (&job.local, &job.remote) {
        (Some(local), Some(remote)) if peer => (remote, Some(local)),
        (Some(local), remote) if !peer => (local, remote.as_ref()),
        _ => return Ok(None),
    };
    table.state(job.kind, local, remote).map_err(CannotLook)
}

pub fn state(
    op: &State,
    job: &Job,
    table: &mut Option<ConnectionTable>,
) -> Result<Attempt, CannotLook> {
    look_up(op.peer == Some(true), job, table).map(|state| Attempt::ok(vec![Fact::State(state)]))
}

/// All conditions of a `wait`, each either met or naming what to wait for.
pub fn wait(
    op: &Wait,
    job: &Job,
    table: &mut Option<ConnectionTable>,
) -> Result<Attempt, CannotLook> {
    let unmet = [
        op.readable.map(|size| readable(size.0, job)),
        op.writable.map(|wanted| reports("POLLOUT", POLLOUT, wanted, job)),
        op.peer_closed.map(|wanted| peer_closed(wanted, job)),
        op.error.map(|wanted| reports("POLLERR", 0, wanted, job)),
        op.state.map(|wanted| in_state(wanted.0, op.peer == Some(true), job, table)),
        op.drained.map(|wanted| drained(wanted, job)),
        op.queued.map(|size| queued(size.0, job)),
        op.received.map(|size| of_peer(|peer| peer.received() >= size.0 as u64, job)),
        op.finished.map(|wanted| of_peer(|peer| peer.is_over() == wanted, job)),
    ];
    for condition in unmet.into_iter().flatten() {
        if let Some(interest) = condition? {
            return Ok(Attempt::NotYet(interest, Some(Errno::EAGAIN)));
        }
    }
    Ok(Attempt::ok(Vec::new()))
}

type Condition = Result<Option<Interest>, CannotLook>;

fn unless(met: bool, interest: Interest) -> Option<Interest> {
    (!met).then_some(interest)
}

/// Where some bytes are there and more are wanted, poll would return at once, for ever.
fn readable(wanted: usize, job: &Job) -> Condition {
    let available = job.open_socket()?.available().map_err(|errno| cannot("FIONREAD", errno))?;
    let interest = if available == 0 && wanted > 0 && polled(POLLIN, job)? == 0 {
        Interest::readable()
    } else {
        Interest::tick()
    };
    Ok(unless(available >= wanted, interest))
}

fn reports(name: &str, events: i16, wanted: bool, job: &Job) -> Condition {
    let met = polled(events, job)? & event(name)? != 0;
    let interest =
        if wanted { Interest { events, tick: Interest::tick().tick } } else { Interest::tick() };
    Ok(unless(met == wanted, interest))
}

fn peer_closed(wanted: bool, job: &Job) -> Condition {
    let met = polled(CLOSED_ASKED, job)? & CLOSED_SIGNS != 0;
    // Without an event to ask for, nothing would wake the wait.
    let waits = wanted && CLOSED_WAKES;
    Ok(unless(
        met == wanted,
        if waits { Interest { events: CLOSED_ASKED, tick: None } } else { Interest::tick() },
    ))
}

/// The table has no event: it is looked at again and again.
fn in_state(
    wanted: Option<TcpState>,
    peer: bool,
    job: &Job,
    table: &mut Option<ConnectionTable>,
) -> Condition {
    Ok(unless(look_up(peer, job, table)? == wanted, Interest::tick()))
}

/// Whoever conducts the run looks again after each move of a peer: there is nothing to poll.
fn of_peer(met: impl Fn(&PeerProgress) -> bool, job: &Job) -> Condition {
    let peer = job.peer.as_deref().ok_or_else(|| CannotLook("this is no peer".to_owned()))?;
    Ok(unless(met(peer), Interest::default()))
}

fn drained(wanted: bool, job: &Job) -> Condition {
    let unsent = job.open_socket()?.unsent().map_err(|errno| cannot("SIOCOUTQ", errno))?;
    Ok(unless((unsent == 0) == wanted, Interest::tick()))
}

/// Whether one waits at all, readiness tells where the system does not count.
fn queued(wanted: usize, job: &Job) -> Condition {
    let queued = match sys::has_queued(job.open_socket()?, wanted) {
        Err(Errno::EOPNOTSUPP) if wanted <= 1 => wanted == 0 || polled(POLLIN, job)? & POLLIN != 0,
        queued => queued.map_err(|errno| cannot("the listener's queue", errno))?,
    };
    Ok(unless(queued, Interest::tick()))
}
