//! Where a message is cut, and what is drawn: the same for the same seed.

/// A message up to this long is cut at every place.
const EVERY: usize = 64;

/// Of a longer one: so many places from its beginning and from its end, and as many drawn between.
const ENDS: usize = 24;

/// A generator whose numbers depend on the seed alone (splitmix64, Steele et al. 2014).
pub struct Drawn(u64);

impl Drawn {
    pub fn new(seed: u64) -> Drawn {
        Drawn(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// The places at which a message of `len` bytes is cut in two: all of them, or of a long message
/// some, drawn from `seed`.
pub fn cuts(len: usize, seed: u64) -> Vec<usize> {
    if len <= EVERY {
        return (1..len).collect();
    }
    let mut drawn = Drawn::new(seed);
    let inner = (len - 2 * ENDS) as u64;
    let between = (0..ENDS).map(|_| {
        let place = usize::try_from(drawn.next() % inner).unwrap_or(0);
        ENDS + 1 + place.min(len - 2 * ENDS - 1)
    });
    let mut all: Vec<usize> = (1..=ENDS).chain(between).chain(len - ENDS..len).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A few places for plans that cost time: the first, the middle, the last.
pub fn few(len: usize) -> Vec<usize> {
    let mut places = vec![1, len / 2, len.saturating_sub(1)];
    places.retain(|place| *place > 0 && *place < len);
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_messages_are_cut_everywhere_long_ones_at_places_that_the_seed_gives() {
        assert_eq!(cuts(4, 7), [1, 2, 3]);
        assert!(cuts(1, 7).is_empty() && cuts(0, 7).is_empty());
        let long = cuts(10_000, 7);
        assert_eq!(long, cuts(10_000, 7));
        assert_ne!(long, cuts(10_000, 8));
        assert!(long.iter().all(|at| (1..10_000).contains(at)) && long.len() > 2 * ENDS);
        assert_eq!((few(1), few(2), few(3), few(9)), (vec![], vec![1], vec![1, 2], vec![1, 4, 8]));
    }
}
