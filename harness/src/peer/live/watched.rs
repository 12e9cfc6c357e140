//! A peer among thousands: its sockets stand in the [`Readiness`] of its thread, each under a post.
//!
//! What is waited for is kept as wide as it was until something comes that nobody wants, so that a
//! socket that is read over and over costs no call but the reads.

use std::time::Duration;

use super::{Live, Stage};
use crate::errno::Errno;
use crate::peer::event::{Call, Event, Sink};
use crate::peer::link::Link;
use crate::sys::{self, Readiness, Ready, Socket};

/// What a socket is waited for with: where, and the key of a peer's first post.
#[derive(Clone, Copy)]
pub(in crate::peer) struct Watcher<'r> {
    pub(in crate::peer) readiness: &'r Readiness,
    pub(in crate::peer) base: usize,
}

impl Watcher<'_> {
    /// Waits for at least what is wanted.
    fn widen(
        self,
        socket: &Socket,
        post: usize,
        watched: &mut Option<i16>,
        wanted: i16,
    ) -> Result<(), Errno> {
        match *watched {
            None if wanted == 0 => return Ok(()),
            None => self.readiness.add(socket, self.base + post, wanted)?,
            Some(has) if has & wanted == wanted => return Ok(()),
            Some(_) => self.readiness.change(socket, self.base + post, wanted)?,
        }
        *watched = Some(wanted);
        Ok(())
    }

    /// Waits for no more than what is wanted. Errors come unasked, so nothing is left out.
    fn narrow(self, socket: &Socket, post: usize, watched: &mut Option<i16>, wanted: i16) {
        let changed =
            wanted != 0 && self.readiness.change(socket, self.base + post, wanted).is_ok();
        *watched = changed.then_some(wanted);
        if !changed {
            self.readiness.remove(socket);
        }
    }
}

impl Live {
    /// A thread has taken it: its times begin, and it tells what to wait for.
    pub(in crate::peer) fn adopt(&mut self) {
        self.halted = Some(Vec::with_capacity(1));
        self.links.iter_mut().for_each(Link::begin);
    }

    /// The post of a connection. A listener has one too; what connects shares it with its connection.
    fn post(&self, number: usize) -> usize {
        number + usize::from(self.listens())
    }

    /// Waits for whatever has come to a halt.
    pub(in crate::peer) fn settle(&mut self, with: Watcher<'_>, sink: &mut dyn Sink) {
        let wanted = self.own_wants();
        if wanted != 0
            && let Err(errno) = with.widen(&self.socket, 0, &mut self.watched, wanted)
        {
            self.stage = Stage::Failed;
            let call = if self.listens() { Call::Accept } else { Call::Connect };
            sink.see(0, Duration::ZERO, Event::Failed(call, errno));
        }
        let Some(mut halted) = self.halted.take() else { return };
        for number in halted.drain(..) {
            let post = self.post(number);
            let link = &mut self.links[number];
            let (wanted, mut watched) = (link.wants(), link.watched);
            match with.widen(link.socket(), post, &mut watched, wanted) {
                Ok(()) => link.watched = watched,
                Err(errno) => {
                    link.cannot_wait(number, errno, sink);
                    self.queue(number);
                }
            }
        }
        self.halted = Some(halted);
    }

    /// Takes an event of the post. Whether it may be able to move.
    pub(in crate::peer) fn happened(
        &mut self,
        post: usize,
        ready: Ready,
        with: Watcher<'_>,
    ) -> bool {
        let own = self.listens() || matches!(self.stage, Stage::Connecting { .. });
        if own && post == 0 {
            if self.own_wants() == 0 && self.blocked {
                with.narrow(&self.socket, 0, &mut self.watched, 0);
            }
            return std::mem::replace(&mut self.blocked, false);
        }
        let number = post - usize::from(self.listens());
        // It may be an old event of who had the place before.
        let Some(link) = self.links.get_mut(number).filter(|link| !link.queued) else {
            return false;
        };
        let [readable, writable] = [(ready.readable, sys::POLLIN), (ready.writable, sys::POLLOUT)]
            .map(|(is, event)| is && link.wants() & event != 0);
        if readable || writable {
            link.ready(readable, writable);
            self.queue(number);
            return true;
        }
        let mut watched = link.watched;
        if watched.is_some() {
            with.narrow(link.socket(), post, &mut watched, link.wants());
            link.watched = watched;
        }
        false
    }

    /// Its sockets are about to be closed.
    pub(in crate::peer) fn forget(&mut self, readiness: &Readiness) {
        if self.watched.take().is_some() {
            readiness.remove(&self.socket);
        }
        for link in &mut self.links {
            if link.watched.take().is_some() {
                readiness.remove(link.socket());
            }
        }
    }
}
