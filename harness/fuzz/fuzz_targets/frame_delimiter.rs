//! `delimiter:BYTES` of 1 to 8 bytes under the laws of every codec; see `sockdrill_fuzz::codec`.
#![no_main]

use sockdrill::frame::{Delimiter, Framing};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [length, data @ ..] = data else { return };
    let (bytes, data) = data.split_at(usize::from(length % 8 + 1).min(data.len()));
    if let Some(delimiter) = Delimiter::new(bytes.to_vec()) {
        sockdrill_fuzz::codec(&Framing::Delimiter(delimiter), data);
    }
});
