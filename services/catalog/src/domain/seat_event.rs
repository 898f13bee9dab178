use time::OffsetDateTime;

use super::{HoldId, SeatNo};

/// Why a seat changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Somebody holds it now.
    Held,
    /// Its hold ends later now.
    Extended,
    /// Payment for its hold has begun.
    CheckedOut,
    /// Its hold was confirmed.
    Sold,
    /// Somebody noticed that its hold has ended.
    Ended,
    /// Its hold was given back.
    Released,
    /// Its sale was taken back.
    Cancelled,
    /// The house keeps it back.
    Blocked,
    /// The house does not keep it back any more.
    Unblocked,
}

/// How a seat is kept after a change, by what is stored: a hold may have ended meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// By nobody.
    Free,
    /// By a hold.
    Held {
        /// The hold.
        hold: HoldId,
        /// The first instant at which it is no longer kept.
        until: OffsetDateTime,
    },
    /// By the sale of a hold.
    Sold {
        /// The hold that was confirmed.
        hold: HoldId,
    },
    /// By the house.
    Blocked,
}

/// One change of one seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatEvent {
    /// The seat's block.
    pub block: u32,
    /// The block's version that the change made, together with those of the same transaction.
    pub version: u64,
    /// The seat.
    pub seat_no: SeatNo,
    /// The instant that the change was decided by.
    pub at: OffsetDateTime,
    /// Why.
    pub cause: Cause,
    /// How the seat is kept after it.
    pub standing: Standing,
    /// The hold whose end made the change possible.
    pub ended_hold: Option<HoldId>,
}
