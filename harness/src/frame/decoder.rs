//! The decoder: a buffer of unread bytes, and what the codec has said of the frame at its front.
//!
//! Never judges bytes itself (codecs do, through [`Codec`]) and never reserves memory for bytes
//! that have not come. Copies and looks at every byte a bounded number of times, however the
//! stream is divided: a hostile peer that sends byte by byte gains nothing.
//!
//! Next: `length.rs` is the plainest codec, `delimiter.rs` the only one that searches.

use super::{FrameError, Framing};

/// One way to mark frames: what a codec's file supplies.
pub(super) trait Codec {
    /// Appends `frame` with its marks; leaves `into` alone when it refuses.
    fn encode(&self, frame: &[u8], into: &mut Vec<u8>) -> Result<(), FrameError>;

    /// Finds the frame at the front of `unread`, which need not be there in full.
    ///
    /// Asked again with more bytes until it answers [`Mark::Frame`] or an error; `scan` is kept
    /// between these calls. An answer depends on the bytes alone, never on how often it was asked.
    /// Work is constant or in proportion to the new bytes.
    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError>;
}

/// What the marks in the unread bytes say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// The frame's extent is known; its bytes may be still to come.
    Frame { head: usize, body: usize, tail: usize },
    /// The frame cannot be complete before this many bytes more, at least 1.
    Need(usize),
}

/// How far a codec that searches has come in the unread bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// Unread bytes that need no second look.
    pub(super) seen: usize,
    /// How many of the last seen bytes may be the beginning of the delimiter.
    pub(super) matched: usize,
}

/// Takes a stream apart into frames: [`push`](Decoder::push) what arrived, then take frames with
/// [`next`](Decoder::next) until there is none, and [`finish`](Decoder::finish) at end of file.
///
/// The frames and the error depend on the bytes alone, never on how they were divided.
#[derive(Clone, Debug)]
pub struct Decoder {
    framing: Framing,
    limit: usize,
    bytes: Vec<u8>,
    /// Where the unread bytes begin in `bytes`.
    start: usize,
    scan: Scan,
    /// What the codec says of all unread bytes, kept up to date by `look`. An error stays.
    mark: Result<Mark, FrameError>,
}

impl Decoder {
    pub(super) fn new(framing: Framing, limit: usize) -> Decoder {
        let mut decoder = Decoder {
            framing,
            // No `Vec` holds more, and codecs may add their marks to a length without overflow.
            limit: limit.min(isize::MAX.unsigned_abs()),
            bytes: Vec::new(),
            start: 0,
            scan: Scan::default(),
            mark: Ok(Mark::Need(1)),
        };
        decoder.look();
        decoder
    }

    /// Adds bytes that arrived. After an error they are dropped: nothing can be made of them.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.mark.is_err() {
            return;
        }
        // Moves no more bytes than were read since the last time: linear over the stream.
        if self.start >= self.unread().len() {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
        self.look();
    }

    /// The next frame without its marks, or `None` when it has not arrived in full.
    ///
    /// Fails with [`FrameError::TooLong`], [`FrameError::BadHeader`] or [`FrameError::BadEnd`] as
    /// soon as the bytes show it, after the frames before; and with the same error ever after.
    #[expect(clippy::should_implement_trait, reason = "`None` is `not yet`, not `no more`")]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Mark::Frame { head, body, tail } = self.mark.clone()? else { return Ok(None) };
        if self.missing() > 0 {
            return Ok(None);
        }
        let from = self.start + head;
        let frame = self.bytes[from..from + body].to_vec();
        self.start = from + body + tail;
        self.scan = Scan::default();
        self.mark = Ok(Mark::Need(1));
        self.look();
        Ok(Some(frame))
    }

    /// How many bytes more the next frame needs at least, marks included: one may receive that
    /// many and never read past its end. 0 when [`next`](Decoder::next) has a frame or an error
    /// to give; at least 1 when it would give `None`.
    pub fn missing(&self) -> usize {
        match self.mark {
            Ok(Mark::Frame { head, body, tail }) => {
                (head + body + tail).saturating_sub(self.unread().len())
            }
            Ok(Mark::Need(more)) => more,
            Err(_) => 0,
        }
    }

    /// Whether the stream may end here. Frames that were not taken are dropped.
    ///
    /// Fails with [`FrameError::Truncated`] when bytes of an unfinished frame are left, or with
    /// the error of [`next`](Decoder::next).
    pub fn finish(mut self) -> Result<(), FrameError> {
        while self.next()?.is_some() {}
        match self.unread().len() {
            0 => Ok(()),
            have => Err(FrameError::Truncated { have, need: have + self.missing() }),
        }
    }

    fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Asks the codec again, unless it knows the frame's extent or has given up.
    fn look(&mut self) {
        if let Ok(Mark::Need(_)) = self.mark {
            let unread = &self.bytes[self.start..];
            self.mark = self.framing.codec().locate(unread, self.limit, &mut self.scan);
        }
    }
}
