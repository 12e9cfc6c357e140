//! The name of a framing, as a scenario file has it: any text is a name or a message, and the name
//! of what was understood is understood as the same.
#![no_main]

use sockdrill::frame::Framing;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(framing) = Framing::parse(text) {
        assert_eq!(Framing::parse(&framing.name()), Ok(framing));
    }
});
