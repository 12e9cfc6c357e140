//! Bytes as a scenario writes them, and as a transcript shows them.
//!
//! Short text stands as itself. Long payloads are written `{ fill = 4096 }`: bytes of a fixed
//! pattern in which every place looks different, so that a transcript can say *which* part of a
//! payload arrived instead of printing it.

use std::fmt::Write as _;

/// The period of the fill pattern: 251 blocks, each shifted by one, 251 bytes long. A prime, so
/// that no power of two (a buffer, a page, a segment) brings the same bytes to the same place.
pub const FILL_PERIOD: usize = 251 * 251;

/// Payloads longer than this are shown as their length and their ends.
const SHOWN_BYTES: usize = 64;

/// Lines of text, such as a program prints, are read: more of them are shown.
const SHOWN_TEXT_BYTES: usize = 400;

/// The byte of the fill pattern at `offset`.
pub fn fill_byte(offset: usize) -> u8 {
    u8::try_from((offset + offset / 251) % 251).unwrap_or(0)
}

/// `length` bytes of the fill pattern from `offset` on.
pub fn fill(offset: usize, length: usize) -> Vec<u8> {
    (offset..offset + length).map(fill_byte).collect()
}

/// What a file says of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The bytes themselves, from text or hexadecimal digits.
    Bytes(Vec<u8>),
    /// A stretch of the fill pattern.
    Fill {
        /// How many bytes.
        length: usize,
        /// Where in the pattern they begin.
        from: usize,
    },
    /// One after the other.
    Joined(Vec<Payload>),
}

impl Payload {
    /// How many bytes it stands for.
    pub fn len(&self) -> usize {
        match self {
            Payload::Bytes(bytes) => bytes.len(),
            Payload::Fill { length, .. } => *length,
            Payload::Joined(parts) => parts.iter().map(Payload::len).sum(),
        }
    }

    /// Whether it stands for no byte at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes it stands for.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::Fill { length, from } => fill(*from, *length),
            Payload::Joined(parts) => parts.iter().flat_map(Payload::bytes).collect(),
        }
    }
}

/// `bytes` as a transcript shows them: quoted text, `fill 1024 from 3072`, or the length with both
/// ends.
pub fn show(bytes: &[u8]) -> String {
    let printable = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
    let most = if is_text(bytes) { SHOWN_TEXT_BYTES } else { SHOWN_BYTES };
    if bytes.len() <= most && (printable || !looks_like_fill(bytes)) {
        return quoted(bytes);
    }
    match fill_offset(bytes) {
        Some(0) => format!("fill {}", bytes.len()),
        Some(offset) => format!("fill {} from {offset}", bytes.len()),
        None => ends(bytes),
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let plain = |c: char| !c.is_control() || "\r\n\t".contains(c);
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(plain))
}

/// The pattern begins 0, 1, 2: text never does.
fn looks_like_fill(bytes: &[u8]) -> bool {
    bytes.len() > 8 && fill_offset(bytes).is_some()
}

/// Where in the fill pattern `bytes` stand: each of its blocks has the first byte at one place.
fn fill_offset(bytes: &[u8]) -> Option<usize> {
    let first = usize::from(*bytes.first()?);
    let matches =
        |offset: usize| bytes.iter().enumerate().all(|(i, &b)| b == fill_byte(offset + i));
    let within = |block: usize| block * 251 + (first + 251 - block) % 251;
    (0..251).map(within).find(|&offset| matches(offset))
}

fn ends(bytes: &[u8]) -> String {
    let (head, tail) = (&bytes[..16], &bytes[bytes.len() - 16..]);
    format!("{} bytes {}…{}", bytes.len(), quoted(head), quoted(tail))
}

/// Text in double quotes, with what does not print escaped as in Rust and C.
pub fn quoted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            0 => text.push_str("\\0"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_the_pattern_is_named_by_its_place() {
        assert_eq!(show(&fill(0, 1024)), "fill 1024");
        assert_eq!(show(&fill(3072, 1024)), "fill 1024 from 3072");
        assert_eq!(show(&fill(0, 12)), "fill 12");
        let of_each = (0..FILL_PERIOD).step_by(97).map(|at| (at, fill_offset(&fill(at, 600))));
        assert!(of_each.into_iter().all(|(at, found)| found == Some(at)));
    }

    #[test]
    fn text_stands_as_itself() {
        assert_eq!(
            show(b"0123456789"),
            "\"0123456789\"",
            "though it counts up as the pattern does"
        );
        assert_eq!(show(b"HELLO\r\n\0\xff\""), r#""HELLO\r\n\0\xff\"""#);
        assert_eq!(show(b""), r#""""#);
    }

    #[test]
    fn long_bytes_show_their_ends() {
        assert_eq!(show(&[b'a'; 500]), format!("500 bytes \"{0}\"…\"{0}\"", "a".repeat(16)));
    }
}
