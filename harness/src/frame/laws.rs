//! What holds for every codec, as functions that panic where it does not.
//!
//! One body for the property tests (`tests.rs`) and the fuzz targets, which include this file
//! (`harness/fuzz/src/lib.rs`); never part of the library as it ships. Codecs are told apart in
//! [`fit`] alone, without a `_` arm, so that a new one does not compile before it has joined.

use super::{FrameError, Framing};

/// The frames of a stream, and how it ended.
pub(super) type Reading = (Vec<Vec<u8>>, Result<(), FrameError>);

/// Any bytes at all: the reading does not depend on how they were divided, an error stays, and
/// the frames read are written with the bytes they were read from.
pub(super) fn any_bytes(framing: &Framing, limit: usize, stream: &[u8], sizes: &[u8]) {
    let whole = read(framing, limit, &[stream]);
    let (divided, single) = (pieces(stream, sizes), pieces(stream, &[1]));
    assert_eq!(whole, read(framing, limit, &divided), "divided {sizes:?}");
    assert_eq!(whole, read(framing, limit, &single), "byte by byte");
    assert_eq!(whole, read_late(framing, limit, &divided), "divided {sizes:?}, read late");
    assert_eq!(whole, read_borrowed(framing, limit, &[stream]), "borrowed");
    assert_eq!(whole, read_borrowed(framing, limit, &divided), "borrowed, divided {sizes:?}");
    assert_eq!(whole, read_borrowed(framing, limit, &single), "borrowed, byte by byte");
    // Their headers may be written in many ways.
    if !matches!(framing, Framing::JsonHeader | Framing::ContentLength) {
        let (frames, end) = whole;
        let written = write(framing, &frames);
        assert!(frames.iter().all(|frame| frame.len() <= limit));
        assert!(stream.starts_with(&written), "{frames:?} is written as {written:?}");
        match end {
            Ok(()) => assert_eq!(written, stream),
            Err(FrameError::Truncated { have, .. }) => {
                assert_eq!(written.len() + have, stream.len());
            }
            Err(_) => {}
        }
    }
}

/// Any frames that can be written: they are read back from one stream, however divided; a stream
/// cut short gives the frames before the cut; and a reader that receives only what is missing
/// never has a byte of the frame after.
pub(super) fn any_frames(framing: &Framing, frames: &[Vec<u8>], sizes: &[u8]) {
    let stream = write(framing, frames);
    let all = (frames.to_vec(), Ok(()));
    assert_eq!(all, read(framing, usize::MAX, &[&stream]));
    assert_eq!(all, read(framing, usize::MAX, &pieces(&stream, sizes)));
    assert_eq!(all, read_borrowed(framing, usize::MAX, &[&stream]));
    assert_eq!(all, read_borrowed(framing, usize::MAX, &pieces(&stream, sizes)));
    let ends = ends(framing, frames);
    filled(framing, frames, &stream, &ends);
    truncated(framing, frames, &stream, &ends);
    received_exactly(framing, frames, &stream, &ends);
}

/// A buffer takes what it has room for, and nothing of the first frame that is too long for it.
fn filled(framing: &Framing, frames: &[Vec<u8>], stream: &[u8], ends: &[usize]) {
    for size in 0..=stream.len() {
        let mut buffer = vec![0xaa; size + 1];
        let mut room = &mut buffer[..size];
        let full = frames.iter().find_map(|frame| framing.encode(frame, &mut room).err());
        let left = room.len();
        let next = ends.iter().position(|&end| end > size);
        let written = next.map_or(stream.len(), |next| if next == 0 { 0 } else { ends[next - 1] });
        let need = next.map(|next| ends[next] - written);
        let expected = need.map(|need| FrameError::Full { need, room: left });
        assert_eq!((full, left), (expected, size - written));
        assert_eq!(buffer[..written], stream[..written]);
        assert!(buffer[written..].iter().all(|&byte| byte == 0xaa), "nothing is written beyond");
    }
}

/// At every byte that ends no frame, the end of the stream is `Truncated`.
fn truncated(framing: &Framing, frames: &[Vec<u8>], stream: &[u8], ends: &[usize]) {
    let mut decoder = framing.decoder(usize::MAX);
    let (mut start, mut whole) = (0, 0);
    for cut in 0..=stream.len() {
        while let Ok(Some(frame)) = decoder.next() {
            assert_eq!((&frame, cut), (&frames[whole], ends[whole]));
            (start, whole) = (cut, whole + 1);
        }
        match decoder.clone().finish() {
            Ok(()) => assert_eq!(start, cut),
            Err(FrameError::Truncated { have, need }) => {
                assert_eq!(start + have, cut);
                assert!(cut < start + need && start + need <= ends[whole], "cut at {cut}");
            }
            Err(other) => panic!("cut at {cut}: {other}"),
        }
        decoder.push(&stream[cut..stream.len().min(cut + 1)]);
    }
    assert_eq!(whole, frames.len());
}

/// `missing` leads to each frame's last byte and stops there.
fn received_exactly(framing: &Framing, frames: &[Vec<u8>], stream: &[u8], ends: &[usize]) {
    let mut decoder = framing.decoder(usize::MAX);
    let mut at = 0;
    for (frame, &end) in frames.iter().zip(ends) {
        while at < end {
            assert_eq!(decoder.next(), Ok(None));
            let missing = decoder.missing();
            assert!(missing >= 1 && at + missing <= end, "{missing} missing at {at} of {end}");
            decoder.push(&stream[at..at + missing]);
            at += missing;
        }
        assert_eq!(decoder.missing(), 0);
        assert_eq!(decoder.next().as_ref(), Ok(&Some(frame.clone())));
    }
    assert_eq!(decoder.finish(), Ok(()));
}

/// Reads pieces as they arrive, each frame as soon as it is there.
pub(super) fn read(framing: &Framing, limit: usize, pieces: &[&[u8]]) -> Reading {
    let mut decoder = framing.decoder(limit);
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => {
                    decoder.push(b"more");
                    assert_eq!(decoder.next(), Err(error.clone()), "an error stays");
                    assert_eq!((decoder.missing(), decoder.finish()), (0, Err(error.clone())));
                    return (frames, Err(error));
                }
            }
        }
    }
    (frames, decoder.finish())
}

/// Reads once all pieces are there.
fn read_late(framing: &Framing, limit: usize, pieces: &[&[u8]]) -> Reading {
    let mut decoder = framing.decoder(limit);
    for piece in pieces {
        decoder.push(piece);
        decoder.push(b"");
    }
    let mut frames = Vec::new();
    while let Ok(Some(frame)) = decoder.next() {
        frames.push(frame);
    }
    (frames, decoder.finish())
}

/// Reads frames where they lie. Every third piece is pushed instead: both may be mixed.
fn read_borrowed(framing: &Framing, limit: usize, pieces: &[&[u8]]) -> Reading {
    let mut decoder = framing.decoder(limit);
    let mut frames = Vec::new();
    for (at, piece) in pieces.iter().copied().enumerate() {
        let piece = if at % 3 == 2 {
            decoder.push(piece);
            &[]
        } else {
            piece
        };
        let mut borrowed = decoder.frames(piece);
        loop {
            match borrowed.next() {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => break,
                Err(error) => {
                    drop(borrowed);
                    assert_eq!(decoder.frames(b"more").next(), Err(error.clone()));
                    return (frames, Err(error));
                }
            }
        }
    }
    (frames, decoder.finish())
}

/// The stream of these frames.
pub(super) fn write(framing: &Framing, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for frame in frames {
        let written = framing.encode(frame, &mut stream);
        assert_eq!(written, Ok(()), "{frame:?}");
    }
    stream
}

/// Where each frame ends in the stream of these frames.
fn ends(framing: &Framing, frames: &[Vec<u8>]) -> Vec<usize> {
    let length = |frame: &Vec<u8>| write(framing, std::slice::from_ref(frame)).len();
    let ends = frames.iter().scan(0, |end, frame| {
        *end += length(frame);
        Some(*end)
    });
    ends.collect()
}

/// The stream in pieces of these sizes, over and over; in one piece for no sizes.
pub(super) fn pieces<'a>(mut stream: &'a [u8], sizes: &[u8]) -> Vec<&'a [u8]> {
    let mut sizes = sizes.iter().cycle();
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let size = sizes.next().map_or(stream.len(), |&size| usize::from(size).max(1));
        let (piece, rest) = stream.split_at(size.min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

/// A frame that this framing can carry, made from any bytes.
pub(super) fn fit(framing: &Framing, bytes: &[u8]) -> Vec<u8> {
    let mut frame = bytes.to_vec();
    match framing {
        Framing::Length(field) => {
            frame.truncate(usize::try_from(field.max_bytes()).unwrap_or(usize::MAX));
            frame.resize(frame.len().max(field.min_bytes()), 0);
        }
        Framing::Line => frame.retain(|&byte| byte != b'\n'),
        // Without its first byte there is no delimiter, nor the beginning of one.
        Framing::Delimiter(delimiter) => frame.retain(|&byte| byte != delimiter.bytes()[0]),
        Framing::Fixed(fixed) => frame.resize(fixed.size(), 0),
        Framing::Varint | Framing::JsonHeader | Framing::ContentLength | Framing::Netstring => {}
    }
    frame
}
