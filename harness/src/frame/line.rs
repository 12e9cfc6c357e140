//! `line`: bytes up to a line feed.
//!
//! Never strips a carriage return: what was framed comes back. For CR LF there is
//! `delimiter:\r\n`. Next: `delimiter.rs`, for more than one byte.

use super::append::append;
use super::decoder::{Codec, Extent, Mark, Scan};
use super::{FrameError, Framing, Word};

pub(super) struct Line;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "line",
    |_| Ok(Framing::Line),
    "bytes up to a line feed; a carriage return before it is part of the frame",
)];

const LF: u8 = b'\n';

/// Bytes in which a short line ends; looking twice at more would be felt.
const NEAR: usize = 256;

impl Codec for Line {
    fn encode(&self, frame: &[u8], into: &mut Vec<u8>) -> Result<(), FrameError> {
        if memchr::memchr(LF, frame).is_some() {
            return Err(FrameError::unencodable("a line cannot contain a line feed"));
        }
        into.reserve(frame.len() + 1);
        append(into, frame);
        into.push(LF);
        Ok(())
    }

    #[inline]
    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError> {
        let end = memchr::memchr(LF, &unread[scan.seen..]);
        let body = end.map_or(unread.len(), |end| scan.seen + end);
        if body > limit {
            // Not `body`: how much lies behind the limit depends on what happened to arrive.
            return Err(FrameError::TooLong { announced: limit as u64 + 1, limit });
        }
        scan.seen = body;
        Ok(match end {
            Some(_) => Mark::Frame(Extent { body, tail: 1, ..Extent::default() }),
            None => Mark::Need(1),
        })
    }
    #[inline]
    fn reach(&self, next: &[u8], _: usize) -> usize {
        memchr::memchr(LF, next).map_or(next.len(), |at| at + 1)
    }

    #[inline]
    fn glance(&self, unread: &[u8], limit: usize) -> Option<Extent> {
        let near = &unread[..unread.len().min(NEAR)];
        let at_once = near.first_chunk().and_then(first_line_feed);
        let body = at_once.or_else(|| memchr::memchr(LF, near)).filter(|&body| body <= limit)?;
        Some(Extent { body, tail: 1, ..Extent::default() })
    }
}

/// The first line feed of a few bytes, eight at a time: for a short line a call of `memchr` takes
/// longer than its search.
#[inline]
fn first_line_feed(bytes: &[u8; 24]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let (eights, _) = bytes.as_chunks();
    eights.iter().enumerate().find_map(|(index, eight)| {
        // A line feed is 0 here. Of the zeros' high bits that are left the lowest is right; what
        // a borrow adds lies above it.
        let zero = u64::from_le_bytes(*eight) ^ (ONES * u64::from(LF));
        let found = zero.wrapping_sub(ONES) & !zero & HIGH;
        (found != 0).then(|| 8 * index + found.trailing_zeros() as usize / 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_feed_is_found_wherever_it_is_first() {
        for at in 0..24 {
            for other in [0, 1, LF - 1, LF, LF + 1, 0x8a, 0xff] {
                let mut bytes = [other; 24];
                bytes[..at].fill(0x8a);
                bytes[at] = LF;
                assert_eq!(first_line_feed(&bytes), Some(at), "{bytes:?}");
            }
        }
        assert_eq!(first_line_feed(&[0x8a; 24]), None);
        assert_eq!(first_line_feed(&[LF + 1; 24]), None);
    }
}
