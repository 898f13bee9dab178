use std::time::Duration;

use async_trait::async_trait;

use super::{connect::PostgresStore, statement::Statement};
use crate::store::{Forgettable, StoreError, UpkeepStore};

/// The first of an index; negative where it is still to come.
const OLDEST_UNNOTICED_END: &str = "
SELECT extract(epoch FROM clock_timestamp() - h.ends_at)::float8
FROM hold h
WHERE h.state IN (0, 1)
ORDER BY h.ends_at
LIMIT 1";

#[async_trait]
impl UpkeepStore for PostgresStore {
    async fn end_holds(&self, at_most: u32) -> Result<u32, StoreError> {
        let query = sqlx::query_as("SELECT end_holds($1)").bind(at_most.cast_signed());
        count(self, Statement { name: "end holds", table: "hold" }, query)
            .await
            .map(Option::unwrap_or_default)
    }

    async fn oldest_unnoticed_end(&self) -> Result<Option<Duration>, StoreError> {
        let query = sqlx::query_as::<_, (f64,)>(OLDEST_UNNOTICED_END);
        let statement = Statement { name: "oldest unnoticed end", table: "hold" };
        let row = self.select(statement, query).await?.rows.into_iter().next();
        Ok(row.and_then(|(seconds,)| Duration::try_from_secs_f64(seconds).ok()))
    }

    async fn settle_past_ends(&self, at_most: u32) -> Result<u32, StoreError> {
        let query = sqlx::query_as("SELECT settle_past_ends($1)").bind(at_most.cast_signed());
        let statement = Statement { name: "settle past ends", table: "block_version" };
        count(self, statement, query).await.map(Option::unwrap_or_default)
    }

    async fn forget(
        &self,
        what: Forgettable,
        older_than: Duration,
        at_most: u32,
    ) -> Result<Option<u32>, StoreError> {
        let (sql, table) = match what {
            Forgettable::Events => ("SELECT forget_events($1 * interval '1 s', $2)", "seat_event"),
            Forgettable::Holds => ("SELECT forget_holds($1 * interval '1 s', $2)", "hold"),
            Forgettable::Answers => ("SELECT forget_answers($1 * interval '1 s', $2)", "idempotency"),
        };
        let query = sqlx::query_as(sql).bind(older_than.as_secs_f64()).bind(at_most.cast_signed());
        count(self, Statement { name: "forget", table }, query).await
    }
}

async fn count(
    store: &PostgresStore,
    statement: Statement,
    query: sqlx::query::QueryAs<'_, sqlx::Postgres, (Option<i32>,), sqlx::postgres::PgArguments>,
) -> Result<Option<u32>, StoreError> {
    let row = store.select(statement, query).await?.rows.into_iter().next();
    Ok(row.and_then(|(count,)| count).map(i32::unsigned_abs))
}
