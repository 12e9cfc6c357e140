//! Where a frame lies that `Decoder::decode` gives: the promise to copy nothing but what it must.
//!
//! What the frames are is under the laws (`laws.rs`); never repeated here.

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
        let (mut chunk, mut decoder) = (&stream[..], framing.decoder(64));
        for frame in &frames {
            let read = decoder.decode(&mut chunk).unwrap().unwrap();
            assert_eq!(read, frame);
            assert_eq!(lies_in(&stream, read), word.name != "length", "{}", word.name);
        }
        assert!(chunk.is_empty());
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
        for mut chunk in [first, second] {
            while let Some(frame) = decoder.decode(&mut chunk).unwrap() {
                borrowed.push(lies_in(&stream, frame));
            }
        }
        let copied: Vec<_> = (0..borrowed.len()).filter(|&at| !borrowed[at]).collect();
        assert_eq!((copied, borrowed.len()), (vec![1], 100), "{}", word.name);
    }
}
