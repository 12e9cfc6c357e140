//! Where text goes: data to stdout, the rest to stderr, each with colours only where they belong.

use std::io::{self, Stderr, Stdout, Write as _};

use anstream::{AutoStream, ColorChoice};

use super::args::Color;

/// The two streams.
pub struct Output {
    out: AutoStream<Stdout>,
    err: AutoStream<Stderr>,
}

impl Output {
    /// The process's own streams. `auto` asks each stream for itself, and `NO_COLOR`.
    pub fn new(color: Color) -> Output {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        Output {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
        }
    }

    /// What was asked for.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// What was asked for, to be seen at once.
    pub fn data_now(&mut self, text: &str) -> io::Result<()> {
        self.data(text)?;
        self.flush()
    }

    /// Hands everything on.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What is good to know. Where stderr is gone nobody wants to.
    pub fn note(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }

    /// What went wrong.
    pub fn error(&mut self, message: &str) {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        self.note(&format!("{style}error{style:#}: {message}\n"));
    }
}
