//! The conductor's rules, on a backend without sockets.

use std::time::Duration;

use super::scripted::{Reply, Scripted};
use super::{Cancel, Settings, conduct};
use crate::check::check;
use crate::errno::Errno;
use crate::normalise::record;
use crate::outcome::{End, Fact, Outcome};
use crate::plan::{Plan, lower};
use crate::platform::{Platform, System, Version};
use crate::scenario::parse;
use crate::trace::{Broken, Trace};
use crate::verdict::Verdict;

const HEAD: &str = "title = 'T'\nsockets.a = { kind = 'udp4' }\n";

fn plan(body: &str) -> Plan {
    let text = format!("{HEAD}{body}");
    let version = Version::parse("6.18").expect("a version");
    let platform =
        Platform { system: System::Linux, implementation: None, version, release: "6.18".into() };
    let mut scenarios = parse("t", &text).unwrap_or_else(|problems| panic!("{problems:?}"));
    lower(scenarios.remove(0), &text, &platform)
}

fn settings(timeout_scale: f64) -> Settings {
    Settings { timeout_scale, cancel: Cancel::default() }
}

fn run(body: &str, backend: &mut Scripted) -> (Verdict, Trace) {
    let plan = plan(body);
    let trace = conduct(&plan, backend, &settings(1.0));
    (check(&plan, &trace), trace)
}

fn ends(trace: &Trace) -> Vec<End> {
    trace.events.iter().map(|event| event.outcome.end).collect()
}

fn data(bytes: &[u8]) -> Outcome {
    Outcome::ok(vec![Fact::Data(bytes.to_vec())])
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn steps_run_in_order_after_the_sockets_are_set_up() {
    let mut backend = Scripted::default();
    let (verdict, _) = run("step = [{ a.send = 'x' }, { a.close = {} }]", &mut backend);
    assert_eq!(backend.log, ["a.open(udp4)", "a.send(\"x\")", "a.close()"]);
    assert_eq!(verdict, Verdict::Info, "nothing is claimed outright");
}

#[test]
fn nothing_runs_after_a_broken_claim() {
    let mut backend = Scripted::default().reply("a.recv(8)", Reply::Done(data(b"no")));
    let (verdict, trace) =
        run("step = [{ a.recv = 8, expect = { data = 'yes' } }, { a.close = {} }]", &mut backend);
    assert_eq!(verdict, Verdict::Fail);
    assert_eq!(trace.events.len(), 1);
    assert!(!backend.log.contains(&"a.close()".to_owned()));
}

#[test]
fn a_step_without_a_claim_has_to_succeed() {
    let refused = Outcome::bare(End::Error(Errno::ECONNREFUSED));
    let mut backend = Scripted::default().reply("a.send(\"x\")", Reply::Done(refused));
    assert_eq!(run("step = [{ a.send = 'x' }]", &mut backend).0, Verdict::Fail);
}

#[test]
fn what_cannot_be_set_up_is_broken_not_failed() {
    let full = Outcome::bare(End::Error(Errno::EMFILE));
    let mut backend = Scripted::default().reply("a.open(udp4)", Reply::Done(full));
    let (verdict, trace) = run("step = [{ a.close = {} }]", &mut backend);
    assert_eq!(verdict, Verdict::Broken);
    assert_eq!(trace.broken, Some(Broken::Setup("a.open(udp4) = EMFILE".to_owned())));
}

#[test]
fn what_cannot_be_looked_at_is_broken() {
    let mut backend = Scripted::default().reply("a.close()", Reply::CannotLook("no eyes"));
    let (verdict, trace) = run("step = [{ a.close = {}, expect = 'ok' }]", &mut backend);
    assert_eq!(
        (verdict, trace.broken),
        (Verdict::Broken, Some(Broken::Harness("no eyes".to_owned())))
    );
}

#[test]
fn a_wait_ends_when_the_answer_comes_or_in_timeout() {
    let after =
        |time| Scripted::default().reply("a.recv(8, within=50ms)", Reply::After(time, data(b"x")));
    let body = "step = [{ a.recv = { max = 8, within = '50ms' } }]";
    let mut soon = after(20 * MS);
    assert_eq!(ends(&run(body, &mut soon).1), [End::Ok]);
    assert_eq!(soon.passed(), 20 * MS);
    let mut late = after(60 * MS);
    assert_eq!(ends(&run(body, &mut late).1), [End::Timeout]);
    assert_eq!(late.passed(), 50 * MS);
}

#[test]
fn timeout_scale_stretches_every_wait() {
    let body = "step = [{ a.recv = { max = 8, within = '50ms' } }]";
    let mut backend =
        Scripted::default().reply("a.recv(8, within=50ms)", Reply::Never(Errno::EAGAIN));
    conduct(&plan(body), &mut backend, &settings(4.0));
    assert_eq!(backend.passed(), 200 * MS);
}

#[test]
fn nowait_gives_the_call_s_own_answer() {
    let call = "a.recv(8, nowait)";
    let mut backend = Scripted::default().reply(call, Reply::Never(Errno::EAGAIN));
    let (verdict, _) =
        run("step = [{ a.recv = { max = 8, nowait = true }, expect = 'EAGAIN' }]", &mut backend);
    assert_eq!(verdict, Verdict::Pass);
    assert_eq!(backend.passed(), Duration::ZERO);
    assert_eq!(backend.log.last().map(String::as_str), Some("abandon"));
}

const JOINED: &str = "step = [
    { a.recv = { max = 8, start = 'r' }, expect = 'pending' },
    { a.send = 'x' },
    { a.join = 'r', expect = { data = 'late' } },
]";

#[test]
fn a_started_operation_is_pending_until_joined() {
    let mut backend =
        Scripted::default().reply("a.recv(8, start=r)", Reply::After(5 * MS, data(b"late")));
    let (verdict, trace) = run(JOINED, &mut backend);
    assert_eq!(verdict, Verdict::Pass);
    assert_eq!(ends(&trace), [End::Pending, End::Ok, End::Ok]);
    assert_eq!(trace.events[2].outcome.elapsed, 5 * MS, "since its start");
}

#[test]
fn an_operation_that_completes_at_once_is_not_pending() {
    let mut backend = Scripted::default().reply("a.recv(8, start=r)", Reply::Done(data(b"early")));
    let (verdict, trace) = run(JOINED, &mut backend);
    assert_eq!((verdict, trace.events.len()), (Verdict::Fail, 1));
}

#[test]
fn the_whole_run_has_a_limit() {
    let mut backend =
        Scripted::default().reply("a.recv(8, within=60s)", Reply::Never(Errno::EAGAIN));
    let (verdict, trace) =
        run("limit = '2s'\nstep = [{ a.recv = { max = 8, within = '60s' } }]", &mut backend);
    assert_eq!((verdict, trace.broken), (Verdict::Broken, Some(Broken::Limit)));
    assert_eq!(backend.passed(), Duration::from_secs(2));
}

#[test]
fn a_cancelled_run_stops_before_its_next_step() {
    let plan = plan("step = [{ a.close = {} }]");
    let settings = settings(1.0);
    settings.cancel.cancel();
    let mut backend = Scripted::default();
    let trace = conduct(&plan, &mut backend, &settings);
    assert_eq!((trace.broken, backend.log.len()), (Some(Broken::Cancelled), 0));
}

const PEER: &str =
    "peers.p = { connect = 'a', data = 'abcd', chunk = 1, gap = '3ms', then = 'close' }
step = [{ a.recv = 8, expect = { data = 'x' } }]";

#[test]
fn peers_run_their_script_while_the_step_waits() {
    let mut backend = Scripted::default().reply("a.recv(8)", Reply::After(100 * MS, data(b"x")));
    let (verdict, trace) = run(PEER, &mut backend);
    assert_eq!(verdict, Verdict::Pass);
    assert!(trace.peers[0].finished);
    assert_eq!(backend.passed(), 100 * MS, "three gaps of 3 ms lie within the wait");
    let sends = backend.log.iter().filter(|call| call.starts_with("p.send_all")).count();
    assert_eq!(sends, 4);
}

#[test]
fn peers_finish_after_the_last_step() {
    let mut backend = Scripted::default().reply("a.recv(8)", Reply::Done(data(b"x")));
    let (_, trace) = run(PEER, &mut backend);
    assert!(trace.peers[0].finished);
    assert_eq!(backend.passed(), 9 * MS, "three gaps");
}

#[test]
fn a_peer_that_meets_an_error_stops() {
    let refused = Outcome::bare(End::Error(Errno::ECONNREFUSED));
    let mut backend = Scripted::default()
        .reply("p.send_all(\"a\")", Reply::Done(refused))
        .reply("a.recv(8)", Reply::After(MS, data(b"x")));
    let (_, trace) = run(PEER, &mut backend);
    assert!(!trace.peers[0].finished);
    assert!(!backend.log.contains(&"p.send_all(\"b\")".to_owned()));
}

#[test]
fn a_peer_that_cannot_connect_breaks_the_run() {
    let refused = Outcome::bare(End::Error(Errno::ECONNREFUSED));
    let mut backend = Scripted::default()
        .reply("p.connect(a)", Reply::Done(refused))
        .reply("a.recv(8)", Reply::After(MS, data(b"x")));
    let (verdict, trace) = run(PEER, &mut backend);
    let why = "a peer: p.connect(a) = ECONNREFUSED".to_owned();
    assert_eq!((verdict, trace.broken), (Verdict::Broken, Some(Broken::Harness(why))));
}

#[test]
fn a_join_tells_what_completed_at_once() {
    let mut backend = Scripted::default().reply("a.recv(8, start=r)", Reply::Done(data(b"early")));
    let body = "step = [{ a.recv = { max = 8, start = 'r' } }, \
        { a.join = 'r', expect = { data = 'early' } }]";
    assert_eq!(run(body, &mut backend).0, Verdict::Pass);
}

#[test]
fn a_late_answer_breaks_only_the_claim_about_time() {
    let body = "step = [{ a.recv = 8, expect = { data = 'x', elapsed = { at_most = '10ms' } } }]";
    let mut backend = Scripted::default().reply("a.recv(8)", Reply::After(20 * MS, data(b"x")));
    let plan = plan(body);
    let mut trace = conduct(&plan, &mut backend, &settings(1.0));
    assert_eq!(check(&plan, &trace), Verdict::Fail, "this thread never waited for a processor");
    trace.starved_us = Some(9_000);
    assert_eq!(check(&plan, &trace), Verdict::Fail, "11 ms were the system's own");
    trace.starved_us = Some(15_000);
    assert_eq!(check(&plan, &trace), Verdict::Inconclusive);
    trace.starved_us = None;
    assert_eq!(check(&plan, &trace), Verdict::Inconclusive, "nobody can tell");
}

#[test]
fn known_deviations_turn_a_failure_into_known_and_a_success_into_fixed() {
    let body = "step = [{ a.recv = 8, expect = { data = 'x' }, \
        known.linux = { reason = 'r', link = 'l' } }]";
    let reply = |bytes| Scripted::default().reply("a.recv(8)", Reply::Done(data(bytes)));
    assert_eq!(run(body, &mut reply(b"y")).0, Verdict::Known);
    assert_eq!(run(body, &mut reply(b"x")).0, Verdict::Fixed);
}

#[test]
fn should_and_info_never_fail() {
    for level in ["should", "info"] {
        let body =
            format!("step = [{{ a.recv = 8, expect = {{ data = 'x' }}, level = '{level}' }}]");
        let mut backend = Scripted::default().reply("a.recv(8)", Reply::Done(data(b"y")));
        assert_eq!(run(&body, &mut backend).0, Verdict::Info, "{level}");
    }
}

#[test]
fn no_key_for_this_platform_is_info() {
    let mut backend = Scripted::default().reply("a.recv(8)", Reply::Done(data(b"y")));
    let body = "step = [{ a.recv = 8, expect.windows = { data = 'x' } }]";
    assert_eq!(run(body, &mut backend).0, Verdict::Info);
}

#[test]
fn a_record_shows_a_range_where_a_range_is_claimed() {
    let plan = plan("step = [{ a.send = 'xy', expect = { len = { at_least = 1 } } }]");
    let sent = |len| {
        let outcome = Outcome::ok(vec![Fact::Len(len)]);
        let mut backend = Scripted::default().reply("a.send(\"xy\")", Reply::Done(outcome));
        conduct(&plan, &mut backend, &settings(1.0))
    };
    assert_eq!(record(&plan, &[sent(1)]), record(&plan, &[sent(2)]));
    assert!(record(&plan, &[sent(1)]).contains("= at least 1\n"));
    assert!(record(&plan, &[sent(0)]).contains("= 0\n"), "a broken claim shows the fact");
}

#[test]
fn a_repeated_scenario_records_the_set_of_answers() {
    let plan = plan("step = [{ a.recv = 8, level = 'info' }]");
    let got = |bytes| {
        let mut backend = Scripted::default().reply("a.recv(8)", Reply::Done(data(bytes)));
        conduct(&plan, &mut backend, &settings(1.0))
    };
    let text = record(&plan, &[got(b"b"), got(b"a"), got(b"b")]);
    assert!(text.contains("= \"a\" | \"b\"\n"), "{text}");
}
