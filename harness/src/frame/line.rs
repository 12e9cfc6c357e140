//! `line`: bytes up to a line feed.
//!
//! Never strips a carriage return: what was framed comes back. For CR LF there is
//! `delimiter:\r\n`. Next: `delimiter.rs`, for more than one byte.

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
        into.extend_from_slice(frame);
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
        let body = memchr::memchr(LF, near).filter(|&body| body <= limit)?;
        Some(Extent { body, tail: 1, ..Extent::default() })
    }
}
