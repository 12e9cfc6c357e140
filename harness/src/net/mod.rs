//! The backend over real sockets.
//!
//! [`Net`] holds the live sockets behind a run's names and makes the calls. `job` is one operation
//! with everything it needs, which can be attempted here or, on a blocking socket, on a thread of
//! its own (`blocking`); `io`, `messages`, `queries` and `conditions` hold the arms, one per
//! operation; `via` makes calls through libraries; `names` and `hosts` turn names into live addresses
//! and back, and `ports` keeps these from other runs; `peers` gives the peers their turns.
//! [`Net::wait`] is the one place that waits.

mod blocking;
mod conditions;
mod control;
mod epoll;
mod groups;
mod hosts;
mod io;
mod job;
mod lacks;
mod messages;
mod names;
mod peers;
mod ports;
mod programs;
mod queries;
mod via;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::errno::Errno;
use crate::kind::Kind;
use crate::op::{Op, Patience};
use crate::outcome::{Fact, Outcome};
use crate::plan::{Action, Plan, PlannedPeer};
use crate::run::{Backend, CannotLook, Progress, TaskId};
use crate::sys::{self, PollFd, Socket, Waker};
use crate::trace::PeerTrace;
use blocking::Threaded;
use job::{Answer, Attempt, Interest, Job, Tools};
pub use lacks::lacks;
use names::Names;
use peers::RunPeer;
pub(crate) use queries::so_error;

/// Called around every wait that may take time, so that others may run meanwhile.
pub trait Yield {
    /// Lets others run while `wait` waits.
    fn while_others_run(&self, wait: &mut dyn FnMut());

    /// How long it took to come back from waits, for want of a processor.
    fn waited(&self) -> Duration;
}

/// Waits alone: nobody else is to run.
pub struct Alone;

impl Yield for Alone {
    fn while_others_run(&self, wait: &mut dyn FnMut()) {
        wait();
    }

    fn waited(&self) -> Duration {
        Duration::ZERO
    }
}

/// What a worker keeps from run to run.
#[derive(Default)]
pub struct Workshop {
    tools: Tools,
    polled: Vec<PollFd>,
    /// Where peers receive into.
    buffer: Vec<u8>,
}

impl Workshop {
    /// Forgets what belongs to the network it was opened in.
    pub fn enter_new_network(&mut self) {
        self.tools.table = None;
    }
}

/// An operation under way.
#[expect(clippy::large_enum_variant, reason = "a few per run; the small one is the rare one")]
enum Task {
    /// Attempted whenever its socket is ready.
    Here { job: Job, interest: Interest },
    /// Made on a thread of its own.
    There(Threaded),
}

/// The live sockets of one run.
pub struct Net<'n> {
    names: Names,
    tasks: Vec<Option<Task>>,
    workshop: &'n mut Workshop,
    others: &'n dyn Yield,
    /// Wakes [`Net::wait`] when a call on another thread returns.
    waker: Option<Arc<Waker>>,
    /// How long the threads of blocking calls have waited for a processor.
    starved: Duration,
    /// The peers, in the order in which they were opened.
    peers: Vec<RunPeer>,
    /// Whether the steps' connections were ended for the peers to see.
    hung_up: bool,
}

impl<'n> Net<'n> {
    /// A run without any socket yet.
    pub fn new(plan: &Plan, workshop: &'n mut Workshop, others: &'n dyn Yield) -> Net<'n> {
        Net {
            names: Names::new(&plan.names),
            tasks: Vec::new(),
            workshop,
            others,
            waker: None,
            starved: Duration::ZERO,
            peers: Vec::new(),
            hung_up: false,
        }
    }

    /// What each program printed last, and how it fares, by its name.
    pub fn programs(&self) -> Vec<(String, String)> {
        self.names.programs()
    }

    /// Whether the run is of no use, since another one of this process has one of its ports.
    pub fn shares_a_port(&self) -> bool {
        self.names.share_a_port()
    }

    /// Keeps an operation under a number of its own.
    fn keep(&mut self, task: Task) -> TaskId {
        let free = self.tasks.iter().position(Option::is_none);
        let index = free.unwrap_or_else(|| {
            self.tasks.push(None);
            self.tasks.len() - 1
        });
        self.tasks[index] = Some(task);
        TaskId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn take(&mut self, task: TaskId) -> Result<Task, CannotLook> {
        let slot = usize::try_from(task.0).ok().and_then(|index| self.tasks.get_mut(index));
        slot.and_then(Option::take)
            .ok_or_else(|| CannotLook("an operation was settled twice".to_owned()))
    }

    /// Keeps an operation under the number it has: the conductor knows it by that.
    fn keep_on(&mut self, id: TaskId, task: Task) -> TaskId {
        if let Some(slot) = usize::try_from(id.0).ok().and_then(|index| self.tasks.get_mut(index)) {
            *slot = Some(task);
        }
        id
    }

    /// Brings a job as far as it goes without waiting; `id` is its number, where it has one.
    fn attempt(&mut self, mut job: Job, id: Option<TaskId>) -> Result<Progress, CannotLook> {
        match job.attempt(&mut self.workshop.tools)? {
            Attempt::Done(answer) => self.finish(&job, answer).map(Progress::Done),
            Attempt::NotYet(interest, errno) => {
                let task = Task::Here { job, interest };
                let id = match id {
                    Some(id) => self.keep_on(id, task),
                    None => self.keep(task),
                };
                Ok(Progress::Pending(id, errno))
            }
        }
    }

    /// What wakes [`Net::wait`], opened when it is first needed.
    fn waker(&mut self) -> Result<Arc<Waker>, CannotLook> {
        if let Some(waker) = &self.waker {
            return Ok(Arc::clone(waker));
        }
        let waker = Waker::new().map_err(no_waker)?;
        if let Some(address) = waker.address() {
            self.names.takes(Kind::Udp4, &address);
        }
        Ok(Arc::clone(self.waker.insert(Arc::new(waker))))
    }

    fn start_thread(&mut self, job: Job) -> Result<Progress, CannotLook> {
        let waker = self.waker()?;
        let mut threaded = Threaded::start(job, waker)?;
        match threaded.wait_until_blocked_or_done()? {
            None => Ok(Progress::Pending(self.keep(Task::There(threaded)), None)),
            Some((job, attempt)) => {
                self.starved += threaded.starved();
                self.returned(job, attempt)
            }
        }
    }

    /// The call on the other thread returned.
    fn returned(
        &mut self,
        mut job: Job,
        attempt: Result<Attempt, CannotLook>,
    ) -> Result<Progress, CannotLook> {
        match attempt? {
            Attempt::Done(answer) => self.finish(&job, answer).map(Progress::Done),
            // A blocking call that answers EAGAIN has run into SO_RCVTIMEO or SO_SNDTIMEO, one that
            // answers EINPROGRESS into SO_SNDTIMEO at connect: final answers.
            Attempt::NotYet(_, errno) => {
                let errno = errno.ok_or_else(|| {
                    CannotLook("a blocking call ended without an answer".to_owned())
                })?;
                let answer = job.cut_short(errno);
                self.finish(&job, answer).map(Progress::Done)
            }
        }
    }

    /// Notes what the operation changed, and puts names in the place of addresses.
    fn finish(&mut self, job: &Job, answer: Answer) -> Result<Outcome, CannotLook> {
        self.names.note(job, &answer);
        let mut outcome = Outcome::bare(answer.end);
        outcome.facts = answer.facts;
        if matches!(&*job.op, Op::ProgramOutput(_)) {
            for fact in &mut outcome.facts {
                if let Fact::Data(printed) = fact {
                    self.names.put_names(printed);
                }
            }
        }
        if let Some(from) = answer.from {
            outcome.facts.push(Fact::From(self.names.name_of(&from)));
        }
        let names_itself = matches!(&*job.op, Op::StartProgram(_));
        if let Some(address) = answer.address.filter(|_| !names_itself) {
            outcome.facts.push(Fact::Address(self.names.name_of(&address)));
        }
        if let Some(ready) = answer.ready {
            outcome.facts.push(Fact::Ready(epoll::named(&ready, &self.names)));
        }
        outcome.facts.sort_by_key(Fact::field);
        self.names.open(job, answer.opened)?;
        Ok(outcome)
    }

    /// What one task waits for: a socket's events, a return from a thread, a moment.
    fn gather(&mut self, task: TaskId, soonest: &mut Instant) {
        let slot = usize::try_from(task.0).ok().and_then(|index| self.tasks.get(index));
        match slot {
            Some(Some(Task::Here { job, interest })) => {
                if let Some(tick) = interest.tick {
                    *soonest = (*soonest).min(Instant::now() + tick);
                }
                if interest.events != 0
                    && let Some(socket) = &job.socket
                {
                    self.workshop.polled.push(PollFd::new(socket.raw(), interest.events));
                }
            }
            Some(Some(Task::There(_))) => {
                let waker = self.waker.iter().map(|waker| PollFd::new(waker.raw(), sys::POLLIN));
                self.workshop.polled.extend(waker);
            }
            Some(None) | None => {}
        }
    }
}

fn no_waker(errno: Errno) -> CannotLook {
    CannotLook(format!("no waker: {}", errno.name()))
}

impl Backend for Net<'_> {
    fn start(&mut self, action: &Action) -> Result<Progress, CannotLook> {
        if self.shares_a_port() {
            return Err(CannotLook("the system gave it another scenario's port".to_owned()));
        }
        let mut job = self.names.prepare(action)?;
        // Here `nowait` is an argument of the call, its time-out of 0.
        if action.patience == Patience::NoWait && matches!(*action.op, Op::Poll(_) | Op::Select(_))
        {
            job.blocking = false;
        }
        let blocks = job.blocking && action.op.entry().waits && !matches!(*action.op, Op::Wait(_));
        if blocks || via::makes_on_thread(&action.op) {
            return self.start_thread(job);
        }
        self.attempt(job, None)
    }

    fn settle(&mut self, id: TaskId) -> Result<Progress, CannotLook> {
        match self.take(id)? {
            Task::Here { job, .. } => self.attempt(job, Some(id)),
            Task::There(mut threaded) => match threaded.returned()? {
                None => Ok(Progress::Pending(self.keep_on(id, Task::There(threaded)), None)),
                Some((job, attempt)) => {
                    self.starved += threaded.starved();
                    self.returned(job, attempt)
                }
            },
        }
    }

    fn wait(&mut self, tasks: &[TaskId], until: Instant) -> Result<(), CannotLook> {
        self.workshop.polled.clear();
        let mut soonest = until;
        self.gather_peers(&mut soonest);
        for task in tasks {
            self.gather(*task, &mut soonest);
        }
        let polled = &mut self.workshop.polled;
        let ready = if polled.is_empty() { Ok(0) } else { sys::poll(polled, Some(Duration::ZERO)) };
        let mut result = ready.map_err(cannot_poll)?;
        let left = soonest.saturating_duration_since(Instant::now());
        if result == 0 && !left.is_zero() {
            let mut answer = Ok(0);
            self.others.while_others_run(&mut || answer = sys::poll(polled, Some(left)));
            result = match answer {
                // A signal: whoever waits looks again.
                Err(Errno::EINTR) => 0,
                answer => answer.map_err(cannot_poll)?,
            };
        }
        if result > 0
            && let Some(waker) = &self.waker
        {
            waker.drain();
        }
        if result > 0 {
            self.ready_peers();
        }
        Ok(())
    }

    fn open_peer(&mut self, peer: &PlannedPeer) -> Result<(), CannotLook> {
        Net::open_peer(self, peer)
    }

    fn start_peers(&mut self) -> Result<(), CannotLook> {
        Net::start_peers(self)
    }

    fn move_peers(&mut self) -> Result<bool, CannotLook> {
        Net::move_peers(self)
    }

    fn peers_due(&self) -> Option<Instant> {
        Net::peers_due(self)
    }

    fn hang_up(&mut self) -> bool {
        Net::hang_up(self)
    }

    fn end_peers(&mut self) -> Vec<PeerTrace> {
        Net::end_peers(self)
    }

    fn interrupt(&mut self, task: TaskId, restart: bool) -> Result<(), CannotLook> {
        let slot = usize::try_from(task.0).ok().and_then(|index| self.tasks.get(index));
        match slot {
            Some(Some(Task::There(threaded))) => threaded.signal(restart),
            _ => Err(CannotLook("no thread is in this call: the socket does not block".to_owned())),
        }
    }

    fn abandon(&mut self, task: TaskId) {
        if let Ok(Task::There(threaded)) = self.take(task) {
            threaded.interrupt();
        }
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn starved(&self) -> Option<Duration> {
        sys::run_delay().map(|delay| delay + self.starved + self.others.waited())
    }
}

fn cannot_poll(errno: Errno) -> CannotLook {
    CannotLook(format!("poll: {}", errno.name()))
}

impl Drop for Net<'_> {
    /// Nothing is left behind: threads are fetched back before the sockets close.
    fn drop(&mut self) {
        for task in std::mem::take(&mut self.tasks).into_iter().flatten() {
            if let Task::There(threaded) = task {
                threaded.interrupt();
            }
        }
    }
}

/// A socket just opened, with what is known of it.
struct Opened {
    socket: Arc<Socket>,
    /// The same socket of a library, which owns its descriptor.
    layer: Option<Arc<via::Layered>>,
    /// None where it is no socket, or of no kind that has a name.
    kind: Option<Kind>,
    blocking: bool,
    remote: Option<sys::Address>,
}

impl Opened {
    fn raw(socket: Socket, kind: impl Into<Option<Kind>>, blocking: bool) -> Opened {
        let (socket, kind) = (Arc::new(socket), kind.into());
        Opened { socket, layer: None, kind, blocking, remote: None }
    }
}
