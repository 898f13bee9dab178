use crate::state::SeatState;

/// The seats of one block, and what is asked of them often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    states: Vec<SeatState>,
    /// The version of the block that each seat changed with last, as far as is known.
    changed: Vec<u64>,
    /// How many seats are free whatever the instant.
    free: u32,
    sold: u32,
    blocked: u32,
    /// The ends of its holds, the soonest first.
    ends: Vec<i64>,
}

/// A seat of a block after a write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Write {
    /// Its index in the block.
    pub(crate) place: usize,
    /// The block's version since.
    pub(crate) version: u64,
    pub(crate) state: SeatState,
}

/// What the ends of holds come to at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    /// How many have passed.
    pub(crate) passed: u32,
    /// How many have not.
    pub(crate) to_come: u32,
    /// The latest that has.
    pub(crate) last: Option<i64>,
    /// The soonest that has not.
    pub(crate) next: Option<i64>,
}

impl Block {
    /// A block in which nothing is known to be older than its version.
    pub(crate) fn new(states: Vec<SeatState>, version: u64) -> Self {
        let changed = vec![version; states.len()];
        Self::counted(states, changed)
    }

    /// The same after writes.
    pub(crate) fn with(&self, writes: &[Write]) -> Self {
        let (mut states, mut changed) = (self.states.clone(), self.changed.clone());
        for Write { place, version, state } in writes {
            states[*place] = *state;
            changed[*place] = *version;
        }
        Self::counted(states, changed)
    }

    fn counted(states: Vec<SeatState>, changed: Vec<u64>) -> Self {
        let mut ends: Vec<i64> = states.iter().filter_map(|state| state.until_us()).collect();
        ends.sort_unstable();
        let of = |wanted| length(states.iter().filter(|state| **state == wanted).count());
        let (free, sold, blocked) = (of(SeatState::Free), of(SeatState::Sold), of(SeatState::Blocked));
        Self { states, changed, free, sold, blocked, ends }
    }

    pub(crate) fn states(&self) -> &[SeatState] {
        &self.states
    }

    pub(crate) fn free(&self) -> u32 {
        self.free
    }

    pub(crate) fn sold(&self) -> u32 {
        self.sold
    }

    pub(crate) fn blocked(&self) -> u32 {
        self.blocked
    }

    /// The places of the seats that changed with a later version than this.
    pub(crate) fn changed_after(&self, version: u64) -> impl Iterator<Item = usize> {
        let later = self.changed.iter().enumerate().filter(move |(_, changed)| **changed > version);
        later.map(|(place, _)| place)
    }

    pub(crate) fn ends(&self, now_us: i64) -> Ends {
        let passed = self.ends.partition_point(|end| *end <= now_us);
        let (before, after) = self.ends.split_at(passed);
        Ends {
            passed: length(before.len()),
            to_come: length(after.len()),
            last: before.last().copied(),
            next: after.first().copied(),
        }
    }
}

/// Of what is not longer than a block.
fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
