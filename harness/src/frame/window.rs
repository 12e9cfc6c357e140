//! A search that looks at 64 bytes at a time and remembers what it saw of them: where frames are short,
//! several end there.
//!
//! Never copies bytes. Next: `line.rs`, which searches.

use crate::sys::byte_mask;

/// How many bytes are looked at together.
const SIZE: usize = 64;

/// Where a byte stands in a chunk, of which the front has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'f> {
    /// What has not been looked at.
    ahead: &'f [u8],
    /// Of the 64 bytes before, a bit for each that is the byte and has not been given out.
    mask: u64,
}

impl<'f> Window<'f> {
    /// At the beginning of a chunk.
    pub(super) fn new(chunk: &'f [u8]) -> Window<'f> {
        Window { ahead: chunk, mask: 0 }
    }

    /// Where `byte` stands first in `unread`, what is left of the chunk; `None` where that is not within
    /// some windows. Once it has been given out it has to be read: it is not given again.
    #[inline]
    pub(super) fn find(&mut self, unread: &'f [u8], byte: u8, windows: usize) -> Option<usize> {
        if self.mask == 0 {
            for _ in 0..windows {
                let (block, ahead) = self.ahead.split_first_chunk()?;
                (self.ahead, self.mask) = (ahead, byte_mask(block, byte));
                if self.mask != 0 {
                    break;
                }
            }
            if self.mask == 0 {
                return None;
            }
        }
        let at = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        // By what is behind it, which does not depend on the frames before.
        Some(unread.len() - (self.ahead.len() + SIZE - at))
    }
}
