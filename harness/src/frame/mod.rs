//! Codecs: where one message ends and the next begins in a byte stream.
//!
//! TCP keeps no message boundaries (RFC 9293 section 3.7: "a stream of bytes"), so two ends must
//! agree on marks. A [`Framing`] is such an agreement; [`Framing::encode`] writes the marks and a
//! [`Decoder`] finds them again, however the bytes were split or coalesced on the way.
//!
//! Pure: bytes in, frames out. Never reads a socket, a clock or the environment, and never
//! reserves memory because a peer announced a length.
//!
//! [`acknowledged`] is no codec but a protocol of two ends: length first, then an acknowledgement,
//! then the data.
//!
//! Next: `decoder.rs` holds the buffer and the trait that a codec implements, `word.rs` the
//! names, and each codec has a file. To add one: that file, a variant and a line in each `match`
//! and in `TABLES` here; the laws in `laws.rs` then run over it.

pub mod acknowledged;
mod content_length;
mod decoder;
mod delimiter;
mod error;
mod fixed;
mod json_header;
#[cfg(test)]
mod laws;
mod length;
mod line;
mod netstring;
mod output;
#[cfg(test)]
mod tests;
mod varint;
mod window;
mod word;

use content_length::ContentLength;
use decoder::{Codec, Mark, Scan};
use json_header::JsonHeader;
use line::Line;
use netstring::Netstring;
use varint::Varint;
use window::Window;

pub use decoder::{Decoder, Frames};
pub use delimiter::{Delimiter, unescape};
pub use error::FrameError;
pub use fixed::Fixed;
pub use length::LengthField;
pub use output::Output;
pub use word::{Word, words};

/// The words of every codec, in the order of the reference.
const TABLES: [&[Word]; 8] = [
    length::WORDS,
    varint::WORDS,
    line::WORDS,
    delimiter::WORDS,
    json_header::WORDS,
    content_length::WORDS,
    fixed::WORDS,
    netstring::WORDS,
];

/// How messages are marked in a byte stream.
///
/// ```
/// use sockdrill::frame::Framing;
///
/// let framing = Framing::parse("u16be")?;
/// let mut stream = Vec::new();
/// framing.encode(b"ls", &mut stream)?;
/// assert_eq!(stream, b"\0\x02ls");
///
/// let mut decoder = framing.decoder(1024);
/// decoder.push(&stream[..3]);
/// assert_eq!((decoder.next()?, decoder.missing()), (None, 1));
/// decoder.push(&stream[3..]);
/// assert_eq!(decoder.next()?.as_deref(), Some(&b"ls"[..]));
/// decoder.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// A binary length, then that many bytes.
    Length(LengthField),
    /// A length in groups of seven bits, the lowest first, then that many bytes.
    Varint,
    /// Bytes up to a line feed.
    Line,
    /// Bytes up to a given sequence of bytes.
    Delimiter(Delimiter),
    /// A 32-bit big-endian length of a JSON object, the object, then as many bytes as its
    /// `length` says.
    JsonHeader,
    /// Header lines with a `Content-Length`, an empty line, then as many bytes.
    ContentLength,
    /// Always the same number of bytes.
    Fixed(Fixed),
    /// A decimal length, `:`, that many bytes, `,`.
    Netstring,
}

impl Framing {
    /// The framing of that name, such as `u16be`, `line`, `delimiter:\r\n` or `fixed:16`.
    ///
    /// Fails with a fragment that names the nearest and all accepted words, or what is wrong with
    /// the argument.
    pub fn parse(name: &str) -> Result<Framing, String> {
        word::parse(name)
    }

    /// The name in a scenario file, in printable ASCII; [`Framing::parse`] gives back the same
    /// framing.
    pub fn name(&self) -> String {
        match self {
            Framing::Length(field) => field.name(),
            Framing::Varint => "varint".into(),
            Framing::Line => "line".into(),
            Framing::Delimiter(delimiter) => {
                format!("delimiter:{}", delimiter.bytes().escape_ascii())
            }
            Framing::JsonHeader => "json-header".into(),
            Framing::ContentLength => "content-length".into(),
            Framing::Fixed(fixed) => format!("fixed:{}", fixed.size()),
            Framing::Netstring => "netstring".into(),
        }
    }

    /// Writes `frame` with its marks: appended to a `Vec<u8>`, or to the front of a `&mut [u8]`.
    ///
    /// Fails with [`FrameError::Unencodable`] for a frame that a decoder could not give back
    /// (longer than the prefix can say, containing the delimiter), with [`FrameError::Full`] where a
    /// buffer has no room for it; `into` is then unchanged.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a third of the time for frames of 16 bytes")]
    pub fn encode(&self, frame: &[u8], into: &mut impl Output) -> Result<(), FrameError> {
        if let Framing::Length(field) = self
            && let Some(result) = field.encode_at_once(frame, into)
        {
            return result;
        }
        // Not `into` itself: what a call has the address of is kept in memory, here and in the loop
        // around.
        let mut own = std::mem::take(into);
        let result = self.encode_any(frame, &mut own);
        *into = own;
        result
    }

    /// [`encode`](Framing::encode), whatever there is.
    #[inline(never)]
    fn encode_any(&self, frame: &[u8], into: &mut impl Output) -> Result<(), FrameError> {
        match self {
            Framing::Length(field) => field.encode(frame, into),
            Framing::Varint => Varint.encode(frame, into),
            Framing::Line => Line.encode(frame, into),
            Framing::Delimiter(delimiter) => delimiter.encode(frame, into),
            Framing::JsonHeader => JsonHeader.encode(frame, into),
            Framing::ContentLength => ContentLength.encode(frame, into),
            Framing::Fixed(fixed) => fixed.encode(frame, into),
            Framing::Netstring => Netstring.encode(frame, into),
        }
    }

    /// A decoder at the start of a stream, which refuses frames of more than `limit` bytes.
    pub fn decoder(&self, limit: usize) -> Decoder {
        Decoder::new(self.clone(), limit)
    }

    /// [`Codec::locate`]. By a match and not through `dyn`: for frames of 16 bytes that call would
    /// be a third of the work.
    #[inline]
    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError> {
        match self {
            Framing::Length(field) => field.locate(unread, limit, scan),
            Framing::Varint => Varint.locate(unread, limit, scan),
            Framing::Line => Line.locate(unread, limit, scan),
            Framing::Delimiter(delimiter) => delimiter.locate(unread, limit, scan),
            Framing::JsonHeader => JsonHeader.locate(unread, limit, scan),
            Framing::ContentLength => ContentLength.locate(unread, limit, scan),
            Framing::Fixed(fixed) => fixed.locate(unread, limit, scan),
            Framing::Netstring => Netstring.locate(unread, limit, scan),
        }
    }
    /// [`Codec::reach`].
    fn reach(&self, next: &[u8], need: usize) -> usize {
        match self {
            Framing::Length(field) => field.reach(next, need),
            Framing::Varint => Varint.reach(next, need),
            Framing::Line => Line.reach(next, need),
            Framing::Delimiter(delimiter) => delimiter.reach(next, need),
            Framing::JsonHeader => JsonHeader.reach(next, need),
            Framing::ContentLength => ContentLength.reach(next, need),
            Framing::Fixed(fixed) => fixed.reach(next, need),
            Framing::Netstring => Netstring.reach(next, need),
        }
    }

    /// [`Codec::pick`].
    #[inline]
    fn pick<'f>(
        &self,
        unread: &mut &'f [u8],
        limit: usize,
        window: &mut Window<'f>,
    ) -> Option<&'f [u8]> {
        match self {
            Framing::Length(field) => field.pick(unread, limit, window),
            Framing::Line => Line.pick(unread, limit, window),
            Framing::Varint
            | Framing::Delimiter(_)
            | Framing::JsonHeader
            | Framing::ContentLength
            | Framing::Fixed(_)
            | Framing::Netstring => None,
        }
    }
}
