//! One thread that runs any number of peers: one timer, one wait, turns for whoever can move.
//!
//! What is due comes from a heap, what arrives from a [`Readiness`], so that a peer costs the same
//! among ten as among ten thousand. Between sends that are close together events are asked for now
//! and then only; it takes a tenth of the thread's time at most.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::event::{Event, Sink};
use super::live::{Live, Watcher};
use super::seen::Shared;
use super::timer::{Timer, Timing};
use crate::errno::Errno;
use crate::sys::{self, Readiness, Ready, Socket};

/// How often events are asked for while something is due all the time, unless that takes long.
const POLL_EVERY: Duration = Duration::from_micros(100);

/// How many turns a peer has before others have theirs.
const BURST: usize = 16;

/// Of a key, the bits that say which connection of a peer it is; the others say which peer.
const POST_BITS: u32 = usize::BITS / 2;

/// What the thread is told.
enum Command {
    Add(Recruit),
    Remove(usize),
    Stop,
}

/// A peer that was started, for the thread to run at its place. Where it is dropped before, its
/// sockets are closed and its farewell is said.
pub(super) struct Recruit {
    place: usize,
    live: Box<Live>,
    shared: Farewell,
}

/// What it has been told and not yet done, and the places of its peers.
#[derive(Default)]
struct Told {
    commands: Vec<Command>,
    free: Vec<usize>,
    places: usize,
}

/// What the thread and those who speak to it share.
struct Control {
    told: Mutex<Told>,
    readiness: Readiness,
    /// Whether it waits, or is about to: only then has it to be woken.
    waits: AtomicBool,
}

impl Control {
    fn tell(&self, commands: impl IntoIterator<Item = Command>) {
        self.lock().commands.extend(commands);
        if self.waits.swap(false, Ordering::SeqCst) {
            self.readiness.wake();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for events, unless something was told meanwhile.
    fn wait(&self, ready: &mut Vec<Ready>, timeout: Option<Duration>) {
        let sleeps = timeout != Some(Duration::ZERO);
        if sleeps {
            self.waits.store(true, Ordering::SeqCst);
        }
        if !sleeps || self.lock().commands.is_empty() {
            // A signal, or no memory: whoever waits looks again.
            let _ = self.readiness.wait(ready, timeout);
        }
        if sleeps {
            self.waits.store(false, Ordering::SeqCst);
        }
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
        let (readiness, waits) = (Readiness::new()?, AtomicBool::new(false));
        let control = Arc::new(Control { told: Mutex::default(), readiness, waits });
        let shared = Arc::clone(&control);
        let thread = std::thread::Builder::new()
            .name("sockdrill peers".to_owned())
            .spawn(move || run(&shared, timing))
            .map_err(|_| Errno::EAGAIN)?;
        Ok(Engine { control, thread: Some(thread) })
    }

    /// A place for a peer that was started.
    pub(super) fn place(&self, live: Live, shared: Arc<Shared>) -> Recruit {
        let mut told = self.control.lock();
        let place = told.free.pop().unwrap_or_else(|| {
            told.places += 1;
            told.places - 1
        });
        Recruit { place, live: Box::new(live), shared: Farewell(shared) }
    }

    /// Gives it peers: it is woken once for all of them.
    pub(super) fn add(&self, recruits: impl IntoIterator<Item = Recruit>) {
        self.control.tell(recruits.into_iter().map(Command::Add));
    }

    /// Takes a peer away: its sockets are closed.
    pub(super) fn remove(&self, place: usize) {
        self.control.tell([Command::Remove(place)]);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.control.tell([Command::Stop]);
        if let Some(thread) = self.thread.take() {
            // It panicked where this fails, and the panic was told then.
            let _ = thread.join();
        }
    }
}

impl Recruit {
    /// Where it will stand.
    pub(super) fn place(&self) -> usize {
        self.place
    }
}

/// A peer on the thread.
struct Member {
    live: Box<Live>,
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

/// Who is told of what a peer does here.
struct Ears<'e> {
    shared: &'e Shared,
    readiness: &'e Readiness,
}

impl Sink for Ears<'_> {
    fn see(&mut self, connection: usize, at: Duration, event: Event<'_>) {
        let mut shared = self.shared;
        shared.see(connection, at, event);
    }

    fn closing(&mut self, socket: &Socket) {
        self.readiness.remove(socket);
    }
}

/// All peers of the thread, by place.
struct Crew<'c> {
    control: &'c Control,
    members: Vec<Option<Member>>,
    runnable: VecDeque<usize>,
    dues: BinaryHeap<Reverse<(Instant, usize)>>,
    ready: Vec<Ready>,
    buffer: Vec<u8>,
    last_poll: Instant,
    /// What it takes to ask for events without waiting.
    poll_cost: Duration,
}

fn run(control: &Control, timing: Timing) {
    sys::sharpen_timers();
    let mut timer = Timer::new(timing);
    let mut crew = Crew {
        control,
        members: Vec::new(),
        runnable: VecDeque::new(),
        dues: BinaryHeap::new(),
        ready: Vec::new(),
        buffer: Vec::new(),
        last_poll: Instant::now(),
        poll_cost: Duration::ZERO,
    };
    while crew.obey() {
        crew.turns();
        crew.wait(&mut timer);
    }
    for member in crew.members.iter_mut().flatten() {
        member.live.forget(&control.readiness);
    }
}

impl Crew<'_> {
    /// Whether to go on.
    fn obey(&mut self) -> bool {
        let commands = std::mem::take(&mut self.control.lock().commands);
        for command in commands {
            match command {
                Command::Add(recruit) => self.add(recruit),
                Command::Remove(place) => {
                    let member = self.members.get_mut(place).and_then(Option::take);
                    if let Some(mut member) = member {
                        member.live.forget(&self.control.readiness);
                    }
                    self.control.lock().free.push(place);
                }
                Command::Stop => return false,
            }
        }
        true
    }

    fn add(&mut self, Recruit { place, mut live, shared }: Recruit) {
        live.adopt();
        if self.members.len() <= place {
            self.members.resize_with(place + 1, || None);
        }
        self.members[place] = Some(Member { live, shared, queued: true, due: None });
        self.runnable.push_back(place);
    }

    /// Gives turns to all that were runnable, some to each.
    fn turns(&mut self) {
        let readiness = &self.control.readiness;
        for _ in 0..self.runnable.len() {
            let Some(place) = self.runnable.pop_front() else { return };
            let Some(member) = self.members.get_mut(place).and_then(Option::as_mut) else {
                continue;
            };
            let mut ears = Ears { shared: &member.shared.0, readiness };
            let mut turns = 0;
            while turns < BURST && member.live.turn(&mut self.buffer, &mut ears) {
                turns += 1;
            }
            member.live.settle(watcher(readiness, place), &mut ears);
            member.shared.0.moved(member.live.progress());
            member.queued = turns == BURST;
            if member.queued {
                self.runnable.push_back(place);
                continue;
            }
            let due = member.live.next_due();
            if let Some(due) = due.filter(|due| member.due != Some(*due)) {
                self.dues.push(Reverse((due, place)));
            }
            member.due = due;
        }
    }

    /// Waits until something is due or arrives, unless somebody can move already.
    fn wait(&mut self, timer: &mut Timer) {
        let next = self.take_due();
        let busy = next.is_some() || !self.runnable.is_empty();
        let arrived = busy && self.is_poll_due() && self.poll(Some(Duration::ZERO));
        if arrived || !self.runnable.is_empty() {
            return;
        }
        let exact = next.is_some_and(|(_, place)| {
            self.members[place].as_mut().is_some_and(|member| member.live.is_exact())
        });
        let due = next.map(|(due, _)| due);
        timer.wait(due, exact, &mut |timeout| self.poll(timeout));
        self.take_due();
    }

    /// Whether events have not been asked for in a while: in ten times what asking takes, so that it
    /// never takes the thread's time from those who send.
    fn is_poll_due(&self) -> bool {
        self.last_poll.elapsed() >= (self.poll_cost * 10).clamp(POLL_EVERY, POLL_EVERY * 20)
    }

    fn queue(&mut self, place: usize) {
        let member = self.members.get_mut(place).and_then(Option::as_mut);
        if member.is_some_and(|member| !std::mem::replace(&mut member.queued, true)) {
            self.runnable.push_back(place);
        }
    }

    /// Makes runnable who is due. Who is due next, where somebody is.
    fn take_due(&mut self) -> Option<(Instant, usize)> {
        let mut now = None;
        while let Some(Reverse((due, place))) = self.dues.peek().copied() {
            let member = self.members.get_mut(place).and_then(Option::as_mut);
            match member.filter(|member| member.due == Some(due)) {
                Some(_) if due > *now.get_or_insert_with(Instant::now) => {
                    return Some((due, place));
                }
                Some(member) => {
                    member.due = None;
                    self.queue(place);
                }
                // It has changed its mind, or is gone.
                None => {}
            }
            self.dues.pop();
        }
        None
    }

    /// Waits for events, and makes runnable whom they are for. Whether there were any.
    fn poll(&mut self, timeout: Option<Duration>) -> bool {
        let begin = Instant::now();
        let mut ready = std::mem::take(&mut self.ready);
        self.control.wait(&mut ready, timeout);
        for event in ready.drain(..) {
            let (place, post) = (event.key >> POST_BITS, event.key & ((1 << POST_BITS) - 1));
            let Some(member) = self.members.get_mut(place).and_then(Option::as_mut) else {
                continue;
            };
            if member.live.happened(post, event, watcher(&self.control.readiness, place)) {
                self.queue(place);
            }
        }
        self.ready = ready;
        self.last_poll = Instant::now();
        if timeout == Some(Duration::ZERO) {
            self.poll_cost = self.last_poll.saturating_duration_since(begin);
        }
        !self.runnable.is_empty() || !self.control.lock().commands.is_empty()
    }
}

fn watcher(readiness: &Readiness, place: usize) -> Watcher<'_> {
    Watcher { readiness, base: place << POST_BITS }
}
