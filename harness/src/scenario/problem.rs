//! What is wrong with a scenario file, and where.

use std::ops::Range;

/// A stretch of a file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        Span { start: range.start, end: range.end }
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The word that is wrong.
    pub span: Span,
    /// What is wrong with it: a lowercase fragment that names it.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// Every mistake found so far.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

/// More mistakes than this in one file are counted, not listed: nobody reads them.
const LISTED: usize = 100;

impl Problems {
    /// Notes a mistake. The same mistake in several cells of a matrix is noted once.
    pub fn add(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        let problem = Problem { span, message: message.into(), help };
        if self.0.len() < LISTED && !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// Notes a mistake, with what would be right.
    pub fn add_with_help(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(span, message, Some(help.into()));
    }

    /// Notes a word that is none of `accepted`, and names the nearest of them or all.
    pub fn add_unknown(&mut self, span: Span, what: &str, word: &str, accepted: &[&str]) {
        self.add(span, format!("unknown {what} `{}`", short(word)), Some(suggest(word, accepted)));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order of the file.
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.span);
        self.0
    }
}

/// A word as a message shows it: no longer than a line.
pub fn short(word: &str) -> String {
    const MOST_CHARS: usize = 60;
    if word.chars().count() <= MOST_CHARS {
        return word.escape_debug().to_string();
    }
    let head: String = word.chars().take(MOST_CHARS).collect();
    format!("{}…", head.escape_debug())
}

/// What would be right instead of `word`: the nearest accepted word, and all where they are few.
pub fn suggest(word: &str, accepted: &[&str]) -> String {
    const FEW: usize = 40;
    if accepted.is_empty() {
        return "nothing is accepted here".to_owned();
    }
    let near = nearest(word, accepted).map(|near| format!("did you mean `{near}`?"));
    let list = (accepted.len() <= FEW).then(|| format!("accepted: {}", accepted.join(", ")));
    let parts: Vec<String> = near.into_iter().chain(list).collect();
    if parts.is_empty() {
        format!("none of the {} accepted words is near", accepted.len())
    } else {
        parts.join(" ")
    }
}

fn nearest<'w>(word: &str, accepted: &[&'w str]) -> Option<&'w str> {
    const LONGEST: usize = 60;
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let closeness = |other: &str| strsim::jaro_winkler(&lower, &other.to_lowercase());
    let scored = accepted.iter().map(|other| (closeness(other), *other));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}
