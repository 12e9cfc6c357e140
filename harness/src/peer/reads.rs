//! When a peer reads, and how much at a time.
//!
//! Pure: times are given, as the time since the connection was made.

use std::time::Duration;

use super::spec::Reading;

/// Slices a second where a rate is limited: fine enough to look steady, coarse enough to cost little.
pub const SLICES: u64 = 50;

/// What there is to do about reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadStep {
    /// Receive into a buffer of so many bytes.
    Recv(usize),
    /// Nothing before this time.
    At(Duration),
    /// Nothing ever.
    Never,
}

/// One connection's reading.
#[derive(Clone, Debug)]
pub struct Reads {
    reading: Option<Reading>,
    /// When the next receive is due.
    due: Duration,
    /// How many bytes more until a pause.
    until_pause: u64,
}

impl Reads {
    /// Before the first receive.
    pub fn new(reading: Option<Reading>) -> Reads {
        let pause = reading.and_then(|reading| reading.pause);
        Reads {
            reading,
            due: reading.map(|reading| reading.delay).unwrap_or_default(),
            until_pause: pause.map_or(u64::MAX, |(every, _)| every),
        }
    }

    /// What to do at `now`.
    pub fn step(&self, now: Duration) -> ReadStep {
        match self.reading {
            None => ReadStep::Never,
            Some(_) if now < self.due => ReadStep::At(self.due),
            Some(reading) => ReadStep::Recv(self.room(reading)),
        }
    }

    /// No receive goes beyond a pause, nor takes more than a fiftieth of a second gives.
    fn room(&self, reading: Reading) -> usize {
        let slice = reading.rate.map_or(u64::MAX, |rate| (rate / SLICES).max(1));
        let most = usize::try_from(self.until_pause.min(slice)).unwrap_or(usize::MAX);
        reading.max.min(most)
    }

    /// `len` bytes came at `now`.
    pub fn received(&mut self, now: Duration, len: usize) {
        let Some(reading) = self.reading else { return };
        let len = len as u64;
        let mut due = now + reading.gap;
        if let Some(rate) = reading.rate {
            due = due.max(now + time_of(len, rate));
        }
        if let Some((every, rest)) = reading.pause {
            self.until_pause = self.until_pause.saturating_sub(len);
            if self.until_pause == 0 {
                self.until_pause = every;
                due = due.max(now + rest);
            }
        }
        self.due = due;
    }

    /// No more will come.
    pub fn end(&mut self) {
        self.reading = None;
    }

    /// Whether it reads at all, now or later.
    pub fn goes_on(&self) -> bool {
        self.reading.is_some()
    }
}

/// How long `bytes` take at `rate` bytes a second.
pub fn time_of(bytes: u64, rate: u64) -> Duration {
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn who_reads_at_once_reads_whatever_is_there() {
        let mut reads = Reads::new(Some(Reading::default()));
        assert_eq!(reads.step(Duration::ZERO), ReadStep::Recv(64 << 10));
        reads.received(MS, 5);
        assert_eq!(reads.step(MS), ReadStep::Recv(64 << 10));
        reads.end();
        assert_eq!(reads.step(MS), ReadStep::Never);
    }

    #[test]
    fn the_first_receive_is_delayed_and_gaps_follow() {
        let reading = Reading { delay: 10 * MS, gap: 3 * MS, max: 7, ..Reading::default() };
        let mut reads = Reads::new(Some(reading));
        assert_eq!(reads.step(9 * MS), ReadStep::At(10 * MS));
        assert_eq!(reads.step(10 * MS), ReadStep::Recv(7));
        reads.received(11 * MS, 7);
        assert_eq!(reads.step(13 * MS), ReadStep::At(14 * MS));
    }

    #[test]
    fn a_pause_comes_after_just_so_many_bytes() {
        let reading = Reading { pause: Some((10, 5 * MS)), max: 8, ..Reading::default() };
        let mut reads = Reads::new(Some(reading));
        reads.received(MS, 8);
        assert_eq!(reads.step(MS), ReadStep::Recv(2));
        reads.received(MS, 2);
        assert_eq!(reads.step(2 * MS), ReadStep::At(6 * MS));
        assert_eq!(reads.step(6 * MS), ReadStep::Recv(8));
    }

    #[test]
    fn a_rate_is_kept_however_much_a_receive_takes() {
        let mut reads = Reads::new(Some(Reading { rate: Some(1_000), ..Reading::default() }));
        assert_eq!(reads.step(Duration::ZERO), ReadStep::Recv(20));
        reads.received(Duration::ZERO, 20);
        assert_eq!(reads.step(Duration::ZERO), ReadStep::At(20 * MS));
        reads.received(20 * MS, 1);
        assert_eq!(reads.step(20 * MS), ReadStep::At(21 * MS));
    }
}
