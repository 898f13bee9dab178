use std::{collections::BTreeMap, ops::Add, sync::Arc};

use thiserror::Error;

use crate::{
    block::{Block, Write},
    state::{SeatChange, SeatState, Shown},
    vector::SeatVector,
};

/// How many seats share a version: block n has the seats n × 512 + 1 to (n + 1) × 512.
pub const SEATS_PER_BLOCK: usize = 512;

/// The states of all of a schedule's seats at one snapshot of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    vector: SeatVector,
    count: u32,
    blocks: Vec<Arc<Block>>,
}

/// What seats come to at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// How many can be had.
    pub available: u32,
    /// The end of the last hold that has ended and that nothing was written about since, microseconds after 1970;
    /// 0 where there is none. Every held seat that ends at it or before is free, every other one is not.
    pub last_end_us: i64,
    /// When the next hold ends; until then nothing changes without a write.
    pub next_end_us: Option<i64>,
}

/// How many seats stand how at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Free, or held until an instant that has passed.
    pub available: u64,
    /// Kept for a buyer for now.
    pub held: u64,
    /// Of confirmed holds.
    pub sold: u64,
    /// Kept back by the house.
    pub blocked: u64,
}

/// What was told of seats cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// There is no version for each block, or a version for a block that there is not.
    #[error("the versions are not those of the blocks")]
    Versions,
    /// More seats than can be numbered, or none.
    #[error("there are no seats, or too many")]
    Count,
    /// A number that no state has, or a held seat without an end.
    #[error("a state that is none")]
    State,
    /// A seat that the schedule does not have.
    #[error("a seat of another schedule")]
    SeatNo,
    /// More ends than held seats, or changes that are not one for one.
    #[error("lists that do not fit together")]
    Lists,
}

impl Seats {
    /// All seats by number, as they are told together: one number a state, and the ends of the held ones in their
    /// order.
    ///
    /// # Errors
    /// What was told cannot be.
    pub fn whole(vector: SeatVector, codes: &[u8], held_until_us: &[i64]) -> Result<Self, Malformed> {
        let count = u32::try_from(codes.len()).ok().filter(|count| *count > 0).ok_or(Malformed::Count)?;
        if vector.blocks.len() != codes.len().div_ceil(SEATS_PER_BLOCK) {
            return Err(Malformed::Versions);
        }
        let states = Self::states_of_codes(codes, held_until_us)?;
        let blocks = states.chunks(SEATS_PER_BLOCK).zip(&vector.blocks);
        let blocks = blocks.map(|(states, version)| Arc::new(Block::new(states.to_vec(), *version)));
        Ok(Self { blocks: blocks.collect(), vector, count })
    }

    /// The states that these numbers and ends tell.
    ///
    /// # Errors
    /// A number is none, or there are more or fewer ends than held seats.
    pub fn states_of_codes(codes: &[u8], held_until_us: &[i64]) -> Result<Vec<SeatState>, Malformed> {
        let mut ends = held_until_us.iter().copied();
        let states: Option<Vec<_>> =
            codes.iter().map(|code| SeatState::from_code(*code, || ends.next())).collect();
        let states = states.ok_or(Malformed::State)?;
        if ends.next().is_some() { Err(Malformed::Lists) } else { Ok(states) }
    }

    /// The seats after changes that bring them up to that vector. Of several changes of a seat the last counts.
    ///
    /// # Errors
    /// The vector is of another line, or a seat is of another schedule.
    pub fn changed(&self, vector: SeatVector, changes: &[SeatChange]) -> Result<Self, Malformed> {
        if !vector.is_of_one_line_with(&self.vector) {
            return Err(Malformed::Versions);
        }
        let mut by_block: BTreeMap<usize, Vec<Write>> = BTreeMap::new();
        for SeatChange { seat_no, version, state } in changes.iter().copied() {
            let (block, place) = self.place(seat_no).ok_or(Malformed::SeatNo)?;
            by_block.entry(block).or_default().push(Write { place, version, state });
        }
        let mut blocks = self.blocks.clone();
        for (block, writes) in by_block {
            blocks[block] = Arc::new(blocks[block].with(&writes));
        }
        Ok(Self { vector, count: self.count, blocks })
    }

    /// What is covered.
    #[must_use]
    pub fn vector(&self) -> &SeatVector {
        &self.vector
    }

    /// How many seats there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How a seat stands; none for a number that there is not.
    #[must_use]
    pub fn state(&self, seat_no: u32) -> Option<SeatState> {
        let (block, place) = self.place(seat_no)?;
        self.blocks.get(block)?.states().get(place).copied()
    }

    /// All states, by number.
    pub fn states(&self) -> impl Iterator<Item = SeatState> {
        self.blocks.iter().flat_map(|block| block.states().iter().copied())
    }

    /// How all seats stand when the store's clock shows `now_us`, by number.
    pub fn shown(&self, now_us: i64) -> impl Iterator<Item = Shown> {
        self.states().map(move |state| Shown::of(state, now_us))
    }

    /// The numbers of the seats that changed since, and maybe of some that did not; none where that cannot be told,
    /// because what is known is of another epoch, revision or hall.
    #[must_use]
    pub fn changed_since(&self, known: &SeatVector) -> Option<Vec<u32>> {
        if !self.vector.is_of_one_line_with(known) {
            return None;
        }
        let versions = self.vector.blocks.iter().zip(&known.blocks);
        let moved = versions.enumerate().filter(|(_, (own, known))| own > known);
        let seats = moved.flat_map(|(block, (_, known))| {
            self.blocks[block].changed_after(*known).map(move |place| seat_no(block, place))
        });
        Some(seats.collect())
    }

    /// The numbers of the held seats whose holds end after the one instant and not after the other.
    #[must_use]
    pub fn ended_between(&self, after_us: i64, until_us: i64) -> Vec<u32> {
        let ends = |state: &SeatState| state.until_us().is_some_and(|end| end > after_us && end <= until_us);
        let blocks = self.blocks.iter().enumerate().filter(|(_, block)| {
            // Nothing of a block is looked at in which no hold ended meanwhile.
            block.ends(until_us).passed > block.ends(after_us).passed
        });
        let seats = blocks.flat_map(|(number, block)| {
            let ended = block.states().iter().enumerate().filter(move |(_, state)| ends(state));
            ended.map(move |(place, _)| seat_no(number, place))
        });
        seats.collect()
    }

    /// What the seats come to when the store's clock shows `now_us`. Costs by blocks, not by seats.
    #[must_use]
    pub fn figures(&self, now_us: i64) -> Figures {
        let nothing = Figures { available: 0, last_end_us: 0, next_end_us: None };
        self.blocks.iter().fold(nothing, |sum, block| {
            let ends = block.ends(now_us);
            Figures {
                available: sum.available + block.free() + ends.passed,
                last_end_us: sum.last_end_us.max(ends.last.unwrap_or(0)),
                next_end_us: sum.next_end_us.into_iter().chain(ends.next).min(),
            }
        })
    }

    /// How many seats stand how when the store's clock shows `now_us`. Costs by blocks, not by seats.
    #[must_use]
    pub fn tally(&self, now_us: i64) -> Tally {
        self.blocks.iter().fold(Tally::default(), |sum, block| {
            let ends = block.ends(now_us);
            Tally {
                available: sum.available + u64::from(block.free()) + u64::from(ends.passed),
                held: sum.held + u64::from(ends.to_come),
                sold: sum.sold + u64::from(block.sold()),
                blocked: sum.blocked + u64::from(block.blocked()),
            }
        })
    }

    fn place(&self, seat_no: u32) -> Option<(usize, usize)> {
        let index = usize::try_from(seat_no.checked_sub(1)?).ok()?;
        (seat_no <= self.count).then_some((index / SEATS_PER_BLOCK, index % SEATS_PER_BLOCK))
    }
}

fn seat_no(block: usize, place: usize) -> u32 {
    u32::try_from(block * SEATS_PER_BLOCK + place + 1).unwrap_or(u32::MAX)
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            available: self.available + other.available,
            held: self.held + other.held,
            sold: self.sold + other.sold,
            blocked: self.blocked + other.blocked,
        }
    }
}

#[cfg(test)]
mod tests;
