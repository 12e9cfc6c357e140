//! `varint`: a length in groups of seven bits, the lowest first, then that many bytes.
//!
//! As Protocol Buffers delimit messages (base-128 varints, LEB128): the eighth bit of a byte says
//! that another follows. Never takes a length that could be written shorter, as multiformats'
//! unsigned-varint rules and netstrings have it: one message has one form on the wire.

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::{FrameError, Framing, Word};

pub(super) struct Varint;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "varint",
    |_| Ok(Framing::Varint),
    "a length in as few 7-bit groups as it takes, the lowest first, then the frame (Protocol Buffers)",
)];

/// The eighth bit: another byte follows.
const MORE: u8 = 0x80;

impl Codec for Varint {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        let mut groups = Vec::new();
        let mut rest = frame.len();
        while rest >= usize::from(MORE) {
            groups.push(rest.to_le_bytes()[0] | MORE);
            rest >>= 7;
        }
        groups.push(rest.to_le_bytes()[0]);
        into.put([&groups, frame])
    }

    #[inline]
    fn locate(&self, unread: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        let mut least = 0;
        let mut announced = 0;
        for (at, &byte) in unread.iter().enumerate() {
            announced |= u64::from(byte & !MORE) << (7 * at);
            if byte == 0 && at > 0 {
                let why = "a varint that ends in zeros, and could be shorter";
                return Err(FrameError::BadHeader(why.into()));
            }
            if byte & MORE == 0 {
                let body = within(announced, limit)?;
                return Ok(Mark::Frame(Extent { head: at + 1, body, ..Extent::default() }));
            }
            // What follows is not all zeros. Said at each byte, so that the error is the same
            // however many have come; at the ninth at the latest, for no limit is over 63 bits.
            least = within(announced | 1 << (7 * (at + 1)), limit)?;
        }
        Ok(Mark::Need(1 + least))
    }
}
