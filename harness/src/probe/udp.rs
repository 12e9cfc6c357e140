//! The plans over UDP.
#![expect(clippy::unnecessary_wraps, reason = "the plans of one table have one signature")]

use super::cuts::{Drawn, few};
use super::write::{Draft, patience, payload};
use super::{Exchange, Profile};
use crate::scenario::Level;

type Made = Result<Vec<Draft>, String>;

/// The longest datagram over IPv4: 65535 bytes less the headers of IP and UDP.
const LONGEST: usize = 65_507;

/// As many sockets as wait for an answer at once: what a server's queue holds of short datagrams.
const MANY: usize = 100;

/// What a server says to what it cannot understand is told, and nothing is claimed of it.
const REMARK: &str = "200ms";

fn one(title: &str, write: impl FnOnce(&mut Draft)) -> Made {
    let mut draft = Draft::new(None, title);
    write(&mut draft);
    Ok(vec![draft])
}

/// Sends what is no good message, hears what is said to that, and asks for others.
fn bad(draft: &mut Draft, data: &str, profile: &Profile) {
    draft.connect("c", profile);
    draft.step(format!("c.send = {data}, level = \"info\""));
    draft.step(format!("c.recv = {{ max = 65536, within = \"{REMARK}\" }}, level = \"info\""));
    draft.others(profile);
}

pub fn whole(profile: &Profile) -> Made {
    let draft = |(at, exchange): (usize, &Exchange)| {
        let name = (profile.exchanges.len() > 1).then(|| format!("message-{}", at + 1));
        let mut draft = Draft::new(name, "The datagram is answered, every time the same");
        draft.connect("c", profile).send("c", &exchange.send).answer("c", exchange, profile);
        draft.repeated(3)
    };
    Ok(profile.exchanges.iter().enumerate().map(draft).collect())
}

pub fn empty(profile: &Profile) -> Made {
    one("A datagram of no bytes harms nobody", |draft| bad(draft, "\"\"", profile))
}

pub fn longest(profile: &Profile) -> Made {
    let data = format!("{{ fill = {LONGEST} }}");
    one("The longest datagram harms nobody", |draft| bad(draft, &data, profile))
}

pub fn longer(profile: &Profile) -> Made {
    let message = payload(&profile.exchanges[0].send);
    let data = format!("{{ data = [{message}, {{ fill = 8192 }}] }}");
    one("A datagram longer than its message harms nobody", |draft| bad(draft, &data, profile))
}

pub fn cut(profile: &Profile) -> Made {
    let message = &profile.exchanges[0].send;
    let draft = |at: usize| {
        let title = format!("The first {at} bytes of {} harm nobody", message.len());
        let mut draft = Draft::new(Some(format!("at-{at}")), title);
        bad(&mut draft, &payload(&message[..at]), profile);
        draft
    };
    let drafts: Vec<Draft> = few(message.len()).into_iter().map(draft).collect();
    if drafts.is_empty() { Err("the message has one byte".to_owned()) } else { Ok(drafts) }
}

pub fn twice(profile: &Profile) -> Made {
    let exchange = &profile.exchanges[0];
    one("A datagram that comes twice is answered twice", |draft| {
        draft.connect("c", profile).send("c", &exchange.send).send("c", &exchange.send);
        draft.answer("c", exchange, profile);
        let why = "each datagram is a message of its own, unless the protocol numbers them";
        draft.answer_at(Level::Should, why, "c", exchange, profile).others(profile);
    })
}

pub fn reorder(profile: &Profile) -> Made {
    if profile.exchanges.len() < 2 {
        return Err("there is one exchange".to_owned());
    }
    if !profile.exchanges.iter().all(|exchange| exchange.answer.is_exact()) {
        return Err("the answers are not known byte by byte".to_owned());
    }
    let patience = patience(profile);
    let data = |exchange: &Exchange| format!("{{ data = {} }}", payload(&exchange.answer.bytes));
    let any: Vec<String> = profile.exchanges.iter().map(data).collect();
    one("Datagrams in another order are answered, in whatever order", |draft| {
        draft.connect("c", profile);
        for exchange in profile.exchanges.iter().rev() {
            draft.send("c", &exchange.send);
        }
        for _ in &profile.exchanges {
            draft.step(format!(
                "c.recv = {{ max = 65536{patience} }}, expect = {{ any_of = [{}] }}, level = \"should\"",
                any.join(", ")
            ));
        }
        draft.others(profile);
    })
}

pub fn short_buffer(profile: &Profile) -> Made {
    let exchange = &profile.exchanges[0];
    one("An answer read into one byte leaves the next as it is", |draft| {
        draft.connect("c", profile).send("c", &exchange.send);
        let patience = patience(profile);
        draft.step(format!("c.recv = {{ max = 1{patience} }}, level = \"info\""));
        draft.send("c", &exchange.send).answer("c", exchange, profile);
    })
}

pub fn gone(profile: &Profile) -> Made {
    let exchange = &profile.exchanges[0];
    one("An answer to nobody harms nobody", |draft| {
        draft.connect("c", profile).send("c", &exchange.send).step("c.close = {}");
        draft.others(profile);
        // The error of the one before comes with a later call.
        draft.send("other", &exchange.send).answer("other", exchange, profile);
    })
}

pub fn garbage(profile: &Profile) -> Made {
    const LENGTHS: [usize; 3] = [1, 64, 1400];
    let draft = |(at, length): (u64, usize)| {
        let seed = profile.seed.wrapping_add(at);
        let name = format!("seed-{seed}-bytes-{length}");
        let mut draft = Draft::new(Some(name), format!("{length} random bytes harm nobody"));
        bad(&mut draft, &payload(&Drawn::new(seed).bytes(length)), profile);
        draft
    };
    Ok((0..).zip(LENGTHS).map(draft).collect())
}

pub fn many(profile: &Profile) -> Made {
    let exchange = &profile.exchanges[0];
    let count = profile.connections.min(MANY);
    let mut draft = Draft::new(Some(count.to_string()), format!("{count} sockets are answered"));
    for at in 0..count {
        draft.connect(&format!("c{at}"), profile).send(&format!("c{at}"), &exchange.send);
    }
    let why = "so many at once may be more than its queue takes";
    for at in 0..count {
        draft.answer_at(Level::Should, why, &format!("c{at}"), exchange, profile);
    }
    draft.others(profile);
    Ok(vec![draft])
}
