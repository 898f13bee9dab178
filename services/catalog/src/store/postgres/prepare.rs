//! What is done once, before the first question: the schema, and the ground it stands on.

use std::time::Duration;

use sqlx::{
    migrate::{MigrateError, Migrator},
    postgres::PgPoolOptions,
};
use thiserror::Error;

use super::{
    connect::PostgresStore,
    failure::{away, passes},
    statement::Statement,
};
use crate::store::StoreError;

/// How long migrating may take, the wait for another copy that migrates included.
const MIGRATING: Duration = Duration::from_mins(5);

/// Why the store cannot be used.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// It does not answer; later it may.
    #[error("reach the store")]
    Store(#[from] StoreError),
    /// The database was migrated by another program, or a migration is wrong.
    #[error("migrate the database")]
    Migrate(#[source] MigrateError),
    /// The server starts transactions at another level than the statements are written for.
    #[error("transactions start as {found}, and must start as read committed")]
    Isolation {
        /// The level.
        found: String,
    },
}

impl PrepareError {
    /// Whether trying again may help.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Store(StoreError::Away(_)))
    }
}

impl PostgresStore {
    /// Brings the schema to what this program needs. Several copies may do so at once, also on an
    /// empty database: they take turns by an advisory lock, and the later ones find it done.
    ///
    /// # Errors
    /// [`PrepareError::passes`] tells an outage from a database that does not fit.
    pub async fn migrate(&self) -> Result<(), PrepareError> {
        let run = async {
            // On a connection of its own: the bound on statements would end the wait for the lock.
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(self.bound)
                .connect_lazy_with(self.options.clone());
            migrations().run(&pool).await.map_err(migrate_error)?;
            pool.close().await;
            Ok(())
        };
        tokio::time::timeout(MIGRATING, run).await.unwrap_or_else(|slow| Err(away(slow).into()))
    }

    /// Asserts the isolation level that every statement relies on.
    ///
    /// # Errors
    /// [`PrepareError::Isolation`] when it is another.
    pub async fn assert_isolation(&self) -> Result<(), PrepareError> {
        let query = sqlx::query_as::<_, (String,)>("SELECT current_setting('transaction_isolation')");
        let statement = Statement { name: "read isolation level", table: "pg_settings" };
        let found = self.select(statement, query).await?.rows.into_iter().next().map(|row| row.0);
        match found {
            Some(level) if level == "read committed" => Ok(()),
            other => Err(PrepareError::Isolation { found: other.unwrap_or_default() }),
        }
    }
}

fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!();
    // While copies are replaced one by one, an older one may start on a newer schema.
    migrations.set_ignore_missing(true);
    migrations
}

fn migrate_error(error: MigrateError) -> PrepareError {
    if let MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) = &error
        && passes(cause)
    {
        return away(error).into();
    }
    PrepareError::Migrate(error)
}
