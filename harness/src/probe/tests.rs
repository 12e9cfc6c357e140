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
        // One in three is as long as a file can be.
        connections: if rest == Some(0) { 1_000 } else { 10 },
        changes: Vec::new(),
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

/// A client that greets, asks twice, and ends as `ending` says.
fn client(ours: bool, ending: client::Ending) -> client::Client {
    let turn = |request: &[u8], answers: &[&[u8]]| client::Turn {
        request: Answer::exact(request.to_vec()),
        answers: answers.iter().map(|answer| answer.to_vec()).collect(),
    };
    let stays = ending == client::Ending::Stays;
    client::Client {
        run: ours.then(|| vec!["my-client".to_owned(), "{addr:server}".to_owned()]),
        wait: Duration::from_secs(5),
        turns: vec![turn(b"", &[b"220 ready\r\n"]), turn(b"ls\r\n", &[b"150 here\r\n", b"\0\xff"])],
        usual: client::Usual {
            tail: b"QUIT\r\n".to_vec(),
            ending,
            exit: (ours && !stays).then_some(crate::option::Value::Int(0)),
            printed: Some(b"done\n".to_vec()),
        },
    }
}

#[rstest]
fn every_plan_for_a_client_is_a_scenario(
    #[values(true, false)] ours: bool,
    #[values(client::Ending::Ends, client::Ending::EndsAfter, client::Ending::Stays)]
    ending: client::Ending,
    #[values(None, Some("u32be"), Some("line"))] framing: Option<&str>,
    #[values(Level::Must, Level::Info)] level: Level,
) {
    let mut profile = profile(Transport::Tcp, Manner::Keeps, framing, None);
    profile.client = Some(client(ours, ending));
    profile.changes = vec![("cut-end".to_owned(), Change::Level(level))];
    profile.changes.push(("twice".to_owned(), Change::Skip("it is told once".to_owned())));
    let plans = plans(&profile);
    let made = plans.iter().filter(|planned| planned.text.is_ok()).count();
    assert!(made > 20, "{made} plans");
    for planned in plans {
        match &planned.text {
            Err(why) if planned.entry.name == "twice" => assert_eq!(why, "it is told once"),
            Err(_) => {}
            Ok(text) => {
                assert!(parse(&planned.id, text).is_ok(), "{}\n{text}", planned.id);
                let changed = planned.entry.name == "cut-end" && level == Level::Info;
                assert_eq!(text.contains("\nlevel = \"info\"\n"), changed, "{text}");
            }
        }
    }
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
