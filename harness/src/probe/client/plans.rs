//! The plans for clients over TCP: what becomes of the answer on its way.

use std::time::Duration;

use super::super::cuts::{Drawn, cuts, few};
use super::super::write::{Draft, claimed, payload, show};
use super::super::{Profile, framed};
use super::writing::{Writing, begun, subject};
use super::{Client, Ending, Turn};
use crate::scenario::Level;

type Made = Result<Vec<Draft>, String>;

/// How long a slow server takes for its answer.
const SLOW: Duration = Duration::from_millis(300);

/// With marks, a client can tell a part of an answer from a whole one.
fn of_parts(profile: &Profile) -> Level {
    if profile.framing.is_some() { Level::Must } else { Level::Should }
}

/// Every answer, in order.
fn answers(client: &Client) -> impl Iterator<Item = &Vec<u8>> {
    client.turns.iter().flat_map(|turn| &turn.answers)
}

/// What tells one draft from another: the answer, where there are several, and the rest.
fn variant(client: &Client, answer: usize, rest: &str) -> String {
    if answers(client).nth(1).is_some() {
        format!("answer-{}-{rest}", answer + 1)
    } else {
        rest.to_owned()
    }
}

/// One draft for each of the places that `places` finds in each answer.
fn each_cut(
    profile: &Profile,
    places: impl Fn(usize) -> Vec<usize>,
    what: &str,
    make: impl Fn(Writing<'_>, usize, usize) -> Draft,
) -> Made {
    let client = subject(profile)?;
    let mut drafts = Vec::new();
    for (number, answer) in answers(client).enumerate() {
        for at in places(answer.len()) {
            let name = variant(client, number, &format!("at-{at}"));
            let title = format!("{what} behind byte {at} of {}", answer.len());
            drafts.push(make(begun(profile, Some(name), &title)?, number, at));
        }
    }
    if drafts.is_empty() { Err("the answer has one byte".to_owned()) } else { Ok(drafts) }
}

fn whole_of(profile: &Profile, title: &str) -> Result<Draft, String> {
    let mut writing = begun(profile, None, title)?;
    writing.talk(|draft, _, answer| {
        draft.send("conn", answer);
    });
    Ok(writing.usual(Level::Must))
}

pub fn whole(profile: &Profile) -> Made {
    let draft = whole_of(profile, "The client does the same after every whole answer")?;
    // Whoever starts the client by hand has started it twice already.
    Ok(vec![if subject(profile)?.run.is_some() { draft.repeated(3) } else { draft }])
}

pub fn bytes(profile: &Profile) -> Made {
    let mut writing =
        begun(profile, None, "An answer whose every byte comes alone is taken as ever")?;
    writing.talk(|draft, _, answer| {
        draft.send_slowly("conn", answer, 1, profile.gap);
    });
    Ok(vec![writing.usual(Level::Must)])
}

pub fn split(profile: &Profile) -> Made {
    let places = |len: usize| cuts(len, profile.seed);
    each_cut(profile, places, "The answer cut", |mut writing, wanted, at| {
        writing.talk(|draft, number, answer| {
            if number == wanted {
                let (head, tail) = answer.split_at(at);
                draft.send("conn", head).pause("conn", profile).send("conn", tail);
            } else {
                draft.send("conn", answer);
            }
        });
        writing.usual(Level::Must)
    })
}

pub fn header(profile: &Profile) -> Made {
    let marks = framed::header_of_several(profile)?;
    let title = "An answer whose length comes byte by byte is taken as ever";
    let mut writing = begun(profile, None, title)?;
    writing.talk(|draft, _, answer| {
        let (head, body) = answer.split_at(marks.min(answer.len()));
        draft.send_slowly("conn", head, 1, profile.gap);
        if !body.is_empty() {
            draft.pause("conn", profile).send("conn", body);
        }
    });
    Ok(vec![writing.usual(Level::Must)])
}

pub fn slow(profile: &Profile) -> Made {
    /// More pieces only take longer.
    const PIECES: usize = 10;
    let mut writing = begun(profile, None, "An answer that takes its time is taken as ever")?;
    writing.talk(|draft, _, answer| {
        let chunk = answer.len().div_ceil(PIECES).max(1);
        let pieces = u32::try_from(answer.len().div_ceil(chunk)).unwrap_or(1).max(1);
        draft.send_slowly("conn", answer, chunk, (SLOW / pieces).max(profile.gap));
    });
    Ok(vec![writing.usual(Level::Must)])
}

pub fn late(profile: &Profile) -> Made {
    let mut writing = begun(profile, None, "A server that reads and answers late is waited for")?;
    writing.draft.step(format!("conn.pause = \"{}\"", show(SLOW)));
    writing.talk(|draft, _, answer| {
        draft.send("conn", answer);
    });
    Ok(vec![writing.usual(Level::Must)])
}

/// The turns in which the server says more than one thing.
fn with_several(client: &Client) -> Result<(), String> {
    let several = client.turns.iter().any(|turn| turn.answers.len() > 1);
    let why =
        "no answer follows another without a request between (`--expect ''` says that of one)";
    several.then_some(()).ok_or_else(|| why.to_owned())
}

pub fn together(profile: &Profile) -> Made {
    with_several(subject(profile)?)?;
    let mut writing = begun(profile, None, "Answers that come together are taken one by one")?;
    for turn in &writing.client.turns {
        writing.request(turn);
        writing.draft.send("conn", &turn.answers.concat());
    }
    Ok(vec![writing.usual(Level::Must)])
}

pub fn straddle(profile: &Profile) -> Made {
    let client = subject(profile)?;
    with_several(client)?;
    let longest = |turn: &Turn| turn.answers[1..].iter().map(Vec::len).max().unwrap_or(0);
    let most = client.turns.iter().map(longest).max().unwrap_or(0);
    let draft = |at: usize| {
        let title = "The beginning of an answer that came with the one before is kept";
        let mut writing = begun(profile, Some(format!("at-{at}")), title)?;
        for turn in &client.turns {
            writing.request(turn);
            let mut kept: &[u8] = &[];
            for (number, answer) in turn.answers.iter().enumerate() {
                let next = turn.answers.get(number + 1);
                let cut = at.min(next.map_or(0, Vec::len));
                let ahead = next.map_or(&[][..], |next| &next[..cut]);
                let sent = [&answer[kept.len()..], ahead].concat();
                if number > 0 {
                    writing.draft.pause("conn", profile);
                }
                if !sent.is_empty() {
                    writing.draft.send("conn", &sent);
                }
                kept = ahead;
            }
        }
        Ok(writing.usual(Level::Must))
    };
    few(most).into_iter().map(draft).collect()
}

pub fn answer_end(profile: &Profile) -> Made {
    let mut writing =
        begun(profile, None, "The end of the stream behind a whole answer spoils nothing")?;
    writing.talk(|draft, _, answer| {
        draft.send("conn", answer);
    });
    writing.draft.step("conn.shutdown = \"SHUT_WR\", level = \"info\"");
    if writing.client.usual.ending == Ending::Stays {
        // What it does with a connection that is over is its own affair.
        return Ok(vec![writing.survives(None)]);
    }
    Ok(vec![writing.usual(Level::Must)])
}

pub fn answer_reset(profile: &Profile) -> Made {
    let title = "A reset behind a whole answer, which may take that with it, is survived";
    let mut writing = begun(profile, None, title)?;
    writing.talk(|draft, _, answer| {
        draft.send("conn", answer);
    });
    writing.draft.reset("conn");
    Ok(vec![writing.survives(None)])
}

pub fn cut_end(profile: &Profile) -> Made {
    each_cut(profile, few, "The stream ends", |mut writing, wanted, at| {
        let part = nth(writing.client, wanted, at);
        writing.talk_until(wanted).draft.send("conn", &part).step("conn.shutdown = \"SHUT_WR\"");
        writing.ends_too();
        writing.survives(Some(of_parts(profile)))
    })
}

pub fn cut_reset(profile: &Profile) -> Made {
    each_cut(profile, few, "The connection is reset", |mut writing, wanted, at| {
        let part = nth(writing.client, wanted, at);
        writing.talk_until(wanted).draft.send("conn", &part).pause("conn", profile).reset("conn");
        writing.survives(Some(of_parts(profile)))
    })
}

/// The first bytes of that answer.
fn nth(client: &Client, number: usize, at: usize) -> Vec<u8> {
    answers(client).nth(number).map(|answer| answer[..at].to_vec()).unwrap_or_default()
}

/// The server says nothing more; the client need not wait for ever.
fn stalls(mut writing: Writing<'_>, level: Level) -> Draft {
    let within = writing.within();
    let why = claimed(Level::Should, "a client has a limit of its own to what it waits for");
    writing.draft.step(format!(
        "conn.recv_to_eof = {{ {within} }}, expect = {{ any_of = [\"eof\", \"ECONNRESET\"] }}{why}"
    ));
    writing.draft.step("conn.close = {}");
    writing.survives(Some(level))
}

pub fn cut_stall(profile: &Profile) -> Made {
    let middle = |len: usize| if len > 1 { vec![len / 2] } else { Vec::new() };
    each_cut(profile, middle, "The server stalls", |mut writing, wanted, at| {
        let part = nth(writing.client, wanted, at);
        writing.talk_until(wanted).draft.send("conn", &part);
        stalls(writing, of_parts(profile))
    })
}

pub fn silent(profile: &Profile) -> Made {
    let mut writing =
        begun(profile, None, "A server that never answers is not waited for without end")?;
    writing.talk_until(0);
    Ok(vec![stalls(writing, Level::Should)])
}

pub fn nothing(profile: &Profile) -> Made {
    let make = |name: &str| {
        let title = "A connection that is over before any answer is survived";
        let mut writing = begun(profile, Some(name.to_owned()), title)?;
        if name == "reset" {
            writing.draft.reset("conn");
        } else {
            writing.draft.step("conn.shutdown = \"SHUT_WR\"");
            writing.ends_too();
        }
        Ok(writing.survives(Some(Level::Should)))
    };
    ["end", "reset"].into_iter().map(make).collect()
}

pub fn refused(profile: &Profile) -> Made {
    let client = subject(profile)?;
    if client.run.is_none() {
        return Err("the client is started by somebody else".to_owned());
    }
    let title = "A refused connection is an error that the client tells";
    let mut writing = Writing { draft: Draft::new(None, title), profile, client };
    let family = if profile.at.is_ipv4() { '4' } else { '6' };
    // Bound and not listening: nobody else gets the port, and nobody accepts.
    writing.draft.socket(&format!("server = {{ kind = \"tcp{family}\", bind = \"loopback:0\" }}"));
    writing.start();
    Ok(vec![writing.survives(Some(Level::Must))])
}

/// Bytes that are no good answer, and the end of the connection a while later.
fn bad(mut writing: Writing<'_>, bytes: &[u8], fails: Option<Level>) -> Draft {
    const REMARK: &str = "200ms";
    writing.talk_until(0);
    writing.draft.step(format!("conn.send_all = {}, level = \"info\"", payload(bytes)));
    writing
        .draft
        .step(format!("conn.recv = {{ max = 65536, within = \"{REMARK}\" }}, level = \"info\""));
    writing.draft.step("conn.close = {}");
    writing.survives(fails)
}

pub fn empty(profile: &Profile) -> Made {
    let marks = framed::empty(profile)?;
    Ok(vec![bad(begun(profile, None, "An empty answer is survived")?, &marks, None)])
}

pub fn over_long(profile: &Profile) -> Made {
    let draft = |(name, bytes): (&str, Vec<u8>)| {
        let title = "An answer whose length is beyond all measure is refused";
        let writing = begun(profile, Some(name.to_owned()), title)?;
        let level = if framed::is_absurd(profile) { Level::Must } else { Level::Should };
        Ok(bad(writing, &bytes, Some(level)))
    };
    framed::over_long(profile)?.into_iter().map(draft).collect()
}

pub fn garbage(profile: &Profile) -> Made {
    const LENGTHS: [usize; 4] = [1, 16, 256, 4096];
    let draft = |(at, length): (u64, usize)| {
        let seed = profile.seed.wrapping_add(at);
        let name = format!("seed-{seed}-bytes-{length}");
        let writing = begun(profile, Some(name), &format!("{length} random bytes are survived"))?;
        Ok(bad(writing, &Drawn::new(seed).bytes(length), Some(Level::Should)))
    };
    (0..).zip(LENGTHS).map(draft).collect()
}

pub fn twice(profile: &Profile) -> Made {
    let title = "What comes behind the last answer is not part of it";
    let mut writing = begun(profile, None, title)?;
    let last = answers(writing.client).count().saturating_sub(1);
    writing.talk(|draft, number, answer| {
        if number == last {
            draft.send("conn", &answer.repeat(2));
        } else {
            draft.send("conn", answer);
        }
    });
    Ok(vec![writing.usual(Level::Should)])
}

pub fn after(profile: &Profile) -> Made {
    Ok(vec![whole_of(profile, "The client does the same after all that")?])
}
