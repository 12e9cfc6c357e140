//! What a client asks, and what it does with the whole answer: heard before anything is claimed.
//!
//! Twice, since what differs from time to time is not compared. Runs scenarios that claim nothing,
//! through the same conductor as all others.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::learn::{COMPARED, Ear, SILENCE, Said, Unheard, data, outcomes_of};
use super::super::write::{command, payload, show};
use super::super::{Answer, Profile};
use super::{Client, Ending, Turn, Usual};
use crate::option::Value;
use crate::outcome::{End, Fact, Field, Outcome};

/// What the user says of a turn: what is asked, and what is answered.
pub type Asked = (Said, Vec<u8>);

/// A client that has its answer ends its connection within this, or does so no more by itself.
const ENDING: Duration = Duration::from_secs(1);

/// A request that comes in more parts is read as far as this.
const MOST_PARTS: usize = 16;

/// What came of one connection.
struct Heard {
    /// What was asked, turn by turn.
    requests: Vec<Vec<u8>>,
    usual: Usual,
}

/// Fills in what the client asks and does, from what it does on two connections.
pub fn learn(mut profile: Profile, asked: &[Asked], ear: &Ear<'_>) -> Result<Profile, Unheard> {
    let first = hear(&profile, asked, ear)?;
    let second = hear(&profile, asked, ear)?;
    let Some(client) = &mut profile.client else {
        return Err(Unheard::Broken("no client is probed".to_owned()));
    };
    let mut requests = first.requests.iter().zip(&second.requests);
    client.turns.clear();
    for (said, answer) in asked {
        let request = match (said, requests.next()) {
            (Said::Is(bytes), _) => Answer::exact(bytes.clone()),
            (Said::Begins(bytes), Some((one, other))) => {
                let rest = (one.len() == other.len()).then(|| one.len().checked_sub(bytes.len()));
                Answer { bytes: bytes.clone(), rest: rest.flatten() }
            }
            (Said::Nothing, Some((one, other))) => common(one, other),
            (Said::Begins(_) | Said::Nothing, None) => {
                return Err(Unheard::NoAnswer("the client asks nothing".to_owned()));
            }
        };
        match client.turns.last_mut().filter(|_| request == Answer::exact(Vec::new())) {
            // Nothing is asked between: the server goes on.
            Some(turn) => turn.answers.push(answer.clone()),
            None => client.turns.push(Turn { request, answers: vec![answer.clone()] }),
        }
    }
    let Usual { ending, exit, tail, printed } = first.usual;
    if let Some(status) = exit.as_ref().filter(|status| **status != Value::Int(0)) {
        let why = format!("after the whole answer the client's exit status is {status}");
        return Err(Unheard::NoAnswer(why));
    }
    if ending != second.usual.ending || exit != second.usual.exit {
        let why = "the client does one thing after one whole answer, and another after the next";
        return Err(Unheard::NoAnswer(why.to_owned()));
    }
    let tail = common(&tail, &second.usual.tail).bytes;
    let printed = printed.filter(|one| second.usual.printed.as_ref() == Some(one));
    client.usual = Usual { tail, ending, exit, printed };
    Ok(profile)
}

/// What two requests have in common, and how long both are.
fn common(one: &[u8], other: &[u8]) -> Answer {
    let mut same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    // Two ports, or two times, may begin alike, and the third otherwise.
    while one != other && same > 0 && one[same - 1].is_ascii_digit() {
        same -= 1;
    }
    let bytes = one[..same.min(COMPARED)].to_vec();
    let rest = (one.len() == other.len()).then(|| one.len() - bytes.len());
    Answer { bytes, rest }
}

/// One connection, from the client's start to its end.
fn hear(profile: &Profile, asked: &[Asked], ear: &Ear<'_>) -> Result<Heard, Unheard> {
    let client = profile.client.as_ref();
    let client = client.ok_or_else(|| Unheard::Broken("no client is probed".to_owned()))?;
    let mut parts = 1;
    loop {
        let text = file(profile, client, asked, parts);
        let outcomes = outcomes_of(&text, ear)?;
        let (outcomes, told) = outcomes;
        match understood(profile, client, asked, parts, &outcomes) {
            Ok(Some(heard)) => return Ok(heard),
            Ok(None) if parts < MOST_PARTS => parts *= 2,
            Ok(None) => {
                return Err(Unheard::NoAnswer("the client's request has no end".to_owned()));
            }
            Err(why) => return Err(Unheard::NoAnswer(format!("{why}{told}"))),
        }
    }
}

/// The steps of one connection, none of which claims anything.
fn file(profile: &Profile, client: &Client, asked: &[Asked], parts: usize) -> String {
    let within = show(profile.within);
    let mut text = format!(
        "title = \"The whole answer\"\nlimit = \"{}s\"\n{}sockets.{}\nstep = [\n",
        (profile.within * 8 + client.wait).as_secs().clamp(60, 600),
        profile.place(client),
        profile.listener(client),
    );
    // Claims: without a connection, nothing follows.
    if let Some(run) = &client.run {
        let run = command(run);
        let _ = writeln!(text, "{{ client.start = {{ run = {run}, ready = \"started\" }} }},");
    }
    let wait = show(client.wait);
    let _ = writeln!(text, "{{ server.accept = {{ name = \"conn\", within = \"{wait}\" }} }},");
    let mut step = |step: String| {
        let _ = writeln!(text, "{{ {step}, level = \"info\" }},");
    };
    for (said, answer) in asked {
        match said {
            Said::Is(bytes) if bytes.is_empty() => {}
            Said::Is(bytes) => {
                step(format!(
                    "conn.recv_exactly = {{ len = {}, within = \"{within}\" }}",
                    bytes.len()
                ));
            }
            Said::Begins(_) | Said::Nothing => {
                for at in 0..=parts {
                    let within = if at == 0 { within.clone() } else { show(SILENCE) };
                    step(format!("conn.recv = {{ max = 65536, within = \"{within}\" }}"));
                }
            }
        }
        step(format!("conn.send_all = {}", payload(answer)));
    }
    let ending = show(ENDING);
    step(format!("conn.recv_to_eof = {{ within = \"{ending}\" }}, expect = \"eof\""));
    step("conn.shutdown = \"SHUT_WR\"".to_owned());
    step(format!("conn.recv_to_eof = {{ within = \"{ending}\" }}, expect = \"eof\""));
    if client.run.is_some() {
        step(format!("client.exit = {{ within = \"{}\" }}", show(profile.within.min(2 * ENDING))));
        step("client.output = { within = \"200ms\" }".to_owned());
    }
    text.push_str("]\n");
    text
}

/// What the outcomes say; `None` where a request may have more parts.
fn understood(
    profile: &Profile,
    client: &Client,
    asked: &[Asked],
    parts: usize,
    outcomes: &[Outcome],
) -> Result<Option<Heard>, String> {
    let mut outcomes = outcomes.iter();
    let mut next = || outcomes.next().ok_or("the client's connection has no end");
    if client.run.is_some() {
        next()?;
    }
    if next()?.end != End::Ok {
        return Err(format!("no client connects within {:?}", client.wait));
    }
    let mut requests = Vec::new();
    for (said, _) in asked {
        let request: Vec<u8> = match said {
            Said::Is(bytes) if bytes.is_empty() => Vec::new(),
            Said::Is(_) => data(next()?).to_vec(),
            Said::Begins(_) | Said::Nothing => {
                let mut request = Vec::new();
                let mut last = End::Ok;
                for _ in 0..=parts {
                    let outcome = next()?;
                    request.extend_from_slice(data(outcome));
                    last = outcome.end;
                }
                if last == End::Ok {
                    return Ok(None);
                }
                request
            }
        };
        check(said, &request, profile)?;
        requests.push(request);
        if next()?.end != End::Ok {
            return Err("the client is gone before it has its answer".to_owned());
        }
    }
    let (first, _shutdown, second) = (next()?, next()?, next()?);
    let over = |outcome: &Outcome| outcome.end != End::Timeout && outcome.end != End::Ok;
    let mut usual = Usual { tail: data(first).to_vec(), ..Usual::default() };
    if client.run.is_some() {
        let (exit, output) = (next()?, next()?);
        if let (End::Ok, Some(Fact::Value(status))) = (exit.end, exit.fact(Field::Value)) {
            usual.exit = Some(status.clone());
        }
        let printed = (output.end == End::Ok).then(|| data(output).to_vec());
        usual.printed = printed.filter(|printed| printed.len() <= COMPARED);
    }
    usual.ending = match (over(first), over(second) || usual.exit.is_some()) {
        (true, _) => Ending::Ends,
        (false, true) => Ending::EndsAfter,
        (false, false) => Ending::Stays,
    };
    Ok(Some(Heard { requests, usual }))
}

/// Whether the client asks what the user says it asks.
fn check(said: &Said, request: &[u8], profile: &Profile) -> Result<(), String> {
    let shown = crate::payload::show;
    match said {
        Said::Is(bytes) if bytes != request => {
            Err(format!("the client asks {}, not {}", shown(request), shown(bytes)))
        }
        Said::Begins(bytes) if !request.starts_with(bytes) => {
            Err(format!("the client asks {}, which does not begin so", shown(request)))
        }
        Said::Nothing if request.is_empty() => {
            Err(format!("the client asks nothing within {:?}", profile.within))
        }
        Said::Is(_) | Said::Begins(_) | Said::Nothing => Ok(()),
    }
}
