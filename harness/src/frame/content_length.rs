//! `content-length`: header lines as HTTP has them, an empty line, then as many bytes as
//! `Content-Length` says.
//!
//! The way of the Language Server Protocol and of HTTP's messages, without HTTP's first line. Where
//! RFC 9112 leaves a choice between tolerance and safety this is strict, since two readers that
//! find different ends are what request smuggling lives on (its section 11.2): never a line that
//! ends without CR, is continued, or has space before the colon; never two lengths, nor another
//! way to say one. Other fields are read and ignored.

use memchr::memmem;

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::{FrameError, Framing, Word};

pub(super) struct ContentLength;

pub(super) const WORDS: &[Word] = &[Word::plain(
    "content-length",
    |_| Ok(Framing::ContentLength),
    r"header lines with `Content-Length: N`, an empty line, then N bytes (HTTP without its first line, LSP)",
)];

/// The longest header, in bytes with its empty line: as for `json_header.rs`, what Apache and
/// nginx grant.
const MAX_HEADER: usize = 8 * 1024;

/// What ends the header: the end of its last line and an empty one.
const END: &[u8] = b"\r\n\r\n";

impl Codec for ContentLength {
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        into.put([format!("Content-Length: {}\r\n\r\n", frame.len()).as_bytes(), frame])
    }

    fn locate(&self, unread: &[u8], limit: usize, scan: &mut Scan) -> Result<Mark, FrameError> {
        let header = &unread[..unread.len().min(MAX_HEADER)];
        let from = scan.seen.saturating_sub(END.len() - 1);
        if let Some(at) = memmem::find(&header[from..], END) {
            let end = from + at;
            let body = within(announced(&header[..end])?, limit)?;
            let head = end + END.len();
            return Ok(Mark::Frame(Extent { head, body, ..Extent::default() }));
        }
        if header.len() == MAX_HEADER {
            let why = format!("no empty line within {MAX_HEADER} bytes");
            return Err(FrameError::BadHeader(why));
        }
        scan.seen = header.len();
        let begun = (1..END.len()).rev().find(|&length| header.ends_with(&END[..length]));
        Ok(Mark::Need(END.len() - begun.unwrap_or(0)))
    }

    fn reach(&self, next: &[u8], need: usize) -> usize {
        memchr::memchr(b'\n', next).map_or(next.len(), |at| need.max(at + 1))
    }
}

/// The length in the lines of a header.
fn announced(header: &[u8]) -> Result<u64, FrameError> {
    let mut length = None;
    let mut start = 0;
    for end in memmem::find_iter(header, b"\r\n").chain([header.len()]) {
        let line = &header[start..end];
        start = end + 2;
        if let Some(value) = field(line)?
            && length.replace(value).is_some()
        {
            return Err(bad("`Content-Length` twice", line));
        }
    }
    length.ok_or_else(|| FrameError::BadHeader("no `Content-Length`".into()))
}

/// The length that a line says, `None` for a line about something else.
fn field(line: &[u8]) -> Result<Option<u64>, FrameError> {
    let colon = memchr::memchr(b':', line).ok_or_else(|| bad("a line without a colon", line))?;
    // Before the value is trimmed, which would hide them.
    if line.iter().any(|&byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(bad("a line that ends without CR LF", line));
    }
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    if name.is_empty() || !name.iter().all(|&byte| is_token(byte)) {
        return Err(bad("not a field name", name));
    }
    if name.eq_ignore_ascii_case(b"transfer-encoding") {
        return Err(bad("a second way to say the length", line));
    }
    if !name.eq_ignore_ascii_case(b"content-length") {
        return Ok(None);
    }
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let value = str::from_utf8(value).ok().filter(|_| digits);
    let value = value.ok_or_else(|| bad("not a length in decimal digits", line))?;
    // Digits alone fail only by being too many.
    Ok(Some(value.parse().unwrap_or(u64::MAX)))
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// `what` is wrong with a line of which the beginning is shown.
fn bad(what: &str, line: &[u8]) -> FrameError {
    let shown = line[..line.len().min(40)].escape_ascii();
    FrameError::BadHeader(format!("{what}: `{shown}`"))
}
