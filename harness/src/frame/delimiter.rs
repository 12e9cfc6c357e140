//! `delimiter:BYTES`: bytes up to a given sequence of bytes.
//!
//! The search is Knuth, Morris and Pratt's (SIAM J. Comput. 6(2), 1977): one step per byte
//! whatever the delimiter, and its state says at any time how many bytes the delimiter still
//! lacks, which is what [`Decoder::missing`](super::Decoder::missing) promises. Where nothing is
//! matched yet, the next first byte is looked for with `memchr`.
//!
//! Never takes an empty delimiter. Next: `decoder.rs`, which keeps the state of the search.

use super::decoder::{Codec, Extent, Mark, Scan};
use super::output::Put;
use super::{FrameError, Framing, Word};

/// A sequence of at least one byte that ends a frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delimiter {
    bytes: Vec<u8>,
    /// For each proper beginning of `bytes` (by its length less one), how much of its end is a
    /// shorter beginning.
    fallback: Vec<usize>,
}

pub(super) const WORDS: &[Word] = &[Word {
    name: "delimiter",
    argument: Some("BYTES"),
    example: r"delimiter:\r\n",
    doc: r"bytes up to that sequence; \r \n \t \0 \\ \' and \xNN are escapes",
    framing: |argument| {
        let bytes = unescape(argument)?;
        let delimiter = Delimiter::new(bytes).ok_or("the delimiter is empty")?;
        Ok(Framing::Delimiter(delimiter))
    },
}];

impl Delimiter {
    /// The delimiter of these bytes, `None` for no bytes.
    pub fn new(bytes: Vec<u8>) -> Option<Delimiter> {
        let rest = bytes.get(1..)?.to_vec();
        let mut delimiter = Delimiter { bytes, fallback: vec![0] };
        let mut matched = 0;
        for byte in rest {
            matched = delimiter.step(matched, byte);
            delimiter.fallback.push(matched);
        }
        Some(delimiter)
    }

    /// The bytes, at least one.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How much of the delimiter the stream ends with after `byte`, if it ended with `matched`
    /// (less than the whole) before.
    fn step(&self, mut matched: usize, byte: u8) -> usize {
        while matched > 0 && self.bytes[matched] != byte {
            matched = self.fallback[matched - 1];
        }
        matched + usize::from(self.bytes[matched] == byte)
    }
}

impl Codec for Delimiter {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        // Not only within the frame: `a;` before `;;` reads as `a`, and `;` is left over.
        let mut scan = Scan::default();
        let within = matches!(self.locate(frame, usize::MAX, &mut scan), Ok(Mark::Frame(_)));
        let (_, all_but_one) = self.bytes.split_last().unwrap_or((&0, &[]));
        let is_early = within
            || all_but_one.iter().any(|&byte| {
                scan.matched = self.step(scan.matched, byte);
                scan.matched == self.bytes.len()
            });
        if is_early {
            return Err(FrameError::unencodable("the delimiter would be found before the end"));
        }
        into.put([frame, &self.bytes])
    }

    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError> {
        let tail = self.bytes.len();
        while let Some(&byte) = unread.get(scan.seen) {
            if scan.matched == 0 && byte != self.bytes[0] {
                let rest = &unread[scan.seen..];
                scan.seen += memchr::memchr(self.bytes[0], rest).unwrap_or(rest.len());
            } else {
                scan.matched = self.step(scan.matched, byte);
                scan.seen += 1;
            }
            let body = scan.seen - scan.matched;
            if body > limit {
                // Not `body`: how much was passed over depends on what happened to arrive.
                return Err(FrameError::TooLong { announced: limit as u64 + 1, limit });
            }
            if scan.matched == tail {
                return Ok(Mark::Frame(Extent { body, tail, ..Extent::default() }));
            }
        }
        Ok(Mark::Need(tail - scan.matched))
    }

    fn reach(&self, next: &[u8], need: usize) -> usize {
        let last = self.bytes[self.bytes.len() - 1];
        memchr::memchr(last, next).map_or(next.len(), |at| need.max(at + 1))
    }
}

/// What [`slice::escape_ascii`] writes, read; other characters stand for their UTF-8 bytes. Fails
/// with a fragment that names what is accepted.
pub fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, length) = unescape_one(escape).ok_or_else(|| {
            let length = if escape.starts_with('x') { 3 } else { 1 };
            let found: String = escape.chars().take(length).flat_map(char::escape_debug).collect();
            format!(r"unknown escape `\{found}`; accepted: \r \n \t \0 \\ \' \x00 to \xff")
        })?;
        bytes.push(byte);
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// The byte meant by what follows a backslash, and how many characters that took.
fn unescape_one(escape: &str) -> Option<(u8, usize)> {
    Some(match escape.bytes().next()? {
        b'r' => (b'\r', 1),
        b'n' => (b'\n', 1),
        b't' => (b'\t', 1),
        b'0' => (0, 1),
        quoted @ (b'\\' | b'\'' | b'"') => (quoted, 1),
        b'x' => {
            let digits = escape.get(1..3).filter(|digits| !digits.starts_with('+'))?;
            (u8::from_str_radix(digits, 16).ok()?, 3)
        }
        _ => return None,
    })
}
