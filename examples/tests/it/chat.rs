//! The chat: three people, in an order that each next step waits for.

use crate::process::{Process, server};

#[test]
fn what_one_says_all_hear() {
    let server = server("udp-chat", &[]);
    let join = |name| Process::start("udp-chat", &["client", &server.address, name]);

    let mut ada = join("Ada");
    assert_eq!(ada.line(), "Ada joined, 1 here");
    let mut bob = join("Bob");
    let eve = join("Eve");
    // Two started at once, and either may be the first.
    let mut joined = [ada.line(), ada.line()];
    joined.sort();
    assert!(joined[0].starts_with("Bob joined, ") && joined[1].starts_with("Eve joined, "));

    ada.say("hello, all");
    for member in [&ada, &bob, &eve] {
        assert_eq!(next_said(member), "Ada: hello, all");
    }
    bob.say("hello, Ada");
    for member in [&ada, &bob, &eve] {
        assert_eq!(next_said(member), "Bob: hello, Ada");
    }

    assert_eq!(eve.finish(), [""; 0]);
    for member in [&ada, &bob] {
        assert_eq!(member.line(), "Eve left, 2 here");
    }
    assert_eq!(bob.finish(), [""; 0]);
    assert_eq!(ada.line(), "Bob left, 1 here");
    assert_eq!(ada.finish(), [""; 0]);
}

/// The next line that is not about who joined.
fn next_said(member: &Process) -> String {
    loop {
        let line = member.line();
        if !line.contains(" joined, ") {
            return line;
        }
    }
}
