//! Whether what happened to a schedule's seats could rightly happen.
//!
//! It is told from the seat events alone, and knows nothing of how they came about: at most one owner at any time, no
//! sale but of a live hold, no seat taken before its hold's end, no change that is not told of.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Cause, HoldId, SEATS_PER_BLOCK, SeatEvent, SeatNo, Standing};

/// How much of a history there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it: every seat was free before, and every block had version 1.
    Whole,
    /// The older part is gone: what a seat was before its first event is not known.
    Recent,
}

/// What is wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The seat is not of the block.
    ForeignBlock,
    /// A version of the block is missing before it, or it comes twice.
    Gap,
    /// It is earlier than the seat's change before it.
    Backwards,
    /// The cause does not lead to such a standing, or does not follow the seat's standing before.
    Impossible,
    /// Somebody else's seat was taken before its hold's end.
    TakenEarly,
    /// Somebody else's sold or blocked seat was taken.
    Taken,
    /// A hold that had ended, or that did not have the seat, was changed or sold.
    NotLive,
    /// The end of a hold moved back.
    Shortened,
    /// The hold whose end made the change possible is not named, or another one is.
    WrongEndedHold,
    /// A part of a hold's seats was sold, and a part was not.
    SoldInPart,
}

/// A fault, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// The event.
    pub event: SeatEvent,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What a history says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Everything that is wrong.
    pub breaches: Vec<Breach>,
    /// How each seat that ever changed is kept at the end.
    pub standings: BTreeMap<SeatNo, Standing>,
}

/// Reads a schedule's events, sorted by block, version and seat.
pub fn judge(events: impl IntoIterator<Item = SeatEvent>, extent: Extent) -> Verdict {
    let mut judge = Judge { extent, verdict: Verdict::default(), last: BTreeMap::new(), block: None };
    let mut holds = Holds::default();
    for event in events {
        judge.see(event);
        holds.see(event);
    }
    judge.verdict.breaches.extend(holds.sold_in_part());
    judge.verdict
}

struct Judge {
    extent: Extent,
    verdict: Verdict,
    last: BTreeMap<SeatNo, SeatEvent>,
    /// The block that is being read, and its version so far.
    block: Option<(u32, u64)>,
}

impl Judge {
    fn see(&mut self, event: SeatEvent) {
        let before = self.last.insert(event.seat_no, event);
        let standing = match (before, self.extent) {
            (Some(before), _) => Some(before.standing),
            (None, Extent::Whole) => Some(Standing::Free),
            (None, Extent::Recent) => None,
        };
        let mut faults = vec![self.gap(event)];
        if event.seat_no.0.saturating_sub(1) / SEATS_PER_BLOCK != event.block {
            faults.push(Some(Fault::ForeignBlock));
        }
        if before.is_some_and(|before| before.at > event.at) {
            faults.push(Some(Fault::Backwards));
        }
        faults.push(standing.and_then(|standing| wrong_step(standing, event)));
        let breaches = faults.into_iter().flatten().map(|fault| Breach { event, fault });
        self.verdict.breaches.extend(breaches);
        self.verdict.standings.insert(event.seat_no, event.standing);
    }

    /// Versions of a block follow each other; the events of one version are of different seats.
    fn gap(&mut self, event: SeatEvent) -> Option<Fault> {
        let before = self.block.replace((event.block, event.version));
        let before = before.filter(|(block, _)| *block == event.block).map(|(_, version)| version);
        let follows = match (before, self.extent) {
            (Some(before), _) => event.version == before || event.version == before + 1,
            (None, Extent::Whole) => event.version == 2,
            (None, Extent::Recent) => true,
        };
        (!follows).then_some(Fault::Gap)
    }
}

/// What is wrong with a change of a seat that stood so before.
fn wrong_step(before: Standing, event: SeatEvent) -> Option<Fault> {
    let fault = match (event.cause, event.standing) {
        (Cause::Held, Standing::Held { hold, until }) => {
            if until <= event.at {
                Some(Fault::Impossible)
            } else {
                wrong_taking(before, Some(hold), event)
            }
        }
        (Cause::Blocked, Standing::Blocked) => wrong_taking(before, None, event),
        (Cause::Extended | Cause::CheckedOut, Standing::Held { hold, until }) => {
            match live_end(before, event, Some(hold)) {
                Some(end) => (until < end).then_some(Fault::Shortened),
                None => Some(Fault::NotLive),
            }
        }
        (Cause::Sold, Standing::Sold { hold }) => unless_live(before, event, Some(hold)),
        (Cause::Released, Standing::Free) => unless_live(before, event, None),
        (Cause::Ended, Standing::Free) => match before {
            Standing::Held { .. } => wrong_taking(before, None, event),
            Standing::Free | Standing::Sold { .. } | Standing::Blocked => Some(Fault::Impossible),
        },
        (Cause::Cancelled, Standing::Free) => {
            (!matches!(before, Standing::Sold { .. })).then_some(Fault::Impossible)
        }
        (Cause::Unblocked, Standing::Free) => (before != Standing::Blocked).then_some(Fault::Impossible),
        _ => Some(Fault::Impossible),
    };
    let takes = matches!(event.cause, Cause::Held | Cause::Blocked | Cause::Ended);
    fault.or_else(|| (!takes && event.ended_hold.is_some()).then_some(Fault::WrongEndedHold))
}

fn unless_live(before: Standing, event: SeatEvent, own: Option<HoldId>) -> Option<Fault> {
    live_end(before, event, own).is_none().then_some(Fault::NotLive)
}

/// When a hold that was live until the event ends: this one, or any.
fn live_end(before: Standing, event: SeatEvent, own: Option<HoldId>) -> Option<OffsetDateTime> {
    let Standing::Held { hold, until } = before else { return None };
    (until > event.at && own.is_none_or(|own| own == hold)).then_some(until)
}

/// What is wrong with taking a seat that stood so before, for a hold or for nobody.
fn wrong_taking(before: Standing, taker: Option<HoldId>, event: SeatEvent) -> Option<Fault> {
    match before {
        Standing::Free => event.ended_hold.map(|_| Fault::WrongEndedHold),
        Standing::Held { until, .. } if until > event.at => Some(Fault::TakenEarly),
        Standing::Held { hold, .. } if taker == Some(hold) => Some(Fault::Impossible),
        Standing::Held { hold, .. } => (event.ended_hold != Some(hold)).then_some(Fault::WrongEndedHold),
        Standing::Sold { .. } | Standing::Blocked => Some(Fault::Taken),
    }
}

/// Which holds had and sold how many seats.
#[derive(Default)]
struct Holds(BTreeMap<u128, (usize, usize, Option<SeatEvent>)>);

impl Holds {
    fn see(&mut self, event: SeatEvent) {
        match event.standing {
            Standing::Held { hold, .. } if event.cause == Cause::Held => {
                self.0.entry(hold.0).or_default().0 += 1;
            }
            Standing::Sold { hold } => {
                let seen = self.0.entry(hold.0).or_default();
                seen.1 += 1;
                seen.2 = Some(event);
            }
            Standing::Free | Standing::Held { .. } | Standing::Blocked => {}
        }
    }

    /// Where the taking is not in the history any more, more seats are sold than were taken.
    fn sold_in_part(self) -> impl Iterator<Item = Breach> {
        let in_part = self.0.into_values().filter(|(held, sold, _)| sold < held);
        in_part.filter_map(|(.., event)| event.map(|event| Breach { event, fault: Fault::SoldInPart }))
    }
}

#[cfg(test)]
mod tests;
