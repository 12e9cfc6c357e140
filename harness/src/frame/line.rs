//! `line`: bytes up to a line feed.
//!
//! Never strips a carriage return: what was framed comes back. For CR LF there is
//! `delimiter:\r\n`. Next: `delimiter.rs`, for more than one byte.

use super::decoder::{Codec, Mark, Scan};
use super::{FrameError, Framing, Word};

pub(super) struct Line;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "line",
    |_| Ok(Framing::Line),
    "bytes up to a line feed; a carriage return before it is part of the frame",
)];

const LF: u8 = b'\n';

impl Codec for Line {
    fn encode(&self, frame: &[u8], into: &mut Vec<u8>) -> Result<(), FrameError> {
        if frame.contains(&LF) {
            return Err(FrameError::unencodable("a line cannot contain a line feed"));
        }
        into.extend_from_slice(frame);
        into.push(LF);
        Ok(())
    }

    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError> {
        let end = unread[scan.seen..].iter().position(|&byte| byte == LF);
        let body = end.map_or(unread.len(), |end| scan.seen + end);
        if body > limit {
            // Not `body`: how much lies behind the limit depends on what happened to arrive.
            return Err(FrameError::TooLong { announced: limit as u64 + 1, limit });
        }
        scan.seen = body;
        Ok(if end.is_some() { Mark::Frame { head: 0, body, tail: 1 } } else { Mark::Need(1) })
    }
}
