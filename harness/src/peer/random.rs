//! Numbers drawn from a seed: the same on every machine, in every version.
//!
//! `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
//! Written out, since a crate may change what a seed gives and a seed in a bug report may not.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of that seed. `stream` parts what is drawn for different purposes, so that a
    /// fault that is added does not change the sizes of the chunks.
    pub fn new(seed: u64, stream: u64) -> Random {
        let mut start = Random(seed ^ stream.wrapping_mul(0xa076_1d64_78bd_642f));
        Random(start.draw())
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of the range, each as likely as any other to within one in 2^32.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (least, most) = range.into_inner();
        let width = u128::from(most.saturating_sub(least)) + 1;
        let scaled = (u128::from(self.draw()) * width) >> 64;
        least + u64::try_from(scaled).unwrap_or(0)
    }

    /// A time of the range, in whole nanoseconds.
    pub fn time(&mut self, least: Duration, most: Duration) -> Duration {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.within(nanos(least)..=nanos(most)))
    }

    /// Whether it happens this time, where it does `percent` times in a hundred.
    pub fn happens(&mut self, percent: u8) -> bool {
        self.within(0..=99) < u64::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation's first numbers from seed 1234567, as published with it.
    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut random = Random(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.draw()).collect();
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn both_ends_of_a_range_are_drawn_and_nothing_beyond() {
        let mut random = Random::new(7, 0);
        let drawn: Vec<u64> = (0..1_000).map(|_| random.within(3..=6)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&6)));
        assert_eq!(random.within(5..=5), 5);
        let _ = random.within(0..=u64::MAX);
    }

    #[test]
    fn streams_of_one_seed_differ_and_each_repeats() {
        let first = |seed, stream| Random::new(seed, stream).draw();
        assert_eq!(first(1, 0), first(1, 0));
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 0), first(2, 0));
    }

    #[test]
    fn never_is_never_and_always_is_always() {
        let mut random = Random::new(1, 2);
        assert!((0..1_000).all(|_| !random.happens(0)));
        assert!((0..1_000).all(|_| random.happens(100)));
    }
}
