use std::{collections::VecDeque, time::Duration};

use onsale_token::{RoomView, Wait};

use super::{Snapshot, shows::to_f64};

/// How long visitors wait and whether it was foretold, measured without keeping anything of any visitor.
///
/// Numbers are issued and called in their order, and a copy looks at a room a few times a second: so what rose between
/// two looks says when each of those numbers was issued or called, to a look's precision, whichever copy did it. What
/// they were promised is worked out as it was for them: from the view before and their number. A token or a record of
/// each visitor's own would cost memory for every one of a million; this costs some for every look.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    epoch: u64,
    /// When the last look was, by Redis' clock; 0 before the first.
    looked_at_ms: u64,
    last_issued: u64,
    last_called: u64,
    issued: VecDeque<Issued>,
    called: VecDeque<Called>,
    looks: u64,
    /// One look of so many is kept of who was issued a number: a sample.
    stride: u64,
}

/// Looks kept at most, each of what was issued and what was called: some 200 kB a room.
const KEPT: usize = 2_048;

/// Numbers that were issued between two looks.
#[derive(Clone, Copy, Debug)]
struct Issued {
    first: u64,
    last: u64,
    from_ms: u64,
    until_ms: u64,
    /// What the first and the last of them were promised.
    promised: Option<(Wait, Wait)>,
}

/// Numbers that were called by one tick.
#[derive(Clone, Copy, Debug)]
struct Called {
    first: u64,
    last: u64,
    at_ms: u64,
}

/// What came before a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// From the call to the claim.
    pub after_call: Duration,
    /// From joining to the call; `None` where this copy did not see the joining, or keeps no note of it.
    pub in_line: Option<Duration>,
    /// Whether it was as promised, where something was.
    pub kept: Option<Kept>,
}

/// Whether a wait was as promised at joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// It was no longer than half of all waits were to be.
    pub p50: bool,
    /// It was no longer than nine in ten were to be.
    pub p90: bool,
}

impl Waits {
    /// Takes in a look: the room as it was read, what was told of it until then, and serving after this copy's tick.
    pub fn look(&mut self, told: Option<&RoomView>, snapshot: &Snapshot, serving: u64) {
        let head = &snapshot.head;
        if self.looked_at_ms == 0 || self.epoch != head.epoch {
            // What was before is not known: it is not measured.
            let (last_issued, last_called) = (head.seq, serving);
            let (epoch, looked_at_ms, stride) = (head.epoch, snapshot.now_ms, 1);
            *self = Self { epoch, looked_at_ms, last_issued, last_called, stride, ..Self::default() };
            return;
        }
        if snapshot.now_ms < self.looked_at_ms {
            return;
        }
        self.note_issued(told.filter(|view| view.epoch == head.epoch), snapshot);
        // By another copy's tick, the last that there was; then by this copy's own.
        self.note_called(head.serving, head.tick_ms.clamp(self.looked_at_ms, snapshot.now_ms));
        self.note_called(serving, snapshot.now_ms);
        self.looked_at_ms = snapshot.now_ms;
        self.forget(head.gone);
    }

    /// What came before a claim that was made just now; `None` where this copy did not see the call.
    #[must_use]
    pub fn before_claim(&self, epoch: u64, number: u64, claimed_at_ms: u64) -> Option<Waited> {
        if epoch != self.epoch {
            return None;
        }
        let called_ms = match self.called_at(number) {
            Some(at_ms) => at_ms.min(claimed_at_ms),
            // Since the last look.
            None if number > self.last_called => claimed_at_ms,
            None => return None,
        };
        let issued = self.issued_with(number);
        let issued_ms = match issued {
            Some(issued) => Some(issued.at_ms(number).min(called_ms)),
            None => (number > self.last_issued).then_some(called_ms),
        };
        let in_line = issued_ms.map(|issued_ms| Duration::from_millis(called_ms - issued_ms));
        let promised = issued.and_then(|issued| issued.promised_to(number));
        let kept = in_line.zip(promised).map(|(in_line, promised)| Kept::of(in_line, promised));
        Some(Waited { after_call: Duration::from_millis(claimed_at_ms - called_ms), in_line, kept })
    }

    fn note_issued(&mut self, told: Option<&RoomView>, snapshot: &Snapshot) {
        let (first, last) = (self.last_issued + 1, snapshot.head.seq);
        if last < first {
            return;
        }
        self.last_issued = last;
        self.looks += 1;
        if !self.looks.is_multiple_of(self.stride) {
            return;
        }
        let (from_ms, until_ms) = (self.looked_at_ms, snapshot.now_ms);
        let issued = |first, last, promised| Issued { first, last, from_ms, until_ms, promised };
        // Who was called before anybody looked was not kept waiting, and most were promised nothing.
        let called = snapshot.head.serving.min(last);
        if called >= first {
            self.issued.push_back(issued(first, called, None));
        }
        let waiting = first.max(called + 1);
        if waiting <= last {
            let now_ms = i64::try_from(until_ms).unwrap_or(i64::MAX);
            let promised = told.and_then(|view| view.wait(waiting, now_ms).zip(view.wait(last, now_ms)));
            self.issued.push_back(issued(waiting, last, promised));
        }
        self.thin_out();
    }

    /// Where too much is kept, half of it goes and half as much is kept from now on: a sample, and not those who came
    /// first or last.
    fn thin_out(&mut self) {
        if self.issued.len() < KEPT {
            return;
        }
        let mut keeps = false;
        self.issued.retain(|_| {
            keeps = !keeps;
            keeps
        });
        self.stride = self.stride.saturating_mul(2);
    }

    fn note_called(&mut self, last: u64, at_ms: u64) {
        if last <= self.last_called {
            return;
        }
        self.called.push_back(Called { first: self.last_called + 1, last, at_ms });
        self.last_called = last;
        if self.called.len() > KEPT {
            self.called.pop_front();
        }
    }

    /// Nobody claims any more what is gone, but for a few who were present.
    fn forget(&mut self, gone: u64) {
        let issued = self.issued.partition_point(|issued| issued.last <= gone);
        self.issued.drain(..issued);
        let called = self.called.partition_point(|called| called.last <= gone);
        self.called.drain(..called);
    }

    fn called_at(&self, number: u64) -> Option<u64> {
        let called = self.called.get(self.called.partition_point(|called| called.last < number))?;
        (called.first <= number).then_some(called.at_ms)
    }

    fn issued_with(&self, number: u64) -> Option<&Issued> {
        let issued = self.issued.get(self.issued.partition_point(|issued| issued.last < number))?;
        (issued.first <= number).then_some(issued)
    }
}

impl Issued {
    /// How far along the number is, from 0 for the first to 1 for the last.
    fn share(&self, number: u64) -> f64 {
        if self.last == self.first {
            0.5
        } else {
            to_f64(number - self.first) / to_f64(self.last - self.first)
        }
    }

    fn at_ms(&self, number: u64) -> u64 {
        between(self.from_ms, self.until_ms, self.share(number))
    }

    /// An estimate grows evenly along the line, but for a first few who find slots free.
    fn promised_to(&self, number: u64) -> Option<Wait> {
        let (first, last) = self.promised?;
        let share = self.share(number);
        Some(Wait {
            p50_ms: between(first.p50_ms, last.p50_ms, share),
            p90_ms: between(first.p90_ms, last.p90_ms, share),
        })
    }
}

impl Kept {
    fn of(in_line: Duration, promised: Wait) -> Self {
        let within = |ms| in_line <= Duration::from_millis(ms);
        Self { p50: within(promised.p50_ms), p90: within(promised.p90_ms) }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is between two times is neither negative nor out of range"
)]
fn between(from: u64, to: u64, share: f64) -> u64 {
    from + (to_f64(to.saturating_sub(from)) * share) as u64
}

#[cfg(test)]
mod tests;
