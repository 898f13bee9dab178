use uuid::Uuid;

use super::{HeldSeat, Written};

/// A confirmed hold. Instants are Unix time in milliseconds by the store's clock, prices in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sale {
    pub(crate) id: Uuid,
    pub(crate) hold: Uuid,
    pub(crate) concert: u64,
    pub(crate) schedule: u64,
    /// The shop's own name for the order.
    pub(crate) order_ref: String,
    /// By number.
    pub(crate) seats: Vec<HeldSeat>,
    pub(crate) amount: i64,
    /// ISO 4217.
    pub(crate) currency: String,
    pub(crate) sold_at_ms: i64,
    /// Where it was taken back.
    pub(crate) cancelled_at_ms: Option<i64>,
}

/// A sale, and what was written to have it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SaleAnswer {
    pub(crate) sale: Sale,
    /// Absent where nothing was done.
    pub(crate) written: Option<Written>,
}
