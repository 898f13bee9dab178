use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use onsale_seat_view::Seats;
use thiserror::Error;

use super::ScheduleFacts;
use crate::store::{Moved, StoreClock, WholeSeats};

/// A schedule's seats at one snapshot of the store.
#[derive(Debug, Clone)]
pub struct SeatView {
    /// What is said once for all of them.
    pub facts: Arc<ScheduleFacts>,
    /// Their states.
    pub seats: Arc<Seats>,
    /// The store was asked then: what was committed before is in it.
    pub asked_at: Instant,
    /// The store's clock.
    pub clock: StoreClock,
}

/// Changes cannot be told from the events: some are no longer kept, or a version went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the events do not lead from the one version to the other")]
pub struct Gap;

impl SeatView {
    /// How old it is at an instant.
    #[must_use]
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.asked_at)
    }

    /// The same view, true at a later snapshot too, or brought up to it by what has moved.
    ///
    /// # Errors
    /// The events do not lead there.
    pub fn brought_up(
        &self,
        moved: Option<&Moved>,
        asked_at: Instant,
        clock: StoreClock,
    ) -> Result<Self, Gap> {
        let seats = match moved {
            Some(moved) => Arc::new(apply(&self.seats, moved)?),
            None => Arc::clone(&self.seats),
        };
        Ok(Self { facts: Arc::clone(&self.facts), seats, asked_at, clock })
    }
}

impl From<WholeSeats> for SeatView {
    fn from(whole: WholeSeats) -> Self {
        let WholeSeats { facts, seats, clock, asked_at } = whole;
        Self { facts: Arc::new(facts), seats: Arc::new(seats), asked_at, clock }
    }
}

/// Each version of a block has an event at least, so that none is missing when there are as many as versions.
fn apply(seats: &Seats, moved: &Moved) -> Result<Seats, Gap> {
    let mut vector = seats.vector().clone();
    let mut versions: HashMap<u32, Vec<u64>> = HashMap::new();
    for event in &moved.events {
        let block = event.seat_no.checked_sub(1).ok_or(Gap)? / crate::domain::SEATS_PER_BLOCK;
        versions.entry(block).or_default().push(event.version);
    }
    for (block, version) in &moved.blocks {
        let known = vector.blocks.get_mut(*block as usize).ok_or(Gap)?;
        let mut seen = versions.remove(block).unwrap_or_default();
        seen.sort_unstable();
        seen.dedup();
        if !seen.into_iter().eq(*known + 1..=*version) || *version < *known {
            return Err(Gap);
        }
        *known = *version;
    }
    seats.changed(vector, &moved.events).map_err(|_| Gap)
}

#[cfg(test)]
mod tests {
    use onsale_seat_view::{SeatChange, SeatState, SeatVector};

    use super::*;

    fn seats() -> Seats {
        let vector = SeatVector { epoch: 1, revision: 1, blocks: vec![5, 9] };
        Seats::whole(vector, &[0; 600], &[]).unwrap()
    }

    fn event(seat_no: u32, version: u64) -> SeatChange {
        SeatChange { seat_no, version, state: SeatState::Sold }
    }

    fn applied(blocks: &[(u32, u64)], events: &[SeatChange]) -> Result<Vec<u64>, Gap> {
        let moved = Moved { blocks: blocks.to_vec(), events: events.to_vec() };
        apply(&seats(), &moved).map(|seats| seats.vector().blocks.clone())
    }

    #[test]
    fn every_version_between_has_to_be_there() {
        assert_eq!(applied(&[(0, 7)], &[event(1, 6), event(2, 7), event(3, 7)]), Ok(vec![7, 9]));
        assert_eq!(applied(&[(0, 6), (1, 10)], &[event(1, 6), event(600, 10)]), Ok(vec![6, 10]));
        assert_eq!(applied(&[(0, 7)], &[event(1, 7)]), Err(Gap), "the event of version 6 is gone");
        assert_eq!(applied(&[(0, 7)], &[]), Err(Gap));
        assert_eq!(applied(&[(0, 6)], &[event(513, 6)]), Err(Gap), "an event of another block");
        assert_eq!(applied(&[(0, 4)], &[]), Err(Gap), "a version that went back");
        assert_eq!(applied(&[(2, 1)], &[]), Err(Gap), "a block that there was not");
        assert_eq!(applied(&[(1, 10)], &[event(601, 10)]), Err(Gap), "a seat that there was not");
    }
}
