//! Every plan is a good scenario file, for every profile.

use std::net::SocketAddr;
use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::scenario::parse;

fn profile(
    transport: Transport,
    manner: Manner,
    framing: Option<&str>,
    rest: Option<usize>,
) -> Profile {
    let framing = framing.map(|name| Framing::parse(name).expect("a framing"));
    let exchange = |message: &[u8]| {
        let mut send = Vec::new();
        match &framing {
            Some(framing) => framing.encode(message, &mut send).expect("a frame"),
            None => send.extend_from_slice(message),
        }
        Exchange { answer: Answer { bytes: send.clone(), rest }, send }
    };
    let at: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    Profile {
        transport,
        at,
        client: None,
        exchanges: vec![exchange(b"$PING \"\\"), exchange(b"ls")],
        framing,
        manner,
        gap: Duration::from_millis(1),
        within: Duration::from_secs(5),
        seed: 1,
        connections: 1_000,
    }
}

#[rstest]
fn every_plan_is_a_scenario(
    #[values(Transport::Tcp, Transport::Udp)] transport: Transport,
    #[values(Manner::Keeps, Manner::Closes, Manner::Silent)] manner: Manner,
    #[values(
        None,
        Some("u32be"),
        Some("line"),
        Some("netstring"),
        Some("u16le"),
        Some("json-header")
    )]
    framing: Option<&str>,
    #[values(Some(0), Some(3), None)] rest: Option<usize>,
) {
    let mut made = 0;
    for planned in plans(&profile(transport, manner, framing, rest)) {
        let Ok(text) = &planned.text else { continue };
        made += 1;
        let read = parse(&planned.id, text);
        assert!(
            read.is_ok(),
            "{}: {:?}\n{}",
            planned.id,
            read.err(),
            &text[..text.len().min(2000)]
        );
    }
    assert!(made > 10, "{made} plans");
}

#[test]
fn names_are_found_and_stand_once() {
    for (table, entries) in &TABLES {
        for (at, entry) in entries.iter().enumerate() {
            let name = format!("{table}/{}", entry.name);
            assert!(find(&name).is_some_and(|found| std::ptr::eq(found, entry)), "{name}");
            assert!(entries[..at].iter().all(|other| other.name != entry.name), "{name}");
        }
    }
    assert!(find("tcp/no-such-plan").is_none() && find("tcp").is_none());
}

#[test]
fn what_a_profile_cannot_have_says_why() {
    let made = plans(&profile(Transport::Tcp, Manner::Closes, None, Some(0)));
    let why = |name: &str| {
        let planned = made.iter().find(|planned| planned.entry.name == name).expect("a plan");
        planned.text.clone().err()
    };
    assert_eq!(why("over-long").as_deref(), Some("no --framing is given"));
    assert!(why("together").is_some_and(|why| why.contains("one message a connection")));
    assert_eq!(why("split"), None);
}

#[test]
fn a_plan_is_spelt_as_somebody_would_write_it() {
    let mut profile = profile(Transport::Tcp, Manner::Keeps, Some("line"), Some(0));
    profile.exchanges.remove(0);
    let made = plans(&profile);
    let split = made.iter().find(|planned| planned.id == "tcp/split/at-1").expect("a cut");
    insta::assert_snapshot!(split.text.as_deref().unwrap_or_default(), @r#"
    title = "The message cut behind byte 1 of 3"
    see = ["RFC 9293 section 2.2: TCP is a stream, the segments of which mean nothing"]
    limit = "60s"
    programs.server = { at = "127.0.0.1:9" }
    sockets.c = { kind = "tcp4", nodelay = true }
    step = [
      { c.connect = "server" },
      { c.send_all = "l" },
      { c.pause = "1ms" },
      { c.send_all = "s\n" },
      { c.recv_exactly = { len = 3 }, expect = { data = "ls\n" }, why = "the answer is that to the whole message" },
      { c.send_all = "ls\n" },
      { c.recv_exactly = { len = 3 }, expect = { data = "ls\n" }, why = "what follows on the connection is answered as ever" },
    ]
    "#);
}
