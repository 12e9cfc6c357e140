//! `u8` to `u64le`, and `length:FIELD` with its options: a binary length, then that many bytes.
//!
//! A plain length counts what follows it. With `offset=N` it stands behind the first N bytes of the
//! frame (a type, a version: TLS records have 3) and counts the rest; `inclusive`, it counts those
//! and itself too. Never part of the frame itself. Next: `varint.rs`, a length of its own length;
//! `json_header.rs`, one that came to need more words.

use super::decoder::{Codec, Extent, Mark, Scan};
use super::error::within;
use super::output::Put;
use super::window::Window;
use super::{FrameError, Framing, Word};

/// A length of 1, 2, 3, 4 or 8 bytes in either byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthField {
    little: bool,
    inclusive: bool,
    width: u8,
    offset: u8,
}

pub(super) const WORDS: &[Word] = &[
    Word::plain("u8", |_| Ok(plain(1, false)), "an 8-bit length, then the frame"),
    Word::plain(
        "u16be",
        |_| Ok(plain(2, false)),
        "a 16-bit big-endian length, then the frame (DNS over TCP, RFC 1035 section 4.2.2)",
    ),
    Word::plain("u16le", |_| Ok(plain(2, true)), "a 16-bit little-endian length, then the frame"),
    Word::plain("u24be", |_| Ok(plain(3, false)), "a 24-bit big-endian length, then the frame"),
    Word::plain("u24le", |_| Ok(plain(3, true)), "a 24-bit little-endian length, then the frame"),
    Word::plain("u32be", |_| Ok(plain(4, false)), "a 32-bit big-endian length, then the frame"),
    Word::plain("u32le", |_| Ok(plain(4, true)), "a 32-bit little-endian length, then the frame"),
    Word::plain("u64be", |_| Ok(plain(8, false)), "a 64-bit big-endian length, then the frame"),
    Word::plain("u64le", |_| Ok(plain(8, true)), "a 64-bit little-endian length, then the frame"),
    Word {
        name: "length",
        argument: Some("FIELD"),
        example: "length:u16be,offset=3",
        doc: "one of the above, then `,offset=N` where it stands behind the first N bytes of the \
              frame, at most 254, then `,inclusive` where it counts those and itself too",
        framing: |argument| parse(argument).map(Framing::Length),
    },
];

/// Behind more, a `u8` that is inclusive could not even say its own header.
const MAX_OFFSET: u8 = 254;

pub(super) const fn plain(width: u8, little: bool) -> Framing {
    Framing::Length(LengthField { width, little, offset: 0, inclusive: false })
}

fn parse(argument: &str) -> Result<LengthField, String> {
    let without = argument.strip_suffix(",inclusive");
    let (name, digits) = without.unwrap_or(argument).split_once(",offset=").unzip();
    let name = name.unwrap_or(without.unwrap_or(argument));
    let mut plain = WORDS.iter().filter(|word| word.argument.is_none());
    let Some(Ok(Framing::Length(field))) =
        plain.clone().find(|word| word.name == name).map(|word| (word.framing)(""))
    else {
        let first = plain.next().map_or("", |word| word.name);
        let accepted = plain.fold(first.to_owned(), |all, word| all + ", " + word.name);
        return Err(format!("unknown length `{}`; accepted: {accepted}", name.escape_debug()));
    };
    let offset = match digits {
        None => 0,
        // One way to write a number, so that a name in a report can be searched for.
        Some(digits) => digits
            .parse()
            .ok()
            .filter(|offset| (1..=MAX_OFFSET).contains(offset) && offset.to_string() == digits)
            .ok_or_else(|| {
                format!("`{}` is not an offset from 1 to {MAX_OFFSET}", digits.escape_debug())
            })?,
    };
    Ok(LengthField { offset, inclusive: without.is_some(), ..field })
}

impl LengthField {
    /// The longest frame it can announce, in bytes.
    pub fn max_bytes(self) -> u64 {
        let most = u64::MAX >> (64 - 8 * u32::from(self.width));
        let offset = u64::from(self.offset);
        if self.inclusive {
            most.saturating_sub(u64::from(self.width))
        } else {
            most.saturating_add(offset)
        }
    }

    /// The shortest frame it can stand in, in bytes: those before the length.
    pub fn min_bytes(self) -> usize {
        self.offset.into()
    }

    pub(super) fn name(self) -> String {
        let order = match (self.width, self.little) {
            (1, _) => "",
            (_, false) => "be",
            (_, true) => "le",
        };
        let plain = format!("u{}{order}", 8 * self.width);
        let offset = match self.offset {
            0 => String::new(),
            offset => format!(",offset={offset}"),
        };
        match (offset.as_str(), self.inclusive) {
            ("", false) => plain,
            (offset, false) => format!("length:{plain}{offset}"),
            (offset, true) => format!("length:{plain}{offset},inclusive"),
        }
    }

    /// Whether it is `u32be`, the most common: one comparison of all fields and not four.
    #[inline]
    fn is_u32be(self) -> bool {
        const U32BE: LengthField =
            LengthField { little: false, inclusive: false, width: 4, offset: 0 };
        self.fields() == U32BE.fields()
    }

    const fn fields(self) -> u32 {
        u32::from_ne_bytes([self.little as u8, self.inclusive as u8, self.width, self.offset])
    }

    /// What [`Codec::encode`] does, for `u32be`: for small frames most of the time goes into what other
    /// lengths may be.
    #[inline]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "by value it takes a fifth longer")]
    pub(super) fn encode_at_once(
        &self,
        frame: &[u8],
        into: &mut impl Put,
    ) -> Option<Result<(), FrameError>> {
        if !self.is_u32be() {
            return None;
        }
        let said = u32::try_from(frame.len()).ok()?.to_be_bytes();
        Some(into.put([&said, frame]))
    }

    /// What the length in these eight bytes says, whatever follows it there.
    #[inline]
    fn read(self, eight: [u8; 8]) -> u64 {
        let others = 64 - 8 * u32::from(self.width);
        if self.little {
            u64::from_le_bytes(eight) << others >> others
        } else {
            u64::from_be_bytes(eight) >> others
        }
    }

    /// How many bytes follow a length that says `said`.
    #[inline]
    fn body(self, said: u64) -> Result<u64, FrameError> {
        if !self.inclusive {
            return Ok(said);
        }
        let header = u64::from(self.offset) + u64::from(self.width);
        said.checked_sub(header).ok_or_else(|| {
            FrameError::BadHeader(format!("a length of {said}, and the header alone has {header}"))
        })
    }
}

impl Codec for LengthField {
    #[inline]
    fn encode(&self, frame: &[u8], into: &mut impl Put) -> Result<(), FrameError> {
        let (width, offset) = (usize::from(self.width), usize::from(self.offset));
        let Some((lead, body)) = frame.split_at_checked(offset) else {
            let why = format!("{} bytes, and {offset} stand before the length", frame.len());
            return Err(FrameError::unencodable(why));
        };
        if frame.len() as u64 > self.max_bytes() {
            let (name, most) = (self.name(), self.max_bytes());
            let why = format!("{} bytes, and {name} can say at most {most}", frame.len());
            return Err(FrameError::unencodable(why));
        }
        let counted = if self.inclusive { offset + width + body.len() } else { body.len() };
        let said = counted as u64;
        let eight =
            if self.little { said.to_le_bytes() } else { (said << (64 - 8 * width)).to_be_bytes() };
        into.put([lead, &eight[..width], body])
    }

    #[inline]
    fn locate(&self, unread: &[u8], limit: usize, _: &mut Scan) -> Result<Mark, FrameError> {
        let (lead, head) = (usize::from(self.offset), usize::from(self.width));
        let Some(field) = unread.get(lead..lead + head) else {
            return Ok(Mark::Need(lead + head - unread.len()));
        };
        let mut eight = [0; 8];
        eight[..head].copy_from_slice(field);
        let said = self.read(eight);
        let length = self.body(said)?.saturating_add(lead as u64);
        let body = within(length, limit)? - lead;
        Ok(Mark::Frame(Extent { lead, head, body, tail: 0 }))
    }

    #[inline]
    fn pick<'f>(
        &self,
        unread: &mut &'f [u8],
        limit: usize,
        _: &mut Window<'f>,
    ) -> Option<&'f [u8]> {
        let (said, rest) = if self.is_u32be() {
            let (said, rest) = unread.split_first_chunk()?;
            (u32::from_be_bytes(*said).into(), rest)
        } else if self.offset == 0 && !self.inclusive {
            (self.read(*unread.first_chunk()?), unread.get(self.width.into()..)?)
        } else {
            return None;
        };
        let body = usize::try_from(said).ok().filter(|&body| body <= limit)?;
        let (frame, rest) = rest.split_at_checked(body)?;
        *unread = rest;
        Some(frame)
    }
}
