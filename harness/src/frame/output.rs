//! Where frames are written: a vector, which grows, or a send buffer, which fills.
//!
//! Never has half a frame. Next:
//! `length.rs`, which puts a head and a body.

use super::FrameError;

/// Where [`Framing::encode`](super::Framing::encode) writes.
///
/// A `Vec<u8>` grows. A `&mut [u8]` is a buffer that is going to be sent: what is written shortens it
/// from the front, as with [`std::io::Write`], until a frame finds no room
/// ([`FrameError::Full`]). Small frames are written twice as fast there: a vector's length goes
/// through memory with each of them.
///
/// ```
/// use sockdrill::frame::{FrameError, Framing};
///
/// let framing = Framing::parse("u8")?;
/// let mut buffer = [0; 8];
/// let mut room = &mut buffer[..];
/// framing.encode(b"ls", &mut room)?;
/// framing.encode(b"pwd", &mut room)?;
/// assert_eq!(framing.encode(b"w", &mut room), Err(FrameError::Full { need: 2, room: 1 }));
/// let written = 8 - room.len();
/// assert_eq!(&buffer[..written], b"\x02ls\x03pwd");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Output: Put {}

impl Output for Vec<u8> {}
impl Output for &mut [u8] {}

/// What a codec writes with.
pub trait Put: Default {
    /// Writes the pieces of a frame one behind the other: all, or none and [`FrameError::Full`].
    fn put<const N: usize>(&mut self, pieces: [&[u8]; N]) -> Result<(), FrameError>;
}

impl Put for Vec<u8> {
    #[inline]
    fn put<const N: usize>(&mut self, pieces: [&[u8]; N]) -> Result<(), FrameError> {
        self.reserve(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            append(self, piece);
        }
        Ok(())
    }
}

impl Put for &mut [u8] {
    #[inline]
    fn put<const N: usize>(&mut self, pieces: [&[u8]; N]) -> Result<(), FrameError> {
        let need = pieces.iter().map(|piece| piece.len()).sum();
        if need > self.len() {
            return Err(FrameError::Full { need, room: self.len() });
        }
        let (mut to, rest) = std::mem::take(self).split_at_mut(need);
        *self = rest;
        for piece in pieces {
            let (here, behind) = to.split_at_mut(piece.len());
            copy(piece, here);
            to = behind;
        }
        Ok(())
    }
}

// A call of memcpy takes longer than the copy of a few bytes. These are therefore taken as two pieces
// of a size known here, the first bytes and the last, which may lie over each other.

#[inline]
fn append(into: &mut Vec<u8>, bytes: &[u8]) {
    let is_done = append_in_two::<16>(into, bytes)
        || append_in_two::<32>(into, bytes)
        || append_in_two::<64>(into, bytes);
    if !is_done {
        into.extend_from_slice(bytes);
    }
}

/// Whether two pieces of `N` are all.
#[inline]
fn append_in_two<const N: usize>(into: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let ends = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>());
    let ((Some(first), Some(last)), Some(common)) = (ends, (2 * N).checked_sub(bytes.len())) else {
        return false;
    };
    into.extend_from_slice(first);
    into.truncate(into.len() - common);
    into.extend_from_slice(last);
    true
}

/// Copies to a place of the same size.
#[inline]
fn copy(bytes: &[u8], to: &mut [u8]) {
    let is_done = copy_in_two::<16>(bytes, to)
        || copy_in_two::<32>(bytes, to)
        || copy_in_two::<64>(bytes, to);
    if !is_done {
        to.copy_from_slice(bytes);
    }
}

/// Whether two pieces of `N` are all.
#[inline]
fn copy_in_two<const N: usize>(bytes: &[u8], to: &mut [u8]) -> bool {
    let ends = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>());
    let ((Some(first), Some(last)), true) = (ends, bytes.len() <= 2 * N) else {
        return false;
    };
    let behind = bytes.len() - N;
    to[..N].copy_from_slice(first);
    to[behind..behind + N].copy_from_slice(last);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_bytes_is_put() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            let mut grown = vec![b'!'];
            assert_eq!(grown.put([&bytes[..length]]), Ok(()));
            assert_eq!(grown, [b"!", &bytes[..length]].concat(), "{length}");

            let mut filled = vec![b'!'; length + 1];
            let mut room = &mut filled[..];
            assert_eq!(room.put([&bytes[..length]]), Ok(()));
            assert_eq!(room, b"!", "{length}");
            assert_eq!(filled, [&bytes[..length], b"!"].concat(), "{length}");
        }
    }
}
