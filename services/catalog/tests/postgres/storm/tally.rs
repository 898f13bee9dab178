//! What buyers were told.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

/// What one buyer was told, or all of them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How many times seats were asked for.
    pub(super) attempts: usize,
    /// How many calls were made for that, and for all that followed.
    pub(super) calls: usize,
    /// How many calls were told that the store is away, or the seats in use, and when to come back.
    pub(super) away: usize,
    /// How many calls had no answer: the copy was gone.
    pub(super) lost: usize,
    /// What no caller should be told.
    pub(super) wrong: Vec<String>,
    /// The holds that were given, by id, with their seats.
    pub(super) holds: HashMap<String, Vec<u32>>,
    /// The sales that were made, by id, with their holds.
    pub(super) sales: HashMap<String, String>,
    /// The sales that were taken back.
    pub(super) cancelled: HashSet<String>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.calls += other.calls;
        self.away += other.away;
        self.lost += other.lost;
        self.wrong.extend(other.wrong);
        self.holds.extend(other.holds);
        self.sales.extend(other.sales);
        self.cancelled.extend(other.cancelled);
    }

    /// While nothing breaks no call is lost, and at most so many in a thousand are told to come back.
    pub(super) fn assert_answered(&self, away_per_thousand: usize) {
        assert_eq!((self.lost, self.wrong.as_slice()), (0, &[][..]));
        assert!(self.away * 1000 <= self.calls * away_per_thousand, "{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, calls, away, lost, wrong, holds, sales, cancelled } = self;
        let (holds, sales, cancelled) = (holds.len(), sales.len(), cancelled.len());
        write!(
            f,
            "{attempts} attempts in {calls} calls: {holds} holds, {sales} sales, {cancelled} cancelled, "
        )?;
        write!(f, "{away} told to come back, {lost} cut off, {} wrong", wrong.len())
    }
}
