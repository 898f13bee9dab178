//! Whether the store is there: asked in the background, on a connection of its own, so that a
//! probe costs the store nothing and a busy pool is not taken for an outage.

use std::{convert::Infallible, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use onsale_process::{Condition, Readiness};

use crate::store::postgres::{PostgresStore, PrepareError, Watcher};

/// How often the store is asked. With the bound on asking, this is how soon an outage and its end
/// are noticed.
const PERIOD: Duration = Duration::from_millis(500);

/// Brings the store into use and then watches it for as long as the program runs. It is the
/// condition `postgres` of readiness.
///
/// An outage at the start is waited out.
///
/// # Errors
/// The database does not fit this program.
pub(crate) async fn store(
    store: &PostgresStore,
    migrate: bool,
    readiness: &Readiness,
) -> Result<Infallible, PrepareError> {
    let condition = readiness.condition("postgres");
    let prepare = || prepare(store, migrate);
    let waiting = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(PERIOD)
        .without_max_times();
    prepare
        .retry(waiting)
        .when(PrepareError::passes)
        .notify(|error, _| condition.unready(reason(error)))
        .await?;
    watch(store.watcher(), &condition).await
}

async fn prepare(store: &PostgresStore, migrate: bool) -> Result<(), PrepareError> {
    if migrate {
        store.migrate().await?;
    }
    store.assert_isolation().await
}

async fn watch(mut watcher: Watcher, condition: &Condition) -> Result<Infallible, PrepareError> {
    loop {
        match watcher.ask().await {
            Ok(()) => condition.ready(),
            Err(error) => condition.unready(error.to_string()),
        }
        tokio::time::sleep(PERIOD).await;
    }
}

fn reason(error: &PrepareError) -> String {
    match error {
        PrepareError::Store(error) => error.to_string(),
        PrepareError::Migrate(_) | PrepareError::Isolation { .. } => "not prepared".to_owned(),
    }
}
