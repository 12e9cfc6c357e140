//! Whole messages over a TCP connection: any framing of sockdrill by its name, or the tutorials'
//! first cure, which is no framing: length first, an acknowledgement, then the data.
//!
//! Counts round trips: how often this end had to wait for the other before it could go on. Never
//! takes a message over [`LIMIT`], whatever its length says.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use sockdrill::frame::acknowledged::{Receiver, Sender, Turn};
use sockdrill::frame::{Decoder, FrameError, Framing};

use crate::{loopback, usage};

/// The longest message that is accepted, in bytes.
pub const LIMIT: usize = 1024 * 1024;

/// The name of the way that is no framing.
pub const LENGTH_THEN_ACK: &str = "length-then-ack";

/// One end of a connection.
#[derive(Debug)]
pub struct Messages {
    stream: TcpStream,
    way: Way,
    sent: bool,
    round_trips: usize,
}

#[derive(Debug)]
enum Way {
    Framed(Framing, Box<Decoder>),
    LengthThenAck,
}

impl Messages {
    /// Messages over that connection, marked in the way of that name.
    pub fn new(stream: TcpStream, name: &str) -> io::Result<Messages> {
        let way = if name == LENGTH_THEN_ACK {
            Way::LengthThenAck
        } else {
            let framing = Framing::parse(name).map_err(|why| usage(&why))?;
            let decoder = Box::new(framing.decoder(LIMIT));
            Way::Framed(framing, decoder)
        };
        Ok(Messages { stream, way, sent: false, round_trips: 0 })
    }

    /// How often this end received after it had sent.
    pub fn round_trips(&self) -> usize {
        self.round_trips
    }

    /// Sends one message.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match &self.way {
            Way::Framed(framing, _) => {
                let mut bytes = Vec::new();
                framing.encode(message, &mut bytes).map_err(invalid)?;
                self.write(&bytes)
            }
            Way::LengthThenAck => self.send_acknowledged(message),
        }
    }

    /// The next message, or `None` at the end of the stream.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let Way::Framed(_, decoder) = &mut self.way else {
                return self.receive_acknowledged();
            };
            if let Some(message) = decoder.next().map_err(invalid)? {
                return Ok(Some(message));
            }
            let bytes = self.read(4096)?;
            let Way::Framed(_, decoder) = &mut self.way else { continue };
            if bytes.is_empty() {
                return Decoder::clone(decoder).finish().map_err(invalid).map(|()| None);
            }
            decoder.push(&bytes);
        }
    }

    fn send_acknowledged(&mut self, message: &[u8]) -> io::Result<()> {
        let mut end = Sender::new(message).map_err(invalid)?;
        loop {
            match end.turn() {
                Turn::Send(bytes) => self.write(&bytes)?,
                Turn::Receive(most) => {
                    let bytes = self.read(most)?;
                    if bytes.is_empty() {
                        return end.finish().map_err(invalid);
                    }
                    end.received(&bytes).map_err(invalid)?;
                }
                Turn::Done(()) => return Ok(()),
            }
        }
    }

    fn receive_acknowledged(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut end = Receiver::new(LIMIT);
        loop {
            match end.turn() {
                Turn::Send(bytes) => self.write(&bytes)?,
                Turn::Receive(most) => {
                    let bytes = self.read(most.min(4096))?;
                    if bytes.is_empty() {
                        return end.finish().map_err(invalid).map(|()| None);
                    }
                    end.received(&bytes).map_err(invalid)?;
                }
                Turn::Done(message) => return Ok(Some(message)),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent |= !bytes.is_empty();
        self.stream.write_all(bytes)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.round_trips += usize::from(std::mem::take(&mut self.sent));
        let mut bytes = vec![0; most];
        let length = self.stream.read(&mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// Sends each of `words` as a message of `u32be` and prints what comes back: the client of the
/// servers of framed messages, right and wrong.
pub fn exchange(address: &str, words: &[String]) -> io::Result<()> {
    let mut messages = Messages::new(TcpStream::connect(loopback(address)?)?, "u32be")?;
    for word in words {
        messages.send(word.as_bytes())?;
        let answer = messages.receive()?;
        let answer = answer.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
        println!("sent {word:?}, received {:?}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

fn invalid(error: FrameError) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
