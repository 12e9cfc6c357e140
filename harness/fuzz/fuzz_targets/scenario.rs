//! The scenario parser: any text is a scenario or a list of mistakes, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = sockdrill::scenario::parse("fuzz.toml", text);
});
