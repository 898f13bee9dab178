//! A sale: a confirmed hold.

use time::OffsetDateTime;

use super::{Buyer, ConcertId, HeldSeat, HoldId, Invalid, Problem, ScheduleId, Written};

/// Names a sale: the 128 bits of a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaleId(pub u128);

/// The shop's own name for the order: 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderRef(String);

impl OrderRef {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 255;

    /// An order's name as the contract has it.
    ///
    /// # Errors
    /// Names `order_ref` when it is empty or too long.
    pub fn new(name: String) -> Result<Self, Invalid> {
        match Problem::of_text(&name, Self::MAX_LENGTH) {
            None => Ok(Self(name)),
            Some(problem) => Err(Invalid { field: "order_ref", problem }),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A sale as it stood when the store was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Its id.
    pub id: SaleId,
    /// The hold that was confirmed.
    pub hold: HoldId,
    /// The concert of its schedule.
    pub concert: ConcertId,
    /// The schedule of its seats.
    pub schedule: ScheduleId,
    /// The shop's own name for the order.
    pub order_ref: String,
    /// Its seats, by number.
    pub seats: Vec<HeldSeat>,
    /// ISO 4217.
    pub currency: String,
    /// When it was confirmed.
    pub sold_at: OffsetDateTime,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<OffsetDateTime>,
}

/// A sale that a buyer says is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSale {
    /// Who asks.
    pub buyer: Buyer,
    /// Which sale.
    pub sale: SaleId,
}

/// A sale, and what was written to make it stand so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleAnswer {
    /// The sale.
    pub sale: Sale,
    /// None where nothing was done.
    pub written: Option<Written>,
    /// Whether an idempotency key's kept answer is given again.
    pub replayed: bool,
}
