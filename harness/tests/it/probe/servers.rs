//! Servers to be probed, each a thread that ends with the test: right ones, and wrong ones.

use std::io::{Read as _, Write as _};
use std::iter;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;

use socket2::Socket;

/// What is wrong with a server of frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// It takes the length from one receive, which may give less.
    ShortHeader,
    /// It serves one client until that is gone.
    OneAtATime,
    /// It waits for whatever length is announced.
    TrustsLength,
}

/// The longest frame that is taken.
const LIMIT: usize = 64 << 10;

fn listen(serve: impl Fn(TcpStream) + Clone + Send + 'static, threads: bool) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let at = listener.local_addr().expect("an address");
    // Not by std: Wine gives no address for a client that has reset meanwhile, and std panics then.
    let listener = Socket::from(listener);
    thread::spawn(move || {
        for (stream, _) in iter::repeat_with(|| listener.accept()).flatten() {
            let (stream, serve) = (TcpStream::from(stream), serve.clone());
            if threads {
                thread::spawn(move || serve(stream));
            } else {
                serve(stream);
            }
        }
    });
    at
}

/// Where nobody listens: whoever did is gone.
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    listener.local_addr().expect("an address")
}

/// Answers every line in capitals, however its bytes come.
pub fn lines() -> SocketAddr {
    let serve = |mut stream: TcpStream| {
        let (mut line, mut buffer) = (Vec::new(), [0; 512]);
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            for byte in &buffer[..count] {
                line.push(byte.to_ascii_uppercase());
                let ended = *byte == b'\n';
                if line.len() > LIMIT || ended && stream.write_all(&line).is_err() {
                    return;
                }
                if ended {
                    line.clear();
                }
            }
        }
    };
    listen(serve, true)
}

/// Answers whatever one receive gives in capitals: as a whole if it ends a line, else as a mistake.
pub fn one_receive() -> SocketAddr {
    let serve = |mut stream: TcpStream| {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            let message = &buffer[..count];
            let one = message.iter().position(|byte| *byte == b'\n') == Some(count - 1);
            let answer = if one { message.to_ascii_uppercase() } else { b"what?\n".to_vec() };
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    };
    listen(serve, true)
}

/// Answers frames behind a 32-bit length in capitals.
pub fn frames(flaw: Flaw) -> SocketAddr {
    let serve = move |mut stream: TcpStream| {
        while let Some(frame) = frame(&mut stream, flaw) {
            let length = u32::try_from(frame.len()).unwrap_or(0).to_be_bytes();
            let answer = [&length[..], &frame.to_ascii_uppercase()].concat();
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    };
    listen(serve, flaw != Flaw::OneAtATime)
}

fn frame(stream: &mut TcpStream, flaw: Flaw) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    if flaw == Flaw::ShortHeader {
        let count = stream.read(&mut length).ok()?;
        (count == 4).then_some(())?;
    } else {
        stream.read_exact(&mut length).ok()?;
    }
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    if length > LIMIT && flaw != Flaw::TrustsLength {
        return None;
    }
    let mut frame = Vec::new();
    let taken = stream.take(length as u64).read_to_end(&mut frame).ok()?;
    (taken == length).then_some(frame)
}

/// Answers every datagram in capitals; where `ends`, until one without a byte comes.
pub fn datagrams(ends: bool) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let at = socket.local_addr().expect("an address");
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        loop {
            // An error is one of a datagram before; the socket is as it was.
            let Ok((count, from)) = socket.recv_from(&mut buffer) else { continue };
            if ends && count == 0 {
                return;
            }
            let _ = socket.send_to(&buffer[..count].to_ascii_uppercase(), from);
        }
    });
    at
}
