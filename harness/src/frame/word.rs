//! The names of framings in scenario files: one table for the parser, the reference and the schema.
//!
//! Never knows a codec: each lists its own words in its own file. Next: [`super::TABLES`].

use super::{Framing, TABLES};

/// A name of a framing, for the reference and the schema.
#[derive(Debug)]
pub struct Word {
    /// What comes before the `:`, or all of it.
    pub name: &'static str,
    /// What comes after the `:`, in capitals; `None` if there is neither.
    pub argument: Option<&'static str>,
    /// A whole name that [`Framing::parse`] accepts.
    pub example: &'static str,
    /// What it means, in one line without a full stop.
    pub doc: &'static str,
    /// The framing with that argument, which is empty for a word that takes none.
    pub(super) framing: fn(&str) -> Result<Framing, String>,
}

impl Word {
    /// How the word is written, such as `line` or `fixed:SIZE`.
    pub fn usage(&self) -> String {
        match self.argument {
            Some(argument) => format!("{}:{argument}", self.name),
            None => self.name.into(),
        }
    }

    /// A word without an argument.
    pub(super) const fn plain(
        name: &'static str,
        framing: fn(&str) -> Result<Framing, String>,
        doc: &'static str,
    ) -> Word {
        Word { name, argument: None, example: name, doc, framing }
    }
}

/// Every accepted word, in the order of the reference.
pub fn words() -> impl Iterator<Item = &'static Word> {
    TABLES.into_iter().flatten()
}

pub(super) fn parse(name: &str) -> Result<Framing, String> {
    let (head, argument) = match name.split_once(':') {
        Some((head, argument)) => (head, Some(argument)),
        None => (name, None),
    };
    let word = words().find(|word| word.name == head).ok_or_else(|| unknown(head))?;
    match (word.argument, argument) {
        (Some(_), Some(argument)) => {
            (word.framing)(argument).map_err(|why| format!("framing `{}`: {why}", word.usage()))
        }
        (None, None) => (word.framing)(""),
        (Some(_), None) => Err(format!(
            "framing `{head}` needs an argument: `{}`, such as `{}`",
            word.usage(),
            word.example
        )),
        (None, Some(_)) => Err(format!("framing `{head}` takes no argument: write `{head}`")),
    }
}

fn unknown(head: &str) -> String {
    let accepted = words().map(Word::usage).collect::<Vec<_>>().join(", ");
    // Measure and threshold as clap has them for a mistyped flag. Of equals the first: `u16` is
    // more often meant in network byte order.
    let nearest = words()
        .map(|word| (strsim::jaro(&head.to_lowercase(), word.name), word))
        .filter(|(likeness, _)| *likeness > 0.7)
        .min_by(|(a, _), (b, _)| b.total_cmp(a));
    let hint = match nearest {
        Some((_, word)) => format!("did you mean `{}`? ", word.usage()),
        None => String::new(),
    };
    format!("unknown framing `{}`; {hint}accepted: {accepted}", head.escape_debug())
}
