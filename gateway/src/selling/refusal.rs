/// Why the catalog refuses something about a hold or a sale. It has changed nothing then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// These seats are not free.
    #[error("seats are taken")]
    SeatsTaken {
        /// By number.
        seats: Vec<u32>,
    },
    /// There are not so many seats left of what was asked for.
    #[error("not enough seats")]
    NotEnoughSeats,
    /// The buyer would have more seats of the schedule than it may.
    #[error("the limit is reached")]
    LimitReached {
        /// How many a buyer may have.
        limit: Option<u32>,
        /// How many it has.
        have: Option<u32>,
    },
    /// The sale has not begun.
    #[error("the sale is not open")]
    SaleNotOpen {
        /// When it begins, Unix time in milliseconds.
        opens_at_ms: Option<i64>,
    },
    /// The sale has ended.
    #[error("the sale is over")]
    SaleOver,
    /// The hold has ended, or was released.
    #[error("the hold has ended")]
    HoldEnded,
    /// The end does not move any more.
    #[error("payment has begun")]
    PaymentBegun,
    /// The hold is sold, and can be cancelled only.
    #[error("the hold is sold")]
    HoldSold,
    /// The hold is sold under another order.
    #[error("sold under another order")]
    AnotherOrder,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
}
