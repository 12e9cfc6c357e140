//! Waiting for a moment, to the microsecond: sleep up to a margin before it, then spin.
//!
//! A sleep ends late by what the scheduler takes to come back, 50 to 200 µs on Linux however it is
//! asked, and where poll knows only milliseconds by up to one more, so the margin has that too; only
//! a thread that is running already is on time. What spinning costs is bounded: below
//! nine tenths of a core over any few milliseconds, whatever the gaps ask for.

use std::time::{Duration, Instant};

use crate::sys::WAIT_GRAIN;

/// How the times of a schedule are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Spins for the last 100 to 300 µs before a send that a gap or a time asks for.
    Precise,
    /// Only sleeps: sends are late by what it takes to wake up, and nothing is burnt.
    Economy,
}

/// The shortest and the longest time before the moment at which a sleep is to end.
const MARGINS: (Duration, Duration) = (Duration::from_micros(100), Duration::from_micros(300));

/// Of a long sleep the margin is this part at least.
const SHARE_OF_SLEEP: u32 = 20;

/// Of a hundred microseconds, so many may be spun.
const SPIN_PERCENT: u32 = 85;

/// What may be saved up for a burst of short gaps.
const MOST_SAVED: Duration = Duration::from_millis(2);

/// Keeps the times of one thread.
#[derive(Debug)]
pub struct Timer {
    timing: Timing,
    margin: Duration,
    budget: Budget,
}

/// What may be spun: it grows with the time, and spinning spends it.
#[derive(Clone, Copy, Debug)]
struct Budget {
    saved: Duration,
    counted: Instant,
}

impl Budget {
    fn refill(&mut self, now: Instant) {
        let earned = now.saturating_duration_since(self.counted) * SPIN_PERCENT / 100;
        self.counted = now;
        self.saved = (self.saved + earned).min(MOST_SAVED);
    }

    fn spend(&mut self, spun: Duration) {
        self.saved = self.saved.saturating_sub(spun);
    }

    /// Whether it lasts for a margin.
    fn allows(&self, margin: Duration) -> bool {
        self.saved >= margin
    }
}

impl Timer {
    /// A timer for the calling thread.
    pub fn new(timing: Timing) -> Timer {
        let budget = Budget { saved: MOST_SAVED, counted: Instant::now() };
        Timer { timing, margin: MARGINS.0, budget }
    }

    /// Waits until `due`, without end where there is none. `poll` waits for events so long at most,
    /// and says whether there are any: then this returns at once. Spins only where `exact`.
    pub fn wait(
        &mut self,
        due: Option<Instant>,
        exact: bool,
        poll: &mut dyn FnMut(Option<Duration>) -> bool,
    ) {
        let Some(due) = due else {
            poll(None);
            return;
        };
        let now = Instant::now();
        self.budget.refill(now);
        let left = due.saturating_duration_since(now);
        let margin = self.margin_for(left);
        let spins = exact && self.timing == Timing::Precise && self.budget.allows(margin);
        let early = if spins { margin + WAIT_GRAIN } else { Duration::ZERO };
        if left > early {
            let asked = left.saturating_sub(early);
            if poll(Some(asked)) || !spins {
                return;
            }
            let woken = Instant::now();
            if woken + early < due {
                // Nothing came, and yet it ended: a signal, or an event that nobody wanted.
                return;
            }
            self.learn(woken.saturating_duration_since(now + asked));
        }
        if spins {
            self.spin(due);
        }
    }

    /// How long before the moment a sleep of about `left` is to end: the longer it is, the later a core
    /// that has gone to sleep comes back, and the less a long margin costs.
    fn margin_for(&self, left: Duration) -> Duration {
        self.margin.max(left / SHARE_OF_SLEEP).min(MARGINS.1)
    }

    fn spin(&mut self, due: Instant) {
        let begin = Instant::now();
        let mut now = begin;
        while now < due {
            std::hint::spin_loop();
            now = Instant::now();
        }
        self.budget.spend(now.saturating_duration_since(begin));
    }

    /// The longest oversleep of late decides how early a sleep has to end.
    fn learn(&mut self, overslept: Duration) {
        let wanted = (overslept * 5 / 4).max(self.margin * 49 / 50);
        self.margin = wanted.clamp(MARGINS.0, MARGINS.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Duration = Duration::from_micros(1);

    #[test]
    fn the_margin_follows_what_sleeps_take_and_stays_in_its_bounds() {
        let mut timer = Timer::new(Timing::Precise);
        timer.learn(160 * US);
        assert_eq!(timer.margin, 200 * US);
        timer.learn(5_000 * US);
        assert_eq!(timer.margin, 300 * US);
        for _ in 0..200 {
            timer.learn(US);
        }
        assert_eq!(timer.margin, 100 * US);
    }

    #[test]
    fn a_long_sleep_ends_earlier() {
        let timer = Timer::new(Timing::Precise);
        let margins = [500 * US, 5_000 * US, 20_000 * US].map(|left| timer.margin_for(left));
        assert_eq!(margins, [100 * US, 250 * US, 300 * US]);
    }

    /// By a virtual clock: gaps of 50 µs, shorter than any margin, want to spin all the time.
    #[test]
    fn spinning_stays_below_nine_tenths_of_the_time() {
        let begin = Instant::now();
        let mut budget = Budget { saved: MOST_SAVED, counted: begin };
        let mut spun = Duration::ZERO;
        for round in 1..=2_000_u32 {
            budget.refill(begin + round * 50 * US);
            if budget.allows(MARGINS.0) {
                budget.spend(50 * US);
                spun += 50 * US;
            }
        }
        let whole = 100_000 * US;
        assert!(spun <= whole * 9 / 10 && spun >= whole * 8 / 10, "{spun:?} of {whole:?}");
    }

    #[test]
    fn economy_never_spins_and_an_event_ends_the_wait() {
        let mut timer = Timer::new(Timing::Economy);
        let due = Instant::now() + 600_000 * US;
        let mut asked = Vec::new();
        timer.wait(Some(due), true, &mut |timeout| {
            asked.push(timeout);
            true
        });
        assert!(asked[0].is_some_and(|asked| asked > 500_000 * US), "the whole time is slept");
        assert!(Instant::now() < due, "an event is not waited past");
    }
}
