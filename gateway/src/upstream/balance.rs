//! Which copy is called next, and which is left alone for a while. Pure: instants and dice are parameters.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

/// How long a copy is put aside after its first failure; doubled with each further one.
const ASIDE_FIRST: Duration = Duration::from_millis(100);
/// How long at most.
const ASIDE_MOST: Duration = Duration::from_secs(2);

/// How a copy does, as far as its calls tell. Instants are in milliseconds since any fixed one.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    in_flight: AtomicUsize,
    failures: AtomicU32,
    aside_until_ms: AtomicU64,
    /// Set by the health check; a copy nobody has asked yet counts as serving.
    not_serving: AtomicBool,
}

impl Condition {
    /// Puts the copy aside. Calls that fail while it is aside already are of the same failure and add nothing.
    pub(crate) fn failed(&self, now_ms: u64) {
        if now_ms < self.aside_until_ms.load(Ordering::Relaxed) {
            return;
        }
        let earlier = self.failures.fetch_add(1, Ordering::Relaxed).min(8);
        let aside = (ASIDE_FIRST * (1 << earlier)).min(ASIDE_MOST);
        let aside_ms = u64::try_from(aside.as_millis()).unwrap_or(u64::MAX);
        self.aside_until_ms.store(now_ms.saturating_add(aside_ms), Ordering::Relaxed);
    }

    /// The copy answered.
    pub(crate) fn answered(&self) {
        // Writing only on a change keeps the line shared between cores.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.aside_until_ms.store(0, Ordering::Relaxed);
        }
    }

    /// Notes what the copy's health check says; the answer is whether that is news.
    pub(crate) fn set_serving(&self, serving: bool) -> bool {
        self.not_serving.swap(!serving, Ordering::Relaxed) == serving
    }

    /// Counts a call for as long as the guard lives.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// How little there is to say for this copy: the lower, the better.
    fn rank(&self, now_ms: u64) -> Rank {
        Rank {
            aside: now_ms < self.aside_until_ms.load(Ordering::Relaxed),
            not_serving: self.not_serving.load(Ordering::Relaxed),
        }
    }

    /// Whether the copy is called like any other: it says that it serves, and answers.
    pub(crate) fn is_up(&self, now_ms: u64) -> bool {
        !self.rank(now_ms).aside && !self.rank(now_ms).not_serving
    }

    /// Whether the copy is left alone.
    #[cfg(test)]
    pub(crate) fn is_aside(&self, now_ms: u64) -> bool {
        self.rank(now_ms).aside
    }

    fn load(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    aside: bool,
    not_serving: bool,
}

/// A call in flight.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a Condition);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The copies that one call has been sent to, one bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried(u64);

impl Tried {
    pub(crate) const fn add(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    const fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
}

/// Chooses among the copies that do best the less loaded of two; one that has been tried only when all have.
///
/// `dice` gives a random number below its argument.
pub(crate) fn pick<'a>(
    conditions: impl Iterator<Item = &'a Condition>,
    tried: Tried,
    now_ms: u64,
    mut dice: impl FnMut(usize) -> usize,
) -> usize {
    // Looked at once: other calls change how copies do all the while.
    let ranked: Vec<_> = conditions
        .enumerate()
        .map(|(index, condition)| ((tried.has(index), condition.rank(now_ms)), index, condition))
        .collect();
    let Some(best) = ranked.iter().map(|(rank, ..)| *rank).min() else { return 0 };
    let candidates: Vec<_> = ranked.into_iter().filter(|(rank, ..)| *rank == best).collect();
    let mut any = || &candidates[dice(candidates.len())];
    let ((_, one, a), (_, other, b)) = (any(), any());
    if b.load() < a.load() { *other } else { *one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_fails_while_it_is_chosen_is_chosen() {
        let [poor, good] = [Condition::default(), Condition::default()];
        poor.set_serving(false);
        let dice = |below: usize| {
            good.failed(0);
            below - 1
        };
        assert_eq!(pick([&poor, &good].into_iter(), Tried::default(), 0, dice), 1);
    }

    /// Dice that show these numbers in turn.
    fn loaded_dice(throws: &'static [usize]) -> impl FnMut(usize) -> usize {
        let mut throws = throws.iter().copied().cycle();
        move |below| throws.next().unwrap() % below
    }

    fn three() -> [Condition; 3] {
        Default::default()
    }

    #[test]
    fn the_less_loaded_of_two_is_taken() {
        let copies = three();
        let _busy = (copies[0].begin(), copies[1].begin(), copies[1].begin());
        let with = |throws: &'static [usize]| pick(copies.iter(), Tried::default(), 0, loaded_dice(throws));
        assert_eq!(with(&[0, 1]), 0);
        assert_eq!(with(&[1, 2]), 2);
        assert_eq!(with(&[2, 0]), 2);
        assert_eq!(with(&[1, 1]), 1, "two dice may show the same");
    }

    #[test]
    fn a_failed_copy_is_left_alone_for_twice_as_long_each_time_and_two_seconds_at_most() {
        let copy = Condition::default();
        let mut now = 0;
        for aside in [100, 200, 400, 800, 1_600, 2_000, 2_000] {
            copy.failed(now);
            copy.failed(now + 1);
            assert!(copy.rank(now + aside - 1).aside);
            now += aside;
            assert!(!copy.rank(now).aside);
        }
        copy.answered();
        copy.failed(now);
        assert!(!copy.rank(now + 100).aside);
    }

    #[test]
    fn healthy_copies_come_first_and_a_sick_one_is_better_than_none() {
        let copies = three();
        let chosen = |now| pick(copies.iter(), Tried::default(), now, loaded_dice(&[0, 1, 2]));
        copies[0].failed(0);
        assert!(copies[1].set_serving(false));
        assert_eq!(chosen(50), 2);
        copies[2].failed(0);
        assert_eq!(chosen(50), 1, "not serving is better than not answering");
        copies[1].failed(0);
        assert_ne!(chosen(50), 1);
    }

    #[test]
    fn a_tried_copy_is_tried_again_only_when_there_is_no_other() {
        let copies = three();
        let mut tried = Tried::default();
        tried.add(2);
        tried.add(1);
        copies[0].failed(0);
        assert_eq!(pick(copies.iter(), tried, 50, loaded_dice(&[0, 1, 2])), 0);
        tried.add(0);
        assert_ne!(pick(copies.iter(), tried, 50, loaded_dice(&[0, 1, 2])), 0);
    }

    #[test]
    fn a_call_counts_while_it_lasts() {
        let copy = Condition::default();
        let call = copy.begin();
        assert_eq!(copy.load(), 1);
        drop(call);
        assert_eq!(copy.load(), 0);
    }
}
