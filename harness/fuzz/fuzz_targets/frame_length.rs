//! `u8` to `u64le`, each of them on every input, under the laws of every codec; see
//! `sockdrill_fuzz::codec`.
#![no_main]

use sockdrill::frame::{Framing, words};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let framings = words().filter_map(|word| Framing::parse(word.example).ok());
    for framing in framings.filter(|framing| matches!(framing, Framing::Length(_))) {
        sockdrill_fuzz::codec(&framing, data);
    }
});
