//! Takes over the house's own data: all of it or nothing, as often as one likes.

mod concert;
mod layout;
mod schedule;

use sqlx::{Connection as _, PgConnection};
use thiserror::Error;

use super::{connect::PostgresStore, failure::classify};
use crate::{
    house::{House, Misfit, Misfits},
    store::StoreError,
};

const ANALYZE: &str = "ANALYZE concert, layout, layout_section, layout_seat, schedule, schedule_tier,
                       seat_state, block_version";

/// Names the advisory lock: "house" in ASCII.
const TURN: i64 = 0x0068_6f75_7365;

/// What an import did, or would have done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// How many halls are new.
    pub halls_added: usize,
    /// How many concerts are new.
    pub concerts_added: usize,
    /// How many concerts have another name, performer or venue.
    pub concerts_changed: usize,
    /// How many schedules are new.
    pub schedules_added: usize,
    /// How many schedules have other times, prices or limits.
    pub schedules_changed: usize,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// What is there already does not go with it.
    #[error(transparent)]
    Misfits(#[from] Misfits),
    /// The store does not answer, or not sensibly.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a thing that the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Changed,
    Same,
}

/// Why a thing cannot be taken over.
#[derive(Debug, Error)]
enum Refused {
    /// What is there already does not go with it.
    #[error("{0}")]
    Misfit(&'static str),
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
}

impl PostgresStore {
    /// Takes over a house's data into a migrated database, where only what differs is written; not
    /// kept when it is only `tried`. What the file does not have stays as it is. Several imports at
    /// once take turns.
    ///
    /// # Errors
    /// Nothing is imported then. See [`ImportError`].
    pub async fn import(&self, house: &House, tried: bool) -> Result<ImportOutcome, ImportError> {
        let mut connection = self.dedicated().await.map_err(classify)?;
        let mut transaction = connection.begin().await.map_err(classify)?;
        let outcome = take_over(&mut transaction, house).await?;
        if tried {
            transaction.rollback().await.map_err(classify)?;
        } else {
            transaction.commit().await.map_err(classify)?;
            if outcome.schedules_added > 0 {
                // Until the server does so by itself, it plans for tables as small as it last saw them.
                sqlx::query(ANALYZE).execute(&mut connection).await.map_err(classify)?;
            }
        }
        connection.close().await.map_err(classify)?;
        Ok(outcome)
    }
}

async fn take_over(connection: &mut PgConnection, house: &House) -> Result<ImportOutcome, ImportError> {
    take_turn(connection).await.map_err(classify)?;
    let mut outcome = ImportOutcome::default();
    let mut layouts = Vec::with_capacity(house.halls.len());
    for (index, hall) in house.halls.iter().enumerate() {
        let (id, change) =
            layout::bring(connection, hall).await.map_err(|refused| at_hall(index, refused))?;
        layouts.push(id);
        outcome.halls_added += usize::from(change == Change::Added);
    }
    for (index, concert) in house.concerts.iter().enumerate() {
        let (id, change) = concert::bring(connection, concert).await.map_err(classify)?;
        outcome.concerts_added += usize::from(change == Change::Added);
        outcome.concerts_changed += usize::from(change == Change::Changed);
        for (nth, schedule) in concert.schedules.iter().enumerate() {
            // A checked house has the hall of each schedule.
            let layout = layouts.get(schedule.hall).copied().unwrap_or_default();
            let change = schedule::bring(connection, id, layout, schedule)
                .await
                .map_err(|refused| at_schedule(index, nth, refused))?;
            outcome.schedules_added += usize::from(change == Change::Added);
            outcome.schedules_changed += usize::from(change == Change::Changed);
        }
    }
    Ok(outcome)
}

/// Waits until no other import runs; for the rest of the transaction none will. No wait for a lock
/// is longer than this.
async fn take_turn(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SET LOCAL lock_timeout = '30s'").execute(&mut *connection).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(TURN).execute(connection).await.map(|_| ())
}

fn at_hall(index: usize, refused: Refused) -> ImportError {
    at(format!("/halls/{index}"), refused)
}

fn at_schedule(concert: usize, index: usize, refused: Refused) -> ImportError {
    at(format!("/concerts/{concert}/schedules/{index}/hall"), refused)
}

fn at(place: String, refused: Refused) -> ImportError {
    match refused {
        Refused::Misfit(problem) => Misfits::from(Misfit { place, problem: problem.to_owned() }).into(),
        Refused::Driver(error) => classify(error).into(),
    }
}
