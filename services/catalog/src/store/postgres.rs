//! The store on Postgres: every use of sqlx is in here, one table a file.
//!
//! Each question is one statement in one transaction of its own, READ COMMITTED, so its answer is
//! one snapshot. The instant is the server's `clock_timestamp()`, read once in the statement;
//! nothing here looks at a clock of this machine to decide what is bookable or free.
//!
//! Nothing waits without a bound: a statement and the wait for its connection share one, and a
//! connection that did not answer in time is not used again.

mod answer;
mod best_available;
mod check;
mod concert;
mod connect;
mod demo;
mod failure;
mod hold;
mod house;
mod house_seats;
mod prepare;
mod renewal;
mod sale;
mod sales;
mod schedule;
mod seat_event;
mod seat_state;
mod seat_view;
mod statement;
mod upkeep;
mod watcher;

pub use connect::{ConnectOptions, PLANNER, PostgresStore};
pub use demo::{DemoError, DemoOutcome};
pub use hold::HOLD_SEATS;
pub use house::{ImportError, ImportOutcome};
pub use prepare::PrepareError;
pub use schedule::BOOKABLE_SCHEDULES;
pub use seat_state::SEATS;
pub use seat_view::{SEAT_NEWS, SeatViewReader, WHOLE_SEATS};
pub use watcher::Watcher;

use async_trait::async_trait;

use super::{CatalogStore, FoundSeats, SeatsQuery, StoreError};
use crate::domain::{Concert, ConcertId, ConcertKey, Schedule, ScheduleKey, ScheduleQuery};

#[async_trait]
impl CatalogStore for PostgresStore {
    async fn concerts(&self, after: Option<ConcertKey>, limit: u32) -> Result<Vec<Concert>, StoreError> {
        concert::list(self, after, limit).await
    }

    async fn concert(&self, id: ConcertId) -> Result<Option<Concert>, StoreError> {
        concert::get(self, id).await
    }

    async fn bookable_schedules(
        &self,
        query: ScheduleQuery,
        after: Option<ScheduleKey>,
        limit: u32,
    ) -> Result<Option<Vec<Schedule>>, StoreError> {
        schedule::bookable(self, query, after, limit).await
    }

    async fn seats(&self, query: SeatsQuery) -> Result<FoundSeats, StoreError> {
        seat_state::list(self, query).await
    }
}
