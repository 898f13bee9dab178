//! One buyer's wish, ready to be picked for from states that change meanwhile.

use std::sync::Arc;

use super::{Party, SeatNo, SeatNumbers, SeatingPlan};

/// Picks seats for one party in one hall.
#[derive(Debug, Clone)]
pub struct Picker {
    plan: Arc<SeatingPlan>,
    /// None for a party whose wish no seat of the hall can meet.
    party: Option<Party>,
    dice: u64,
    /// Seats that somebody else had in their hands when they were asked for.
    lost: Vec<SeatNo>,
}

impl Picker {
    /// A picker for a party; none for one whose wish no seat of the hall can meet. `dice` is any number, thrown anew
    /// for each picker.
    #[must_use]
    pub fn new(plan: Arc<SeatingPlan>, party: Option<Party>, dice: u64) -> Self {
        Self { plan, party, dice, lost: Vec::new() }
    }

    /// Picks seats, as [`SeatingPlan::pick`]; none of those that were lost.
    pub fn pick(&mut self, mut states: Vec<u8>) -> Option<SeatNumbers> {
        for seat in &self.lost {
            if let Some(state) = seat.0.checked_sub(1).and_then(|index| states.get_mut(index as usize)) {
                *state = u8::MAX;
            }
        }
        self.dice = self.dice.rotate_right(13);
        let seats = self.plan.pick(&states, self.party.as_ref()?, self.dice)?;
        let numbers: Vec<u32> = seats.iter().map(|seat| seat.0).collect();
        SeatNumbers::new(&numbers, SeatNumbers::MAX_HELD, "best_available").ok()
    }

    /// Notes that these seats were taken by others.
    pub fn lose(&mut self, seats: &[SeatNo]) {
        self.lost.extend_from_slice(seats);
    }

    /// Forgets what was lost: the states that come next are of later. Whether anything was.
    pub fn forget_lost(&mut self) -> bool {
        !std::mem::take(&mut self.lost).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PlanSeat;

    #[test]
    fn what_was_lost_is_not_picked_again_until_it_is_forgotten() {
        let seat = |position| PlanSeat { section: "S", row_rank: 1, position, tier: "A", accessible: false };
        let plan = Arc::new(SeatingPlan::new((1..=2).map(seat)));
        let party = Party { count: 1, tier: None, section: None, accessible: false };
        let mut picker = Picker::new(Arc::clone(&plan), Some(party), 7);
        let first = picker.pick(vec![0; 2]).and_then(|seats| seats.iter().next()).expect("a seat");
        picker.lose(&[first, SeatNo(0), SeatNo(9)]);
        let second = picker.pick(vec![0; 2]).and_then(|seats| seats.iter().next()).expect("a seat");
        assert_ne!(first, second);
        picker.lose(&[second]);
        assert_eq!(picker.pick(vec![0; 2]), None);
        assert!(picker.forget_lost() && !picker.forget_lost());
        assert!(picker.pick(vec![0; 2]).is_some());
        assert_eq!(Picker::new(plan, None, 7).pick(vec![0; 2]), None);
    }
}
