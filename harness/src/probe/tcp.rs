//! The plans over TCP.
#![expect(clippy::unnecessary_wraps, reason = "the plans of one table have one signature")]

use std::time::Duration;

use super::cuts::{Drawn, cuts, few};
use super::framed::{self, LITERAL};
use super::write::{Draft, claimed, goes_on, patience, payload, show};
use super::{Exchange, Profile};
use crate::scenario::{Level, MAX_FILE_BYTES, MAX_SOCKETS, MAX_STEPS};

type Made = Result<Vec<Draft>, String>;

/// How long a slow sender takes for its message.
const SLOW: Duration = Duration::from_millis(300);

/// What a server says unasked is waited for so long: it is told, and nothing is claimed of it.
const REMARK: &str = "200ms";

/// Why the pieces of a message have to be taken.
const WHOLE: &str = "the server waits until the message is whole";

/// One draft an exchange.
fn each(profile: &Profile, make: impl Fn(Draft, &Exchange) -> Draft, title: &str) -> Made {
    let name = |at: usize| variant(profile, at, None);
    let all = profile.exchanges.iter().enumerate();
    Ok(all.map(|(at, exchange)| make(Draft::new(name(at), title), exchange)).collect())
}

/// What tells one draft from another: the exchange, where there are several, and the rest.
fn variant(profile: &Profile, exchange: usize, rest: Option<String>) -> Option<String> {
    let number = (profile.exchanges.len() > 1).then(|| format!("message-{}", exchange + 1));
    let parts: Vec<String> = number.into_iter().chain(rest).collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

/// One draft for each of the places that `places` finds in each message.
fn each_cut(
    profile: &Profile,
    places: impl Fn(usize) -> Vec<usize>,
    what: &str,
    make: impl Fn(&mut Draft, &Exchange, usize),
) -> Made {
    let mut drafts = Vec::new();
    for (number, exchange) in profile.exchanges.iter().enumerate() {
        for at in places(exchange.send.len()) {
            let name = variant(profile, number, Some(format!("at-{at}")));
            let title = format!("{what} behind byte {at} of {}", exchange.send.len());
            let mut draft = Draft::new(name, title);
            make(&mut draft, exchange, at);
            drafts.push(draft);
        }
    }
    if drafts.is_empty() { Err("the message has one byte".to_owned()) } else { Ok(drafts) }
}

/// The exchanges one after the other, three at least; for servers that take more than one.
fn several(profile: &Profile) -> Result<Vec<&Exchange>, String> {
    if !goes_on(profile) {
        return Err("the server takes one message a connection, or its answers have no known end"
            .to_owned());
    }
    let times = 3_usize.div_ceil(profile.exchanges.len());
    Ok((0..times).flat_map(|_| &profile.exchanges).collect())
}

pub fn whole(profile: &Profile) -> Made {
    let make = |mut draft: Draft, exchange: &Exchange| {
        draft.connect("c", profile).send("c", &exchange.send).answer("c", exchange, profile);
        draft.repeated(3)
    };
    each(profile, make, "The whole message is answered, every time the same")
}

pub fn again(profile: &Profile) -> Made {
    let exchange = &profile.exchanges[0];
    let mut draft = Draft::new(None, "A second message on the same connection is answered");
    draft.connect("c", profile).send("c", &exchange.send).answer("c", exchange, profile);
    draft.step(format!("c.send_all = {}, level = \"info\"", payload(&exchange.send)));
    draft.step(format!("c.recv = {{ max = 65536, within = \"{REMARK}\" }}, level = \"info\""));
    Ok(vec![draft])
}

pub fn bytes(profile: &Profile) -> Made {
    let make = |mut draft: Draft, exchange: &Exchange| {
        draft.connect("c", profile).sends_because(WHOLE);
        draft.send_slowly("c", &exchange.send, 1, profile.gap);
        draft.answer("c", exchange, profile).and_again("c", profile);
        draft
    };
    each(profile, make, "A message whose every byte comes alone is answered as ever")
}

pub fn split(profile: &Profile) -> Made {
    let places = |len: usize| cuts(len, profile.seed);
    each_cut(profile, places, "The message cut", |draft, exchange, at| {
        let (head, tail) = exchange.send.split_at(at);
        draft.connect("c", profile).send("c", head).pause("c", profile).send("c", tail);
        draft.answer("c", exchange, profile).and_again("c", profile);
    })
}

pub fn header(profile: &Profile) -> Made {
    let marks = framed::header_of_several(profile)?;
    let make = |mut draft: Draft, exchange: &Exchange| {
        let (head, body) = exchange.send.split_at(marks.min(exchange.send.len()));
        draft.connect("c", profile).sends_because(WHOLE);
        draft.send_slowly("c", head, 1, profile.gap);
        draft.pause("c", profile);
        if !body.is_empty() {
            draft.send("c", body);
        }
        draft.answer("c", exchange, profile).and_again("c", profile);
        draft
    };
    each(profile, make, "A message whose length comes byte by byte is answered as ever")
}

pub fn together(profile: &Profile) -> Made {
    let several = several(profile)?;
    let all: Vec<u8> = several.iter().flat_map(|exchange| exchange.send.clone()).collect();
    let mut draft = Draft::new(None, "Messages that come together are answered one by one");
    draft.connect("c", profile).send("c", &all);
    for exchange in &several {
        draft.answer("c", exchange, profile);
    }
    draft.and_again("c", profile);
    Ok(vec![draft])
}

pub fn straddle(profile: &Profile) -> Made {
    let several = several(profile)?;
    let (first, second) = (several[0], several[1 % several.len()]);
    let both: Vec<u8> = [&first.send[..], &second.send[..]].concat();
    let places = few(second.send.len());
    let draft = |at: usize| {
        let title = "The beginning of a message that came with the one before is kept";
        let mut draft = Draft::new(Some(format!("at-{at}")), title);
        let (head, tail) = both.split_at(first.send.len() + at);
        draft.connect("c", profile).send("c", head).answer("c", first, profile);
        draft.pause("c", profile).send("c", tail).answer("c", second, profile);
        draft.and_again("c", profile);
        draft
    };
    Ok(places.into_iter().map(draft).collect())
}

pub fn pipelined(profile: &Profile) -> Made {
    let several = several(profile)?;
    let mut draft = Draft::new(None, "Messages sent without waiting are answered in order");
    draft.connect("c", profile);
    for exchange in &several {
        draft.send("c", &exchange.send).pause("c", profile);
    }
    for exchange in &several {
        draft.answer("c", exchange, profile);
    }
    draft.and_again("c", profile);
    Ok(vec![draft])
}

pub fn slow_sender(profile: &Profile) -> Made {
    /// More pieces only take longer.
    const PIECES: usize = 10;
    let make = |mut draft: Draft, exchange: &Exchange| {
        let chunk = exchange.send.len().div_ceil(PIECES).max(1);
        let pieces = u32::try_from(exchange.send.len().div_ceil(chunk)).unwrap_or(1);
        let gap = (SLOW / pieces.max(1)).max(profile.gap);
        draft.connect("c", profile).sends_because(WHOLE);
        draft.send_slowly("c", &exchange.send, chunk, gap);
        draft.answer("c", exchange, profile).and_again("c", profile);
        draft
    };
    each(profile, make, "A message that takes its time is answered as ever")
}

/// Messages whose answers are left unread for a while, as many as a file holds.
pub fn slow_reader(profile: &Profile) -> Made {
    /// Beyond it, a server may rightly limit how much one client asks for.
    const MOST: usize = 1_000;
    several(profile)?;
    let exchange = &profile.exchanges[0];
    let Exchange { send, answer } = exchange;
    if !answer.is_exact() {
        return Err("the answer is not known byte by byte".to_owned());
    }
    let times = (LITERAL / send.len().max(answer.bytes.len()).max(1)).clamp(1, MOST);
    let (messages, answers) = (send.repeat(times), answer.bytes.repeat(times));
    let patience = patience(profile);
    let title = format!("{times} answers wait for a slow reader, and none is lost");
    let mut draft = Draft::new(None, title);
    let keys = ", options = { SO_RCVBUF = 4096 }";
    draft.connect_with("c", keys, profile);
    draft.step(format!("c.send_all = {{ data = {}, start = \"sending\" }}", payload(&messages)));
    let why = claimed(Level::Must, "every message gets its answer, in order");
    draft.step(format!(
        "c.recv_exactly = {{ len = {}, max = 512{patience} }}, expect = {{ data = {} }}{why}",
        answers.len(),
        payload(&answers)
    ));
    draft.step(format!("c.join = \"sending\", expect = {{ len = {} }}", messages.len()));
    draft.step("c.close = {}").others(profile);
    Ok(vec![draft])
}

pub fn half_close(profile: &Profile) -> Made {
    let make = |mut draft: Draft, exchange: &Exchange| {
        draft.connect("c", profile).send("c", &exchange.send);
        draft.step("c.shutdown = \"SHUT_WR\"");
        let why = "a half-closed connection still takes the answer";
        draft.answer_at(Level::Should, why, "c", exchange, profile).others(profile);
        draft
    };
    each(profile, make, "A message is answered though its sender has nothing more to say")
}

pub fn cut_end(profile: &Profile) -> Made {
    each_cut(profile, few, "The stream ends", |draft, exchange, at| {
        draft.connect("c", profile).send("c", &exchange.send[..at]);
        draft.step("c.shutdown = \"SHUT_WR\"");
        let patience = patience(profile);
        let why =
            claimed(Level::Should, "there is nothing left to wait for: the server closes too");
        draft.step(format!(
            "c.recv_to_eof = {{ {} }}, expect = {{ any_of = [\"eof\", \"ECONNRESET\"] }}{why}",
            patience.trim_start_matches(", ")
        ));
        draft.others(profile);
    })
}

pub fn cut_reset(profile: &Profile) -> Made {
    each_cut(profile, few, "The connection is reset", |draft, exchange, at| {
        draft.connect("c", profile).send("c", &exchange.send[..at]).pause("c", profile);
        draft.reset("c").others(profile);
    })
}

pub fn cut_stall(profile: &Profile) -> Made {
    each_cut(profile, few, "The sender stalls", |draft, exchange, at| {
        draft.connect("c", profile).send("c", &exchange.send[..at]).pause("c", profile);
        draft.others(profile);
        draft.send("c", &exchange.send[at..]).answer("c", exchange, profile);
    })
}

pub fn unread(profile: &Profile) -> Made {
    let make = |mut draft: Draft, exchange: &Exchange| {
        draft.connect("c", profile).send("c", &exchange.send).reset("c").others(profile);
        draft
    };
    each(profile, make, "A client that is gone before its answer harms nobody")
}

pub fn nothing(profile: &Profile) -> Made {
    let mut draft = Draft::new(None, "Connections without a byte harm nobody");
    draft.connect("c", profile).step("c.close = {}");
    draft.connect("d", profile).reset("d").others(profile);
    Ok(vec![draft])
}

/// Sends bytes that are no good message, hears what is said to that, and asks for others.
fn bad(draft: &mut Draft, bytes: &[u8], profile: &Profile) {
    draft.connect("c", profile);
    draft.step(format!("c.send_all = {}, level = \"info\"", payload(bytes)));
    draft.step(format!("c.recv = {{ max = 4096, within = \"{REMARK}\" }}, level = \"info\""));
    draft.step("c.close = {}").others(profile);
}

/// Sends bytes that announce what can never come: whoever waits for that has believed them.
fn refused(draft: &mut Draft, bytes: &[u8], profile: &Profile) {
    let within = show(profile.within);
    let why = claimed(
        Level::Must,
        "the length is refused: by an answer, or by the end of the connection",
    );
    draft.connect("c", profile);
    draft.step(format!("c.send_all = {}, level = \"info\"", payload(bytes)));
    draft.step(format!(
        "c.recv = {{ max = 4096, within = \"{within}\" }}, expect = {{ any_of = [\"ok\", \"eof\", \"ECONNRESET\"] }}{why}"
    ));
    draft.step("c.close = {}").others(profile);
}

pub fn empty(profile: &Profile) -> Made {
    let marks = framed::empty(profile)?;
    let mut draft = Draft::new(None, "An empty message harms nobody");
    bad(&mut draft, &marks, profile);
    Ok(vec![draft])
}

pub fn over_long(profile: &Profile) -> Made {
    let draft = |(name, bytes): (&str, Vec<u8>)| {
        if framed::is_absurd(profile) {
            let title = "A length beyond all measure is refused, and harms nobody";
            let mut draft = Draft::new(Some(name.to_owned()), title);
            refused(&mut draft, &bytes, profile);
            return draft;
        }
        let mut draft = Draft::new(Some(name.to_owned()), "A very long message harms nobody");
        bad(&mut draft, &bytes, profile);
        draft
    };
    Ok(framed::over_long(profile)?.into_iter().map(draft).collect())
}

pub fn garbage(profile: &Profile) -> Made {
    const LENGTHS: [usize; 4] = [1, 16, 256, 4096];
    let draft = |(at, length): (u64, usize)| {
        let seed = profile.seed.wrapping_add(at);
        let title = format!("{length} random bytes harm nobody");
        let mut draft = Draft::new(Some(format!("seed-{seed}-bytes-{length}")), title);
        bad(&mut draft, &Drawn::new(seed).bytes(length), profile);
        draft
    };
    Ok((0..).zip(LENGTHS).map(draft).collect())
}

/// As many connections as were asked for, as far as a file holds them.
///
/// They come a few at a time: whether more fit the queue of who listens is the system's affair, and
/// where they do not, each of the others tries again after a second (RFC 6298 section 2).
pub fn many(profile: &Profile) -> Made {
    /// What stands around the connections, with room to spare.
    const ROOM: usize = 4 << 10;
    let most = profile.connections.min(MAX_SOCKETS - 2);
    // Each name stands in every step of its connection, and the later ones are longer by two.
    let (none, few) = (crowd(profile, 0), crowd(profile, AT_ONCE));
    let steps = few.steps() - none.steps();
    let bytes = few.bytes() - none.bytes() + 2 * (steps + AT_ONCE);
    let times = ((MAX_FILE_BYTES - ROOM) / bytes).min((MAX_STEPS - none.steps()) / steps);
    Ok(vec![crowd(profile, most.min(times * AT_ONCE).max(1))])
}

/// So many connections come without a pause. The shortest queue in use has room for more: that of
/// Python's `socketserver`, with a backlog of 5.
const AT_ONCE: usize = 4;

/// So many connections, and then another.
fn crowd(profile: &Profile, count: usize) -> Draft {
    let title = format!("{count} connections at once are served");
    let mut draft = Draft::new(Some(count.to_string()), title);
    let Some(exchange) = profile.exchanges.first() else { return draft };
    let names: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
    for come in names.chunks(AT_ONCE) {
        for name in come {
            draft.connect(name, profile);
        }
        draft.pause(&come[0], profile);
    }
    for name in &names {
        draft.send(name, &exchange.send);
    }
    for name in &names {
        draft.answer_at(Level::Should, "", name, exchange, profile);
    }
    for name in &names {
        draft.step(format!("{name}.close = {{}}"));
    }
    draft.others(profile);
    draft
}
