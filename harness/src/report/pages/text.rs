//! Pieces of a page: code, transcripts, links to sources.

use std::fmt::Write as _;

use super::super::differences::escape;
use crate::survey::{Cell, Claim};

/// Words of a transcript within a line or a table.
pub fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// The steps, each with its answer and beneath it why systems act so.
pub fn transcript(claim: &Claim, cell: Option<&Cell>) -> String {
    let answer = |at: usize| cell.and_then(|cell| cell.answers.get(at)).and_then(Option::as_deref);
    let reached = |at: &usize| cell.is_none() || answer(*at).is_some();
    let steps: Vec<usize> = (0..claim.steps.len()).filter(reached).collect();
    let width = |at: &usize| claim.steps[*at].call.chars().count();
    let width = steps.iter().map(width).max().unwrap_or(0).min(60);
    let mut text = String::new();
    for at in steps {
        let step = &claim.steps[at];
        match answer(at) {
            Some(answer) => {
                let _ = writeln!(text, "{:<width$}  = {answer}", step.call);
            }
            None => {
                let _ = writeln!(text, "{}", step.call);
            }
        }
        if let Some(why) = &step.why {
            let _ = writeln!(text, "    # {why}");
        }
    }
    for (call, answer) in cell.into_iter().flat_map(|cell| &cell.beside) {
        let _ = writeln!(text, "{call:<width$}  = {answer}");
    }
    text
}

/// A source as it stands in a file, with a link where it is an issue or an address.
pub fn source_link(source: &str) -> String {
    if source.starts_with("https://") || source.starts_with("http://") {
        return format!("<{source}>");
    }
    let word = source.split([' ', ':', ',']).next().unwrap_or(source);
    match issue(word) {
        Some(address) => {
            format!("[{}]({address}){}", escape(word), escape(&source[word.len()..]))
        }
        None => escape(source),
    }
}

/// The address of `owner/name#123`; of a pull request too, to which it leads on.
fn issue(word: &str) -> Option<String> {
    let (repository, number) = word.split_once('#')?;
    let (owner, name) = repository.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let numbered = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    (plain(owner) && plain(name) && numbered)
        .then(|| format!("https://github.com/{owner}/{name}/issues/{number}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("udp(7)", "udp(7)")]
    #[case(
        "tokio-rs/mio#1174",
        "[tokio-rs/mio\\#1174](https://github.com/tokio-rs/mio/issues/1174)"
    )]
    #[case("a/b#1: it bites", "[a/b\\#1](https://github.com/a/b/issues/1): it bites")]
    #[case("https://example.org/a", "<https://example.org/a>")]
    #[case("RFC 9293 section 3.6", "RFC 9293 section 3.6")]
    #[case("a/b/c#1", "a/b/c\\#1")]
    fn a_source_is_linked_where_it_has_an_address(#[case] source: &str, #[case] text: &str) {
        assert_eq!(source_link(source), text);
    }
}
