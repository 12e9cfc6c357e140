//! Threads in blocking calls, isolation, and what is known of the machine.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::PATIENCE;
use crate::errno::Errno;
use crate::kind::Kind;
use crate::platform::{System, Version};
use crate::sys::{
    ConnectionTable, RunDelay, Socket, can_ipv6, can_isolate, can_kind, current_thread_id,
    ephemeral_ports, identify, interrupt, is_blocked, isolate_thread, open_descriptors,
    reserve_descriptors, resident_memory, run_delay, sysctl, thread_count,
};

#[test]
fn a_blocking_call_is_seen_and_interrupted() {
    let (left, right) = Socket::pair(Kind::UnixStream, true).expect("socketpair");
    let (tell, hear) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        tell.send(current_thread_id()).expect("a listener");
        // Asleep in futex(2), which is not the call that is asked about.
        wait.recv().expect("a sender");
        right.recv(&mut [0; 4], 0)
    });
    let id = hear.recv().expect("an id");
    assert!(!is_blocked(id, 0));
    go.send(()).expect("a receiver");
    let deadline = Instant::now() + PATIENCE;
    while !is_blocked(id, 0) {
        assert!(Instant::now() < deadline, "never seen asleep");
        std::thread::yield_now();
    }
    assert_eq!(interrupt(id, None), Ok(()));
    assert_eq!(thread.join().expect("no panic"), Err(Errno::EINTR));
    assert!(!is_blocked(id, 0));
    drop(left);
}

#[test]
fn each_thread_may_have_a_network_of_its_own() {
    if let Err(reason) = can_isolate() {
        println!("not here: {reason}");
        return;
    }
    let port = |socket: &Socket| socket.local_addr().ok()?.as_socket().map(|local| local.port());
    let (listener, outside) = super::listener(Kind::Tcp4);
    assert_ne!(port(&listener), None);
    let thread = std::thread::spawn(move || {
        isolate_thread().expect("isolation");
        // The same address is free here, and whoever listens outside is not.
        let socket = Socket::open(Kind::Tcp4, true).expect("socket");
        assert_eq!(socket.connect(&outside), Err(Errno::ECONNREFUSED));
        let socket = Socket::open(Kind::Tcp4, false).expect("socket");
        assert_eq!(socket.bind(&outside), Ok(()));
        assert_eq!(
            ConnectionTable::open().expect("a table").state(Kind::Tcp4, &outside, None),
            Ok(None)
        );
        assert_eq!(can_ipv6(), Ok(()));
        super::connected(Kind::Tcp6);
        isolate_thread().expect("again");
        super::connected(Kind::Tcp4);
    });
    thread.join().expect("no panic");
    let here = ConnectionTable::open().expect("a table");
    assert!(matches!(here.state(Kind::Tcp4, &outside, None), Ok(Some(_))));
}

#[test]
fn the_machine_is_known() {
    let platform = identify();
    assert_eq!(platform.system, System::Linux);
    assert!(Version::parse("3").is_some_and(|three| platform.version > three));
    assert!(!platform.release.is_empty());
    assert!(Kind::ALL.into_iter().all(|kind| can_kind(kind).is_ok()));
    let (first, last) = ephemeral_ports().expect("a range");
    assert!(first < last);
    assert!(sysctl("net.ipv4.tcp_syn_retries").is_some_and(|text| text.parse::<u8>().is_ok()));
    for name in ["", "net.ipv4", "net.ipv4.nothing", "../../etc/passwd", "/etc/passwd", "net/../.."]
    {
        assert_eq!(sysctl(name), None, "{name}");
    }
}

#[test]
fn what_the_process_holds_is_counted() {
    // Other tests run beside this one, so only what cannot shrink is claimed.
    let held: Vec<_> = (0..64).map(|_| Socket::open(Kind::Udp4, false).expect("socket")).collect();
    assert!(open_descriptors() >= held.len());
    assert!(thread_count() >= 1);
    assert!(resident_memory().is_some_and(|bytes| bytes > 100_000));
}

#[test]
fn there_is_room_for_descriptors_that_were_reserved() {
    reserve_descriptors(1_000);
    let status = std::fs::read_to_string("/proc/self/status").expect("proc(5)");
    let room = status.lines().find_map(|line| line.strip_prefix("FDSize:")).expect("FDSize");
    assert!(room.trim().parse().is_ok_and(|room: usize| room >= 1_000), "{room}");
}

#[test]
fn waiting_for_a_cpu_only_grows() {
    let Some(delay) = RunDelay::open() else { return };
    let before = delay.read().expect("a delay");
    assert!(run_delay().expect("a delay") >= before);
    assert!(before < Duration::from_secs(3600));
}
