//! A record as a file: insta's snapshot format, version 2, as far as text snapshots use it.
//!
//! A YAML header between two lines of `---`, then the contents. Only the contents are compared, and
//! the verdict in the header; the rest of it tells where they were recorded. Pure.

use std::fmt::Write as _;

use crate::platform::Platform;
use crate::verdict::Verdict;

/// What stands above a record's contents. Of it the verdict alone is compared.
#[derive(Clone, Copy, Debug)]
pub struct Header<'h> {
    /// The scenario's title.
    pub title: &'h str,
    /// The scenario's file, relative to the project.
    pub input_file: &'h str,
    /// Where it was recorded.
    pub platform: &'h Platform,
    /// What came of the claims.
    pub verdict: Verdict,
}

/// The test that checks records: where insta looks for a snapshot's origin.
pub const SOURCE: &str = "tests/scenarios.rs";

/// This harness's version.
pub const HARNESS: &str = env!("CARGO_PKG_VERSION");

impl Header<'_> {
    /// The fields under `info`, by name.
    pub fn info(&self) -> [(&'static str, &str); 4] {
        [
            (PLATFORM, self.platform.name()),
            (RELEASE, &self.platform.release),
            ("harness", HARNESS),
            (VERDICT, self.verdict.name()),
        ]
    }
}

const PLATFORM: &str = "platform";
const RELEASE: &str = "release";
const VERDICT: &str = "verdict";

/// A record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The platform's name; empty where the header does not tell.
    pub platform: String,
    /// The platform's release; empty where the header does not tell.
    pub release: String,
    /// What came of the claims; `None` where the header does not tell.
    pub verdict: Option<Verdict>,
    /// What happened, tidied.
    pub contents: String,
}

/// Reads a file. One without a header is all contents.
pub fn read(file: &str) -> Recorded {
    let (header, contents) = body(file).unwrap_or(("", file));
    let field = |name: &str| {
        let mut lines = header.lines().filter_map(|line| line.trim().strip_prefix(name));
        let value = lines.find_map(|rest| rest.strip_prefix(": "));
        value.map(unquoted).unwrap_or_default()
    };
    Recorded {
        platform: field(PLATFORM),
        release: field(RELEASE),
        verdict: Verdict::from_name(&field(VERDICT)),
        contents: tidy(contents),
    }
}

/// The whole file.
pub fn file(header: &Header<'_>, contents: &str) -> String {
    let mut text = format!("---\nsource: {SOURCE}\n");
    let _ = writeln!(text, "description: {}", scalar(header.title));
    text.push_str("info:\n");
    for (name, value) in header.info() {
        let _ = writeln!(text, "  {name}: {}", scalar(value));
    }
    let _ = writeln!(text, "input_file: {}", scalar(header.input_file));
    let _ = writeln!(text, "---\n{}", tidy(contents));
    text
}

/// The file as it is once accepted: without what only a reviewer needs.
pub fn without_review(file: &str) -> String {
    let Some((header, body)) = body(file) else { return file.to_owned() };
    let kept = header.split_inclusive('\n').filter(|line| !line.starts_with("assertion_line:"));
    kept.chain([body]).collect()
}

/// Contents as insta compares them: without white space at the end, lines ending in `\n`.
pub fn tidy(contents: &str) -> String {
    contents.trim_end().replace("\r\n", "\n")
}

/// The header with both its marks, and what follows.
fn body(file: &str) -> Option<(&str, &str)> {
    let mut lines = file.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut end = first.len();
    for line in lines {
        end += line.len();
        if line.trim_end() == "---" {
            return Some(file.split_at(end));
        }
    }
    None
}

/// A string as insta's own YAML has it: in quotes only where it has to be, so that a record is the
/// same bytes whichever of the two wrote it.
fn scalar(text: &str) -> String {
    if needs_quotes(text) { quoted(text) } else { text.to_owned() }
}

fn needs_quotes(text: &str) -> bool {
    const WORDS: [&str; 8] = ["yes", "no", "true", "false", "on", "off", "null", "~"];
    text.is_empty()
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.starts_with(['&', '*', '?', '|', '-', '<', '>', '=', '!', '%', '@', '.'])
        || text.contains([':', '{', '}', '[', ']', ',', '#', '`', '"', '\'', '\\'])
        || text.contains(char::is_control)
        || WORDS.contains(&text.to_ascii_lowercase().as_str())
        || text.starts_with("0x")
        || text.parse::<f64>().is_ok()
}

fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => shown.extend(['\\', c]),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// The inverse of [`scalar`], for the values that stand under `info`.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Implementation, System, Version};

    fn platform() -> Platform {
        Platform {
            system: System::Windows,
            implementation: Some(Implementation::Wine),
            version: Version::parse("10.0").expect("a version"),
            release: "10.0 (\"as\" Windows: 10.0.19043)".to_owned(),
        }
    }

    fn header(platform: &Platform) -> Header<'_> {
        Header {
            title: "A claim: with \"quotes\"",
            input_file: "scenarios/udp/recv/truncation.toml",
            platform,
            verdict: Verdict::Known,
        }
    }

    #[test]
    fn a_record_tells_where_it_was_made_and_what_came_of_it() {
        let platform = platform();
        let read = read(&file(&header(&platform), "one\n\ntwo\n\n"));
        let wanted = Recorded {
            platform: "wine".to_owned(),
            release: platform.release.clone(),
            verdict: Some(Verdict::Known),
            contents: "one\n\ntwo".to_owned(),
        };
        assert_eq!(read, wanted);
    }

    #[test]
    fn insta_reads_what_is_written() {
        let platform = platform();
        let header = header(&platform);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.snap");
        std::fs::write(&path, file(&header, "one\n\ntwo\n\n")).expect("written");
        let snapshot = insta::Snapshot::from_file(&path).expect("insta reads it");
        assert_eq!(snapshot.as_text().map(ToString::to_string).as_deref(), Some("one\n\ntwo"));
        let metadata = snapshot.metadata();
        assert_eq!(metadata.description(), Some(header.title));
        assert_eq!(metadata.input_file(), Some(header.input_file));
        assert_eq!(metadata.source(), Some(SOURCE));
        snapshot.save(&path).expect("insta writes it");
        let again = std::fs::read_to_string(&path).expect("read");
        assert_eq!(again, file(&header, "one\n\ntwo"), "insta writes the same bytes");
    }

    #[test]
    fn contents_are_what_follows_the_header() {
        let contents = |file: &str| read(file).contents;
        assert_eq!(contents("---\nsource: x\n---\na\r\n---\r\nb\r\n\r\n"), "a\n---\nb");
        assert_eq!(contents(&file(&header(&platform()), "")), "");
        assert_eq!(contents("no header"), "no header");
    }

    #[test]
    fn what_reviewers_need_is_dropped_when_accepted() {
        let pending = "---\nsource: x\nassertion_line: 7\n---\nassertion_line: 8\n";
        assert_eq!(without_review(pending), "---\nsource: x\n---\nassertion_line: 8\n");
    }
}
