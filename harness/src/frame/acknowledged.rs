//! Length first, wait for an acknowledgement, then the data: the first cure that tutorials find for
//! messages that stick together.
//!
//! No codec: what the sender writes is `u32be` and nothing else, and the receiver would find the
//! same frames without the wait. What the wait buys is a reader that may take "what one receive
//! gives" for the length; what it costs is a round trip for each message. So it is modelled as what
//! it is, a protocol of two ends, [`Sender`] and [`Receiver`], each told what came and asked what
//! to do next. Never touches a socket; never acknowledges a length over the limit.
//!
//! Next: `decoder.rs`, which the receiver is made of.

use super::{Decoder, FrameError, Framing, length};

/// The acknowledgement: ASCII's own, one byte, so that it can neither stick nor be split.
pub const ACK: u8 = 0x06;

/// What an end does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn<T> {
    /// Send all of these bytes, then ask again.
    Send(Vec<u8>),
    /// Receive at most so many bytes, tell of them, then ask again.
    Receive(usize),
    /// This message has passed.
    Done(T),
}

/// The end that has a message to send.
///
/// ```
/// use sockdrill::frame::acknowledged::{ACK, Receiver, Sender, Turn};
///
/// let (mut sender, mut receiver) = (Sender::new(b"ls -l")?, Receiver::new(1024));
/// let Turn::Send(length) = sender.turn() else { panic!() };
/// assert_eq!(length, b"\0\0\0\x05");
/// receiver.received(&length)?;
/// assert_eq!(receiver.turn(), Turn::Send(vec![ACK]));
/// assert_eq!(sender.turn(), Turn::Receive(1)); // The round trip that `u32be` does not have.
/// sender.received(&[ACK])?;
/// let Turn::Send(data) = sender.turn() else { panic!() };
/// receiver.received(&data)?;
/// assert_eq!((sender.turn(), receiver.turn()), (Turn::Done(()), Turn::Done(b"ls -l".to_vec())));
/// # Ok::<(), sockdrill::frame::FrameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sender {
    length: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
    acknowledged: bool,
}

impl Sender {
    /// An end that sends `frame`.
    ///
    /// Fails with [`FrameError::Unencodable`] for more than 32 bits can say.
    pub fn new(frame: &[u8]) -> Result<Sender, FrameError> {
        let mut length = Vec::new();
        FRAMING.encode(frame, &mut length)?;
        let data = length.split_off(WIDTH);
        Ok(Sender { length: Some(length), data: Some(data), acknowledged: false })
    }

    /// What to do next. Bytes to send are given out once.
    pub fn turn(&mut self) -> Turn<()> {
        if let Some(length) = self.length.take() {
            return Turn::Send(length);
        }
        if !self.acknowledged {
            return Turn::Receive(1);
        }
        self.data.take().map_or(Turn::Done(()), Turn::Send)
    }

    /// Tells of bytes that came.
    ///
    /// Fails with [`FrameError::BadAcknowledgement`] for anything but one [`ACK`] while one is
    /// waited for.
    pub fn received(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        let waiting = self.length.is_none() && !self.acknowledged;
        match bytes {
            [] => Ok(()),
            [ACK] if waiting => {
                self.acknowledged = true;
                Ok(())
            }
            other => {
                let found = other[..other.len().min(16)].escape_ascii().to_string();
                Err(FrameError::BadAcknowledgement(found))
            }
        }
    }

    /// Whether the other end may close now.
    ///
    /// Fails with [`FrameError::Truncated`] while the acknowledgement is to come.
    pub fn finish(self) -> Result<(), FrameError> {
        if self.acknowledged { Ok(()) } else { Err(FrameError::Truncated { have: 0, need: 1 }) }
    }
}

/// The end that a message comes to.
#[derive(Clone, Debug)]
pub struct Receiver {
    decoder: Decoder,
    had: usize,
    acknowledged: bool,
}

impl Receiver {
    /// An end that takes a message of at most `limit` bytes.
    pub fn new(limit: usize) -> Receiver {
        Receiver { decoder: FRAMING.decoder(limit), had: 0, acknowledged: false }
    }

    /// What to do next: never to receive beyond the length before it is acknowledged, nor beyond
    /// the message after.
    pub fn turn(&mut self) -> Turn<Vec<u8>> {
        if self.had >= WIDTH && !self.acknowledged {
            self.acknowledged = true;
            return Turn::Send(vec![ACK]);
        }
        match self.decoder.next() {
            Ok(Some(frame)) => Turn::Done(frame),
            Ok(None) | Err(_) => Turn::Receive(self.decoder.missing()),
        }
    }

    /// Tells of bytes that came.
    ///
    /// Fails with [`FrameError::TooLong`] for a length over the limit, which is then not
    /// acknowledged; and with [`FrameError::BadAcknowledgement`] for data that did not wait.
    pub fn received(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.had += bytes.len();
        if self.had > WIDTH && !self.acknowledged {
            let early = format!("{} bytes of data before it", self.had - WIDTH);
            return Err(FrameError::BadAcknowledgement(early));
        }
        self.decoder.push(bytes);
        self.decoder.check()
    }

    /// Whether the stream may end here, the message taken or none begun.
    ///
    /// Fails with [`FrameError::Truncated`].
    pub fn finish(self) -> Result<(), FrameError> {
        self.decoder.finish()
    }
}

/// Bytes of the length.
const WIDTH: usize = 4;

/// What either end puts on the wire beside the acknowledgement.
const FRAMING: Framing = length::plain(4, false);
