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

impl Span {
    /// Whether this is a place: what concerns the file as a whole has none.
    pub fn is_place(self) -> bool {
        self != Span::default()
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The word that is wrong; empty and at the beginning where the file as a whole is.
    pub span: Span,
    /// Where the file refers to the word, where the word is a value of the matrix.
    pub used: Option<Span>,
    /// What is wrong with it: a lowercase fragment that names it.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// Every mistake found so far.
///
/// One word has one mistake: what else is said of the same place only follows from the first.
#[derive(Debug, Default)]
pub struct Problems {
    listed: Vec<Problem>,
    /// Found beyond those listed.
    unlisted: usize,
    /// Places of which nothing more is said.
    settled: Vec<Span>,
    /// How many were noted, said or not.
    noted: usize,
}

/// More mistakes than this in one file are counted, not listed: nobody reads them.
const LISTED: usize = 100;

impl Problems {
    /// Notes a mistake.
    pub fn add(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.note(span, || (message.into(), help));
    }

    /// Notes a mistake, with what would be right.
    pub fn add_with_help(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.note(span, || (message.into(), Some(help.into())));
    }

    /// Notes a word that is none of `accepted`, and names the nearest of them or all.
    pub fn add_unknown(&mut self, span: Span, what: &str, word: &str, accepted: &[&str]) {
        let say = || (format!("unknown {what} `{}`", short(word)), Some(suggest(word, accepted)));
        self.note(span, say);
    }

    /// Notes a mistake told in one fragment, `what is wrong; what would be right`.
    pub fn add_told(&mut self, span: Span, told: &str) {
        match told.split_once("; ") {
            Some((message, help)) => self.add_with_help(span, message, help),
            None => self.add(span, told, None),
        }
    }

    /// Says nothing of `span` from now on: a mistake elsewhere has spoilt what stands there.
    pub fn settle(&mut self, span: Span) {
        self.settled.push(span);
    }

    /// Unsays what was noted of a place, where it only follows from another mistake.
    pub fn take_back(&mut self, span: Span, message: &str) {
        self.listed.retain(|problem| problem.span != span || problem.message != message);
    }

    /// How many mistakes were noted, those that are not said again among them: where it has not
    /// grown, what was read meanwhile is right.
    pub fn noted(&self) -> usize {
        self.noted
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.noted == 0
    }

    /// Whether all that are listed are found, and others are only counted.
    pub fn is_full(&self) -> bool {
        self.listed.len() >= LISTED
    }

    /// `say` is asked only where its answer is listed: a thousand mistakes cost no more than a
    /// hundred.
    fn note(&mut self, span: Span, say: impl FnOnce() -> (String, Option<String>)) {
        self.noted += 1;
        let said = |problem: &Problem| problem.span == span && span.is_place();
        if self.settled.contains(&span) || self.listed.iter().any(said) {
            return;
        }
        if self.is_full() {
            self.unlisted += 1;
            return;
        }
        let (message, help) = say();
        self.listed.push(Problem { span, used: None, message, help });
    }

    /// All of them, in the order of the file; the last says how many more there are.
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.listed.sort_by_key(|problem| problem.span);
        if self.unlisted > 0 {
            let message = format!("{} more mistakes, not listed", self.unlisted);
            self.listed.push(Problem { span: Span::default(), used: None, message, help: None });
        }
        self.listed
    }
}

/// The mistakes of all cells of a matrix, each said once.
#[derive(Debug)]
pub struct Gathered {
    all: Problems,
    /// Of each listed problem, in how many cells it was found, and the name of the first; all of
    /// them and none where it is the file's.
    found: Vec<(usize, String)>,
    /// How many cells were read.
    cells: usize,
}

impl Gathered {
    /// `all` are the mistakes of the file as a whole.
    pub fn new(all: Problems) -> Gathered {
        let found = all.listed.iter().map(|_| (usize::MAX, String::new())).collect();
        Gathered { all, found, cells: 0 }
    }

    /// Whether other cells would only add to the count.
    pub fn is_full(&self) -> bool {
        self.all.is_full()
    }

    /// Where the mistakes of one cell go: nothing is said in it of what a mistake of the file has
    /// spoilt.
    pub fn of_cell(&self) -> Problems {
        Problems { settled: self.all.settled.clone(), ..Problems::default() }
    }

    /// Adds the mistakes of the cell of that name. `place` gives the place of a matrix value to
    /// the place that refers to it.
    pub fn add(&mut self, problems: Problems, cell: &str, place: impl Fn(Span) -> Option<Span>) {
        self.cells += 1;
        self.all.noted += problems.noted;
        self.all.unlisted = self.all.unlisted.max(problems.unlisted);
        for mut problem in problems.listed {
            if let Some(value) = place(problem.span) {
                problem.used = Some(problem.span);
                problem.span = value;
            }
            let same = |known: &Problem| {
                known.span == problem.span && (known.span.is_place() || *known == problem)
            };
            match self.all.listed.iter().position(same) {
                Some(known) => self.found[known].0 = self.found[known].0.saturating_add(1),
                None if !self.all.is_full() => {
                    self.all.listed.push(problem);
                    self.found.push((1, cell.to_owned()));
                }
                None => self.all.unlisted += 1,
            }
        }
    }

    /// All of them. A mistake that not every cell makes names the first cell that does.
    pub fn finish(mut self) -> Problems {
        for (problem, (count, cell)) in self.all.listed.iter_mut().zip(&self.found) {
            if *count < self.cells && problem.used.is_none() {
                problem.message = format!("{}, in the cell {cell}", problem.message);
            }
        }
        self.all
    }
}

/// A word as a message shows it: no longer than a line, on one line.
pub fn short(word: &str) -> String {
    const MOST_CHARS: usize = 60;
    if word.chars().nth(MOST_CHARS).is_none() {
        return word.escape_debug().to_string();
    }
    let head: String = word.chars().take(MOST_CHARS).collect();
    format!("{}…", head.escape_debug())
}

/// What would be right instead of `word`: the nearest accepted word, or all where none is near;
/// both where they are few.
pub fn suggest(word: &str, accepted: &[&str]) -> String {
    const FEW: usize = 12;
    const MANY: usize = 60;
    let list = || format!("accepted: {}", accepted.join(", "));
    match nearest(word, accepted) {
        _ if accepted.is_empty() => "nothing is accepted here".to_owned(),
        Some(near) if accepted.len() <= FEW => format!("did you mean `{near}`? {}", list()),
        Some(near) => format!("did you mean `{near}`?"),
        None if accepted.len() <= MANY => list(),
        None => format!("none of the {} accepted words is near", accepted.len()),
    }
}

/// The accepted word that `word` most likely stands for.
pub fn nearest<'w>(word: &str, accepted: &[&'w str]) -> Option<&'w str> {
    /// Nothing that is longer is a slip of a word of ours; comparing costs its square.
    const LONGEST: usize = 60;
    /// As for a mistyped flag in clap, and higher since prefixes count here: `tcp` is near `tcp4`,
    /// `closed` is not near `ECLOSED`.
    const NEAR: f64 = 0.8;
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    let closeness = |other: &str| strsim::jaro_winkler(&lower, &other.to_lowercase());
    let scored = accepted.iter().map(|other| (closeness(other), *other));
    // Of equals the first: lists begin with what is used most.
    scored
        .filter(|(score, _)| *score > NEAR)
        .min_by(|a, b| b.0.total_cmp(&a.0))
        .map(|(_, other)| other)
}
