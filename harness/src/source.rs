//! Scenario files as bytes on a disk: read once, with a limit, as UTF-8.
//!
//! The edge of the parser: `scenario` never touches a file. What cannot be read is a [`Problem`]
//! like any other mistake, so that one renderer shows both.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::scenario::{MAX_FILE_BYTES, Problem, Span};

/// Why a file could not be read as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}", problem.message)]
pub struct SourceError {
    /// The file as it was named.
    pub path: String,
    /// What can be shown of its text: what is no UTF-8 is replaced, what is too long is left out.
    pub shown: String,
    /// What is wrong, with its place in `shown`.
    pub problem: Problem,
}

/// The text of the file at `path`.
///
/// Fails for what is no file, is longer than [`MAX_FILE_BYTES`] (asked before a byte is read), or
/// is not UTF-8. A byte order mark is taken off. Never blocks on a pipe or a device: those are no
/// files.
pub fn read(path: &Path) -> Result<String, Box<SourceError>> {
    let named = path.display().to_string();
    let placeless = |message: String, help: Option<String>| {
        let problem = Problem { span: Span::default(), used: None, message, help };
        Box::new(SourceError { path: named.clone(), shown: String::new(), problem })
    };
    let unreadable = |error: io::Error| placeless(format!("cannot be read: {error}"), None);
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "is a folder" } else { "is no ordinary file" };
        return Err(placeless(format!("{what}, not a scenario"), None));
    }
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    if metadata.len() > limit {
        let (message, help) = too_long(metadata.len());
        return Err(placeless(message, Some(help)));
    }
    let mut bytes = Vec::new();
    // The limit again: a file may grow after it was asked.
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let mut text =
        String::from_utf8(bytes).map_err(|error| not_utf8(&named, &error.into_bytes()))?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    Ok(text)
}

/// Some editors on Windows begin a file with it. It is a mark of the encoding and no character of
/// the text: with it, every place in the first line would be one column off.
const BYTE_ORDER_MARK: char = '\u{feff}';

fn too_long(bytes: u64) -> (String, String) {
    let message = format!("the file has {bytes} bytes; a scenario has at most {MAX_FILE_BYTES}");
    (message, "long payloads are written { fill = N }, long series as a matrix".to_owned())
}

fn not_utf8(path: &str, bytes: &[u8]) -> Box<SourceError> {
    let start = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
    let bad = bytes.get(start).copied().unwrap_or_default();
    let shown = String::from_utf8_lossy(bytes).into_owned();
    let before = &shown[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help = if utf16 { "it looks like UTF-16: save it as UTF-8" } else { "save it as UTF-8" };
    let message = format!("line {line}, column {column} is not UTF-8: byte 0x{bad:02x}");
    let span = Span { start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() };
    let problem = Problem { span, used: None, message, help: Some(help.to_owned()) };
    Box::new(SourceError { path: path.to_owned(), shown, problem })
}
