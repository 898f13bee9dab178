//! What the catalog needs of a store: the ports that the use cases read and sell through.
//!
//! An adapter answers each question from one snapshot, by the clock of the store and within a
//! bounded time. It says [`StoreError::Away`] whenever asking again may help.

mod best_available;
mod house_seats;
mod invariants;
pub mod postgres;
mod sales;
mod seat_events;
mod seat_view;
mod upkeep;

pub use best_available::{BestAvailableStore, HoldPicked, SeatsStanding};
pub use house_seats::{HouseSeats, HouseSeatsStore};
pub use invariants::{InvariantStore, Looked};
pub use sales::{HoldSeats, SalesError, SalesStore};
pub use seat_events::{LabelledEvent, SeatEventStore};
pub use seat_view::{KnownSeats, Moved, SeatNews, SeatViewStore, StoreClock, WholeSeats};
pub use upkeep::{Forgettable, UpkeepStore};

use std::error::Error as StdError;

use async_trait::async_trait;
use thiserror::Error;

use crate::domain::{
    Concert, ConcertId, ConcertKey, Schedule, ScheduleId, ScheduleKey, ScheduleQuery, SeatFilter, SeatList,
    SeatsVersion, Section,
};

/// Why the store gave no answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is away, too slow, overloaded, or not migrated yet. Asking again may help.
    #[error("the store is away")]
    Away(#[source] Box<dyn StdError + Send + Sync>),
    /// Another call has what this one needs, and did not give it back in time. Asking again helps.
    #[error("the store is busy")]
    Busy(#[source] Box<dyn StdError + Send + Sync>),
    /// It holds what it must not hold, or the statement is wrong. Asking again does not help.
    #[error("the store's answer makes no sense")]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
}

/// Which seats to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatsQuery {
    /// The concert that the schedule has to be of.
    pub concert: ConcertId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// Which of its seats.
    pub filter: SeatFilter,
    /// Only this part of the hall.
    pub section: Option<Section>,
    /// The version whose seats need not be read again.
    pub known: Option<SeatsVersion>,
}

/// What came of reading seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundSeats {
    /// The seats, or that they are still those of the known version.
    Listed(SeatList),
    /// The concert has no such schedule.
    NoSchedule,
    /// The schedule's hall has no such section.
    NoSection,
}

/// The catalog's store, for reading.
#[async_trait]
pub trait CatalogStore: Send + Sync {
    /// The first `limit` concerts by name, then id, behind `after`.
    async fn concerts(&self, after: Option<ConcertKey>, limit: u32) -> Result<Vec<Concert>, StoreError>;

    /// The concert of that id.
    async fn concert(&self, id: ConcertId) -> Result<Option<Concert>, StoreError>;

    /// The first `limit` bookable schedules by start, then id, behind `after`: sale open, not
    /// begun, seats left, all at the store's present instant. None when there is no such concert.
    async fn bookable_schedules(
        &self,
        query: ScheduleQuery,
        after: Option<ScheduleKey>,
        limit: u32,
    ) -> Result<Option<Vec<Schedule>>, StoreError>;

    /// The seats of a schedule by number, at the store's present instant.
    async fn seats(&self, query: SeatsQuery) -> Result<FoundSeats, StoreError>;
}
