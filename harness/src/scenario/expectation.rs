//! What a step claims, read: a word, a table of claims, a list of either, or one of these for each
//! platform. A claim that the operation can never keep is a mistake of the file.

use std::time::Duration;

use super::node::{Node, Reader, Table};
use super::value::{read_duration, read_payload, read_value};
use super::{Expectation, Known, Span};
use crate::errno::Errno;
use crate::expect::{Alternative, Claim, Elapsed, Expect, NamesClaim, Range, ValueClaim};
use crate::flags;
use crate::op::{Entry, Op, Patience, StateName};
use crate::outcome::{End, Field};
use crate::platform::{NAMES, PlatformKey};

/// The words that stand for an outcome without facts.
pub const END_WORDS: [(&str, End); 4] =
    [("ok", End::Ok), ("eof", End::Eof), ("pending", End::Pending), ("timeout", End::Timeout)];

/// The keys of a table of claims that are no fields.
pub const CLAIM_KEYS: [&str; 4] = ["error", "end", "elapsed", "any_of"];

/// What is known about the operation whose outcome is claimed.
pub struct Subject<'s> {
    /// Its table entry.
    pub entry: &'static Entry,
    /// Itself, where it could be read.
    pub op: Option<&'s (Op, Patience)>,
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

/// Whether a key is a platform's name, rather than a claim's: decided by the first that is either.
fn speaks_of_platforms(table: Table<'_>) -> bool {
    let is_claim =
        |key: &str| CLAIM_KEYS.contains(&key) || Field::ALL.iter().any(|f| f.name() == key);
    let claims = table.entries().any(|(key, ..)| is_claim(key));
    !claims
        && table
            .entries()
            .any(|(key, _, node)| looks_like_platform(key) || node.as_table().is_some())
}

fn looks_like_platform(key: &str) -> bool {
    let name = key.split(['<', '>', '=']).next().unwrap_or(key).trim();
    NAMES.contains(&name)
}

fn read_platforms(
    table: Table<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Expectation> {
    let mut platforms = Some(Vec::new());
    for (key, span, node) in table.entries() {
        let key = read_platform_key(key, span, reader);
        let expect = read_expect(node, subject, reader);
        platforms = match (platforms, key.zip(expect)) {
            (Some(mut all), Some(one)) => {
                all.push(one);
                Some(all)
            }
            _ => None,
        };
    }
    platforms.map(Expectation::ByPlatform)
}

fn read_platform_key(key: &str, span: Span, reader: &mut Reader<'_>) -> Option<PlatformKey> {
    PlatformKey::parse(key)
        .map_err(|why| reader.problems.add_with_help(span, why, super::suggest(key, &NAMES)))
        .ok()
}

fn read_expect(node: Node<'_>, subject: &Subject<'_>, reader: &mut Reader<'_>) -> Option<Expect> {
    if let Some(items) = node.as_array() {
        return read_any_of(items, node.span, subject, reader);
    }
    if let Some(any_of) = node.as_table().and_then(|table| table.get("any_of")) {
        let Some(items) = any_of.as_array() else {
            reader.wrong_type(any_of, "a list of outcomes");
            return None;
        };
        return read_any_of(items, any_of.span, subject, reader);
    }
    read_alternative(node, subject, reader).map(|one| Expect { any_of: vec![one] })
}

fn read_any_of<'n>(
    items: impl Iterator<Item = Node<'n>>,
    span: Span,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Expect> {
    let read: Vec<Option<Alternative>> =
        items.map(|item| read_alternative(item, subject, reader)).collect();
    if read.is_empty() {
        reader.problems.add_with_help(
            span,
            "no outcome would do",
            "list at least one acceptable outcome",
        );
        return None;
    }
    let any_of: Option<Vec<Alternative>> = read.into_iter().collect();
    any_of.map(|any_of| Expect { any_of })
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
        let wanted = "an outcome: \"ok\", \"eof\", \"pending\", \"timeout\", an error's name or a table of claims";
        reader.wrong_type(node, wanted);
        return None;
    };
    read_claims(table, subject, reader)
}

fn read_claims(
    table: Table<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Alternative> {
    let mut end = Some(End::Ok);
    let mut claims = Some(Vec::new());
    for (key, span, node) in table.entries() {
        if matches!(key, "error" | "end") {
            end = read_end_of(node, key == "error", subject, reader);
            continue;
        }
        let claim = read_claim(key, span, node, subject, reader);
        claims = claims.zip(claim).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    if table.is_empty() {
        reader.problems.add_with_help(
            table.span,
            "an empty claim",
            "write \"ok\" for plain success",
        );
        return None;
    }
    end.zip(claims).map(|(end, claims)| Alternative { end, claims })
}

fn read_end_of(
    node: Node<'_>,
    error: bool,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<End> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, "an outcome's name");
        return None;
    };
    let end = read_end(word, node.span, subject, reader)?;
    if error && !matches!(end, End::Error(_)) {
        let help = format!("write `end = \"{word}\"`");
        reader.problems.add_with_help(node.span, format!("`{word}` is no error"), help);
        return None;
    }
    Some(end)
}

fn read_end(word: &str, span: Span, subject: &Subject<'_>, reader: &mut Reader<'_>) -> Option<End> {
    if let Some((_, end)) = END_WORDS.iter().find(|(known, _)| *known == word) {
        return possible_end(*end, word, span, subject, reader);
    }
    let errno = Errno::from_name(word);
    if errno.is_none() {
        let words = END_WORDS.iter().map(|(word, _)| *word);
        let all: Vec<&str> = words.chain(Errno::names()).collect();
        reader.problems.add_unknown(span, "outcome", word, &all);
    }
    errno.map(End::Error)
}

fn possible_end(
    end: End,
    word: &str,
    span: Span,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<End> {
    let patience = subject.op.map(|(_, patience)| patience);
    let waits = subject.entry.waits && !matches!(patience, Some(Patience::NoWait));
    let starts = matches!(patience, Some(Patience::Start(_)) | None);
    let why_not = match end {
        End::Eof if !subject.entry.eof => "it receives nothing",
        End::Timeout if !waits || (starts && patience.is_some()) => "it does not wait",
        End::Pending if !subject.entry.waits || !starts => {
            "only an operation with `start = \"NAME\"` can be left pending"
        }
        End::Ok | End::Eof | End::Pending | End::Timeout | End::Error(_) => return Some(end),
    };
    let message = format!("`{}` can never end in `{word}`", subject.entry.verb);
    reader.problems.add_with_help(span, message, why_not);
    None
}

fn read_claim(
    key: &str,
    span: Span,
    node: Node<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    if key == "elapsed" {
        return read_elapsed(node, reader).map(Claim::Elapsed);
    }
    let field = Field::ALL.into_iter().find(|field| field.name() == key);
    let gives: Vec<&str> = subject.entry.gives.iter().map(|field| field.name()).collect();
    let Some(field) = field else {
        let accepted: Vec<&str> = gives.into_iter().chain(CLAIM_KEYS).collect();
        reader.problems.add_unknown(span, "claim", key, &accepted);
        return None;
    };
    if !subject.entry.gives.contains(&field) {
        let message = format!("`{}` never tells `{key}`", subject.entry.verb);
        let accepted: Vec<&str> = gives.into_iter().chain(CLAIM_KEYS).collect();
        reader.problems.add_with_help(span, message, format!("it tells: {}", accepted.join(", ")));
        return None;
    }
    let claim = read_field_claim(field, node, reader)?;
    possible_claim(&claim, node.span, subject, reader).then_some(claim)
}

/// A receive can never give more than its buffer holds.
fn possible_claim(
    claim: &Claim,
    span: Span,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> bool {
    let buffer = match subject.op.map(|(op, _)| op) {
        Some(Op::Recv(op)) => op.max.0,
        Some(Op::Peek(op)) => op.max.0,
        Some(Op::RecvFrom(op)) => op.max.0,
        Some(Op::RecvExactly(op)) => op.len.0,
        _ => return true,
    };
    let Claim::Data(data) = claim else { return true };
    if data.len() <= buffer {
        return true;
    }
    let message = format!("claims {} bytes, but the buffer holds {buffer}", data.len());
    reader.problems.add(span, message, None);
    false
}

fn read_field_claim(field: Field, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Claim> {
    match field {
        Field::Len => read_range(node, reader).map(Claim::Len),
        Field::Data => read_payload(node, reader).map(Claim::Data),
        Field::From => read_word(node, reader, "a socket's name").map(Claim::From),
        Field::Truncated => {
            let cut = node.as_bool();
            if cut.is_none() {
                reader.wrong_type(node, "true or false");
            }
            cut.map(Claim::Truncated)
        }
        Field::Value => read_value_claim(node, reader).map(Claim::Value),
        Field::Address => read_word(node, reader, "a socket's name").map(Claim::Address),
        Field::State => {
            <StateName as crate::op::Word>::read(node, reader).map(|state| Claim::State(state.0))
        }
        Field::Events => read_names(node, reader, &flags::EVENTS, flags::event).map(Claim::Events),
        Field::Flags => read_names(node, reader, &flags::MESSAGE, flags::message).map(Claim::Flags),
        Field::Frames => {
            <crate::op::Payloads as crate::op::Word>::read(node, reader).map(|p| Claim::Frames(p.0))
        }
        Field::Control => read_words(node, reader).map(Claim::Control),
    }
}

fn read_word(node: Node<'_>, reader: &mut Reader<'_>, wanted: &str) -> Option<String> {
    let word = node.as_str().map(str::to_owned);
    if word.is_none() {
        reader.wrong_type(node, wanted);
    }
    word
}

fn read_words(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, "a list of ancillary messages");
        return None;
    };
    items
        .map(|item| read_word(item, reader, "an ancillary message, such as \"SCM_RIGHTS 1\""))
        .collect()
}

fn read_names(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    accepted: &[&str],
    find: fn(&str) -> Option<&'static str>,
) -> Option<NamesClaim> {
    let mut list = |node: Node<'_>| -> Option<Vec<&'static str>> {
        let Some(items) = node.as_array() else {
            reader.wrong_type(node, "a list of names, or { includes = […], excludes = […] }");
            return None;
        };
        items
            .map(|item| {
                let word = item.as_str().unwrap_or("?");
                let found = find(word);
                if found.is_none() {
                    reader.problems.add_unknown(item.span, "name", word, accepted);
                }
                found
            })
            .collect()
    };
    let Some(table) = node.as_table() else { return list(node).map(NamesClaim::Exactly) };
    let these = table.get("includes").map_or(Some(Vec::new()), &mut list);
    let not = table.get("excludes").map_or(Some(Vec::new()), &mut list);
    for (key, span, _) in
        table.entries().filter(|(key, ..)| !["includes", "excludes"].contains(key))
    {
        reader.problems.add_unknown(span, "key", key, &["includes", "excludes"]);
    }
    these.zip(not).map(|(these, not)| NamesClaim::Includes { these, not })
}

/// The words of a range.
pub const RANGE_KEYS: [&str; 3] = ["at_least", "at_most", "between"];

/// The two ends of `{ at_least = …, at_most = … }` or `{ between = [a, b] }`, each read by `read`.
fn read_ends<T: PartialOrd>(
    table: Table<'_>,
    reader: &mut Reader<'_>,
    read: impl Fn(Node<'_>, &mut Reader<'_>) -> Option<T>,
) -> Option<(Option<T>, Option<T>)> {
    for (key, span, _) in table.entries().filter(|(key, ..)| !RANGE_KEYS.contains(key)) {
        reader.problems.add_unknown(span, "key", key, &RANGE_KEYS);
    }
    let ends: Vec<Node<'_>> =
        table.get("between").and_then(Node::as_array).map(Iterator::collect).unwrap_or_default();
    let least = table.get("at_least").or_else(|| ends.first().copied());
    let most = table.get("at_most").or_else(|| ends.get(1).copied());
    if least.is_none() && most.is_none() {
        let help = "{ at_least = a }, { at_most = b } or { between = [a, b] }";
        reader.problems.add_with_help(table.span, "an empty range", help);
        return None;
    }
    let mut end = |node: Option<Node<'_>>| match node {
        None => Some(None),
        Some(node) => read(node, reader).map(Some),
    };
    let (least, most) = (end(least)?, end(most)?);
    if least.as_ref().zip(most.as_ref()).is_some_and(|(least, most)| least > most) {
        reader.problems.add(
            table.span,
            "nothing lies in this range: its least is above its most",
            None,
        );
        return None;
    }
    Some((least, most))
}

fn read_range(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Range> {
    match node.as_table() {
        Some(table) => {
            let (least, most) = read_ends(table, reader, read_whole)?;
            Some(Range { least, most })
        }
        None => read_whole(node, reader).map(Range::exactly),
    }
}

fn read_whole(node: Node<'_>, reader: &mut Reader<'_>) -> Option<i64> {
    let number = node.as_integer();
    if number.is_none() {
        reader.wrong_type(node, "a whole number or a range such as { at_least = 1 }");
    }
    number
}

fn read_elapsed(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Elapsed> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a range of time such as { at_least = \"100ms\" }");
        return None;
    };
    let read = |node: Node<'_>, reader: &mut Reader<'_>| -> Option<Duration> {
        read_duration(node, reader)
    };
    read_ends(table, reader, read).map(|(least, most)| Elapsed { least, most })
}

fn read_value_claim(node: Node<'_>, reader: &mut Reader<'_>) -> Option<ValueClaim> {
    let Some(table) = node.as_table() else {
        return read_value(node, reader).map(ValueClaim::Is);
    };
    if table.entries().any(|(key, ..)| RANGE_KEYS.contains(&key)) {
        return read_range(node, reader).map(ValueClaim::Within);
    }
    if table.get("hex").is_some() {
        return read_value(node, reader).map(ValueClaim::Is);
    }
    let field = |(key, _, node): (&str, Span, Node<'_>)| {
        Some((key.to_owned(), read_value_claim(node, reader)?))
    };
    let fields: Option<Vec<_>> = table.entries().map(field).collect();
    fields.map(ValueClaim::Record)
}

/// Reads `known`: a platform's key, the reason and the link.
pub fn read_known(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<Known>> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "known deviations: { gvisor = { reason = \"…\", link = \"…\" } }");
        return None;
    };
    table.entries().map(|(key, span, node)| read_deviation(key, span, node, reader)).collect()
}

fn read_deviation(key: &str, span: Span, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Known> {
    let platform = read_platform_key(key, span, reader)?;
    let text = |key: &str| {
        node.as_table()
            .and_then(|table| table.get(key))
            .and_then(Node::as_str)
            .filter(|text| !text.is_empty())
    };
    let (Some(reason), Some(link)) = (text("reason"), text("link")) else {
        let help = "a known deviation needs `reason = \"…\"` and `link = \"…\"`";
        reader.problems.add_with_help(span, "a deviation without its reason and link", help);
        return None;
    };
    Some(Known { platform, reason: reason.to_owned(), link: link.to_owned() })
}
