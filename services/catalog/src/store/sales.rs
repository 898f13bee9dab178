//! The port that seats are sold through.

use async_trait::async_trait;
use thiserror::Error;
use time::Duration;

use super::StoreError;
use crate::domain::{
    Buyer, ConcertId, Hold, HoldAnswer, Keyed, OrderRef, OwnHold, OwnSale, Refusal, SaleAnswer, ScheduleId,
    SeatNo, SeatNumbers, Subject,
};

/// Why an operation on seats was not done.
#[derive(Debug, Error)]
pub enum SalesError {
    /// What it is about does not exist, or is another buyer's.
    #[error("no such {0}")]
    NotFound(Subject),
    /// Some of the named seats are not of the schedule.
    #[error("some seats are not of the schedule")]
    UnknownSeats(Vec<SeatNo>),
    /// The house says no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store did not answer, or not sensibly. Whether it was done is for a repeat to tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which seats to hold, for whom, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldSeats {
    /// Who buys.
    pub buyer: Buyer,
    /// The key that this is asked under.
    pub keyed: Option<Keyed>,
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// The seats: all of them or none.
    pub seats: SeatNumbers,
    /// How long the hold lasts.
    pub hold: Duration,
    /// How long it lasts at most, extended.
    pub cap: Duration,
}

/// The catalog's store, for selling.
///
/// Each operation is one atomic write at one instant of the store's clock, read after everything it depends on is
/// locked. What is asked under a key is done once: the answer is kept for 24 hours and given again.
#[async_trait]
pub trait SalesStore: Send + Sync {
    /// Holds seats.
    async fn hold_seats(&self, request: HoldSeats) -> Result<HoldAnswer, SalesError>;

    /// The kept answer to a hold that was asked for under a key.
    async fn kept_hold(&self, buyer: Buyer, keyed: Keyed) -> Result<HoldAnswer, SalesError>;

    /// A hold as it stands.
    async fn hold(&self, own: OwnHold) -> Result<Hold, SalesError>;

    /// A buyer's live holds, the soonest to end first; at most `limit`.
    async fn holds(&self, buyer: Buyer, limit: u32) -> Result<Vec<Hold>, SalesError>;

    /// Moves a hold's end to so long from now, not past its cap and never back.
    async fn extend(&self, own: OwnHold, extension: Duration) -> Result<HoldAnswer, SalesError>;

    /// Moves a hold's end, once, to so long from now.
    async fn check_out(&self, own: OwnHold, payment: Duration) -> Result<HoldAnswer, SalesError>;

    /// Gives the seats of a hold back.
    async fn release(&self, own: OwnHold) -> Result<HoldAnswer, SalesError>;

    /// Sells the seats of a hold.
    async fn confirm(&self, own: OwnHold, order: OrderRef) -> Result<SaleAnswer, SalesError>;

    /// A sale as it stands.
    async fn sale(&self, own: OwnSale) -> Result<SaleAnswer, SalesError>;

    /// Takes a sale back.
    async fn cancel(&self, own: OwnSale) -> Result<SaleAnswer, SalesError>;
}
