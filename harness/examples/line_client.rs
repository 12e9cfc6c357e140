//! A client of a server of lines, to be tried with `sockdrill probe --listen`: it sends `ls`, takes one
//! line for the answer, and prints it. As `naive` it is wrong in the way of every tutorial, and takes
//! whatever one receive gives for the answer.
//!
//! ```text
//! sockdrill probe --listen --exec 'target/debug/examples/line_client {addr}' --framing line --send LS
//! ```

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

/// A server that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest line that is taken.
const LONGEST: u64 = 16 << 10;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_default();
    let answer = if words.next().is_some_and(|word| word == "naive") { naive } else { line };
    match ask(&address).and_then(answer) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn ask(address: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"ls\n")?;
    Ok(stream)
}

/// Receives until the line is whole, or there can be no line.
fn line(stream: TcpStream) -> io::Result<String> {
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "a part of a line"));
    }
    String::from_utf8(line).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Wrong: one receive is not one answer.
fn naive(mut stream: TcpStream) -> io::Result<String> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).trim_end().to_owned())
}
