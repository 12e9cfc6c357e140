//! What a step claims, and whether an outcome keeps the claim.
//!
//! A claim is what a conforming system does; it decides between pass and fail. It is never
//! derived from a record. Pure: how a claim is written in a file is read in
//! `scenario/expectation.rs`; which of several platforms' claims holds here is chosen in `plan`.

use std::fmt;
use std::time::Duration;

use crate::errno::Errno;
use crate::option::Value;
use crate::outcome::{End, Fact, Field, Outcome, show_end, show_state};
use crate::payload::{self, Payload};
use crate::platform::System;
use crate::tcp_state::TcpState;

/// A range of whole numbers, both ends included; exact where both ends are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The smallest that will do.
    pub least: Option<i64>,
    /// The largest that will do.
    pub most: Option<i64>,
}

impl Range {
    /// Only `number` will do.
    pub fn exactly(number: i64) -> Range {
        Range { least: Some(number), most: Some(number) }
    }

    /// Whether `number` will do.
    pub fn contains(self, number: i64) -> bool {
        self.least.is_none_or(|least| number >= least)
            && self.most.is_none_or(|most| number <= most)
    }

    /// Whether just one number will do.
    pub fn is_exact(self) -> bool {
        self.least.is_some() && self.least == self.most
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (Some(least), Some(most)) if least == most => write!(f, "{least}"),
            (Some(least), Some(most)) => write!(f, "{least} to {most}"),
            (Some(least), None) => write!(f, "at least {least}"),
            (None, Some(most)) => write!(f, "at most {most}"),
            (None, None) => f.write_str("any number"),
        }
    }
}

/// A range of elapsed time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed {
    /// The shortest that will do.
    pub least: Option<Duration>,
    /// The longest that will do.
    pub most: Option<Duration>,
}

impl Elapsed {
    /// Whether `elapsed` will do.
    pub fn contains(self, elapsed: Duration) -> bool {
        self.least.is_none_or(|least| elapsed >= least)
            && self.most.is_none_or(|most| elapsed <= most)
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (Some(least), Some(most)) => write!(f, "after {least:?} to {most:?}"),
            (Some(least), None) => write!(f, "after at least {least:?}"),
            (None, Some(most)) => write!(f, "within {most:?}"),
            (None, None) => f.write_str("after any time"),
        }
    }
}

/// A claim about an option's value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueClaim {
    /// This very value.
    Is(Value),
    /// A number in this range.
    Within(Range),
    /// A record with at least these fields.
    Record(Vec<(String, ValueClaim)>),
}

impl ValueClaim {
    fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (ValueClaim::Is(Value::Bool(claimed)), Value::Int(value)) => {
                i64::from(*claimed) == *value
            }
            (ValueClaim::Is(Value::Int(claimed)), Value::Bool(value)) => {
                *claimed == i64::from(*value)
            }
            (ValueClaim::Is(claimed), value) => claimed == value,
            (ValueClaim::Within(range), Value::Int(value)) => range.contains(*value),
            (ValueClaim::Within(range), Value::Bool(value)) => range.contains(i64::from(*value)),
            (ValueClaim::Within(_), _) => false,
            (ValueClaim::Record(claims), Value::Record(fields)) => claims
                .iter()
                .all(|(name, claim)| field(fields, name).is_some_and(|v| claim.holds(v))),
            (ValueClaim::Record(_), _) => false,
        }
    }
}

fn field<'v>(fields: &'v [(String, Value)], name: &str) -> Option<&'v Value> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

impl fmt::Display for ValueClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueClaim::Is(value) => write!(f, "{value}"),
            ValueClaim::Within(range) => write!(f, "{range}"),
            ValueClaim::Record(fields) => {
                let shown: Vec<String> =
                    fields.iter().map(|(name, claim)| format!("{name} = {claim}")).collect();
                write!(f, "{{ {} }}", shown.join(", "))
            }
        }
    }
}

/// A claim about a set of names: all of it, or some members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamesClaim {
    /// These and no others.
    Exactly(Vec<&'static str>),
    /// These, whatever else; and not those.
    Includes {
        /// Must be there.
        these: Vec<&'static str>,
        /// Must not be there.
        not: Vec<&'static str>,
    },
}

impl NamesClaim {
    fn holds(&self, names: &[&'static str]) -> bool {
        match self {
            NamesClaim::Exactly(claimed) => {
                claimed.len() == names.len() && claimed.iter().all(|name| names.contains(name))
            }
            NamesClaim::Includes { these, not } => {
                these.iter().all(|name| names.contains(name))
                    && !not.iter().any(|name| names.contains(name))
            }
        }
    }
}

impl fmt::Display for NamesClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamesClaim::Exactly(names) if names.is_empty() => f.write_str("none"),
            NamesClaim::Exactly(names) => f.write_str(&names.join("|")),
            NamesClaim::Includes { these, not } => {
                let with = (!these.is_empty()).then(|| format!("with {}", these.join("|")));
                let without = (!not.is_empty()).then(|| format!("without {}", not.join("|")));
                let both: Vec<String> = with.into_iter().chain(without).collect();
                f.write_str(&both.join(", "))
            }
        }
    }
}

/// One claim about one field of an outcome, or about its time.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// About [`Field::Len`].
    Len(Range),
    /// About [`Field::Data`].
    Data(Payload),
    /// About [`Field::From`].
    From(String),
    /// About [`Field::Truncated`].
    Truncated(bool),
    /// About [`Field::Value`].
    Value(ValueClaim),
    /// About [`Field::Address`].
    Address(String),
    /// About [`Field::State`].
    State(Option<TcpState>),
    /// About [`Field::Events`].
    Events(NamesClaim),
    /// About [`Field::Sets`].
    Sets(NamesClaim),
    /// About [`Field::Ready`].
    Ready(Vec<String>),
    /// About [`Field::Flags`].
    Flags(NamesClaim),
    /// About [`Field::Frames`].
    Frames(Vec<Payload>),
    /// About [`Field::Control`].
    Control(Vec<String>),
    /// About the time from the call to its answer.
    Elapsed(Elapsed),
}

impl Claim {
    /// The field it is about; `None` for time, which every outcome has.
    pub fn field(&self) -> Option<Field> {
        match self {
            Claim::Len(_) => Some(Field::Len),
            Claim::Data(_) => Some(Field::Data),
            Claim::From(_) => Some(Field::From),
            Claim::Truncated(_) => Some(Field::Truncated),
            Claim::Value(_) => Some(Field::Value),
            Claim::Address(_) => Some(Field::Address),
            Claim::State(_) => Some(Field::State),
            Claim::Events(_) => Some(Field::Events),
            Claim::Sets(_) => Some(Field::Sets),
            Claim::Ready(_) => Some(Field::Ready),
            Claim::Flags(_) => Some(Field::Flags),
            Claim::Frames(_) => Some(Field::Frames),
            Claim::Control(_) => Some(Field::Control),
            Claim::Elapsed(_) => None,
        }
    }

    /// Whether the outcome keeps it. A fact that is missing breaks every claim about it.
    fn holds(&self, outcome: &Outcome) -> bool {
        match self.field() {
            None => self.holds_of_time(outcome.elapsed),
            Some(field) => outcome.fact(field).is_some_and(|fact| self.holds_of(fact)),
        }
    }

    fn holds_of_time(&self, elapsed: Duration) -> bool {
        match self {
            Claim::Elapsed(range) => range.contains(elapsed),
            _ => false,
        }
    }

    fn holds_of(&self, fact: &Fact) -> bool {
        match (self, fact) {
            (Claim::Len(range), Fact::Len(len)) => {
                i64::try_from(*len).is_ok_and(|len| range.contains(len))
            }
            (Claim::Data(claimed), Fact::Data(data)) => claimed.bytes() == *data,
            (Claim::From(claimed), Fact::From(name)) => claimed == name,
            (Claim::Truncated(claimed), Fact::Truncated(cut)) => claimed == cut,
            (Claim::Value(claimed), Fact::Value(value)) => claimed.holds(value),
            (Claim::Address(claimed), Fact::Address(name)) => claimed == name,
            (Claim::State(claimed), Fact::State(state)) => claimed == state,
            (Claim::Events(claimed), Fact::Events(names))
            | (Claim::Sets(claimed), Fact::Sets(names))
            | (Claim::Flags(claimed), Fact::Flags(names)) => claimed.holds(names),
            (Claim::Frames(claimed), Fact::Frames(frames)) => same_frames(claimed, frames),
            (Claim::Control(claimed), Fact::Control(items))
            | (Claim::Ready(claimed), Fact::Ready(items)) => claimed == items,
            _ => false,
        }
    }

    /// The claim without the field's name, as a record shows it in place of the fact.
    pub fn show_bare(&self) -> String {
        let whole = self.to_string();
        whole.split_once(" = ").map_or(whole.clone(), |(_, bare)| bare.to_owned())
    }

    /// Whether many different facts keep it, so that a record names the claim, not the fact.
    pub fn is_loose(&self) -> bool {
        match self {
            Claim::Len(range) | Claim::Value(ValueClaim::Within(range)) => !range.is_exact(),
            Claim::Value(ValueClaim::Record(_)) | Claim::Elapsed(_) => true,
            Claim::Events(names) | Claim::Sets(names) | Claim::Flags(names) => {
                matches!(names, NamesClaim::Includes { .. })
            }
            Claim::Value(ValueClaim::Is(_))
            | Claim::Data(_)
            | Claim::From(_)
            | Claim::Truncated(_)
            | Claim::Address(_)
            | Claim::State(_)
            | Claim::Frames(_)
            | Claim::Ready(_)
            | Claim::Control(_) => false,
        }
    }
}

fn same_frames(claimed: &[Payload], frames: &[Vec<u8>]) -> bool {
    claimed.len() == frames.len() && claimed.iter().zip(frames).all(|(c, f)| c.bytes() == *f)
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Len(range) => write!(f, "len = {range}"),
            Claim::Data(data) => write!(f, "data = {}", payload::show(&data.bytes())),
            Claim::From(name) => write!(f, "from = {name}"),
            Claim::Truncated(cut) => write!(f, "truncated = {cut}"),
            Claim::Value(value) => write!(f, "value = {value}"),
            Claim::Address(name) => write!(f, "address = {name}"),
            Claim::State(state) => write!(f, "state = {}", show_state(*state)),
            Claim::Events(names) => write!(f, "events = {names}"),
            Claim::Sets(names) => write!(f, "sets = {names}"),
            Claim::Flags(names) => write!(f, "flags = {names}"),
            Claim::Frames(frames) => {
                let shown: Vec<String> = frames.iter().map(|p| payload::show(&p.bytes())).collect();
                write!(f, "frames = [{}]", shown.join(", "))
            }
            Claim::Control(items) => write!(f, "control = [{}]", items.join(", ")),
            Claim::Ready(items) => write!(f, "ready = [{}]", items.join(", ")),
            Claim::Elapsed(range) => write!(f, "{range}"),
        }
    }
}

/// One acceptable outcome: an end, and claims about the facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// How the operation must end.
    pub end: End,
    /// What must hold besides.
    pub claims: Vec<Claim>,
}

impl Alternative {
    /// Success, and nothing more: what a step without `expect` claims.
    pub fn success() -> Alternative {
        Alternative { end: End::Ok, claims: Vec::new() }
    }

    /// Whether the outcome is this one.
    pub fn holds(&self, outcome: &Outcome) -> bool {
        self.end == outcome.end && self.claims.iter().all(|claim| claim.holds(outcome))
    }

    /// Whether only the claims about time are broken.
    fn misses_only_time(&self, outcome: &Outcome) -> bool {
        let untimely = |claim: &&Claim| claim.field().is_none() && !claim.holds(outcome);
        self.end == outcome.end
            && self.claims.iter().any(|claim| untimely(&claim))
            && self.claims.iter().filter(|claim| !untimely(claim)).all(|claim| claim.holds(outcome))
    }

    /// As a report shows it.
    pub fn show(&self, system: System) -> String {
        let end = Some(show_end(self.end, system)).filter(|end| !end.is_empty());
        let words: Vec<String> =
            end.into_iter().chain(self.claims.iter().map(Claim::to_string)).collect();
        if words.is_empty() { "ok".to_owned() } else { words.join(", ") }
    }
}

/// What a step claims on one platform: any of these outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// At least one; each alone would do.
    pub any_of: Vec<Alternative>,
    /// Whether, over all runs of a repeated scenario, each has to be seen at least once.
    pub each: bool,
}

impl Expect {
    /// What a step without `expect` claims: success.
    pub fn success() -> Expect {
        Expect { any_of: vec![Alternative::success()], each: false }
    }

    /// The alternative that the outcome keeps.
    pub fn matches(&self, outcome: &Outcome) -> Option<&Alternative> {
        self.any_of.iter().find(|one| one.holds(outcome))
    }

    /// Whether the outcome is as claimed but for its time: a claim that a busy machine can break.
    pub fn misses_only_time(&self, outcome: &Outcome) -> bool {
        self.matches(outcome).is_none()
            && self.any_of.iter().any(|one| one.misses_only_time(outcome))
    }

    /// The claims that the outcome breaks, of the alternative that comes closest.
    pub fn broken_by<'e>(&'e self, outcome: &Outcome) -> Vec<&'e Claim> {
        let same_end = self.any_of.iter().filter(|one| one.end == outcome.end);
        let broken = same_end.map(|one| one.claims.iter().filter(|c| !c.holds(outcome)).collect());
        broken.min_by_key(Vec::len).unwrap_or_default()
    }

    /// As a report shows it.
    pub fn show(&self, system: System) -> String {
        let shown: Vec<String> = self.any_of.iter().map(|one| one.show(system)).collect();
        shown.join(if self.each { ", and " } else { ", or " })
    }

    /// The errors it accepts.
    pub fn errors(&self) -> impl Iterator<Item = Errno> {
        self.any_of.iter().filter_map(|one| match one.end {
            End::Error(errno) => Some(errno),
            End::Ok | End::Eof | End::Pending | End::Timeout => None,
        })
    }
}
