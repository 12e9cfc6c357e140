//! What a peer sends when: the next piece, its due time, and what happens when all is sent.
//!
//! Pure: it knows no clock and no socket. Times are given, as the time since the connection was
//! made; whatever is drawn is drawn from the peer's seed, in the order of the pieces, so that the
//! same seed gives the same pieces however slow the machine is.
//!
//! Due times are absolute: a send that is a little late does not move those after it. One that is
//! late by more than half the gap does, for a gap is never halved.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::random::Random;
use super::reads::{SLICES, time_of};
use super::spec::{Draw, Mark, Role, Spec, Then, When};
use crate::kind::Type;

/// What there is to do about sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the [`piece`](Schedule::piece).
    Send,
    /// Nothing before this time.
    At(Duration),
    /// Nothing before something arrives.
    Wait,
    /// All is sent: end so. Told once.
    End(Then),
    /// Nothing ever.
    Done,
}

/// Echoes waiting to be sent beyond this keep the peer from reading on.
const MOST_ECHOED: usize = 256 << 10;

/// Where the bytes of a piece are.
#[derive(Clone, Debug)]
enum Source {
    /// In this part of the script.
    Part(usize),
    /// They arrived and go back.
    Echo(Arc<Vec<u8>>),
}

/// What one send takes.
#[derive(Clone, Debug)]
struct Piece<A> {
    source: Source,
    start: usize,
    len: usize,
    due: Duration,
    to: Option<A>,
}

/// Why there is no next piece.
enum Left {
    /// Something has to arrive first.
    Waiting,
    /// There is none.
    Nothing,
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Something is left to send.
    NotYet,
    /// At this time.
    Due(Then, Duration),
    /// Nothing more is sent, and the connection stays; only a cut may still end it.
    Quiet,
    /// It has ended.
    Over,
    /// It stopped at an error.
    Failed,
}

/// One connection's sending. `A` is the address of a datagram's sender, to whom an echo goes.
#[derive(Clone, Debug)]
pub struct Schedule<A = ()> {
    spec: Arc<Spec>,
    sizes: Random,
    times: Random,
    chances: Random,
    /// The part that the next piece is of, and where in it the piece begins.
    part: usize,
    offset: usize,
    echoes: VecDeque<(Arc<Vec<u8>>, Duration, Option<A>)>,
    echoed: usize,
    pieces: VecDeque<Piece<A>>,
    held: Option<Piece<A>>,
    /// How many bytes of the first piece are sent.
    taken: usize,
    /// When the last piece would have been due but for faults; `None` before the first.
    ideal: Option<Duration>,
    /// When it was due, how late it was sent, and when the line is free again.
    due: Duration,
    late: Duration,
    free: Duration,
    planned: u64,
    sent: u64,
    received: u64,
    received_at: Duration,
    eof_at: Option<Duration>,
    /// How many datagrams were made, and the lengths of those dropped and not yet told of.
    number: u64,
    dropped: VecDeque<usize>,
    waiting: bool,
    is_cut: bool,
    ending: Ending,
}

impl<A: Clone> Schedule<A> {
    /// The schedule of a connection: of a listening peer the one of this number, from 0.
    pub fn new(spec: Arc<Spec>, connection: u64) -> Schedule<A> {
        let random = |stream| Random::new(spec.seed, connection * 3 + stream);
        Schedule {
            sizes: random(0),
            times: random(1),
            chances: random(2),
            spec,
            part: 0,
            offset: 0,
            echoes: VecDeque::new(),
            echoed: 0,
            // One at a time, but where a fault doubles or delays it.
            pieces: VecDeque::with_capacity(1),
            held: None,
            taken: 0,
            ideal: None,
            due: Duration::ZERO,
            late: Duration::ZERO,
            free: Duration::ZERO,
            planned: 0,
            sent: 0,
            received: 0,
            received_at: Duration::ZERO,
            eof_at: None,
            number: 0,
            dropped: VecDeque::new(),
            waiting: false,
            is_cut: false,
            ending: Ending::NotYet,
        }
    }

    /// What to do at `now`.
    pub fn step(&mut self, now: Duration) -> Step {
        let step = self.next_step(now);
        self.waiting = step == Step::Wait;
        step
    }

    fn next_step(&mut self, now: Duration) -> Step {
        if matches!(self.ending, Ending::NotYet | Ending::Quiet) && !self.is_cut {
            if let Some(then) = self.cut() {
                self.is_cut = true;
                self.end(then, now);
            } else if self.ending == Ending::NotYet && self.pieces.is_empty() {
                match self.plan() {
                    Ok(()) => {}
                    Err(Left::Waiting) => return Step::Wait,
                    Err(Left::Nothing) => self.end(self.spec.then, now),
                }
            }
        }
        match (self.ending, self.pieces.front()) {
            (Ending::NotYet, Some(piece)) if piece.due <= now => Step::Send,
            (Ending::NotYet, Some(piece)) => Step::At(piece.due),
            (Ending::NotYet, None) => Step::Wait,
            (Ending::Due(_, due), _) if now < due => Step::At(due),
            (Ending::Due(then, _), _) => {
                let stays = matches!(then, Then::Keep | Then::Shutdown);
                self.ending = if stays { Ending::Quiet } else { Ending::Over };
                if then == Then::Keep { Step::Done } else { Step::End(then) }
            }
            (Ending::Quiet | Ending::Over | Ending::Failed, _) => Step::Done,
        }
    }

    /// The bytes to send, what is left of them, and to whom, where not to whom everything goes.
    pub fn piece(&self) -> Option<(&[u8], Option<&A>)> {
        let piece = self.pieces.front()?;
        let whole = match &piece.source {
            Source::Part(index) => &self.spec.script.get(*index)?.bytes,
            Source::Echo(bytes) => &**bytes,
        };
        let bytes = whole.get(piece.start + self.taken..piece.start + piece.len)?;
        Some((bytes, piece.to.as_ref()))
    }

    /// So many bytes of the piece were taken at `now`. The length of the piece, once it is whole.
    pub fn sent(&mut self, now: Duration, len: usize) -> Option<usize> {
        self.sent += len as u64;
        self.taken += len;
        let piece = self.pieces.front()?;
        if self.taken < piece.len {
            return None;
        }
        self.taken = 0;
        self.late = now.saturating_sub(piece.due);
        if let Some(rate) = self.spec.faults.bandwidth {
            // From the send itself: a line that was late does not catch up.
            self.free = now + time_of(piece.len as u64, rate);
        }
        if let Source::Echo(_) = piece.source {
            self.echoed = self.echoed.saturating_sub(piece.len);
        }
        self.pieces.pop_front().map(|piece| piece.len)
    }

    /// The length of the whole piece.
    pub fn piece_len(&self) -> Option<usize> {
        self.pieces.front().map(|piece| piece.len)
    }

    /// When the piece is or was due.
    pub fn due(&self) -> Option<Duration> {
        self.pieces.front().map(|piece| piece.due)
    }

    /// These bytes arrived at `now`; of a datagram from this sender.
    pub fn received(&mut self, now: Duration, bytes: &[u8], from: Option<A>) {
        self.received += bytes.len() as u64;
        self.received_at = now;
        if self.is_echoing() {
            self.echoed += bytes.len();
            self.echoes.push_back((Arc::new(bytes.to_vec()), now, from));
        }
    }

    /// Whether what arrives will be sent back.
    pub fn is_echoing(&self) -> bool {
        self.spec.echo.is_some() && self.ending == Ending::NotYet
    }

    /// The other side ended its stream at `now`.
    pub fn eof(&mut self, now: Duration) {
        self.eof_at.get_or_insert(now);
    }

    /// The connection is of no more use: nothing will be sent.
    pub fn fail(&mut self) {
        self.ending = Ending::Failed;
    }

    /// The length of a datagram that was dropped and not told of before.
    pub fn take_dropped(&mut self) -> Option<usize> {
        self.dropped.pop_front()
    }

    /// Whether so much waits to be echoed that nothing more should be read.
    pub fn is_full(&self) -> bool {
        self.echoed >= MOST_ECHOED
    }

    /// Whether it came to its end, and not by an error. An echo that is followed by nothing is at
    /// its end whenever there is nothing to echo.
    pub fn is_over(&self) -> bool {
        let echoes = self.waiting && self.part >= self.spec.script.len();
        matches!(self.ending, Ending::Quiet | Ending::Over)
            || (echoes && self.spec.then == Then::Keep)
    }

    /// Whether it has nothing to do unless something arrives.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Whether nothing will be sent any more: it is over, or failed, or waits for what cannot come.
    pub fn is_done(&self) -> bool {
        match self.ending {
            Ending::Quiet | Ending::Over | Ending::Failed => true,
            Ending::NotYet => self.waiting && self.eof_at.is_some(),
            Ending::Due(..) => false,
        }
    }

    /// How many bytes have arrived.
    pub fn bytes_received(&self) -> u64 {
        self.received
    }

    fn end(&mut self, then: Then, now: Duration) {
        self.ending = Ending::Due(then, now + self.spec.faults.slow_close);
    }

    /// How the script is cut short, where a mark is reached.
    fn cut(&self) -> Option<Then> {
        let reached = |mark: Mark| match mark {
            Mark::Sent(bytes) => self.sent >= bytes,
            Mark::Received(bytes) => self.received >= bytes,
        };
        self.spec.faults.cuts.iter().find(|cut| reached(cut.mark)).map(|cut| cut.then)
    }

    /// How many bytes may still be planned before a cut.
    fn allowance(&self) -> usize {
        let marks = self.spec.faults.cuts.iter().filter_map(|cut| match cut.mark {
            Mark::Sent(bytes) => Some(bytes.saturating_sub(self.planned)),
            Mark::Received(_) => None,
        });
        marks.min().map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX))
    }

    fn is_message(&self) -> bool {
        self.spec.kind.socket_type() != Type::Stream
    }

    /// Puts the next piece, or more than one where a fault doubles or delays it, into the queue.
    fn plan(&mut self) -> Result<(), Left> {
        let spec = Arc::clone(&self.spec);
        loop {
            let piece = match self.next_piece() {
                Ok(piece) => piece,
                Err(left) => {
                    let held = self.held.take().ok_or(left)?;
                    self.pieces.push_back(held);
                    return Ok(());
                }
            };
            if !self.is_message() {
                self.pieces.push_back(piece);
                return Ok(());
            }
            self.number += 1;
            let faults = &spec.faults;
            let drop = faults.drop.takes(self.number, &mut self.chances);
            let duplicate = faults.duplicate.takes(self.number, &mut self.chances);
            let reorder = faults.reorder.takes(self.number, &mut self.chances);
            if drop {
                self.dropped.push_back(piece.len);
                continue;
            }
            if reorder && self.held.is_none() {
                self.held = Some(piece);
                continue;
            }
            let twin = duplicate.then(|| piece.clone());
            self.pieces.push_back(piece);
            self.pieces.extend(twin);
            self.pieces.extend(self.held.take());
            return Ok(());
        }
    }

    /// The next piece of the script, or of what is echoed after it.
    fn next_piece(&mut self) -> Result<Piece<A>, Left> {
        let spec = Arc::clone(&self.spec);
        while let Some(part) = spec.script.get(self.part) {
            let first = self.offset == 0;
            let begin =
                if first { self.begins(part.when, part.gap)? } else { self.after(part.gap) };
            let rest = part.bytes.len() - self.offset;
            if rest == 0 && !self.is_message() {
                self.ideal = Some(begin);
                self.part += 1;
                continue;
            }
            let (index, start) = (self.part, self.offset);
            let len = self.size(part.chunk, rest);
            self.offset += len;
            if self.offset >= part.bytes.len() {
                self.part += 1;
                self.offset = 0;
            }
            return Ok(self.piece_of(Source::Part(index), start, len, begin, None));
        }
        let Some(echo) = spec.echo else { return Err(Left::Nothing) };
        let Some((bytes, at, from)) = self.echoes.front().cloned() else {
            return Err(if self.eof_at.is_some() { Left::Nothing } else { Left::Waiting });
        };
        let begin = if self.ideal.is_some() { self.after(echo.gap).max(at) } else { at };
        let start = self.offset;
        let len = self.size(echo.chunk, bytes.len() - start);
        self.offset += len;
        if self.offset >= bytes.len() {
            self.echoes.pop_front();
            self.offset = 0;
        }
        Ok(self.piece_of(Source::Echo(bytes), start, len, begin, from))
    }

    /// When a part begins, where what it waits for has come.
    fn begins(&mut self, when: When, gap: Draw<Duration>) -> Result<Duration, Left> {
        let last = self.ideal.unwrap_or_default();
        match when {
            When::Next if self.ideal.is_none() => Ok(Duration::ZERO),
            When::Next => Ok(self.after(gap)),
            When::At(time) => Ok(time),
            When::Received(bytes) if self.received >= bytes => Ok(last.max(self.received_at)),
            When::Received(_) => Err(Left::Waiting),
            When::Eof => self.eof_at.map(|at| last.max(at)).ok_or(Left::Waiting),
        }
    }

    /// One gap after the last piece.
    fn after(&mut self, gap: Draw<Duration>) -> Duration {
        let gap = gap.time(&mut self.times);
        let moved = if self.late > gap / 2 { self.late } else { Duration::ZERO };
        self.late = Duration::ZERO;
        self.ideal.unwrap_or_default() + moved + gap
    }

    /// The size of the next send, of `rest` bytes that are left.
    fn size(&mut self, chunk: Option<Draw<usize>>, rest: usize) -> usize {
        let drawn = chunk.map_or(rest, |chunk| chunk.size(&mut self.sizes).max(1));
        if self.spec.role == Role::Datagram || self.is_message() {
            return drawn.min(rest);
        }
        let slice = self.spec.faults.bandwidth.map_or(u64::MAX, |rate| (rate / SLICES).max(1));
        let slice = usize::try_from(slice).unwrap_or(usize::MAX);
        drawn.min(rest).min(slice).min(self.allowance())
    }

    fn piece_of(
        &mut self,
        source: Source,
        start: usize,
        len: usize,
        begin: Duration,
        to: Option<A>,
    ) -> Piece<A> {
        self.ideal = Some(begin);
        let mut due = begin;
        if let Some((time, jitter)) = self.spec.faults.latency {
            due += self.times.time(time.saturating_sub(jitter), time + jitter);
        }
        due = due.max(self.due).max(self.free);
        self.due = due;
        self.planned += len as u64;
        Piece { source, start, len, due, to }
    }
}

#[cfg(test)]
mod tests;
