//! The scenario parser: any text is scenarios or mistakes, and every mistake has a place in the
//! text; never a panic.
#![no_main]

use sockdrill::scenario::parse;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match parse("fuzz/any", text) {
        Ok(scenarios) => assert!(!scenarios.is_empty()),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                let (start, end) = (problem.span.start, problem.span.end);
                assert!(text.get(start..end).is_some(), "{problem:?}");
            }
        }
    }
});
