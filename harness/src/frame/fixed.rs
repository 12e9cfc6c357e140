//! `fixed:SIZE`: frames that are all of one size, and no marks at all.
//!
//! Never of size 0: every stream would hold endlessly many. Next: `length.rs`.

use std::num::NonZeroUsize;

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::{FrameError, Framing, Word};

/// The size of every frame, in bytes, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fixed(NonZeroUsize);

pub(super) const WORDS: &[Word] = &[Word {
    name: "fixed",
    argument: Some("SIZE"),
    example: "fixed:16",
    doc: "frames of exactly that many bytes, at least 1",
    framing: |argument| {
        let size = argument.parse().ok().filter(|size: &NonZeroUsize| {
            // One way to write a size, so that a name in a report can be searched for.
            size.to_string() == argument
        });
        let size = size.map(|size| Framing::Fixed(Fixed(size)));
        size.ok_or_else(|| {
            format!("`{}` is not a whole number from 1 in plain digits", argument.escape_debug())
        })
    },
}];

impl Fixed {
    /// Frames of `size` bytes, `None` for 0.
    pub fn new(size: usize) -> Option<Fixed> {
        NonZeroUsize::new(size).map(Fixed)
    }

    /// Bytes in every frame, at least 1.
    pub fn size(self) -> usize {
        self.0.get()
    }
}

impl Codec for Fixed {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        if frame.len() != self.size() {
            let why = format!("{} bytes, and every frame has {}", frame.len(), self.size());
            return Err(FrameError::unencodable(why));
        }
        into.put([frame])
    }

    #[inline]
    fn locate(&self, _: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        let body = within(self.size() as u64, limit)?;
        Ok(Mark::Frame(Extent { body, ..Extent::default() }))
    }
}
