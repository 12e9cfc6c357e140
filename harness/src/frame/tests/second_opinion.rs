//! A second opinion: tokio-util's codecs on the same bytes, divided the same way.
//!
//! Never a measure of right and wrong by itself: where the two differ on purpose, the test says so.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;
use tokio_util::codec::length_delimited::Builder;
use tokio_util::codec::{AnyDelimiterCodec, Encoder as _, LengthDelimitedCodec, LinesCodec};

use super::super::laws::{fit, pieces, read, write};
use super::super::{FrameError, Framing};

/// The largest frame for both.
const LIMIT: usize = 300;

/// What a codec of tokio-util finds in these pieces: frames, and whether it ended well.
fn theirs<D: tokio_util::codec::Decoder>(mut codec: D, pieces: &[&[u8]]) -> (Vec<D::Item>, bool) {
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, false),
            }
        }
    }
    let end = codec.decode_eof(&mut buffer);
    let well = matches!(end, Ok(None)) && buffer.is_empty();
    (frames, well)
}

fn delimited(width: usize) -> Builder {
    let mut builder = LengthDelimitedCodec::builder();
    builder.length_field_length(width).max_frame_length(LIMIT);
    builder
}

/// Checks both on frames and what may follow them; `frame` makes one of ours of one of theirs.
fn agree(name: &str, builder: &Builder, frame: impl Fn(Vec<u8>) -> Vec<u8>) {
    let framing = Framing::parse(name).unwrap();
    let frames = vec(vec(any::<u8>(), 0..200), 0..6);
    proptest!(|(frames in frames, rest in vec(any::<u8>(), 0..6), sizes in vec(1..50u8, 0..4))| {
        let frames: Vec<_> = frames.iter().map(|bytes| fit(&framing, bytes)).collect();
        let stream = [write(&framing, &frames), rest].concat();
        let pieces = pieces(&stream, &sizes);
        let (ours, end) = read(&framing, LIMIT, &pieces);
        let (theirs, well) = theirs(builder.new_codec(), &pieces);
        let theirs: Vec<_> = theirs.iter().map(|bytes| frame(bytes.to_vec())).collect();
        prop_assert_eq!(ours, theirs);
        // Theirs takes the end of the stream for a good one where it comes right behind a length.
        let cut = matches!(end, Err(FrameError::Truncated { .. }));
        prop_assert!(cut || end.is_ok() == well, "{end:?}, and theirs ends well: {well}");
    });
}

#[rstest]
#[case("u8", 1)]
#[case("u16be", 2)]
#[case("u24be", 3)]
#[case("u32be", 4)]
#[case("u64be", 8)]
fn plain_lengths(#[case] big: &str, #[case] width: usize) {
    agree(big, &delimited(width), |frame| frame);
    if width > 1 {
        agree(&big.replace("be", "le"), delimited(width).little_endian(), |frame| frame);
    }
}

/// Theirs says it with a negative adjustment, and limits what the length says.
#[test]
fn an_inclusive_length() {
    let mut builder = delimited(2);
    builder.length_adjustment(-2).max_frame_length(LIMIT + 2);
    agree("length:u16be,inclusive", &builder, |frame| frame);
}

/// Theirs gives the bytes before the length only together with it.
#[test]
fn a_length_with_an_offset() {
    let mut builder = delimited(4);
    builder.length_field_offset(3).length_adjustment(7).num_skip(0).little_endian();
    builder.max_frame_length(LIMIT - 3);
    agree("length:u32le,offset=3", &builder, |mut frame| {
        frame.drain(3..7);
        frame
    });
}

/// What theirs writes is what ours writes.
#[rstest]
#[case("u24be", delimited(3))]
#[case("u64be", delimited(8))]
fn lengths_are_written_alike(#[case] name: &str, #[case] builder: Builder) {
    proptest!(|(frame in vec(any::<u8>(), 0..200))| {
        let mut stream = BytesMut::new();
        builder.new_codec().encode(Bytes::from(frame.clone()), &mut stream).unwrap();
        prop_assert_eq!(write(&Framing::parse(name).unwrap(), &[frame]), stream);
    });
}

/// Theirs takes a last line without an end, and takes off a carriage return.
#[test]
fn lines() {
    proptest!(|(text in "[a-c\n]{0,60}", sizes in vec(1..50u8, 0..4))| {
        let stream = text + "\n";
        let pieces = pieces(stream.as_bytes(), &sizes);
        let (ours, end) = read(&Framing::Line, LIMIT, &pieces);
        let (theirs, well) = theirs(LinesCodec::new_with_max_length(LIMIT), &pieces);
        let theirs: Vec<_> = theirs.into_iter().map(String::into_bytes).collect();
        prop_assert_eq!(ours, theirs);
        prop_assert!(end.is_ok() && well);
    });
}

/// Theirs knows delimiters of one byte.
#[test]
fn a_delimiter() {
    let framing = Framing::parse("delimiter:;").unwrap();
    proptest!(|(text in "[a-c;]{0,60}", limit in 0..9usize, sizes in vec(1..50u8, 0..4))| {
        let stream = text + ";";
        let pieces = pieces(stream.as_bytes(), &sizes);
        let (ours, end) = read(&framing, limit, &pieces);
        let codec = AnyDelimiterCodec::new_with_max_length(b";".to_vec(), b";".to_vec(), limit);
        let (theirs, well) = theirs(codec, &pieces);
        prop_assert_eq!(ours, theirs);
        prop_assert_eq!(end.is_ok(), well);
    });
}
