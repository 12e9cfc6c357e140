//! `u8` to `u64le` with any offset, inclusive or not, each of them on every input, under the laws
//! of every codec; see `sockdrill_fuzz::codec`.
#![no_main]

use sockdrill::frame::{Framing, words};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [options, data @ ..] = data else { return };
    let offset = match options >> 1 {
        0 => String::new(),
        offset => format!(",offset={offset}"),
    };
    let inclusive = if options & 1 == 1 { ",inclusive" } else { "" };
    let names = words().map(|word| format!("length:{}{offset}{inclusive}", word.name));
    for framing in names.filter_map(|name| Framing::parse(&name).ok()) {
        sockdrill_fuzz::codec(&framing, data);
    }
});
