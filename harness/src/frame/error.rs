//! Why a frame cannot be read or written.
//!
//! Never says where in the stream: a decoder does not count what it has given out. Next: the
//! codec files, which raise these.

use thiserror::Error;

/// Why a frame cannot be read or written. After any error in reading, the stream's boundaries are
/// lost.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The frame is larger than the decoder accepts.
    #[error("a frame of at least {announced} bytes, over the limit of {limit}")]
    TooLong {
        /// Bytes in the frame as far as the stream has told: exact for a binary or JSON length, a
        /// lower bound where the end is marked or the length comes digit by digit.
        announced: u64,
        /// The most bytes the decoder accepts.
        limit: usize,
    },
    /// The bytes before the frame are not what this framing puts there.
    #[error("bad frame header: {0}")]
    BadHeader(String),
    /// The byte after the frame is not what this framing puts there.
    #[error("bad frame end: {0}")]
    BadEnd(String),
    /// What came is no acknowledgement, or came before it.
    #[error("bad acknowledgement: {0}")]
    BadAcknowledgement(String),
    /// The stream ended inside a frame.
    #[error("stream ended {have} bytes into a frame of at least {need}")]
    Truncated {
        /// Bytes of the unfinished frame that arrived, marks included.
        have: usize,
        /// The least number of bytes that would have been the whole, marks included.
        need: usize,
    },
    /// The buffer has no room for the frame: what it has can be sent, and then the frame be written.
    #[error("no room for {need} bytes in {room}")]
    Full {
        /// Bytes of the frame with its marks.
        need: usize,
        /// Bytes that are left in the buffer.
        room: usize,
    },
    /// This framing cannot carry that frame.
    #[error("cannot encode the frame: {why}")]
    Unencodable {
        /// What stands in the way.
        why: String,
    },
}

impl FrameError {
    pub(super) fn unencodable(why: impl Into<String>) -> FrameError {
        FrameError::Unencodable { why: why.into() }
    }
}

/// The announced length as a size in memory, if it is within the limit.
pub(super) fn within(announced: u64, limit: usize) -> Result<usize, FrameError> {
    usize::try_from(announced)
        .ok()
        .filter(|&length| length <= limit)
        .ok_or(FrameError::TooLong { announced, limit })
}
