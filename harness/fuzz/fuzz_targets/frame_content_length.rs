//! `content-length` under the laws of every codec; see `sockdrill_fuzz::codec`.
#![no_main]

use sockdrill::frame::Framing;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sockdrill_fuzz::codec(&Framing::ContentLength, data));
