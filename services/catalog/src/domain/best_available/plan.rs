use std::{collections::HashMap, ops::Range};

use super::SeatNo;

/// A seat as a hall's plan has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSeat<'a> {
    /// The part of the hall.
    pub section: &'a str,
    /// The row's place in the section, smaller nearer to the stage.
    pub row_rank: u16,
    /// The place in the row: neighbours differ by one.
    pub position: u16,
    /// The price tier.
    pub tier: &'a str,
    /// Whether a wheelchair can be placed.
    pub accessible: bool,
}

/// A section of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionIndex(u32);

/// A price tier of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierIndex(u32);

/// A hall, arranged for choosing seats in it. It is made once a layout, and never changes.
#[derive(Debug, Clone)]
pub struct SeatingPlan {
    /// The seats, bench by bench, in each by position.
    pub(super) seats: Vec<Place>,
    /// The benches, those near the stage first.
    pub(super) benches: Vec<Bench>,
    sections: HashMap<String, SectionIndex>,
    tiers: HashMap<String, TierIndex>,
}

/// A seat, where it stands in the plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The seat's number less one: its place among the states.
    pub(super) state: u32,
    pub(super) position: u16,
    pub(super) tier: TierIndex,
}

/// Seats of a row with nothing between them, all accessible or none.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    pub(super) section: SectionIndex,
    pub(super) rank: u16,
    pub(super) accessible: bool,
    /// The first and the last position of its row, added: twice the row's middle.
    pub(super) middle: u32,
    /// Its seats, among the plan's.
    pub(super) seats: Range<usize>,
}

impl SeatingPlan {
    /// Arranges a hall's seats, given by number from 1.
    #[must_use]
    pub fn new<'a>(seats: impl IntoIterator<Item = PlanSeat<'a>>) -> Self {
        let mut plan =
            Self { seats: Vec::new(), benches: Vec::new(), sections: HashMap::new(), tiers: HashMap::new() };
        let mut arranged: Vec<Arranged> =
            (0..).zip(seats).map(|(state, seat)| plan.arranged(state, seat)).collect();
        arranged.sort_unstable_by_key(|seat| (seat.row, seat.place.position, seat.place.state));
        for row in arranged.chunk_by(|one, next| one.row == next.row) {
            plan.add_row(row);
        }
        plan
    }

    /// The section of that name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<SectionIndex> {
        self.sections.get(name).copied()
    }

    /// The price tier of that name.
    #[must_use]
    pub fn tier(&self, name: &str) -> Option<TierIndex> {
        self.tiers.get(name).copied()
    }

    /// The numbers of seats, given by their places in the plan.
    pub(super) fn numbers(&self, seats: Range<usize>) -> impl Iterator<Item = SeatNo> {
        self.seats.get(seats).unwrap_or_default().iter().map(|place| SeatNo(place.state + 1))
    }

    fn arranged(&mut self, state: u32, seat: PlanSeat<'_>) -> Arranged {
        let section = index(&mut self.sections, seat.section, SectionIndex);
        let tier = index(&mut self.tiers, seat.tier, TierIndex);
        Arranged {
            row: (seat.row_rank, section),
            accessible: seat.accessible,
            place: Place { state, position: seat.position, tier },
        }
    }

    fn add_row(&mut self, row: &[Arranged]) {
        let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
        let middle = u32::from(first.place.position) + u32::from(last.place.position);
        let (rank, section) = first.row;
        for bench in row.chunk_by(Arranged::touches) {
            let accessible = bench.first().is_some_and(|seat| seat.accessible);
            let start = self.seats.len();
            self.seats.extend(bench.iter().map(|seat| seat.place));
            let seats = start..self.seats.len();
            self.benches.push(Bench { section, rank, accessible, middle, seats });
        }
    }
}

/// A seat on its way into the plan.
#[derive(Debug, Clone, Copy)]
struct Arranged {
    /// Its rank before its section: rows as near as each other are looked at together.
    row: (u16, SectionIndex),
    accessible: bool,
    place: Place,
}

impl Arranged {
    /// Whether the next seat of the row is this one's neighbour, for the same people.
    fn touches(&self, next: &Self) -> bool {
        self.accessible == next.accessible && next.place.position.checked_sub(self.place.position) == Some(1)
    }
}

/// The index of a name, a new one for a new name.
fn index<I: Copy>(indices: &mut HashMap<String, I>, name: &str, new: fn(u32) -> I) -> I {
    if let Some(index) = indices.get(name) {
        return *index;
    }
    let index = new(u32::try_from(indices.len()).unwrap_or(u32::MAX));
    indices.insert(name.to_owned(), index);
    index
}
