//! Calls that block, each on a thread of its own.
//!
//! A thread is started for one call and joined after it; one that is given up is interrupted out
//! of its call first. None outlives its run.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::job::{Attempt, Job, Tools};
use crate::errno::{Errno, known};
use crate::run::CannotLook;
use crate::sys::{self, Socket, ThreadId, Waker};

/// How often a thread is looked at that is on its way into its call.
const LOOK_EVERY: Duration = Duration::from_micros(50);

/// A thread that reaches its call later than this is not being run at all.
const START_LIMIT: Duration = Duration::from_secs(20);

/// What a signal to a thread that has ended is answered with.
const NO_SUCH_THREAD: Errno = known("ESRCH");

type Returned = (Job, Result<Attempt, CannotLook>);

/// What the two threads share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Set right before the call.
    calling: Option<ThreadId>,
    returned: Option<Returned>,
    /// How long the thread has waited for a processor, once its call has returned.
    starved: Duration,
}

/// One call on a thread of its own.
pub struct Threaded {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The socket that the call is about.
    socket: Option<Arc<Socket>>,
    /// Whether a library makes it, which makes a call that was interrupted again.
    retried: bool,
}

impl Threaded {
    /// Starts the call; `waker` wakes when it returns.
    pub fn start(mut job: Job, waker: Arc<Waker>) -> Result<Threaded, CannotLook> {
        let shared = Arc::new(Shared::default());
        let (socket, retried) = (job.socket.clone(), job.layer.is_some());
        let theirs = Arc::clone(&shared);
        let call = move || {
            theirs.lock().calling = Some(sys::current_thread_id());
            theirs.changed.notify_all();
            let attempt = job.attempt(&mut Tools::default());
            let mut state = theirs.lock();
            state.starved = sys::run_delay().unwrap_or_default();
            state.returned = Some((job, attempt));
            drop(state);
            theirs.changed.notify_all();
            waker.wake();
        };
        let thread = std::thread::Builder::new()
            .name("blocking call".to_owned())
            .stack_size(256 << 10)
            .spawn(call)
            .map_err(|error| CannotLook(format!("no thread for a blocking call: {error}")))?;
        Ok(Threaded { shared, thread: Some(thread), socket, retried })
    }

    /// Waits until the call has returned, or sleeps in the system: then it is pending, not slow.
    pub fn wait_until_blocked_or_done(&mut self) -> Result<Option<Returned>, CannotLook> {
        let limit = Instant::now() + START_LIMIT;
        let mut looks = 0;
        loop {
            looks += 1;
            let mut state = self.shared.lock();
            if let Some(returned) = state.returned.take() {
                drop(state);
                return self.join().map(|()| Some(returned));
            }
            if state.calling.is_some_and(|thread| sys::is_blocked(thread, looks)) {
                return Ok(None);
            }
            if Instant::now() >= limit {
                return Err(CannotLook("a thread did not reach its call".to_owned()));
            }
            drop(self.shared.changed.wait_timeout(state, LOOK_EVERY));
        }
    }

    /// How long the call's thread has waited for a processor.
    pub fn starved(&self) -> Duration {
        self.shared.lock().starved
    }

    /// What the call returned, if it has.
    pub fn returned(&mut self) -> Result<Option<Returned>, CannotLook> {
        let Some(returned) = self.shared.lock().returned.take() else { return Ok(None) };
        self.join().map(|()| Some(returned))
    }

    /// Sends the thread a signal, and waits until its handler has run; what comes of that is left to
    /// the call.
    pub fn signal(&self, restart: bool) -> Result<(), CannotLook> {
        let limit = Instant::now() + START_LIMIT;
        let Some(thread) = self.shared.lock().calling else { return Ok(()) };
        let before = sys::signals_handled(thread);
        match sys::signal_thread(thread, restart) {
            Ok(()) => {}
            // Its call has returned meanwhile.
            Err(NO_SUCH_THREAD) => return Ok(()),
            Err(errno) => {
                let why = format!("a thread cannot be sent a signal: {}", errno.name());
                return Err(CannotLook(why));
            }
        }
        while sys::signals_handled(thread) == before {
            let state = self.shared.lock();
            if state.returned.is_some() {
                break;
            }
            if Instant::now() >= limit {
                return Err(CannotLook("a thread did not handle a signal".to_owned()));
            }
            drop(self.shared.changed.wait_timeout(state, LOOK_EVERY));
        }
        Ok(())
    }

    fn join(&mut self) -> Result<(), CannotLook> {
        let joined = self.thread.take().map_or(Ok(()), JoinHandle::join);
        joined.map_err(|_| CannotLook("a blocking call panicked".to_owned()))
    }

    /// Gets the thread out of its call and waits for its end. A thread that is not yet in its call
    /// does not notice an interruption, so it is interrupted until it returns.
    ///
    /// std makes most interrupted calls again (`cvt_r`, `read_exact`): these find a socket that does
    /// not block, and return.
    pub fn interrupt(mut self) {
        let retried = self.socket.clone().filter(|_| self.retried);
        let _ = retried.as_ref().map(|socket| socket.set_nonblocking(true));
        loop {
            let state = self.shared.lock();
            if state.returned.is_some() {
                break;
            }
            let thread = state.calling;
            drop(self.shared.changed.wait_timeout(state, LOOK_EVERY));
            if let Some(thread) = thread {
                // Where it has ended, the next round sees that.
                let _ = sys::interrupt(thread, self.socket.as_deref());
            }
        }
        let _ = retried.map(|socket| socket.set_nonblocking(false));
        // A panic there was reported by the panic hook; nothing is left to be done about it here.
        let _ = self.join();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
