//! Why the house says no to something that could be done at another time or by another buyer.

use thiserror::Error;
use time::OffsetDateTime;

use super::SeatNo;

/// Why an operation on seats was refused. It changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Some of the seats are not free.
    #[error("some of the seats are taken")]
    SeatsTaken(Vec<SeatNo>),
    /// There are not so many seats left as asked for.
    #[error("there are not enough seats left")]
    NotEnoughSeats,
    /// The buyer would have more seats of the schedule than it may.
    #[error("the buyer has {have} of at most {limit} seats of the schedule")]
    LimitReached {
        /// How many it may have.
        limit: u32,
        /// How many it has, held and sold together.
        have: u32,
    },
    /// The schedule's sale opens later.
    #[error("the sale is not open yet")]
    SaleNotOpen {
        /// When it opens.
        opens_at: OffsetDateTime,
    },
    /// The schedule's sale is over.
    #[error("the sale is over")]
    SaleOver,
    /// The hold has ended, or was released.
    #[error("the hold has ended")]
    HoldEnded,
    /// Payment has begun, and the end does not move any more.
    #[error("payment has begun")]
    PaymentBegun,
    /// The hold is sold.
    #[error("the hold is sold")]
    HoldSold,
    /// The hold is sold under another order.
    #[error("the hold is sold under another order")]
    AnotherOrder,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}
