//! `fixed:SIZE` of 1 to 256 bytes under the laws of every codec; see `sockdrill_fuzz::codec`.
#![no_main]

use sockdrill::frame::{Fixed, Framing};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [size, data @ ..] = data else { return };
    if let Some(fixed) = Fixed::new(usize::from(*size) + 1) {
        sockdrill_fuzz::codec(&Framing::Fixed(fixed), data);
    }
});
