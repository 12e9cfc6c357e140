//! Schedules by a virtual clock: no socket, no machine, no time that passes.

use super::*;
use crate::kind::Kind;
use crate::peer::spec::{Cut, Echo, Part, Pick};

const US: Duration = Duration::from_micros(1);
const MS: Duration = Duration::from_millis(1);

fn part(bytes: &[u8], when: When, chunk: Option<usize>, gap: Duration) -> Part {
    let chunk = chunk.map(Draw::Exactly);
    Part { when, bytes: bytes.to_vec(), chunk, gap: Draw::Exactly(gap) }
}

fn stream(script: Vec<Part>) -> Spec {
    Spec { script, ..Spec::new(Role::Connect, Kind::Tcp4) }
}

fn datagrams(count: u8) -> Spec {
    let script = (1..=count).map(|n| part(&[n], When::Next, None, MS)).collect();
    Spec { script, ..Spec::new(Role::Datagram, Kind::Udp4) }
}

/// What happens where nothing ever arrives and the clock is always on time: when each piece is
/// sent, its bytes, and how it ends.
fn run(spec: Spec) -> (Vec<(Duration, Vec<u8>)>, Step) {
    let mut schedule = Schedule::<()>::new(Arc::new(spec), 0);
    drive(&mut schedule, Duration::ZERO, Duration::ZERO)
}

/// The same from `now` on, each send `late` after its time.
fn drive(
    schedule: &mut Schedule<()>,
    mut now: Duration,
    late: Duration,
) -> (Vec<(Duration, Vec<u8>)>, Step) {
    let mut sends = Vec::new();
    for _ in 0..10_000 {
        match schedule.step(now) {
            Step::Send => {
                now += late;
                let bytes = schedule.piece().map(|(bytes, _)| bytes.to_vec()).unwrap_or_default();
                schedule.sent(now, bytes.len());
                sends.push((now, bytes));
            }
            Step::At(due) => {
                assert!(due > now, "a step that is due is taken");
                now = due;
            }
            other => return (sends, other),
        }
    }
    panic!("the schedule never ends");
}

fn times(sends: &[(Duration, Vec<u8>)]) -> Vec<u128> {
    sends.iter().map(|(at, _)| at.as_micros()).collect()
}

fn all_bytes(sends: &[(Duration, Vec<u8>)]) -> Vec<u8> {
    sends.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
}

#[test]
fn chunks_are_due_a_gap_apart_from_the_beginning() {
    let (sends, end) = run(stream(vec![part(b"abcde", When::Next, Some(2), 3 * MS)]));
    let pieces: Vec<&[u8]> = sends.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    assert_eq!(pieces, [&b"ab"[..], b"cd", b"e"]);
    assert_eq!(times(&sends), [0, 3_000, 6_000]);
    assert_eq!(end, Step::Done);
}

#[test]
fn a_little_lateness_moves_nothing_and_much_moves_the_rest() {
    let spec = Arc::new(stream(vec![part(b"abcd", When::Next, Some(1), MS)]));
    let mut on_time = Schedule::new(Arc::clone(&spec), 0);
    assert_eq!(times(&drive(&mut on_time, Duration::ZERO, 400 * US).0), [400, 1_400, 2_400, 3_400]);
    let mut behind = Schedule::new(spec, 0);
    let sent = times(&drive(&mut behind, Duration::ZERO, 600 * US).0);
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{sent:?}");
}

#[test]
fn parts_wait_for_times_bytes_and_the_end() {
    let script = vec![
        part(b"now", When::Next, None, MS),
        part(b"at", When::At(20 * MS), None, MS),
        part(b"got", When::Received(3), None, MS),
        part(b"bye", When::Eof, None, MS),
    ];
    let mut schedule = Schedule::new(Arc::new(stream(script)), 0);
    let (sends, end) = drive(&mut schedule, Duration::ZERO, Duration::ZERO);
    assert_eq!((times(&sends), end), (vec![0, 20_000], Step::Wait));
    schedule.received(25 * MS, b"ab", None);
    assert_eq!(schedule.step(25 * MS), Step::Wait);
    schedule.received(30 * MS, b"c", None);
    assert_eq!(times(&drive(&mut schedule, 30 * MS, Duration::ZERO).0), [30_000]);
    schedule.eof(40 * MS);
    assert_eq!(times(&drive(&mut schedule, 40 * MS, Duration::ZERO).0), [40_000]);
    assert!(schedule.is_over());
}

#[test]
fn the_same_seed_gives_the_same_pieces_however_late_they_are() {
    let drawn = Part {
        chunk: Some(Draw::Between(1, 9)),
        gap: Draw::Between(US, MS),
        ..part(&[7; 200], When::Next, None, MS)
    };
    let sizes = |seed: u64, late: Duration| {
        let spec = Spec { seed, ..stream(vec![drawn.clone()]) };
        let sends = drive(&mut Schedule::new(Arc::new(spec), 0), Duration::ZERO, late).0;
        assert_eq!(all_bytes(&sends), [7; 200]);
        sends.iter().map(|(_, bytes)| bytes.len()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(1, Duration::ZERO), sizes(1, 5 * MS));
    assert_ne!(sizes(1, Duration::ZERO), sizes(2, Duration::ZERO));
    assert!(sizes(1, Duration::ZERO).iter().all(|len| (1..=9).contains(len)));
}

#[test]
fn latency_delays_and_jitters_within_its_bounds_and_keeps_the_order() {
    let mut spec = stream(vec![part(&[1; 50], When::Next, Some(1), MS)]);
    spec.faults.latency = Some((10 * MS, 4 * MS));
    let sent = times(&run(spec).0);
    assert!(sent.is_sorted());
    for (index, at) in (0_u128..).zip(&sent) {
        let early = index * 1_000 + 6_000;
        assert!((early..=early + 8_000).contains(at), "{index}: {at}");
    }
    assert!(sent.windows(2).any(|pair| pair[1] - pair[0] != 1_000), "no jitter at all");
}

#[test]
fn bandwidth_is_kept_in_slices() {
    let mut spec = stream(vec![part(&[1; 1_000], When::Next, None, Duration::ZERO)]);
    spec.faults.bandwidth = Some(10_000);
    let (sends, _) = run(spec);
    assert_eq!(sends.len(), 5, "a fiftieth of a second each");
    assert_eq!(times(&sends), [0, 20_000, 40_000, 60_000, 80_000]);
}

#[test]
fn a_line_that_was_late_does_not_catch_up() {
    let mut spec = stream(vec![part(&[1; 1_000], When::Next, None, Duration::ZERO)]);
    spec.faults.bandwidth = Some(10_000);
    let mut schedule = Schedule::new(Arc::new(spec), 0);
    let sent = times(&drive(&mut schedule, Duration::ZERO, 30 * MS).0);
    assert_eq!(sent, [30_000, 80_000, 130_000, 180_000, 230_000]);
}

#[test]
fn a_cut_falls_on_the_very_byte() {
    for (then, end) in [(Then::Reset, Step::End(Then::Reset)), (Then::Keep, Step::Done)] {
        let mut spec = stream(vec![part(b"abcdefgh", When::Next, Some(3), MS)]);
        spec.faults.cuts = vec![Cut { mark: Mark::Sent(5), then }];
        let (sends, ended) = run(spec);
        assert_eq!((all_bytes(&sends), ended), (b"abcde".to_vec(), end));
    }
}

#[test]
fn a_cut_may_wait_for_what_arrives() {
    let mut spec = stream(vec![part(b"x", When::Received(100), None, MS)]);
    spec.faults.cuts = vec![Cut { mark: Mark::Received(4), then: Then::Close }];
    let mut schedule = Schedule::<()>::new(Arc::new(spec), 0);
    assert_eq!(schedule.step(Duration::ZERO), Step::Wait);
    schedule.received(MS, b"1234", None);
    assert_eq!(schedule.step(MS), Step::End(Then::Close));
}

#[test]
fn a_cut_may_come_after_the_script() {
    let mut spec = stream(Vec::new());
    spec.faults.cuts = vec![Cut { mark: Mark::Received(1), then: Then::Reset }];
    let mut schedule = Schedule::<()>::new(Arc::new(spec), 0);
    assert_eq!(schedule.step(Duration::ZERO), Step::Done);
    schedule.received(MS, b"x", None);
    assert_eq!(schedule.step(MS), Step::End(Then::Reset));
    assert_eq!(schedule.step(MS), Step::Done, "told once");
}

#[test]
fn a_slow_close_comes_after_the_last_send() {
    let mut spec = stream(vec![part(b"ab", When::Next, Some(1), MS)]);
    spec.then = Then::Close;
    spec.faults.slow_close = 50 * MS;
    let mut schedule = Schedule::<()>::new(Arc::new(spec), 0);
    let (_, end) = drive(&mut schedule, Duration::ZERO, Duration::ZERO);
    assert_eq!(end, Step::End(Then::Close));
    assert_eq!(schedule.step(51 * MS), Step::Done, "told once");
}

#[test]
fn datagrams_are_dropped_doubled_and_swapped_by_their_numbers() {
    let sent = |change: fn(&mut Spec)| {
        let mut spec = datagrams(5);
        change(&mut spec);
        all_bytes(&run(spec).0)
    };
    assert_eq!(sent(|spec| spec.faults.drop = Pick::Numbers(vec![2, 5])), [1, 3, 4]);
    assert_eq!(sent(|spec| spec.faults.duplicate = Pick::Numbers(vec![3])), [1, 2, 3, 3, 4, 5]);
    assert_eq!(sent(|spec| spec.faults.reorder = Pick::Numbers(vec![1])), [2, 1, 3, 4, 5]);
    let none_after = sent(|spec| spec.faults.reorder = Pick::Numbers(vec![5]));
    assert_eq!(none_after, [1, 2, 3, 4, 5], "the last has none to change places with");
    assert_eq!(sent(|spec| spec.faults.drop = Pick::Percent(100)), [0; 0]);
}

#[test]
fn an_empty_datagram_is_sent_and_an_empty_part_of_a_stream_is_not() {
    let script = vec![part(b"", When::Next, None, MS)];
    let empty = Spec { script, ..Spec::new(Role::Datagram, Kind::Udp4) };
    assert_eq!(run(empty.clone()).0.len(), 1);
    assert_eq!(run(Spec { kind: Kind::Tcp4, role: Role::Connect, ..empty }).0.len(), 0);
}

#[test]
fn an_echo_sends_back_what_arrived_and_ends_with_the_other_side() {
    let echo = Echo { chunk: Some(Draw::Exactly(2)), gap: Draw::Exactly(MS) };
    let spec = Spec { echo: Some(echo), then: Then::Close, ..stream(Vec::new()) };
    let mut schedule = Schedule::new(Arc::new(spec), 0);
    assert_eq!(schedule.step(Duration::ZERO), Step::Wait);
    schedule.received(5 * MS, b"hello", None);
    let (sends, end) = drive(&mut schedule, 5 * MS, Duration::ZERO);
    assert_eq!(
        (times(&sends), all_bytes(&sends), end),
        (vec![5_000, 6_000, 7_000], b"hello".to_vec(), Step::Wait)
    );
    schedule.eof(9 * MS);
    assert_eq!(schedule.step(9 * MS), Step::End(Then::Close));
}

#[test]
fn an_echo_that_is_not_taken_stops_the_reading() {
    let echo = Echo { chunk: None, gap: Draw::Exactly(Duration::ZERO) };
    let spec = Spec { echo: Some(echo), ..stream(Vec::new()) };
    let mut schedule = Schedule::<()>::new(Arc::new(spec), 0);
    let bytes = vec![1; MOST_ECHOED];
    schedule.received(MS, &bytes, None);
    assert!(schedule.is_full());
    assert_eq!(schedule.step(MS), Step::Send);
    schedule.sent(MS, bytes.len());
    assert!(!schedule.is_full());
}

#[test]
fn datagrams_are_echoed_to_their_senders() {
    let echo = Echo { chunk: None, gap: Draw::Exactly(Duration::ZERO) };
    let spec = Spec { echo: Some(echo), ..Spec::new(Role::Datagram, Kind::Udp4) };
    let mut schedule = Schedule::new(Arc::new(spec), 0);
    for (name, bytes) in [("a", &b"one"[..]), ("b", b"two")] {
        schedule.received(MS, bytes, Some(name));
    }
    for (name, bytes) in [("a", &b"one"[..]), ("b", b"two")] {
        assert_eq!(schedule.step(MS), Step::Send);
        assert_eq!(schedule.piece(), Some((bytes, Some(&name))));
        schedule.sent(MS, bytes.len());
    }
}
