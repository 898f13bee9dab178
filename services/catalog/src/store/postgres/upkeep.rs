use std::time::Duration;

use async_trait::async_trait;

use super::{connect::PostgresStore, statement::Statement};
use crate::store::{Forgettable, StoreError, UpkeepStore};

#[async_trait]
impl UpkeepStore for PostgresStore {
    async fn end_holds(&self, at_most: u32) -> Result<u32, StoreError> {
        let query = sqlx::query_as("SELECT end_holds($1)").bind(at_most.cast_signed());
        count(self, Statement { name: "end holds", table: "hold" }, query)
            .await
            .map(Option::unwrap_or_default)
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
