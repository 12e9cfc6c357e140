//! `netstring`: a decimal length, `:`, that many bytes, `,`.
//!
//! As D. J. Bernstein defined it (<https://cr.yp.to/proto/netstrings.txt>): no leading zeros, no
//! sign, no space. Never accepts a frame whose comma is missing, which is the point of the comma.

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::{FrameError, Framing, Word};

pub(super) struct Netstring;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "netstring",
    |_| Ok(Framing::Netstring),
    "a decimal length, a colon, the frame, a comma: `2:ls,`",
)];

/// Bytes of the shortest, `0:,`.
const SHORTEST: usize = 3;

impl Codec for Netstring {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        into.put([format!("{}:", frame.len()).as_bytes(), frame, b","])
    }

    fn locate(&self, unread: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        let mut body = 0;
        // Looks again at no more digits than the limit has: a further one is over it.
        for (at, &byte) in unread.iter().enumerate() {
            body = match byte {
                b'0'..=b'9' if at == 0 || body > 0 => {
                    let digit = u64::from(byte - b'0');
                    within((body as u64).saturating_mul(10).saturating_add(digit), limit)?
                }
                b':' if at > 0 => return comma(unread, at + 1, body),
                _ => return Err(bad_length(byte)),
            };
        }
        // A further digit would only make it longer.
        Ok(Mark::Need(if unread.is_empty() { SHORTEST } else { body + 2 }))
    }
}

/// The frame after a head of that many bytes, once its comma is there.
fn comma(unread: &[u8], head: usize, body: usize) -> Result<Mark, FrameError> {
    let end = head + body;
    match unread.get(end) {
        None => Ok(Mark::Need(end + 1 - unread.len())),
        Some(b',') => Ok(Mark::Frame(Extent { head, body, tail: 1, lead: 0 })),
        Some(other) => {
            let found = other.escape_ascii();
            Err(FrameError::BadEnd(format!("expected `,` after {body} bytes, found `{found}`")))
        }
    }
}

fn bad_length(byte: u8) -> FrameError {
    let found = byte.escape_ascii();
    let wanted = "a decimal length without leading zeros, then `:`";
    FrameError::BadHeader(format!("expected {wanted}, found `{found}`"))
}
