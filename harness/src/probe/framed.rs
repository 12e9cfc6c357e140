//! What a framing makes possible: a header that comes in pieces, a message of no bytes, a length that
//! nobody can mean.

use super::Profile;
use crate::frame::Framing;

/// More than any file holds of one literal.
pub const LITERAL: usize = 48 << 10;

fn framing(profile: &Profile) -> Result<&Framing, String> {
    profile.framing.as_ref().ok_or_else(|| "no --framing is given".to_owned())
}

/// What stands before a frame of no bytes, where that is all that its length takes.
fn header_bytes(framing: &Framing) -> usize {
    match framing {
        Framing::Length(_) | Framing::Varint | Framing::JsonHeader => {
            let mut marks = Vec::new();
            // A framing that has no empty frame has no header of its own either.
            let encoded = framing.encode(b"", &mut marks);
            encoded.map_or(0, |()| marks.len())
        }
        Framing::Line
        | Framing::Delimiter(_)
        | Framing::ContentLength
        | Framing::Fixed(_)
        | Framing::Netstring => 0,
    }
}

/// Whether nobody can mean the lengths of [`over_long`]: they are in the GiB. A 24-bit length is below
/// 16 MiB, and of a long line nobody has said how long one may be.
pub fn is_absurd(profile: &Profile) -> bool {
    profile.framing.as_ref().is_some_and(|framing| match framing {
        Framing::Length(_) => header_bytes(framing) >= 4,
        Framing::Varint | Framing::ContentLength | Framing::JsonHeader | Framing::Netstring => true,
        Framing::Line | Framing::Delimiter(_) | Framing::Fixed(_) => false,
    })
}

/// How many bytes stand before a message, where these are several.
pub fn header_of_several(profile: &Profile) -> Result<usize, String> {
    let framing = framing(profile)?;
    match header_bytes(framing) {
        0 | 1 => Err(format!("{} has no header of several bytes", framing.name())),
        marks => Ok(marks),
    }
}

/// A message of no bytes, framed.
pub fn empty(profile: &Profile) -> Result<Vec<u8>, String> {
    let framing = framing(profile)?;
    let mut marks = Vec::new();
    framing.encode(b"", &mut marks).map_err(|error| error.to_string())?;
    if marks.is_empty() {
        return Err(format!("{} has no empty message", framing.name()));
    }
    Ok(marks)
}

/// Beginnings of messages that are longer than anything, each with its name.
pub fn over_long(profile: &Profile) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let framing = framing(profile)?;
    Ok(match framing {
        Framing::Length(_) => match header_bytes(framing) {
            0 => return Err("its length stands behind bytes of the frame".to_owned()),
            header => lengths(framing, header),
        },
        Framing::Varint => vec![("most", [&[0xff; 9][..], b"\x01a"].concat())],
        Framing::ContentLength => {
            vec![("most", b"Content-Length: 999999999999999999999\r\n\r\na".to_vec())]
        }
        Framing::JsonHeader => vec![("most", [&[0xff; 4][..], b"{\"length\""].concat())],
        Framing::Netstring => vec![("most", b"999999999999999999999:a".to_vec())],
        Framing::Line | Framing::Delimiter(_) => vec![("48-kib", vec![b'a'; LITERAL])],
        Framing::Fixed(_) => return Err("the size is fixed".to_owned()),
    })
}

/// The largest length, and the largest that is positive where it is taken for a signed number;
/// each with a byte of the frame behind it.
fn lengths(framing: &Framing, header: usize) -> Vec<(&'static str, Vec<u8>)> {
    let most = vec![0xff; header];
    let mut signed = most.clone();
    let little = framing.name().trim_end_matches(",inclusive").ends_with("le");
    let top = if little { header.saturating_sub(1) } else { 0 };
    signed[top] = 0x7f;
    [("most", most), ("most-signed", signed)]
        .map(|(name, length)| (name, [&length[..], b"a"].concat()))
        .into()
}
