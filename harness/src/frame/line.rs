//! `line`: bytes up to a line feed.
//!
//! Never strips a carriage return: what was framed comes back. For CR LF there is
//! `delimiter:\r\n`. Next: `delimiter.rs`, for more than one byte.

use super::decoder::{Codec, Extent, Mark, Scan};
use super::output::Put;
use super::window::Window;
use super::{FrameError, Framing, Word};

pub(super) struct Line;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "line",
    |_| Ok(Framing::Line),
    "bytes up to a line feed; a carriage return before it is part of the frame",
)];

const LF: u8 = b'\n';

/// Windows in which a short line ends; looking twice at more would be felt.
const NEAR: usize = 4;

impl Codec for Line {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        if memchr::memchr(LF, frame).is_some() {
            return Err(FrameError::unencodable("a line cannot contain a line feed"));
        }
        into.put([frame, &[LF]])
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
    fn pick<'f>(
        &self,
        unread: &mut &'f [u8],
        limit: usize,
        window: &mut Window<'f>,
    ) -> Option<&'f [u8]> {
        let body = window.find(unread, LF, NEAR).filter(|&body| body <= limit)?;
        let (frame, rest) = unread.split_at_checked(body)?;
        *unread = rest.get(1..)?;
        Some(frame)
    }
}
