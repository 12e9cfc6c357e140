//! What good files are read as. What bad files are told is in `tests/it/bad_files.rs`.

use insta::assert_snapshot;
use rstest::rstest;
use toml::de::DeTable;

use super::matrix::{References, cell_names, read_matrix};
use super::value::check_id;
use super::*;
use crate::platform::System;

/// A file of these lines after its title.
fn file(lines: &str) -> String {
    format!("title = \"A claim\"\n{lines}")
}

fn read(lines: &str) -> Vec<Scenario> {
    parse("a/claim", &file(lines)).expect("a good file")
}

fn read_one(lines: &str) -> Scenario {
    let mut all = read(lines);
    assert_eq!(all.len(), 1, "one cell");
    all.remove(0)
}

fn show_expectation(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Unwritten => String::new(),
        Expectation::Everywhere(expect) => format!(" -> {}", expect.show(System::Linux)),
        Expectation::ByPlatform(keys) => {
            let one = |(key, expect): &(PlatformKey, Expect)| {
                format!("{key}: {}", expect.show(System::Linux))
            };
            format!(" -> {}", keys.iter().map(one).collect::<Vec<_>>().join("; "))
        }
    }
}

fn show_step(step: &Step) -> String {
    let patience = match &step.patience {
        Patience::Default => String::new(),
        Patience::Within(limit) => format!(" within {limit:?}"),
        Patience::NoWait => " nowait".to_owned(),
        Patience::Start(label) => format!(" start {label}"),
    };
    let (verb, arguments) = (step.op.entry().verb, step.op.show_arguments());
    let claim = show_expectation(&step.expect);
    format!("{}.{verb}({arguments}){patience}{claim}", step.socket.text)
}

/// The scenario, a line for each thing in it.
fn summary(scenario: &Scenario) -> String {
    let setup = scenario.setup.iter().map(show_step);
    let peer = |peer: &Peer| {
        let (name, script) = (&peer.name.text, peer.spec.script().join("; "));
        let script = if script.is_empty() { "nothing".to_owned() } else { script };
        let place = peer.to.as_ref().or(peer.local.as_ref());
        format!("{name} -> {}: {script}", place.map(ToString::to_string).unwrap_or_default())
    };
    let peers = scenario.peers.iter().map(peer);
    let lines: Vec<String> =
        setup.chain(peers).chain(scenario.steps.iter().map(show_step)).collect();
    lines.join("\n")
}

#[test]
fn a_declared_socket_is_the_steps_of_a_program() {
    let scenario = read_one(
        r#"
        sockets.server = { listen = "loopback:0", backlog = 1, nodelay = true, options = { SO_REUSEADDR = true }, kind = "tcp4" }
        sockets.other = { kind = "udp6", bind = "[::1]:0", blocking = true }
        sockets.a = { pair = "b" }
        sockets.deep = { kind = "unix-stream", listen = { path = "x", length = 107 } }
        sockets.port = { kind = "udp4", bind = "any:other" }
        step = [ { a.close = {} } ]
        "#,
    );
    assert_snapshot!(summary(&scenario), @r#"
    server.open(tcp4)
    server.set(SO_REUSEADDR=true)
    server.set(TCP_NODELAY=true)
    server.bind(loopback:0)
    server.listen(1)
    other.open(udp6, blocking=true)
    other.bind([::1]:0)
    a.pair(b)
    deep.open(unix-stream)
    deep.bind(path:x (107 bytes))
    deep.listen()
    port.open(udp4)
    port.bind(any:other)
    a.close()
    "#);
}

#[test]
fn a_peer_sends_its_frames_as_bytes() {
    let scenario = read_one(
        r#"
        sockets.server = { kind = "tcp4", listen = "loopback:0" }
        peers.framed = { connect = "server", framing = "u16be", frames = ["ls", "", { hex = "00 ff" }], chunk = 1, gap = "200us", then = "reset" }
        peers.plain = { connect = "server", fill = 300, offset = 7 }
        peers.silent = { connect = "server" }
        step = [ { server.accept = "conn" } ]
        "#,
    );
    assert_snapshot!(summary(&scenario), @r#"
    server.open(tcp4)
    server.bind(loopback:0)
    server.listen()
    framed -> server: send "\0\x02ls\0\0\0\x02\0\xff" in chunks of 1, 200µs apart; reset
    plain -> server: send fill 300 from 7
    silent -> server: nothing
    server.accept(conn)
    "#);
}

#[test]
fn a_step_is_an_operation_with_its_patience_and_claim() {
    let scenario = read_one(
        r#"
        sockets.rx = { kind = "udp4", bind = "loopback:0" }
        sockets.tx = { kind = "udp4" }
        step = [
          { tx.send_to = { to = "rx", fill = "4 KiB" } },
          { tx.send_to = { to = "127.0.0.2:rx", data = ["a", { fill = 2 }, { hex = "0d0a" }], flags = ["MSG_DONTWAIT"] }, expect = { len = 5 } },
          { rx.recv_from = 1024, expect.linux = { len = 1024, from = "tx", truncated = true }, expect.windows = { error = "WSAEMSGSIZE", len = 1024 } },
          { rx.recv_from = { max = 64, within = "200ms" }, expect = "timeout" },
          { rx.recv_from = { max = 64, nowait = true }, expect = "EWOULDBLOCK" },
          { rx.recv_from = { max = 64, start = "late" }, expect = ["pending", { len = { at_least = 1 } }] },
          { rx.join = "late", expect = { any_of = ["timeout", { from = "any:rx" }, { from = "unnamed" }] } },
          { tx.set = { level = 1, number = 2, value = { hex = "01" } } },
          { tx.get = { level = 1, number = 2 }, expect = { value = { between = [1, 4] } } },
          { tx.get = "SO_LINGER", expect = { value = { l_onoff = 0 } } },
          { tx.poll = ["POLLOUT"], expect = { events = { includes = ["POLLOUT"], excludes = ["POLLERR"] }, elapsed = { at_most = "1s" } } },
          { tx.close = {}, level = "should", why = "It is enough.", known = { wine = { reason = "It is not.", link = "https://example.org" } } },
          { tx.state = {}, level = "info" },
        ]
        "#,
    );
    assert_snapshot!(summary(&scenario), @r#"
    rx.open(udp4)
    rx.bind(loopback:0)
    tx.open(udp4)
    tx.send_to(to=rx, fill 4096)
    tx.send_to(to=127.0.0.2:rx, "a\0\x01\r\n", flags=MSG_DONTWAIT) -> len = 5
    rx.recv_from(1024) -> linux: len = 1024, from = tx, truncated = true; windows: EMSGSIZE, len = 1024
    rx.recv_from(64) within 200ms -> timeout
    rx.recv_from(64) nowait -> EAGAIN
    rx.recv_from(64) start late -> pending, or len = at least 1
    rx.join(late) -> timeout, or from = any:rx, or from = unnamed
    tx.set(option 2 at level 1=0x01)
    tx.get(option 2 at level 1) -> value = 1 to 4
    tx.get(SO_LINGER) -> value = { l_onoff = 0 }
    tx.poll(POLLOUT) -> events = with POLLOUT, without POLLERR, within 1s
    tx.close()
    tx.state()
    "#);
    let close = &scenario.steps[11];
    assert_eq!((close.level, close.why.as_deref()), (Level::Should, Some("It is enough.")));
    assert_eq!(close.known[0].platform.name, "wine");
}

#[test]
fn two_ways_to_write_steps_mean_the_same() {
    let sockets = "sockets.rx = { kind = \"udp4\" }\n";
    let short =
        read_one(&format!("{sockets}step = [ {{ rx.recv_from = 64, expect = \"timeout\" }} ]"));
    let long = read_one(&format!(
        "{sockets}[[step]]\nrx.recv_from = {{ max = 64 }}\nexpect = \"timeout\""
    ));
    let dotted = read_one(&format!(
        "{sockets}[[step]]\n[step.rx.recv_from]\nmax = 64\n[step.expect]\nend = \"timeout\""
    ));
    assert_eq!(summary(&short), summary(&long));
    assert_eq!(summary(&short), summary(&dotted));
}

#[test]
fn what_is_not_written_has_its_default() {
    let scenario = read_one("sockets.rx = { kind = \"udp4\" }\nstep = [ { rx.close = {} } ]");
    let Scenario { see, needs, serial, limit, repeat, .. } = scenario;
    assert_eq!((see, needs, serial, limit, repeat), (vec![], vec![], false, None, 1));
    let written = read_one(
        "see = [\"udp(7)\"]\nneeds = [\"ipv6\", \"sysctl net.core.somaxconn = 128\"]\nserial = true\n\
         limit = \"5s\"\nrepeat = 3\nlevel = \"info\"\nsockets.rx = { kind = \"udp4\" }\n\
         step = [ { rx.close = {}, level = \"must\" }, { rx.state = {} } ]",
    );
    let setting = Need::Setting { name: "net.core.somaxconn".into(), value: "128".into() };
    assert_eq!(written.needs, [Need::Capability("ipv6"), setting]);
    assert_eq!((written.serial, written.repeat), (true, 3));
    assert_eq!(written.limit, Some(Duration::from_secs(5)));
    let levels: Vec<Level> = written.steps.iter().map(|step| step.level).collect();
    assert_eq!(levels, [Level::Must, Level::Info]);
}

#[rstest]
#[case("{ rx.fork = \"child\" }")]
#[case("{ rx.dup = { name = \"again\", no_descriptor = true } }")]
#[case("{ new.open = { kind = \"udp4\", no_descriptor = true } }")]
fn who_forks_has_the_machine_to_itself(#[case] step: &str) {
    let file = |step| format!("sockets.rx = {{ kind = \"udp4\" }}\nstep = [ {step} ]");
    assert!(read_one(&file(step)).serial);
    assert!(
        !read_one(&file(&step.replace("no_descriptor = true", "").replace("fork", "dup"))).serial
    );
}

#[rstest]
#[case("rx", true)]
#[case("other", false)]
fn who_closes_a_socket_under_a_call_is_told(#[case] closed: &str, #[case] under: bool) {
    let told = |steps: &str| {
        let sockets = "sockets.rx = { kind = \"udp4\" }\nsockets.other = { kind = \"udp4\" }";
        closes_under_a_call(&read_one(&format!("{sockets}\nstep = [ {steps} ]")).steps)
    };
    let start = "{ rx.recv = { max = 1, start = \"a\" }, expect = \"pending\" }";
    let join = "{ rx.join = { step = \"a\", within = \"1ms\" }, expect = \"timeout\" }";
    let close = format!("{{ {closed}.close = {{}} }}");
    assert_eq!(told(&format!("{start}, {close}, {join}")), under);
    assert!(!told(&format!("{start}, {join}, {close}")));
}

#[rstest]
#[case::product("matrix.a = [1, 2]\nmatrix.b = [\"x\", \"y\"]", "a=1,b=x a=1,b=y a=2,b=x a=2,b=y")]
#[case::kinds("matrix.a = [true, 0x10, -1]\nmatrix.b = [\"\"]", "a=true,b= a=16,b= a=-1,b=")]
#[case::what_no_file_system_takes(
    "matrix.a = [\"loopback:0\", \"../x\", \"con|a b\"]\nmatrix.b = [1]",
    "a=loopback-0,b=1 a=..-x,b=1 a=con-a-b,b=1"
)]
#[case::what_looks_the_same(
    "matrix.a = [\"\\n\", \"\\r\\n\", \"\\r\"]\nmatrix.b = [\"-\"]",
    "a=-,b=- a=-~2,b=- a=-~3,b=-"
)]
#[case::tables_and_lists(
    "matrix.a = [[\"ls\", \"pwd\"], { fill = 3000 }]\nmatrix.b = [1]",
    "a=ls+pwd,b=1 a=fill-3000,b=1"
)]
#[case::rows(
    "matrix.a.both = { x = 1 }\nmatrix.a.neither = { x = [] }\nmatrix.b = { one = 1 }",
    "a=both,b=one a=neither,b=one"
)]
#[case::long(
    "matrix.a = [\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\"]\nmatrix.b = [1]",
    "a=aaaaaaaaaabbbbbbbbbbccccccccccdd,b=1"
)]
fn cells_are_named_by_their_values(#[case] matrix: &str, #[case] names: &str) {
    let root = DeTable::parse(matrix).expect("a TOML file");
    let cell = Cell::default();
    let mut problems = Problems::default();
    let references = References::of(Table::root(&root, &cell), &mut problems);
    let cells = read_matrix(&root, matrix.len(), &references, &mut problems);
    assert_eq!(cell_names(&cells, &mut problems).join(" "), names);
}

#[test]
fn a_row_gives_what_stands_under_its_keys() {
    let cells = read(
        r#"
        matrix.case.short = { max = 1, got = { data = "H", linux = "no key" } }
        matrix.case.long = { max = 64, got = { data = "HELLO", linux = "no key" } }
        sockets.server = { kind = "tcp4", listen = "loopback:0" }
        sockets.client = { kind = "tcp4", connect = "server" }
        step = [
          { server.accept = "conn" },
          { client.send = "HELLO" },
          { conn.recv = "$case.max", expect = { data = "$case.got.data" } },
          { client.send = "$case.got.linux" },
        ]
        "#,
    );
    let ids: Vec<&str> = cells.iter().map(|cell| &*cell.id).collect();
    assert_eq!(ids, ["a/claim[case=short]", "a/claim[case=long]"]);
    assert_snapshot!(summary(&cells[1]), @r#"
    server.open(tcp4)
    server.bind(loopback:0)
    server.listen()
    client.open(tcp4)
    client.connect(server)
    server.accept(conn)
    client.send("HELLO")
    conn.recv(64) -> data = "HELLO"
    client.send("no key")
    "#);
}

#[test]
fn a_cell_puts_its_value_wherever_its_name_stands() {
    let cells = read(
        r#"
        matrix.kind = ["tcp4", "tcp6"]
        matrix.payload = ["HELLO", { fill = 9 }]
        sockets.server = { kind = "$kind", listen = "loopback:0" }
        sockets.client = { kind = "$kind", connect = "server" }
        step = [
          { server.accept = "conn" },
          { client.send = "$payload" },
          { conn.recv = 64, expect = { data = ["$payload"] } },
        ]
        "#,
    );
    let ids: Vec<&str> = cells.iter().map(|cell| &*cell.id).collect();
    assert_snapshot!(ids.join("\n"), @r#"
    a/claim[kind=tcp4,payload=HELLO]
    a/claim[kind=tcp4,payload=fill-9]
    a/claim[kind=tcp6,payload=HELLO]
    a/claim[kind=tcp6,payload=fill-9]
    "#);
    assert_snapshot!(summary(&cells[3]), @r#"
    server.open(tcp6)
    server.bind(loopback:0)
    server.listen()
    client.open(tcp6)
    client.connect(server)
    server.accept(conn)
    client.send(fill 9)
    conn.recv(64) -> data = fill 9
    "#);
}

#[test]
fn two_dollars_stand_for_one() {
    let scenario = read_one(
        "sockets.a = { pair = \"b\" }\nstep = [ { a.send = \"$$HOME\" }, { a.send = \"a $b $$\" }, { a.send = \"$$$$\" } ]",
    );
    assert_snapshot!(summary(&scenario), @r#"
    a.pair(b)
    a.send("$HOME")
    a.send("a $b $$")
    a.send("$$$")
    "#);
}

#[test]
fn lines_may_end_as_on_windows() {
    let text = file(
        "sockets.a = { pair = \"b\" }\n[[step]]\na.send = \"\"\"\nGET /\n\"\"\"\nwhy = \"\"\"one\ntwo\"\"\"\n",
    );
    let unix = parse("x", &text).expect("a good file");
    let windows = parse("x", &text.replace('\n', "\r\n")).expect("a good file");
    assert_snapshot!(summary(&unix[0]), @r#"
    a.pair(b)
    a.send("GET /\n")
    "#);
    // TOML 1.0 lets a parser normalise newlines; this one keeps them.
    assert_snapshot!(summary(&windows[0]), @r#"
    a.pair(b)
    a.send("GET /\r\n")
    "#);
}

#[test]
fn a_place_is_that_of_the_word() {
    let text = file("sockets.a = { pair = \"b\" }\n[[step]]\na.recv = 64\nexpect = \"eof\"\n");
    let scenario = &parse("x", &text).expect("a good file")[0];
    let at = |span: Span| &text[span.start..span.end];
    let step = &scenario.steps[0];
    assert_eq!((at(step.span), at(step.claim)), ("recv", "\"eof\""));
    assert_eq!(at(scenario.setup[0].span), "a");
}

#[rstest]
#[case::its_address_after_close(
    "{ rx.close = {} }, { tx.send_to = { to = \"rx\", data = \"x\" } }"
)]
#[case::its_state_after_close(
    "{ rx.close = {} }, { rx.wait = { state = \"none\" } }, { rx.state = {} }"
)]
#[case::a_label_again(
    "{ rx.recv_from = { max = 1, start = \"a\" } }, { rx.join = \"a\" }, { tx.recv_from = { max = 1, start = \"a\" } }, { tx.join = \"a\" }"
)]
#[case::two_at_once(
    "{ rx.recv_from = { max = 1, start = \"a\" } }, { tx.recv_from = { max = 1, start = \"b\" } }, { rx.join = \"a\" }, { tx.join = \"b\" }"
)]
#[case::a_descriptor_that_arrives(
    "{ rx.recv_msg = { parts = [1], fds = [\"new\"] } }, { new.close = {} }"
)]
#[case::claims_of_whoever_is_named("{ rx.peer_addr = {}, expect = { address = \"loopback:*\" } }")]
#[case::the_whole_length_of_what_was_cut(
    "{ rx.recv = { max = 1, flags = [\"MSG_TRUNC\"] }, expect = { len = 9 } }"
)]
#[case::pending_without_waiting(
    "{ rx.wait = { readable = 1, nowait = true }, expect = \"pending\" }"
)]
fn the_order_is_right(#[case] steps: &str) {
    let sockets = "sockets.rx = { kind = \"udp4\" }\nsockets.tx = { kind = \"udp4\" }";
    read_one(&format!("{sockets}\nstep = [ {steps} ]"));
}

/// One mistake is said once, whatever would follow from it.
#[rstest]
#[case::a_socket_that_cannot_be_read(
    "sockets.tx = { kind = \"udp5\", bind = \"loopback:0\" }",
    "{ tx.close = {} }"
)]
#[case::a_step_that_would_open_it(
    "",
    "{ rx.acept = \"conn\" }, { conn.recv = 1 }, { conn.close = {} }"
)]
#[case::a_step_that_would_start_it(
    "",
    "{ rx.recv = { maxx = 1, start = \"a\" } }, { rx.join = \"a\" }"
)]
#[case::a_step_that_would_join_it(
    "",
    "{ rx.recv = { max = 1, start = \"a\" } }, { rx.join = \"a\", expect = \"off\" }"
)]
#[case::an_unknown_name_used_twice(
    "",
    "{ ry.recv = 1 }, { ry.recv = 1 }, { ry.close = {} }, { ry.recv = 1 }"
)]
#[case::a_claim_about_it(
    "",
    "{ rx.acept = \"conn\" }, { rx.recv_from = 1, expect = { from = \"conn\" } }"
)]
#[case::a_matrix_of_nothing("matrix.a = []", "{ rx.recv = \"$a\" }, { rx.close = {} }")]
#[case::a_word_in_every_cell("matrix.a = [1, 2, 3]", "{ rx.recv = \"$a\" }, { rx.clse = {} }")]
fn one_mistake_is_said_once(#[case] head: &str, #[case] steps: &str) {
    let text = file(&format!("{head}\nsockets.rx = {{ kind = \"udp4\" }}\nstep = [ {steps} ]"));
    let problems = parse("x", &text).expect_err("a bad file");
    assert_eq!(problems.len(), 1, "{problems:#?}");
}

/// A mistake in one part does not hide those of another.
#[test]
fn order_is_asked_of_what_could_be_read() {
    let text = file(
        "levl = 1\nsockets.rx = { kind = \"udp4\" }\nstep = [ { rx.clse = {} }, { ry.close = {} }, \
         { rx.close = {} }, { rx.recv = 1 }, { rx.join = \"a\" } ]",
    );
    let problems = parse("x", &text).expect_err("a bad file");
    let words: Vec<&str> =
        problems.iter().map(|problem| &text[problem.span.start..problem.span.end]).collect();
    assert_eq!(words, ["levl", "clse", "ry", "rx", "\"a\""]);
}

#[rstest]
#[case("udp/recv/truncation", true)]
#[case("a", true)]
#[case("tcp/6-in-4/v1.0_x", true)]
#[case("a/b/c/d/e/f", true)]
#[case("a/b/c/d/e/f/g", false)]
#[case("", false)]
#[case("/etc/passwd", false)]
#[case("..", false)]
#[case("a/../b", false)]
#[case("a//b", false)]
#[case("a/", false)]
#[case("a\\b", false)]
#[case("C:x", false)]
#[case("Tcp", false)]
#[case("a b", false)]
#[case("tcp/.hidden", false)]
#[case("tcp/x.", false)]
#[case("tcp/nul", false)]
#[case("con.x/y", false)]
#[case("com1", false)]
#[case("com0/console", true)]
#[case("é", false)]
fn an_id_stays_below_the_scenarios(#[case] id: &str, #[case] right: bool) {
    assert_eq!(check_id(id).is_ok(), right, "{id}");
    assert!(check_id(&"a".repeat(121)).is_err());
}
