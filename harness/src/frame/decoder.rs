//! The decoder: what the codec has said of the frame at the front of the stream, and the bytes of
//! an unfinished frame.
//!
//! Never judges bytes itself (codecs do, through [`Codec`]) and never reserves memory for bytes
//! that have not come. Copies and looks at every byte a bounded number of times, however the
//! stream is divided: a hostile peer that sends byte by byte gains nothing.
//!
//! Next: `length.rs` is the plainest codec, `delimiter.rs` the only one that searches for more than
//! a byte.

use super::output::Put;
use super::window::Window;
use super::{FrameError, Framing};
use crate::sys::prefetch;

/// How far ahead of a frame the stream is asked for. Where the next frame begins is known only once
/// this one's length is read, so the processor would not ask early enough by itself: with 64 bytes
/// a frame that is four tenths of the time.
const AHEAD: usize = 512;

/// One way to mark frames: what a codec's file supplies.
pub(super) trait Codec {
    /// Writes `frame` with its marks; leaves `into` alone when it refuses.
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError>;

    /// Finds the frame at the front of `unread`, which need not be there in full.
    ///
    /// Asked again with more bytes until it answers [`Mark::Frame`] or an error; `scan` is kept
    /// between these calls. An answer depends on the bytes alone, never on how often it was asked.
    /// Work is constant or in proportion to the new bytes.
    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError>;

    /// How many bytes from the front of `next` to add to an unfinished frame before `locate` is asked
    /// again: never beyond the frame's end, so at most `need` where nothing better is known.
    #[inline]
    fn reach(&self, _next: &[u8], need: usize) -> usize {
        need
    }

    /// The frame at the front of `unread`, which is shortened by it, where it is all there, has no
    /// `lead`, and taking it takes next to no work: for small frames most of the time goes into all
    /// else that may be.
    #[inline]
    fn pick<'f>(
        &self,
        _unread: &mut &'f [u8],
        _limit: usize,
        _window: &mut Window<'f>,
    ) -> Option<&'f [u8]> {
        None
    }
}

/// What the marks in the unread bytes say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// The frame's extent is known; its bytes may be still to come.
    Frame(Extent),
    /// The frame cannot be complete before this many bytes more, at least 1.
    Need(usize),
}

/// Where a frame lies: `lead` and `body` are its bytes, the others are marks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// Bytes of the frame before the head: 0 but where a length has an offset.
    pub(super) lead: usize,
    pub(super) head: usize,
    pub(super) body: usize,
    pub(super) tail: usize,
}

impl Extent {
    fn total(&self) -> usize {
        self.lead + self.head + self.body + self.tail
    }
}

/// How far a codec that searches has come in the unread bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// Unread bytes that need no second look.
    pub(super) seen: usize,
    /// How many of the last seen bytes may be the beginning of the delimiter.
    pub(super) matched: usize,
}

/// Takes a stream apart into frames.
///
/// Either look at the [`frames`](Decoder::frames) in the buffer that the bytes were received into, which
/// copies nothing but a frame that goes over the buffer's end; or [`push`](Decoder::push) what
/// arrived and take frames of one's own with [`next`](Decoder::next). In either case
/// [`finish`](Decoder::finish) at end of file.
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
    /// What the codec says of the unread bytes.
    mark: Mark,
    /// How many bytes are missing by that mark.
    missing: usize,
    /// Why there will be no more frames; `missing` is then 0.
    error: Option<FrameError>,
    /// No byte is unread, and there was no error.
    idle: bool,
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
            mark: Mark::Need(1),
            missing: 1,
            error: None,
            idle: true,
        };
        decoder.look();
        decoder
    }

    /// Takes in what arrived, to look at its frames where they lie.
    ///
    /// ```
    /// use sockdrill::frame::Framing;
    ///
    /// let mut decoder = Framing::parse("u8")?.decoder(255);
    /// let mut seen = Vec::new();
    /// for chunk in [&b"\x02ls\x03p"[..], b"wd"] {
    ///     let mut frames = decoder.frames(chunk);
    ///     while let Some(frame) = frames.next()? {
    ///         seen.push(String::from_utf8_lossy(frame).into_owned());
    ///     }
    /// }
    /// assert_eq!(seen, ["ls", "pwd"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn frames<'f>(&'f mut self, chunk: &'f [u8]) -> Frames<'f> {
        Frames { decoder: self, chunk, window: Window::new(chunk) }
    }

    /// [`Frames::next`], whatever there is.
    fn decode_any<'f, 'c: 'f>(
        &'f mut self,
        chunk: &mut &'c [u8],
    ) -> Result<Option<&'f [u8]>, FrameError> {
        if self.idle {
            let mut scan = Scan::default();
            let located = self.framing.locate(chunk, self.limit, &mut scan);
            if let Ok(Mark::Frame(extent @ Extent { lead: 0, .. })) = located
                && let Some(frame) = split_off(chunk, extent)
            {
                return Ok(Some(frame));
            }
            let kept = match located {
                Ok(Mark::Frame(extent)) => extent.total().min(chunk.len()),
                Ok(Mark::Need(_)) => chunk.len(),
                Err(_) => 0,
            };
            self.take_in(chunk, kept);
            self.scan = scan;
            self.learn(located);
        }
        self.assemble(chunk)
    }

    /// Adds bytes that arrived. After an error they are dropped: nothing can be made of them.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.append(bytes);
            match self.mark {
                Mark::Frame(_) => self.learn(Ok(self.mark)),
                Mark::Need(_) => self.look(),
            }
        }
    }

    /// The next frame of the bytes that were pushed, or `None` when it has not arrived in full.
    ///
    /// Fails with [`FrameError::TooLong`], [`FrameError::BadHeader`] or [`FrameError::BadEnd`] as
    /// soon as the bytes show it, after the frames before; and with the same error ever after.
    #[expect(clippy::should_implement_trait, reason = "`None` is `not yet`, not `no more`")]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        Ok(self.assemble(&mut &[][..])?.map(<[u8]>::to_vec))
    }

    /// Whether the bytes that are kept may still become frames.
    pub(super) fn check(&self) -> Result<(), FrameError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// How many bytes more the next frame needs at least, marks included: one may receive that
    /// many and never read past its end. 0 when [`next`](Decoder::next) has a frame or an error
    /// to give; at least 1 when it would give `None`.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether the stream may end here. Frames that were not taken are dropped.
    ///
    /// Fails with [`FrameError::Truncated`] when bytes of an unfinished frame are left, or with
    /// the error of [`next`](Decoder::next).
    pub fn finish(mut self) -> Result<(), FrameError> {
        while self.assemble(&mut &[][..])?.is_some() {}
        match self.unread().len() {
            0 => Ok(()),
            have => Err(FrameError::Truncated { have, need: have + self.missing }),
        }
    }

    fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn append(&mut self, bytes: &[u8]) {
        // Moves no more bytes than were read since the last time: linear over the stream.
        if self.start > 0 && self.start >= self.unread().len() {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Keeps the first `length` bytes of `chunk`.
    fn take_in(&mut self, chunk: &mut &[u8], length: usize) {
        let (kept, rest) = chunk.split_at(length);
        self.append(kept);
        *chunk = rest;
    }

    /// [`Frames::next`], of a frame that begins with the bytes that were kept.
    fn assemble(&mut self, chunk: &mut &[u8]) -> Result<Option<&[u8]>, FrameError> {
        loop {
            match self.mark {
                Mark::Frame(extent) if self.missing == 0 => return Ok(Some(self.give(extent))),
                _ if chunk.is_empty() && self.error.is_none() => return Ok(None),
                Mark::Frame(_) => {
                    let length = self.missing.min(chunk.len());
                    self.missing -= length;
                    self.take_in(chunk, length);
                }
                Mark::Need(_) => {
                    if self.error.is_some() {
                        return self.check().map(|()| None);
                    }
                    let length = match chunk.len() {
                        few if few <= self.missing => few,
                        many => self.framing.reach(chunk, self.missing).min(many),
                    };
                    self.take_in(chunk, length);
                    self.look();
                }
            }
        }
    }

    /// The frame at the front of the unread bytes, all of which is there.
    fn give(&mut self, extent: Extent) -> &[u8] {
        let Extent { lead, head, body, .. } = extent;
        let from = self.start + head;
        self.bytes.copy_within(self.start..self.start + lead, from);
        self.start += extent.total();
        self.scan = Scan::default();
        self.look();
        &self.bytes[from..from + lead + body]
    }

    /// Asks the codec about the unread bytes.
    fn look(&mut self) {
        let unread = &self.bytes[self.start..];
        let located = self.framing.locate(unread, self.limit, &mut self.scan);
        self.learn(located);
    }

    /// Remembers what the codec has said of the unread bytes.
    #[inline]
    fn learn(&mut self, located: Result<Mark, FrameError>) {
        let unread = self.unread().len();
        (self.mark, self.missing) = match located {
            Ok(mark @ Mark::Frame(extent)) => (mark, extent.total().saturating_sub(unread)),
            Ok(mark @ Mark::Need(more)) => (mark, more),
            Err(error) => {
                self.error = Some(error);
                (Mark::Need(0), 0)
            }
        };
        self.idle = unread == 0 && self.error.is_none();
    }
}

/// The frames of a chunk, one after the other: first the one of which the decoder had kept the
/// beginning.
///
/// Dropped early, it leaves what was not asked for to the decoder.
#[derive(Debug)]
pub struct Frames<'f> {
    decoder: &'f mut Decoder,
    /// What is unread.
    chunk: &'f [u8],
    window: Window<'f>,
}

impl Frames<'_> {
    /// The next frame without its marks; `None` when it has not arrived in full.
    ///
    /// A frame that lies whole in the chunk is borrowed from there. Of one that does not, each byte
    /// is copied once, to its place in the frame. (A length with an offset divides its frames, which
    /// are therefore always put together.)
    ///
    /// Fails as [`Decoder::next`] does.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a third less for frames of 16 bytes")]
    #[expect(clippy::should_implement_trait, reason = "what it gives is borrowed from itself")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let decoder = &mut *self.decoder;
        if decoder.idle {
            prefetch(self.chunk, AHEAD);
            let (limit, window) = (decoder.limit, &mut self.window);
            if let Some(frame) = decoder.framing.pick(&mut self.chunk, limit, window) {
                return Ok(Some(frame));
            }
        } else if self.chunk.len() < decoder.missing && matches!(decoder.mark, Mark::Frame(_)) {
            decoder.missing -= self.chunk.len();
            decoder.append(self.chunk);
            self.chunk = &[];
            return Ok(None);
        }
        // Not the field itself: what a call has the address of is kept in memory, here and in the
        // loop around.
        let mut chunk = self.chunk;
        let result = decoder.decode_any(&mut chunk);
        self.chunk = chunk;
        self.window = Window::new(chunk);
        result
    }
}

impl Drop for Frames<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.chunk.is_empty() {
            self.decoder.push(self.chunk);
        }
    }
}

/// The frame at the front of `chunk`, which is shortened by it; `None` where it is not all there.
#[inline]
fn split_off<'c>(chunk: &mut &'c [u8], extent: Extent) -> Option<&'c [u8]> {
    let (marked, rest) = chunk.split_at_checked(extent.total())?;
    *chunk = rest;
    Some(&marked[extent.head..extent.head + extent.body])
}
