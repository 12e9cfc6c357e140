//! Single claims: about a field of an outcome, or about its time.

use super::expectation::Subject;
use super::node::{Node, Reader, Table, read_all};
use super::problem::Span;
use super::value::{read_duration, read_payload, read_value};
use crate::expect::{Claim, Elapsed, NamesClaim, Range, ValueClaim};
use crate::flags;
use crate::op::{Payloads, StateName, Word};
use crate::outcome::Field;

/// The keys of a table of claims that are no fields.
pub const CLAIM_KEYS: [&str; 5] = ["error", "end", "elapsed", "any_of", "each_of"];

/// Reads one claim of a table; `key` is neither `error` nor `end`.
pub fn read_claim(
    key: &str,
    span: Span,
    node: Node<'_>,
    subject: &Subject<'_>,
    reader: &mut Reader<'_>,
) -> Option<Claim> {
    if key == "elapsed" {
        return read_elapsed(node, reader).map(Claim::Elapsed);
    }
    let entry = subject.entry;
    let field = Field::ALL.into_iter().find(|field| field.name() == key);
    if let Some(field) = field.filter(|field| entry.gives.contains(field)) {
        return read_field_claim(field, node, reader);
    }
    let gives = entry.gives.iter().map(|field| field.name());
    let accepted: Vec<&str> = gives.chain(["error", "end", "elapsed"]).collect();
    if field.is_some() {
        let message = format!("`{}` never tells `{key}`", entry.verb);
        reader.problems.add_with_help(span, message, format!("it tells: {}", accepted.join(", ")));
    } else {
        reader.problems.add_unknown(span, "claim", key, &accepted);
    }
    None
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
        Field::State => <StateName as Word>::read(node, reader).map(|state| Claim::State(state.0)),
        Field::Events => {
            read_names(node, reader, "poll event", &flags::EVENTS, flags::event).map(Claim::Events)
        }
        Field::Sets => {
            read_names(node, reader, "set of select", &flags::SETS, flags::set).map(Claim::Sets)
        }
        Field::Ready => read_ready(node, reader).map(Claim::Ready),
        Field::Flags => {
            read_names(node, reader, "flag", &flags::all_told(), flags::told).map(Claim::Flags)
        }
        Field::Frames => {
            <Payloads as Word>::read(node, reader).map(|payloads| Claim::Frames(payloads.0))
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
        reader.wrong_type(node, "a list of ancillary messages: [\"SCM_RIGHTS 1\"]");
        return None;
    };
    read_all(items, |item| read_word(item, reader, "an ancillary message such as \"SCM_RIGHTS 1\""))
}

/// What epoll told: each a socket's name, and events with `|` between them.
fn read_ready(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    const WANTED: &str = "a list of what is ready: [\"conn EPOLLIN|EPOLLOUT\"]";
    let Some(items) = node.as_array() else {
        reader.wrong_type(node, WANTED);
        return None;
    };
    read_all(items, |item| {
        let Some((name, events)) = item.as_str().and_then(|text| text.split_once(' ')) else {
            reader.wrong_type(item, "a name and events such as \"conn EPOLLIN|EPOLLOUT\"");
            return None;
        };
        if let Some(unknown) = events.split('|').find(|event| flags::epoll(event).is_none()) {
            reader.problems.add_unknown(item.span, "epoll event", unknown, &flags::EPOLL);
            return None;
        }
        Some(format!("{name} {events}"))
    })
}

/// The keys of a claim about some members of a set.
const NAMES_KEYS: [&str; 2] = ["includes", "excludes"];

/// A set of names, exactly or in part; `what` they are, and which there are.
fn read_names(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
    accepted: &[&str],
    find: fn(&str) -> Option<&'static str>,
) -> Option<NamesClaim> {
    let list = |node: Node<'_>, reader: &mut Reader<'_>| {
        let Some(items) = node.as_array() else {
            let wanted = format!("a list of names: [\"{}\"], or {{ includes = […] }}", accepted[0]);
            reader.wrong_type(node, &wanted);
            return None;
        };
        read_all(items, |item| read_name(item, reader, what, accepted, find))
    };
    let Some(table) = node.as_table() else { return list(node, reader).map(NamesClaim::Exactly) };
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &NAMES_KEYS);
    let mut part = |key: &str| table.get(key).map_or(Some(Vec::new()), |node| list(node, reader));
    let (these, not) = (part("includes")?, part("excludes")?);
    if these.is_empty() && not.is_empty() && reader.problems.noted() == noted {
        let help = format!("{{ includes = [\"{0}\"] }} or {{ excludes = [\"{0}\"] }}", accepted[0]);
        reader.problems.add_with_help(node.span, "a claim about no name", help);
        return None;
    }
    Some(NamesClaim::Includes { these, not })
}

fn read_name(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
    accepted: &[&str],
    find: fn(&str) -> Option<&'static str>,
) -> Option<&'static str> {
    let Some(word) = node.as_str() else {
        reader.wrong_type(node, &format!("the name of a {what}"));
        return None;
    };
    let found = find(word);
    if found.is_none() {
        reader.problems.add_unknown(node.span, what, word, accepted);
    }
    found
}

/// The words of a range.
pub const RANGE_KEYS: [&str; 3] = ["at_least", "at_most", "between"];

const RANGE_HELP: &str = "{ at_least = a }, { at_most = b }, both, or { between = [a, b] }";

/// The two ends of `{ at_least = …, at_most = … }` or `{ between = [a, b] }`, each read by `read`.
fn read_ends<T: PartialOrd>(
    table: Table<'_>,
    reader: &mut Reader<'_>,
    read: impl Fn(Node<'_>, &mut Reader<'_>) -> Option<T>,
) -> Option<(Option<T>, Option<T>)> {
    let noted = reader.problems.noted();
    reader.refuse_others(table, "key", &RANGE_KEYS);
    let (least, most) = find_ends(table, reader)?;
    if least.is_none() && most.is_none() {
        // Where the only key is misspelt, that the range is empty is said already.
        if reader.problems.noted() == noted {
            reader.problems.add_with_help(table.span, "an empty range", RANGE_HELP);
        }
        return None;
    }
    let mut end = |node: Option<Node<'_>>| match node {
        None => Some(None),
        Some(node) => read(node, reader).map(Some),
    };
    let (least, most) = (end(least), end(most));
    let (least, most) = (least?, most?);
    if least.as_ref().zip(most.as_ref()).is_some_and(|(least, most)| least > most) {
        let message = "nothing lies in this range: its least is above its most";
        reader.problems.add(table.span, message, None);
        return None;
    }
    Some((least, most))
}

/// The nodes of a range's ends.
fn find_ends<'n>(
    table: Table<'n>,
    reader: &mut Reader<'_>,
) -> Option<(Option<Node<'n>>, Option<Node<'n>>)> {
    let (least, most) = (table.get("at_least"), table.get("at_most"));
    let Some(between) = table.get("between") else { return Some((least, most)) };
    if let Some(other) = least.or(most) {
        let message = "`between` beside another end";
        reader.problems.add_with_help(other.span.max(between.span), message, RANGE_HELP);
        return None;
    }
    let mut ends = between.as_array().into_iter().flatten();
    let (first, second, third) = (ends.next(), ends.next(), ends.next());
    if let (Some(_), Some(_), None) = (first, second, third) {
        return Some((first, second));
    }
    reader.problems.add_with_help(between.span, "`between` has two ends", "between = [a, b]");
    None
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
        reader.wrong_type(node, "a whole number or a range: 5 or { at_least = 1 }");
    }
    number
}

fn read_elapsed(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Elapsed> {
    let Some(table) = node.as_table() else {
        reader.wrong_type(node, "a range of time: { at_least = \"100ms\", at_most = \"1s\" }");
        return None;
    };
    let read = |node: Node<'_>, reader: &mut Reader<'_>| read_duration(node, reader);
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
    if table.is_empty() {
        let help = "a value, a range such as { at_least = 1 }, or fields such as { l_onoff = 1 }";
        reader.problems.add_with_help(node.span, "a claim about no value", help);
        return None;
    }
    let field = |(key, _, node): (&str, Span, Node<'_>)| {
        Some((key.to_owned(), read_value_claim(node, reader)?))
    };
    read_all(table.entries(), field).map(ValueClaim::Record)
}
