//! Which seats to offer to somebody who leaves the choice to the house.
//!
//! Seats that go together are in one section and row, without a gap. Of the places where a party
//! fits, these come first:
//!
//! 1. those that leave no single seat alone, now or to parties of two who come later;
//! 2. those in rows near the stage and near the middle of the row, a row counting like two seats
//!    to the side.
//!
//! Where no row takes the party it is split into as few pieces as can be, near each other. One of
//! the places that are about as good as the best is drawn by lot: a crowd that asks at once would
//! otherwise be offered the same seats, and all but one of them be refused.
//!
//! Accessible seats are for those who ask for them: nobody else is offered one, and a seat beside a
//! free accessible one is as alone as beside an aisle.

mod plan;
mod run;
mod split;
mod together;

pub use plan::{PlanSeat, SeatingPlan, SectionIndex, TierIndex};

use super::SeatNo;

/// What somebody asks for who leaves the choice to the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// How many seats.
    pub count: usize,
    /// Only of this tier; none for any.
    pub tier: Option<TierIndex>,
    /// Only in this section; none for any.
    pub section: Option<SectionIndex>,
    /// Accessible seats only; otherwise none of them.
    pub accessible: bool,
}

impl SeatingPlan {
    /// Chooses seats for a party, by number; none where there are not so many. Each seat's entry in
    /// `states`, by number, is 0 where it is free; a seat without an entry is not. `dice` is any
    /// number, thrown anew for each time.
    #[must_use]
    pub fn pick(&self, states: &[u8], party: &Party, dice: u64) -> Option<Vec<SeatNo>> {
        if party.count == 0 {
            return None;
        }
        let mut seats = match together::place(self, states, party, dice) {
            Some(placement) => self.numbers(placement).collect(),
            None => split::pieces(self, states, party, dice)?,
        };
        seats.sort_unstable();
        Some(seats)
    }
}

#[cfg(test)]
mod tests;
