use std::time::Duration;

use sqlx::PgConnection;

use super::{
    connect::PostgresStore,
    failure::{away, classify},
    statement::Statement,
};
use crate::store::StoreError;

/// Asks whether the store answers, on a connection that it keeps for that.
#[derive(Debug)]
pub struct Watcher {
    store: PostgresStore,
    connection: Option<PgConnection>,
}

/// What is asked came too late, or from a server that must not be read.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("no answer within {0:?}")]
    Silent(Duration),
    #[error("the server is a standby, and seats are read from the primary")]
    Standby,
}

impl PostgresStore {
    /// A watcher of this store, not connected yet.
    #[must_use]
    pub fn watcher(&self) -> Watcher {
        Watcher { store: self.clone(), connection: None }
    }
}

impl Watcher {
    /// Asks once.
    ///
    /// # Errors
    /// It does not answer in time, or is not the primary.
    pub async fn ask(&mut self) -> Result<(), StoreError> {
        // Taken out, so that a connection that failed or was too slow is not used again.
        let kept = self.connection.take();
        let ask = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.store.dedicated().await?,
            };
            let (standby,): (bool,) =
                sqlx::query_as("SELECT pg_is_in_recovery()").fetch_one(&mut connection).await?;
            Ok((connection, standby))
        };
        let bounded = async {
            match tokio::time::timeout(self.store.bound, ask).await {
                Err(_) => Err(away(Unfit::Silent(self.store.bound))),
                Ok(Err(error)) => Err(classify(error)),
                Ok(Ok((_, true))) => Err(away(Unfit::Standby)),
                Ok(Ok((connection, false))) => Ok(connection),
            }
        };
        let statement = Statement { name: "see whether it is the primary", table: "pg_settings" };
        self.connection = Some(self.store.timed(statement, bounded).await?);
        Ok(())
    }
}
