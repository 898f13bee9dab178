//! How a statement is run: named, in a span, within its bound.

use std::time::{Duration, Instant};

use sqlx::{
    FromRow, PgConnection, Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};
use tokio::runtime::Handle;
use tracing::{Instrument as _, Span, field::Empty};

use super::{
    connect::PostgresStore,
    failure::{away, classify},
};
use crate::store::StoreError;

/// What a statement is called in traces, and the table that it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement {
    pub(super) name: &'static str,
    pub(super) table: &'static str,
}

/// The rows of a statement.
#[derive(Debug)]
pub(super) struct Rows<O> {
    pub(super) rows: Vec<O>,
    /// When the statement was sent: its snapshot is not older.
    pub(super) asked_at: Instant,
}

/// A statement, or the wait for its connection, took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("no answer to {statement} within {bound:?}")]
struct TooSlow {
    statement: &'static str,
    bound: Duration,
}

impl PostgresStore {
    /// Runs a SELECT and reads all its rows.
    pub(super) async fn select<O>(
        &self,
        statement: Statement,
        query: QueryAs<'_, Postgres, O, PgArguments>,
    ) -> Result<Rows<O>, StoreError>
    where
        O: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let span = statement.span();
        let run = async {
            let mut lease = self.lease().await?;
            let asked_at = Instant::now();
            let rows = query.fetch_all(lease.connection()?).await?;
            Ok(Rows { rows, asked_at })
        };
        let bounded = tokio::time::timeout(self.bound, run.instrument(span.clone()));
        let outcome = match bounded.await {
            Ok(outcome) => outcome.map_err(classify),
            Err(_) => Err(away(TooSlow { statement: statement.name, bound: self.bound })),
        };
        record(&span, outcome.as_ref());
        outcome
    }

    /// A connection out of the pool.
    pub(super) async fn lease(&self) -> sqlx::Result<Lease> {
        Ok(Lease { connection: Some(self.pool.acquire().await?), bound: self.bound })
    }

    /// Runs what has several statements within the bound of one.
    pub(super) async fn within_bound<T, E: From<StoreError>>(
        &self,
        statement: Statement,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let bounded = tokio::time::timeout(self.bound, work).await;
        bounded.unwrap_or_else(|_| Err(away(TooSlow { statement: statement.name, bound: self.bound }).into()))
    }
}

impl Statement {
    pub(super) fn span(self) -> Span {
        tracing::info_span!(
            "postgres",
            otel.name = self.name,
            otel.kind = "client",
            otel.status_code = Empty,
            db.system.name = "postgresql",
            db.operation.name = "SELECT",
            db.collection.name = self.table,
            db.query.summary = self.name,
            db.response.returned_rows = Empty,
            error.type = Empty,
        )
    }
}

fn record<O>(span: &Span, outcome: Result<&Rows<O>, &StoreError>) {
    match outcome {
        Ok(rows) => span.record("db.response.returned_rows", rows.rows.len()),
        Err(error) => {
            let kind = match error {
                StoreError::Away(_) => "away",
                StoreError::Busy(_) => "busy",
                StoreError::Broken(_) => "broken",
            };
            span.record("otel.status_code", "error").record("error.type", kind)
        }
    };
}

/// A connection out of the pool, and its way back.
///
/// On the way back the server is asked whether it is done with the connection, and until it says
/// so the connection keeps its place in the pool. After a statement that was waited for, that is
/// at once; after one that was cut off, by a bound or by a caller who has gone, when the server has
/// ended it too: so a server in trouble never has more of our connections than the pool allows. A
/// server that does not say so within another bound hangs, or is no longer reached, and the
/// connection is given up, so that those who wait get a new one.
pub(super) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    bound: Duration,
}

impl Lease {
    pub(super) fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(tokio::time::timeout(self.bound, connection.return_to_pool()));
        } else {
            drop(connection.detach());
        }
    }
}
