//! One thread that runs any number of peers: one timer, one poll, turns for whoever can move.
//!
//! What is due comes from a heap. Between sends that are close together nothing is polled, since
//! asking a thousand sockets takes longer than a gap; it takes a tenth of the thread's time at most.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::live::Live;
use super::seen::Shared;
use super::timer::{Timer, Timing};
use crate::errno::Errno;
use crate::sys::{self, PollFd, Waker};

/// How often events are asked for while something is due all the time, unless that takes long.
const POLL_EVERY: Duration = Duration::from_micros(200);

/// How many turns a peer has before others have theirs.
const BURST: usize = 16;

/// What the thread is told.
enum Command {
    Add(usize, Box<Live>, Arc<Shared>),
    Remove(usize),
    Stop,
}

/// What the thread and those who speak to it share.
struct Control {
    commands: Mutex<(usize, Vec<Command>)>,
    waker: Waker,
}

impl Control {
    fn tell(&self, command: Command) {
        self.lock().1.push(command);
        self.waker.wake();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (usize, Vec<Command>)> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread, stopped and joined on drop.
pub struct Engine {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the thread.
    pub fn start(timing: Timing) -> Result<Engine, Errno> {
        let control = Arc::new(Control { commands: Mutex::default(), waker: Waker::new()? });
        let shared = Arc::clone(&control);
        let thread = std::thread::Builder::new()
            .name("sockdrill peers".to_owned())
            .spawn(move || run(&shared, timing))
            .map_err(|_| Errno::EAGAIN)?;
        Ok(Engine { control, thread: Some(thread) })
    }

    /// Gives it a peer that was started; its number.
    pub(super) fn add(&self, live: Live, shared: Arc<Shared>) -> usize {
        let number = {
            let mut commands = self.control.lock();
            commands.0 += 1;
            commands.0
        };
        self.control.tell(Command::Add(number, Box::new(live), shared));
        number
    }

    /// Takes a peer away: its sockets are closed.
    pub(super) fn remove(&self, number: usize) {
        self.control.tell(Command::Remove(number));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.control.tell(Command::Stop);
        if let Some(thread) = self.thread.take() {
            // It panicked where this fails, and the panic was told then.
            let _ = thread.join();
        }
    }
}

/// A peer on the thread.
struct Member {
    number: usize,
    live: Live,
    shared: Farewell,
    /// Whether it stands among the runnable.
    queued: bool,
    due: Option<Instant>,
}

/// Told last: fields are dropped in their order, and the sockets come first.
struct Farewell(Arc<Shared>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.gone();
    }
}

/// All peers of the thread, by place.
struct Crew {
    members: Vec<Option<Member>>,
    runnable: VecDeque<usize>,
    dues: BinaryHeap<Reverse<(Instant, usize)>>,
    polled: Vec<PollFd>,
    buffer: Vec<u8>,
    last_poll: Instant,
    /// What it takes to ask all sockets without waiting.
    poll_cost: Duration,
}

fn run(control: &Control, timing: Timing) {
    sys::sharpen_timers();
    let mut timer = Timer::new(timing);
    let mut crew = Crew {
        members: Vec::new(),
        runnable: VecDeque::new(),
        dues: BinaryHeap::new(),
        polled: Vec::new(),
        buffer: Vec::new(),
        last_poll: Instant::now(),
        poll_cost: Duration::ZERO,
    };
    while crew.obey(control) {
        crew.turns();
        crew.wait(&mut timer, control);
    }
}

impl Crew {
    /// Whether to go on.
    fn obey(&mut self, control: &Control) -> bool {
        let commands = std::mem::take(&mut control.lock().1);
        for command in commands {
            match command {
                Command::Add(number, live, shared) => self.add(number, *live, shared),
                Command::Remove(number) => {
                    let is = |member: &Option<Member>| {
                        member.as_ref().is_some_and(|member| member.number == number)
                    };
                    if let Some(member) = self.members.iter_mut().find(|member| is(member)) {
                        *member = None;
                    }
                }
                Command::Stop => return false,
            }
        }
        true
    }

    fn add(&mut self, number: usize, live: Live, shared: Arc<Shared>) {
        let shared = Farewell(shared);
        let member = Some(Member { number, live, shared, queued: true, due: None });
        let free = self.members.iter().position(Option::is_none);
        let place = free.unwrap_or(self.members.len());
        match self.members.get_mut(place) {
            Some(slot) => *slot = member,
            None => self.members.push(member),
        }
        self.runnable.push_back(place);
    }

    /// Gives turns to all that were runnable, some to each.
    fn turns(&mut self) {
        for _ in 0..self.runnable.len() {
            let Some(place) = self.runnable.pop_front() else { return };
            let Some(member) = self.members.get_mut(place).and_then(Option::as_mut) else {
                continue;
            };
            member.queued = false;
            let mut turns = 0;
            while turns < BURST && member.live.turn(&mut self.buffer, &mut &*member.shared.0) {
                turns += 1;
            }
            member.shared.0.moved(&member.live);
            if turns == BURST {
                member.queued = true;
                self.runnable.push_back(place);
            } else {
                let due = member.live.due();
                if let Some(due) = due.filter(|due| member.due != Some(*due)) {
                    self.dues.push(Reverse((due, place)));
                }
                member.due = due;
            }
        }
    }

    /// Waits until something is due or arrives, unless somebody can move already.
    fn wait(&mut self, timer: &mut Timer, control: &Control) {
        let next = self.take_due();
        let arrived = self.is_poll_due() && self.poll(Some(Duration::ZERO), control);
        if arrived || !self.runnable.is_empty() {
            return;
        }
        let exact = next.is_some_and(|(_, place)| {
            self.members[place].as_ref().is_some_and(|member| member.live.is_exact())
        });
        let due = next.map(|(due, _)| due);
        timer.wait(due, exact, &mut |timeout| self.poll(timeout, control));
        self.take_due();
    }

    /// Whether events have not been asked for in a while: in ten times what asking takes, so that it
    /// never takes the thread's time from those who send.
    fn is_poll_due(&self) -> bool {
        self.last_poll.elapsed() >= (self.poll_cost * 10).clamp(POLL_EVERY, POLL_EVERY * 10)
    }

    /// Makes runnable who is due. Who is due next, where somebody is.
    fn take_due(&mut self) -> Option<(Instant, usize)> {
        let now = Instant::now();
        while let Some(Reverse((due, place))) = self.dues.peek().copied() {
            let member = self.members.get_mut(place).and_then(Option::as_mut);
            match member.filter(|member| member.due == Some(due)) {
                Some(_) if due > now => return Some((due, place)),
                Some(member) => {
                    member.due = None;
                    if !std::mem::replace(&mut member.queued, true) {
                        self.runnable.push_back(place);
                    }
                }
                // It has changed its mind, or is gone.
                None => {}
            }
            self.dues.pop();
        }
        None
    }

    /// Waits for events, and makes runnable whom they are for. Whether there were any.
    fn poll(&mut self, timeout: Option<Duration>, control: &Control) -> bool {
        self.polled.clear();
        self.polled.push(PollFd::new(control.waker.raw(), sys::POLLIN));
        let begin = Instant::now();
        let mut soonest = begin;
        for member in self.members.iter().flatten() {
            member.live.wants(&mut self.polled, &mut soonest);
        }
        let ready = sys::poll(&mut self.polled, timeout);
        self.last_poll = Instant::now();
        if timeout == Some(Duration::ZERO) {
            self.poll_cost = self.last_poll.saturating_duration_since(begin);
        }
        // A signal: whoever waits looks again.
        if !matches!(ready, Ok(ready) if ready > 0) {
            return false;
        }
        if self.polled[0].revents != 0 {
            control.waker.drain();
        }
        let mut rest = &self.polled[1..];
        for (place, member) in self.members.iter_mut().enumerate() {
            let Some(member) = member else { continue };
            let (own, others) = rest.split_at(member.live.wanted());
            rest = others;
            if own.iter().any(|polled| polled.revents != 0) {
                member.live.ready(own);
                if !std::mem::replace(&mut member.queued, true) {
                    self.runnable.push_back(place);
                }
            }
        }
        true
    }
}
