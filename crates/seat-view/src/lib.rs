//! A schedule's seats as a view has them: the states of all of them at one snapshot of the store,
//! what that snapshot covers, and what changed when.
//!
//! The catalog keeps such a view of each schedule that somebody watches, and so does each gateway;
//! what the two know of seats is the same, so it is here once. Pure: snapshots, changes and
//! instants come in as values.
//!
//! A [`Seats`] is immutable. What changes makes a new one that has all the blocks in common with
//! the old but those that changed, so that it costs what changed and not what the hall has.
//!
//! Snapshots of one store are ordered, and so are their vectors: of two in one epoch, one
//! [covers](SeatVector::covers) the other.
//!
//! A held seat is free from the end of its hold on, without anything being written: what is shown
//! depends on the store's clock, which [`Seats::figures`] and [`Shown::of`] are given.

mod block;
mod seats;
mod state;
mod vector;

pub use seats::{Figures, Malformed, SEATS_PER_BLOCK, Seats, Tally};
pub use state::{SeatChange, SeatState, Shown};
pub use vector::SeatVector;
