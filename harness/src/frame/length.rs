//! `u8` to `u64le`: a binary length, then that many bytes.
//!
//! The length counts the frame alone, never itself. Next: `json_header.rs`, a length that came to
//! need more words.

use super::decoder::{Codec, Mark, Scan};
use super::error::within;
use super::{FrameError, Framing, Word};

/// A length of 1, 2, 3, 4 or 8 bytes in either byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthPrefix {
    width: usize,
    little: bool,
}

pub(super) const WORDS: &[Word] = &[
    Word::plain("u8", |_| Ok(prefix(1, false)), "an 8-bit length, then the frame"),
    Word::plain(
        "u16be",
        |_| Ok(prefix(2, false)),
        "a 16-bit big-endian length, then the frame (DNS over TCP, RFC 1035 section 4.2.2)",
    ),
    Word::plain("u16le", |_| Ok(prefix(2, true)), "a 16-bit little-endian length, then the frame"),
    Word::plain("u24be", |_| Ok(prefix(3, false)), "a 24-bit big-endian length, then the frame"),
    Word::plain("u24le", |_| Ok(prefix(3, true)), "a 24-bit little-endian length, then the frame"),
    Word::plain("u32be", |_| Ok(prefix(4, false)), "a 32-bit big-endian length, then the frame"),
    Word::plain("u32le", |_| Ok(prefix(4, true)), "a 32-bit little-endian length, then the frame"),
    Word::plain("u64be", |_| Ok(prefix(8, false)), "a 64-bit big-endian length, then the frame"),
    Word::plain("u64le", |_| Ok(prefix(8, true)), "a 64-bit little-endian length, then the frame"),
];

const fn prefix(width: usize, little: bool) -> Framing {
    Framing::Length(LengthPrefix { width, little })
}

impl LengthPrefix {
    /// The longest frame it can announce, in bytes.
    pub fn max_bytes(self) -> u64 {
        u64::MAX >> (64 - 8 * self.width)
    }

    pub(super) fn name(self) -> String {
        let order = match (self.width, self.little) {
            (1, _) => "",
            (_, false) => "be",
            (_, true) => "le",
        };
        format!("u{}{order}", 8 * self.width)
    }

    fn read(self, prefix: &[u8]) -> u64 {
        let shift = |value, &byte| value << 8 | u64::from(byte);
        if self.little { prefix.iter().rev().fold(0, shift) } else { prefix.iter().fold(0, shift) }
    }
}

impl Codec for LengthPrefix {
    fn encode(&self, frame: &[u8], into: &mut Vec<u8>) -> Result<(), FrameError> {
        let length = frame.len() as u64;
        if length > self.max_bytes() {
            let (name, most) = (self.name(), self.max_bytes());
            let why = format!("{length} bytes, and {name} can say at most {most}");
            return Err(FrameError::unencodable(why));
        }
        if self.little {
            into.extend_from_slice(&length.to_le_bytes()[..self.width]);
        } else {
            into.extend_from_slice(&length.to_be_bytes()[8 - self.width..]);
        }
        into.extend_from_slice(frame);
        Ok(())
    }

    fn locate(&self, unread: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        match unread.get(..self.width) {
            None => Ok(Mark::Need(self.width - unread.len())),
            Some(prefix) => {
                let body = within(self.read(prefix), limit)?;
                Ok(Mark::Frame { head: self.width, body, tail: 0 })
            }
        }
    }
}
