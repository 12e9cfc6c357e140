//! What one input of a fuzzer means to a codec. The laws it must keep are those of the property
//! tests, in `harness/src/frame/laws.rs`.

use sockdrill::frame::{FrameError, Framing};

#[path = "../../src/frame/laws.rs"]
mod laws;

/// Runs every law over one input. Its first bytes choose the limit and how the stream is divided;
/// the rest is taken for a stream, and then for frames to write.
///
/// # Panics
///
/// Where a law does not hold.
pub fn codec(framing: &Framing, data: &[u8]) {
    let [limit, count, data @ ..] = data else { return };
    let (sizes, bytes) = data.split_at(usize::from(count % 8).min(data.len()));
    laws::any_bytes(framing, usize::from(*limit), bytes, sizes);
    laws::any_bytes(framing, usize::MAX, bytes, sizes);
    let pieces = laws::pieces(bytes, sizes);
    let frames: Vec<_> = pieces.into_iter().map(|piece| laws::fit(framing, piece)).collect();
    laws::any_frames(framing, &frames, sizes);
}
