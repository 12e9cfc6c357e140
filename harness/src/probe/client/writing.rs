//! One plan for a client while it is written: from its connection to what it has to do in the end.

use super::super::Profile;
use super::super::write::{Draft, claimed, command, payload, show};
use super::{Client, Ending, Turn};
use crate::option::Value;
use crate::scenario::Level;

/// Why a client has to do what it does after the whole answer.
const SAME: &str = "it does what it does after the whole answer";

/// Why all of an answer can be sent.
const TAKES: &str = "the client stays until it has its answer";

/// Why the end of a client's connection is waited for.
const OVER: &str = "there is nothing left to wait for: the client ends the connection too";

/// An exit status that no signal and no exception has set: what a shell would show for those is above.
const NO_SIGNAL: &str = "{ value = { between = [0, 127] } }";

/// One plan while it is written.
pub struct Writing<'w> {
    pub draft: Draft,
    pub profile: &'w Profile,
    pub client: &'w Client,
}

pub fn subject(profile: &Profile) -> Result<&Client, String> {
    profile.client.as_ref().ok_or_else(|| "no client is probed".to_owned())
}

pub fn begun<'w>(
    profile: &'w Profile,
    variant: Option<String>,
    title: &str,
) -> Result<Writing<'w>, String> {
    let client = subject(profile)?;
    let mut writing = Writing { draft: Draft::new(variant, title), profile, client };
    writing.begin();
    Ok(writing)
}

impl Writing<'_> {
    pub fn within(&self) -> String {
        format!("within = \"{}\"", show(self.profile.within))
    }

    pub fn start(&mut self) {
        if let Some(run) = &self.client.run {
            let run = command(run);
            self.draft.step(format!("client.start = {{ run = {run}, ready = \"started\" }}"));
        }
    }

    /// The client is started where it is ours, and connects.
    fn begin(&mut self) {
        let listener = self.profile.listener(self.client);
        self.draft.socket(&listener);
        self.start();
        let wait = show(self.client.wait);
        let why = claimed(Level::Must, "the client connects");
        self.draft
            .step(format!("server.accept = {{ name = \"conn\", within = \"{wait}\" }}{why}"))
            .step("conn.set = { TCP_NODELAY = true }")
            .sends_because(TAKES);
    }

    pub fn request(&mut self, turn: &Turn) {
        let (request, within) = (&turn.request, self.within());
        let len = request.bytes.len();
        if len > 0 {
            let why = claimed(Level::Must, "this is what the client asks");
            self.draft.step(format!(
                "conn.recv_exactly = {{ len = {len}, {within} }}, expect = {{ data = {} }}{why}",
                payload(&request.bytes)
            ));
        }
        match request.rest {
            Some(0) => {}
            Some(more) => {
                self.draft.step(format!("conn.recv_exactly = {{ len = {more}, {within} }}"));
            }
            None => {
                self.draft
                    .step("conn.recv = { max = 65536, within = \"250ms\" }, level = \"info\"");
            }
        }
    }

    /// Every turn, with each answer sent as `send` does it; the first is number 0.
    pub fn talk(&mut self, mut send: impl FnMut(&mut Draft, usize, &[u8])) -> &mut Self {
        let mut number = 0;
        for turn in &self.client.turns {
            self.request(turn);
            for (at, answer) in turn.answers.iter().enumerate() {
                if at > 0 {
                    self.draft.pause("conn", self.profile);
                }
                send(&mut self.draft, number, answer);
                number += 1;
            }
        }
        self
    }

    /// Every turn up to its answer of that number, which is not sent.
    pub fn talk_until(&mut self, last: usize) -> &mut Self {
        let mut number = 0;
        for turn in &self.client.turns {
            self.request(turn);
            for answer in &turn.answers {
                if number == last {
                    return self;
                }
                self.draft.send("conn", answer);
                number += 1;
            }
        }
        self
    }

    /// The client does what it does after the whole answer, as binding as `level`.
    pub fn usual(mut self, level: Level) -> Draft {
        let (within, why) = (self.within(), claimed(level, SAME));
        let usual = &self.client.usual;
        let goes_on = !usual.tail.is_empty() && usual.ending != Ending::Ends;
        if goes_on {
            let (len, data) = (usual.tail.len(), payload(&usual.tail));
            self.draft.step(format!(
                "conn.recv_exactly = {{ len = {len}, {within} }}, expect = {{ data = {data} }}{why}"
            ));
        }
        if usual.ending == Ending::EndsAfter {
            self.draft.step("conn.shutdown = \"SHUT_WR\", level = \"info\"");
        }
        if usual.ending != Ending::Stays {
            let step = if goes_on || usual.tail.is_empty() {
                let (max, ends) = ("max = 65536", "any_of = [\"eof\", \"ECONNRESET\"]");
                format!("conn.recv = {{ {max}, {within} }}, expect = {{ {ends} }}{why}")
            } else {
                let data = payload(&usual.tail);
                let expect = format!("{{ end = \"eof\", data = {data} }}");
                format!("conn.recv_to_eof = {{ {within} }}, expect = {expect}{why}")
            };
            self.draft.step(step);
        }
        self.exits_as_usual(&within, &why);
        self.draft
    }

    fn exits_as_usual(&mut self, within: &str, why: &str) {
        let usual = &self.client.usual;
        let Some(status) = usual.exit.as_ref().filter(|_| self.client.run.is_some()) else {
            if self.client.run.is_some() {
                self.draft
                    .step(format!("client.status = {{}}, expect = {{ value = \"running\" }}{why}"));
            }
            return;
        };
        let status = match status {
            Value::Int(code) => code.to_string(),
            other => format!("\"{other}\""),
        };
        self.draft
            .step(format!("client.exit = {{ {within} }}, expect = {{ value = {status} }}{why}"));
        if let Some(printed) = &usual.printed {
            let data = payload(printed);
            self.draft
                .step(format!("client.output = {{ {within} }}, expect = {{ data = {data} }}{why}"));
        }
    }

    /// The connection is over: the client sees that, and comes to an end without a signal; where
    /// `fails` says how binding that is, not as if it had been answered.
    pub fn survives(mut self, fails: Option<Level>) -> Draft {
        let within = self.within();
        if self.client.run.is_none() {
            return self.draft;
        }
        let ends = if self.client.usual.exit.is_some() {
            NO_SIGNAL.to_owned()
        } else {
            // Whoever goes on after an answer may go on after none.
            format!("{{ any_of = [\"timeout\", {NO_SIGNAL}] }}")
        };
        let why = claimed(Level::Must, "it comes to an end by itself, and by no signal");
        self.draft.step(format!("client.exit = {{ {within} }}, expect = {ends}{why}"));
        if let (Some(level), Some(Value::Int(0))) = (fails, &self.client.usual.exit) {
            let why = claimed(level, "no answer, or a part of one, is no success");
            self.draft.step(format!(
                "client.exit = {{}}, expect = {{ value = {{ at_least = 1 }} }}{why}"
            ));
        }
        self.draft
    }

    /// What the client ends too, once the server has ended it.
    pub fn ends_too(&mut self) -> &mut Self {
        let (within, why) = (self.within(), claimed(Level::Must, OVER));
        self.draft.step(format!(
            "conn.recv_to_eof = {{ {within} }}, expect = {{ any_of = [\"eof\", \"ECONNRESET\"] }}{why}"
        ));
        self
    }
}
