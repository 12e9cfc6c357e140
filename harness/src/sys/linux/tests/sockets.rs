//! Addresses and the calls without ancillary data.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::{bound, connected, loopback, wait};
use crate::errno::Errno;
use crate::kind::Kind;
use crate::sys::{Address, Socket, event, event_names, message_flag_names, select, unlink};

#[test]
fn an_address_gives_back_what_it_was_made_of() {
    for text in ["127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "[fe80::1%7]:1"] {
        let socket: SocketAddr = text.parse().expect(text);
        let address = Address::from(socket);
        assert_eq!(address.as_socket(), Some(socket));
        assert_eq!(address.to_string(), text);
    }
    let path = Address::from_path(Path::new("/tmp/a"));
    assert_eq!((path.unix_path().as_deref(), path.len()), (Some(Path::new("/tmp/a")), 9));
    assert_eq!((path.abstract_name(), path.is_unnamed(), path.as_socket()), (None, false, None));
    let name = Address::from_abstract(b"a\0b");
    assert_eq!((name.abstract_name(), name.len()), (Some(b"a\0b".to_vec()), 6));
    assert_eq!((name.unix_path(), name.to_string().as_str()), (None, "@a\\x00b"));
    assert!(Address::unnamed().is_unnamed());
    assert_eq!(Address::unspecified().family(), None);
    assert_eq!(Address::from_path(Path::new(&"x".repeat(300))).len(), 256);
}

#[test]
fn the_kernel_judges_the_length_of_a_path() {
    let folder = std::env::temp_dir().join(format!("sockdrill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path_of = |len: usize| {
        let room = len - folder.as_os_str().len() - 1;
        folder.join("x".repeat(room))
    };
    for len in [107, 108] {
        let path = path_of(len);
        let socket = Socket::open(Kind::UnixDgram, false).expect("socket");
        assert_eq!(socket.bind(&Address::from_path(&path)), Ok(()), "{len}");
        let local = socket.local_addr().expect("getsockname");
        assert_eq!(local.unix_path().as_deref(), Some(path.as_path()));
        assert_eq!(unlink(&path), Ok(()));
        assert_eq!(unlink(&path), Err(Errno::ENOENT));
    }
    for len in [109, 126, 127, 254] {
        let socket = Socket::open(Kind::UnixDgram, false).expect("socket");
        assert_eq!(socket.bind(&Address::from_path(&path_of(len))), Err(Errno::EINVAL), "{len}");
    }
    std::fs::remove_dir(&folder).expect("an empty folder");
}

#[test]
fn an_address_too_short_is_refused_by_the_kernel() {
    let socket = Socket::open(Kind::Tcp4, false).expect("socket");
    let short = loopback(Kind::Tcp4).with_len(15);
    assert_eq!(socket.bind(&short), Err(Errno::EINVAL));
}

#[test]
fn a_unix_socket_binds_to_nothing_and_gets_a_name() {
    let socket = Socket::open(Kind::UnixDgram, false).expect("socket");
    assert!(socket.local_addr().expect("getsockname").is_unnamed());
    socket.bind(&Address::unnamed()).expect("autobind");
    let name = socket.local_addr().expect("getsockname").abstract_name().expect("a name");
    assert_eq!(name.len(), 5);
}

#[test]
fn a_datagram_cut_short_says_so_only_when_asked() {
    let (receiver, to) = bound(Kind::Udp4);
    let (sender, from) = bound(Kind::Udp4);
    let mut buffer = [0; 4];
    assert_eq!(receiver.recv_from(&mut buffer, 0), Err(Errno::EAGAIN));
    for (flags, expected) in [(0, 4), (libc::MSG_TRUNC, 9)] {
        assert_eq!(sender.send_to(b"datagrams", &to, 0), Ok(9));
        assert_eq!(receiver.available(), Ok(9));
        assert_eq!(receiver.recv_from(&mut buffer, flags), Ok((expected, Some(from))));
        assert_eq!(&buffer, b"data");
    }
    assert_eq!(sender.send(b"x", 0).map_err(|errno| errno.to_string()), Err("EDESTADDRREQ".into()));
    sender.connect(&to).expect("connect");
    assert_eq!(sender.send(b"x", 0), Ok(1));
    sender.connect(&Address::unspecified()).expect("dissolve");
    assert_eq!(sender.peer_addr(), Err(Errno::ENOTCONN));
}

#[test]
fn urgent_data_is_marked() {
    let (_listener, client, server) = connected(Kind::Tcp4);
    assert_eq!(client.send(b"a", 0), Ok(1));
    assert_eq!(client.send(b"!", libc::MSG_OOB), Ok(1));
    wait(&server, libc::POLLPRI);
    let mut buffer = [0; 4];
    assert_eq!(server.at_mark(), Ok(false));
    assert_eq!(server.recv(&mut buffer, 0), Ok(1));
    assert_eq!(server.at_mark(), Ok(true));
    assert_eq!(server.recv(&mut buffer, libc::MSG_OOB), Ok(1));
    assert_eq!(buffer[0], b'!');
}

#[test]
fn unsent_bytes_are_counted_and_blocking_can_change() {
    let (left, right) = Socket::pair(Kind::UnixStream, true).expect("socketpair");
    left.set_nonblocking(true).expect("FIONBIO");
    let mut buffer = [0; 8];
    assert_eq!(left.recv(&mut buffer, 0), Err(Errno::EAGAIN));
    assert_eq!(left.send(b"12345", 0), Ok(5));
    assert!(left.unsent().expect("SIOCOUTQ") >= 5);
    let again = right.duplicate().expect("dup");
    drop(right);
    assert_eq!(again.recv(&mut buffer, 0), Ok(5));
    assert_eq!(left.unsent(), Ok(0));
    let gather = [std::io::IoSlice::new(b"ab"), std::io::IoSlice::new(b"cd")];
    assert_eq!(left.write_vectored(&gather), Ok(4));
    let mut scatter = [0; 3];
    let mut parts = [std::io::IoSliceMut::new(&mut scatter)];
    assert_eq!(again.read_vectored(&mut parts), Ok(3));
    assert_eq!(&scatter, b"abc");
}

#[test]
fn every_kind_and_every_event_is_there() {
    for kind in Kind::ALL {
        assert!(Socket::open(kind, false).is_ok(), "{kind}");
    }
    assert!(Socket::pair(Kind::UnixSeqpacket, false).is_ok());
    for name in crate::flags::EVENTS {
        assert_eq!(event_names(event(name).expect(name)), [name]);
    }
    assert_eq!(message_flag_names(libc::MSG_TRUNC | libc::MSG_EOR), ["MSG_TRUNC", "MSG_EOR"]);
}

#[test]
fn select_tells_each_set_whatever_the_descriptor() {
    let (_listener, client, server) = connected(Kind::Tcp4);
    client.send(b"x", 0).expect("send");
    wait(&server, libc::POLLIN);
    // Past FD_SETSIZE, and in the last bit of a word.
    for least in [server.raw(), 1087, 2000] {
        // SAFETY: takes numbers only; the new descriptor is closed below.
        let raw = unsafe { libc::fcntl(server.raw(), libc::F_DUPFD_CLOEXEC, least) };
        assert!(raw >= least, "{raw}");
        assert_eq!(select(raw, [true, true, true], Duration::ZERO), Ok([true, true, false]));
        assert_eq!(select(raw, [false, true, true], Duration::ZERO), Ok([false, true, false]));
        assert_eq!(select(raw, [false; 3], Duration::ZERO), Ok([false; 3]));
        // SAFETY: the descriptor was opened above and is used no more.
        unsafe { libc::close(raw) };
        assert_eq!(select(raw, [true, false, false], Duration::ZERO), Err(Errno::EBADF));
    }
    assert_eq!(select(-1, [true; 3], Duration::ZERO), Err(Errno::EBADF));
}
