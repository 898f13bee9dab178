use std::ops::Range;

use super::{
    Party,
    plan::SeatingPlan,
    run::{Leaves, Merit, runs},
};

/// Placements that are so much further from the stage or the middle than the best are as good, in
/// half seats: three rows, or six seats to the side. In an empty hall that is a dozen pairs that do
/// not overlap.
const AS_GOOD: u32 = 12;

/// A placement of a whole party: where it begins among the plan's seats.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    merit: Merit,
    first: usize,
}

/// The placements as good as the best so far.
struct Candidates {
    found: Vec<Candidate>,
    best: Option<Merit>,
}

/// Where a party sits side by side, among the plan's seats; none where no run is long enough.
pub(super) fn place(plan: &SeatingPlan, states: &[u8], party: &Party, dice: u64) -> Option<Range<usize>> {
    let mut candidates = Candidates { found: Vec::new(), best: None };
    for bench in &plan.benches {
        if candidates.none_better_from(bench.nearest()) {
            break;
        }
        if !bench.suits(party) || bench.seats.len() < party.count {
            continue;
        }
        for run in runs(plan, bench, states, party).filter(|run| run.length() >= party.count) {
            for offset in 0..=run.length() - party.count {
                if let Some(merit) = run.merit(plan, offset, party.count) {
                    candidates.add(Candidate { merit, first: run.seats.start + offset });
                }
            }
        }
    }
    let first = candidates.draw(dice)?;
    Some(first..first + party.count)
}

impl Candidates {
    fn add(&mut self, candidate: Candidate) {
        if self.best.is_some_and(|best| !as_good(candidate.merit, best)) {
            return;
        }
        self.best = Some(self.best.map_or(candidate.merit, |best| best.min(candidate.merit)));
        self.found.push(candidate);
    }

    /// Whether nothing at that distance or further can count any more.
    fn none_better_from(&self, distance: u32) -> bool {
        self.best.is_some_and(|best| {
            best.leaves == Leaves::Nothing && distance > best.distance.saturating_add(AS_GOOD)
        })
    }

    fn draw(mut self, dice: u64) -> Option<usize> {
        let best = self.best?;
        self.found.retain(|candidate| as_good(candidate.merit, best));
        let drawn = dice % u64::try_from(self.found.len()).ok()?.max(1);
        self.found.get(usize::try_from(drawn).ok()?).map(|candidate| candidate.first)
    }
}

/// Whether a placement is better than the best so far, or as good: no seat more is left alone, and
/// not much further away.
fn as_good(merit: Merit, best: Merit) -> bool {
    merit.leaves < best.leaves
        || (merit.leaves == best.leaves && merit.distance <= best.distance.saturating_add(AS_GOOD))
}
