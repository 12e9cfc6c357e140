//! epoll: instances, what they watch, what they tell.

use super::Opened;
use super::job::{Answer, Attempt, Interest, Job};
use super::names::Names;
use crate::errno::Errno;
use crate::op::{EpollAction, EpollCtl, EpollWait};
use crate::run::CannotLook;
use crate::sys;

fn none_here(errno: Errno) -> CannotLook {
    CannotLook(format!("no epoll: {}", errno.name()))
}

pub fn create() -> Result<Attempt, CannotLook> {
    let socket = sys::epoll_create().map_err(none_here)?;
    let new = Opened::raw(socket, None, false);
    Ok(Attempt::Done(Answer { opened: vec![new], ..Answer::ok(Vec::new()) }))
}

/// A socket is added under the number of its name, by which `epoll_wait` tells of it.
pub fn control(op: &EpollCtl, job: &Job) -> Result<Attempt, CannotLook> {
    let watched =
        job.passed.first().ok_or_else(|| CannotLook("the socket is not open".to_owned()))?;
    let action = match op.op {
        EpollAction::Add => sys::EPOLL_ADD,
        EpollAction::Modify => sys::EPOLL_MODIFY,
        EpollAction::Delete => sys::EPOLL_DELETE,
    };
    let names = op.events.as_ref().map(|events| events.0.as_slice()).unwrap_or_default();
    let number = u64::from(op.fd.0.id.0);
    let raw = watched.raw();
    Ok(Attempt::of(sys::epoll_control(job.open_socket()?, action, raw, names, number)))
}

pub fn wait(op: &EpollWait, job: &Job) -> Result<Attempt, CannotLook> {
    Ok(match sys::epoll_wait(job.open_socket()?, op.maxevents.0) {
        Ok(ready) if ready.is_empty() => Attempt::NotYet(Interest::readable(), Some(Errno::EAGAIN)),
        Ok(ready) => Attempt::Done(Answer { ready: Some(ready), ..Answer::ok(Vec::new()) }),
        Err(errno) => Attempt::error(errno),
    })
}

/// What is ready, by name.
pub fn named(ready: &[(u64, Vec<&'static str>)], names: &Names) -> Vec<String> {
    let show = |(number, events): &(u64, Vec<&'static str>)| {
        format!("{} {}", names.text(*number), events.join("|"))
    };
    ready.iter().map(show).collect()
}
