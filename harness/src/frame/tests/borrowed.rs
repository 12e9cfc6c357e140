//! Where a frame lies that `Frames::next` gives: the promise to copy nothing but what it must.
//!
//! What the frames are is under the laws (`laws.rs`); never repeated here.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::laws::{fit, write};
use super::super::{Framing, words};

/// Whether `part` is a part of `whole`, and no copy of it.
fn lies_in(whole: &[u8], part: &[u8]) -> bool {
    whole.as_ptr_range().start <= part.as_ptr()
        && part.as_ptr_range().end <= whole.as_ptr_range().end
}

/// The frames of one offset are put together; all others are borrowed.
#[test]
fn a_frame_that_lies_whole_in_the_chunk_is_not_copied() {
    for word in words() {
        let framing = Framing::parse(word.example).unwrap();
        let frames = [fit(&framing, b"one"), fit(&framing, b"two")];
        let stream = write(&framing, &frames);
        let mut decoder = framing.decoder(64);
        let mut borrowed = decoder.frames(&stream);
        for frame in &frames {
            let read = borrowed.next().unwrap().unwrap();
            assert_eq!(read, frame);
            assert_eq!(lies_in(&stream, read), word.name != "length", "{}", word.name);
        }
        assert_eq!(borrowed.next(), Ok(None));
    }
}

/// Who stops early loses nothing.
#[test]
fn what_was_not_asked_for_stays_with_the_decoder() {
    for word in words() {
        let framing = Framing::parse(word.example).unwrap();
        let frames = [b"one", b"two", b"six"].map(|frame| fit(&framing, frame));
        let stream = write(&framing, &frames);
        let (chunk, rest) = stream.split_at(stream.len() - 1);
        let mut decoder = framing.decoder(64);
        assert_eq!(decoder.frames(chunk).next(), Ok(Some(&frames[0][..])), "{}", word.name);
        assert_eq!(decoder.next(), Ok(Some(frames[1].clone())), "{}", word.name);
        assert_eq!(decoder.frames(rest).next(), Ok(Some(&frames[2][..])), "{}", word.name);
        assert_eq!(decoder.finish(), Ok(()), "{}", word.name);
    }
}

/// A frame over the end of a chunk is kept; those behind it are borrowed again, and what was kept
/// does not grow with them.
#[test]
fn only_what_goes_over_the_end_is_copied() {
    for word in words().filter(|word| word.name != "length") {
        let framing = Framing::parse(word.example).unwrap();
        let frames = vec![fit(&framing, b"a frame"); 100];
        let stream = write(&framing, &frames);
        let (first, second) = stream.split_at(stream.len() / 100 * 3 / 2);
        let (mut decoder, mut borrowed) = (framing.decoder(64), Vec::new());
        for chunk in [first, second] {
            let mut frames = decoder.frames(chunk);
            while let Some(frame) = frames.next().unwrap() {
                borrowed.push(lies_in(&stream, frame));
            }
        }
        let copied: Vec<_> = (0..borrowed.len()).filter(|&at| !borrowed[at]).collect();
        assert_eq!((copied, borrowed.len()), (vec![1], 100), "{}", word.name);
    }
}

/// Lines shorter and longer than what is looked at together, in chunks of few and of many.
#[test]
fn lines_of_any_length_are_found() {
    let length = prop_oneof![0..8usize, 0..80usize, 0..700usize];
    let sizes = vec(prop_oneof![1..10usize, 50..140usize, 200..4000usize], 1..6);
    proptest!(|(lengths in vec(length, 1..60), sizes in sizes)| {
        let lines: Vec<_> = lengths.iter().map(|&length| vec![0x8a; length]).collect();
        let stream = write(&Framing::Line, &lines);
        let (mut decoder, mut found) = (Framing::Line.decoder(700), Vec::new());
        let mut rest = &stream[..];
        for size in sizes.into_iter().cycle() {
            let (chunk, behind) = rest.split_at(size.min(rest.len()));
            let mut frames = decoder.frames(chunk);
            while let Some(frame) = frames.next().unwrap() {
                found.push(frame.to_vec());
            }
            drop(frames);
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(found, lines);
        prop_assert_eq!(decoder.finish(), Ok(()));
    });
}
