//! Loads the demo: all of it or nothing, once, and on a later day moves its dates.

mod concert;
mod layout;
mod mark;
mod schedule;
mod seat_state;

use sqlx::{Connection as _, PgConnection};
use thiserror::Error;

use super::{
    connect::PostgresStore,
    failure::{Inconsistent, classify},
};
use crate::{demo::DemoPlan, store::StoreError};

const ANALYZE: &str = "ANALYZE concert, layout, layout_section, layout_seat, schedule, schedule_tier,
                       seat_state, block_version";

/// What came of loading the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoOutcome {
    /// It was loaded into an empty database.
    Loaded {
        /// How many seats it has in all its schedules.
        seats: u64,
    },
    /// It was there, and its dates are counted from another day now. Seats and sales are as they were.
    Moved {
        /// By how many days.
        days: i32,
    },
    /// It was there as of the same day.
    AlreadyThere,
}

/// Why the demo was not loaded. Nothing of it is there then.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The database has concerts that are not the demo's.
    #[error("the database has concerts of its own: the demo is for an empty one")]
    NotEmpty,
    /// The store does not answer, or not sensibly.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PostgresStore {
    /// Loads the demo into a migrated database without concerts. Where it is loaded already, its
    /// dates are moved to the plan's day, and the states of its seats stay. Several programs may
    /// do so at once: they take turns.
    ///
    /// # Errors
    /// See [`DemoError`].
    pub async fn load_demo(&self, plan: &DemoPlan) -> Result<DemoOutcome, DemoError> {
        let mut connection = self.dedicated().await.map_err(classify)?;
        let mut transaction = connection.begin().await.map_err(classify)?;
        let outcome = load_or_move(&mut transaction, plan).await?;
        transaction.commit().await.map_err(classify)?;
        if outcome != DemoOutcome::AlreadyThere {
            // Until the server does so by itself, it plans for tables as small as it last saw them.
            sqlx::query(ANALYZE).execute(&mut connection).await.map_err(classify)?;
        }
        connection.close().await.map_err(classify)?;
        Ok(outcome)
    }
}

async fn load_or_move(connection: &mut PgConnection, plan: &DemoPlan) -> Result<DemoOutcome, DemoError> {
    mark::take_turn(connection).await.map_err(classify)?;
    match mark::day(connection).await.map_err(classify)? {
        Some(day) if day == plan.day => Ok(DemoOutcome::AlreadyThere),
        Some(day) => {
            let days = i32::try_from((plan.day - day).whole_days()).map_err(|_| unlikely_day())?;
            move_dates(connection, plan, days).await.map_err(classify)?;
            Ok(DemoOutcome::Moved { days })
        }
        None if concert::any(connection).await.map_err(classify)? => Err(DemoError::NotEmpty),
        None => Ok(DemoOutcome::Loaded { seats: load(connection, plan).await.map_err(classify)? }),
    }
}

async fn load(connection: &mut PgConnection, plan: &DemoPlan) -> sqlx::Result<u64> {
    concert::insert(connection, plan).await?;
    layout::insert(connection, plan).await?;
    schedule::insert(connection, plan).await?;
    let seats = seat_state::insert(connection, plan).await?;
    mark::set(connection, plan.day).await?;
    Ok(seats)
}

async fn move_dates(connection: &mut PgConnection, plan: &DemoPlan, days: i32) -> sqlx::Result<()> {
    // Seats first: they are found by the dates that their schedules still have.
    seat_state::move_ends(connection, plan, days).await?;
    schedule::move_dates(connection, plan, days).await?;
    mark::set(connection, plan.day).await
}

fn unlikely_day() -> StoreError {
    Inconsistent { table: "demo", id: 1, problem: "its day is out of range" }.into()
}
