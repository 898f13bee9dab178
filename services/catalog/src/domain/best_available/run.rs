use std::ops::Range;

use super::{
    Party,
    plan::{Bench, Place, SeatingPlan},
};

/// What one row further from the stage costs, in half seats to the side.
const ROW: u32 = 4;

/// Free seats side by side that a party may have, all of one bench.
#[derive(Debug, Clone)]
pub(super) struct Run<'a> {
    pub(super) bench: &'a Bench,
    /// Its seats, among the plan's.
    pub(super) seats: Range<usize>,
    /// Whether the seat before it is free too, for others.
    open_before: bool,
    /// Whether the seat behind it is free too, for others.
    open_behind: bool,
}

/// How badly the seats around a placement fare, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leaves {
    /// Nobody alone, and room for pairs.
    Nothing,
    /// An odd number on both sides, where pairs would leave two seats alone.
    Odd,
    /// A single seat on one side.
    Single,
    /// A single seat on each side.
    Singles,
}

/// How good a placement is; the smallest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merit {
    pub(super) leaves: Leaves,
    /// How far from the stage and from the middle, in half seats.
    pub(super) distance: u32,
}

impl Run<'_> {
    /// How many seats it has.
    pub(super) fn length(&self) -> usize {
        self.seats.len()
    }

    /// How good the seats from `offset` are, which must be within the run.
    pub(super) fn merit(&self, plan: &SeatingPlan, offset: usize, count: usize) -> Option<Merit> {
        let first = self.seats.start + offset;
        let (first, last) = (plan.seats.get(first)?, plan.seats.get(first + count.checked_sub(1)?)?);
        let behind = self.length().checked_sub(offset + count)?;
        let leaves = match (self.open_before, self.open_behind) {
            (false, false) => Leaves::of(offset, behind),
            (true, false) => Leaves::of(0, behind),
            (false, true) => Leaves::of(offset, 0),
            (true, true) => Leaves::Nothing,
        };
        let middle = u32::from(first.position) + u32::from(last.position);
        let distance = ROW * u32::from(self.bench.rank) + middle.abs_diff(self.bench.middle);
        Some(Merit { leaves, distance })
    }

    /// The best seats for so many of a party, of those that fit.
    pub(super) fn best(&self, plan: &SeatingPlan, count: usize) -> Option<Range<usize>> {
        let offsets = 0..=self.length().checked_sub(count)?;
        let best = offsets.filter_map(|offset| Some((self.merit(plan, offset, count)?, offset))).min()?;
        let first = self.seats.start + best.1;
        Some(first..first + count)
    }
}

impl Leaves {
    /// What it leaves to have so many free seats before and behind.
    fn of(before: usize, behind: usize) -> Self {
        match (before, behind) {
            (1, 1) => Self::Singles,
            (1, _) | (_, 1) => Self::Single,
            _ if before % 2 == 1 && behind % 2 == 1 => Self::Odd,
            _ => Self::Nothing,
        }
    }
}

impl Bench {
    /// No placement in this bench, or in one behind it, is nearer than this.
    pub(super) fn nearest(&self) -> u32 {
        ROW * u32::from(self.rank)
    }

    /// Whether a party may be seated here.
    pub(super) fn suits(&self, party: &Party) -> bool {
        self.accessible == party.accessible && party.section.is_none_or(|section| section == self.section)
    }
}

/// The runs of a bench that a party may have, whatever their length.
pub(super) fn runs<'a>(
    plan: &'a SeatingPlan,
    bench: &'a Bench,
    states: &'a [u8],
    party: &'a Party,
) -> impl Iterator<Item = Run<'a>> {
    let places = plan.seats.get(bench.seats.clone()).unwrap_or_default();
    let standing = move |place: &Place| match states.get(place.state as usize) {
        Some(0) if party.tier.is_none_or(|tier| tier == place.tier) => Standing::Ours,
        Some(0) => Standing::Open,
        Some(_) | None => Standing::Taken,
    };
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + places.get(next..)?.iter().position(|place| standing(place) == Standing::Ours)?;
        let length =
            places.get(start..)?.iter().take_while(|place| standing(place) == Standing::Ours).count();
        next = start + length;
        let open = |at: Option<usize>| {
            at.and_then(|at| places.get(at)).is_some_and(|place| standing(place) == Standing::Open)
        };
        let first = bench.seats.start + start;
        Some(Run {
            bench,
            seats: first..first + length,
            open_before: open(start.checked_sub(1)),
            open_behind: open(Some(next)),
        })
    })
}

/// How a seat stands for a party.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The party may have it.
    Ours,
    /// It is free, for others.
    Open,
    Taken,
}
