//! What seat views are kept young from: the versions of blocks, the events above them, the states.

mod layout;
mod news;
mod whole;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::query::QueryAs;
use sqlx::{ConnectOptions as _, FromRow, PgConnection, Postgres, postgres::PgArguments, postgres::PgRow};
use tokio::sync::Mutex;

pub use news::SEAT_NEWS;
pub use whole::WHOLE_SEATS;

use super::{
    connect::{PLANNER, PostgresStore},
    failure::{away, classify},
    statement::Statement,
};
use crate::{
    domain::{Layout, LayoutId, ScheduleId},
    store::{KnownSeats, SeatNews, SeatViewStore, StoreError, WholeSeats},
};

/// Reads for views. News come over a connection of their own: they must not wait behind whatever else the store is
/// asked, and what comes late is of no use.
#[derive(Debug)]
pub struct SeatViewReader {
    store: PostgresStore,
    connection: Mutex<Option<PgConnection>>,
    /// How long asking for news may take.
    bound: Duration,
}

/// News came too late to be of use.
#[derive(Debug, thiserror::Error)]
#[error("no news of seats within {0:?}")]
struct TooLate(Duration);

/// One row, and when it was asked for.
struct Told<O> {
    row: O,
    asked_at: Instant,
}

impl PostgresStore {
    /// A reader for views that gives up on news after `bound`. Not connected yet.
    #[must_use]
    pub fn seat_view_reader(&self, bound: Duration) -> SeatViewReader {
        SeatViewReader { store: self.clone(), connection: Mutex::new(None), bound }
    }
}

impl SeatViewReader {
    /// Asks on the connection of its own.
    async fn ask<O>(
        &self,
        statement: Statement,
        query: QueryAs<'_, Postgres, O, PgArguments>,
    ) -> Result<Told<O>, StoreError>
    where
        O: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let ask = Box::pin(async {
            let mut place = self.connection.lock().await;
            // Taken out, so that a connection that failed or was too slow is not used again.
            let mut connection = match place.take() {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let asked_at = Instant::now();
            let row = query.fetch_one(&mut connection).await?;
            *place = Some(connection);
            Ok(Told { row, asked_at })
        });
        let bounded = async {
            match tokio::time::timeout(self.bound, ask).await {
                Ok(outcome) => outcome.map_err(classify),
                Err(_) => Err(away(TooLate(self.bound))),
            }
        };
        self.store.timed(statement, bounded).await
    }

    async fn connect(&self) -> sqlx::Result<PgConnection> {
        // The server stops working on what nobody waits for any more.
        let bound = [("statement_timeout", format!("{}ms", self.bound.as_millis()))];
        self.store.options.clone().options(bound).options(PLANNER).connect().await
    }
}

#[async_trait]
impl SeatViewStore for SeatViewReader {
    async fn news(&self, known: &[KnownSeats]) -> Result<SeatNews, StoreError> {
        news::read(self, known).await
    }

    async fn whole(&self, schedule: ScheduleId) -> Result<Option<WholeSeats>, StoreError> {
        whole::read(&self.store, schedule).await
    }

    async fn layout(&self, layout: LayoutId) -> Result<Option<Layout>, StoreError> {
        layout::read(&self.store, layout).await
    }
}
