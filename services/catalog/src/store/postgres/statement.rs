//! How a statement is run: named, in a span, timed, within its bound.

mod asked;

use std::time::{Duration, Instant};

use onsale_telemetry::StoreFault;
use sqlx::{
    FromRow, PgConnection, Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};
use tokio::runtime::Handle;
use tracing::{Instrument as _, Span, field::Empty};

use asked::Asked;

use super::{
    connect::PostgresStore,
    failure::{away, classify},
};
use crate::{metrics::DatabaseMetrics, store::StoreError};

/// What a statement is called in traces and metrics, and the table that it is about.
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
        let mut asked = Asked::new(&self.metrics.statements, statement);
        let span = asked.span();
        let run = async {
            let mut lease = self.lease().await?;
            let asked_at = asked.sent();
            let rows = query.fetch_all(lease.connection()?).await?;
            Ok(Rows { rows, asked_at })
        };
        let outcome = match tokio::time::timeout(self.bound, run.instrument(span)).await {
            Ok(outcome) => outcome.map_err(classify),
            Err(_) => Err(away(TooSlow { statement: statement.name, bound: self.bound })),
        };
        asked.ended(outcome.as_ref().ok().map(|rows| rows.rows.len()), fault(&outcome));
        outcome
    }

    /// A connection out of the pool.
    pub(super) async fn lease(&self) -> sqlx::Result<Lease> {
        let mut waiting = Waiting { metrics: &self.metrics, began_at: Instant::now(), got_one: false };
        let connection = self.pool.acquire().await?;
        waiting.got_one = true;
        Ok(Lease { connection: Some(connection), bound: self.bound })
    }

    /// Runs what has several statements within the bound of one; each of them has a span below this one's.
    pub(super) async fn within_bound<T, E: From<StoreError>>(
        &self,
        statement: Statement,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E>
    where
        for<'a> StoreFault: From<&'a E>,
    {
        let too_slow = |_| Err(away(TooSlow { statement: statement.name, bound: self.bound }).into());
        let bounded = async { tokio::time::timeout(self.bound, work).await.unwrap_or_else(too_slow) };
        self.timed(statement, bounded).await
    }

    /// Runs a statement on a connection that whoever asks has already, and within whose bound it is.
    pub(super) async fn run_on<T>(
        &self,
        statement: Statement,
        work: impl Future<Output = sqlx::Result<T>>,
    ) -> Result<T, StoreError> {
        self.timed(statement, async { work.await.map_err(classify) }).await
    }

    /// Runs what has a bound of its own, in its span, and times it.
    pub(super) async fn timed<T, E>(
        &self,
        statement: Statement,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E>
    where
        for<'a> StoreFault: From<&'a E>,
    {
        let mut asked = Asked::new(&self.metrics.statements, statement);
        let outcome = work.instrument(asked.span()).await;
        asked.ended(None, fault(&outcome));
        outcome
    }
}

fn fault<'a, T, E: 'a>(outcome: &'a Result<T, E>) -> StoreFault
where
    StoreFault: From<&'a E>,
{
    outcome.as_ref().err().map_or(StoreFault::None, StoreFault::from)
}

/// A wait for a connection, noted however it ends.
struct Waiting<'a> {
    metrics: &'a DatabaseMetrics,
    began_at: Instant,
    got_one: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.metrics.waited(self.began_at.elapsed(), self.got_one);
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
