//! What a server answers to a whole message, and what it does then: heard before anything is claimed.
//!
//! Runs scenarios that claim nothing through the same conductor as all others. Whether an answer is
//! over is told by a silence, which is a guess about time; where an answer is given, its length is
//! not guessed.

use std::fmt::Write as _;
use std::time::Duration;

use super::write::{payload as spelt, show};
use super::{Answer, Exchange, Manner, Profile, Transport};
use crate::capability::{Allowed, Capabilities};
use crate::net::Alone;
use crate::outcome::{End, Fact, Field, Outcome};
use crate::payload;
use crate::plan::lower;
use crate::platform::Platform;
use crate::scenario::parse;
use crate::suite::{Judged, Options, judge};
use crate::trace::Broken;

/// An answer of which nothing more comes for so long is over.
pub(super) const SILENCE: Duration = Duration::from_millis(250);

/// More parts than an answer has that is worth comparing.
const MOST_PARTS: usize = 64;

/// More of an answer is not compared: it stands in every file.
pub(super) const COMPARED: usize = 32 << 10;

/// What the user says of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is this.
    Is(Vec<u8>),
    /// It begins with this.
    Begins(Vec<u8>),
    /// Nothing: what comes is taken for good.
    Nothing,
}

/// Whom one listens to, and how.
pub struct Ear<'e> {
    /// Where this runs.
    pub platform: &'e Platform,
    /// Limits, and the word to stop.
    pub options: &'e Options,
    /// What the user allows.
    pub allowed: Allowed,
}

/// Why no plan can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// Somebody stopped the run.
    #[error("stopped")]
    Stopped,
    /// The server cannot be reached, or does not answer.
    #[error("{0}")]
    NoAnswer(String),
    /// We could not look.
    #[error("{0}")]
    Broken(String),
}

/// What came of one message.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    bytes: Vec<u8>,
    closed: bool,
}

/// Fills in the profile's exchanges and its manner, from what the server does with `messages`.
pub fn learn(
    mut profile: Profile,
    messages: &[(Vec<u8>, Said)],
    ear: &Ear<'_>,
) -> Result<Profile, Unheard> {
    profile.exchanges.clear();
    let mut closes = false;
    for (send, said) in messages {
        let first = hear(&profile, send, ear)?;
        let second = hear(&profile, send, ear)?;
        check(said, &first)?;
        check(said, &second)?;
        closes |= first.closed;
        let answer = answer(said, &first, &second)?;
        profile.exchanges.push(Exchange { send: send.clone(), answer });
    }
    profile.manner = if closes { Manner::Closes } else { manner(&profile, ear)? };
    Ok(profile)
}

/// Whether what comes is the beginning of what the user says, or begins with it.
fn check(said: &Said, heard: &Heard) -> Result<(), Unheard> {
    let (Said::Is(wanted) | Said::Begins(wanted)) = said else { return Ok(()) };
    if heard.bytes.iter().zip(wanted).all(|(one, other)| one == other) {
        return Ok(());
    }
    let (heard, wanted) = (payload::show(&heard.bytes), payload::show(wanted));
    Err(Unheard::NoAnswer(format!("the whole message gets {heard}, not {wanted}")))
}

fn answer(said: &Said, first: &Heard, second: &Heard) -> Result<Answer, Unheard> {
    let same_length = (first.bytes.len() == second.bytes.len()).then_some(first.bytes.len());
    let rest = |compared: usize| same_length.and_then(|all| all.checked_sub(compared));
    match said {
        Said::Is(bytes) if bytes.len() <= COMPARED => Ok(Answer::exact(bytes.clone())),
        Said::Is(bytes) => {
            Ok(Answer { bytes: bytes[..COMPARED].to_vec(), rest: Some(bytes.len() - COMPARED) })
        }
        Said::Begins(bytes) => Ok(Answer { bytes: bytes.clone(), rest: rest(bytes.len()) }),
        Said::Nothing => {
            let same =
                first.bytes.iter().zip(&second.bytes).take_while(|(one, other)| one == other);
            let compared = same.count().min(COMPARED);
            if compared == 0 {
                let why = "two answers to the same message have nothing in common";
                return Err(Unheard::NoAnswer(why.to_owned()));
            }
            let bytes = first.bytes[..compared].to_vec();
            Ok(Answer { rest: rest(compared), bytes })
        }
    }
}

/// The answer to one message, until it is over.
fn hear(profile: &Profile, send: &[u8], ear: &Ear<'_>) -> Result<Heard, Unheard> {
    let mut parts = 1;
    loop {
        let mut steps = format!("{{ c.send_all = {} }},\n", spelt(send));
        let within = |at: usize| if at == 0 { profile.within } else { SILENCE };
        for at in 0..=parts {
            let within = show(within(at));
            let _ = writeln!(
                steps,
                "{{ c.recv = {{ max = 65536, within = \"{within}\" }}, level = \"info\" }},"
            );
        }
        let outcomes = run(profile, &steps, ear)?;
        // The send is a claim: it stands before the answers.
        let answers = outcomes.get(2..).unwrap_or_default();
        let heard: Vec<u8> = answers.iter().flat_map(data).copied().collect();
        let last = answers.last().map_or(End::Timeout, |outcome| outcome.end);
        match (heard.is_empty(), last) {
            (true, End::Timeout) => {
                let why = format!("no answer to the whole message within {:?}", profile.within);
                return Err(Unheard::NoAnswer(why));
            }
            (true, End::Eof) => {
                let why = "the server closes and answers nothing to the whole message";
                return Err(Unheard::NoAnswer(why.to_owned()));
            }
            (true, _) => {
                let shown = answers.first().map(|outcome| outcome.show(ear.platform.system));
                let why = format!("the whole message gets {}", shown.unwrap_or_default());
                return Err(Unheard::NoAnswer(why));
            }
            (false, End::Ok) if parts < MOST_PARTS => parts *= 2,
            (false, end) => {
                return Ok(Heard { bytes: heard, closed: end != End::Timeout && end != End::Ok });
            }
        }
    }
}

/// Whether a second message on the same connection is answered too.
fn manner(profile: &Profile, ear: &Ear<'_>) -> Result<Manner, Unheard> {
    let Some(exchange) = profile.exchanges.first() else { return Ok(Manner::Silent) };
    let Some(rest) = exchange.answer.rest else { return Ok(Manner::Silent) };
    if profile.transport == Transport::Udp {
        return Ok(Manner::Keeps);
    }
    let (message, all) = (spelt(&exchange.send), exchange.answer.bytes.len() + rest);
    let within = show(profile.within);
    let take = format!(
        "{{ c.recv_exactly = {{ len = {all}, within = \"{within}\" }}, level = \"info\" }},\n"
    );
    let send = format!("{{ c.send_all = {message}, level = \"info\" }},\n");
    let outcomes = run(profile, &format!("{send}{take}{send}{take}"), ear)?;
    // The answer to the first did not end the connection: what ends it now is no manner of its own.
    let keeps = |last: &Outcome| {
        last.end == End::Ok && data(last).starts_with(&exchange.answer.bytes) && outcomes.len() == 5
    };
    Ok(if outcomes.last().is_some_and(keeps) { Manner::Keeps } else { Manner::Silent })
}

pub(super) fn data(outcome: &Outcome) -> &[u8] {
    match outcome.fact(Field::Data) {
        Some(Fact::Data(data)) => data,
        _ => &[],
    }
}

/// Connects, does `steps` on `c`, and gives every outcome; that of the connect stands first.
fn run(profile: &Profile, steps: &str, ear: &Ear<'_>) -> Result<Vec<Outcome>, Unheard> {
    let family = if profile.at.is_ipv4() { '4' } else { '6' };
    let text = format!(
        "title = \"The whole message\"\nlimit = \"120s\"\n\
         programs.server = {{ at = \"{}\" }}\n\
         sockets.c = {{ kind = \"{}{family}\" }}\n\
         step = [\n{{ c.connect = {{ to = \"server\", within = \"{}\" }} }},\n{steps}]\n",
        profile.at,
        profile.transport.name(),
        show(profile.within),
    );
    let (outcomes, _) = outcomes_of(&text, ear)?;
    match outcomes.first() {
        Some(connect) if connect.end != End::Ok => {
            let answer = connect.show(ear.platform.system);
            Err(Unheard::NoAnswer(format!("a connection gets {answer}")))
        }
        Some(_) | None => Ok(outcomes),
    }
}

/// Runs a scenario: every outcome, and what its programs printed last, each line after a line feed.
pub(super) fn outcomes_of(text: &str, ear: &Ear<'_>) -> Result<(Vec<Outcome>, String), Unheard> {
    let scenarios = parse("whole", text).map_err(|problems| {
        let said: Vec<String> = problems.iter().map(|problem| format!("{problem:?}")).collect();
        Unheard::Broken(format!("the message makes no scenario: {}", said.join("; ")))
    })?;
    let mut plans = scenarios.into_iter().map(|scenario| lower(scenario, text, ear.platform));
    let plan = plans.next().ok_or_else(|| Unheard::Broken("no plan".to_owned()))?;
    let capabilities = Capabilities::allowing(ear.allowed);
    let Judged { reason, traces, .. } = judge(&plan, &capabilities, ear.options, &Alone);
    let Some(trace) = traces.into_iter().next() else {
        return Err(Unheard::Broken(reason.unwrap_or_default()));
    };
    match trace.broken {
        Some(Broken::Cancelled) => return Err(Unheard::Stopped),
        Some(_) => return Err(Unheard::Broken(reason.unwrap_or_default())),
        None => {}
    }
    let mut told = String::new();
    for (name, text) in &trace.programs {
        let _ = write!(told, "\n{name}: {text}");
    }
    Ok((trace.events.into_iter().map(|event| event.outcome).collect(), told))
}
