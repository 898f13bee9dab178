use std::{collections::BTreeMap, time::Duration};

use onsale_stack::invariants::Seen;

/// How many unexpected things are told in full.
const TOLD: usize = 10;

/// What a visitor asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    Join,
    Status,
    Schedules,
    Seats,
    Hold,
    CheckOut,
    Confirm,
    Sale,
    Cancel,
    Leave,
}

/// How far visitors came. Each is counted in every step that it reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Came,
    Waited,
    Admitted,
    Held,
    Bought,
    TookBack,
    WentAway,
    FoundNothing,
    LostTheSlot,
    GaveUp,
}

/// What became of everybody.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) steps: BTreeMap<Step, usize>,
    /// How long each call took.
    pub(super) calls: BTreeMap<Call, Vec<Duration>>,
    /// From coming to being in.
    pub(super) waits: Vec<Duration>,
    /// Answers that said to come back.
    pub(super) come_back: usize,
    /// Holds that came too late for a seat, and chose another.
    pub(super) too_late: usize,
    /// The ages that seats were told with, in milliseconds.
    pub(super) ages_ms: Vec<u64>,
    /// What visitors saw of each invariant: how often they looked, and what was not so.
    pub(super) seen: BTreeMap<&'static str, Seen>,
    /// What should not have come, and how often.
    pub(super) unexpected: usize,
    pub(super) unexpected_told: Vec<String>,
}

impl Tally {
    pub(super) fn reached(&mut self, step: Step) {
        *self.steps.entry(step).or_default() += 1;
    }

    pub(super) fn count(&self, step: Step) -> usize {
        self.steps.get(&step).copied().unwrap_or_default()
    }

    pub(super) fn took(&mut self, call: Call, time: Duration) {
        self.calls.entry(call).or_default().push(time);
    }

    pub(super) const fn told_to_come_back(&mut self) {
        self.come_back += 1;
    }

    pub(super) fn unexpected(&mut self, what: String) {
        self.unexpected += 1;
        if self.unexpected_told.len() < TOLD {
            self.unexpected_told.push(what);
        }
    }

    /// Somebody looked whether an invariant holds.
    pub(super) fn require(
        &mut self,
        invariant: &'static str,
        holds: bool,
        otherwise: impl FnOnce() -> String,
    ) {
        self.seen.entry(invariant).or_default().require(holds, otherwise);
    }
}

/// The value below which so many of a hundred are; zero where there is none.
pub(super) fn percentile<T: Copy + Ord + Default>(values: &[T], percent: usize) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!([50, 99, 100].map(|percent| percentile(&values, percent)), [50, 99, 100]);
        assert_eq!(percentile(&[7_u64], 50), 7);
        assert_eq!(percentile::<u64>(&[], 50), 0);
    }
}
