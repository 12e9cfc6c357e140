//! The arrow from traces to the text of a record: what is the same from run to run.
//!
//! Left out: times. Shown as the claim instead of the fact: whatever a step claims as a range or a
//! set, for such facts differ from run to run by what the claim itself says. Everything else stands
//! as it happened. Names stand for ports, descriptors and paths before a trace is made.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::expect::Claim;
use crate::kind::Type;
use crate::op::Op;
use crate::outcome::{Fact, Field, Outcome};
use crate::plan::{Action, Plan, PlannedPeer, PlannedStep};
use crate::trace::{PeerCall, PeerTrace, Trace};

/// The column at which answers stand; longer calls push theirs to the right.
const ANSWER_COLUMN: usize = 44;

/// The record of a scenario: of one run, or of several, where a step then has a set of answers.
pub fn record(plan: &Plan, traces: &[Trace]) -> String {
    let mut text = String::new();
    for action in &plan.setup {
        push_line(&mut text, &action.show(), "ok");
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let answers: BTreeSet<String> = traces
            .iter()
            .filter_map(|trace| trace.events.iter().find(|event| event.step == index))
            .map(|event| answer(plan, step, &event.outcome))
            .collect();
        if !answers.is_empty() {
            let answers: Vec<String> = answers.into_iter().collect();
            push_line(&mut text, &step.action.show(), &answers.join(" | "));
        }
    }
    push_peers(&mut text, plan, traces);
    text
}

/// One line of a transcript: the call, and what came of it.
pub fn push_line(text: &mut String, call: &str, answer: &str) {
    let _ = writeln!(text, "{call:<ANSWER_COLUMN$} = {answer}");
}

/// The call and the answer of a line that [`push_line`] made.
pub fn split_line(line: &str) -> (&str, &str) {
    const SIGN: &str = " = ";
    let column = line.char_indices().nth(ANSWER_COLUMN).map_or(line.len(), |(at, _)| at);
    let signs = || line[column..].match_indices(SIGN).map(|(at, _)| column + at);
    // The arguments of a longer call may have the sign in them: a call ends with its bracket.
    let ends_a_call = |at: &usize| line[..*at].trim_end().ends_with(')');
    match signs().find(ends_a_call).or_else(|| signs().next()) {
        Some(at) => (line[..at].trim_end(), &line[at + SIGN.len()..]),
        None => (line, ""),
    }
}

/// One step's outcome as a record shows it.
pub fn answer(plan: &Plan, step: &PlannedStep, outcome: &Outcome) -> String {
    let matched =
        step.expect.as_ref().and_then(|expect| expect.matches(outcome).map(|one| (expect, one)));
    let bare =
        |fact: &Fact| if outcome.says_itself(fact) { None } else { show_fact(&step.action, fact) };
    let Some((expect, one)) = matched else { return outcome.show_facts(plan.system, bare) };
    if expect.any_of.len() > 1 {
        return expect.show(plan.system);
    }
    outcome.show_facts(plan.system, |fact| match loose_claim(&one.claims, fact.field()) {
        Some(claim) => Some(claim.show_bare()),
        None if varies_with_len(&one.claims, fact) => None,
        None => bare(fact),
    })
}

/// Data whose length is claimed as a range is as long as that: different from run to run.
fn varies_with_len(claims: &[Claim], fact: &Fact) -> bool {
    let claimed = |field: Field| claims.iter().any(|claim| claim.field() == Some(field));
    fact.field() == Field::Data
        && loose_claim(claims, Field::Len).is_some()
        && !claimed(Field::Data)
}

fn loose_claim(claims: &[Claim], field: Field) -> Option<&Claim> {
    claims.iter().find(|claim| claim.is_loose() && claim.field() == Some(field))
}

/// How much a queue takes depends on the machine's memory settings: a record does not say.
fn show_fact(action: &Action, fact: &Fact) -> Option<String> {
    match (&*action.op, fact) {
        (Op::FillQueue(_), Fact::Len(_)) => Some("full".to_owned()),
        _ => fact.show(),
    }
}

/// A peer's answers stand behind the steps, and what it received behind what it sent, since how
/// these interleave is not part of a record; nor is how a stream is cut into receives. Runs of
/// equal calls are counted.
fn push_peers(text: &mut String, plan: &Plan, traces: &[Trace]) {
    let Some(trace) = traces.first() else { return };
    for (peer, trace) in plan.peers.iter().zip(&trace.peers) {
        text.push('\n');
        push_peer(text, plan, peer, trace);
    }
}

fn push_peer(text: &mut String, plan: &Plan, peer: &PlannedPeer, trace: &PeerTrace) {
    let connections = trace.calls.iter().map(|call| call.connection + 1).max().unwrap_or(0);
    for connection in 0..connections {
        let calls = || trace.calls.iter().filter(|call| call.connection == connection);
        let sends = calls().filter(|call| !call.receives).cloned();
        let is_stream = peer.spec.kind.socket_type() == Type::Stream;
        let receives = joined(calls().filter(|call| call.receives), is_stream);
        push_calls(text, plan, peer, sends.chain(receives));
    }
    if !trace.finished {
        push_line(text, &format!("{}: the rest of its script", trace.name), "not reached");
    }
}

/// What a stream gave, as one receive.
fn joined<'t>(calls: impl Iterator<Item = &'t PeerCall>, is_stream: bool) -> Vec<PeerCall> {
    let mut joined: Vec<PeerCall> = Vec::new();
    for call in calls {
        let last = joined.last_mut().filter(|_| is_stream);
        let before = last.and_then(|last| last.outcome.facts.first_mut());
        if let (Some(Fact::Data(before)), Some(Fact::Data(more))) =
            (before, call.outcome.facts.first())
        {
            before.extend_from_slice(more);
        } else {
            joined.push(call.clone());
        }
    }
    joined
}

fn push_calls(
    text: &mut String,
    plan: &Plan,
    peer: &PlannedPeer,
    calls: impl Iterator<Item = PeerCall>,
) {
    let mut lines: Vec<(PeerCall, usize)> = Vec::new();
    for call in calls {
        match lines.last_mut() {
            Some((last, times)) if last.call == call.call && last.outcome == call.outcome => {
                *times += 1;
            }
            _ => lines.push((call, 1)),
        }
    }
    for (call, times) in lines {
        let answer = call.outcome.show(plan.system);
        let answer = if times > 1 { format!("{answer}, {times} times") } else { answer };
        push_line(text, &format!("{}.{}", peer.name.text, call.call), &answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_where_it_was_joined() {
        let long = "tx.send_to(to=rx, \"a message that needs more than the column\")";
        let record = "client.set(SO_LINGER={ l_onoff = 1, l_linger = 0 })";
        for (call, answer) in
            [("rx.recv(64)", "\"a = b\""), (long, "ok"), (record, "ok"), ("rx.open(udp4)", "")]
        {
            let mut line = String::new();
            push_line(&mut line, call, answer);
            assert_eq!(split_line(line.trim_end_matches('\n')), (call, answer));
        }
    }
}
