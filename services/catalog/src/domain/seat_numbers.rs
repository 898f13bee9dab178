use std::collections::BTreeSet;

use super::{Invalid, Problem, SeatNo};

/// Seats that somebody names: some, each once, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatNumbers(BTreeSet<SeatNo>);

impl SeatNumbers {
    /// At most so many to hold at once.
    pub const MAX_HELD: usize = 100;

    /// Between one and `max` seats.
    ///
    /// # Errors
    /// Names `field` when there are none or too many of them, one twice, or one that no hall has.
    pub fn new(seat_nos: &[u32], max: usize, field: &'static str) -> Result<Self, Invalid> {
        let invalid = |problem| Invalid { field, problem };
        if seat_nos.is_empty() || seat_nos.len() > max {
            return Err(invalid(Problem::Count { max }));
        }
        if seat_nos.iter().any(|no| i32::try_from(*no).map_or(true, |no| no < 1)) {
            return Err(invalid(Problem::SeatNo));
        }
        let seats: BTreeSet<_> = seat_nos.iter().copied().map(SeatNo).collect();
        if seats.len() < seat_nos.len() {
            return Err(invalid(Problem::Repeated));
        }
        Ok(Self(seats))
    }

    /// The seats, by number.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SeatNo> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_some_each_once_and_come_by_number() {
        let problem = |seats: &[u32]| SeatNumbers::new(seats, 3, "f").err().map(|invalid| invalid.problem);
        assert_eq!(problem(&[]), Some(Problem::Count { max: 3 }));
        assert_eq!(problem(&[1, 2, 3, 4]), Some(Problem::Count { max: 3 }));
        assert_eq!(problem(&[2, 2]), Some(Problem::Repeated));
        assert_eq!(problem(&[0]), Some(Problem::SeatNo));
        assert_eq!(problem(&[1 << 31]), Some(Problem::SeatNo));
        let seats = SeatNumbers::new(&[3, 1, 2], 3, "f").expect("right");
        assert_eq!(seats.iter().collect::<Vec<_>>(), [SeatNo(1), SeatNo(2), SeatNo(3)]);
    }
}
