//! Workers: as many scenarios at once as there are jobs, and any number that only wait.
//!
//! A scenario runs on one thread from its beginning to its end. What is limited is how many *run*:
//! a worker holds a permit while it runs and lends it out while it waits, and when all others wait
//! too, another worker is started. So two hundred waits of 100 ms take 100 ms, and no two
//! scenarios take each other's processor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::Scope;
use std::time::{Duration, Instant};

use super::Cancel;

/// More waiting workers than this are of no use: beyond it, descriptors run short first.
const MOST_WORKERS: usize = 512;

/// A worker's stack: the conductor is flat, and hundreds of workers may wait at once.
const STACK_BYTES: usize = 512 << 10;

/// Lets as many run as there are jobs.
struct Permits {
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    /// Permits that nobody holds.
    free: usize,
    /// Workers that are there.
    workers: usize,
    /// Workers that want a permit back.
    wanting: usize,
}

impl Permits {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a permit, however long that takes.
    fn acquire(&self) {
        let mut state = self.lock();
        state.wanting += 1;
        while state.free == 0 {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.wanting -= 1;
        state.free -= 1;
    }

    fn release(&self) {
        self.lock().free += 1;
        self.freed.notify_one();
    }
}

/// What all workers share.
struct Pool<'p, T, W> {
    items: &'p [T],
    next: AtomicUsize,
    permits: Permits,
    cancel: &'p Cancel,
    work: W,
}

/// One worker's hold on the pool, through which it lends out its permit.
pub struct Worker<'w> {
    permits: &'w Permits,
    /// Starts another worker, where there is something left for it to do.
    hire: &'w dyn Fn(),
    waited: std::cell::Cell<Duration>,
}

impl Worker<'_> {
    /// Lets others run while `wait` waits.
    pub fn while_others_run(&self, wait: &mut dyn FnMut()) {
        self.permits.release();
        (self.hire)();
        wait();
        let since = Instant::now();
        self.permits.acquire();
        self.waited.set(self.waited.get() + since.elapsed());
    }

    /// How long this worker has waited to get its permit back: time that no system call took.
    pub fn waited(&self) -> Duration {
        self.waited.get()
    }
}

/// Does `work` on every item, `jobs` at a time, and gives each result to `done` on this thread, in
/// the order of completion. Items not begun when `cancel` is said are left out.
pub fn run_all<T, R, W>(
    items: &[T],
    jobs: usize,
    cancel: &Cancel,
    work: W,
    mut done: impl FnMut(usize, R),
) where
    T: Sync,
    R: Send,
    W: Fn(&T, &Worker<'_>) -> R + Sync,
{
    let jobs = jobs.max(1);
    let state = State { free: jobs, workers: 0, wanting: 0 };
    let permits = Permits { state: Mutex::new(state), freed: Condvar::new() };
    let pool = Pool { items, next: AtomicUsize::new(0), permits, cancel, work };
    let (results, received) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            pool.hire(scope, &results);
        }
        drop(results);
        for (index, result) in received {
            done(index, result);
        }
    });
}

type Results<R> = mpsc::Sender<(usize, R)>;

impl<T: Sync, W> Pool<'_, T, W> {
    /// Starts a worker, unless there are enough.
    fn hire<'scope, R>(&'scope self, scope: &'scope Scope<'scope, '_>, results: &Results<R>)
    where
        R: Send + 'scope,
        W: Fn(&T, &Worker<'_>) -> R + Sync,
    {
        {
            let mut state = self.permits.lock();
            if state.workers >= MOST_WORKERS {
                return;
            }
            state.workers += 1;
        }
        let results = results.clone();
        let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
        // Where no more threads can be had, those that are there go on alone.
        if worker.spawn_scoped(scope, move || self.serve(scope, &results)).is_err() {
            self.permits.lock().workers -= 1;
        }
    }

    /// Another worker is of use where a permit is free, nobody wants it, and items are left.
    fn hire_if_useful<'scope, R>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        results: &Results<R>,
    ) where
        R: Send + 'scope,
        W: Fn(&T, &Worker<'_>) -> R + Sync,
    {
        let state = self.permits.lock();
        let useful = state.free > 0 && state.wanting == 0;
        drop(state);
        if useful && self.next.load(Ordering::Relaxed) < self.items.len() {
            self.hire(scope, results);
        }
    }

    fn serve<'scope, R>(&'scope self, scope: &'scope Scope<'scope, '_>, results: &Results<R>)
    where
        R: Send + 'scope,
        W: Fn(&T, &Worker<'_>) -> R + Sync,
    {
        let _held = Held::of(&self.permits);
        let hire = || self.hire_if_useful(scope, results);
        while !self.cancel.is_cancelled() {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(index) else { break };
            let worker =
                Worker { permits: &self.permits, hire: &hire, waited: Duration::ZERO.into() };
            let result = (self.work)(item, &worker);
            // Nobody listens only where the caller is gone, and then the result is no loss.
            let _ = results.send((index, result));
        }
    }
}

/// A worker's permit and its place among the workers, given back even where its work panics: the
/// others would wait for the permit for ever.
struct Held<'p>(&'p Permits);

impl Held<'_> {
    fn of(permits: &Permits) -> Held<'_> {
        permits.acquire();
        Held(permits)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.lock().workers -= 1;
        self.0.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn every_item_is_done_once() {
        let items: Vec<usize> = (0..100).collect();
        let mut seen = vec![0; items.len()];
        run_all(
            &items,
            3,
            &Cancel::default(),
            |item, _| *item,
            |index, item| {
                assert_eq!(index, item);
                seen[index] += 1;
            },
        );
        assert!(seen.iter().all(|times| *times == 1));
    }

    /// All twenty can only pass the barrier together: one job suffices if waiting lends it out.
    #[test]
    fn who_waits_lets_others_run() {
        let items = [(); 20];
        let barrier = Barrier::new(items.len());
        let work = |(): &(), worker: &Worker<'_>| {
            worker.while_others_run(&mut || {
                barrier.wait();
            });
        };
        let mut done = 0;
        run_all(&items, 1, &Cancel::default(), work, |_, ()| done += 1);
        assert_eq!(done, items.len());
    }

    #[test]
    fn no_more_run_than_there_are_jobs() {
        let running = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let items = [(); 200];
        let work = |(): &(), worker: &Worker<'_>| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            running.fetch_sub(1, Ordering::SeqCst);
            worker.while_others_run(&mut std::thread::yield_now);
        };
        run_all(&items, 2, &Cancel::default(), work, |_, ()| ());
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[test]
    fn a_panic_in_one_item_is_passed_on_and_holds_nobody_up() {
        let items: Vec<usize> = (0..10).collect();
        let work = |item: &usize, _: &Worker<'_>| assert_ne!(*item, 0, "the work panics");
        let mut done = 0;
        let all = std::panic::AssertUnwindSafe(|| {
            run_all(&items, 2, &Cancel::default(), work, |_, ()| done += 1);
        });
        assert!(std::panic::catch_unwind(all).is_err(), "the caller hears of it");
        assert_eq!(done, 9);
    }

    #[test]
    fn nothing_begins_after_cancel() {
        let cancel = Cancel::default();
        let items: Vec<usize> = (0..1_000).collect();
        let mut done = 0;
        run_all(&items, 1, &cancel, |_, _| cancel.cancel(), |_, ()| done += 1);
        assert_eq!(done, 1);
    }
}
