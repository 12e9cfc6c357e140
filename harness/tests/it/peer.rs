//! Peers as a library: against plain std sockets, which are the other side that a user has.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use sockdrill::errno::Errno;
use sockdrill::frame::Framing;
use sockdrill::peer::{Ended, Group, Peer, Then, Timing, tcp, udp};
use sockdrill::sys;

const MS: Duration = Duration::from_millis(1);

/// A client of `addr` whose reads end, at the latest, when a test has failed.
fn client(addr: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(addr).expect("connect");
    client.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    client
}

fn read_to_end(mut stream: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an orderly end");
    bytes
}

#[test]
fn a_listening_peer_is_ready_when_it_is_returned() {
    let peer = tcp().listen().send("hello").then(Then::Close).start().expect("a peer");
    for _ in 0..3 {
        assert_eq!(read_to_end(&client(peer.addr())), b"hello");
    }
    let seen = peer.wait_end().expect("the end");
    assert_eq!(seen.connections.len(), 3);
    assert!(seen.connections.iter().all(|one| one.ended.contains(&Ended::Script(Then::Close))));
}

#[test]
fn a_connecting_peer_is_connected_when_it_is_returned() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer = tcp()
        .connect(listener.local_addr().expect("its address"))
        .send("request")
        .then(Then::Shutdown)
        .start()
        .expect("a peer");
    let (mut conn, from) = listener.accept().expect("the peer");
    assert_eq!(from, peer.addr());
    assert_eq!(read_to_end(&conn), b"request");
    conn.write_all(b"answer").expect("a half-closed connection");
    assert_eq!(peer.wait_received(6).expect("the answer"), b"answer");
    drop(conn);
    let seen = peer.wait_end().expect("the end");
    assert_eq!(seen.connections[0].ended, [Ended::Script(Then::Shutdown), Ended::Eof]);
}

#[test]
fn nobody_to_connect_to_is_an_error_at_the_start() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address");
    drop(listener);
    let error = tcp().connect(addr).start().expect_err("nobody listens");
    assert_eq!(error.errno(), Some(Errno::ECONNREFUSED));
    assert_eq!(
        error.to_string(),
        format!("failed to start a peer: connect to {addr} = ECONNREFUSED")
    );
}

#[test]
fn an_address_that_is_taken_is_an_error_at_the_start() {
    let first = tcp().listen().start().expect("a peer");
    let error = tcp().listen_on(first.addr()).start().expect_err("the port is taken");
    assert_eq!(error.errno(), Some(Errno::EADDRINUSE));
}

#[test]
fn what_is_far_away_is_refused_unless_allowed() {
    let far = "192.0.2.1:9".parse().expect("an address");
    let error = tcp().connect(far).start().expect_err("not loopback");
    assert!(error.to_string().contains("192.0.2.1:9 is not loopback"), "{error}");
    let error = udp().bind().to(far).start().expect_err("not loopback");
    assert!(error.to_string().contains("is not loopback"), "{error}");
}

#[test]
fn what_cannot_be_is_an_error_at_the_start() {
    let line = Framing::parse("line").expect("a framing");
    for (builder, why) in [
        (tcp().listen().send("x").chunk(0), "chunks of 0 bytes never end"),
        (tcp().listen().echo().never_read(), "waits for what arrives and never reads"),
        (tcp().listen().send_frame(&line, b"a\nb"), "line"),
        (tcp().listen().gap_between(2 * MS, MS), "shortest gap"),
    ] {
        let error = builder.start().expect_err(why);
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn an_error_says_what_the_peer_saw() {
    let peer = tcp().listen().within(50 * MS).start().expect("a peer");
    let error = peer.wait_received(1).expect_err("nobody connects");
    assert_eq!(error.to_string(), "waited 50ms for 1 bytes; the peer saw: no connection");
    let mut conn = client(peer.addr());
    conn.write_all(b"abc").expect("a send");
    peer.wait_received(3).expect("three bytes");
    let error = peer.wait_received(10).expect_err("only three come");
    let from = conn.local_addr().expect("its address");
    let saw = format!("a connection from {from}: sent 0 bytes, received 3 bytes \"abc\"");
    assert_eq!(error.to_string(), format!("waited 50ms for 10 bytes; the peer saw: {saw}"));
}

#[test]
fn a_wait_that_is_in_vain_ends_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address");
    let peer = tcp().connect(addr).within(Duration::from_secs(60)).start().expect("a peer");
    let (mut conn, _) = listener.accept().expect("the peer");
    conn.write_all(b"abc").expect("a send");
    drop(conn);
    let error = peer.wait_received(10).expect_err("the end comes first");
    assert_eq!(
        error.to_string(),
        "waited for 10 bytes, in vain; the peer saw: sent 0 bytes, received 3 bytes \"abc\", \
         then the end of the stream"
    );
}

#[test]
fn an_echo_answers_and_a_reset_is_seen() {
    let peer = tcp().listen().echo().start().expect("a peer");
    let mut conn = client(peer.addr());
    conn.write_all(b"ping").expect("a send");
    let mut answer = [0; 4];
    conn.read_exact(&mut answer).expect("the echo");
    assert_eq!(&answer, b"ping");

    let resets = tcp().listen().send("0123456789").reset_after(4).start().expect("a peer");
    let mut conn = client(resets.addr());
    // What came before may be gone: Windows discards it.
    match conn.read_to_end(&mut Vec::new()) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        // A receive of Wine's that meets the reset halfway gives an end.
        Ok(_) => assert_eq!(sys::identify().name(), "wine"),
    }
}

#[test]
fn datagrams_are_dropped_and_answered() {
    let us = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    us.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
    let addr = us.local_addr().expect("its address");
    let sender = udp().bind().to(addr).send("1").send("2").send("3").drop_datagrams([2]);
    let sender = sender.start().expect("a peer");
    let mut buffer = [0; 64];
    for expected in [&b"1"[..], b"3"] {
        let (len, from) = us.recv_from(&mut buffer).expect("a datagram");
        assert_eq!((&buffer[..len], from), (expected, sender.addr()));
    }
    assert_eq!(sender.seen().connections[0].dropped, 1);

    let echo = udp().bind().echo().start().expect("a peer");
    us.send_to(b"ping", echo.addr()).expect("a send");
    let (len, from) = us.recv_from(&mut buffer).expect("a datagram");
    assert_eq!((&buffer[..len], from), (&b"ping"[..], echo.addr()));
    let seen = echo.seen();
    assert_eq!(seen.connections[0].datagrams, [(4, Some(addr))]);
}

#[test]
fn a_peer_that_never_reads_lets_its_sender_block() {
    let peer = tcp().listen().never_read().rcvbuf(4096).start().expect("a peer");
    let mut conn = client(peer.addr());
    conn.set_nonblocking(true).expect("non-blocking");
    let full = std::iter::repeat_with(|| conn.write(&[1; 4096]))
        .find_map(Result::err)
        .expect("the queue is finite");
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    assert_eq!(peer.received(), b"");
}

#[test]
fn sends_are_never_early_and_their_times_are_kept() {
    let peer = tcp().listen().send([7; 20]).chunk(1).gap(MS).keep_times().start().expect("a peer");
    let conn = client(peer.addr());
    peer.wait_sent().expect("all is sent");
    let seen = peer.seen();
    let sends = &seen.connections[0].sends;
    assert_eq!(sends.len(), 20);
    assert!(sends.iter().all(|sent| sent.at >= sent.due && sent.len == 1), "{sends:?}");
    let gaps = sends.windows(2).map(|pair| pair[1].due.saturating_sub(pair[0].due));
    assert!(gaps.min() >= Some(MS), "{sends:?}");
    drop(conn);
}

#[test]
fn a_drop_closes_the_sockets_and_ends_the_thread() {
    let threads = |group: Option<&Group>| {
        let builder = tcp().listen();
        let peer = match group {
            Some(group) => builder.start_in(group),
            None => builder.start(),
        };
        let peer = peer.expect("a peer");
        let addr = peer.addr();
        let conn = client(addr);
        drop(peer);
        let refused = TcpStream::connect(addr).expect_err("nobody listens any more");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        drop(conn);
    };
    threads(None);
    let group = Group::start(Timing::Economy).expect("a thread");
    threads(Some(&group));
}

#[test]
fn hundreds_of_peers_share_one_thread() {
    let group = Group::start(Timing::Economy).expect("a thread");
    let before = sys::thread_count();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address");
    let pairs: Vec<_> = (0..200_u16)
        .map(|number| {
            let peer = tcp().connect(addr).send(number.to_be_bytes()).then(Then::Shutdown);
            (peer.start_in(&group).expect("a peer"), listener.accept().expect("the peer").0)
        })
        .collect();
    assert!(sys::thread_count() < before + 50, "not a thread for each");
    for (number, (_, conn)) in (0_u16..).zip(&pairs) {
        assert_eq!(read_to_end(conn), number.to_be_bytes());
    }
}

/// Every one of them is spoken to and answers, and a drop leaves no socket of theirs open.
#[test]
fn many_are_started_at_once_talk_and_are_gone_when_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address");
    // No more than the listener's queue takes, 128: Linux may lose a silent one that finds it full.
    let count: u16 = 120;
    let accepts = std::thread::spawn(move || -> Vec<TcpStream> {
        (0..count).map(|_| listener.accept().expect("a peer").0).collect()
    });
    let group = Group::start(Timing::Economy).expect("a thread");
    let peers = tcp().connect(addr).echo().start_many(count.into(), &group).expect("peers");
    let conns = accepts.join().expect("no panic");
    let ends: BTreeSet<SocketAddr> =
        conns.iter().map(|conn| conn.peer_addr().expect("its address")).collect();
    assert_eq!(ends, peers.iter().map(Peer::addr).collect::<BTreeSet<_>>());
    for (number, mut conn) in (0..count).zip(&conns) {
        conn.write_all(&number.to_be_bytes()).expect("a send");
    }
    for (number, mut conn) in (0..count).zip(&conns) {
        conn.set_read_timeout(Some(Duration::from_secs(5))).expect("a limit");
        let mut answer = [0; 2];
        conn.read_exact(&mut answer).expect("the echo");
        assert_eq!(answer, number.to_be_bytes());
    }
    // The last of them ends the thread, whoever is dropped first.
    drop(group);
    drop(peers);
    for conn in &conns {
        assert_eq!(read_to_end(conn), b"");
    }
}

/// Each is another of the seed's: as the connections of one listener are.
#[test]
fn those_of_one_builder_differ_and_are_the_same_every_time() {
    let run = || {
        let group = Group::start(Timing::Economy).expect("a thread");
        let ears = udp().bind().start().expect("a peer");
        let peers = udp().connect(ears.addr()).send([7; 64]).chunk_between(1, 16).keep_times();
        let peers = peers.seed(3).start_many(4, &group).expect("peers");
        let lengths = |peer: &Peer| -> Vec<usize> {
            peer.wait_sent().expect("all is sent");
            peer.seen().connections[0].sends.iter().map(|sent| sent.len).collect()
        };
        peers.iter().map(lengths).collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run());
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 4, "{first:?}");
}

#[test]
fn more_than_the_process_may_open_is_an_error_before_the_first() {
    let Some(limit) = sys::descriptor_limit() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.set_nonblocking(true).expect("non-blocking");
    let addr = listener.local_addr().expect("its address");
    let group = Group::start(Timing::Economy).expect("a thread");
    let error = tcp().connect(addr).start_many(limit, &group).expect_err("a few are open");
    assert_eq!(error.errno(), Some(Errno::EMFILE));
    let said = error.to_string();
    assert!(said.contains(&format!("{limit} sockets are needed")), "{said}");
    assert!(said.contains(&format!("of {limit} descriptors")), "{said}");
    assert_eq!(listener.accept().expect_err("nobody").kind(), ErrorKind::WouldBlock);
}

#[test]
fn where_nobody_listens_none_of_many_is_started() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address");
    drop(listener);
    let group = Group::start(Timing::Economy).expect("a thread");
    let error = tcp().connect(addr).start_many(50, &group).expect_err("nobody listens");
    assert_eq!(error.errno(), Some(Errno::ECONNREFUSED));
}

#[test]
fn tasks_wait_for_peers_without_their_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let limit = Duration::from_secs(5);
        let server = tcp().listen().send_after(4, "pong").start_async().await.expect("a peer");
        let mut conn = tokio::net::TcpStream::connect(server.addr()).await.expect("connect");
        let asks = async {
            conn.write_all(b"ping").await.expect("a send");
            let mut answer = [0; 4];
            conn.read_exact(&mut answer).await.expect("an answer");
            conn.shutdown().await.expect("the end");
            answer
        };
        let (arrived, answer) = tokio::join!(server.until_received(4), asks);
        assert_eq!((arrived.expect("the request"), &answer), (b"ping".to_vec(), b"pong"));
        let end = tokio::time::timeout(limit, server.until_end()).await;
        let seen = end.expect("in time").expect("the end");
        assert_eq!(seen.connections[0].ended, [Ended::Eof]);

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let addr = listener.local_addr().expect("its address");
        drop(listener);
        let refused = tcp().connect(addr).start_async().await.expect_err("nobody listens");
        assert_eq!(refused.errno(), Some(Errno::ECONNREFUSED));
    });
}

#[test]
fn a_slow_reader_takes_its_time() {
    let peer = tcp().listen().read_rate(100_000).start().expect("a peer");
    let mut conn = client(peer.addr());
    let since = Instant::now();
    conn.write_all(&[1; 10_000]).expect("a send");
    conn.shutdown(Shutdown::Write).expect("the end");
    assert_eq!(peer.wait_end().expect("the end").connections[0].bytes_received, 10_000);
    assert!(since.elapsed() >= 80 * MS, "five slices of 20 ms, the first at once");
}
