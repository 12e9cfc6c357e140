//! The commands that the remote command servers know, and all that they know: a fixed list of
//! words, each with a fixed text for an answer.
//!
//! Never runs anything of the system: the tutorials' `subprocess` with whatever a stranger sends
//! is no example to follow.

use std::fmt::Write;

/// The last line of every answer, so that one can tell a whole one from one that was cut.
pub const END: &str = "(end)\n";

/// The answer to a command: a few bytes, 8,899 for `count`, over 100,000 for `flood`.
pub fn run(command: &str) -> String {
    let text = match command {
        "hello" => "hello, world\n".to_owned(),
        "seasons" => "spring\nsummer\nautumn\nwinter\n".to_owned(),
        "count" => count_to(2_000),
        "flood" => count_to(20_000),
        _ => "unknown; there are: hello, seasons, count, flood\n".to_owned(),
    };
    text + END
}

/// An answer for people: its size, its first and its last line.
pub fn summary(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or("");
    let last = lines.next_back().map(|last| format!(" … {last:?}")).unwrap_or_default();
    format!("{} bytes: {first:?}{last}", answer.len())
}

fn count_to(last: u32) -> String {
    let mut text = String::new();
    for number in 1..=last {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{number}");
    }
    text
}
