//! The command of a program under test: its words, and what in them stands for live values.
//!
//! Never starts anything, and knows no address: `net/names.rs` puts addresses in, `program` the free
//! port and the place of what was built here.

use serde_json::{Value as Json, json};

use super::argument::Word;
use super::form;
use super::word::read_text;
use crate::scenario::{MAX_ITEMS, Name, Node, Reader, Use, read_all, suggest, valid_name};

/// What stands for a free port in a command.
pub const PORT: &str = "{port}";

/// What stands before the name of a program that was built beside sockdrill's own.
pub const BUILT: &str = "built:";

/// A program and its arguments, each a text of its own: no shell reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// As the file has them.
    pub words: Vec<String>,
    /// Whose addresses they ask for.
    names: Vec<Name>,
}

/// What stands between braces in a word of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder<'w> {
    /// `{addr:NAME}`: the address of a name, `127.0.0.1:40123`.
    Addr(&'w str),
    /// `{port:NAME}`: its port alone.
    Port(&'w str),
    /// `{path:NAME}`: a path in the run's own folder.
    Path(&'w str),
}

impl Placeholder<'_> {
    const ACCEPTED: [&'static str; 3] = ["addr", "port", "path"];
}

impl CommandLine {
    /// A command that asks for nobody's address.
    pub fn plain(words: Vec<String>) -> CommandLine {
        CommandLine { words, names: Vec::new() }
    }

    /// Whether the command asks for a free port.
    pub fn takes_port(&self) -> bool {
        self.words.iter().any(|word| word.contains(PORT))
    }

    /// Whether the program's address may be a path.
    pub fn takes_path(&self) -> bool {
        let mut found = false;
        for word in &self.words {
            each(word, |one| found |= matches!(one, Ok(Placeholder::Path(_))));
        }
        found
    }

    /// The words with `live` in the place of what stands for live values; the free port stays.
    pub fn filled<E>(
        &self,
        mut live: impl FnMut(Placeholder<'_>) -> Result<String, E>,
    ) -> Result<Vec<String>, E> {
        self.words.iter().map(|word| fill(word, &mut live)).collect()
    }
}

fn fill<E>(
    word: &str,
    live: &mut impl FnMut(Placeholder<'_>) -> Result<String, E>,
) -> Result<String, E> {
    let (mut filled, mut rest) = (String::with_capacity(word.len()), word);
    while let Some((before, inside, after)) = braces(rest) {
        filled.push_str(before);
        if let Some(Ok(one)) = placeholder(inside) {
            filled.push_str(&live(one)?);
        } else {
            filled.push('{');
            filled.push_str(inside);
            filled.push('}');
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Every placeholder of a word; the error is a word before a colon that is none.
fn each<'w>(word: &'w str, mut found: impl FnMut(Result<Placeholder<'w>, &'w str>)) {
    let mut rest = word;
    while let Some((_, inside, after)) = braces(rest) {
        placeholder(inside).into_iter().for_each(&mut found);
        rest = after;
    }
}

/// What stands before the first pair of braces, within, and behind it.
fn braces(word: &str) -> Option<(&str, &str, &str)> {
    let end = word.find('}')?;
    let Some(begin) = word[..end].rfind('{') else {
        let (before, rest) = word.split_at(end + 1);
        return braces(rest)
            .map(|(more, inside, after)| (&word[..before.len() + more.len()], inside, after));
    };
    Some((&word[..begin], &word[begin + 1..end], &word[end + 1..]))
}

/// `None` where the braces are the program's own, as those of JSON are.
fn placeholder(inside: &str) -> Option<Result<Placeholder<'_>, &str>> {
    let (what, name) = inside.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || !name.chars().all(plain) || !what.chars().all(|c| c.is_ascii_lowercase())
    {
        return None;
    }
    Some(match what {
        "addr" => Ok(Placeholder::Addr(name)),
        "port" => Ok(Placeholder::Port(name)),
        "path" => Ok(Placeholder::Path(name)),
        _ => Err(what),
    })
}

/// One word; the names in it are noted.
fn read_word(item: Node<'_>, names: &mut Vec<Name>, reader: &mut Reader<'_>) -> Option<String> {
    let text = read_text(item, reader, "text")?;
    if text.contains('\0') {
        reader.problems.add(item.span, "no argument of a program holds a NUL", None);
        return None;
    }
    let mut good = true;
    each(text, |one| match one {
        Ok(Placeholder::Addr(name) | Placeholder::Port(name)) => match valid_name(name) {
            Ok(()) => names.push(reader.names.intern(name)),
            Err(why) => {
                good = false;
                reader.problems.add_told(item.span, &why);
            }
        },
        Ok(Placeholder::Path(name)) if name.starts_with('.') => {
            good = false;
            let help = "{path:NAME} is a file in the run's own folder";
            reader.problems.add_with_help(item.span, "a hidden file", help);
        }
        Ok(Placeholder::Path(_)) => {}
        Err(word) => {
            good = false;
            let message = format!("`{word}` stands for nothing in a command");
            let help = suggest(word, &Placeholder::ACCEPTED);
            reader.problems.add_with_help(item.span, message, help);
        }
    });
    good.then(|| text.to_owned())
}

impl Word for CommandLine {
    const FORM: &'static str =
        "a program and its arguments: [\"my-server\", \"--port\", \"{port}\"]";

    fn schema() -> Json {
        json!({ "type": "array", "items": form::text(), "minItems": 1, "maxItems": MAX_ITEMS })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<CommandLine> {
        const HELP: &str = "[\"my-server\", \"--port\", \"{port}\"]";
        let Some(items) = node.as_array() else {
            reader.wrong_type(node, Self::FORM);
            return None;
        };
        if items.len() > MAX_ITEMS {
            reader.problems.add(node.span, format!("more than {MAX_ITEMS} items"), None);
            return None;
        }
        let mut names = Vec::new();
        let words = read_all(items, |item| read_word(item, &mut names, reader))?;
        let program = words.first().map_or("", |word| word.strip_prefix(BUILT).unwrap_or(word));
        if program.is_empty() {
            reader.problems.add_with_help(node.span, "a command without a program", HELP);
            return None;
        }
        Some(CommandLine { words, names })
    }

    fn show(&self) -> String {
        format!("{:?}", self.words)
    }

    fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
        self.names.iter().for_each(|name| visitor(Use::Address(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_braces_is_replaced_and_the_programs_own_stay() {
        let filling = |one: Placeholder<'_>| Ok::<_, ()>(format!("<{one:?}>"));
        let check = |word: &str, filled: &str| {
            let command = CommandLine::plain(vec![word.to_owned()]);
            assert_eq!(command.filled(filling), Ok(vec![filled.to_owned()]));
        };
        check("{addr:server}", "<Addr(\"server\")>");
        check("http://{addr:server}/{port}", "http://<Addr(\"server\")>/{port}");
        check("--at={port:server},{path:sock}", "--at=<Port(\"server\")>,<Path(\"sock\")>");
        check(r#"{"a": {"port:x": 1}}"#, r#"{"a": {"port:x": 1}}"#);
        check("}{port:a}", "}<Port(\"a\")>");
        check("{}", "{}");
    }
}
