//! What a step claims, read: a word, a table of claims, a list of either, or one of these for each
//! platform. Single claims are in `claim`; what can never hold is told by `possible`.

use super::claim::{CLAIM_KEYS, read_claim};
use super::node::{Node, Reader, Table, read_all};
use super::problem::{Span, nearest, short, suggest};
use super::{Expectation, Known};
use crate::errno::Errno;
use crate::expect::{Alternative, Claim, Expect};
use crate::op::{Entry, Op, Patience};
use crate::outcome::{End, Field};
use crate::platform::{NAMES, PlatformKey, System};

/// The words that stand for an outcome without facts.
pub const END_WORDS: [(&str, End); 4] =
    [("ok", End::Ok), ("eof", End::Eof), ("pending", End::Pending), ("timeout", End::Timeout)];

const OUTCOME_HELP: &str =
    "\"ok\", \"eof\", \"pending\", \"timeout\", an error's name, or a table of claims";

/// What is known about the operation whose outcome is claimed.
pub struct Subject<'s> {
    /// Its table entry.
    pub entry: &'static Entry,
    /// Itself, where it could be read.
    pub op: Option<&'s (Op, Patience)>,
    /// Where its verb stands.
    pub verb: Span,
}

/// Reads what stands under `expect`.
pub fn read_expectation(
    node: Node<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Expectation> {
    match node.as_table() {
        Some(table) if speaks_of_platforms(table) => read_platforms(table, subject, reader),
        _ => read_expect(node, subject, reader).map(Expectation::Everywhere),
    }
}

fn is_claim(key: &str) -> bool {
    CLAIM_KEYS.contains(&key) || Field::ALL.iter().any(|field| field.name() == key)
}

/// Whether the keys are platforms' names, rather than claims'. A key that is neither is what it is
/// nearest to.
fn speaks_of_platforms(table: Table<'_>) -> bool {
    /// More keys than there are platforms need no guess.
    const MANY: usize = 16;
    let is_platform = |key: &str| NAMES.contains(&platform_name(key));
    let near = |(key, ..): (&str, Span, Node<'_>)| {
        let claims = CLAIM_KEYS.into_iter().chain(Field::ALL.map(Field::name));
        let all: Vec<&str> = NAMES.into_iter().chain(claims).collect();
        nearest(platform_name(key), &all).is_some_and(|near| NAMES.contains(&near))
    };
    table.entries().any(|(key, ..)| is_platform(key))
        || (!table.entries().any(|(key, ..)| is_claim(key)) && table.entries().take(MANY).any(near))
}

/// A key without its version.
fn platform_name(key: &str) -> &str {
    key.split(['<', '>', '=']).next().unwrap_or(key).trim()
}

fn read_platforms(
    table: Table<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Expectation> {
    let platform = |(key, span, node): (&str, Span, Node<'_>)| {
        if is_claim(key) {
            let message = format!("the claim `{key}` among platforms");
            let help = "put it under each platform it holds for, or under `default`";
            reader.problems.add_with_help(span, message, help);
            return None;
        }
        let key = read_platform_key(key, span, reader);
        let expect = read_expect(node, subject, reader);
        key.zip(expect)
    };
    let platforms = read_all(table.entries(), platform)?;
    let keys: Vec<&PlatformKey> = platforms.iter().map(|(key, _)| key).collect();
    refuse_competing(&keys, table, reader).then_some(Expectation::ByPlatform(platforms))
}

/// Two keys that speak as closely of one version would be chosen between by their order alone.
fn refuse_competing(keys: &[&PlatformKey], table: Table<'_>, reader: &mut Reader<'_>) -> bool {
    for (index, key) in keys.iter().enumerate() {
        let Some(other) = keys[..index].iter().find(|other| other.competes_with(key)) else {
            continue;
        };
        let span = table.entries().nth(index).map_or(table.span, |(_, span, _)| span);
        let message = format!("`{key}` and `{other}` both speak of some versions");
        let help = "make the ranges end where the next begins: `linux>=5,<6` and `linux>=6,<7`";
        reader.problems.add_with_help(span, message, help);
        return false;
    }
    true
}

fn read_platform_key(key: &str, span: Span, reader: &mut Reader<'_>) -> Option<PlatformKey> {
    match PlatformKey::parse(key) {
        Ok(key) => Some(key),
        Err(_) if !NAMES.contains(&platform_name(key)) => {
            let name = platform_name(key);
            let message = format!("unknown platform `{}`", short(name));
            reader.problems.add_with_help(span, message, suggest(name, &NAMES));
            None
        }
        Err(why) => {
            let (message, help) = why.split_once(": ").unwrap_or((&why, "name one platform"));
            reader.problems.add_with_help(span, message, help);
            None
        }
    }
}

/// The keys of a list of outcomes, and whether each of them has to be seen.
const LIST_KEYS: [(&str, bool); 2] = [("any_of", false), ("each_of", true)];

/// The list of outcomes in a table, with its key.
fn keyed_list(table: Table<'_>) -> Option<(&'static str, Node<'_>, bool)> {
    LIST_KEYS.into_iter().find_map(|(key, each)| table.get(key).map(|list| (key, list, each)))
}

fn read_expect(node: Node<'_>, subject: &Subject<'_>, reader: &mut Reader<'_>) -> Option<Expect> {
    let (list, each) = match node.as_table().and_then(|table| keyed_list(table).zip(Some(table))) {
        None if node.as_array().is_some() => (node, false),
        None => {
            let one = read_alternative(node, subject, reader)?;
            return Some(Expect { any_of: vec![one], each: false });
        }
        Some(((own, list, each), table)) => {
            for (key, span, _) in table.entries().filter(|(key, ..)| *key != own) {
                let help = "put it into each outcome of the list that it holds for";
                let message = format!("`{}` beside `{own}`", short(key));
                reader.problems.add_with_help(span, message, help);
            }
            (list, each)
        }
    };
    let Some(items) = list.as_array() else {
        reader.wrong_type(list, "a list of outcomes: [\"eof\", \"ECONNRESET\"]");
        return None;
    };
    if items.len() == 0 {
        let help = "list at least one acceptable outcome";
        reader.problems.add_with_help(list.span, "no outcome would do", help);
        return None;
    }
    if each && !reader.repeats {
        let help = "add `repeat = N`: each of these outcomes has to be seen in one of N runs";
        reader.problems.add_with_help(list.span, "one run has one outcome", help);
        return None;
    }
    let any_of = read_all(items, |item| read_alternative(item, subject, reader))?;
    Some(Expect { any_of, each })
}

fn read_alternative(
    node: Node<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Alternative> {
    if let Some(word) = node.as_str() {
        let end = read_end(word, node.span, subject, reader)?;
        return Some(Alternative { end, claims: Vec::new() });
    }
    let Some(table) = node.as_table() else {
        let message = format!("expected an outcome, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, OUTCOME_HELP);
        return None;
    };
    read_claims(table, subject, reader)
}

fn read_claims(
    table: Table<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Alternative> {
    if table.is_empty() {
        let help = "write \"ok\" for plain success";
        reader.problems.add_with_help(table.span, "an empty claim", help);
        return None;
    }
    let end = read_end_of(table, subject, reader);
    let facts = table.entries().filter(|(key, ..)| !matches!(*key, "error" | "end"));
    let claims: Option<Vec<(Claim, Span)>> = read_all(facts, |(key, span, node)| {
        let claim = read_claim(key, span, node, subject, reader)?;
        Some((claim, node.span))
    });
    let (end, claims) = end.zip(claims)?;
    subject.check_claims(end, &claims, reader);
    Some(Alternative { end, claims: claims.into_iter().map(|(claim, _)| claim).collect() })
}

/// How a table of claims says that the operation ends: by `error`, by `end`, or well.
fn read_end_of(table: Table<'_>, subject: &Subject<'_>, reader: &mut Reader<'_>) -> Option<End> {
    let (error, end) = (table.get("error"), table.get("end"));
    if let (Some(error), Some(end)) = (error, end) {
        let second = error.span.max(end.span);
        let help = "an outcome has one end; several are a list: [{ … }, { … }]";
        reader.problems.add_with_help(second, "`end` and `error` together", help);
        return None;
    }
    let Some(node) = error.or(end) else {
        return subject.possible_end(End::Ok, "ok", table.span, reader);
    };
    let Some(word) = node.as_str() else {
        let what = if error.is_some() { "an error's name" } else { "an outcome's name" };
        let message = format!("expected {what}, found {}", node.type_name());
        let number = node.as_integer().and_then(|number| i32::try_from(number).ok());
        reader.problems.add(node.span, message, number.and_then(named_errors));
        return None;
    };
    let end = read_end(word, node.span, subject, reader)?;
    if error.is_some() && !matches!(end, End::Error(_)) {
        let help = format!("write `end = \"{word}\"`");
        reader.problems.add_with_help(node.span, format!("`{word}` is no error"), help);
        return None;
    }
    Some(end)
}

/// The errors of a number: who knows the one may not know the other.
fn named_errors(number: i32) -> Option<String> {
    let names: Vec<String> = [System::Linux, System::Macos, System::Windows]
        .into_iter()
        .map(|system| (system, Errno::from_number(system, number)))
        .filter(|(_, errno)| Errno::from_name(&errno.name()).is_some())
        .map(|(system, errno)| format!("`{errno}` on {}", system.name()))
        .collect();
    (!names.is_empty()).then(|| format!("{number} is {}", names.join(", ")))
}

fn read_end(word: &str, span: Span, subject: &Subject<'_>, reader: &mut Reader<'_>) -> Option<End> {
    if let Some((_, end)) = END_WORDS.iter().find(|(known, _)| *known == word) {
        return subject.possible_end(*end, word, span, reader);
    }
    if let Some(errno) = Errno::from_name(word) {
        return subject.possible_end(End::Error(errno), word, span, reader);
    }
    let words = END_WORDS.iter().map(|(word, _)| *word);
    let all: Vec<&str> = words.chain(Errno::names()).collect();
    let named = word.parse().ok().and_then(named_errors);
    let help = match nearest(word, &all) {
        _ if named.is_some() => named.unwrap_or_default(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("an outcome is {OUTCOME_HELP}; what is received is {{ data = \"…\" }}"),
    };
    reader.problems.add_with_help(span, format!("unknown outcome `{}`", short(word)), help);
    None
}

/// Reads `known`: a platform's key, the reason and the link.
pub fn read_known(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<Known>> {
    let Some(table) = node.as_table() else {
        let wanted = "known deviations: { gvisor = { reason = \"…\", link = \"…\" } }";
        reader.wrong_type(node, wanted);
        return None;
    };
    read_all(table.entries(), |(key, span, node)| read_deviation(key, span, node, reader))
}

fn read_deviation(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Known> {
    const HELP: &str = "a known deviation has a `reason = \"…\"` and a `link = \"…\"`";
    let platform = read_platform_key(key, span, reader);
    let Some(table) = node.as_table() else {
        let message = format!("expected a deviation, found {}", node.type_name());
        reader.problems.add_with_help(node.span, message, HELP);
        return None;
    };
    reader.refuse_others(table, "key", &["reason", "link"]);
    let text = |key: &str, reader: &mut Reader<'_>| {
        let text = table.get(key).and_then(Node::as_str).filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let message = format!("a deviation without its {key}");
            reader.problems.add_with_help(span, message, HELP);
        }
        text.map(str::to_owned)
    };
    let (reason, link) = (text("reason", reader), text("link", reader));
    Some(Known { platform: platform?, reason: reason?, link: link? })
}
