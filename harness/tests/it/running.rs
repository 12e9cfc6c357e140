//! Scenarios on real sockets: what the conductor and the net do together, and that nothing depends
//! on how many run beside each other.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::path::Path;
use std::sync::Arc;

use rstest::rstest;
use sockdrill::capability::Capabilities;
use sockdrill::finding::Finding;
use sockdrill::normalise::record;
use sockdrill::plan::lower;
use sockdrill::platform::{System, Version};
use sockdrill::run::{Cancel, Settings};
use sockdrill::scenario::parse;
use sockdrill::suite::{Case, Judged, Options, Project, run};
use sockdrill::sys;
use sockdrill::verdict::Verdict;

/// A socket that hears itself, on every system.
const ALONE: &str = "sockets.a = { kind = 'udp4', bind = 'loopback:0', connect = 'a' }";

fn options(jobs: usize, timeout_scale: f64) -> Options {
    let settings = Settings { timeout_scale, cancel: Cancel::default() };
    Options { jobs, isolate: false, settings }
}

/// The cells of the one scenario that `text` is, but for its title.
fn cases(text: &str) -> Vec<Case> {
    let text = format!("title = 'T'\n{text}");
    let platform = sys::identify();
    let scenarios = parse("t", &text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let plans = scenarios.into_iter().map(|one| lower(one, &text, &platform));
    plans.map(|plan| Case { file: Arc::from("t.toml"), plan }).collect()
}

/// Runs `cases` and gives each with what came of it, in their order.
fn run_all(cases: &[Case], jobs: usize) -> Vec<Judged> {
    let mut judged = BTreeMap::new();
    run(cases, &Capabilities::default(), &options(jobs, 4.0), |index, one| {
        judged.insert(index, one);
    });
    judged.into_values().collect()
}

/// Runs the one scenario that `text` is; its verdict has to be `wanted`.
pub fn check(text: &str, wanted: Verdict) -> String {
    check_beside(text, wanted, 2)
}

/// The same with so many of its cells at once.
fn check_beside(text: &str, wanted: Verdict, jobs: usize) -> String {
    let cases = cases(text);
    let judged = run_all(&cases, jobs);
    let mut records = String::new();
    for (case, judged) in cases.iter().zip(judged) {
        let text = record(&case.plan, &judged.traces);
        assert!(
            [wanted, Verdict::Skip].contains(&judged.verdict),
            "{}: {:?} {:?}\n{text}",
            case.plan.id,
            judged.verdict,
            judged.reason
        );
        records += &text;
    }
    records
}

/// Every kind opens, connects, sends, receives and closes, blocking and not.
#[rstest]
fn every_stream_kind_talks(
    #[values("tcp4", "tcp6", "unix-stream", "unix-seqpacket")] kind: &str,
    #[values(false, true)] blocking: bool,
) {
    let address = if kind.starts_with("tcp") { "loopback:0" } else { "path:s" };
    let text = format!(
        "sockets.server = {{ kind = '{kind}', listen = '{address}', blocking = {blocking} }}
        sockets.client = {{ kind = '{kind}', connect = 'server', blocking = {blocking} }}
        step = [
          {{ server.accept = {{ name = 'conn', blocking = {blocking} }} }},
          {{ client.send = 'ping', expect = {{ len = 4 }} }},
          {{ conn.recv = 16, expect = {{ data = 'ping' }} }},
          {{ conn.send = 'pong', expect = {{ len = 4 }} }},
          {{ client.recv = 16, expect = {{ data = 'pong' }} }},
          {{ client.close = {{}} }},
          {{ conn.recv = 16, expect = 'eof' }},
        ]"
    );
    check(&text, Verdict::Pass);
}

#[rstest]
fn every_datagram_kind_talks(
    #[values("udp4", "udp6", "unix-dgram")] kind: &str,
    #[values(false, true)] blocking: bool,
) {
    let (one, two) =
        if kind.starts_with("udp") { ("loopback:0", "loopback:0") } else { ("path:a", "path:b") };
    let text = format!(
        "sockets.a = {{ kind = '{kind}', bind = '{one}', blocking = {blocking} }}
        sockets.b = {{ kind = '{kind}', bind = '{two}', blocking = {blocking} }}
        step = [
          {{ a.send_to = {{ to = 'b', data = 'ping' }}, expect = {{ len = 4 }} }},
          {{ b.recv_from = 16, expect = {{ data = 'ping', from = 'a', truncated = false }} }},
        ]"
    );
    check(&text, Verdict::Pass);
}

#[rstest]
fn every_pair_kind_talks(#[values("unix-stream", "unix-dgram", "unix-seqpacket")] kind: &str) {
    let text = format!(
        "sockets.a = {{ pair = 'b', kind = '{kind}' }}
        step = [{{ a.send = 'x' }}, {{ b.recv = 4, expect = {{ data = 'x' }} }}]"
    );
    check(&text, Verdict::Pass);
}

/// Two operations left pending keep their numbers, whichever is joined first.
#[test]
fn operations_left_pending_are_joined_in_any_order() {
    let text = "sockets.a = { kind = 'udp4', bind = 'loopback:0' }
        sockets.c = { kind = 'udp4', bind = 'loopback:0' }
        step = [
          { a.recv = { max = 4, start = 'first' }, expect = 'pending' },
          { c.recv = { max = 4, start = 'second' }, expect = 'pending' },
          { a.join = { step = 'first', within = '5ms' }, expect = 'timeout' },
          { c.join = { step = 'second', within = '5ms' }, expect = 'timeout' },
        ]";
    check(text, Verdict::Pass);
}

/// A send left pending goes on while another step drains the queue. In chunks: Windows takes all of
/// one call where it has any room.
#[test]
fn an_operation_left_pending_goes_on_while_others_wait() {
    let text = "sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        sockets.client = { kind = 'tcp4', connect = 'server' }
        step = [
          { server.accept = 'conn' },
          { client.send_all = { fill = '16 MiB', chunk = '64 KiB', start = 's' }, expect = 'pending' },
          { conn.recv_exactly = '16 MiB', expect = { len = 16777216 } },
          { client.join = 's', expect = { len = 16777216 } },
        ]";
    check(text, Verdict::Pass);
}

/// A blocking call is pending until what it waits for comes, and is fetched back when nobody does.
#[test]
fn a_blocking_call_that_nobody_answers_is_fetched_back() {
    let text = "sockets.rx = { kind = 'udp4', bind = 'loopback:0', blocking = true }
        step = [
          { rx.recv = { max = 4, start = 'r' }, expect = 'pending' },
          { rx.join = { step = 'r', within = '5ms' }, expect = 'timeout' },
        ]";
    let threads = sys::thread_count();
    check(text, Verdict::Pass);
    // Other tests have threads of their own: only a leak of many would show here, and the leak
    // test counts exactly.
    assert!(sys::thread_count() < threads + 100);
}

#[test]
fn what_a_peer_sends_in_pieces_is_received_in_pieces() {
    let text = "sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        peers.sender = { connect = 'server', data = 'abc', chunk = 1, then = 'close' }
        step = [
          { server.accept = 'conn' },
          { conn.recv = 8, expect = { data = 'a' } },
          { conn.recv = 8, expect = { data = 'b' } },
          { conn.recv = 8, expect = { data = 'c' } },
          { conn.recv = 8, expect = 'eof' },
        ]";
    let record = check(text, Verdict::Pass);
    assert!(
        record.contains("sender.send_all(1 bytes)                     = 1, 3 times"),
        "{record}"
    );
}

#[test]
fn the_same_calls_isolated_give_the_same_record() {
    if let Err(why) = sys::can_isolate() {
        // Containers often forbid it; `doctor` says so too.
        assert!(!why.is_empty());
        return;
    }
    let suite = suite();
    let plain = records(&suite, &options(2, 1.0));
    let isolated = records(&suite, &Options { isolate: true, ..options(2, 1.0) });
    assert_same(&plain, &isolated);
}

fn suite() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the project's root");
    let project = Project { root: root.to_owned() };
    let platform = sys::identify();
    let ids = project.ids().expect("the scenarios can be listed");
    let load = |id: &String| project.load(id, &platform).unwrap_or_else(|bad| panic!("{bad:?}"));
    ids.iter().flat_map(load).collect()
}

type Records = BTreeMap<String, (Verdict, String)>;

fn records(cases: &[Case], options: &Options) -> Records {
    let mut records = Records::new();
    run(cases, &Capabilities::default(), options, |index, judged| {
        let plan = &cases[index].plan;
        let text = record(plan, &judged.traces) + &judged.reason.unwrap_or_default();
        records.insert(plan.id.clone(), (judged.verdict, text));
    });
    records
}

fn assert_same(one: &Records, other: &Records) {
    assert_eq!(one.len(), other.len());
    for (id, (verdict, text)) in one {
        let (other_verdict, other_text) = &other[id];
        assert_eq!((verdict, text), (other_verdict, other_text), "{id}");
    }
}

#[test]
fn no_verdict_and_no_record_depends_on_the_jobs() {
    let suite = suite();
    assert!(suite.len() >= 50);
    assert_same(&records(&suite, &options(1, 1.0)), &records(&suite, &options(8, 1.0)));
}

/// Two outcomes that both come, over enough runs: both have to be seen.
const EITHER: &str = "repeat = 2
    ALONE
    step = [
      { a.send = 'x' },
      { a.recv = 4, expect = { each_of = [{ data = 'x' }, OTHER] } },
    ]";

#[test]
fn each_of_fails_where_an_outcome_is_never_seen() {
    let either = EITHER.replace("ALONE", ALONE);
    check(&either.replace(", OTHER", ""), Verdict::Pass);
    check(&either.replace("OTHER", "'ECONNRESET'"), Verdict::Fail);
}

/// How often each outcome was seen is told, and is no part of the record.
#[test]
fn a_repeated_step_tells_how_often_each_outcome_was_seen() {
    let case = suite().into_iter().find(|case| case.plan.id == "tcp/reuse/reuseport_either");
    let case = case.expect("the scenario that both listeners win by turns");
    let judged = run_all(std::slice::from_ref(&case), 1).remove(0);
    if judged.verdict == Verdict::Skip {
        // Which of two comes is chance on Unix alone: Windows has no SO_REUSEPORT.
        assert!(judged.reason.is_some());
        return;
    }
    let finding = Finding::of(&case, &judged, judged.verdict, None);
    let seen = &finding.steps.last().expect("a step").seen;
    assert_eq!(seen.iter().map(|(_, times)| times).sum::<usize>(), case.plan.repeat);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(!record(&case.plan, &judged.traces).contains("times"));
}

/// Lending out a permit while one waits would let the next begin.
#[test]
fn who_is_to_be_alone_waits_alone() {
    let text = "title = 'T'\nserial = true\nsockets.a = { kind = 'udp4' }
        step = [ { a.pause = '30ms' } ]";
    let platform = sys::identify();
    let plan = lower(parse("t", text).expect("a scenario").remove(0), text, &platform);
    let case = Case { file: Arc::from("t.toml"), plan };
    let since = std::time::Instant::now();
    run_all(&[case.clone(), case.clone(), case], 8);
    assert!(since.elapsed().as_millis() >= 90, "{:?}", since.elapsed());
}

#[test]
fn what_should_be_seen_and_is_not_is_no_failure() {
    let text = |level: &str| {
        format!(
            "repeat = 2\nlevel = '{level}'\n{ALONE}
            step = [ {{ a.send = 'x', expect = {{ each_of = ['ok', 'EPERM'] }} }} ]"
        )
    };
    check(&text("must"), Verdict::Fail);
    check(&text("should"), Verdict::Info);
}

#[rstest]
fn a_name_keeps_its_address_after_close(#[values("udp4", "unix-dgram")] kind: &str) {
    let address = |name: &str| match kind {
        "unix-dgram" => format!("path:{name}"),
        _ => "loopback:0".to_owned(),
    };
    let (rx, tx) = (address("rx"), address("tx"));
    let text = format!(
        "sockets.rx = {{ kind = '{kind}', bind = '{rx}' }}
        sockets.tx = {{ kind = '{kind}', bind = '{tx}' }}
        sockets.late = {{ kind = '{kind}', bind = 'path:late' }}
        step = [
          {{ tx.send_to = {{ to = 'rx', data = 'x' }} }},
          {{ tx.close = {{}} }},
          {{ rx.recv_from = 16, expect = {{ from = 'tx' }} }},
          {{ rx.send_to = {{ to = 'tx', data = 'x' }}, expect = ['ok', 'ECONNREFUSED'] }},
        ]"
    )
    .replace("sockets.late = { kind = 'udp4', bind = 'path:late' }", "");
    check(&text, Verdict::Pass);
}

#[test]
fn what_is_not_open_is_not_passed() {
    check(
        "sockets.a = { pair = 'b' }
        sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        step = [
          { server.accept = { name = 'conn', nowait = true }, expect = 'EAGAIN' },
          { a.send_msg = { parts = ['x'], fds = ['conn'] } },
        ]",
        Verdict::Broken,
    );
}

/// Cut within a letter, and never within what makes the name the run's own.
#[test]
fn an_abstract_name_has_the_length_it_is_given() {
    let bind = |length: usize| {
        format!(
            "sockets.a = {{ kind = 'unix-dgram' }}
            step = [ {{ a.bind = {{ to = {{ abstract = 'é', length = {length} }} }}, expect = 'ok' }} ]"
        )
    };
    check(&bind(28), Verdict::Pass);
    check(&bind(5), Verdict::Broken);
}

#[test]
fn fill_ends_on_a_blocking_socket_too() {
    check(
        "sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        sockets.a = { kind = 'tcp4', connect = 'server', blocking = true }
        step = [ { a.fill = {}, expect = { len = { at_least = 1 } } } ]",
        Verdict::Pass,
    );
}

/// Its calls block where the sender's would, and an empty datagram is none's end.
#[test]
fn a_socket_that_arrives_is_what_it_was() {
    check(
        "sockets.a = { pair = 'b' }
        sockets.c = { pair = 'd', blocking = true }
        sockets.rx = { kind = 'udp4', bind = 'loopback:0' }
        sockets.tx = { kind = 'udp4' }
        sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        sockets.client = { kind = 'tcp4', connect = 'server' }
        step = [
          { a.send_msg = { parts = ['x'], fds = ['c', 'rx', 'client'] } },
          { b.recv_msg = { parts = [1], fds = ['blocks', 'datagrams', 'connected'] } },
          { blocks.recv = { max = 10, within = '20ms' }, expect = 'timeout' },
          { tx.send_to = { to = 'rx', data = '' } },
          { datagrams.recv = 10, expect = { len = 0 } },
          { connected.state = {}, expect = { state = 'ESTABLISHED' } },
        ]",
        Verdict::Pass,
    );
}

#[test]
fn a_timeout_of_the_system_tells_what_came_before() {
    check(
        "sockets.server = { kind = 'tcp4', listen = 'loopback:0' }
        sockets.b = { kind = 'tcp4', connect = 'server' }
        step = [
          { server.accept = { name = 'a', blocking = true } },
          { a.set = { SO_RCVTIMEO = '20ms' } },
          { b.send = 'abc' },
          { a.recv_exactly = 10, expect.unix = { error = 'EAGAIN', data = 'abc' },
            expect.windows = { error = 'ETIMEDOUT', data = 'abc' } },
        ]",
        Verdict::Pass,
    );
}

#[test]
fn a_claim_for_another_platform_alone_is_no_pass() {
    let elsewhere = if sys::SYSTEM == System::Windows { "unix" } else { "windows" };
    check(
        &format!(
            "{ALONE}
            step = [
              {{ a.send = 'x', expect = 'ok' }},
              {{ a.recv = 1, expect.{elsewhere} = {{ data = 'x' }} }},
            ]"
        ),
        Verdict::Info,
    );
}

#[test]
fn a_known_deviation_may_be_an_outcome_never_seen() {
    check(
        &format!(
            "repeat = 2\n{ALONE}
            step = [ {{ a.send = 'x', expect = {{ each_of = ['ok', 'EPERM'] }},
              known.default = {{ reason = 'r', link = 'l' }} }} ]"
        ),
        Verdict::Known,
    );
}

#[test]
fn leaving_an_operation_pending_takes_its_time() {
    let cases = cases(&format!(
        "{ALONE}
        step = [
          {{ a.recv = {{ max = 1, start = 'later' }},
            expect = {{ end = 'pending', elapsed = {{ at_most = '0us' }} }} }},
          {{ a.send = 'x' }},
          {{ a.join = 'later' }},
        ]"
    ));
    let mut verdicts = std::iter::repeat_with(|| run_all(&cases, 1)[0].verdict).take(100);
    if sys::run_delay().is_none() {
        assert_eq!(verdicts.next(), Some(Verdict::Inconclusive), "nobody can tell");
        return;
    }
    // Where the system counts that the machine was too busy to tell, a later run tells.
    let told = verdicts.find(|verdict| *verdict != Verdict::Inconclusive);
    assert_eq!(told, Some(Verdict::Fail));
}

/// It would be a claim about our own clock, stretched by `--timeout-scale`.
#[test]
fn the_time_of_a_timeout_is_no_claim() {
    let text = "title = 'T'\nsockets.a = { pair = 'b' }
        step = [ { a.recv = { max = 1, within = '5ms' },
          expect = { end = 'timeout', elapsed = { at_most = '9ms' } } } ]";
    let problems = parse("t", text).expect_err("a mistake");
    assert!(problems[0].message.contains("`within` is over"), "{problems:?}");
}

/// A socket that is no run's has the port that the system gave, in the other family.
#[test]
fn a_port_that_somebody_else_has_is_asked_for_again() {
    if !at_least("linux", "6.3") {
        return;
    }
    // Every eighth port from 40,512 to 40,767, as both are in one 32-bit number below.
    let others = (40_512..40_768).step_by(8).map(|port| UdpSocket::bind(("127.0.0.1", port)));
    let others: Vec<UdpSocket> = others.filter_map(Result::ok).collect();
    assert!(!others.is_empty(), "somebody has to have a port");
    // The matrix is there to have many cells; its number changes nothing.
    let numbers: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    check(
        &format!(
            "matrix.number = [{}]
            sockets.near = {{ kind = 'udp6', bind = 'loopback:0', options = {{ SO_REUSEADDR = true, IP_LOCAL_PORT_RANGE = -1623220672 }} }}
            sockets.all = {{ kind = 'udp6', bind = 'any:near', options = {{ SO_REUSEADDR = true, SO_RCVLOWAT = '$number' }} }}
            step = [{{ all.recv = {{ max = 1, nowait = true }}, expect = 'EAGAIN' }}]",
            numbers.join(", ")
        ),
        Verdict::Pass,
    );
    drop(others);
}

/// What a run has closed, the system gives to the next: here soon, where it has few to choose from.
#[test]
fn a_port_that_a_run_has_closed_is_given_to_no_other() {
    if !at_least("linux", "6.3") {
        return;
    }
    let numbers: Vec<String> = (1..=200).map(|number| number.to_string()).collect();
    let numbers = numbers.join(", ");
    // The ports from 40,000 to 40,255, both in one 32-bit number. Of these bind takes the odd ones, so
    // that no client connects to itself: connect begins with the even ones of its own range.
    let text = format!(
        "matrix.kind = ['tcp4', 'tcp6']
        matrix.number = [{numbers}]
        repeat = 30
        sockets.server = {{ kind = '$kind', listen = 'loopback:0', backlog = '$number', options = {{ IP_LOCAL_PORT_RANGE = -1656775616 }} }}
        sockets.client.kind = '$kind'
        step = [{{ server.close = {{}} }}, {{ client.recv = 1, expect = 'ENOTCONN' }}, {{ client.connect = 'server', expect = 'ECONNREFUSED' }}]"
    );
    check_beside(&text, Verdict::Pass, 8);
}

fn at_least(name: &str, version: &str) -> bool {
    let platform = sys::identify();
    platform.name() == name && Version::parse(version).is_some_and(|one| platform.version >= one)
}
